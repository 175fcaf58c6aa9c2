//! Valid JPEG files made of the fuzzer's numbers: any size, any legal sampling, any coding.
//!
//! Turned bits seldom leave a file valid, and two decoders need only agree on valid ones. Values stay so small that no
//! sample leaves the range in which decoders must clamp alike.
//!
//! picture.rs makes the coefficients, scans.rs the order of the scans and their data, huffman.rs codes and bits, segments.rs
//! the segments around them.

pub mod huffman;
pub mod picture;
pub mod scans;
pub mod segments;

use self::picture::{Picture, picture};
use self::segments::{extras, frame, quant_table, segment};
use super::input::Input;

/// A valid JPEG file.
pub fn jpeg(input: &mut Input<'_>) -> Vec<u8> {
    let (mut picture, quant) = picture(input);
    let mut colors_segments = Vec::new();
    colors(input, &mut picture, &mut colors_segments);
    let progressive = input.once_in(2);
    coded(input, &picture, &quant, &colors_segments, progressive)
}

/// The same coefficients in two valid JPEG files: sequential and progressive.
pub fn both_codings(input: &mut Input<'_>) -> [Vec<u8>; 2] {
    let (mut picture, quant) = picture(input);
    let mut colors_segments = Vec::new();
    colors(input, &mut picture, &mut colors_segments);
    [false, true].map(|progressive| coded(input, &picture, &quant, &colors_segments, progressive))
}

fn coded(
    input: &mut Input<'_>,
    picture: &Picture,
    quant: &[[u16; 64]],
    colors_segments: &[u8],
    progressive: bool,
) -> Vec<u8> {
    let mut out = [&[0xFF, 0xD8], colors_segments].concat();
    extras(input, &mut out);
    for (slot, table) in quant.iter().enumerate() {
        quant_table(input, slot as u8, table, &mut out);
    }
    let marker = if progressive { 0xC2 } else { input.pick(&[0xC0, 0xC0, 0xC1]) };
    frame(picture, marker, &mut out);
    extras(input, &mut out);
    scans::write(input, picture, progressive, &mut out);
    out.extend([0xFF, 0xD9]);
    if input.once_in(6) {
        out.extend(b"\xff\xd8\xff behind the end");
    }
    out
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
