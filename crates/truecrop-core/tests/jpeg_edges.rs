//! The JPEG decoder at the picture's edge: what an encoder filled the last blocks up with is never seen.

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use std::io::Cursor;
use truecrop_core::Limits;
use truecrop_core::decode::jpeg::JpegRows;
use truecrop_core::decode::{DecodePlan, RowSource, Window, scaled};
use truecrop_core::geometry::Size;

fn decode(file: &[u8], plan: &DecodePlan) -> Vec<u8> {
    let reader = Box::new(Cursor::new(file.to_vec()));
    let mut rows = JpegRows::open(reader, plan, &Limits::default(), None).expect("a JPEG file");
    let mut pixels = Vec::new();
    while let Some(row) = rows.next_row().expect("a row") {
        row.append_to(&mut pixels);
    }
    pixels
}

/// The frame header says another size, within the same blocks.
fn resized(mut jpeg: Vec<u8>, width: u16, height: u16) -> Vec<u8> {
    let frame = jpeg.windows(2).position(|w| w == [0xFF, 0xC0] || w == [0xFF, 0xC2]).expect("a frame");
    jpeg[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    jpeg[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    jpeg
}

/// The same visible picture with one and with another filling of its last blocks, both as wild as can be.
#[test]
fn what_lies_beyond_the_edge_is_not_seen_at_any_scale() {
    use SamplingFactor::*;
    let samplings = [
        (F_1_1, 1, 1),
        (F_2_1, 2, 1),
        (F_1_2, 1, 2),
        (F_2_2, 2, 2),
        (F_4_1, 4, 1),
        (F_4_2, 4, 2),
        (F_1_4, 1, 4),
        (F_2_4, 2, 4),
    ];
    for (sampling, h, v) in samplings {
        for (width, height) in [(33, 41), (39, 34), (5, 3), (40, 45), (47, 40), (60, 59)] {
            for (progressive, step) in [(false, 11_u32), (true, 7)] {
                // a sample of chroma may be seen in part: what it is made of is the same in both
                let (seen_x, seen_y) =
                    ((width as u32).next_multiple_of(h), (height as u32).next_multiple_of(v));
                let (columns, rows) = (seen_x.next_multiple_of(8), seen_y.next_multiple_of(8));
                let file = |filling: [u8; 2]| {
                    let at = |i: u32| {
                        let (x, y) = (i % columns, i / columns);
                        let wave = |n: u32| (90 + (x * step + y * n) % 60) as u8;
                        if x < seen_x && y < seen_y {
                            [wave(3), wave(5), wave(2)]
                        } else {
                            [filling[(x + y) as usize % 2]; 3]
                        }
                    };
                    let pixels: Vec<u8> = (0..columns * rows).flat_map(at).collect();
                    let mut out = Vec::new();
                    let mut encoder = Encoder::new(&mut out, 100);
                    encoder.set_sampling_factor(sampling);
                    encoder.set_progressive(progressive);
                    encoder.encode(&pixels, columns as u16, rows as u16, ColorType::Rgb).expect("a file");
                    resized(out, width, height)
                };
                let files = [file([0, 0]), file([255, 0]), file([255, 255])];
                for (scale, coarse_chroma) in [(1, false), (1, true), (2, false), (4, false), (8, false)] {
                    let window = Window::whole(scaled(Size::new(width.into(), height.into()), scale));
                    let plan = DecodePlan { window, scale, coarse_chroma };
                    let decoded = files.each_ref().map(|file| decode(file, &plan));
                    let what = format!("{sampling:?}, {width} x {height} at {scale}/8");
                    for other in &decoded[1..] {
                        let off = decoded[0].iter().zip(other).map(|(a, b)| a.abs_diff(*b)).max();
                        // quantisation by 1 turns each sample by half a level or so
                        assert!(off <= Some(5), "{what}: {off:?} off");
                    }
                }
            }
        }
    }
}
