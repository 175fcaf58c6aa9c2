//! Finished pixels to files, by the encoders of the `image` crate's family, with fixed settings: the same pixels give
//! the same bytes on every target. [`check_canonical`] tells whether bytes are what these encoders write.

#[cfg(feature = "formats")]
mod canonical;
mod jpeg;
#[cfg(feature = "formats")]
mod png;
#[cfg(feature = "formats")]
mod vp8l;
#[cfg(feature = "formats")]
mod walk;
#[cfg(feature = "formats")]
mod webp;

#[cfg(feature = "formats")]
pub use canonical::check_canonical;

use crate::error::{Code, Error, Result, module_needed};
use crate::recipe::{Format, OutputSpec};
use crate::resample::Raster;

/// Whether this build was made with the encoder of every output.
///
/// # Errors
/// [`Code::ModuleNeeded`] when it was not.
pub fn check_built(outputs: &[OutputSpec]) -> Result<()> {
    match outputs.iter().find(|output| !built(output.format)) {
        Some(output) => Err(module_needed(output.format.as_str())),
        None => Ok(()),
    }
}

fn built(format: Format) -> bool {
    match format {
        Format::Jpeg => true,
        Format::Png | Format::Webp => cfg!(feature = "formats"),
    }
}

/// Encodes a picture as its output wants it.
///
/// # Errors
/// [`Code::BackgroundRequired`] for a JPEG of a picture that can be transparent; [`Code::OutputTooLarge`] for sides
/// that the format can not hold; [`Code::ModuleNeeded`] for a format that this build was made without.
pub fn encode(raster: &Raster, spec: &OutputSpec) -> Result<Vec<u8>> {
    match spec.format {
        Format::Jpeg => jpeg::encode(raster, spec.jpeg_quality()),
        #[cfg(feature = "formats")]
        Format::Png => png::encode(raster),
        #[cfg(feature = "formats")]
        Format::Webp => webp::encode(raster),
        #[cfg(not(feature = "formats"))]
        other => Err(module_needed(other.as_str())),
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
