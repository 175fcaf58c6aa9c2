//! Reads an icon or a cursor: its directory, and the header of its largest picture, which is a PNG or a BMP without file header.

use super::bmp::{self, Bitmap};
use super::{Change, Header, HeaderReader, Result, unsupported};
use crate::error::damaged;
use crate::limits::Limits;
use crate::probe::Depth;
use crate::probe::formats::png;

/// Pictures that are looked at. Icons have up to a dozen.
const MAX_PICTURES: u16 = 256;

/// A BMP's file header, and the longest header that we write after it.
const FILE_HEADER: u32 = 14;
const V4_HEADER: u32 = 108;

pub(super) fn read_header(scan: &mut HeaderReader<'_>, limits: &Limits) -> Result<Header> {
    let (start, length) = largest(scan)?;
    scan.move_to(start)?;
    if scan.peek(8)? != b"\x89PNG\r\n\x1a\n" {
        return read_bitmap(scan, start);
    }
    let length = length.min(scan.length().saturating_sub(start));
    let mut part = scan.part(start, length);
    let mut header = png::read_header(&mut HeaderReader::new(&mut part, length)?, limits)?;
    header.facts.rare = Some(super::RareFacts { start, ..super::RareFacts::default() });
    Ok(header)
}

/// Where the largest picture is, and its bytes; of several that are equally large, the one with the most colours.
fn largest(scan: &mut HeaderReader<'_>) -> Result<(u64, u64)> {
    scan.skip(2)?;
    let (kind, count) = (scan.le16()?, scan.le16()?);
    let mut best: Option<((u32, u16), u64, u64)> = None;
    for _ in 0..count.min(MAX_PICTURES) {
        let [width, height, _, _] = scan.array()?;
        let [_, bits] = [scan.le16()?, scan.le16()?];
        let (length, start) = (scan.le32()?, scan.le32()?);
        // 0 stands for 256. Where an icon has the bits of a pixel, a cursor has the place of its point.
        let side = |side: u8| u32::from(side.wrapping_sub(1)) + 1;
        let rank = (side(width) * side(height), if kind == 1 { bits } else { 0 });
        if best.is_none_or(|(other, ..)| rank > other) {
            best = Some((rank, u64::from(start), u64::from(length)));
        }
    }
    best.map(|(_, start, length)| (start, length)).ok_or_else(|| damaged("it has no picture"))
}

/// The header of a bitmap, whose height counts its mask too.
fn read_bitmap(scan: &mut HeaderReader<'_>, start: u64) -> Result<Header> {
    let bitmap = Bitmap::read(scan)?;
    if bitmap.header_bytes != 40 || bitmap.compression != 0 {
        return Err(unsupported("an icon of a rare kind", "ico"));
    }
    if !matches!(bitmap.bits, 1 | 4 | 8 | 16 | 24 | 32) || bitmap.colors > 256 {
        return Err(damaged("its pixels have an impossible number of bits"));
    }
    let height = bitmap.height / 2;
    let palette = match (bitmap.bits, bitmap.colors) {
        (1..=8, 0) => 1 << bitmap.bits,
        (1..=8, colors) => colors,
        _ => 0,
    };
    let row = (u64::from(bitmap.width) * u64::from(bitmap.bits)).div_ceil(32) * 4;
    let mask = u64::from(palette) * 4 + row * u64::from(height);
    let pixels = u64::from(bitmap.width) * u64::from(height);
    // A picture without alpha is held as RGB beside the frame.
    let working = bmp::WORKING + 4 * u64::from(bitmap.width) + if bitmap.bits == 32 { 0 } else { 3 * pixels };
    let header = Header::rare(bitmap.width, height, 4, Depth::Eight);
    let head = file_header(&bitmap, height, palette);
    Ok(header.with_working(working).with_change(Change::Icon { mask }).with_head(head, start + 40))
}

/// The header of a BMP file of these pixels. With 32 bits they have alpha, which only the fourth version can say.
fn file_header(bitmap: &Bitmap, height: u32, palette: u32) -> Vec<u8> {
    let length = if bitmap.bits == 32 { V4_HEADER } else { 40 };
    let pixels = FILE_HEADER + length + 4 * palette;
    let mut head = b"BM".to_vec();
    let mut words = |words: &[u32]| words.iter().for_each(|word| head.extend(word.to_le_bytes()));
    words(&[0, 0, pixels, length, bitmap.width, height]);
    words(&[1 | u32::from(bitmap.bits) << 16, if bitmap.bits == 32 { 3 } else { 0 }]);
    words(&[0, 0, 0, palette, 0]);
    if bitmap.bits == 32 {
        words(&[0x00FF_0000, 0x0000_FF00, 0x0000_00FF, 0xFF00_0000]);
    }
    head.resize((FILE_HEADER + length) as usize, 0);
    head
}
