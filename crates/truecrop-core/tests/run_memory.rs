//! A whole run stays within the bytes that its plan states before it takes any.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

#[path = "common/memory.rs"]
mod memory;

use memory::peak_of;
use std::fs;
use std::io::Cursor;
use std::ops::ControlFlow;
use std::path::PathBuf;
use truecrop_core::geometry::{Crop, Size, Turn};
use truecrop_core::plan::Plan;
use truecrop_core::recipe::{Background, Filter, Format, Light, OutputSpec, Recipe};
use truecrop_core::{Limits, pipeline, probe};

const FORMATS: [Format; 3] = [Format::Jpeg, Format::Png, Format::Webp];

/// One test in this file: others beside it would be counted too.
#[test]
fn a_run_holds_no_more_than_its_plan_says() {
    let files = files();
    let mut runs = 0;
    let (mut tightest, mut loosest) = (0.0f64, f64::INFINITY);
    for (i, (name, file)) in files.into_iter().enumerate() {
        let file: &'static [u8] = file.leak();
        let Ok(source) = probe::probe(&mut Cursor::new(file), &Limits::default()) else { continue };
        // Each fixture gets another seventh of the recipes, the heavy pictures get all: every recipe meets some.
        let step = if name.starts_with("noise") { 1 } else { 7 };
        for (what, recipe) in recipes(source.oriented()).into_iter().skip(i % step).step_by(step) {
            let Ok(plan) = Plan::new(&source, &recipe, &Limits::default()) else { continue };
            let mut made = 0;
            let peak = peak_of(|| {
                let reader = Box::new(Cursor::new(file));
                let go_on = &mut |_| ControlFlow::Continue(());
                made =
                    pipeline::crop(reader, &recipe, &Limits::default(), go_on).map_or(0, |c| c.outputs.len());
            }) as u64;
            let stated = plan.peak_bytes();
            assert!(peak <= stated, "{name}, {what}: held {peak}, stated {stated}");
            if made > 0 {
                runs += 1;
                let share = peak as f64 / stated as f64;
                (tightest, loosest) = (tightest.max(share), loosest.min(share));
            }
        }
    }
    println!("{runs} runs held {loosest:.2} to {tightest:.2} of what was stated");
    assert!(runs > 300, "only {runs} runs");
}

fn recipes(source: Size) -> Vec<(String, Recipe)> {
    let (width, height) = (f64::from(source.width), f64::from(source.height));
    let crops = [("whole", 1.0, 0.0), ("corner", 0.125, 0.875), ("middle", 0.4, 0.3)];
    let mut all = Vec::new();
    for (at, share, from) in crops {
        let crop = Crop::from_pixels(width * from, height * from, width * share, height * share).unwrap();
        for format in FORMATS {
            for side in [1, 96, 700] {
                let recipe =
                    recipe(crop, "#336699", [OutputSpec::new("main", Size::new(side, side), format)]);
                all.push((format!("{at} to {side} {format:?}"), recipe.clone()));
                let degrees = |degrees| Turn::from_degrees(degrees).unwrap();
                let turned = recipe.with_turn(degrees(33.0));
                let turned = turned.with_filter(Filter::Triangle).with_light(Light::Linear);
                all.push((format!("{at} turned to {side} {format:?}"), turned.clone()));
                let upended = turned.with_turn(degrees(90.0));
                // A JPEG keeps its colour.
                let upended =
                    upended.clone().with_background(Some(Background::Transparent)).unwrap_or(upended);
                all.push((format!("{at} upended to {side} {format:?}"), upended));
            }
        }
        for most in [700, 20_000, 900_000] {
            let output = OutputSpec::new("main", Size::new(700, 500), Format::Jpeg);
            let output = output.and_then(|output| output.with_quality(100)?.with_max_bytes(most));
            all.push((format!("{at} within {most} bytes"), recipe(crop, "#336699", [output])));
        }
        for side in [1, 96, 700] {
            let output = OutputSpec::new("main", Size::new(side, side), Format::Webp);
            let lossy = |quality| output.clone().and_then(|output| output.with_quality(quality));
            all.push((format!("{at} to {side} lossy WebP"), recipe(crop, "#336699", [lossy(100)])));
            let within = lossy(90).and_then(|output| output.with_max_bytes(9000));
            let clear = recipe(crop, "#336699", [within]).with_background(Some(Background::Transparent));
            all.push((format!("{at} to {side} transparent lossy WebP"), clear.unwrap()));
        }
        let three = FORMATS.map(|format| OutputSpec::new(format.as_str(), Size::new(300, 200), format));
        all.push((format!("{at} to three"), recipe(crop, "#ffffff", three)));
    }
    all
}

fn recipe<const N: usize>(
    crop: Crop,
    background: &str,
    outputs: [truecrop_core::Result<OutputSpec>; N],
) -> Recipe {
    let outputs = outputs.into_iter().collect::<truecrop_core::Result<_>>();
    Recipe::new(crop, outputs.unwrap()).unwrap().with_background(Some(background.parse().unwrap())).unwrap()
}

/// Fixtures, and two pictures that outweigh every fixed cost: noise, which no encoder makes smaller.
fn files() -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|p| p.is_file());
    let mut files: Vec<_> = paths
        .map(|p| (p.file_name().unwrap().to_string_lossy().into_owned(), fs::read(p).unwrap()))
        .collect();
    let size = Size::new(1600, 1200);
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let noise: Vec<u8> = (0..size.pixels() * 3).map(|_| next()).collect();
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, size.width, size.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header().unwrap().write_image_data(&noise).unwrap();
    let whole = Crop::whole(size).unwrap();
    let jpeg = OutputSpec::new("main", size, Format::Jpeg).unwrap().with_quality(95).unwrap();
    let recipe = Recipe::new(whole, vec![jpeg]).unwrap();
    let go_on = &mut |_| ControlFlow::Continue(());
    let made =
        pipeline::crop(Box::new(Cursor::new(png.clone())), &recipe, &Limits::default(), go_on).unwrap();
    files.push(("noise.jpg".into(), made.outputs[0].1.clone()));
    files.push(("noise.png".into(), png));
    files
}
