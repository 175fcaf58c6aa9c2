//! Tests of decoding PNG: every kind against the crate `png`, both ways through Adam7.

use super::adam7_buffered::Adam7Buffered;
use super::adam7_streaming::Adam7Streaming;
use super::*;
use crate::decode::{DecodePlan, Layout, Window};
use crate::geometry::Size;
use crate::limits::Limits;
use crate::probe::{self, formats::PngFacts};
use crate::test_images::chunk;
use std::io::{Cursor, Read, Seek, SeekFrom};

/// Random numbers, the same in every run.
struct Dice(u32);

impl Dice {
    fn roll(&mut self, below: u32) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((u64::from(self.0) * u64::from(below)) >> 32) as u32
    }
}

/// Colour type and bits of a sample: all that there are.
const KINDS: [(u8, u8); 15] = [
    (0, 1),
    (0, 2),
    (0, 4),
    (0, 8),
    (0, 16),
    (2, 8),
    (2, 16),
    (3, 1),
    (3, 2),
    (3, 4),
    (3, 8),
    (4, 8),
    (4, 16),
    (6, 8),
    (6, 16),
];

/// A picture of random filters over random bytes, in random IDAT chunks.
fn picture(dice: &mut Dice, (color, bits): (u8, u8), size: Size, adam7: bool, key: bool) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let sides = [size.width.to_be_bytes(), size.height.to_be_bytes()].concat();
    file.extend(chunk(b"IHDR", &[&sides[..], &[bits, color, 0, 0, u8::from(adam7)]].concat()));
    let colors = 1 + dice.roll(1 << bits.min(8));
    if color == 3 {
        file.extend(chunk(b"PLTE", &(0..colors * 3).map(|_| dice.roll(256) as u8).collect::<Vec<_>>()));
    }
    if key && color < 4 {
        let length = [2, 0, 6, 1 + dice.roll(colors)][usize::from(color)];
        // within the bits of a sample: the crate `png` does not mask the others, as the specification wants it
        let most = 4.min(1 << bits.min(8));
        let key: Vec<u8> = (0..length).map(|i| if i % 2 == 1 { dice.roll(most) as u8 } else { 0 }).collect();
        file.extend(chunk(b"tRNS", &key));
    }
    let facts = PngFacts { color, bits, palette: Vec::new(), transparent: None, data: 0, intact: true };
    let rows: Vec<usize> = if adam7 {
        let all = adam7::passes(&facts, size, &Window::whole(size));
        all.iter().flat_map(|p| vec![p.length; p.rows as usize]).collect()
    } else {
        vec![facts.row_bytes(size.width); size.height as usize]
    };
    // with one value only, the last bytes of the file become many rows
    let spread = [1, 2, 4, 256][dice.roll(4) as usize];
    let mut stream = Vec::new();
    for row in rows {
        stream.push(dice.roll(spread.min(5)) as u8);
        stream.extend((0..row).map(|_| dice.roll(spread) as u8));
    }
    let level = dice.roll(10) as u8;
    let mut rest = &miniz_oxide::deflate::compress_to_vec_zlib(&stream, level)[..];
    while !rest.is_empty() {
        let (part, behind) = rest.split_at(rest.len().min(dice.roll(3000) as usize));
        file.extend(chunk(b"IDAT", part));
        rest = behind;
    }
    file.extend(chunk(b"IEND", b""));
    file
}

/// All rows' samples as 16 bits, and whether they were all there.
fn drain(rows: &mut dyn RowSource) -> Result<(Layout, Vec<u16>, bool)> {
    let mut all = Vec::new();
    while let Some(row) = rows.next_row()? {
        match row {
            Row::U8(samples) => all.extend(samples.iter().map(|&s| u16::from(s))),
            Row::U16(samples) => all.extend_from_slice(samples),
            Row::Planes(_) => unreachable!("PNG rows come pixel by pixel"),
        }
    }
    Ok((rows.layout(), all, rows.truncated()))
}

/// A reader that gives a few bytes at once.
struct Crumbs(Cursor<Vec<u8>>, u32);

impl Read for Crumbs {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        self.1 = self.1 * 5 % 97 + 1;
        let count = out.len().min(self.1 as usize);
        self.0.read(&mut out[..count])
    }
}

impl Seek for Crumbs {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.0.seek(to)
    }
}

fn bytes(file: &[u8]) -> PositionedReader {
    PositionedReader::new(Box::new(Cursor::new(file.to_vec())))
}

/// What the `png` crate makes of the whole picture.
fn reference(file: &[u8]) -> Vec<u16> {
    let mut decoder = ::png::Decoder::new(Cursor::new(file));
    decoder.set_transformations(::png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let mut data = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut data).unwrap();
    match info.bit_depth {
        ::png::BitDepth::Sixteen => data.chunks_exact(2).map(|b| u16::from_be_bytes([b[0], b[1]])).collect(),
        _ => data.into_iter().map(u16::from).collect(),
    }
}

fn cut(whole: &[u16], layout: Layout, size: Size, window: Window) -> Vec<u16> {
    let channels = layout.channels();
    let rows = window.y..window.y + window.height;
    let row = |y: u32| (y * size.width + window.x) as usize * channels;
    rows.flat_map(|y| whole[row(y)..][..window.width as usize * channels].to_vec()).collect()
}

fn some_window(dice: &mut Dice, size: Size) -> Window {
    let (x, y) = (dice.roll(size.width), dice.roll(size.height));
    Window { x, y, width: 1 + dice.roll(size.width - x), height: 1 + dice.roll(size.height - y) }
}

#[test]
fn every_kind_of_picture_as_the_png_crate_reads_it() {
    let mut dice = Dice(1);
    for round in 0..8 {
        for kind in KINDS {
            for (adam7, key) in [(false, false), (false, true), (true, false), (true, true)] {
                let longest = if round == 0 { 700 } else { 40 };
                let size = Size::new(1 + dice.roll(longest), 1 + dice.roll(longest));
                let file = picture(&mut dice, kind, size, adam7, key);
                let expected = reference(&file);
                let limits = Limits::default();
                let probe = probe::probe(&mut Cursor::new(&file), &limits).unwrap();
                let what = format!("{kind:?} {size:?} Adam7 {adam7} tRNS {key}");
                for window in [Window::whole(size), some_window(&mut dice, size)] {
                    let plan = DecodePlan { window, scale: 8, coarse_chroma: false };
                    let reader = Box::new(Crumbs(Cursor::new(file.clone()), 1));
                    let mut rows = open(reader, &probe, &plan).unwrap();
                    let (layout, samples, truncated) = drain(&mut *rows).unwrap();
                    assert!(!truncated, "{what}");
                    assert_eq!(samples, cut(&expected, layout, size, window), "{what} {window:?}");
                }
            }
        }
    }
}

/// Pixels, or the refusal; the same by both ways, whatever is wrong with the file.
#[test]
fn both_ways_through_adam7_give_the_same() {
    let mut dice = Dice(2);
    let (mut whole, mut short, mut broken) = (0, 0, 0);
    for round in 0..2500 {
        let kind = KINDS[dice.roll(15) as usize];
        let longest = if round % 50 == 0 { 600 } else { 48 };
        let size = Size::new(1 + dice.roll(longest), 1 + dice.roll(longest));
        let key = dice.roll(2) == 0;
        let mut file = picture(&mut dice, kind, size, true, key);
        let facts = probe::probe(&mut Cursor::new(&file), &Limits::default()).unwrap().png().unwrap().clone();
        let body = facts.data as u32..file.len() as u32;
        match round % 4 {
            0 => {}
            1 => file.truncate((body.start + dice.roll(body.end - body.start)) as usize),
            _ => {
                let at = body.start + dice.roll(body.end - body.start);
                file[at as usize] ^= 1 << dice.roll(8);
            }
        }
        let window = some_window(&mut dice, size);
        let buffered =
            Adam7Buffered::decode(bytes(&file), &facts, size, window).and_then(|mut rows| drain(&mut rows));
        let streaming =
            Adam7Streaming::start(bytes(&file), &facts, size, window).and_then(|mut rows| drain(&mut rows));
        match (&buffered, &streaming) {
            (Ok(a), Ok(b)) => {
                assert!(a == b, "round {round}: {kind:?} {size:?} {window:?}: other pixels");
                if a.2 { short += 1 } else { whole += 1 }
            }
            (Err(a), Err(b)) => {
                assert_eq!(a.code(), b.code(), "round {round}");
                broken += 1;
            }
            (a, b) => panic!(
                "round {round}: {kind:?} {size:?} {window:?}: buffered {:?}, streaming {:?}",
                a.is_ok(),
                b.is_ok()
            ),
        }
    }
    assert!(whole > 500 && short > 300 && broken > 300, "{whole} whole, {short} short, {broken} broken");
}

/// What a file cut short still shows is a part of the picture; the rest is the filling for missing rows.
#[test]
fn a_file_cut_short_gives_what_it_has() {
    let mut dice = Dice(3);
    for (color, bits) in KINDS {
        for adam7 in [false, true] {
            let size = Size::new(60, 50);
            let file = picture(&mut dice, (color, bits), size, adam7, false);
            let limits = Limits::default();
            let probe = probe::probe(&mut Cursor::new(&file), &limits).unwrap();
            let expected = reference(&file);
            let data = probe.png().unwrap().data as usize;
            let part = file[..data + (file.len() - data) * 2 / 3].to_vec();
            let mut rows = open(Box::new(Cursor::new(part)), &probe, &DecodePlan::whole(&probe)).unwrap();
            let (layout, samples, truncated) = drain(&mut *rows).unwrap();
            let none = match (layout.alpha(), bits) {
                (true, _) => 0,
                (false, 16) => u16::from(MISSING) * 257,
                _ => u16::from(MISSING),
            };
            let right = samples.iter().zip(&expected).filter(|(a, b)| a == b).count();
            assert!(
                (truncated || right == samples.len()) && right * 4 > samples.len(),
                "{color} {bits} Adam7 {adam7}: {right} are right"
            );
            assert!(
                samples.iter().zip(&expected).all(|(a, b)| a == b || *a == none),
                "{color} {bits} {adam7}"
            );
            let cut = Box::new(Cursor::new(file[..data + 12].to_vec()));
            let no_rows =
                open(cut, &probe, &DecodePlan::whole(&probe)).and_then(|mut rows| drain(&mut *rows));
            assert_eq!(no_rows.unwrap_err().code(), Code::DamagedSource);
        }
    }
}

/// The picture with other pixel data: IDAT chunks, and what stands between and behind them.
fn with_pixel_data(file: &[u8], chunks: &[Vec<u8>]) -> Vec<u8> {
    let data = probe::probe(&mut Cursor::new(file), &Limits::default()).unwrap().png().unwrap().data as usize;
    [&file[..data], &chunks.concat()].concat()
}

/// Whatever ends the pixel data before its rows: what is there is shown, the same as of a file that is cut there.
#[test]
fn pixel_data_that_ends_too_early_is_a_file_that_ends_there() {
    let mut dice = Dice(4);
    let size = Size::new(60, 50);
    for (color, bits) in KINDS {
        for adam7 in [false, true] {
            let file = picture(&mut dice, (color, bits), size, adam7, false);
            let facts =
                probe::probe(&mut Cursor::new(&file), &Limits::default()).unwrap().png().unwrap().clone();
            let bytes: usize = if adam7 {
                adam7::passes(&facts, size, &Window::whole(size))
                    .iter()
                    .map(|p| (p.length + 1) * p.rows as usize)
                    .sum()
            } else {
                (facts.row_bytes(size.width) + 1) * size.height as usize
            };
            // each value is a filter, wherever a row begins
            let stream: Vec<u8> = (0..bytes).map(|_| dice.roll(5) as u8).collect();
            let there = &stream[..bytes * 3 / 5];
            // stored blocks: of each byte in the file, it is known which row it belongs to
            let zlib = |stream: &[u8]| miniz_oxide::deflate::compress_to_vec_zlib(stream, 0);
            let (whole, short) = (zlib(&stream), zlib(there));
            let split = 2 + 5 + there.len();
            let (first, rest) = whole.split_at(split);
            let (end, text) = (chunk(b"IEND", b""), chunk(b"tEXt", b"a\0b"));
            let cases = [
                ("the file ends", vec![chunk(b"IDAT", &whole)[..8 + split].to_vec()]),
                (
                    "another chunk between",
                    vec![chunk(b"IDAT", first), text, chunk(b"IDAT", rest), end.clone()],
                ),
                ("no more chunks", vec![chunk(b"IDAT", first), end.clone()]),
                ("the stream ends", vec![chunk(b"IDAT", &short), end]),
            ];
            let mut seen = Vec::new();
            for (name, chunks) in cases {
                let file = with_pixel_data(&file, &chunks);
                let probe = probe::probe(&mut Cursor::new(&file), &Limits::default()).unwrap();
                let mut rows = open(Box::new(Cursor::new(file)), &probe, &DecodePlan::whole(&probe)).unwrap();
                let (_, samples, truncated) = drain(&mut *rows).unwrap();
                assert!(truncated, "{name}: {color} {bits} {adam7}");
                seen.push((name, samples));
            }
            for (name, samples) in &seen[1..] {
                assert!(*samples == seen[0].1, "{name}: {color} {bits} {adam7}");
            }
        }
    }
}
