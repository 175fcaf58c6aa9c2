//! Pictures made on the spot, and the whole pipeline over them.
#![allow(dead_code)] // each test file uses its own part

use std::fs;
use std::io::Cursor;
use std::ops::ControlFlow;
use std::path::PathBuf;
use truecrop_core::geometry::{Crop, Size};
use truecrop_core::policy::Policy;
use truecrop_core::receipt::Receipt;
use truecrop_core::recipe::{Format, OutputSpec, Recipe};
use truecrop_core::verify::{Level, Submission, SubmittedSource, verify};
use truecrop_core::{Limits, Result, pipeline};

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

/// A file or folder of the project's tests.
pub fn folder(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests")).join(name)
}

/// The bytes of such a file.
pub fn read(name: &str) -> Vec<u8> {
    fs::read(folder(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// What was made is what verification takes: from the outputs alone, and by making them again from the source.
pub fn check_verified(file: &[u8], cropped: pipeline::Cropped) -> Result<()> {
    let (json, limits) = (cropped.receipt.to_json()?, Limits::default());
    let outputs: Vec<_> =
        cropped.outputs.into_iter().map(|(spec, bytes)| (spec.name().to_owned(), bytes)).collect();
    for level in [Level::Result, Level::Source] {
        let receipt = Receipt::from_json(json.as_bytes(), &limits)?;
        let source = (level == Level::Source)
            .then(|| SubmittedSource::new(Box::new(Cursor::new(file.to_vec())), &receipt, &limits));
        let submission = Submission { receipt, outputs: outputs.clone(), source };
        verify(submission, level, &Policy::default(), &limits)?;
    }
    Ok(())
}
