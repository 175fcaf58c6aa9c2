//! Finished pixels to files, with fixed rules: the same pixels give the same bytes on every target.
//! [`check_canonical`] tells whether bytes are what these encoders write.
//!
//! | format | encoder |
//! | --- | --- |
//! | JPEG | our own: baseline, Huffman tables that follow from the content |
//! | PNG | our own: filters by the smallest sum of differences, around a library's deflate |
//! | WebP | our own: lossless |

#[cfg(feature = "formats")]
mod canonical;
mod jpeg;
#[cfg(feature = "formats")]
mod png;
mod target;
#[cfg(feature = "formats")]
mod vp8l;
#[cfg(feature = "formats")]
mod webp;

#[cfg(feature = "formats")]
pub use canonical::check_canonical;

#[cfg(feature = "formats")]
use crate::error::{Code, Error};
use crate::error::{Result, module_needed};
use crate::geometry::Size;
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

/// A picture as a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// The file.
    pub bytes: Vec<u8>,
    /// The quality that a JPEG has: the one that was asked for, or a lower one for `maxBytes`.
    pub quality: Option<u8>,
}

/// Encodes a picture as its output wants it.
///
/// # Errors
/// [`Code::BackgroundRequired`] for a JPEG of a picture that can be transparent; [`Code::OutputTooLarge`] for sides
/// that the format can not hold; [`Code::MaxBytesUnreachable`]; [`Code::ModuleNeeded`] for a format that this build was
/// made without.
pub fn encode(raster: &Raster, spec: &OutputSpec) -> Result<Encoded> {
    if let Some(most) = spec.max_bytes {
        return target::encode(raster, spec, most.into());
    }
    match spec.format {
        Format::Jpeg => {
            let quality = spec.jpeg_quality();
            Ok(Encoded { bytes: jpeg::encode(raster, quality)?, quality: Some(quality) })
        }
        format => Ok(Encoded { bytes: lossless(raster, format)?, quality: None }),
    }
}

#[cfg(not(feature = "formats"))]
fn lossless(_: &Raster, format: Format) -> Result<Vec<u8>> {
    Err(module_needed(format.as_str()))
}

/// A format that has no quality.
#[cfg(feature = "formats")]
fn lossless(raster: &Raster, format: Format) -> Result<Vec<u8>> {
    match format {
        Format::Png => png::encode(raster),
        Format::Webp => webp::encode(raster),
        Format::Jpeg => Err(Error::new(Code::Internal, "JPEG is not lossless.")),
    }
}

/// Most bytes that an output can have.
pub fn most_bytes(spec: &OutputSpec, alpha: bool) -> u64 {
    let raw = spec.size().pixels() * if alpha { 4 } else { 3 };
    match spec.format {
        Format::Jpeg => {
            let any = jpeg::most_bytes(spec.size(), spec.jpeg_quality());
            // A file is written only when all but its stuffing fits.
            spec.max_bytes.map_or(any, |most| any.min(jpeg::capacity(most.into())))
        }
        Format::Png => most_png_bytes(spec.size(), alpha),
        Format::Webp => raw * 5 / 4 + (16 << 10),
    }
}

/// What does not compress is stored, in blocks with a few bytes more each.
fn most_png_bytes(size: Size, alpha: bool) -> u64 {
    let raw = size.pixels() * if alpha { 4 } else { 3 };
    raw + raw / 64 + u64::from(size.height) + (4 << 10)
}

/// Most bytes that encoding holds at once, beside the picture and the result.
pub fn cost(spec: &OutputSpec, alpha: bool) -> u64 {
    let raw = spec.size().pixels() * if alpha { 4 } else { 3 };
    match spec.format {
        Format::Jpeg => {
            // The best file so far, while the next quality is tried.
            let best = if spec.max_bytes.is_some() { most_bytes(spec, alpha) } else { 0 };
            jpeg::memory_bytes(spec.size(), spec.jpeg_quality()) + best
        }
        // Four rows, and the compressor's state.
        Format::Png => u64::from(spec.width) * 16 + (384 << 10),
        // Residuals, and the stream while it grows.
        Format::Webp => spec.size().pixels() * 4 + raw * 5 / 2 + (256 << 10),
    }
}

#[cfg(feature = "formats")]
fn failed(format: &str, error: &dyn std::fmt::Display) -> Error {
    Error::new(Code::OutputTooLarge, format!("The {format} encoder refused the picture: {error}."))
}
