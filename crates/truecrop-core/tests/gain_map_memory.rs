//! A run that keeps a gain map stays within the bytes that its plan states.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

#[path = "common/memory.rs"]
mod memory;

use memory::peak_of;
use std::fs;
use std::io::Cursor;
use std::ops::ControlFlow;
use std::path::PathBuf;
use truecrop_core::encode::gain_map::encode_with_map;
use truecrop_core::geometry::{Crop, Size, Turn};
use truecrop_core::pixel::Raster;
use truecrop_core::plan::Plan;
use truecrop_core::recipe::{Format, Hdr, OutputSpec, Recipe};
use truecrop_core::{Limits, pipeline, probe};

/// One test in this file: others beside it would be counted too.
#[test]
fn a_run_with_a_map_holds_no_more_than_its_plan_says() {
    let (mut runs, mut tightest) = (0, 0.0f64);
    for (name, file) in files() {
        let file: &'static [u8] = file.leak();
        let source = probe::probe(&mut Cursor::new(file), &Limits::default()).unwrap();
        for recipe in recipes(source.oriented()) {
            let plan = Plan::new(&source, &recipe, &Limits::default()).unwrap();
            let mut maps = 0;
            let peak = peak_of(|| {
                let reader = Box::new(Cursor::new(file));
                let go_on = &mut |_| ControlFlow::Continue(());
                let made = pipeline::crop(reader, &recipe, &Limits::default(), go_on);
                maps = made
                    .map_or(0, |made| made.receipt.outputs().iter().filter(|o| o.map().is_some()).count());
            }) as u64;
            let stated = plan.peak_bytes();
            assert!(peak <= stated, "{name}: held {peak}, stated {stated}: {}", recipe.to_json());
            runs += maps;
            tightest = tightest.max(peak as f64 / stated as f64);
        }
    }
    println!("{runs} outputs with a map held up to {tightest:.2} of what was stated");
    assert!(runs > 100, "only {runs} outputs with a map");
}

fn recipes(source: Size) -> Vec<Recipe> {
    let (width, height) = (f64::from(source.width), f64::from(source.height));
    let mut all = Vec::new();
    for (share, from) in [(1.0, 0.0), (0.4, 0.3)] {
        let crop = Crop::from_pixels(width * from, height * from, width * share, height * share).unwrap();
        let output = |name: &str, size: Size, quality| {
            let output = OutputSpec::new(name, size, Format::Jpeg).unwrap().with_quality(quality).unwrap();
            output.with_hdr(Some(Hdr::Keep)).unwrap()
        };
        let recipe = |outputs| {
            let recipe = Recipe::new(crop, outputs).unwrap();
            recipe.with_background(Some("#336699".parse().unwrap())).unwrap()
        };
        for size in [Size::new(40, 30), source] {
            let large = || output("large", size, 100);
            all.push(recipe(vec![large()]));
            all.push(recipe(vec![large().with_max_bytes(9000).unwrap()]));
            all.push(recipe(vec![large()]).with_turn(Turn::from_degrees(33.0).unwrap()));
            let png = OutputSpec::new("png", size, Format::Png).unwrap();
            all.push(recipe(vec![large(), output("small", Size::new(20, 20), 50), png]));
        }
    }
    all
}

/// Fixtures, and a picture that outweighs every fixed cost: noise, which no encoder makes smaller.
fn files() -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/hdr");
    let names = ["both.jpg", "rgb-full.jpg", "progressive-map.jpg", "orientation-6.jpg", "odd-sides.jpg"];
    let mut files: Vec<_> = names.map(|name| (name.to_owned(), fs::read(folder.join(name)).unwrap())).into();
    let source = probe::probe(&mut Cursor::new(&files[0].1), &Limits::default()).unwrap();
    let mut state = 1u32;
    let mut noise = |size: Size| {
        let next = |_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        Raster { size, alpha: false, data: (0..size.pixels() * 3).map(next).collect() }
    };
    for (name, size) in
        [("noise of the same size", Size::new(1200, 900)), ("noise of half the size", Size::new(600, 450))]
    {
        let spec = OutputSpec::new("main", Size::new(1200, 900), Format::Jpeg).unwrap();
        let metadata = source.gain_map().unwrap().metadata();
        let made = encode_with_map(&noise(spec.size()), &noise(size), metadata, &spec).unwrap();
        files.push((name.to_owned(), made.bytes));
    }
    files
}
