//! Finished pixels to files, by the encoders of the `image` crate's family, with fixed settings: the same pixels give
//! the same bytes on every target. [`check_canonical`] tells whether bytes are what these encoders write.

mod canonical;
mod jpeg;
mod png;
mod vp8l;
mod walk;
mod webp;

pub use canonical::check_canonical;

use crate::error::{Code, Error, Result};
use crate::recipe::{Format, OutputSpec};
use crate::resample::Raster;

/// Encodes a picture as its output wants it.
///
/// # Errors
/// [`Code::BackgroundRequired`] for a JPEG of a picture that can be transparent; [`Code::OutputTooLarge`] for sides
/// that the format can not hold.
pub fn encode(raster: &Raster, spec: &OutputSpec) -> Result<Vec<u8>> {
    match spec.format {
        Format::Jpeg => jpeg::encode(raster, spec.jpeg_quality()),
        Format::Png => png::encode(raster),
        Format::Webp => webp::encode(raster),
    }
}

/// Most bytes that an output can have.
pub fn most_bytes(spec: &OutputSpec, alpha: bool) -> u64 {
    let raw = spec.size().pixels() * if alpha { 4 } else { 3 };
    match spec.format {
        // Annex K's longest codes on noise at quality 100 come to about 1.3 times the pixels.
        Format::Jpeg => raw * 3 / 2 + (16 << 10),
        Format::Png => raw + raw / 64 + u64::from(spec.height) + (4 << 10),
        Format::Webp => raw * 5 / 4 + (16 << 10),
    }
}

/// Most bytes that encoding holds at once, beside the picture and the result.
pub fn cost(spec: &OutputSpec, alpha: bool) -> u64 {
    let raw = spec.size().pixels() * if alpha { 4 } else { 3 };
    match spec.format {
        Format::Jpeg => u64::from(spec.width) * 16 * 6 + (64 << 10) + raw,
        // Filtered rows, and the compressed ones while they grow.
        Format::Png => raw * 3 + (1 << 20),
        // Residuals, and the stream while it grows.
        Format::Webp => spec.size().pixels() * 4 + raw * 5 / 2 + (256 << 10),
    }
}

fn failed(format: &str, error: &dyn std::fmt::Display) -> Error {
    Error::new(Code::OutputTooLarge, format!("The {format} encoder refused the picture: {error}."))
}
