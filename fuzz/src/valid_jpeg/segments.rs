//! The segments of a JPEG file (T.81, annex B).

use super::super::input::Input;
use super::huffman::HuffmanCodes;
use super::picture::Picture;

/// Bytes that may stand between segments and mean nothing.
pub fn extras(input: &mut Input<'_>, out: &mut Vec<u8>) {
    match input.below(8) {
        0 => segment(0xFE, b"a remark", out),
        1 => segment(0xE5, &[0xFF, 0xDA, 0xFF, 0xD9, 0xFF], out),
        2 => out.extend([0xFF; 3]),
        _ => {}
    }
}

/// The segment of one quantisation table.
pub fn quant_table(input: &mut Input<'_>, slot: u8, table: &[u16; 64], out: &mut Vec<u8>) {
    let wide = table.iter().any(|&v| v > 255) || input.once_in(4);
    let mut content = vec![u8::from(wide) << 4 | slot];
    for &value in table {
        if wide {
            content.extend(value.to_be_bytes());
        } else {
            content.push(value as u8);
        }
    }
    segment(0xDB, &content, out);
}

/// The frame header.
pub fn frame(picture: &Picture, marker: u8, out: &mut Vec<u8>) {
    let mut content = vec![8];
    content.extend((picture.height as u16).to_be_bytes());
    content.extend((picture.width as u16).to_be_bytes());
    content.push(picture.planes.len() as u8);
    for (i, plane) in picture.planes.iter().enumerate() {
        content.extend([plane.id, (plane.h << 4 | plane.v) as u8, i as u8]);
    }
    segment(marker, &content, out);
}

/// A marker, a length and the content.
pub fn segment(marker: u8, content: &[u8], out: &mut Vec<u8>) {
    out.extend([0xFF, marker]);
    out.extend((content.len() as u16 + 2).to_be_bytes());
    out.extend(content);
}

/// The segment of one Huffman table.
pub fn huffman_table(class: u8, slot: u8, codes: &HuffmanCodes, out: &mut Vec<u8>) {
    segment(0xC4, &[&[class << 4 | slot], codes.lengths(), codes.symbols()].concat(), out);
}
