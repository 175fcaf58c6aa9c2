//! WebP decoder: whole frames, decoded by the crate `image-webp`.

use super::whole_frame::WholeFrame;
use super::{DecodePlan, Layout, RowSource};
use crate::error::{Code, Error, Result, damaged};
use crate::limits::Limits;
use crate::probe::Probe;
use crate::source::Reader;
use image_webp::{DecodingError, WebPDecoder};
use std::io::BufReader;

/// Bytes for each pixel at the decoder's peak: the result (4), the frame (4), its planes and the lossless decoder's tables.
const PER_PIXEL: u64 = 14;

/// Buffers, and one partition of up to 16 MiB that a lossy file may announce without having it: the crate reserves
/// its memory before it finds that the file is too short.
const OVERHEAD: u64 = 18 << 20;

/// Most bytes that decoding holds at once.
pub(super) fn memory_bytes(probe: &Probe, _plan: &DecodePlan) -> u64 {
    let (chunks, tables) = (probe.bytes(), probe.webp().map_or(0, |facts| facts.tables));
    OVERHEAD + chunks + tables + PER_PIXEL * probe.stored().pixels()
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
