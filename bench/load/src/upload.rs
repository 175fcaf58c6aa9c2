//! The upload that every client sends: a crop of a photo, as a browser sends it.

use bytes::Bytes;
use std::io::Cursor;
use std::ops::ControlFlow;
use truecrop_core::geometry::{Crop, Size};
use truecrop_core::recipe::{Format, OutputSpec, Recipe};
use truecrop_core::verify::Level;
use truecrop_core::{Limits, pipeline, probe};

/// The type of the form.
pub const FORM: &str = "multipart/form-data; boundary=frontier";

/// Side of the output.
const SIDE: u32 = 512;

/// A form with the largest square of the photo, made smaller; with the photo itself where the level asks for it.
pub fn body(photo: &str, level: Level) -> Result<Bytes, Box<dyn std::error::Error>> {
    let source = std::fs::read(photo).map_err(|error| format!("{photo}: {error}"))?;
    let limits = Limits::default();
    let size = probe::probe(&mut Cursor::new(&source), &limits)?.oriented();
    let side = size.width.min(size.height);
    let at = |length: u32| f64::from((length - side) / 2);
    let crop = Crop::from_pixels(at(size.width), at(size.height), side.into(), side.into())?;
    let spec = OutputSpec::new("main".to_owned(), Size::new(SIDE, SIDE), Format::Jpeg)?;
    let go_on = &mut |_| ControlFlow::Continue(());
    let recipe = Recipe::new(crop, vec![spec])?;
    let cropped = pipeline::crop(Box::new(Cursor::new(source.clone())), &recipe, &limits, go_on)?;
    let mut form = Vec::new();
    add(&mut form, "main.receipt", cropped.receipt.to_json()?.as_bytes());
    for (_, output) in &cropped.outputs {
        add(&mut form, "main", output);
    }
    if level == Level::Source {
        add(&mut form, "main.source", &source);
    }
    form.extend_from_slice(b"--frontier--\r\n");
    Ok(form.into())
}

fn add(form: &mut Vec<u8>, name: &str, bytes: &[u8]) {
    let head =
        format!("--frontier\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"f\"\r\n\r\n");
    form.extend_from_slice(head.as_bytes());
    form.extend_from_slice(bytes);
    form.extend_from_slice(b"\r\n");
}
