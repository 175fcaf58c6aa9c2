//! Law: a window of a JPEG is a cut of the whole at the same scale, byte for byte, with an index and without, also in a
//! damaged file.
//!
//! An input that is no JPEG steers a valid one.

use super::decode::window;
use super::input::Input;
use super::valid_jpeg::jpeg;
use super::{limits, reader, refused_well};
use truecrop_core::decode::jpeg::JpegRows;
use truecrop_core::decode::{DecodePlan, Index, RowSource, Window, scaled, scales};
use truecrop_core::geometry::Size;
use truecrop_core::probe::{SourceFormat, probe};
use truecrop_core::{Code, Result};

/// Checks the law for a file.
pub fn check(data: &[u8]) {
    if data.starts_with(&[0xFF, 0xD8]) {
        return holds(data, &mut Input::beside(data));
    }
    let mut input = Input::new(data);
    let file = jpeg(&mut input);
    holds(&file, &mut input);
}

fn holds(file: &[u8], input: &mut Input<'_>) {
    let Ok(probe) = probe(&mut *reader(file), &limits()) else { return };
    if probe.format() != SourceFormat::Jpeg {
        return;
    }
    let index = Index::default();
    for _ in 0..3 {
        let (scale, coarse_chroma) = (input.pick(scales(&probe)), input.once_in(2));
        let size = scaled(probe.stored(), scale);
        let plan = |window| DecodePlan { window, scale, coarse_chroma };
        let all = decode(file, &plan(Window::whole(size)), None);
        let part = window(input, size);
        for index in [None, Some(index.clone()), Some(index.clone())] {
            match (&all, decode(file, &plan(part), index)) {
                (Ok(all), Ok(pixels)) => {
                    assert!(pixels == cut(all, size, part), "{part:?} of {size:?} at {scale}/8");
                }
                (Ok(_), Err(error)) => panic!("the whole, but not {part:?} at {scale}/8: {error}"),
                (Err(all), Err(part)) => assert_eq!(all.code(), part.code()),
                (Err(error), Ok(_)) => panic!("{part:?} at {scale}/8, but not the whole: {error}"),
            }
        }
        if let Err(error) = all {
            // A second frame header, after the probed one, may state another size.
            assert!(error.code() != Code::Internal);
            return refused_well(&error);
        }
    }
}

fn decode(file: &[u8], plan: &DecodePlan, index: Option<Index>) -> Result<Vec<u8>> {
    let mut rows = JpegRows::open(reader(file), plan, &limits(), index)?;
    let mut out = Vec::new();
    while let Some(row) = rows.next_row()? {
        row.append_to(&mut out);
    }
    Ok(out)
}

fn cut(all: &[u8], size: Size, part: Window) -> Vec<u8> {
    let channels = all.len() / size.pixels() as usize;
    let row = |y: u32| {
        let at = (y as usize * size.width as usize + part.x as usize) * channels;
        &all[at..at + part.width as usize * channels]
    };
    (part.y..part.y + part.height).flat_map(row).copied().collect()
}
