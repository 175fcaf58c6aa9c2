//! Valid JPEG files made of the fuzzer's numbers: any size, any legal sampling, any coding.
//!
//! Turned bits seldom leave a file valid, and two decoders need only agree on valid ones. Values stay so small that no
//! sample leaves the range in which decoders must clamp alike.

use super::coding::{Bits, Codes};
use super::input::Input;
use super::scans;

/// A block's coefficients, in zigzag order, not dequantised.
pub type Block = [i32; 64];

/// One component's blocks, and where it stands in the frame.
pub struct Plane {
    pub id: u8,
    pub h: u32,
    pub v: u32,
    /// Blocks in a row of `blocks`, whole MCUs.
    pub stride: u32,
    /// Blocks that a scan of this component alone codes.
    pub alone: (u32, u32),
    pub blocks: Vec<Block>,
}

/// A picture before it is coded.
pub struct Picture {
    pub width: u32,
    pub height: u32,
    pub planes: Vec<Plane>,
    /// MCUs of interleaved scans.
    pub mcus: (u32, u32),
}

/// A valid JPEG file.
pub fn jpeg(input: &mut Input<'_>) -> Vec<u8> {
    let (mut picture, quant) = picture(input);
    let mut out = vec![0xFF, 0xD8];
    colors(input, &mut picture, &mut out);
    extras(input, &mut out);
    for (slot, table) in quant.iter().enumerate() {
        quant_table(input, slot as u8, table, &mut out);
    }
    let progressive = input.once_in(2);
    let marker = if progressive { 0xC2 } else { input.pick(&[0xC0, 0xC0, 0xC1]) };
    frame(&picture, marker, &mut out);
    extras(input, &mut out);
    scans::write(input, &picture, progressive, &mut out);
    out.extend([0xFF, 0xD9]);
    if input.once_in(6) {
        out.extend(b"\xff\xd8\xff behind the end");
    }
    out
}

fn picture(input: &mut Input<'_>) -> (Picture, Vec<[u16; 64]>) {
    let most = input.pick(&[4, 20, 40, 70]);
    let (width, height) = (1 + input.below(most), 1 + input.below(most));
    let count = input.pick(&[1, 3, 3, 3, 3, 4]);
    let usual = input.once_in(3);
    let factors: Vec<(u32, u32)> = (0..count)
        .map(|i| match (usual, i) {
            (true, 0 | 3) => (input.pick(&[1, 2]), input.pick(&[1, 2])),
            (true, _) => (1, 1),
            _ => (1 + input.below(4), 1 + input.below(4)),
        })
        .collect();
    let h_max = factors.iter().map(|f| f.0).max().unwrap_or(1);
    let v_max = factors.iter().map(|f| f.1).max().unwrap_or(1);
    let mcus = (width.div_ceil(8 * h_max), height.div_ceil(8 * v_max));
    let quant: Vec<[u16; 64]> = (0..count.min(4)).map(|_| quantisation(input)).collect();
    let plane = |(i, &(h, v)): (usize, &(u32, u32))| {
        let alone = ((width * h).div_ceil(8 * h_max), (height * v).div_ceil(8 * v_max));
        let stride = mcus.0 * h;
        let blocks = (0..stride * mcus.1 * v).map(|_| block(input, &quant[i])).collect();
        Plane { id: i as u8 + 1, h, v, stride, alone, blocks }
    };
    let planes = factors.iter().enumerate().map(plane).collect();
    (Picture { width, height, planes, mcus }, quant)
}

fn quantisation(input: &mut Input<'_>) -> [u16; 64] {
    let most = input.pick(&[1, 3, 20, 90, 255, 700]);
    std::array::from_fn(|_| 1 + input.below(most) as u16)
}

/// A few coefficients whose waves together stay below half of what a sample can be off its range.
fn block(input: &mut Input<'_>, quant: &[u16; 64]) -> Block {
    let mut block = [0; 64];
    let reach = 1000 / i32::from(quant[0]);
    block[0] = input.below(2 * reach as u32 + 1) as i32 - reach;
    let mut budget = 1000;
    let count = input.pick(&[0, 0, 1, 3, 10, 40]);
    for _ in 0..count {
        let k = 1 + input.below(63) as usize;
        let step = i32::from(quant[k]);
        if step > budget || block[k] != 0 {
            continue;
        }
        let most = (budget / step).min(input.pick(&[1, 2, 9, 1000]));
        let size = 1 + input.below(most as u32) as i32;
        budget -= size * step;
        block[k] = if input.once_in(2) { size } else { -size };
    }
    block
}

/// Says what the components mean, in one of the ways that there are.
fn colors(input: &mut Input<'_>, picture: &mut Picture, out: &mut Vec<u8>) {
    let adobe = |transform: u8, out: &mut Vec<u8>| {
        segment(0xEE, &[b"Adobe\0\x64\0\0\0\0".as_slice(), &[transform]].concat(), out);
    };
    match (picture.planes.len(), input.below(4)) {
        (4, n) => adobe(if n < 2 { 0 } else { 2 }, out),
        (3, 0) => adobe(0, out),
        (3, 1) => adobe(1, out),
        (3, 2) => {
            for (plane, id) in picture.planes.iter_mut().zip(*b"RGB") {
                plane.id = id;
            }
        }
        _ => segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0", out),
    }
}

/// What stands between segments and means nothing.
pub fn extras(input: &mut Input<'_>, out: &mut Vec<u8>) {
    match input.below(8) {
        0 => segment(0xFE, b"a remark", out),
        1 => segment(0xE5, &[0xFF, 0xDA, 0xFF, 0xD9, 0xFF], out),
        2 => out.extend([0xFF; 3]),
        _ => {}
    }
}

fn quant_table(input: &mut Input<'_>, slot: u8, table: &[u16; 64], out: &mut Vec<u8>) {
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

fn frame(picture: &Picture, marker: u8, out: &mut Vec<u8>) {
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
pub fn huffman_table(class: u8, slot: u8, codes: &Codes, out: &mut Vec<u8>) {
    segment(0xC4, &[&[class << 4 | slot], codes.lengths(), codes.symbols()].concat(), out);
}

/// Entropy-coded data, padded with ones.
pub fn entropy(bits: Bits, out: &mut Vec<u8>) {
    out.extend(bits.finish());
}
