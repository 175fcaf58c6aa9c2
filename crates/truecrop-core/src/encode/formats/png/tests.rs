//! Tests of encoding PNG: the files of the crate `png`, byte for byte.

use super::*;
use crate::encode::max_png_bytes;
use proptest::prelude::*;

/// Smooth, noisy, flat, or all of these by turns: every filter and every kind of block has its rows.
fn raster(width: u32, height: u32, alpha: bool, seed: u32) -> Raster {
    let size = Size::new(width, height);
    let mut state = seed | 1;
    let data = (0..size.pixels() * channels(alpha) as u64)
        .map(|i| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let (noise, smooth) = ((state >> 24) as u8, (i / 7 + u64::from(state >> 30)) as u8);
            [smooth, noise, 200, if i / 9000 % 2 == 0 { smooth & noise } else { smooth }][(seed % 4) as usize]
        })
        .collect();
    Raster { size, alpha, data }
}

/// The file that the crate `png` makes of it.
fn theirs(raster: &Raster) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut file, raster.size.width, raster.size.height);
    encoder.set_color(if raster.alpha { ::png::ColorType::Rgba } else { ::png::ColorType::Rgb });
    encoder.set_compression(::png::Compression::Balanced);
    encoder.set_filter(::png::Filter::Adaptive);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&raster.data).unwrap();
    writer.finish().unwrap();
    file
}

fn is_theirs(raster: &Raster) {
    let file = encode(raster).unwrap();
    let Size { width, height } = raster.size;
    assert!(
        file.len() as u64 <= max_png_bytes(raster.size, raster.alpha),
        "{width} x {height}: {} bytes",
        file.len()
    );
    let expected = theirs(raster);
    let at = file.iter().zip(&expected).take_while(|(a, b)| a == b).count();
    assert!(
        file == expected,
        "{width} x {height}: other from byte {at} on, {} and {} bytes",
        file.len(),
        expected.len()
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn files_are_those_of_the_crate(width in 1..90u32, height in 1..90u32, alpha in any::<bool>(), seed in any::<u32>()) {
        is_theirs(&raster(width, height, alpha, seed));
    }
}

#[test]
fn large_files_are_those_of_the_crate() {
    for (width, height) in [(700, 500), (90_001, 2), (1, 5000)] {
        for seed in 0..4 {
            is_theirs(&raster(width, height, seed % 3 == 0, seed));
        }
    }
}

#[test]
fn pixels_come_back_and_nothing_else_is_taken() {
    for (seed, alpha) in [(0, false), (1, true), (3, true)] {
        let picture = raster(33, 21, alpha, seed);
        let file = encode(&picture).unwrap();
        let stream = &file[41..file.len() - 16];
        assert_eq!(decode(stream, picture.size, alpha).map(|r| r.data), Some(picture.data));
        for (width, height, alpha) in [(33, 20, alpha), (33, 22, alpha), (34, 21, alpha), (33, 21, !alpha)] {
            assert!(decode(stream, Size::new(width, height), alpha).is_none(), "{width} x {height}");
        }
        assert!(decode(&stream[..stream.len() - 1], picture.size, alpha).is_none(), "cut short");
        assert!(decode(&[], picture.size, alpha).is_none(), "empty");
    }
}
