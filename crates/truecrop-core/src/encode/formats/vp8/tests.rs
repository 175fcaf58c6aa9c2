//! Tests of the encoder: what decoders make of its frames, their bounds, and what validation refuses.

use super::validate::check;
use super::*;
use crate::error::Code;
use image_webp::vp8::Vp8Decoder;
use proptest::prelude::*;

/// How a picture made for a test looks.
#[derive(Clone, Copy, Debug)]
enum Look {
    Flat,
    Smooth,
    Stripes,
    Noise,
    Extremes,
}

const LOOKS: [Look; 5] = [Look::Flat, Look::Smooth, Look::Stripes, Look::Noise, Look::Extremes];

fn picture(width: u32, height: u32, look: Look, seed: u32) -> Raster {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let mut data = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let noise: [u8; 3] = std::array::from_fn(|_| next());
            data.extend(match look {
                Look::Flat => [seed as u8, 90, 200],
                Look::Smooth => [(x * 3 + y) as u8 / 2, (255 * y / height) as u8, (x * x / 40) as u8],
                Look::Stripes => {
                    [if (x + y / 3) % 7 < 3 { 240 } else { 20 }, (y / 5 * 40) as u8, noise[0] / 8]
                }
                Look::Noise => noise,
                Look::Extremes => noise.map(|v| if v & 16 == 0 { 0 } else { 255 }),
            });
        }
    }
    Raster { size: Size::new(width, height), alpha: false, data }
}

/// The three planes of an encoder's reconstruction, cut to the picture.
fn coded(raster: &Raster, settings: Settings) -> (Coded, [Vec<u8>; 3]) {
    let grid = Grid::new(raster.size);
    let (wide, high) = (16 * grid.across, 16 * grid.down);
    let mut planes = [vec![0; wide * high], vec![0; wide * high / 4], vec![0; wide * high / 4]];
    let coded = Coded::watched(raster, settings, |decided, column, row| {
        let made: [&[u8]; 3] = [&decided.made.y, &decided.made.chroma[0], &decided.made.chroma[1]];
        for (plane, (samples, side)) in planes.iter_mut().zip(made.into_iter().zip([16, 8, 8])) {
            for (i, line) in samples.chunks_exact(side).enumerate() {
                let at = (side * row + i) * wide * side / 16 + side * column;
                plane[at..at + side].copy_from_slice(line);
            }
        }
    });
    (coded, planes)
}

/// Without the loop filter a decoder's planes are those that the encoder predicts from.
fn reconstruction_is_exact(raster: &Raster, quality: u8) {
    let unfiltered = Settings { filter: 0, ..settings::settings(quality) };
    let (coded, planes) = coded(raster, unfiltered);
    let frame = Vp8Decoder::decode_frame(&coded.frame().unwrap()[..]).unwrap();
    let name = format!("{:?} at {quality}", raster.size);
    assert_eq!((frame.width.into(), frame.height.into()), (raster.size.width, raster.size.height), "{name}");
    assert!(frame.ybuf == planes[0], "{name}: other luma");
    assert!(frame.ubuf == planes[1] && frame.vbuf == planes[2], "{name}: other chroma");
}

#[test]
fn decoders_see_what_the_encoder_predicts_from() {
    for (width, height) in
        [(1, 1), (1, 33), (33, 1), (2, 3), (15, 16), (16, 17), (17, 33), (64, 48), (100, 75)]
    {
        for look in LOOKS {
            for quality in [1, 30, 75, 90, 100] {
                reconstruction_is_exact(&picture(width, height, look, 11), quality);
            }
        }
    }
}

#[test]
fn every_quality_is_exact_and_canonical() {
    let raster = picture(40, 24, Look::Stripes, 5);
    for quality in 1..=100 {
        reconstruction_is_exact(&raster, quality);
        let frame = encode(&raster, quality).unwrap();
        check(&frame, raster.size, quality).unwrap();
        for other in [quality - 1, quality + 1].into_iter().filter(|q| (1..=100).contains(q)) {
            let same = settings::settings(quality).index == settings::settings(other).index;
            assert_eq!(check(&frame, raster.size, other).is_ok(), same, "{quality} as {other}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn any_picture_is_exact_canonical_and_within_bounds(
        width in 1..70u32, height in 1..70u32, look in prop::sample::select(&LOOKS), seed: u32, quality in 1..=100u8
    ) {
        let raster = picture(width, height, look, seed);
        reconstruction_is_exact(&raster, quality);
        let frame = encode(&raster, quality).unwrap();
        prop_assert!(check(&frame, raster.size, quality).is_ok());
        prop_assert!(frame.len() as u64 <= most_bytes(raster.size));
        prop_assert!(image_webp::vp8::Vp8Decoder::decode_frame(&frame[..]).is_ok());
    }
}

#[test]
fn more_quality_is_nearer_to_the_picture() {
    let raster = picture(96, 96, Look::Smooth, 3);
    let mut planes = Planes::new(6);
    let mut errors = Vec::new();
    for quality in [5, 25, 50, 75, 95] {
        let (coded, made) = coded(&raster, settings::settings(quality));
        let mut error = 0;
        for row in 0..6 {
            planes.take(&raster, row);
            let samples = &made[0][row * 16 * 96..][..16 * 96];
            error += planes.y.iter().zip(samples).map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2)).sum::<u64>();
        }
        errors.push((error, coded.frame().unwrap().len()));
    }
    assert!(errors.is_sorted_by(|a, b| a.0 > b.0 && a.1 < b.1), "{errors:?}");
}

/// Turns over every bit of a frame. What is still accepted is the frame of another picture; only a digest can tell those two
/// apart.
#[test]
fn no_bit_is_free() {
    for (quality, look) in [(10, Look::Smooth), (75, Look::Noise), (80, Look::Stripes), (50, Look::Flat)] {
        let raster = picture(19, 9, look, 3);
        let frame = encode(&raster, quality).unwrap();
        let shown = planes_of(&frame);
        let mut others = 0;
        for bit in 0..8 * frame.len() {
            let mut changed = frame.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            if check(&changed, raster.size, quality).is_ok() {
                assert!(bit / 8 >= frame::HEAD, "{look:?}: bit {bit} of the head is not checked");
                assert!(planes_of(&changed) != shown, "{look:?}: bit {bit} changes nothing");
                others += 1;
            }
        }
        println!("{look:?} at {quality}: {others} of {} bits make another picture's frame", 8 * frame.len());
    }
}

fn planes_of(frame: &[u8]) -> [Vec<u8>; 3] {
    let frame = Vp8Decoder::decode_frame(frame).unwrap();
    [frame.ybuf, frame.ubuf, frame.vbuf]
}

#[test]
fn nothing_may_be_put_in_or_taken_away() {
    let raster = picture(40, 24, Look::Noise, 3);
    let frame = encode(&raster, 75).unwrap();
    let refused = |bytes: &[u8]| check(bytes, raster.size, 75).is_err_and(|e| e.code() == Code::NotCanonical);
    for at in 0..frame.len() {
        assert!(refused(&frame[..at]), "cut at {at}");
        for byte in [0, 0xff, b'x'] {
            let longer = [&frame[..at], &[byte], &frame[at..]].concat();
            assert!(refused(&longer), "{byte} put in at {at}");
        }
    }
    for extra in [&b"\0"[..], b"PK\x03\x04", &frame] {
        assert!(refused(&[&frame[..], extra].concat()), "{} bytes after the end", extra.len());
    }
    for (width, height) in [(41, 24), (40, 23), (24, 40), (40, 40)] {
        assert!(check(&frame, Size::new(width, height), 75).is_err(), "as {width} x {height}");
    }
}

/// A frame of macroblocks that the encoder would not write so.
fn frame_of(size: Size, macroblocks: &[macroblock::Macroblock]) -> Vec<u8> {
    let grid = Grid::new(size);
    let (mut statistics, mut packed) = (Statistics::new(), Packed::new(grid.across));
    let mut neighbours = Neighbours::new(grid.across);
    for (i, macroblock) in macroblocks.iter().enumerate() {
        statistics.add(macroblock, neighbours.of(i % grid.across));
        packed.push(macroblock);
        if (i + 1).is_multiple_of(grid.across) {
            packed.end_row();
            neighbours.start_row();
        }
    }
    let odds = Odds::of(&statistics);
    Coded { grid, settings: settings::settings(50), macroblocks: packed, odds }.frame().unwrap()
}

#[test]
fn what_no_picture_has_is_refused() {
    use crate::vp8::modes::{LumaMode, Mode};
    use macroblock::{DCS, Macroblock};
    let whole = Macroblock { luma: LumaMode::Whole(Mode::Dc), chroma: Mode::Dc, levels: [[0; 16]; 25] };
    let parts = Macroblock { luma: LumaMode::Blocks([0; 16]), ..whole.clone() };
    let with = |macroblock: &Macroblock, block: usize, at: usize, level: i16| {
        let mut changed = macroblock.clone();
        changed.levels[block][at] = level;
        changed
    };
    let mode = |block: usize| {
        let mut modes = [0; 16];
        modes[block] = 4;
        Macroblock { luma: LumaMode::Blocks(modes), ..parts.clone() }
    };
    // what, the macroblock of a picture of 5 x 5 pixels, whether it can be of a picture
    let cases = [
        ("nothing", whole.clone(), true),
        ("luma's DCs", with(&whole, DCS, 3, -2047), true),
        ("too large a level", with(&whole, DCS, 3, 2048), false),
        ("levels inside", with(&parts, 5, 15, 7), true),
        ("levels on the right of the picture", with(&parts, 2, 0, 1), false),
        ("levels below the picture", with(&parts, 8, 0, 1), false),
        ("levels of chroma inside", with(&parts, 16, 0, 1), true),
        ("levels of chroma outside", with(&parts, 17, 0, 1), false),
        ("levels of Cr outside", with(&whole, 22, 4, 1), false),
        ("a mode inside", mode(5), true),
        ("a mode outside", mode(7), false),
    ];
    for (what, macroblock, fine) in cases {
        let size = Size::new(5, 5);
        let frame = frame_of(size, &[macroblock]);
        assert_eq!(check(&frame, size, 50).is_ok(), fine, "{what}: {:?}", check(&frame, size, 50));
    }
}

/// Right macroblocks under probabilities that do not follow from them.
#[test]
fn other_probabilities_are_refused() {
    let raster = picture(61, 47, Look::Stripes, 9);
    let settings = settings::settings(60);
    type Change = fn(&mut Odds);
    let frame = |change: Change| {
        let mut coded = Coded::new(&raster, settings);
        change(&mut coded.odds);
        coded.frame().unwrap()
    };
    let shown = planes_of(&frame(|_| ()));
    let cases: [(&str, Change); 3] = [
        ("of empty macroblocks", |odds| odds.coded ^= 3),
        ("of a token", |odds| odds.tokens[3][1][1][1] ^= 1),
        ("of tokens that do not occur", |odds| odds.tokens[0][7][2][10] ^= 1),
    ];
    check(&frame(|_| ()), raster.size, 60).unwrap();
    for (what, change) in cases {
        let frame = frame(change);
        assert!(planes_of(&frame) == shown, "{what}: the frame shows something else");
        assert!(check(&frame, raster.size, 60).is_err(), "{what}");
    }
}

#[test]
fn large_pictures_fit_their_first_partition() {
    // So many macroblocks that each may spend about 16 bits on its modes.
    let grid = Grid::new(Size::new(8192, 8192));
    let last = grid.across * grid.down - 1;
    assert!(allowance(grid, last) <= frame::MOST_FIRST as u64 * 8 * 256);
    assert!(allowance(grid, last) / (last as u64 + 1) > 15 * 256);
}
