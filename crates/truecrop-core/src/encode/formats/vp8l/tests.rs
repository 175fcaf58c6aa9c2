//! Read back by another's decoder.

use crate::encode::formats::webp;
use crate::geometry::Size;
use crate::pixel::Raster;
use proptest::prelude::*;

fn round_trip(size: Size, alpha: bool, data: Vec<u8>) -> usize {
    let raster = Raster { size, alpha, data };
    let file = webp::encode(&raster).unwrap();
    let back = webp::decode(&file, size).unwrap();
    assert_eq!(back.alpha, alpha);
    assert!(back.data == raster.data, "{size:?} alpha {alpha}: other pixels");
    file.len()
}

/// A cheap stand-in for noise: the same on every run.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 7u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..count).map(|_| next()).collect()
}

#[test]
fn pictures_come_back_as_they_were() {
    let flat = |n: usize| vec![9u8; n];
    let ramp = |n: usize| (0..n).map(|i| (i / 40) as u8).collect();
    // Half of the values once, the others ever more often: codes would be longer than 15 bits.
    let skewed = |n: usize| (0..n).map(|i| (i.trailing_zeros() * 3) as u8 ^ (i >> 12) as u8).collect();
    let kinds: [fn(usize) -> Vec<u8>; 4] = [noise, flat, ramp, skewed];
    for (width, height) in [(1, 1), (1, 70), (70, 1), (33, 31), (64, 64), (200, 131)] {
        for alpha in [false, true] {
            for kind in kinds {
                let count = width * height * if alpha { 4 } else { 3 };
                round_trip(Size::new(width as u32, height as u32), alpha, kind(count));
            }
        }
    }
}

#[test]
fn long_codes_are_kept_short() {
    // Fibonacci's numbers as counts make the deepest trees that there are.
    let (mut a, mut b) = (1usize, 1usize);
    let mut data = Vec::new();
    for value in 0..24u8 {
        data.extend(std::iter::repeat_n([value * 7, 0, 0], a).flatten());
        (a, b) = (b, a + b);
    }
    // Shuffled, so that runs do not swallow it.
    let count = data.len() / 3;
    let shuffled: Vec<u8> = (0..count)
        .flat_map(|i| {
            let j = i * 48_611 % count;
            data[j * 3..j * 3 + 3].to_vec()
        })
        .collect();
    let rows = (count / 300) as u32;
    round_trip(Size::new(300, rows), false, shuffled[..300 * rows as usize * 3].to_vec());
}

#[test]
fn what_repeats_becomes_small() {
    let stripes: Vec<u8> = (0..200 * 200 * 3).map(|i| if i / 3 % 10 < 5 { 255 } else { 0 }).collect();
    let bytes = round_trip(Size::new(200, 200), false, stripes);
    assert!(bytes < 400, "{bytes} bytes for stripes");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_picture_comes_back(width in 1u32..80, height in 1u32..80, alpha: bool, levels in 1u8..255, seed in 0usize..1000) {
        let count = (width * height) as usize * if alpha { 4 } else { 3 };
        let data = noise(count + seed)[seed..].iter().map(|v| v % levels).collect();
        round_trip(Size::new(width, height), alpha, data);
    }
}
