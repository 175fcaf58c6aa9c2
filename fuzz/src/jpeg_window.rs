//! Laws of the JPEG decoder at every scale.
//!
//! - A window is a cut of the whole at the same scale, byte for byte, with an index and without, also in a damaged file.
//! - The same coefficients give the same pixels, however they are coded: sequential or progressive.
//! - At 1/8 a sample at the picture's edge is the mean of what is seen of its block, whatever fills up the rest of it: the
//!   unseen samples of a valid file here are as wild as the seen ones.
//!
//! An input that is no JPEG steers valid ones.

use super::decode::window;
use super::input::Input;
use super::valid_jpeg::{both_codings, jpeg};
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
    codings_agree(&both_codings(&mut input), input.once_in(2));
}

/// Checks that both files have the same pixels at every scale, and the pixels at the edge of what has one component.
fn codings_agree(files: &[Vec<u8>; 2], coarse_chroma: bool) {
    let probe = probe(&mut *reader(&files[0]), &limits()).unwrap();
    let all = |scale: u8| {
        let window = Window::whole(scaled(probe.stored(), scale));
        let plan = DecodePlan { window, scale, coarse_chroma };
        let [sequential, progressive] = files.each_ref().map(|file| decode(file, &plan, None).unwrap());
        assert!(sequential == progressive, "the codings differ at {scale}/8");
        sequential
    };
    let [small, _, _, full] = [1, 2, 4, 8].map(all);
    if probe.jpeg().unwrap().components() == 1 {
        edges_are_means(&small, &full, probe.stored());
    }
}

fn edges_are_means(small: &[u8], full: &[u8], size: Size) {
    let (width, height) = (size.width as usize, size.height as usize);
    for (at, &got) in small.iter().enumerate() {
        let (bx, by) = (at % width.div_ceil(8) * 8, at / width.div_ceil(8) * 8);
        let (columns, rows) = (bx..(bx + 8).min(width), by..(by + 8).min(height));
        let count = columns.len() * rows.len();
        if count < 64 {
            let sum: usize = rows
                .flat_map(|y| &full[y * width + bx..y * width + columns.end])
                .map(|&v| usize::from(v))
                .sum();
            assert_eq!(
                usize::from(got),
                (2 * sum + count) / (2 * count),
                "the block at {bx}, {by} of {size:?}"
            );
        }
    }
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
