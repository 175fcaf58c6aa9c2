//! Pictures as long as they may be: what is cut at the far end is what lies there, and one pixel more is refused.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

use std::io::Cursor;
use std::ops::ControlFlow;
use truecrop_core::geometry::{Crop, Size};
use truecrop_core::pipeline::crop;
use truecrop_core::probe::probe;
use truecrop_core::recipe::{Format, OutputSpec, Recipe};
use truecrop_core::{Code, Limits};

fn value(i: u32) -> u8 {
    (i.wrapping_mul(2_654_435_761) >> 24) as u8
}

fn gray_png(width: u32, height: u32) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    let data: Vec<u8> = (0..width * height).map(value).collect();
    encoder.write_header().unwrap().write_image_data(&data).unwrap();
    file
}

#[test]
fn the_far_end_of_the_longest_picture_is_cut_exactly() {
    let limits = Limits::default();
    let longest = limits.source_side;
    for (width, height) in [(longest, 1), (1, longest)] {
        let file = gray_png(width, height);
        let (x, y) = (width.saturating_sub(5), height.saturating_sub(5));
        let size = Size::new(width - x, height - y);
        let area = Crop::from_pixels(x.into(), y.into(), size.width.into(), size.height.into()).unwrap();
        let output = OutputSpec::new("main", size, Format::Png).unwrap();
        let recipe = Recipe::new(area, vec![output]).unwrap();
        let reader = Box::new(Cursor::new(file));
        let cropped = crop(reader, &recipe, &limits, &mut |_| ControlFlow::Continue(())).unwrap();
        let decoder = png::Decoder::new(Cursor::new(&cropped.outputs[0].1));
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        let channels = info.color_type.samples();
        let seen: Vec<u8> = pixels[..info.buffer_size()].iter().step_by(channels).copied().collect();
        let expected: Vec<u8> = (longest - 5..longest).map(value).collect();
        assert_eq!(seen, expected, "{width} x {height}");
    }
}

#[test]
fn one_pixel_more_is_refused() {
    let limits = Limits::default();
    for (width, height) in [(limits.source_side + 1, 1), (1, limits.source_side + 1)] {
        let refused = probe(&mut Cursor::new(gray_png(width, height)), &limits).unwrap_err();
        assert_eq!(refused.code(), Code::TooManyPixels);
    }
}
