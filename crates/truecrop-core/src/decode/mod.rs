//! Pixels of a window of the source, row by row.
//!
//! Every format stands behind one seam, [`RowSource`]: rows of stored samples with straight alpha, nothing converted.
//! Orientation, colour and alpha are the business of the stages behind it.
//!
//! | file | what |
//! | --- | --- |
//! | `window` | which pixels are decoded, and at which scale |
//! | `row_source` | the seam: rows, their layout, and the trait |
//! | `jpeg`, `png`, `webp` | our own decoders: row by row, nothing but the window |
//! | `gif` | a library's decoder: a whole frame |
//! | `rare` | TIFF, BMP, ICO, TGA, PNM and QOI by the crate `image`: a whole frame |
//! | `heic` | HEIC, tile by tile: a library decodes HEVC's pictures, all else is our own |
//! | `platform` | pixels that the browser's own decoder gave |
//! | `straight_alpha` | colours that were multiplied by alpha, as they were before |
//! | `formats` | the dispatch to all decoders but JPEG's |

pub mod jpeg;
mod row_source;
mod window;

#[cfg(feature = "wide")]
mod formats;
/// The same items for the build that knows JPEG alone.
#[cfg(not(feature = "wide"))]
#[path = "jpeg_only.rs"]
mod formats;
#[cfg(feature = "formats")]
mod gif;
#[cfg(feature = "heic")]
mod heic;
#[cfg(feature = "formats")]
pub(crate) mod png;
#[cfg(feature = "platform")]
mod platform;
#[cfg(feature = "all-formats")]
mod rare;
#[cfg(any(feature = "all-formats", feature = "heic"))]
mod straight_alpha;
#[cfg(feature = "formats")]
mod webp;

pub use crate::probe::Depth;
pub use jpeg::Index;
pub use row_source::{Layout, Row, RowSource};
pub use window::{DecodePlan, Window, scaled};

use crate::error::{Code, Error, Result};
use crate::limits::Limits;
use crate::probe::{Probe, SourceFormat};
use crate::source::Reader;
use std::io::SeekFrom;

/// The scales that a source can be decoded at, in eighths, smallest first; the last is always 8.
pub fn scales(probe: &Probe) -> &'static [u8] {
    if probe.format() == SourceFormat::Jpeg { jpeg::SCALES } else { &[8] }
}

/// Most bytes that the decoder of a plan holds at once, beside the source's own bytes.
///
/// An upper bound from own measurement (2026-11, counting allocator), held by a test of each decoder.
pub fn memory_bytes(probe: &Probe, plan: &DecodePlan) -> u64 {
    match probe.format() {
        SourceFormat::Jpeg => jpeg::memory_bytes(probe, plan),
        _ => formats::memory_bytes(probe, plan),
    }
}

/// Starts decoding. `reader` must hold the source that `probe` was made of; `index`, if any, must be that source's own.
///
/// # Errors
/// [`Code::DamagedSource`] and [`Code::Io`] of the decoder; [`Code::Internal`] for a window outside the picture or a scale that is
/// not one of [`scales`].
pub fn open(
    mut reader: Reader,
    probe: &Probe,
    plan: &DecodePlan,
    limits: &Limits,
    index: Option<Index>,
) -> Result<Box<dyn RowSource>> {
    if !scales(probe).contains(&plan.scale) || !plan.window.fits(scaled(probe.stored(), plan.scale)) {
        return Err(Error::new(Code::Internal, "The decode plan does not fit the source."));
    }
    reader.seek_to(SeekFrom::Start(0))?;
    match probe.format() {
        SourceFormat::Jpeg => Ok(Box::new(jpeg::JpegRows::open(reader, plan, limits, index)?)),
        _ => formats::open(reader, probe, plan, limits),
    }
}

#[cfg(test)]
mod tests;
