//! Encodes finished pixels as files, by fixed rules: the same pixels give the same bytes on every target.
//!
//! | format | encoder |
//! | --- | --- |
//! | JPEG | `jpeg`, our own: baseline, Huffman tables that follow from the content |
//! | PNG | `formats/png`: our own filters, chosen by the smallest sum of differences, and a library's deflate |
//! | WebP | `formats/webp` and `formats/vp8l`, our own: lossless; with a quality `formats/lossy_webp` and `formats/vp8` |
//!
//! `max_bytes` finds the quality of a file that must fit into `maxBytes`. `canonical` has [`check_canonical`], which tells
//! whether bytes are what these encoders write. `gain_map` does both for a JPEG with its gain map.

#[cfg(feature = "formats")]
mod canonical;
#[cfg(feature = "formats")]
mod formats;
#[cfg(feature = "formats")]
pub mod gain_map;
/// The same items for the build that knows JPEG alone.
#[cfg(not(feature = "formats"))]
#[path = "jpeg_only.rs"]
mod formats;
mod jpeg;
mod max_bytes;

#[cfg(feature = "formats")]
pub use canonical::{check_canonical, check_memory_bytes};

use crate::error::{Result, module_needed};
use crate::geometry::Size;
use crate::pixel::Raster;
use crate::recipe::{DEFAULT_QUALITY, Format, OutputSpec};
use formats::{encode_lossless, encode_lossy_webp};

/// Checks that this build has the encoder of every output.
///
/// # Errors
/// [`Code::ModuleNeeded`](crate::error::Code::ModuleNeeded) when it has not.
pub fn check_built(outputs: &[OutputSpec]) -> Result<()> {
    match outputs.iter().find(|output| !built(output.format())) {
        Some(output) => Err(module_needed(output.format().as_str())),
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
    /// A JPEG's or lossy WebP's quality: the requested one, or a lower one that fits into `maxBytes`.
    pub quality: Option<u8>,
}

/// Encodes a picture in its output's format, quality and `maxBytes`.
///
/// # Errors
/// `BackgroundRequired` for a JPEG of a picture that can be transparent; `OutputTooLarge` for sides that the format cannot
/// hold; `MaxBytesUnreachable`; `ModuleNeeded` for a format that this build does not have.
pub fn encode(raster: &Raster, spec: &OutputSpec) -> Result<Encoded> {
    if let Some(max_bytes) = spec.max_bytes() {
        return max_bytes::encode(raster, spec, max_bytes.into());
    }
    let quality = spec.lossy_quality();
    let bytes = match quality {
        Some(quality) => encode_lossy(raster, spec.format(), quality)?,
        None => encode_lossless(raster, spec.format())?,
    };
    Ok(Encoded { bytes, quality })
}

/// Encodes at exactly this quality.
fn encode_lossy(raster: &Raster, format: Format, quality: u8) -> Result<Vec<u8>> {
    if format == Format::Jpeg { jpeg::encode(raster, quality) } else { encode_lossy_webp(raster, quality) }
}

/// As [`encode_lossy`]; `None` if the file would have more than `most` bytes.
fn encode_lossy_within(raster: &Raster, format: Format, quality: u8, most: u64) -> Result<Option<Vec<u8>>> {
    if format == Format::Jpeg {
        return jpeg::encode_within(raster, quality, most);
    }
    Ok(Some(encode_lossy_webp(raster, quality)?).filter(|file| file.len() as u64 <= most))
}

/// Most bytes that an output can have.
pub fn max_encoded_bytes(spec: &OutputSpec, alpha: bool) -> u64 {
    let raw = spec.size().pixels() * if alpha { 4 } else { 3 };
    match spec.format() {
        Format::Jpeg => {
            let any = jpeg::most_bytes(spec.size(), jpeg_quality(spec));
            // A file is only written if it fits without its stuffing.
            spec.max_bytes().map_or(any, |max_bytes| any.min(jpeg::capacity(max_bytes.into())))
        }
        Format::Png => max_png_bytes(spec.size(), alpha),
        #[cfg(feature = "formats")]
        Format::Webp if spec.lossy_quality().is_some() => formats::lossy_webp::most_bytes(spec.size(), alpha),
        Format::Webp => raw * 5 / 4 + (16 << 10),
    }
}

/// The quality of a JPEG.
fn jpeg_quality(spec: &OutputSpec) -> u8 {
    spec.lossy_quality().unwrap_or(DEFAULT_QUALITY)
}

/// Data that does not compress is stored as it is, in blocks with a few bytes of overhead each.
fn max_png_bytes(size: Size, alpha: bool) -> u64 {
    let raw = size.pixels() * if alpha { 4 } else { 3 };
    raw + raw / 64 + u64::from(size.height) + (4 << 10)
}

/// Most bytes that encoding holds at once, beside the picture and the result.
pub fn memory_bytes(spec: &OutputSpec, alpha: bool) -> u64 {
    let raw = spec.size().pixels() * if alpha { 4 } else { 3 };
    match spec.format() {
        Format::Jpeg => {
            // The best file so far is held while the next quality is tried.
            let best = if spec.max_bytes().is_some() { max_encoded_bytes(spec, alpha) } else { 0 };
            jpeg::memory_bytes(spec.size(), jpeg_quality(spec)) + best
        }
        // Four rows, and the compressor's state.
        Format::Png => u64::from(spec.size().width) * 16 + (384 << 10),
        #[cfg(feature = "formats")]
        Format::Webp if spec.lossy_quality().is_some() => {
            let best = if spec.max_bytes().is_some() { max_encoded_bytes(spec, alpha) } else { 0 };
            formats::lossy_webp::memory_bytes(spec.size(), alpha) + best
        }
        // The residuals, and the stream while it grows.
        Format::Webp => spec.size().pixels() * 4 + raw * 5 / 2 + (256 << 10),
    }
}
