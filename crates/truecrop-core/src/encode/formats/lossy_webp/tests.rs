//! Files read back by another's decoder, and what the check refuses.

use super::*;
use crate::error::Code;
use image_webp::WebPDecoder;
use proptest::prelude::*;
use std::io::Cursor;

fn picture(width: u32, height: u32, alpha: bool, seed: u32) -> Raster {
    let channels = if alpha { 4 } else { 3 };
    let mut state = seed | 1;
    let data = (0..width * height * channels)
        .map(|i| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let (x, y) = (i / channels % width, i / channels / width);
            match i % channels {
                3 if seed & 1 == 0 => 255,
                3 => (x * 9) as u8 ^ (y / 4 * 31) as u8,
                c => (x * (3 + c) + y * 2) as u8 / 2 + (state >> 28) as u8,
            }
        })
        .collect();
    Raster { size: Size::new(width, height), alpha, data }
}

fn decoded(file: &[u8]) -> (bool, (u32, u32), Vec<u8>) {
    let mut decoder = WebPDecoder::new(Cursor::new(file)).unwrap();
    let mut data = vec![0; decoder.output_buffer_size().unwrap()];
    decoder.read_image(&mut data).unwrap();
    (decoder.has_alpha(), decoder.dimensions(), data)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn files_are_read_by_others_and_opacity_comes_back_whole(
        width in 1..60u32, height in 1..60u32, alpha: bool, seed: u32, quality in 1..=100u8
    ) {
        let raster = picture(width, height, alpha, seed);
        let file = encode(&raster, quality).unwrap();
        let (has_alpha, size, data) = decoded(&file);
        prop_assert_eq!((has_alpha, size), (alpha, (width, height)));
        if alpha {
            let opacity = |data: &[u8]| data.chunks_exact(4).map(|pixel| pixel[3]).collect::<Vec<_>>();
            prop_assert_eq!(opacity(&data), opacity(&raster.data));
        }
        prop_assert!(check(&file, raster.size, quality).is_ok());
        prop_assert!(file.len() as u64 <= most_bytes(raster.size, alpha));
    }
}

/// What is refused, and why it would be dangerous to take.
#[test]
fn other_containers_are_refused() {
    let (plain, clear) = (picture(21, 13, false, 5), picture(21, 13, true, 5));
    let size = plain.size;
    let (plain, clear) = (encode(&plain, 70).unwrap(), encode(&clear, 70).unwrap());
    let parts = chunks(&clear).unwrap();
    let [head, alpha, frame] = parts[..] else { panic!("three chunks") };
    let raw = [&[0][..], &[255; 21 * 13]].concat();
    let filtered = [&[COMPRESSED | 1 << 2][..], &alpha.1[1..]].concat();
    let reduced = [&[COMPRESSED | 1 << 4][..], &alpha.1[1..]].concat();
    let longer = [alpha.1, &[0]].concat();
    let with = |from: &[u8], at: usize, byte: u8| {
        let mut changed = from.to_vec();
        changed[at] = byte;
        changed
    };
    let odd_frame = file(&[(b"VP8 ", &[frame.1, &[0]].concat())]);
    let mut cases = vec![
        ("nothing", Vec::new()),
        ("a header alone", plain[..12].to_vec()),
        ("lossless", super::super::webp::encode(&picture(21, 13, false, 5)).unwrap()),
        ("data behind", [&plain[..], b"PK\x03\x04"].concat()),
        ("a byte behind", [&plain[..], b"\0"].concat()),
        ("twice", [&plain[..], &plain].concat()),
        ("another length of the file", with(&plain, 4, plain[4] ^ 2)),
        ("another form", with(&plain, 11, b'Q')),
        ("the frame with a byte behind", odd_frame),
        ("extended without need", file(&[head, frame])),
        ("metadata", file(&[head, alpha, frame, (b"EXIF", b"GPS")])),
        ("metadata before", file(&[head, (b"XMP ", b"<x>"), alpha, frame])),
        ("a profile", file(&[head, (b"ICCP", b"profile"), alpha, frame])),
        ("an unknown chunk", file(&[(b"VP8 ", frame.1), (b"junk", b"hidden")])),
        ("two frames", file(&[frame, frame])),
        ("opacity after the frame", file(&[head, frame, alpha])),
        ("opacity twice", file(&[head, alpha, alpha, frame])),
        ("opacity that is not compressed", file(&[head, (b"ALPH", &raw), frame])),
        ("opacity with a filter", file(&[head, (b"ALPH", &filtered), frame])),
        ("opacity of fewer levels", file(&[head, (b"ALPH", &reduced), frame])),
        ("opacity with a byte behind", file(&[head, (b"ALPH", &longer), frame])),
        ("empty opacity", file(&[head, (b"ALPH", &[]), frame])),
        ("opacity of nothing", file(&[head, (b"ALPH", &[COMPRESSED]), frame])),
        ("animated", file(&[(b"VP8X", &with(head.1, 0, HAS_ALPHA | 2)), alpha, frame])),
        ("more flags", file(&[(b"VP8X", &with(head.1, 0, 0xff)), alpha, frame])),
        ("reserved bytes", file(&[(b"VP8X", &with(head.1, 2, 1)), alpha, frame])),
        ("another canvas", file(&[(b"VP8X", &with(head.1, 4, 21)), alpha, frame])),
        ("a short VP8X", file(&[(b"VP8X", &head.1[..9]), alpha, frame])),
        ("a chunk that is longer than the file", with(&plain, 19, 1)),
    ];
    if frame.1.len() % 2 == 1 {
        cases.push(("padding that is not 0", with(&plain, plain.len() - 1, 1)));
    }
    for (what, bytes) in cases {
        let refused = check(&bytes, size, 70).expect_err(what);
        assert_eq!(refused.code(), Code::NotCanonical, "{what}");
    }
    for (what, size, quality) in [("wider", Size::new(22, 13), 70), ("another quality", size, 40)] {
        assert!(check(&plain, size, quality).is_err() && check(&clear, size, quality).is_err(), "{what}");
    }
    check(&plain, size, 70).unwrap();
    check(&clear, size, 70).unwrap();
}

/// Each byte of a file changed: it is refused, or it is the canonical file of another picture.
#[test]
fn no_byte_is_free() {
    for alpha in [false, true] {
        let raster = picture(18, 7, alpha, 3);
        let file = encode(&raster, 60).unwrap();
        let shown = decoded(&file);
        for (at, by) in (0..file.len()).flat_map(|at| [1, 0x10, 0x80, 0xff].map(|by| (at, by))) {
            let mut changed = file.clone();
            changed[at] ^= by;
            if check(&changed, raster.size, 60).is_ok() {
                assert!(decoded(&changed) != shown, "byte {at} changes nothing");
            }
        }
        for at in 0..file.len() {
            assert!(check(&file[..at], raster.size, 60).is_err(), "cut at {at}");
        }
    }
}

#[test]
fn what_the_format_cannot_hold_is_refused() {
    let raster = Raster { size: Size::new(16_384, 1), alpha: false, data: vec![0; 3 * 16_384] };
    assert_eq!(encode(&raster, 50).unwrap_err().code(), Code::OutputTooLarge);
    assert!(check(b"", raster.size, 50).is_err());
}
