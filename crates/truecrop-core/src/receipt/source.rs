//! The source's facts in a receipt.

use crate::color;
use crate::digest::Digest;
use crate::error::{Code, Error, Result};
use crate::geometry::Size;
use crate::probe::{Ignored, Probe};
use crate::recipe::is_default;
use serde::{Deserialize, Serialize};

/// The source as the engine saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceFacts {
    /// One of [`SourceFormat::NAMES`](crate::probe::SourceFormat::NAMES), or what the platform decoded.
    pub format: String,
    /// The file's length.
    pub bytes: u64,
    /// Oriented columns.
    pub width: u32,
    /// Oriented rows.
    pub height: u32,
    /// EXIF orientation, 1 to 8.
    pub orientation: u8,
    /// Of the whole file.
    pub digest: Digest,
    /// Who decoded it.
    pub decoder: Decoder,
    /// `first` when the source is animated: only its first frame was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frame: Option<Frame>,
    /// Whether the file ends too early: what is missing was filled with gray.
    #[serde(default, skip_serializing_if = "is_default")]
    pub truncated: bool,
    /// What the file holds and the picture does not show, each once, in the order of the words.
    #[serde(default, skip_serializing_if = "is_default")]
    pub ignored: Vec<Ignored>,
}

/// What only decoding finds out about a source.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Damage {
    /// The file ends too early.
    pub(crate) truncated: bool,
    /// A checksum of pixel data is wrong.
    pub(crate) checksum: bool,
    /// No damage: an output has the gain map.
    pub(crate) map_kept: bool,
}

impl SourceFacts {
    /// The damage that the receipt tells of.
    #[cfg(feature = "formats")]
    pub(crate) fn damage(&self) -> Damage {
        let ignored = |what| self.ignored.contains(&what);
        Damage {
            truncated: self.truncated,
            checksum: ignored(Ignored::Checksum),
            map_kept: !ignored(Ignored::GainMap),
        }
    }

    /// What a receipt says of a source that was decoded.
    pub(crate) fn of(probe: &Probe, digest: Digest, damage: Damage) -> Self {
        let Damage { truncated, checksum, map_kept } = damage;
        let size = probe.oriented();
        let checksum = checksum.then_some(Ignored::Checksum);
        Self {
            format: probe.format().as_str().to_owned(),
            bytes: probe.bytes(),
            width: size.width,
            height: size.height,
            orientation: probe.orientation().value(),
            digest,
            decoder: if probe.is_platform() { Decoder::Platform } else { Decoder::Core },
            frame: probe.animated().then_some(Frame::First),
            truncated,
            ignored: checksum.into_iter().chain(ignored(probe, map_kept)).collect(),
        }
    }

    /// Whether each word of [`SourceFacts::ignored`] stands in its order, and once.
    pub(super) fn check_ignored(&self) -> Result<()> {
        if self.ignored.is_sorted_by(|a, b| a < b) {
            return Ok(());
        }
        let detail = "What was ignored of the source must be in the order of the words, each once.";
        Err(Error::new(Code::NotCanonical, detail).at("source.ignored"))
    }

    /// Oriented columns and rows.
    pub fn size(&self) -> Size {
        Size::new(self.width, self.height)
    }
}

/// Who decoded the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decoder {
    /// This engine: the outputs can be made again.
    Core,
    /// The browser: they cannot.
    Platform,
}

/// Which frame of an animation was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Frame {
    /// The first.
    First,
}

/// What a source holds and no picture of it shows, as far as its header tells; in the order of the words.
pub(super) fn ignored(probe: &Probe, map_kept: bool) -> Vec<Ignored> {
    let map = (probe.has_gain_map() && !map_kept).then_some(Ignored::GainMap);
    let pages = probe.more_pages().then_some(Ignored::Pages);
    map.into_iter().chain(pages).chain(color::ignored(probe)).collect()
}
