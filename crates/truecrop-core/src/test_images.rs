//! Makes small picture files, EXIF blocks and colour profiles in memory, for tests.

use crate::limits::Limits;
use crate::probe::{self, Probe};
use std::io::Cursor;

pub(crate) fn probe_of(file: &[u8]) -> Probe {
    probe::probe(&mut Cursor::new(file), &Limits::default()).unwrap()
}

pub(crate) fn png(
    width: u32,
    height: u32,
    color: png::ColorType,
    depth: png::BitDepth,
    data: &[u8],
) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(color);
    encoder.set_depth(depth);
    if color == png::ColorType::Indexed {
        encoder.set_palette((0..=255u8).flat_map(|i| [i, 255 - i, i / 2]).collect::<Vec<u8>>());
    }
    encoder.write_header().unwrap().write_image_data(data).unwrap();
    file
}

/// Of one colour.
pub(crate) fn rgb_png(width: u32, height: u32, rgb: [u8; 3]) -> Vec<u8> {
    let data = rgb.repeat((width * height) as usize);
    png(width, height, png::ColorType::Rgb, png::BitDepth::Eight, &data)
}

pub(crate) fn jpeg(width: u16, height: u16, color: jpeg_encoder::ColorType, data: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    jpeg_encoder::Encoder::new(&mut file, 95).encode(data, width, height, color).unwrap();
    file
}

/// A JPEG segment put behind the SOI.
pub(crate) fn with_segment(file: &[u8], marker: u8, content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u16 + 2).to_be_bytes();
    [&file[..2], &[0xFF, marker], &length, content, &file[2..]].concat()
}

/// A PNG chunk put behind IHDR.
pub(crate) fn with_chunk(file: &[u8], kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    [&file[..33], &chunk(kind, content), &file[33..]].concat()
}

pub(crate) fn chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let checked = [&kind[..], content].concat();
    [&(content.len() as u32).to_be_bytes()[..], &checked, &crc32(&checked).to_be_bytes()].concat()
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, &byte: &u8| {
        (0..8).fold(crc ^ u32::from(byte), |c, _| if c & 1 == 1 { c >> 1 ^ 0xEDB8_8320 } else { c >> 1 })
    };
    !bytes.iter().fold(!0, step)
}

/// An iCCP chunk's content.
pub(crate) fn iccp(profile: &[u8]) -> Vec<u8> {
    [&b"x\0\0"[..], &miniz_oxide::deflate::compress_to_vec_zlib(profile, 6)].concat()
}

/// A TIFF block with one tag.
pub(crate) fn exif(orientation: u16, little: bool) -> Vec<u8> {
    let u16 = |v: u16| if little { v.to_le_bytes() } else { v.to_be_bytes() };
    let u32 = |v: u32| if little { v.to_le_bytes() } else { v.to_be_bytes() };
    let order: &[u8] = if little { b"II" } else { b"MM" };
    let head = [order, &u16(42), &u32(8), &u16(1), &u16(0x0112), &u16(3), &u32(1)].concat();
    [&head[..], &u16(orientation), &u16(0), &u32(0)].concat()
}

/// An ICC profile of these tags.
pub(crate) fn icc(space: &[u8; 4], tags: &[([u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut file = vec![0; 128];
    file[8] = 4;
    file[16..20].copy_from_slice(space);
    file[12..16].copy_from_slice(b"scnr");
    file[20..24].copy_from_slice(b"XYZ ");
    file[68..80].copy_from_slice(&[fixed(0.9642), fixed(1.0), fixed(0.8249)].concat());
    file[36..40].copy_from_slice(b"acsp");
    file.extend((tags.len() as u32).to_be_bytes());
    let mut at = 132 + 12 * tags.len();
    for (name, content) in tags {
        file.extend([&name[..], &(at as u32).to_be_bytes(), &(content.len() as u32).to_be_bytes()].concat());
        at += content.len();
    }
    for (_, content) in tags {
        file.extend(content);
    }
    let length = (file.len() as u32).to_be_bytes();
    file[..4].copy_from_slice(&length);
    file
}

pub(crate) fn fixed(v: f64) -> [u8; 4] {
    ((v * 65_536.0).round() as i32).to_be_bytes()
}

pub(crate) fn xyz(v: [f64; 3]) -> Vec<u8> {
    [&b"XYZ \0\0\0\0"[..], &fixed(v[0]), &fixed(v[1]), &fixed(v[2])].concat()
}

/// A parametric curve.
pub(crate) fn para(kind: u16, parameters: &[f64]) -> Vec<u8> {
    let mut content = [&b"para\0\0\0\0"[..], &kind.to_be_bytes(), &[0, 0]].concat();
    content.extend(parameters.iter().flat_map(|&v| fixed(v)));
    content
}

/// A sampled curve.
pub(crate) fn curv(points: &[u16]) -> Vec<u8> {
    let mut content = [&b"curv\0\0\0\0"[..], &(points.len() as u32).to_be_bytes()].concat();
    content.extend(points.iter().flat_map(|p| p.to_be_bytes()));
    content
}

/// sRGB's curve as profiles write it.
pub(crate) const SRGB_CURVE: [f64; 5] = [2.4, 1.0 / 1.055, 0.055 / 1.055, 1.0 / 12.92, 0.04045];

/// A profile of three colorants (relative to D50) and one curve.
pub(crate) fn rgb_profile(colorants: [[f64; 3]; 3], curve: &[u8]) -> Vec<u8> {
    let [r, g, b] = colorants.map(xyz);
    let curve = curve.to_vec();
    icc(
        b"RGB ",
        &[
            (*b"rXYZ", r),
            (*b"gXYZ", g),
            (*b"bXYZ", b),
            (*b"rTRC", curve.clone()),
            (*b"gTRC", curve.clone()),
            (*b"bTRC", curve),
        ],
    )
}

/// Display P3, as in the profile that Apple's phones write.
pub(crate) const P3: [[f64; 3]; 3] = [
    [0.515_121, 0.241_196, -0.001_053],
    [0.291_977, 0.692_245, 0.041_885],
    [0.157_104, 0.066_574, 0.784_073],
];

/// Adobe RGB (1998), as in its profile.
pub(crate) const ADOBE: [[f64; 3]; 3] =
    [[0.609_741, 0.311_111, 0.019_470], [0.205_276, 0.625_671, 0.060_867], [0.149_185, 0.063_217, 0.744_568]];

/// sRGB, as in the ICC's profiles.
pub(crate) const SRGB: [[f64; 3]; 3] =
    [[0.436_066, 0.222_488, 0.013_916], [0.385_147, 0.716_873, 0.097_076], [0.143_066, 0.060_608, 0.714_096]];
