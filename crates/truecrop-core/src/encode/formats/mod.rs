//! The encoders that only the full build has: PNG and WebP.

pub(super) mod lossy_webp;
pub(super) mod png;
mod vp8;
mod vp8l;
pub(super) mod webp;

use crate::error::{Code, Error, Result};
use crate::pixel::Raster;
use crate::recipe::Format;
pub(super) use lossy_webp::encode as encode_lossy_webp;

/// Encodes a picture in a lossless format.
///
/// # Errors
/// [`Code::OutputTooLarge`] for a picture that the format cannot hold.
pub(super) fn encode_lossless(raster: &Raster, format: Format) -> Result<Vec<u8>> {
    match format {
        Format::Png => png::encode(raster),
        Format::Webp => webp::encode(raster),
        Format::Jpeg => Err(Error::new(Code::Internal, "JPEG is not lossless.")),
    }
}

/// The error for a picture that the format cannot hold.
fn refused(format: &str, reason: &str) -> Error {
    Error::new(Code::OutputTooLarge, format!("The {format} encoder refused the picture: {reason}."))
}
