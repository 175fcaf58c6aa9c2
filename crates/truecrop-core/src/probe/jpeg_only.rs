//! Stands in for `formats` in the small build, which knows JPEG alone.

use super::map_signs::MapSigns;
use super::{Header, JpegFacts, Probe, SourceFormat};
use crate::error::{Result, module_needed};
use crate::geometry::Size;
use crate::limits::Limits;
use crate::source::HeaderReader;

/// What the headers of one format alone say.
#[derive(Clone, Debug, Default)]
pub(crate) struct FormatFacts {
    pub(super) jpeg: Option<JpegFacts>,
}

impl Probe {
    /// The stored size of the picture in whose pixels crops are stated: its own.
    pub(crate) fn canvas(&self) -> Size {
        self.stored()
    }
}

/// Only the full build reads gain maps.
pub(super) fn find_gain_map(
    _: &mut HeaderReader<'_>,
    header: Header,
    _: &MapSigns,
    _: &Limits,
) -> Result<Header> {
    Ok(header)
}

/// Refuses the format by name.
pub(super) fn read_header(format: SourceFormat, _: &mut HeaderReader<'_>, _: &Limits) -> Result<Header> {
    Err(module_needed(format.as_str()))
}
