//! Reads a TGA header (Truevision TGA 2.0). The format has no signature: a file is taken for one when all fields of its header
//! are possible together.

use super::{Header, HeaderReader, Result};
use crate::error::damaged;
use crate::probe::Depth;

/// Buffers, and a palette of 65,535 colours, twice.
const WORKING: u64 = 640 << 10;

/// The header's 18 bytes that matter.
struct Fields {
    id_length: u8,
    mapped: bool,
    gray: bool,
    /// Colours of the palette, and bits of each.
    map: (u16, u8),
    width: u16,
    height: u16,
    /// Bits of a stored pixel.
    bits: u8,
    /// Bits of them that are alpha.
    alpha_bits: u8,
}

impl Fields {
    /// The fields, if this is a possible header of a picture that can be decoded.
    fn parse(head: &[u8]) -> Option<Self> {
        let head: &[u8; 18] = head.first_chunk()?;
        let le16 = |at: usize| u16::from_le_bytes([head[at], head[at + 1]]);
        let kind = head[2];
        let fields = Self {
            id_length: head[0],
            mapped: matches!(kind, 1 | 9),
            gray: matches!(kind, 3 | 11),
            map: (le16(5), head[7]),
            width: le16(12),
            height: le16(14),
            bits: head[16],
            alpha_bits: head[17] & 15,
        };
        let map_fits = match (fields.mapped, head[1]) {
            (true, 1) => fields.map.0 > 0 && matches!(fields.map.1, 15 | 16 | 24 | 32) && fields.bits == 8,
            // no palette, and so nothing said about it but, by some writers, its bits
            (false, 0) => head[3..7] == [0; 4] && matches!(head[7], 0 | 15 | 16 | 24 | 32),
            _ => false,
        };
        let possible = matches!(kind, 1 | 2 | 3 | 9 | 10 | 11)
            && map_fits
            && fields.width > 0
            && fields.height > 0
            && head[17] < 64
            && fields.channels().is_some();
        possible.then_some(fields)
    }

    /// Samples of a pixel, as the library gives them.
    fn channels(&self) -> Option<u32> {
        let bits = if self.mapped { self.map.1 } else { self.bits };
        match (self.gray, bits, self.alpha_bits) {
            (false, 32, 0 | 8) => Some(4),
            (false, 24, 0) | (false, 15 | 16, 0) | (false, 16, 1) => Some(3),
            (true, 16, 8) => Some(2),
            (true, 8, 0) => Some(1),
            _ => None,
        }
    }
}

/// Whether a file that begins with these bytes can be a TGA.
pub(super) fn is_plausible(head: &[u8]) -> bool {
    Fields::parse(head).is_some()
}

pub(super) fn read_header(scan: &mut HeaderReader<'_>) -> Result<Header> {
    let fields = Fields::parse(scan.peek(18)?).ok_or_else(|| damaged("its header is impossible"))?;
    let channels = fields.channels().ok_or_else(|| damaged("its header is impossible"))?;
    let palette = u64::from(fields.map.0) * u64::from(fields.map.1).div_ceil(8);
    if 18 + u64::from(fields.id_length) + palette > scan.length() {
        return Err(damaged("it ends in its header"));
    }
    let pixels = u64::from(fields.width) * u64::from(fields.height);
    // Indices and pixels of 16 bits are held beside the frame while they are expanded.
    let expanded =
        if fields.mapped || fields.bits <= 16 { pixels * u64::from(fields.bits).div_ceil(8) } else { 0 };
    let header = Header::rare(fields.width.into(), fields.height.into(), channels, Depth::Eight);
    Ok(header.with_working(WORKING + expanded))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_taken_where_all_its_fields_are_possible_together() {
        // from the length of the id on: kind 2, 256 x 256, 24 bits, from the top
        let good = [0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 24, 0x20];
        for (at, value, plausible) in [
            (0, 7, true),
            (1, 1, false),
            (2, 4, false),
            (5, 1, false),
            (7, 24, true),
            (7, 9, false),
            (13, 0, false),
            (16, 20, false),
            (17, 0x60, false),
        ] {
            let mut head = good;
            head[at] = value;
            assert_eq!(is_plausible(&head), plausible, "byte {at}: {value}");
        }
    }
}
