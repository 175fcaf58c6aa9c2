//! The quantisation tables of each quality, and the bytes of the file's header.

use super::huffman::HuffmanTable;
use super::mcu_grid::McuGrid;
use crate::zigzag::NATURAL;

/// T.81, table K.1, row by row.
#[rustfmt::skip]
const LUMA: [u8; 64] = [
    16, 11, 10, 16,  24,  40,  51,  61,
    12, 12, 14, 19,  26,  58,  60,  55,
    14, 13, 16, 24,  40,  57,  69,  56,
    14, 17, 22, 29,  51,  87,  80,  62,
    18, 22, 37, 56,  68, 109, 103,  77,
    24, 35, 55, 64,  81, 104, 113,  92,
    49, 64, 78, 87, 103, 121, 120, 101,
    72, 92, 95, 98, 112, 100, 103,  99,
];

/// T.81, table K.2: its upper left corner; all other steps are 99.
const CHROMA: [[u8; 4]; 4] = [[17, 18, 24, 47], [18, 21, 26, 66], [24, 26, 56, 99], [47, 66, 99, 99]];

/// The quantisation steps of luma and chroma at this quality, row by row: the tables of Annex K times `5000 / quality` percent below
/// 50, `200 - 2 quality` percent from there on, rounded, 1 to 255. This is the
/// Independent JPEG Group's meaning of quality.
#[inline(never)]
pub(super) fn steps(quality: u8) -> [[u8; 64]; 2] {
    let quality = u32::from(quality.clamp(1, 100));
    let percent = if quality < 50 { 5000 / quality } else { 200 - 2 * quality };
    let mut steps = [LUMA, [99; 64]];
    for (row, corner) in steps[1].as_chunks_mut::<8>().0.iter_mut().zip(CHROMA) {
        row[..4].copy_from_slice(&corner);
    }
    for step in steps.as_flattened_mut() {
        *step = ((u32::from(*step) * percent + 50) / 100).clamp(1, 255) as u8;
    }
    steps
}

/// The file up to where the Huffman tables begin: SOI, JFIF, both quantisation tables, the frame header.
pub(super) fn head(grid: McuGrid, quality: u8) -> Vec<u8> {
    let mut out = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x02\0\0\x01\0\x01\0\0".to_vec();
    out.extend(b"\xff\xdb\0\x84");
    for (id, steps) in steps(quality).iter().enumerate() {
        out.push(id as u8);
        for natural in NATURAL {
            out.push(steps[usize::from(natural & 63)]);
        }
    }
    let ([a, b], [c, d]) = ((grid.size.height as u16).to_be_bytes(), (grid.size.width as u16).to_be_bytes());
    let factor = grid.factor as u8 * 0x11;
    out.extend_from_slice(&[0xff, 0xc0, 0, 17, 8, a, b, c, d, 3, 1, factor, 0, 2, 0x11, 1, 3, 0x11, 1]);
    out
}

/// Class and number of each Huffman table, in the file's order: luma's DC and AC, chroma's DC and AC.
pub(super) const IDS: [u8; 4] = [0x00, 0x10, 0x01, 0x11];

/// The marker before the Huffman tables, and the scan header after them.
pub(super) const DHT: [u8; 2] = [0xff, 0xc4];
const SOS: [u8; 14] = *b"\xff\xda\0\x0c\x03\x01\0\x02\x11\x03\x11\0\x3f\0";

/// The rest of the file before the scan's data: the Huffman tables in one segment, and the scan header.
pub(super) fn tail(tables: &[HuffmanTable; 4]) -> Vec<u8> {
    let mut content = Vec::with_capacity(4 * (17 + 256));
    for (id, table) in IDS.iter().zip(tables) {
        content.push(*id);
        content.extend(table.lengths);
        content.extend(table.symbols());
    }
    [&DHT[..], &(content.len() as u16 + 2).to_be_bytes(), &content, &SOS].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_follow_from_the_quality() {
        // quality; luma's first, second and last step; chroma's first and last
        let cases = [
            (1, [255, 255, 255], [255, 255]),
            (10, [80, 55, 255], [85, 255]),
            (50, [16, 11, 99], [17, 99]),
            (85, [5, 3, 30], [5, 30]),
            (100, [1, 1, 1], [1, 1]),
        ];
        for (quality, luma, chroma) in cases {
            let [y, c] = steps(quality);
            assert_eq!(([y[0], y[1], y[63]], [c[0], c[63]]), (luma, chroma), "quality {quality}");
        }
    }
}
