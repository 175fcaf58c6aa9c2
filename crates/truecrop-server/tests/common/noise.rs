//! A picture that no format makes small.

use super::Upload;
use std::io::Cursor;
use std::ops::ControlFlow;
use truecrop_core::geometry::{Crop, Size};
use truecrop_core::recipe::{Format, OutputSpec, Recipe};
use truecrop_core::{Limits, pipeline};

/// A PNG of `side * side` pixels has about three bytes for each.
pub fn noise(side: u32) -> Upload {
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let pixels: Vec<u8> = (0..side * side * 3).map(|_| next()).collect();
    let source = [format!("P6\n{side} {side}\n255\n").into_bytes(), pixels].concat();
    let spec = OutputSpec::new("main".to_owned(), Size::new(side, side), Format::Png).unwrap();
    let crop = Crop::from_pixels(0.0, 0.0, f64::from(side), f64::from(side)).unwrap();
    let recipe = Recipe::new(crop, vec![spec]).unwrap();
    let go_on = &mut |_| ControlFlow::Continue(());
    let cropped = pipeline::crop(Box::new(Cursor::new(source)), &recipe, &Limits::default(), go_on).unwrap();
    let outputs = cropped.outputs.into_iter().map(|(spec, bytes)| (spec.name().to_owned(), bytes)).collect();
    Upload { receipt: cropped.receipt.to_json().unwrap(), outputs, source: Vec::new() }
}
