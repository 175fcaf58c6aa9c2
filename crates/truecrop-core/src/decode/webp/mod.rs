//! WebP decoder: whole frames, decoded by the crate `image-webp`.
//!
//! - `spliced` makes other files out of the source, for the library;
//! - `cut` decodes as many rows as are certain of a file that ends too early, `vp8_header` and `opacity` read what it
//!   needs to know.

mod cut;
mod opacity;
mod spliced;
mod vp8_header;

use super::whole_frame::WholeFrame;
use super::{DecodePlan, Layout, RowSource, Window};
use crate::error::{Code, Error, Result, damaged};
use crate::geometry::Size;
use crate::limits::Limits;
use crate::probe::Probe;
use crate::source::Reader;
use image_webp::{DecodingError, WebPDecoder};
use spliced::OneByteChanged;
use std::io::BufReader;

/// Bytes for each pixel at the decoder's peak: the result (4), the frame (4), its planes and the lossless decoder's tables.
const PER_PIXEL: u64 = 14;

/// More of them for a cut file: what one continuation gave, or the opacity and the picture before they are one.
const PER_PIXEL_CUT: u64 = 8;

/// The gray of rows that a truncated file lacks.
const MISSING: u8 = 128;

/// Buffers, and one partition of up to 16 MiB that a lossy file may announce without having it: the crate reserves
/// its memory before it finds that the file is too short.
const OVERHEAD: u64 = 18 << 20;

/// Most bytes that decoding holds at once.
pub(super) fn memory_bytes(probe: &Probe, _plan: &DecodePlan) -> u64 {
    let (chunks, tables) = (probe.bytes(), probe.webp().map_or(0, |facts| facts.tables));
    let per_pixel = PER_PIXEL + if is_cut(probe) { PER_PIXEL_CUT } else { 0 };
    OVERHEAD + chunks + tables + per_pixel * probe.stored().pixels()
}

pub(super) fn open(
    reader: Reader,
    probe: &Probe,
    plan: &DecodePlan,
    limits: &Limits,
) -> Result<Box<dyn RowSource>> {
    if let Some(facts) = probe.webp() {
        limits.check_memory(facts.tables)?;
        if !facts.intact {
            return Err(damaged("its prefix codes are invalid"));
        }
    }
    if is_cut(probe) {
        return Ok(Box::new(open_cut(reader, probe, plan.window)?));
    }
    // "Do not blend": over the transparent canvas that would only add the errors of rounding.
    let change = probe.webp_places().frame.map(|frame| (frame.flags, 2));
    let reader = OneByteChanged { source: reader, change, at: 0 };
    let mut decoder = WebPDecoder::new(BufReader::new(reader)).map_err(|e| to_error(&e))?;
    decoder.set_memory_limit(usize::try_from(limits.memory).unwrap_or(usize::MAX));
    if decoder.dimensions() != (probe.stored().width, probe.stored().height) {
        return Err(damaged("its header is ambiguous"));
    }
    // the crate would decode pictures in these frames, which the probe has not checked
    if !decoder.is_animated() && decoder.num_frames() > 0 {
        return Err(damaged("it has frames but is not an animation"));
    }
    let layout = if decoder.has_alpha() { Layout::Rgba } else { Layout::Rgb };
    let size = decoder.output_buffer_size().ok_or_else(|| damaged("its frame is too large"))?;
    let mut data = vec![0; size];
    if decoder.is_animated() {
        // as in browsers, the canvas of an animation is transparent
        decoder.read_frame(&mut data).map_err(|e| to_error(&e))?;
    } else {
        decoder.read_image(&mut data).map_err(|e| to_error(&e))?;
    }
    let stride = probe.stored().width as usize * layout.channels();
    Ok(Box::new(WholeFrame { layout, data, stride, window: plan.window, given: 0, truncated: false }))
}

/// Whether the file ends before the length that it announces, somewhere behind the header of its picture.
fn is_cut(probe: &Probe) -> bool {
    let places = probe.webp_places();
    places.picture.is_some() && probe.bytes() < places.announced
}

/// The upper rows of a picture or frame.
struct Picture {
    /// Four samples for each pixel, else three.
    rgba: bool,
    pixels: Vec<u8>,
    /// Rows that are certain.
    rows: usize,
}

/// As [`open`], for a file that ends too early.
fn open_cut(mut reader: Reader, probe: &Probe, window: Window) -> Result<WholeFrame> {
    let (canvas, bytes, places) = (probe.stored(), probe.bytes(), probe.webp_places());
    let [left, top, width, height] = places.frame.map_or([0, 0, canvas.width, canvas.height], |f| f.area);
    if left + width > canvas.width || top + height > canvas.height {
        return Err(damaged("its first frame lies outside of its canvas"));
    }
    let size = Size::new(width, height);
    let layout = if probe.alpha() { Layout::Rgba } else { Layout::Rgb };
    let place = places.picture.ok_or_else(|| damaged("it has no picture"))?;
    let picture = if places.lossless {
        cut::lossless(&mut *reader, place, bytes, size, false)?
    } else {
        cut::lossy(&mut *reader, place, bytes, size)?
    };
    let opacity = match places.opacity.filter(|_| probe.alpha() && !places.lossless) {
        Some(place) => opacity::read(&mut *reader, place, bytes, size)?,
        None => Vec::new(),
    };
    let (channels, stored) = (layout.channels(), if picture.rgba { 4 } else { 3 });
    let stride = canvas.width as usize * channels;
    let mut data = vec![0; stride * canvas.height as usize];
    for y in 0..height as usize {
        let start = (top as usize + y) * stride + left as usize * channels;
        let into = &mut data[start..start + width as usize * channels];
        if y >= picture.rows {
            into.fill(if layout.alpha() { 0 } else { MISSING });
            continue;
        }
        let first = y * width as usize;
        let from = picture.pixels[first * stored..].chunks_exact(stored);
        for (x, (into, from)) in into.chunks_exact_mut(channels).zip(from).enumerate() {
            into[..3].copy_from_slice(&from[..3]);
            if let Some(alpha) = into.get_mut(3) {
                let stored = if picture.rgba { from[3] } else { 255 };
                *alpha = opacity.get(first + x).copied().unwrap_or(stored);
            }
        }
    }
    let lacking = top + picture.rows as u32..top + height;
    let truncated = lacking.start.max(window.y) < lacking.end.min(window.y + window.height);
    Ok(WholeFrame { layout, data, stride, window, given: 0, truncated })
}

fn too_much_memory() -> Error {
    let detail = "The WebP file needs more memory than allowed: pick a smaller one.";
    Error::new(Code::MemoryOverBudget, detail).at("limits.memory")
}

fn to_error(error: &DecodingError) -> Error {
    match error {
        DecodingError::IoError(e) if e.kind() != std::io::ErrorKind::UnexpectedEof => {
            Error::new(Code::Io, format!("Reading failed: {e}."))
        }
        DecodingError::MemoryLimitExceeded => too_much_memory(),
        DecodingError::UnsupportedFeature(what) => Error::new(
            Code::UnsupportedFormat,
            format!(
                "The WebP file uses a feature that is not supported ({what}): save it as JPEG, PNG or ordinary WebP."
            ),
        )
        .at("source"),
        _ => damaged(&error.to_string().to_ascii_lowercase()),
    }
}
