//! Reads the opacity of a lossy picture of a cut file (ALPH; RFC 9649, 2.7.1.2). It stands before the picture, so it is whole.

use super::cut;
use crate::error::{Result, damaged};
use crate::geometry::Size;
use crate::probe::formats::ChunkPlace;
use crate::source::{Source, read_filling};
use std::io::SeekFrom;

/// One byte for each pixel.
pub(super) fn read(source: &mut dyn Source, place: ChunkPlace, bytes: u64, size: Size) -> Result<Vec<u8>> {
    let mut info = [0];
    source.seek_to(SeekFrom::Start(place.start))?;
    let read = read_filling(source, &mut info)?;
    let cut_off = || damaged("its opacity is cut off");
    if read == 0 || place.length == 0 {
        return Err(cut_off());
    }
    let data = ChunkPlace { start: place.start + 1, length: place.length - 1 };
    let mut opacity = if info[0] & 3 == 0 {
        let mut stored = vec![0; size.pixels() as usize];
        if data.length < size.pixels() || read_filling(source, &mut stored)? < stored.len() {
            return Err(cut_off());
        }
        stored
    } else {
        let picture = cut::lossless(source, data, bytes, size, true)?;
        if picture.rows < size.height as usize {
            return Err(cut_off());
        }
        picture.pixels.as_chunks::<4>().0.iter().map(|[_, green, _, _]| *green).collect()
    };
    unfilter(&mut opacity, size.width as usize, info[0] >> 2 & 3);
    Ok(opacity)
}

/// Undoes the filter: none, horizontal, vertical, gradient.
fn unfilter(opacity: &mut [u8], width: usize, filter: u8) {
    for i in 0..opacity.len() {
        let (x, y) = (i % width, i / width);
        let before = |by: usize| i32::from(opacity[i - by]);
        let predicted = match (filter, x, y) {
            (0, ..) | (_, 0, 0) => 0,
            (1, 1.., _) | (_, _, 0) => before(1),
            (2, ..) | (_, 0, _) => before(width),
            _ => (before(1) + before(width) - before(width + 1)).clamp(0, 255),
        };
        opacity[i] = opacity[i].wrapping_add(predicted as u8);
    }
}
