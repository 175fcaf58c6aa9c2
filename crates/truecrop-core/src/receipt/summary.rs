//! The facts of a picked file that are sent to the page.

use super::source::ignored;
use crate::probe::{Ignored, Probe};
use serde::Serialize;

/// What a page wants to know of a picked file, as in JSON.
#[derive(Clone, Debug, Serialize)]
pub struct ProbeSummary {
    /// One of [`SourceFormat::NAMES`](crate::probe::SourceFormat::NAMES).
    pub format: &'static str,
    /// The file's length.
    pub bytes: u64,
    /// Oriented columns.
    pub width: u32,
    /// Oriented rows.
    pub height: u32,
    /// EXIF orientation, 1 to 8.
    pub orientation: u8,
    /// Whether it may be transparent.
    pub alpha: bool,
    /// Whether it is an animation, of which only the first frame is used.
    pub animated: bool,
    /// What the file holds and its pictures do not show, in the order of the words. A gain map is among it, though an output that
    /// asks for it may have it.
    pub ignored: Vec<Ignored>,
}

impl From<&Probe> for ProbeSummary {
    fn from(probe: &Probe) -> Self {
        Self {
            format: probe.format().as_str(),
            bytes: probe.bytes(),
            width: probe.oriented().width,
            height: probe.oriented().height,
            orientation: probe.orientation().value(),
            alpha: probe.alpha(),
            animated: probe.animated(),
            ignored: ignored(probe, false),
        }
    }
}
