//! PNG: chunks that inflate, come in any number, or stand in the wrong place.

use super::Answer::{Picture, Refused, Truncated};
use super::Attack;
use miniz_oxide::deflate::compress_to_vec_zlib;
use truecrop_core::Code;

fn chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut sum = crc32fast::Hasher::new();
    sum.update(kind);
    sum.update(content);
    [&(content.len() as u32).to_be_bytes()[..], kind, content, &sum.finalize().to_be_bytes()].concat()
}

fn ihdr(width: u32, height: u32, bits: u8, color: u8, interlaced: bool) -> Vec<u8> {
    let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    chunk(b"IHDR", &[&size[..], &[bits, color, 0, 0, interlaced.into()]].concat())
}

fn file(chunks: &[Vec<u8>]) -> Vec<u8> {
    [&b"\x89PNG\r\n\x1a\n"[..], &chunks.concat(), &chunk(b"IEND", &[])].concat()
}

fn zlib(data: &[u8]) -> Vec<u8> {
    compress_to_vec_zlib(data, 6)
}

fn idat(data: &[u8]) -> Vec<u8> {
    chunk(b"IDAT", &zlib(data))
}

/// A file that ends behind so many zeros (at most 65,535) of its pixel data.
fn cut(header: Vec<u8>, zeros: usize) -> Vec<u8> {
    let length = (zeros as u16).to_le_bytes();
    let stored = [&[0x78, 0x01, 0][..], &length, &length.map(|byte| !byte), &vec![0; zeros]].concat();
    let whole = [&b"\x89PNG\r\n\x1a\n"[..], &header, &chunk(b"IDAT", &stored)].concat();
    whole[..whole.len() - 4].to_vec()
}

/// Gray, 8 bits, 9 x 9.
fn gray(between: &[Vec<u8>]) -> Vec<u8> {
    file(&[ihdr(9, 9, 8, 0, false), between.concat(), idat(&[0; 90])])
}

/// A profile or text chunk that inflates to so many zeros.
fn inflating(kind: &[u8; 4], size: usize) -> Vec<u8> {
    chunk(kind, &[&b"name\0\0"[..], &zlib(&vec![0; size])].concat())
}

pub fn attacks() -> Vec<Attack> {
    [streams(), palettes()].into_iter().flatten().collect()
}

/// Chunks and compressed data.
fn streams() -> Vec<Attack> {
    let damaged = Refused(Code::DamagedSource);
    let apart = |stream: &[u8], between: usize| {
        let empty = chunk(b"IDAT", &[]).repeat(between);
        stream.iter().map(|&byte| [chunk(b"IDAT", &[byte]), empty.clone()].concat()).collect::<Vec<_>>()
    };
    let mut dictionary = zlib(&[0; 90]);
    dictionary[..2].copy_from_slice(&[0x78, 0x20 | 0x1D]);
    let new = Attack::new;
    vec![
        new("zTXt of 64 MB", gray(&[inflating(b"zTXt", 64 << 20)]), Picture),
        new("iTXt of 64 MB, ten times", gray(&vec![inflating(b"iTXt", 64 << 20); 10]), Picture),
        new("iCCP of 64 MB", gray(&[inflating(b"iCCP", 64 << 20)]), Picture),
        new("iCCP of 2 MB, forty times", gray(&vec![inflating(b"iCCP", 2 << 20); 40]), Picture),
        new("4,000 chunks before the pixels", gray(&vec![chunk(b"tEXt", b"a\0b"); 4000]), Picture),
        new("5,000 chunks before the pixels", gray(&vec![chunk(b"tEXt", b"a\0b"); 5000]), damaged),
        new("200,000 empty IDAT chunks first", gray(&[chunk(b"IDAT", &[]).repeat(200_000)]), Picture),
        new(
            "10,000 empty IDAT chunks between any two bytes",
            file(&[vec![ihdr(9, 9, 8, 0, false)], apart(&zlib(&[0; 90]), 10_000)].concat()),
            Picture,
        ),
        new(
            "64 MB of zeros behind one pixel",
            file(&[ihdr(1, 1, 8, 0, false), idat(&vec![0; 64 << 20])]),
            Picture,
        ),
        new(
            "64 MB of zeros behind one pixel, Adam7",
            file(&[ihdr(1, 1, 8, 0, true), idat(&vec![0; 64 << 20])]),
            Picture,
        ),
        new("1,000,000 x 1", file(&[ihdr(1_000_000, 1, 8, 0, false), idat(&vec![0; 1_000_001])]), Picture),
        new("1 x 1,000,000", file(&[ihdr(1, 1_000_000, 8, 0, false), idat(&vec![0; 2_000_000])]), Picture),
        new(
            "1,000,000 x 1, Adam7",
            file(&[ihdr(1_000_000, 1, 16, 6, true), idat(&vec![0; 8_000_004])]),
            Picture,
        ),
        new(
            "1,000,001 x 1",
            file(&[ihdr(1_000_001, 1, 8, 0, false), idat(&[0])]),
            Refused(Code::TooManyPixels),
        ),
        new("Adam7, 1 x 1", file(&[ihdr(1, 1, 16, 6, true), idat(&[0; 9])]), Picture),
        new("Adam7, 1 x 5 of one bit", file(&[ihdr(1, 5, 1, 0, true), idat(&[0; 10])]), Picture),
        new("Adam7, 5 x 1 of one bit", file(&[ihdr(5, 1, 1, 0, true), idat(&[0; 8])]), Picture),
        new("8,000 x 8,000, no data", file(&[ihdr(8000, 8000, 16, 6, false), idat(&[0])]), damaged),
        new("8,000 x 8,000, Adam7, no data", file(&[ihdr(8000, 8000, 16, 6, true), idat(&[0])]), damaged),
        new("20,000 x 20,000 of one bit, one row", cut(ihdr(20_000, 20_000, 1, 0, false), 2501), Truncated),
        new("6,000 x 6,000 of 64 bits, one row", cut(ihdr(6000, 6000, 16, 6, false), 48_001), Truncated),
        new("6,000 x 6,000, Adam7, one row", cut(ihdr(6000, 6000, 16, 6, true), 6001), Truncated),
        new(
            "64 million zeros in 64 KB",
            file(&[ihdr(8000, 8000, 8, 0, false), idat(&vec![0; 8001 * 8000])]),
            Picture,
        ),
        new(
            "a dictionary that nobody has",
            file(&[ihdr(9, 9, 8, 0, false), chunk(b"IDAT", &dictionary)]),
            damaged,
        ),
        new(
            "an IDAT chunk of 2 GB that is not there",
            [&gray(&[])[..33], &0x7FFF_FFFF_u32.to_be_bytes(), b"IDAT", &zlib(&[0; 90])].concat(),
            Picture,
        ),
    ]
}

/// Palettes and transparent colours.
fn palettes() -> Vec<Attack> {
    let damaged = Refused(Code::DamagedSource);
    let palette = || chunk(b"PLTE", &[7; 9]);
    let keyed = |color: u8, before: &[Vec<u8>], length: usize| {
        let row = vec![0; 1 + 9 * [1, 0, 3, 1][usize::from(color)]];
        let key = chunk(b"tRNS", &vec![0; length]);
        file(&[ihdr(9, 9, 8, color, false), before.concat(), key, idat(&row.repeat(9))])
    };
    let new = Attack::new;
    vec![
        new("tRNS of 3 bytes for gray", keyed(0, &[], 3), Picture),
        new("tRNS of 2 bytes for RGB", keyed(2, &[], 2), Picture),
        new("tRNS of 256 for a palette of 3", keyed(3, &[palette()], 256), Picture),
        new("tRNS of 257 for a palette", keyed(3, &[palette()], 257), Picture),
        new("tRNS of nothing for a palette", keyed(3, &[palette()], 0), Picture),
        new("tRNS before its palette", keyed(3, &[], 3), damaged),
        new(
            "a palette behind the pixels that want it",
            file(&[ihdr(9, 9, 8, 3, false), idat(&[0; 90]), palette()]),
            damaged,
        ),
        new(
            "a palette behind the pixels",
            file(&[ihdr(9, 9, 8, 2, false), idat(&[0; 9 * 28]), palette()]),
            Picture,
        ),
        new(
            "a palette of 4 bytes",
            file(&[ihdr(9, 9, 8, 3, false), chunk(b"PLTE", &[7; 4]), idat(&[0; 90])]),
            Picture,
        ),
        new(
            "samples beyond the palette",
            file(&[ihdr(9, 9, 8, 3, false), palette(), idat(&[200; 90])]),
            damaged,
        ),
    ]
}
