//! WebP decoders: row by row, nothing but the window.
//!
//! | file | what |
//! | --- | --- |
//! | `vp8` | lossy pictures, and their opacity |
//! | `vp8l` | lossless pictures, and opacity that is compressed like them |
//! | `rows` | the window on either, and the canvas of an animation |
//!
//! Where the parts lie in the file is known from the probe, which has also bounded what the prefix codes of lossless data take.

mod rows;
mod vp8;
mod vp8l;

use super::{DecodePlan, Layout, RowSource, Window};
use crate::error::{Result, damaged};
use crate::geometry::Size;
use crate::limits::Limits;
use crate::probe::Probe;
use crate::probe::formats::ChunkPlace;
use crate::source::{PositionedReader, Reader};
use rows::{Picture, WebpRows};
use vp8::LossyPicture;
use vp8l::LosslessRows;

/// Bytes of a lossless picture before its stream: a signature and its size.
const LOSSLESS_HEADER: u64 = 5;

/// Bytes of an error, and of what was opened before it: all that is held of a picture whose stream cannot be read.
const REFUSAL: u64 = 1 << 10;

fn layout(probe: &Probe) -> Layout {
    if probe.alpha() { Layout::Rgba } else { Layout::Rgb }
}

/// Where the picture lies on its canvas: all of it, but for animations.
fn area(probe: &Probe) -> Window {
    let [x, y, width, height] = match probe.webp_places().frame {
        Some(frame) => frame.area,
        None => [0, 0, probe.stored().width, probe.stored().height],
    };
    Window { x, y, width, height }
}

/// Most bytes that decoding holds at once.
pub(super) fn memory_bytes(probe: &Probe, plan: &DecodePlan) -> u64 {
    let (area, places) = (area(probe), probe.webp_places());
    let size = Size::new(area.width, area.height);
    let lossy = if places.lossless { 0 } else { vp8::memory_bytes(probe, size, plan.window) };
    // of a lossy picture: that of its opacity
    let stream = probe.webp().filter(|facts| facts.groups > 0);
    let lossless = stream.map_or(0, |facts| vp8l::memory_bytes(size, *facts));
    REFUSAL + lossy + lossless + WebpRows::memory_bytes(plan.window.width.into(), layout(probe))
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
    let (area, places, bytes) = (area(probe), probe.webp_places(), probe.bytes());
    if !area.fits(probe.stored()) {
        return Err(damaged("its first frame lies outside of its canvas"));
    }
    let place = places.picture.ok_or_else(|| damaged("it has no picture"))?;
    let mut source = PositionedReader::new(reader);
    let picture = if places.lossless {
        let length = place.length.saturating_sub(LOSSLESS_HEADER);
        let stream = ChunkPlace { start: place.start + LOSSLESS_HEADER, length };
        let size = Size::new(area.width, area.height);
        Picture::Lossless(Box::new(LosslessRows::open(&mut source, stream, bytes, size)?))
    } else {
        Picture::Lossy(Box::new(LossyPicture::open(&mut source, probe, area, plan.window)?))
    };
    Ok(Box::new(WebpRows::new(source, picture, layout(probe), area, plan.window)?))
}
