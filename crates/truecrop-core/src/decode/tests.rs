//! Tests of the seam of the decoders: rows of each format, windows, truncation.

use super::*;
use crate::probe;
use std::io::Cursor;

fn png_of(width: u32, height: u32, color: ::png::ColorType, depth: ::png::BitDepth, data: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut file, width, height);
    encoder.set_color(color);
    encoder.set_depth(depth);
    encoder.write_header().unwrap().write_image_data(data).unwrap();
    file
}

/// Every row of the window, 8-bit samples.
fn rows(file: &[u8], window: Option<Window>) -> Result<(Layout, Vec<u8>)> {
    let limits = Limits::default();
    let probe = probe::probe(&mut Cursor::new(file), &limits)?;
    let mut plan = DecodePlan::whole(&probe);
    plan.window = window.unwrap_or(plan.window);
    let mut source = open(Box::new(Cursor::new(file.to_vec())), &probe, &plan, &limits, None)?;
    let mut all = Vec::new();
    while let Some(row) = source.next_row()? {
        row.append_to(&mut all);
    }
    Ok((source.layout(), all))
}

#[test]
fn a_window_of_a_png() {
    let data: Vec<u8> = (0..5 * 4 * 3).collect();
    let file = png_of(5, 4, ::png::ColorType::Rgb, ::png::BitDepth::Eight, &data);
    assert_eq!(rows(&file, None).unwrap(), (Layout::Rgb, data));
    let window = Window { x: 3, y: 1, width: 2, height: 2 };
    let expected = [24..30, 39..45].into_iter().flatten().collect();
    assert_eq!(rows(&file, Some(window)).unwrap(), (Layout::Rgb, expected));
}

#[test]
fn a_gray_jpeg() {
    let mut file = Vec::new();
    jpeg_encoder::Encoder::new(&mut file, 90)
        .encode(&[200; 9 * 7], 9, 7, jpeg_encoder::ColorType::Luma)
        .unwrap();
    let (layout, samples) = rows(&file, None).unwrap();
    assert_eq!((layout, samples.len()), (Layout::Gray, 63));
    assert!(samples.iter().all(|s| s.abs_diff(200) <= 1), "{samples:?}");
}
