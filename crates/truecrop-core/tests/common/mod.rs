//! Pictures made on the spot, and the whole pipeline over them.
#![allow(dead_code)] // each test file uses its own part

use std::io::Cursor;
use std::ops::ControlFlow;
use truecrop_core::geometry::{Crop, Size};
use truecrop_core::receipt::Receipt;
use truecrop_core::recipe::{Format, OutputSpec, Recipe};
use truecrop_core::{Limits, pipeline};

/// A PNG of RGB pixels with an EXIF orientation.
pub fn png_with_orientation(size: Size, rgb: &[u8], orientation: u16) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, size.width, size.height);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().unwrap();
    let mut exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend([orientation as u8, 0, 0, 0, 0, 0, 0, 0]);
    writer.write_chunk(png::chunk::eXIf, &exif).unwrap();
    writer.write_image_data(rgb).unwrap();
    writer.finish().unwrap();
    file
}

/// One PNG output called `main`.
pub fn output(width: u32, height: u32) -> OutputSpec {
    OutputSpec::new("main", Size::new(width, height), Format::Png).unwrap()
}

/// A plain recipe.
pub fn recipe(x: f64, y: f64, width: f64, height: f64, output: OutputSpec) -> Recipe {
    Recipe::new(Crop::from_pixels(x, y, width, height).unwrap(), vec![output]).unwrap()
}

/// Decoded RGB pixels.
pub struct Pixels {
    pub width: u32,
    pub height: u32,
    pub rgb: Vec<u8>,
}

impl Pixels {
    pub fn pixel(&self, x: u32, y: u32) -> [u8; 3] {
        let at = (y * self.width + x) as usize * 3;
        [self.rgb[at], self.rgb[at + 1], self.rgb[at + 2]]
    }
}

/// The recipe's first output, a PNG without transparency, made by the whole pipeline and decoded again.
pub fn crop_png(file: &[u8], recipe: &Recipe) -> Pixels {
    let reader = Box::new(Cursor::new(file.to_vec()));
    let cropped =
        pipeline::crop(reader, recipe, &Limits::default(), &mut |_| ControlFlow::Continue(())).unwrap();
    let mut reader = png::Decoder::new(Cursor::new(&cropped.outputs[0].1)).read_info().unwrap();
    let mut rgb = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut rgb).unwrap();
    assert_eq!(info.color_type, png::ColorType::Rgb);
    Pixels { width: info.width, height: info.height, rgb }
}

/// The receipt with a change in its JSON, and with the digest that fits it: as a forger would write it.
pub fn forge(receipt: &Receipt, change: impl FnOnce(&mut serde_json::Value)) -> Receipt {
    let mut json = serde_json::from_str(&receipt.to_json().unwrap()).unwrap();
    let read = |json: &serde_json::Value| {
        Receipt::from_json(json.to_string().as_bytes(), &Limits::default()).unwrap()
    };
    change(&mut json);
    json["digest"] = read(&json).digest_of_content().unwrap().to_string().into();
    read(&json)
}
