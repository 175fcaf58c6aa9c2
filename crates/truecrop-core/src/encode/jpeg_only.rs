//! Stands in for `formats` in the small build, which knows JPEG alone.

use crate::error::{Result, module_needed};
use crate::pixel::Raster;
use crate::recipe::Format;

/// Refuses the format by name.
pub(super) fn encode_lossy_webp(_: &Raster, _: u8) -> Result<Vec<u8>> {
    Err(module_needed(Format::Webp.as_str()))
}

/// Refuses the format by name.
pub(super) fn encode_lossless(_: &Raster, format: Format) -> Result<Vec<u8>> {
    Err(module_needed(format.as_str()))
}
