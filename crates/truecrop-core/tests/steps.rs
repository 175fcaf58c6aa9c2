//! A crop at the bottom of a picture is reached in steps, so that whoever runs it can tell the progress and stop.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

use std::io::Cursor;
use truecrop_core::decode::Index;
use truecrop_core::geometry::{Crop, Size};
use truecrop_core::pipeline::DecodePass;
use truecrop_core::pixel::Raster;
use truecrop_core::plan::Plan;
use truecrop_core::probe::probe;
use truecrop_core::recipe::{Format, OutputSpec, Recipe};
use truecrop_core::{Limits, Reader};

/// File; least steps besides those that give rows: about one for each row of MCUs of a JPEG and each row of a PNG.
const FILES: &[(&str, usize)] = &[
    ("coffee.jpg", 20),
    ("coffee-444.jpg", 30),
    ("coffee-progressive.jpg", 20),
    ("cat-restart.jpg", 15),
    ("cat-gray.jpg", 20),
    ("cat.png", 90),
];

struct Run {
    steps: usize,
    rows: usize,
    pictures: Vec<Raster>,
}

/// Crops the lower right corner, so many rows at a time.
fn run(name: &str, rows: u32, index: &Index) -> Run {
    let path = format!("{}/../../tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    let mut file = Cursor::new(std::fs::read(path).unwrap());
    let limits = Limits::default();
    let probe = probe(&mut file, &limits).unwrap();
    let Size { width, height } = probe.oriented();
    let crop = Crop::from_pixels(f64::from(width - 40), f64::from(height - 40), 40.0, 40.0).unwrap();
    let output = OutputSpec::new("main", Size::new(40, 40), Format::Jpeg).unwrap();
    let plan = Plan::new(&probe, &Recipe::new(crop, vec![output]).unwrap(), &limits).unwrap();
    let source: Reader = Box::new(file);
    let mut pass = DecodePass::new(source, &probe, &plan, &limits, Some(index.clone())).unwrap();
    let (mut steps, mut progress) = (1, pass.progress());
    while !pass.advance(rows).unwrap() {
        assert!(pass.progress() >= progress, "{name}: from {progress} to {}", pass.progress());
        (steps, progress) = (steps + 1, pass.progress());
    }
    assert_eq!(pass.progress(), 1.0, "{name}");
    let rows = plan.decode().window.height as usize;
    Run { steps, rows, pictures: pass.into_rasters().into_iter().map(|(_, raster)| raster).collect() }
}

#[test]
fn what_lies_above_is_passed_over_in_steps() {
    for &(name, least) in FILES {
        let index = Index::default();
        let one_by_one = run(name, 1, &index);
        let above = one_by_one.steps - one_by_one.rows;
        assert!(above >= least, "{name}: {above} steps");
        let at_once = run(name, u32::MAX, &Index::default());
        assert_eq!((at_once.steps, &at_once.pictures), (1, &one_by_one.pictures), "{name}");
        // with an index it is soon there
        let again = run(name, 1, &index);
        assert_eq!(again.pictures, one_by_one.pictures, "{name}");
        let nearer = again.steps < one_by_one.steps;
        // (but not where intervals are stepped over unread)
        let jumps = name.ends_with(".jpg") && !name.contains("restart");
        assert!(nearer || !jumps, "{name}: {} steps with an index", again.steps);
    }
}
