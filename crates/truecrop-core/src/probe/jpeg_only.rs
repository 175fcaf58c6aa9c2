//! Stands in for `formats` in the small build, which knows JPEG alone.

use super::{Header, JpegFacts, SourceFormat};
use crate::error::{Result, module_needed};
use crate::limits::Limits;
use crate::source::HeaderReader;

/// What the headers of one format alone say.
#[derive(Clone, Debug, Default)]
pub(crate) struct FormatFacts {
    pub(super) jpeg: Option<JpegFacts>,
}

/// Refuses the format by name.
pub(super) fn read_header(format: SourceFormat, _: &mut HeaderReader<'_>, _: &Limits) -> Result<Header> {
    Err(module_needed(format.as_str()))
}
