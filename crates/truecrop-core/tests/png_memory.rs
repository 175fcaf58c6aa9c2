//! PNG in 4 MB: every kind of it, Adam7 too, any crop, up to 108 megapixels.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

#[path = "common/memory.rs"]
mod memory;

use memory::peak_of;
use std::io::Cursor;
use std::ops::ControlFlow;
use truecrop_core::geometry::{Crop, Size};
use truecrop_core::plan::Plan;
use truecrop_core::recipe::{Background, Format, OutputSpec, Recipe};
use truecrop_core::{Limits, pipeline, probe};

/// What a crop to 512 x 512 may take, the source's own bytes apart.
const MOST: u64 = 4_000_000;

const WIDTH: u32 = 12_000;

/// Colour type, bits, channels.
const KINDS: [(u8, u8, usize); 15] = [
    (0, 1, 1),
    (0, 2, 1),
    (0, 4, 1),
    (0, 8, 1),
    (0, 16, 1),
    (2, 8, 3),
    (2, 16, 3),
    (3, 1, 1),
    (3, 2, 1),
    (3, 4, 1),
    (3, 8, 1),
    (4, 8, 2),
    (4, 16, 2),
    (6, 8, 4),
    (6, 16, 4),
];

fn chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut sum = crc32fast::Hasher::new();
    sum.update(kind);
    sum.update(content);
    let length = (content.len() as u32).to_be_bytes();
    [&length[..], kind, content, &sum.finalize().to_be_bytes()].concat()
}

/// A picture's file up to its data, with a little of that.
fn head((color, bits): (u8, u8), size: Size, adam7: bool, data: &[u8]) -> Vec<u8> {
    let sides = [size.width.to_be_bytes(), size.height.to_be_bytes()].concat();
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    file.extend(chunk(b"IHDR", &[&sides[..], &[bits, color, 0, 0, u8::from(adam7)]].concat()));
    if color == 3 {
        file.extend(chunk(b"PLTE", &[9; 6]));
        file.extend(chunk(b"tRNS", &[0, 255]));
    }
    // large, and of no use: must not be held
    file.extend(chunk(b"eXIf", &vec![0; 1 << 20]));
    file.extend(chunk(b"IDAT", data));
    file
}

/// Rows that no two filters agree on, compressed. Adam7's passes hold a few bytes more than the plain picture's rows.
fn data(kind: (u8, u8), channels: usize, size: Size, adam7: bool) -> Vec<u8> {
    let bytes = |columns: u32| (columns as usize * channels * usize::from(kind.1)).div_ceil(8);
    let passes: &[[u32; 4]] = if adam7 {
        &[[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]]
    } else {
        &[[0, 0, 1, 1]]
    };
    let mut state = 1u32;
    let mut stream = Vec::new();
    for [x, y, across, down] in passes {
        let columns = (size.width - x).div_ceil(*across);
        for row in 0..(size.height - y).div_ceil(*down) {
            stream.push((row % 5) as u8);
            stream.extend((0..bytes(columns)).map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 30) as u8
            }));
        }
    }
    miniz_oxide::deflate::compress_to_vec_zlib(&stream, 1)
}

fn recipes(size: Size) -> Vec<(String, Recipe)> {
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    let mut all = Vec::new();
    for zoom in [1.0, 2.0, 4.0, 17.0, 60.0] {
        for at in [0.0, 0.5, 1.0] {
            let (w, h) = (width / zoom, height / zoom);
            let crop = Crop::from_pixels((width - w) * at, (height - h) * at, w, h).unwrap();
            for format in [Format::Jpeg, Format::Png] {
                let output = OutputSpec::new("main", Size::new(512, 512), format);
                let recipe = Recipe::new(crop, vec![output.unwrap()]).unwrap();
                let recipe = recipe.with_background(Some("#336699".parse().unwrap())).unwrap();
                all.push((format!("zoom {zoom} at {at}, {format:?}"), recipe));
            }
            let output = OutputSpec::new("main", Size::new(512, 512), Format::Png);
            let recipe = Recipe::new(crop, vec![output.unwrap()]).unwrap();
            let recipe = recipe.with_background(Some(Background::Transparent)).unwrap();
            all.push((format!("zoom {zoom} at {at}, transparent"), recipe));
        }
    }
    all
}

/// One test in this file: others beside it would be counted too.
#[test]
fn every_png_is_cropped_in_four_megabytes() {
    let limits = Limits::default();
    let mut most = 0;
    for (color, bits, _) in KINDS {
        for adam7 in [false, true] {
            let size = Size::new(WIDTH, 9000);
            let file = head((color, bits), size, adam7, &[]);
            let source = probe::probe(&mut Cursor::new(&file), &limits).unwrap();
            for (what, recipe) in recipes(size) {
                let stated = Plan::new(&source, &recipe, &limits).unwrap().peak_bytes();
                assert!(stated <= MOST, "{color} {bits} Adam7 {adam7}, {what}: {stated} stated");
                most = most.max(stated);
            }
        }
    }
    println!("at most {most} stated");
    // a plan's bytes hang on the width alone: less high pictures show that runs keep to them
    let mut tightest = 0.0f64;
    for (color, bits, channels) in KINDS.into_iter().filter(|k| k.1 >= 8) {
        for adam7 in [false, true] {
            let size = Size::new(WIDTH, 160);
            let file = head((color, bits), size, adam7, &data((color, bits), channels, size, adam7)).leak();
            let source = probe::probe(&mut Cursor::new(&*file), &limits).unwrap();
            for (what, recipe) in recipes(size).into_iter().step_by(7) {
                let stated = Plan::new(&source, &recipe, &limits).unwrap().peak_bytes();
                let held = peak_of(|| {
                    let reader = Box::new(Cursor::new(&*file));
                    pipeline::crop(reader, &recipe, &limits, &mut |_| ControlFlow::Continue(())).unwrap();
                }) as u64;
                assert!(held <= stated, "{color} {bits} Adam7 {adam7}, {what}: held {held}, stated {stated}");
                tightest = tightest.max(held as f64 / stated as f64);
            }
        }
    }
    println!("held up to {tightest:.2} of what was stated");
}
