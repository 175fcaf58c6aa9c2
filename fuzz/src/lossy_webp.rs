//! Law: the lossy WebP of any picture is canonical and can be decoded; whatever else is taken for canonical can be decoded too, whole
//! and without anything left aside; and what is refused, is refused with a typed error.
//!
//! The input is a WebP file, or the samples of a picture whose file is then changed.

use super::input::Input;
use super::pipeline::run;
use super::{limits, reader, refused_well};
use truecrop_core::encode::{check_canonical, encode};
use truecrop_core::geometry::{Crop, Size};
use truecrop_core::pixel::Raster;
use truecrop_core::probe::probe;
use truecrop_core::recipe::{Format, OutputSpec, Recipe};

fn spec(size: Size, quality: u8) -> OutputSpec {
    OutputSpec::new("main", size, Format::Webp).unwrap().with_quality(quality).unwrap()
}

/// Checks the law for a file or a picture.
pub fn check(data: &[u8]) {
    if data.starts_with(b"RIFF") {
        let mut input = Input::beside(data);
        if let Ok(probe) = probe(&mut *reader(data), &limits()) {
            judged(data, &spec(probe.stored(), 1 + input.below(100) as u8));
        }
        return;
    }
    let mut input = Input::new(data);
    let size = Size::new(1 + input.below(40), 1 + input.below(40));
    let (alpha, spec) = (input.once_in(2), spec(size, 1 + input.below(100) as u8));
    let (count, coarse) = (size.pixels() as usize * if alpha { 4 } else { 3 }, input.pick(&[1, 7, 64]));
    let values: Vec<u8> = (0..count.div_ceil(coarse)).map(|_| input.byte()).collect();
    let raster = Raster { size, alpha, data: (0..count).map(|i| values[i / coarse]).collect() };
    let mut file = encode(&raster, &spec).expect("any small picture can be encoded").bytes;
    check_canonical(&file, &spec).expect("what is encoded is canonical");
    decoded(&file, size);
    for _ in 0..=input.below(3) {
        let at = input.below(file.len() as u32) as usize;
        match input.below(5) {
            0 => drop(file.remove(at)),
            1 => file.insert(at, input.byte()),
            2 => file.push(input.byte()),
            _ => file[at] ^= 1 << input.below(8),
        }
        if file.is_empty() {
            return;
        }
    }
    judged(&file, &spec);
}

fn judged(file: &[u8], spec: &OutputSpec) {
    match check_canonical(file, spec) {
        Ok(()) => decoded(file, spec.size()),
        Err(error) => refused_well(&error),
    }
}

/// Decodes a canonical file.
fn decoded(file: &[u8], size: Size) {
    let crop = Crop::from_pixels(0.0, 0.0, size.width.into(), size.height.into()).unwrap();
    let recipe = Recipe::new(crop, vec![OutputSpec::new("main", size, Format::Png).unwrap()]).unwrap();
    let made = run(reader(file), &recipe).expect("a canonical file can be decoded");
    let source = made.receipt.source();
    assert!(!source.truncated && source.ignored.is_empty(), "{source:?}");
}
