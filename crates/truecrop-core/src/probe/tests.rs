//! Tests of reading headers: facts, hostile headers, orientation.

use super::*;
use crate::test_images::{self, chunk, exif, iccp, probe_of, rgb_png, with_chunk, with_segment};
use std::io::Cursor;

fn refused(file: &[u8]) -> Error {
    probe(&mut Cursor::new(file), &Limits::default()).unwrap_err()
}

#[test]
fn what_is_not_decoded_is_named() {
    let cases: &[(&[u8], &str)] = &[
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "heic"),
        (b"\0\0\0\x1Cftypmif1\0\0\0\0mif1heicmiaf", "heic"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1miaf", "heif"),
        (b"\0\0\0\x1Cftypjpeg\0\0\0\0mif1jpegmiaf", "heif"),
        (b"\0\0\0\x1Cftypavif\0\0\0\0avifmif1miaf", "avif"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp42", "mp4"),
        (b"II*\0\x08\0\0\0", "tiff"),
        (b"MM\0*\0\0\0\x08", "tiff"),
        (b"BM\x46\0\0\0", "bmp"),
        (b"\xFF\x0A\x10\x20", "jxl"),
        (b"\0\0\0\x0CJXL \r\n\x87\n", "jxl"),
        (b"\0\0\0\x0CjP  \r\n\x87\n", "jp2"),
        (b"\0\0\x01\0\x01\0", "ico"),
        (b"8BPS\0\x01", "psd"),
        (b"%PDF-1.7\n", "pdf"),
        (b"\xEF\xBB\xBF<?xml version=\"1.0\"?>\n<svg xmlns=\"\">", "svg"),
        (b"  <!-- x --><SVG>", "svg"),
        (b"<!DOCTYPE html><html><svg>", "html"),
        (b"PK\x03\x04", "zip"),
        (b"hello", "unknown"),
        (b"\xFF", "unknown"),
        (b"RIFF\0\0\0\0WAVE", "unknown"),
    ];
    for (file, name) in cases {
        let error = refused(file);
        // Where the rare formats are decoded, these files are only too short.
        if cfg!(feature = "all-formats") && matches!(*name, "tiff" | "bmp" | "ico") {
            assert_eq!(error.code(), Code::DamagedSource, "{error}");
            continue;
        }
        // Where HEIC is decoded, these files have no picture.
        if cfg!(feature = "heic") && matches!(*name, "heic" | "heif") {
            assert_eq!(error.code(), Code::UnsupportedFormat, "{error}");
            continue;
        }
        let got = error.got().and_then(|v| v.as_str().map(str::to_owned));
        assert_eq!((error.code(), got.as_deref()), (Code::UnsupportedFormat, Some(*name)), "{error}");
    }
    assert_eq!(refused(b"").code(), Code::EmptySource);
}

fn gray_jpeg() -> Vec<u8> {
    test_images::jpeg(9, 7, jpeg_encoder::ColorType::Luma, &[128; 63])
}

fn webp(width: u32, height: u32) -> Vec<u8> {
    let mut file = Vec::new();
    let data = [1, 2, 3].repeat((width * height) as usize);
    image_webp::WebPEncoder::new(&mut file)
        .encode(&data, width, height, image_webp::ColorType::Rgb8)
        .unwrap();
    file
}

fn riff_chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let pad: &[u8] = if content.len() % 2 == 1 { &[0] } else { &[] };
    [&kind[..], &(content.len() as u32).to_le_bytes(), content, pad].concat()
}

/// An extended WebP around a simple one: flags, chunks before the pixels and behind them.
fn extended_webp(flags: u8, before: &[u8], simple: &[u8], behind: &[u8]) -> Vec<u8> {
    let header = [flags, 0, 0, 0, 8, 0, 0, 6, 0, 0];
    let body = [b"WEBP", &riff_chunk(b"VP8X", &header)[..], before, &simple[12..], behind].concat();
    [&b"RIFF"[..], &(body.len() as u32).to_le_bytes(), &body].concat()
}

#[test]
fn all_eight_orientations_in_both_byte_orders_and_three_containers() {
    for value in 1..=8u16 {
        for little in [true, false] {
            let block = exif(value, little);
            let app1 = [b"Exif\0\0", &block[..]].concat();
            let files = [
                ("jpeg", with_segment(&gray_jpeg(), 0xE1, &app1)),
                (
                    "jpeg, another sixth byte",
                    with_segment(&gray_jpeg(), 0xE1, &[b"Exif\0\xFF", &block[..]].concat()),
                ),
                ("png", with_chunk(&rgb_png(9, 7, [0; 3]), b"eXIf", &block)),
                ("webp", extended_webp(0x08, &[], &webp(9, 7), &riff_chunk(b"EXIF", &block))),
                ("webp, JPEG's prefix", extended_webp(0x08, &[], &webp(9, 7), &riff_chunk(b"EXIF", &app1))),
            ];
            for (name, file) in files {
                let probe = probe_of(&file);
                assert_eq!(probe.orientation().value(), value as u8, "{name}");
                assert_eq!(probe.stored(), Size::new(9, 7), "{name}");
                let seen = if value >= 5 { Size::new(7, 9) } else { Size::new(9, 7) };
                assert_eq!(probe.oriented(), seen, "{name}");
            }
        }
    }
}

#[test]
fn an_orientation_may_be_any_kind_of_whole_number_but_a_byte() {
    for (kind, name) in [(3, "SHORT"), (4, "LONG"), (8, "SSHORT"), (9, "SLONG")] {
        let mut block = exif(6, true);
        block[12] = kind;
        let file = with_segment(&gray_jpeg(), 0xE1, &[b"Exif\0\0", &block[..]].concat());
        assert_eq!(probe_of(&file).orientation().value(), 6, "{name}");
    }
}

#[test]
fn unreadable_exif_means_upright() {
    let good = exif(6, true);
    let with = |at: usize, bytes: &[u8]| {
        let mut block = good.clone();
        block[at..at + bytes.len()].copy_from_slice(bytes);
        block
    };
    let cases = [
        ("empty", Vec::new()),
        ("cut", good[..18].to_vec()),
        ("no byte order", with(0, b"XX")),
        ("not TIFF", with(2, &[43])),
        ("directory behind the end", with(4, &[0xFF; 4])),
        ("directory in the header", with(4, &[0; 4])),
        ("65535 entries", with(8, &[0xFF, 0xFF, 0, 0])),
        ("text", with(12, &[2])),
        ("BYTE", with(12, &[1])),
        ("two values", with(14, &[2])),
        ("zero", exif(0, true)),
        ("nine", exif(9, false)),
    ];
    for (name, block) in cases {
        let file = with_segment(&gray_jpeg(), 0xE1, &[b"Exif\0\0", &block[..]].concat());
        assert_eq!(probe_of(&file).orientation(), Orientation::NORMAL, "{name}");
    }
}

#[test]
fn of_two_exif_blocks_the_first_counts() {
    let block = |bytes: &[u8]| [b"Exif\0\0", bytes].concat();
    let (six, one, broken) = (block(&exif(6, true)), block(&exif(1, true)), block(b"XXXX"));
    for (first, second, seen) in [(&six, &one, 6), (&one, &six, 1), (&broken, &six, 1)] {
        // segments are put behind the SOI, so the last comes first
        let file = with_segment(&with_segment(&gray_jpeg(), 0xE1, second), 0xE1, first);
        assert_eq!(probe_of(&file).orientation().value(), seen);
    }
}

fn icc_segment(number: u8, count: u8, part: &[u8]) -> Vec<u8> {
    [b"ICC_PROFILE\0", &[number, count][..], part].concat()
}

#[test]
fn profiles_are_joined_and_bounded() {
    let jpeg = |parts: &[(u8, u8, &[u8])]| {
        // segments are put behind the SOI, so the last comes first
        parts.iter().rev().fold(gray_jpeg(), |f, (n, c, p)| with_segment(&f, 0xE2, &icc_segment(*n, *c, p)))
    };
    let png = with_chunk(&rgb_png(9, 7, [0; 3]), b"iCCP", &iccp(b"profile"));
    let profile = || StatedColor::Icc(b"profile".to_vec());
    // the stream of an iCCP chunk without its last four bytes, which are its check sum, and with a wrong one
    let sized = [&132_u32.to_be_bytes()[..], &[7; 128]].concat();
    let chunk = iccp(&sized);
    let without = chunk[..chunk.len() - 4].to_vec();
    let wrong = [&without[..], &[0; 4]].concat();
    let in_png = |chunk: &[u8]| with_chunk(&rgb_png(1, 1, [0; 3]), b"iCCP", chunk);
    let cases = [
        ("one segment", jpeg(&[(1, 1, b"profile")]), profile()),
        ("out of order", jpeg(&[(2, 2, b"file"), (1, 2, b"pro")]), profile()),
        ("one missing", jpeg(&[(1, 2, b"pro")]), StatedColor::Unreadable),
        ("twice the same", jpeg(&[(1, 2, b"pro"), (1, 2, b"pro")]), StatedColor::Unreadable),
        ("number 0", jpeg(&[(0, 1, b"pro")]), StatedColor::Unreadable),
        ("PNG", png, profile()),
        ("PNG, not zlib", in_png(b"x\0\0nonsense"), StatedColor::Unreadable),
        ("PNG, cut off", in_png(&chunk[..chunk.len() - 8]), StatedColor::Unreadable),
        ("PNG without its check sum", in_png(&without), StatedColor::Icc(sized.clone())),
        ("PNG with a wrong check sum", in_png(&wrong), StatedColor::Icc(sized.clone())),
        ("WebP", extended_webp(0x20, &riff_chunk(b"ICCP", b"profile"), &webp(9, 7), &[]), profile()),
    ];
    for (name, file, profile) in cases {
        assert_eq!(probe_of(&file).stated_colors(), [profile], "{name}");
    }
}

#[test]
fn a_profile_that_is_too_large_counts_as_none_and_is_told() {
    let limit = 4 << 20;
    assert_eq!(Limits::default().profile_bytes, limit);
    let part = |i: u8| icc_segment(i, 80, &vec![i; 60_000]);
    let jpeg =
        |order: &dyn Fn(u8) -> u8| (1..=80).fold(gray_jpeg(), |f, i| with_segment(&f, 0xE2, &part(order(i))));
    let png = |size: usize| with_chunk(&rgb_png(1, 1, [0; 3]), b"iCCP", &iccp(&vec![0; size]));
    let stored = [&b"x\0\0"[..], &vec![0; limit]].concat();
    let webp = |size: usize| extended_webp(0x20, &riff_chunk(b"ICCP", &vec![0; size]), &webp(9, 7), &[]);
    let too_large = |bytes: usize| vec![StatedColor::IccTooLarge { bytes: bytes as u64 }];
    let zeros = || vec![StatedColor::Icc(vec![0; limit])];
    assert!(png(16 << 20).len() < 100_000, "a bomb is small");
    let cases = [
        ("JPEG", jpeg(&|i| i), too_large(80 * 60_000)),
        ("JPEG, backwards", jpeg(&|i| 81 - i), too_large(80 * 60_000)),
        ("JPEG, one number", jpeg(&|_| 1), vec![StatedColor::Unreadable]),
        ("PNG at the limit", png(limit), zeros()),
        ("PNG beyond it", png(limit + 1), too_large(limit + 1)),
        ("PNG, a bomb", png(16 << 20), too_large(limit + 1)),
        (
            "PNG, a chunk beyond it",
            with_chunk(&rgb_png(1, 1, [0; 3]), b"iCCP", &stored),
            too_large(limit + 3),
        ),
        ("WebP at the limit", webp(limit), zeros()),
        ("WebP beyond it", webp(limit + 1), too_large(limit + 1)),
    ];
    for (name, file, stated) in cases {
        assert!(probe_of(&file).stated_colors() == stated, "{name}");
    }
}

#[test]
fn all_that_a_png_says_of_its_colours_is_kept_in_the_order_of_precedence() {
    let gamma = StatedColor::Measured { gamma: 45_455, chromaticities: None };
    let profile = || StatedColor::Icc(b"profile".to_vec());
    let coded = |primaries, transfer| StatedColor::Coded { primaries, transfer };
    type Chunks<'a> = [(&'a [u8; 4], &'a [u8])];
    let compressed = iccp(b"profile");
    let (gama, iccp, srgb) =
        ((b"gAMA", &45_455_u32.to_be_bytes()[..]), (b"iCCP", &compressed[..]), (b"sRGB", &[0][..]));
    let cases: [(&str, &Chunks<'_>, Vec<StatedColor>); 5] = [
        ("nothing", &[], vec![]),
        (
            "everything, backwards",
            &[gama, srgb, iccp, (b"cICP", &[12, 13, 0, 1])],
            vec![coded(12, 13), profile(), StatedColor::Srgb, gamma.clone()],
        ),
        ("not RGB", &[(b"cICP", &[12, 13, 1, 1]), iccp], vec![StatedColor::Unreadable, profile()]),
        (
            "narrow range",
            &[(b"cICP", &[12, 13, 0, 0]), srgb],
            vec![StatedColor::Unreadable, StatedColor::Srgb],
        ),
        ("a broken profile", &[(b"iCCP", b"x\0\0nonsense"), gama], vec![StatedColor::Unreadable, gamma]),
    ];
    for (name, chunks, stated) in cases {
        // chunks are put behind IHDR, so the last comes first
        let file =
            chunks.iter().rev().fold(rgb_png(1, 1, [0; 3]), |f, (kind, data)| with_chunk(&f, kind, data));
        assert_eq!(probe_of(&file).stated_colors(), stated, "{name}");
    }
}

#[test]
fn hostile_headers_are_refused_with_figures() {
    let mut giant_jpeg = gray_jpeg();
    let frame = giant_jpeg.windows(2).position(|w| w == [0xFF, 0xC0]).unwrap();
    giant_jpeg[frame + 5..frame + 9].fill(0xFF);
    let mut flat_jpeg = gray_jpeg();
    flat_jpeg[frame + 5..frame + 7].fill(0);
    let mut wide_png = rgb_png(1, 1, [0; 3]);
    wide_png[16..20].copy_from_slice(&0x7FFF_FFFFu32.to_be_bytes());
    let mut odd_png = rgb_png(1, 1, [0; 3]);
    odd_png[24] = 3;
    let endless = with_chunk(&rgb_png(1, 1, [0; 3]), b"iCCP", b"x\0\0");
    let cases: Vec<(&str, Vec<u8>, Code)> = vec![
        ("65535 x 65535 JPEG", giant_jpeg, Code::TooManyPixels),
        ("JPEG without rows", flat_jpeg, Code::DamagedSource),
        ("PNG of 2^31-1 columns", wide_png, Code::TooManyPixels),
        ("PNG of 3 bits", odd_png, Code::DamagedSource),
        ("JPEG of its first marker", b"\xFF\xD8\xFF\xD9".to_vec(), Code::DamagedSource),
        (
            "PNG without pixels",
            [&rgb_png(1, 1, [0; 3])[..33], &chunk(b"IEND", b"")].concat(),
            Code::DamagedSource,
        ),
        ("PNG cut", endless[..50].to_vec(), Code::DamagedSource),
        ("GIF without frame", b"GIF89a\x01\0\x01\0\0\0\0\x3B".to_vec(), Code::DamagedSource),
        ("WebP cut", webp(3, 3)[..22].to_vec(), Code::DamagedSource),
        ("12-bit JPEG", patched(&gray_jpeg(), frame + 4, 12), Code::UnsupportedFormat),
        ("lossless JPEG", patched(&gray_jpeg(), frame + 1, 0xC3), Code::UnsupportedFormat),
        ("arithmetic JPEG", patched(&gray_jpeg(), frame + 1, 0xC9), Code::UnsupportedFormat),
        ("JPEG of two components", patched(&gray_jpeg(), frame + 9, 2), Code::UnsupportedFormat),
    ];
    for (name, file, code) in cases {
        let error = refused(&file);
        assert_eq!(error.code(), code, "{name}: {error}");
        let field = error.field().unwrap_or_default();
        assert!(field == "source" || field.starts_with("source."), "{name}: {field}");
    }
}

fn patched(file: &[u8], at: usize, value: u8) -> Vec<u8> {
    let mut file = file.to_vec();
    file[at] = value;
    file
}

#[test]
fn a_34_byte_webp_of_144_megapixels_is_known_by_its_header() {
    let bits = 11_999u32 | 11_999 << 14;
    let body = [&[0x2F][..], &bits.to_le_bytes(), &[0; 8]].concat();
    let file = [b"RIFF\x1A\0\0\0WEBP", &riff_chunk(b"VP8L", &body)[..]].concat();
    assert_eq!(file.len(), 34);
    assert_eq!(probe_of(&file).stored(), Size::new(12_000, 12_000));
    let limits = Limits { source_pixels: 100_000_000, ..Limits::default() };
    let error = probe(&mut Cursor::new(&file), &limits).unwrap_err();
    assert_eq!(error.code(), Code::TooManyPixels);
    assert_eq!((error.expected(), error.got()), (Some(&100_000_000.into()), Some(&144_000_000.into())));
}

#[test]
fn transparency_and_animation_are_told() {
    let gif = |screen: u8, control: &[u8], frames: usize| {
        let frame = b"\x2C\0\0\0\0\x02\0\x02\0\0\x02\x02\x44\x01\0";
        [
            &b"GIF89a"[..],
            &[screen, 0, screen, 0, 0x80, 0, 0, 1, 2, 3, 4, 5, 6],
            control,
            &frame.repeat(frames),
            b"\x3B",
        ]
        .concat()
    };
    let transparent = b"\x21\xF9\x04\x01\0\0\0\0";
    let opaque = b"\x21\xF9\x04\0\0\0\0\0";
    let rgba = test_images::png(1, 1, ::png::ColorType::Rgba, ::png::BitDepth::Eight, &[0; 4]);
    let palette = test_images::png(1, 1, ::png::ColorType::Indexed, ::png::BitDepth::Eight, &[0]);
    let behind = 33 + 12 + 768;
    let keyed = [&palette[..behind], &chunk(b"tRNS", &[0]), &palette[behind..]].concat();
    let gray16 = test_images::png(1, 1, ::png::ColorType::Grayscale, ::png::BitDepth::Sixteen, &[0; 2]);
    let cases = [
        ("GIF", gif(2, b"", 1), false, false),
        ("GIF, opaque", gif(2, opaque, 1), false, false),
        ("GIF, transparent index", gif(2, transparent, 1), true, false),
        ("GIF, frame smaller than its screen", gif(3, b"", 1), true, false),
        ("GIF, frame larger than its screen", gif(1, b"", 1), false, false),
        ("GIF of two frames", gif(2, b"", 2), false, true),
        ("PNG", rgb_png(1, 1, [0; 3]), false, false),
        ("PNG, RGBA", rgba, true, false),
        ("PNG, palette", palette.clone(), false, false),
        ("PNG, palette and tRNS", keyed, true, false),
        ("PNG, tRNS before its palette", with_chunk(&palette, b"tRNS", &[0]), false, false),
        ("PNG, 16 bits", gray16.clone(), false, false),
        ("APNG", with_chunk(&rgb_png(1, 1, [0; 3]), b"acTL", &[0, 0, 0, 1, 0, 0, 0, 0]), false, true),
        ("WebP", webp(9, 7), false, false),
        ("WebP, alpha flag", extended_webp(0x10, &[], &webp(9, 7), &[]), true, false),
        ("WebP, animation flag", extended_webp(0x02, &[], &webp(9, 7), &[]), false, true),
        ("JPEG", gray_jpeg(), false, false),
    ];
    for (name, file, alpha, animated) in cases {
        let probe = probe_of(&file);
        assert_eq!((probe.alpha(), probe.animated()), (alpha, animated), "{name}");
    }
    assert_eq!(probe_of(&gray16).depth(), Depth::Sixteen);
    assert_eq!(probe_of(&gif(1, b"", 1)).stored(), Size::new(2, 2));
}

#[test]
fn whatever_webp_the_decoder_takes_has_prefix_codes_that_make_sense() {
    let whole: &[u8] = include_bytes!("../../../../tests/fixtures/cat-alpha.webp");
    assert_eq!(&whole[12..16], b"VP8L");
    let mut state = 1_u32;
    let mut roll = |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % below
    };
    let (mut taken, mut refused) = (0, 0);
    for _ in 0..150 {
        // behind the header: transforms, entropy image and codes
        let mut file = whole.to_vec();
        file[25 + roll(600)] ^= 1 << roll(8);
        let facts = probe_of(&file).webp().copied().expect("what a WebP says");
        let decoded = std::panic::catch_unwind(|| {
            let mut decoder = image_webp::WebPDecoder::new(Cursor::new(&file)).ok()?;
            let mut pixels = vec![0; decoder.output_buffer_size()?];
            decoder.read_image(&mut pixels).ok()
        });
        match decoded {
            Ok(Some(())) => {
                assert!(facts.intact, "{facts:?}");
                taken += 1;
            }
            _ => refused += 1,
        }
    }
    assert!(taken > 25 && refused > 25, "{taken} taken, {refused} refused");
}
