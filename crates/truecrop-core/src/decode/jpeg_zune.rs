//! JPEG by `zune-jpeg`, which decodes whole pictures: a stand-in until the windowed decoder reads every file.

use super::{DecodePlan, Layout, RowSource, Whole};
use crate::Reader;
use crate::error::{Code, Error, Result};
use crate::limits::Limits;
use crate::probe::{Probe, damaged};
use std::io::Read;
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

/// Tables and row buffers.
const OVERHEAD: u64 = 2 << 20;

/// The file, the result, and a progressive file's coefficients (two bytes a sample, in blocks).
pub(super) fn cost(probe: &Probe) -> u64 {
    let (pixels, components, progressive) = probe
        .jpeg()
        .map_or((0, 3, true), |j| (probe.stored().pixels(), j.components().into(), j.progressive()));
    let coefficients = if progressive { 2 * components * pixels } else { 0 };
    OVERHEAD + probe.bytes() * 2 + pixels * components + coefficients + 512 * u64::from(probe.stored().width)
}

pub(super) fn open(
    mut reader: Reader,
    probe: &Probe,
    plan: &DecodePlan,
    limits: &Limits,
) -> Result<Box<dyn RowSource>> {
    let facts = probe.jpeg().ok_or_else(|| Error::new(Code::Internal, "The probe is not of a JPEG."))?;
    let mut file = Vec::with_capacity(probe.bytes() as usize);
    reader.read_to_end(&mut file)?;
    check_scans(&file, limits)?;
    let (space, layout) = match facts.components() {
        1 => (ColorSpace::Luma, Layout::Gray),
        _ => (ColorSpace::RGB, Layout::Rgb),
    };
    let side = limits.source_side as usize;
    let options = DecoderOptions::default()
        .set_strict_mode(false)
        .set_use_unsafe(false)
        .set_max_width(side)
        .set_max_height(side)
        .jpeg_set_max_scans(limits.jpeg_scans)
        .jpeg_set_out_colorspace(space);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(&file), options);
    let data = decoder.decode().map_err(|e| damaged(&e.to_string().to_lowercase()))?;
    let stride = probe.stored().width as usize * layout.channels();
    if data.len() != stride * probe.stored().height as usize {
        return Err(damaged("its header can be read in two ways"));
    }
    let truncated = !ends(&file);
    Ok(Box::new(Whole { layout, data, stride, window: plan.window, given: 0, truncated }))
}

/// Whether an end-of-image marker stands in the file's last part (some cameras append to it).
fn ends(file: &[u8]) -> bool {
    file.windows(2).rev().any(|pair| pair == [0xFF, 0xD9])
}

fn check_scans(file: &[u8], limits: &Limits) -> Result<()> {
    let scans = file.windows(2).filter(|pair| pair == &[0xFF, 0xDA]).count();
    if scans > limits.jpeg_scans {
        let detail = "The JPEG has more scans than any camera or program writes: save it anew.";
        return Err(Error::new(Code::TooManyScans, detail).at("source").figures(limits.jpeg_scans, scans));
    }
    Ok(())
}
