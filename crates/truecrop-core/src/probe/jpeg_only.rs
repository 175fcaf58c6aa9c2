//! Stands in for `formats` in the small build, which knows JPEG alone.

use super::scan::Scan;
use super::{Header, JpegFacts, SourceFormat};
use crate::error::{Result, module_needed};
use crate::limits::Limits;

/// What the headers of one format alone say.
#[derive(Clone, Debug, Default)]
pub(crate) struct FormatFacts {
    pub(super) jpeg: Option<JpegFacts>,
}

/// Refuses the format by name.
pub(super) fn read_header(format: SourceFormat, _: &mut Scan<'_>, _: &Limits) -> Result<Header> {
    Err(module_needed(format.as_str()))
}
