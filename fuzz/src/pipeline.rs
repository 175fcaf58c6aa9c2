//! Law: a file and a recipe give outputs or a typed refusal; a run holds no more than its plan has stated; and what was
//! made is accepted by [`verify`], from the outputs alone and against the source.

use super::input::Input;
use super::memory::peak_of;
use super::{limits, reader, refused_well};
use std::io::Cursor;
use std::ops::ControlFlow;
use truecrop_core::geometry::{Crop, Flip, Size, Turn};
use truecrop_core::pipeline::{Cropped, crop};
use truecrop_core::plan::Plan;
use truecrop_core::policy::Policy;
use truecrop_core::probe::probe;
use truecrop_core::receipt::Receipt;
use truecrop_core::recipe::{Filter, Format, Hdr, Light, Mask, OutputSpec, Recipe};
use truecrop_core::verify::{Level, Submission, SubmittedSource, verify};
use truecrop_core::{Reader, Result};

/// Checks the law for a file; the recipe follows from its bytes.
pub fn check(data: &[u8]) {
    let limits = limits();
    let mut probed = None;
    let probing = peak_of(|| probed = probe(&mut Cursor::new(data), &limits).ok()) as u64;
    let Some(source) = probed else { return };
    let recipe = recipe(&mut Input::beside(data), source.oriented());
    let stated = match Plan::new(&source, &recipe, &limits) {
        Ok(plan) => plan.peak_bytes(),
        Err(error) => return refused_well(&error),
    };
    // A run in one go probes first: what that may hold is a law of its own, and of it only the profile stays.
    let profile = if !source.stated_colors().is_empty() { 4 * limits.profile_bytes as u64 } else { 0 };
    let allowed = probing.max(stated + profile);
    let reader = reader(data);
    let mut made = None;
    let peak = peak_of(|| made = Some(run(reader, &recipe))) as u64;
    assert!(peak <= allowed, "held {peak} bytes, stated {stated}: {}", recipe.to_json());
    match made.unwrap() {
        Ok(cropped) => accepted(data, &cropped),
        Err(error) => refused_well(&error),
    }
}

/// The whole way under the limits of fuzzing.
pub fn run(source: Reader, recipe: &Recipe) -> Result<Cropped> {
    crop(source, recipe, &limits(), &mut |_| ControlFlow::Continue(()))
}

fn accepted(data: &[u8], cropped: &Cropped) {
    let json = cropped.receipt.to_json().unwrap();
    for source in [None, Some(reader(data))] {
        let outputs =
            cropped.outputs.iter().map(|(spec, bytes)| (spec.name().to_owned(), bytes.clone())).collect();
        let level = if source.is_some() { Level::Source } else { Level::Result };
        let receipt = Receipt::from_json(json.as_bytes(), &limits()).unwrap();
        let source = source.map(|source| SubmittedSource::new(source, &receipt, &limits()));
        let submission = Submission { receipt, outputs, source };
        let verified = verify(submission, level, &Policy::default(), &limits());
        assert_eq!(verified.expect("what was made is accepted").level(), level);
    }
}

/// A recipe for a picture, mostly one that can be made.
pub fn recipe(input: &mut Input<'_>, source: Size) -> Recipe {
    let mut part = |side: u32| {
        let start = f64::from(input.below(side * 4)) / 4.0 - f64::from(side) / 8.0;
        (start, 1.0 + f64::from(input.below(side * 4)) / 4.0)
    };
    let ((x, width), (y, height)) = (part(source.width), part(source.height));
    let outputs = 1 + u32::from(input.once_in(4));
    let outputs = (0..outputs).map(|i| {
        let size = Size::new(1 + input.below(90), 1 + input.below(90));
        let format = input.pick(&[Format::Jpeg, Format::Png, Format::Webp]);
        let hdr = format == Format::Jpeg && input.once_in(2);
        let output = OutputSpec::new(format!("o{i}"), size, format)?.with_hdr(hdr.then_some(Hdr::Keep))?;
        let mask = format != Format::Jpeg && input.once_in(3);
        let output = output.with_mask(mask.then_some(Mask::Ellipse))?;
        let lossy = format != Format::Png && input.once_in(2);
        if lossy { output.with_quality(1 + input.below(100) as u8) } else { Ok(output) }
    });
    let outputs = outputs.collect::<truecrop_core::Result<_>>().unwrap();
    let recipe = Recipe::new(Crop::from_pixels(x, y, width, height).unwrap(), outputs).unwrap();
    let turn = input.pick(&[0.0, 0.0, 90.0, 180.0, 270.0, 33.3, 0.1, 359.9]);
    let flip = input.pick(&[Flip::None, Flip::Horizontal, Flip::Vertical, Flip::Both]);
    let filter = input.pick(&[Filter::Lanczos3, Filter::CatmullRom, Filter::Triangle, Filter::Box]);
    let light = input.pick(&[Light::Srgb, Light::Linear]);
    let background = if input.once_in(4) { None } else { Some("#804020".parse().unwrap()) };
    let recipe = recipe.with_turn(Turn::from_degrees(turn).unwrap()).with_flip(flip);
    recipe.with_filter(filter).with_light(light).with_background(background).unwrap()
}
