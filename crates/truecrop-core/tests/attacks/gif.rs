//! GIF: LZW data that says little or much, and frames that lie elsewhere.

use super::Answer::{Picture, Refused};
use super::Attack;
use truecrop_core::Code;

/// A file of one frame: the screen, the frame's place and size, and what stands from the least code size on.
fn gif(screen: [u16; 2], frame: [u16; 4], data: &[u8]) -> Vec<u8> {
    let words = |words: &[u16]| words.iter().flat_map(|w| w.to_le_bytes()).collect::<Vec<u8>>();
    let palette = [0x80, 0, 0, 9, 9, 9, 200, 200, 200];
    [&b"GIF89a"[..], &words(&screen), &palette, b"\x2C", &words(&frame), b"\0", data].concat()
}

/// Data in blocks of `size` bytes, behind the least code size.
fn blocks(least: u8, data: &[u8], size: usize) -> Vec<u8> {
    let mut out = vec![least];
    for part in data.chunks(size) {
        out.push(part.len() as u8);
        out.extend(part);
    }
    out.extend(b"\0\x3B");
    out
}

/// LZW codes of `pixels` zeros: each code stands for one pixel more than the one before.
fn zeros(pixels: u64) -> Vec<u8> {
    let (mut out, mut acc, mut count) = (Vec::new(), 0_u32, 0);
    let mut put = |code: u32, width: u32| {
        acc |= code << count;
        count += width;
        while count >= 8 {
            out.push(acc as u8);
            (acc, count) = (acc >> 8, count - 8);
        }
    };
    let mut left = pixels as i64;
    while left > 0 {
        put(4, 3);
        let mut width = 3;
        put(0, width);
        left -= 1;
        for (length, next) in (2..).zip(6..4096) {
            put(next, width);
            left -= length;
            // the reader knows one code less than the writer
            if next + 1 == 1 << width && width < 12 {
                width += 1;
            }
            if left <= 0 {
                break;
            }
        }
        put(4, width);
    }
    put(5, 3);
    put(0, 8);
    out
}

pub fn attacks() -> Vec<Attack> {
    let one = blocks(2, &[0x44, 0x01], 255);
    let damaged = Refused(Code::DamagedSource);
    let comment = |count: usize| [&b"\x21\xFE"[..], &b"\x01x".repeat(count), b"\0"].concat();
    let commented = |count: usize| {
        let file = gif([1, 1], [0, 0, 1, 1], &one);
        [&file[..19], &comment(count), &file[19..]].concat()
    };
    let new = Attack::new;
    vec![
        new("GIF of 8,000 x 8,000 pixels and no data", gif([8000, 8000], [0, 0, 8000, 8000], &one), damaged),
        new(
            "GIF of 65,535 x 65,535 pixels",
            gif([65_535, 65_535], [0, 0, 65_535, 65_535], &one),
            Refused(Code::TooManyPixels),
        ),
        new(
            "16 million pixels in 22 KB",
            gif([4000, 4000], [0, 0, 4000, 4000], &blocks(2, &zeros(16_000_000), 255)),
            Picture,
        ),
        new(
            "a million pixels in blocks of one byte",
            gif([1000, 1000], [0, 0, 1000, 1000], &blocks(2, &zeros(1_000_000), 1)),
            Picture,
        ),
        new("a frame beyond the screen", gif([4, 4], [5000, 5000, 1, 1], &one), Picture),
        new("a frame far beyond its screen", gif([4, 4], [65_535, 0, 1, 1], &one), Picture),
        new("a frame without pixels", gif([4, 4], [0, 0, 0, 9], &one), damaged),
        new("codes of no bits", gif([4, 4], [0, 0, 4, 4], &blocks(0, &[0; 40], 255)), damaged),
        new("codes of 12 bits at the least", gif([4, 4], [0, 0, 4, 4], &blocks(12, &[0; 40], 255)), damaged),
        new("codes of 255 bits", gif([4, 4], [0, 0, 4, 4], &blocks(255, &[0; 40], 255)), damaged),
        new(
            "260,000 codes that clear",
            gif([9, 9], [0, 0, 9, 9], &blocks(7, &[0x80; 1 << 18], 255)),
            damaged,
        ),
        new("100,000 comments of one letter", commented(100_000), Picture),
        new("200,000 comments of one letter", commented(200_000), damaged),
    ]
}
