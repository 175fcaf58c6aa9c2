//! Every ancillary chunk of a PNG that is used, and every way in which it may be wrong: then it counts as absent.
//!
//! Each line was compared with what Chromium 156 and Firefox 153 show; where the two differ, the line follows the
//! specification (W3C PNG, third edition).
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

use std::io::Cursor;
use std::ops::ControlFlow;
use std::slice;
use truecrop_core::Limits;
use truecrop_core::geometry::Crop;
use truecrop_core::pipeline::crop;
use truecrop_core::probe::probe;
use truecrop_core::recipe::{Format, OutputSpec, Recipe};

/// A chunk: its kind and content, and whether its checksum is right.
#[derive(Clone)]
struct Chunk(&'static [u8; 4], Vec<u8>, bool);

impl Chunk {
    fn bytes(&self) -> Vec<u8> {
        let Chunk(kind, content, right) = self;
        let mut sum = crc32fast::Hasher::new();
        sum.update(*kind);
        sum.update(content);
        let sum = sum.finalize() ^ u32::from(!right);
        [&(content.len() as u32).to_be_bytes()[..], *kind, content, &sum.to_be_bytes()].concat()
    }
}

/// Which picture the chunks are put into.
#[derive(Clone, Copy, PartialEq)]
enum Picture {
    /// One bit.
    Gray1,
    Gray8,
    Gray16,
    Rgb,
    Palette,
}

use Picture::{Gray1, Gray8, Gray16, Palette, Rgb};

impl Picture {
    const ALL: [Picture; 5] = [Gray1, Gray8, Gray16, Rgb, Palette];

    /// The picture with chunks behind IHDR, behind the palette, between the pixels and behind them.
    fn file(self, front: &[Chunk], behind_palette: &[Chunk], behind_pixels: &[Chunk]) -> Vec<u8> {
        const SIDE: u8 = 8;
        let (bits, color, pixel): (u8, u8, fn(u8) -> Vec<u8>) = match self {
            Gray1 => (1, 0, |_| Vec::new()),
            Gray8 => (8, 0, |v| vec![v]),
            Gray16 => (16, 0, |v| vec![v, 7]),
            Rgb => (8, 2, |v| vec![v, 255 - v, 90]),
            Palette => (8, 3, |v| vec![v / 128]),
        };
        let row = |y: u8| match self {
            Gray1 => vec![0, 0x55 << (y % 2)],
            _ => [vec![0], (0..SIDE).flat_map(|x| pixel(30 * x + 5 * y)).collect()].concat(),
        };
        let pixels = (0..SIDE).flat_map(row).collect::<Vec<u8>>();
        let header = [&[0, 0, 0, SIDE, 0, 0, 0, SIDE][..], &[bits, color, 0, 0, 0]].concat();
        let palette = if self == Palette { vec![200, 100, 50, 10, 20, 230] } else { vec![] };
        let palette = (self == Palette).then_some(Chunk(b"PLTE", palette, true));
        let idat = Chunk(b"IDAT", miniz_oxide::deflate::compress_to_vec_zlib(&pixels, 6), true);
        let all = [
            &[Chunk(b"IHDR", header, true)],
            front,
            palette.as_slice(),
            behind_palette,
            &[idat],
            behind_pixels,
            &[Chunk(b"IEND", vec![], true)],
        ];
        let chunks = all.concat().iter().map(Chunk::bytes).collect::<Vec<_>>();
        [&b"\x89PNG\r\n\x1a\n"[..], &chunks.concat()].concat()
    }
}

/// The whole picture as a PNG, and the orientation; or the refusal's code.
fn shown(file: &[u8]) -> Result<(Vec<u8>, u8), &'static str> {
    let limits = Limits::default();
    let source = probe(&mut Cursor::new(file), &limits).map_err(|e| e.code().as_str())?;
    let output = OutputSpec::new("main", source.oriented(), Format::Png).unwrap();
    let recipe = Recipe::new(Crop::whole(source.oriented()).unwrap(), vec![output]).unwrap();
    let reader = Box::new(Cursor::new(file.to_vec()));
    let cropped = crop(reader, &recipe, &limits, &mut |_| ControlFlow::Continue(()));
    let cropped = cropped.map_err(|e| e.code().as_str())?;
    Ok((cropped.outputs[0].1.clone(), source.orientation().value()))
}

fn be(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_be_bytes()).collect()
}

fn profile() -> Vec<u8> {
    let file: &[u8] = include_bytes!("../../../tests/fixtures/cat-p3.png");
    let at = file.windows(4).position(|w| w == b"iCCP").unwrap();
    let length = u32::from_be_bytes(file[at - 4..at].try_into().unwrap()) as usize;
    file[at + 4..at + 4 + length].to_vec()
}

/// The chunks that are used: kind, a content that changes what is seen, and another one.
fn used(picture: Picture) -> Vec<(&'static [u8; 4], Vec<u8>, Vec<u8>)> {
    let exif = |value: u8| {
        [&b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0"[..], &[value, 0, 0, 0, 0, 0, 0, 0]].concat()
    };
    let gray_profile = b"gray\0\0nonsense".to_vec();
    let transparent = match picture {
        Gray1 => (vec![0, 1], vec![0, 0]),
        Gray8 => (vec![0, 30], vec![0, 60]),
        Gray16 => (vec![30, 7], vec![60, 7]),
        Rgb => (vec![0, 30, 0, 225, 0, 90], vec![0, 60, 0, 195, 0, 90]),
        Palette => (vec![128], vec![0, 9]),
    };
    let mut chunks = vec![
        (b"eXIf", exif(6), exif(3)),
        (b"gAMA", be(&[100_000]), be(&[70_000])),
        (b"cICP", vec![12, 8, 0, 1], vec![1, 8, 0, 0]),
        (b"tRNS", transparent.0, transparent.1),
    ];
    if matches!(picture, Rgb | Palette) {
        chunks.push((b"iCCP", profile(), gray_profile));
    }
    chunks
}

#[test]
fn an_ancillary_chunk_that_is_wrong_counts_as_absent() {
    let mut wrong = Vec::new();
    for picture in Picture::ALL {
        let plain = shown(&picture.file(&[], &[], &[])).unwrap();
        for (kind, content, other) in used(picture) {
            // a palette's alphas come behind it, and may
            let front = |chunks: &[Chunk]| {
                let behind = picture == Palette && kind == b"tRNS";
                shown(&if behind { picture.file(&[], chunks, &[]) } else { picture.file(chunks, &[], &[]) })
            };
            let right = Chunk(kind, content.clone(), true);
            let with = front(slice::from_ref(&right)).unwrap();
            let bad = Chunk(kind, other.clone(), false);
            let cut = |content: &[u8]| Chunk(kind, content[..content.len() - 1].to_vec(), true);
            let long = Chunk(kind, [&content[..], &[0; 300]].concat(), true);
            let moved = if kind == b"tRNS" && picture == Palette {
                shown(&picture.file(slice::from_ref(&right), &[], &[]))
            } else if kind != b"eXIf" && picture == Palette {
                shown(&picture.file(&[], slice::from_ref(&right), &[]))
            } else {
                Ok(plain.clone())
            };
            // of eXIf and of a compressed profile the last byte is not needed
            let length_matters = !matches!(kind, b"eXIf" | b"iCCP");
            let either = |chunk: Chunk| if length_matters { front(&[chunk]) } else { Ok(plain.clone()) };
            let cases = [
                ("wrong checksum", front(&[Chunk(kind, content.clone(), false)]), &plain),
                ("wrong checksum, then a right one", front(&[bad.clone(), right.clone()]), &with),
                ("a right one, then a wrong checksum", front(&[right.clone(), bad]), &with),
                ("cut", if content.len() > 1 { either(cut(&content)) } else { Ok(plain.clone()) }, &plain),
                ("long", either(long.clone()), &plain),
                ("wrong length, then a right one", either(long).and(front(slice::from_ref(&right))), &with),
                ("twice: the first counts", front(&[right.clone(), Chunk(kind, other, true)]), &with),
                ("in the wrong place", moved, &plain),
                ("behind the pixels", shown(&picture.file(&[], &[], slice::from_ref(&right))), &plain),
            ];
            // black and white are the same in every colour space
            if with == plain && !(picture == Gray1 && matches!(kind, b"gAMA" | b"cICP")) {
                wrong.push(format!("{}: changes nothing", kind.escape_ascii()));
            }
            for (name, got, expected) in cases {
                if got.as_ref() != Ok(expected) {
                    wrong.push(format!("{}, {name}: {:?}", kind.escape_ascii(), got.map(|(_, o)| o)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_stands_behind_a_wrong_statement_of_colour_counts() {
    let chunk = |kind: &'static [u8; 4], content: &[u8]| Chunk(kind, content.to_vec(), true);
    let gamma = chunk(b"gAMA", &be(&[100_000]));
    let p3 = chunk(b"cHRM", &be(&[31_270, 32_900, 68_000, 32_000, 26_500, 69_000, 15_000, 6_000]));
    let seen = |chunks: &[Chunk]| shown(&Rgb.file(chunks, &[], &[])).unwrap();
    let (plain, linear) = (seen(&[]), seen(slice::from_ref(&gamma)));
    let wide = seen(&[gamma.clone(), p3.clone()]);
    assert!(plain != linear && linear != wide && plain != wide);
    let badly = |Chunk(kind, content, _): Chunk| Chunk(kind, content, false);
    let cases = [
        ("sRGB", vec![chunk(b"sRGB", &[0]), gamma.clone()], &plain),
        ("sRGB, wrong checksum", vec![badly(chunk(b"sRGB", &[0])), gamma.clone()], &linear),
        ("sRGB, no such intent", vec![chunk(b"sRGB", &[9]), gamma.clone()], &linear),
        ("sRGB of two bytes", vec![chunk(b"sRGB", &[0, 0]), gamma.clone()], &linear),
        ("cHRM, wrong checksum", vec![badly(p3.clone()), gamma.clone()], &linear),
        ("cHRM, cut", vec![chunk(b"cHRM", &p3.1[..31]), gamma.clone()], &linear),
        ("cHRM alone", vec![p3.clone()], &plain),
        ("gAMA, wrong checksum", vec![badly(gamma.clone()), p3.clone()], &plain),
        ("gAMA of 0", vec![chunk(b"gAMA", &[0; 4]), gamma.clone()], &linear),
        ("cICP of YCbCr", vec![chunk(b"cICP", &[12, 13, 1, 1]), gamma.clone()], &linear),
        ("cICP, narrow range", vec![chunk(b"cICP", &[12, 13, 0, 0]), gamma.clone()], &linear),
        ("cICP of high dynamic range", vec![chunk(b"cICP", &[9, 16, 0, 1]), gamma.clone()], &linear),
        (
            "cICP, narrow range, then full",
            vec![chunk(b"cICP", &[12, 13, 0, 0]), chunk(b"cICP", &[1, 13, 0, 1])],
            &plain,
        ),
        ("iCCP, not compressed", vec![chunk(b"iCCP", b"x\0\0nonsense"), gamma.clone()], &linear),
        ("iCCP, another compression", vec![chunk(b"iCCP", b"x\0\x01nonsense"), gamma.clone()], &linear),
    ];
    for (name, chunks, expected) in cases {
        assert!(seen(&chunks) == *expected, "{name}");
    }
}

#[test]
fn of_a_transparent_value_the_bits_of_the_picture_count() {
    for (picture, value, wide) in [
        (Gray1, vec![0, 1], vec![0xFF, 0xFF]),
        (Gray8, vec![0, 30], vec![1, 30]),
        (Rgb, vec![0, 30, 0, 225, 0, 90], vec![1, 30, 2, 225, 3, 90]),
    ] {
        let seen =
            |value: &[u8]| shown(&picture.file(&[Chunk(b"tRNS", value.to_vec(), true)], &[], &[])).unwrap();
        assert!(seen(&value) == seen(&wide));
    }
}

#[test]
fn an_exif_block_that_is_written_as_in_a_jpeg_counts_as_absent() {
    let block = used(Rgb).swap_remove(0).1;
    let prefixed = Chunk(b"eXIf", [b"Exif\0\0", &block[..]].concat(), true);
    let turned = |chunks: &[Chunk]| shown(&Rgb.file(chunks, &[], &[])).unwrap().1;
    assert_eq!(turned(slice::from_ref(&prefixed)), 1);
    assert_eq!(turned(&[prefixed, Chunk(b"eXIf", block, true)]), 6);
}

#[test]
fn a_palette_with_a_wrong_checksum_is_damage_where_it_is_used() {
    let palette = |right: bool| Chunk(b"PLTE", vec![7; 9], right);
    for (picture, right, refused) in
        [(Rgb, false, false), (Rgb, true, false), (Palette, true, true), (Palette, false, true)]
    {
        let got = shown(&picture.file(&[palette(right)], &[], &[]));
        assert_eq!(got.is_err(), refused, "{:?}", got.err());
    }
}
