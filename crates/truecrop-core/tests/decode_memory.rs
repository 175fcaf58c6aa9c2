//! The decoders of all formats but JPEG stay within the bytes that they state beforehand. (JPEG: `jpeg_memory.rs`.)
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

#[path = "common/memory.rs"]
mod memory;

use memory::peak_of;
use std::fs;
use std::io::Cursor;
use std::path::PathBuf;
use truecrop_core::decode::{self, DecodePlan, Window};
use truecrop_core::{Limits, probe};

/// One test in this file: others beside it would be counted too.
#[test]
fn a_decode_holds_no_more_than_its_plan_says() {
    let mut files = fixtures();
    assert!(files.len() > 15, "only {} fixtures", files.len());
    files.extend(large());
    let mut decoded = 0;
    for (name, file) in files {
        let file: &'static [u8] = file.leak();
        let mut probed = None;
        let peak = peak_of(|| probed = probe::probe(&mut Cursor::new(file), &Limits::default()).ok());
        let Some(probe) = probed else { continue };
        // with the compressed profile of `iccp-bomb.png`, which is 64 KB
        assert!(peak <= 128 << 10, "{name}: the probe held {peak} bytes");
        let size = probe.stored();
        let corner = Window { x: size.width / 2, y: size.height / 2, width: 1, height: 1 };
        for window in [Window::whole(size), corner] {
            let plan = DecodePlan { window, scale: 8, coarse_chroma: false };
            let stated = decode::memory_bytes(&probe, &plan) as usize;
            let peak = peak_of(|| {
                let reader = Box::new(Cursor::new(file));
                let Ok(mut rows) = decode::open(reader, &probe, &plan, &Limits::default(), None) else {
                    return;
                };
                while rows.next_row().expect("a row").is_some() {}
                decoded += 1;
            });
            println!(
                "{name} {window:?}: held {peak}, stated {stated}, {:.2} B/px",
                peak as f64 / size.pixels() as f64
            );
            assert!(peak <= stated, "{name} {window:?}: held {peak} bytes, stated {stated}");
        }
    }
    assert!(decoded > 50, "only {decoded} decodes");
}

fn fixtures() -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
    let paths = |folder: PathBuf| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let paths = paths(folder.join("rare")).chain(paths(folder.join("heic"))).chain(paths(folder));
    let wanted = |p: &PathBuf| p.extension().is_some_and(|e| !["jpg", "txt"].iter().any(|f| e == *f));
    paths
        .filter(wanted)
        .map(|p| (p.file_name().unwrap().to_string_lossy().into(), fs::read(p).unwrap()))
        .collect()
}

/// Pictures whose pixels outweigh everything else, smooth and noisy.
fn large() -> Vec<(String, Vec<u8>)> {
    let (width, height) = (1500u32, 1000u32);
    let mut state = 1u32;
    let noise: Vec<u8> = (0..width * height * 4)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect();
    let smooth: Vec<u8> = (0..width * height * 4).map(|i| (i / 4 % width * 255 / width) as u8).collect();
    let mut files = Vec::new();
    for (kind, data) in [("noise", &noise), ("smooth", &smooth)] {
        for (color, channels) in [(image_webp::ColorType::Rgb8, 3), (image_webp::ColorType::Rgba8, 4)] {
            let mut file = Vec::new();
            let pixels = &data[..(width * height * channels) as usize];
            image_webp::WebPEncoder::new(&mut file).encode(pixels, width, height, color).unwrap();
            files.push((format!("{kind} webp {channels}"), file));
        }
        for (color, depth, bytes) in [
            (png::ColorType::Rgb, png::BitDepth::Eight, 3),
            (png::ColorType::Rgba, png::BitDepth::Eight, 4),
            (png::ColorType::GrayscaleAlpha, png::BitDepth::Sixteen, 4),
        ] {
            let mut file = Vec::new();
            let mut encoder = png::Encoder::new(&mut file, width, height);
            encoder.set_color(color);
            encoder.set_depth(depth);
            let pixels = &data[..(width * height * bytes) as usize];
            encoder.write_header().unwrap().write_image_data(pixels).unwrap();
            files.push((format!("{kind} png {color:?} {depth:?}"), file));
        }
        let mut file = Vec::new();
        let mut palette: Vec<u8> = (0..=255u8).flat_map(|v| [v; 3]).collect();
        let pixels = data[..(width * height) as usize].to_vec();
        let frame = gif::Frame::from_palette_pixels(
            width as u16,
            height as u16,
            pixels,
            std::mem::take(&mut palette),
            None,
        );
        gif::Encoder::new(&mut file, width as u16, height as u16, &[]).unwrap().write_frame(&frame).unwrap();
        files.push((format!("{kind} gif"), file));
        files.extend(rare(kind, data, width, height));
    }
    files
}

/// The same by the encoders of the crate `image`.
#[cfg(feature = "all-formats")]
fn rare(kind: &str, data: &[u8], width: u32, height: u32) -> Vec<(String, Vec<u8>)> {
    use image::{ExtendedColorType, ImageFormat};
    let mut files = Vec::new();
    for format in [ImageFormat::Tiff, ImageFormat::Bmp, ImageFormat::Tga, ImageFormat::Pnm, ImageFormat::Qoi]
    {
        for (color, bytes) in
            [(ExtendedColorType::Rgb8, 3), (ExtendedColorType::Rgba8, 4), (ExtendedColorType::L16, 2)]
        {
            let mut file = Cursor::new(Vec::new());
            let pixels = &data[..(width * height * bytes) as usize];
            if image::write_buffer_with_format(&mut file, pixels, width, height, color, format).is_ok() {
                files.push((format!("{kind} {format:?} {color:?}"), file.into_inner()));
            }
        }
    }
    files
}

#[cfg(not(feature = "all-formats"))]
fn rare(_: &str, _: &[u8], _: u32, _: u32) -> Vec<(String, Vec<u8>)> {
    Vec::new()
}
