//! Tests of the seam of the decoders: rows of each format, windows, truncation.

use super::*;
use crate::probe;
use std::io::Cursor;

fn png_of(width: u32, height: u32, color: ::png::ColorType, depth: ::png::BitDepth, data: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut file, width, height);
    encoder.set_color(color);
    encoder.set_depth(depth);
    encoder.write_header().unwrap().write_image_data(data).unwrap();
    file
}

/// Every row of the window, 8-bit samples.
fn rows(file: &[u8], window: Option<Window>) -> Result<(Layout, Vec<u8>)> {
    let limits = Limits::default();
    let probe = probe::probe(&mut Cursor::new(file), &limits)?;
    let mut plan = DecodePlan::whole(&probe);
    plan.window = window.unwrap_or(plan.window);
    let mut source = open(Box::new(Cursor::new(file.to_vec())), &probe, &plan, &limits, None)?;
    let mut all = Vec::new();
    while let Some(row) = source.next_row()? {
        row.append_to(&mut all);
    }
    Ok((source.layout(), all))
}

#[test]
fn a_window_of_a_png() {
    let data: Vec<u8> = (0..5 * 4 * 3).collect();
    let file = png_of(5, 4, ::png::ColorType::Rgb, ::png::BitDepth::Eight, &data);
    assert_eq!(rows(&file, None).unwrap(), (Layout::Rgb, data));
    let window = Window { x: 3, y: 1, width: 2, height: 2 };
    let expected = [24..30, 39..45].into_iter().flatten().collect();
    assert_eq!(rows(&file, Some(window)).unwrap(), (Layout::Rgb, expected));
}

#[test]
fn a_gray_jpeg() {
    let mut file = Vec::new();
    jpeg_encoder::Encoder::new(&mut file, 90)
        .encode(&[200; 9 * 7], 9, 7, jpeg_encoder::ColorType::Luma)
        .unwrap();
    let (layout, samples) = rows(&file, None).unwrap();
    assert_eq!((layout, samples.len()), (Layout::Gray, 63));
    assert!(samples.iter().all(|s| s.abs_diff(200) <= 1), "{samples:?}");
}

/// Every row of the whole picture and whether it was cut.
fn cut_rows(file: &[u8]) -> Result<(Vec<Vec<u8>>, Layout, bool)> {
    let limits = Limits::default();
    let probe = probe::probe(&mut Cursor::new(file), &limits)?;
    let plan = DecodePlan::whole(&probe);
    let mut source = open(Box::new(Cursor::new(file.to_vec())), &probe, &plan, &limits, None)?;
    let mut all = Vec::new();
    while let Some(row) = source.next_row()? {
        all.push(Vec::new());
        row.append_to(all.last_mut().unwrap());
    }
    Ok((all, source.layout(), source.truncated()))
}

/// Cuts a file at each of these places: it is refused as damaged, or each row is the whole's or filled. Returns how many
/// cuts gave a picture, and how many rows of the whole the best of them had.
fn each_cut_gives_rows_of_the_whole(
    name: &str,
    file: &[u8],
    cuts: impl Iterator<Item = usize>,
) -> (usize, usize) {
    let (whole, layout, truncated) = cut_rows(file).unwrap();
    assert!(!truncated, "{name}");
    let missing = if layout.alpha() { 0 } else { 128 };
    let (mut pictures, mut most) = (0, 0);
    for cut in cuts {
        let (rows, truncated) = match cut_rows(&file[..cut]) {
            Ok((rows, _, truncated)) => (rows, truncated),
            Err(error) => {
                let known =
                    matches!(error.code(), Code::DamagedSource | Code::UnsupportedFormat | Code::EmptySource);
                assert!(known, "{name} at {cut}: {error}");
                continue;
            }
        };
        assert_eq!(rows.len(), whole.len(), "{name} at {cut}");
        let same = rows.iter().zip(&whole).filter(|(row, of_whole)| row == of_whole).count();
        let filled = rows.iter().zip(&whole).filter(|(row, of_whole)| row != of_whole);
        for (row, _) in filled.clone() {
            assert!(row.iter().all(|v| *v == missing), "{name} at {cut}: a row that is neither");
        }
        assert!(truncated || filled.count() == 0, "{name} at {cut}: it is not told");
        pictures += 1;
        most = most.max(same);
    }
    (pictures, most)
}

fn noise(count: usize, below: u32) -> Vec<u8> {
    let mut state = 7_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((state >> 16) % below) as u8
    };
    (0..count).map(|_| next()).collect()
}

#[test]
fn a_gif_that_is_cut_gives_the_rows_that_are_there() {
    let palette: Vec<u8> = (0..=255).flat_map(|i| [i, 255 - i, i / 2]).collect();
    for (interlaced, transparent, colors) in
        [(false, None, 250), (true, None, 250), (false, Some(3), 250), (true, Some(3), 2), (false, None, 2)]
    {
        let mut file = Vec::new();
        let mut encoder = ::gif::Encoder::new(&mut file, 23, 29, &palette).unwrap();
        let frame = ::gif::Frame {
            width: 23,
            height: 29,
            interlaced,
            transparent,
            buffer: noise(23 * 29, colors).into(),
            ..Default::default()
        };
        encoder.write_frame(&frame).unwrap();
        drop(encoder);
        let name = format!("interlaced {interlaced}, transparent {transparent:?}, {colors} colours");
        let (pictures, most) = each_cut_gives_rows_of_the_whole(&name, &file, 1..file.len());
        assert!(pictures > 60 && most == 29, "{name}: {pictures} pictures, {most} rows");
    }
}

#[test]
fn an_unknown_extension_of_a_gif_is_skipped() {
    let mut file = Vec::new();
    let mut encoder = ::gif::Encoder::new(&mut file, 4, 4, &[10, 20, 30, 200, 100, 50]).unwrap();
    let frame = ::gif::Frame { width: 4, height: 4, buffer: noise(16, 2).into(), ..Default::default() };
    encoder.write_frame(&frame).unwrap();
    drop(encoder);
    // behind the screen and its palette of two colours
    let (head, rest) = file.split_at(13 + 6);
    let with = [head, &[0x21, 0x42, 3, 1, 2, 3, 0], rest].concat();
    assert_eq!(cut_rows(&with).unwrap(), cut_rows(&file).unwrap());
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../../tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn a_webp_that_is_cut_gives_rows_of_the_whole() {
    for (name, least) in [
        ("cat.webp", 100),
        ("cat-alpha-lossy.webp", 60),
        ("cat-alpha.webp", 60),
        ("orientation-6.webp", 60),
        ("animated.webp", 30),
    ] {
        let file = fixture(name);
        let step = file.len() / 40;
        let cuts = (0..file.len()).step_by(step).chain([1, 2, 3, 5, 9].map(|by| file.len() - by));
        let (pictures, most) = each_cut_gives_rows_of_the_whole(name, &file, cuts);
        println!("{name}: {pictures} pictures, at most {most} rows");
        assert!(pictures > 8 && most > least, "{name}: {pictures} pictures, {most} rows");
    }
}

/// A RIFF file of these chunks.
fn riff(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let chunk = |(kind, content): &(&[u8; 4], &[u8])| {
        let pad: &[u8] = if content.len() % 2 == 1 { &[0] } else { &[] };
        [&kind[..], &(content.len() as u32).to_le_bytes(), content, pad].concat()
    };
    let body = [&b"WEBP"[..], &chunks.iter().flat_map(chunk).collect::<Vec<u8>>()].concat();
    [&b"RIFF"[..], &(body.len() as u32).to_le_bytes(), &body].concat()
}

#[test]
fn the_first_frame_of_an_animated_webp_is_its_still_picture() {
    let mut noisy = Vec::new();
    ::image_webp::WebPEncoder::new(&mut noisy)
        .encode(&noise(40 * 30 * 4, 256), 40, 30, ::image_webp::ColorType::Rgba8)
        .unwrap();
    let opacity = fixture("cat-alpha-lossy.webp");
    for (name, file, blend) in
        [("lossless", &noisy, 0), ("lossless, not blended", &noisy, 2), ("lossy with opacity", &opacity, 0)]
    {
        let (still, layout) = rows(file, None).map(|(layout, rows)| (rows, layout)).unwrap();
        let size = probe::probe(&mut Cursor::new(file), &Limits::default()).unwrap().stored();
        let le24 = |v: u32| v.to_le_bytes()[..3].to_vec();
        let sides = [le24(size.width - 1), le24(size.height - 1)].concat();
        // what follows RIFF's header, or that of an extended file
        let picture = if &file[12..16] == b"VP8X" { &file[30..] } else { &file[12..] };
        let frame = [&[0; 6][..], &sides, &[100, 0, 0, blend], picture].concat();
        let header = [&[0x12, 0, 0, 0][..], &sides].concat();
        let animated = riff(&[(b"VP8X", &header), (b"ANIM", &[0; 6]), (b"ANMF", &frame), (b"ANMF", &frame)]);
        let (first, seen) = rows(&animated, None).map(|(layout, rows)| (rows, layout)).unwrap();
        assert_eq!(seen, layout, "{name}");
        let off = first.iter().zip(&still).filter(|(a, b)| a != b).count();
        assert!(first.len() == still.len() && off == 0, "{name}: {off} of {} samples differ", still.len());
    }
}

#[test]
fn a_long_png_has_its_far_end_where_it_is() {
    const LONG: u32 = 1_000_000;
    let value = |i: u32| (i.wrapping_mul(2_654_435_761) >> 24) as u8;
    let data: Vec<u8> = (0..LONG).map(value).collect();
    for (width, height) in [(LONG, 1), (1, LONG)] {
        let file = png_of(width, height, ::png::ColorType::Grayscale, ::png::BitDepth::Eight, &data);
        let x = width.saturating_sub(5);
        let y = height.saturating_sub(5);
        let window = Window { x, y, width: width - x, height: height - y };
        let (_, seen) = rows(&file, Some(window)).unwrap();
        assert_eq!(seen, (LONG - 5..LONG).map(value).collect::<Vec<_>>(), "{width} x {height}");
    }
}

/// A PNG with its compressed data in so many IDAT chunks, of which one has a wrong checksum.
fn in_chunks(file: &[u8], parts: usize, wrong: Option<usize>) -> Vec<u8> {
    let mut out = file[..8].to_vec();
    let (mut at, mut stream) = (8, Vec::new());
    while at < file.len() {
        let length = u32::from_be_bytes(file[at..at + 4].try_into().unwrap()) as usize;
        let end = at + 12 + length;
        match &file[at + 4..at + 8] {
            b"IDAT" => stream.extend_from_slice(&file[at + 8..end - 4]),
            b"IEND" => {
                for (i, part) in stream.chunks(stream.len().div_ceil(parts)).enumerate() {
                    let mut chunk = crate::test_images::chunk(b"IDAT", part);
                    *chunk.last_mut().unwrap() ^= u8::from(wrong == Some(i));
                    out.extend(chunk);
                }
            }
            _ => out.extend_from_slice(&file[at..end]),
        }
        at = end;
    }
    [&out[..], &crate::test_images::chunk(b"IEND", &[])].concat()
}

#[test]
fn behind_a_wrong_checksum_of_its_pixel_data_nothing_of_a_png_is_used() {
    let limits = Limits::default();
    let seen = |file: &[u8], window: Option<Window>| {
        let probe = probe::probe(&mut Cursor::new(file), &limits).unwrap();
        let mut plan = DecodePlan::whole(&probe);
        plan.window = window.unwrap_or(plan.window);
        let mut source = open(Box::new(Cursor::new(file.to_vec())), &probe, &plan, &limits, None).unwrap();
        let mut rows = Vec::new();
        while let Some(row) = source.next_row().unwrap() {
            rows.push(Vec::new());
            row.append_to(rows.last_mut().unwrap());
        }
        (rows, source.truncated(), source.ignored_checksum())
    };
    for name in ["cat.png", "cat-adam7.png"] {
        let file = fixture(name);
        let (whole, ..) = seen(&file, None);
        let cases = [
            ("right, one chunk", in_chunks(&file, 1, None), false, false),
            ("right, five", in_chunks(&file, 5, None), false, false),
            ("wrong, one chunk", in_chunks(&file, 1, Some(0)), false, true),
            ("the third of five", in_chunks(&file, 5, Some(2)), true, true),
            ("the last of five", in_chunks(&file, 5, Some(4)), false, true),
        ];
        for (what, file, truncated, ignored) in cases {
            let (rows, cut, told) = seen(&file, None);
            assert_eq!((cut, told), (truncated, ignored), "{name}: {what}");
            if !truncated {
                assert!(rows == whole, "{name}: {what}");
            }
            // the upper rows do not need what is wrong, but where it begins the file
            let top = Window { x: 3, y: 1, width: 20, height: 4 };
            let upper = seen(&file, Some(top));
            let sequential = name == "cat.png";
            assert!(!sequential || upper.0 == seen(&fixture(name), Some(top)).0, "{name}: {what}");
            assert!(!sequential || (!upper.1 && !upper.2), "{name}: {what}: the upper rows");
        }
    }
}
