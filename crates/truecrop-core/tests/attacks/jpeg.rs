//! JPEG: scans and tables without end, headers that promise too much, codes that run past the picture (T.81, annexes B
//! to G).

use super::Answer::{Picture, Refused, Truncated};
use super::Attack;
use truecrop_core::Code;

fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    [&[0xFF, marker][..], &(content.len() as u16 + 2).to_be_bytes(), content].concat()
}

/// A quantisation table of one value.
fn dqt(value: u16) -> Vec<u8> {
    segment(0xDB, &[&[0x10][..], &value.to_be_bytes().repeat(64)].concat())
}

/// A frame header of so many components, of which the first has the sampling factors `first`.
fn sof(marker: u8, width: u16, height: u16, components: u8, first: u8) -> Vec<u8> {
    let parts = (1..=components).flat_map(|id| [id, if id == 1 { first } else { 0x11 }, 0]);
    let head = [&[8][..], &height.to_be_bytes(), &width.to_be_bytes(), &[components]].concat();
    segment(marker, &[head, parts.collect()].concat())
}

/// A scan header with its band and bit positions, in T.81's names; all components take the tables 0.
fn sos(parts: &[u8], ss: u8, se: u8, ah_al: u8) -> Vec<u8> {
    let parts: Vec<u8> = parts.iter().flat_map(|&id| [id, 0]).collect();
    segment(0xDA, &[&[parts.len() as u8 / 2][..], &parts, &[ss, se, ah_al]].concat())
}

/// A Huffman table whose codes all have `length` bits.
fn dht(class: u8, slot: u8, length: usize, symbols: &[u8]) -> Vec<u8> {
    let mut counts = [0; 16];
    counts[length - 1] = symbols.len() as u8;
    segment(0xC4, &[&[class << 4 | slot][..], &counts, symbols].concat())
}

fn dri(interval: u16) -> Vec<u8> {
    segment(0xDD, &interval.to_be_bytes())
}

/// The start of a gray file of this size, up to its scans.
fn gray(marker: u8, width: u16, height: u16) -> Vec<u8> {
    [vec![0xFF, 0xD8], dqt(1), sof(marker, width, height, 1, 0x11)].concat()
}

/// A file: the start, and everything behind it.
fn file(start: Vec<u8>, rest: &[Vec<u8>]) -> Vec<u8> {
    [&start[..], &rest.concat(), &[0xFF, 0xD9]].concat()
}

/// The scan of a baseline gray picture of 9 x 9 pixels: four empty blocks (by the tables of T.81, annex K).
fn four_blocks() -> Vec<u8> {
    [sos(&[1], 0, 63, 0), vec![0b0010_1000, 0b1010_0010, 0b1000_1010]].concat()
}

/// EOB runs of 32,767 blocks each, `times` of them: the code 0, and 14 bits.
fn eob_runs(times: usize) -> Vec<u8> {
    // 24 bits: the code has 10 of them
    [0x00, 0x3F, 0xFE].repeat(times)
}

/// The Huffman table of [`eob_runs`].
fn eob_run_table() -> Vec<u8> {
    dht(1, 0, 10, &[0xE0])
}

/// Every second MCU of every scan is missing: restart intervals of two MCUs, without data.
fn missing_mcus(width: u16, height: u16, scans: usize) -> Vec<u8> {
    let intervals = usize::from(width).div_ceil(8) * usize::from(height).div_ceil(8) / 2;
    let markers: Vec<u8> = (0..intervals).flat_map(|i| [0xFF, 0xD0 + (i % 8) as u8]).collect();
    let dc = [dri(2), sos(&[1], 0, 0, 0), markers.clone()].concat();
    let ac = [sos(&[1], 1, 5, 0), markers].concat();
    file(gray(0xC2, width, height), &[dc, ac.repeat(scans - 1)])
}

/// A profile in 255 segments of 5,000 bytes, numbered by `number`.
fn profile(number: impl Fn(u8) -> u8) -> Vec<u8> {
    let part = |i: u8| segment(0xE2, &[&b"ICC_PROFILE\0"[..], &[number(i), 255], &[i; 5000]].concat());
    (1..=255).flat_map(part).collect()
}

/// EXIF of one entry, whose directory stands at `at` and is followed by the one at `next`.
fn exif(at: u32, tag: u16, value: u32, next: u32) -> Vec<u8> {
    let entry = [&tag.to_le_bytes()[..], &[4, 0, 1, 0, 0, 0], &value.to_le_bytes()].concat();
    let tiff = [&b"II*\0"[..], &at.to_le_bytes(), &[1, 0], &entry, &next.to_le_bytes()].concat();
    segment(0xE1, &[&b"Exif\0\0"[..], &tiff].concat())
}

/// With a segment in front of everything.
fn with(segments: Vec<u8>) -> Vec<u8> {
    let whole = file(gray(0xC0, 9, 9), &[four_blocks()]);
    [&whole[..2], &segments, &whole[2..]].concat()
}

pub fn attacks() -> Vec<Attack> {
    headers().into_iter().chain(scans()).chain(tables()).chain(metadata()).collect()
}

fn headers() -> Vec<Attack> {
    let damaged = Refused(Code::DamagedSource);
    let dnl = |height: u16| segment(0xDC, &height.to_be_bytes());
    let huge = |side: u16, marker: u8, components: u8, first: u8| {
        let ids: Vec<u8> = (1..=components).collect();
        let last = if marker == 0xC2 { 0 } else { 63 };
        let start = [vec![0xFF, 0xD8], dqt(1), sof(marker, side, side, components, first)].concat();
        [start, sos(&ids, 0, last, 0), vec![0x5A; 20]].concat()
    };
    let new = Attack::new;
    vec![
        new("height in DNL", file(gray(0xC0, 9, 0), &[four_blocks(), dnl(9)]), damaged),
        new("another height in DNL", file(gray(0xC0, 9, 9), &[four_blocks(), dnl(60_000)]), Picture),
        new("65,535 x 65,535", huge(65_535, 0xC0, 3, 0x22), Refused(Code::TooManyPixels)),
        new("65,535 x 65,535, progressive", huge(65_535, 0xC2, 3, 0x22), Refused(Code::TooManyPixels)),
        // the largest square within the limits
        new("23,170 x 23,170", huge(23_170, 0xC0, 3, 0x22), Truncated),
        new("23,170 x 23,170, progressive", huge(23_170, 0xC2, 3, 0x22), Truncated),
        new("23,170 x 23,170, CMYK", huge(23_170, 0xC0, 4, 0x11), Truncated),
        new("23,170 x 23,170, CMYK, progressive", huge(23_170, 0xC2, 4, 0x11), Truncated),
        new(
            "65,528 x 8,192 in intervals of one",
            file(gray(0xC0, 65_528, 8192), &[dri(1), sos(&[1], 0, 63, 0), vec![0x5A; 1 << 20]]),
            Truncated,
        ),
        new(
            "differences that add up",
            file(gray(0xC0, 65_528, 96), &[dht(0, 0, 1, &[15]), sos(&[1], 0, 63, 0), vec![0x7E; 400_000]]),
            Truncated,
        ),
        new("no bytes but 0xFF", [gray(0xC0, 9, 9), vec![0xFF; 1 << 22]].concat(), damaged),
        new("nothing but starts", [0xFF, 0xD8].repeat(1 << 20), damaged),
    ]
}

fn scans() -> Vec<Attack> {
    let damaged = Refused(Code::DamagedSource);
    let many = Refused(Code::TooManyScans);
    let dc = || sos(&[1], 0, 0, 0);
    let large = |bits: u8| {
        let ac = [sos(&[1], 1, 63, bits), eob_runs(300)].concat().repeat(99);
        file(gray(0xC2, 30_000, 17_000), &[eob_run_table(), dc(), vec![0; 1], ac])
    };
    let progressive =
        |rest: &[Vec<u8>]| file(gray(0xC2, 9, 9), &[&[eob_run_table(), dc(), vec![0; 8]][..], rest].concat());
    let markers = |order: &[u8]| {
        let pieces = order.iter().map(|n| [&[0b0010_1011][..], &[0xFF, 0xD0 + n]].concat());
        file(gray(0xC0, 80, 80), &[dri(3), sos(&[1], 0, 63, 0), pieces.flatten().collect()])
    };
    let new = Attack::new;
    vec![
        new("5,000 scans", progressive(&[[sos(&[1], 1, 5, 0), vec![0; 4]].concat().repeat(5000)]), many),
        new("5,000 scans of a sequential file", file(gray(0xC0, 9, 9), &vec![four_blocks(); 5000]), Picture),
        new("100 scans over 510 megapixels", large(0x00), Truncated),
        new("99 refinements over 510 megapixels", large(0x10), Truncated),
        new("100 scans with every second MCU missing", missing_mcus(65_528, 16, 100), Truncated),
        new("a band that ends before it starts", progressive(&[sos(&[1], 9, 8, 0), vec![0; 4]]), Truncated),
        new("a band of everything", file(gray(0xC2, 9, 9), &[sos(&[1], 0, 63, 0), vec![0; 9]]), damaged),
        new("a band of 255", progressive(&[sos(&[1], 1, 255, 0), vec![0; 4]]), Truncated),
        new("bits that are refined twice", progressive(&[sos(&[1], 1, 5, 0x33), vec![0; 4]]), Truncated),
        new("bits from 15 on", progressive(&[sos(&[1], 1, 5, 0x0F), vec![0; 4]]), Truncated),
        new("a refinement of nothing", progressive(&[sos(&[1], 1, 63, 0x10), eob_runs(1)]), Picture),
        new(
            "a scan of one component twice",
            file(gray(0xC0, 9, 9), &[sos(&[1, 1], 0, 63, 0), vec![0; 9]]),
            damaged,
        ),
        new("a scan of no component", file(gray(0xC0, 9, 9), &[sos(&[], 0, 63, 0), vec![0; 9]]), damaged),
        new(
            "a scan of 64 blocks",
            {
                let start = [vec![0xFF, 0xD8], dqt(1), sof(0xC0, 99, 99, 4, 0x44)].concat();
                file(start, &[sos(&[1, 2, 3, 4], 0, 63, 0), vec![0; 99]])
            },
            damaged,
        ),
        new("EOB runs past the picture", progressive(&[sos(&[1], 1, 63, 0), eob_runs(9)]), Picture),
        new("restarts backwards", markers(&[7, 6, 5, 4, 3, 2, 1, 0]), Truncated),
        new("one restart again and again", markers(&[0; 4000]), Truncated),
        new("restarts from four on", markers(&[4, 0, 4, 0, 4, 0, 4, 0]), Truncated),
    ]
}

fn tables() -> Vec<Attack> {
    let all: Vec<u8> = (0..=254).collect();
    let dc: Vec<u8> = (0..12).collect();
    let eight = |length: usize| -> Vec<u8> {
        (0..4).flat_map(|slot| [dht(0, slot, length, &dc), dht(1, slot, length + 1, &all)].concat()).collect()
    };
    let scan =
        |i: usize| [eight(8 + i % 4), sos(&[1], 0, 0, if i == 0 { 0x0D } else { 0 }), vec![0; 8]].concat();
    let thick = segment(0xDB, &[&[0][..], &[9; 64]].concat().repeat(1000));
    let new = Attack::new;
    let damaged = Refused(Code::DamagedSource);
    vec![
        new("8,000 Huffman tables", with(dht(1, 0, 8, &all).repeat(8000)), Truncated),
        new("9,000 Huffman tables", with(dht(1, 0, 8, &all).repeat(9000)), damaged),
        new("100,000 quantisation tables", with(thick.repeat(100)), Picture),
        new(
            "100 scans of eight tables each",
            file(gray(0xC2, 9, 9), &(0..100).map(scan).collect::<Vec<_>>()),
            Picture,
        ),
        new("a Huffman table of no code", with(dht(1, 0, 8, &[])), Truncated),
        new("a Huffman table of too many codes", with(dht(1, 0, 4, &all)), damaged),
        new("a quantisation table that is cut", with(segment(0xDB, &[0; 30])), damaged),
    ]
}

fn metadata() -> Vec<Attack> {
    let new = Attack::new;
    vec![
        new("a profile in 255 pieces, backwards", with(profile(|i| 255 - (i - 1))), Picture),
        new("a profile in 255 pieces of one number", with(profile(|_| 7)), Picture),
        new("a profile in 255 pieces, one missing", with(profile(|i| i % 255)), Picture),
        new("profiles of 3 MB", with([profile(|i| i), profile(|i| i), profile(|i| i)].concat()), Picture),
        new("a directory that follows itself", with(exif(8, 0x0100, 1, 8)), Picture),
        new("a directory in its own entry", with(exif(8, 0x8769, 8, 0)), Picture),
        new("a directory at the end of the numbers", with(exif(u32::MAX, 0x0112, 6, u32::MAX)), Picture),
        new("1,000 directories", with(exif(8, 0x8769, 8, 8).repeat(1000)), Picture),
    ]
}
