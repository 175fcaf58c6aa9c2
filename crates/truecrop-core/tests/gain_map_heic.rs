//! Gain maps of HEICs, from the file to what verification says of the outputs. The light that displays show of a source is computed here in floating
//! point, out of its base and of its map, each decoded alone: that these are right is what `heic.rs` holds.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking
#![cfg(all(feature = "heic", feature = "formats"))]

mod common;
#[allow(dead_code)] // what tells of the engine's own files is used alone
#[path = "gain_map/parts.rs"]
mod parts;
#[allow(dead_code)]
#[path = "gain_map/reference.rs"]
mod reference;

use common::{check_verified, crop_png, read};
use parts::Parts;
use reference::{Picture, Plane, by_iso, difference, lit, shown};
use std::io::Cursor;
use std::ops::ControlFlow;
use truecrop_core::geometry::{Crop, Size, Turn};
use truecrop_core::pipeline::Cropped;
use truecrop_core::plan::Plan;
use truecrop_core::probe::{Ignored, Probe, probe};
use truecrop_core::recipe::{Format, Hdr, OutputSpec, Recipe};
use truecrop_core::{Limits, pipeline};

/// For `parts`, which makes pictures out of a JPEG with a map.
fn fixture(name: &str) -> Vec<u8> {
    read(&format!("fixtures/hdr/{name}"))
}

fn file(name: &str) -> Vec<u8> {
    read(&format!("fixtures/hdr-heic/{name}"))
}

fn probe_of(file: &[u8]) -> Probe {
    probe(&mut Cursor::new(file), &Limits::default()).unwrap()
}

fn asking(crop: [u32; 4], keep: bool) -> Recipe {
    let [x, y, width, height] = crop.map(f64::from);
    let output = OutputSpec::new("main", Size::new(crop[2], crop[3]), Format::Jpeg).unwrap();
    let output = output.with_quality(100).unwrap().with_hdr(keep.then_some(Hdr::Keep)).unwrap();
    Recipe::new(Crop::from_pixels(x, y, width, height).unwrap(), vec![output]).unwrap()
}

fn run(file: &[u8], recipe: &Recipe) -> Cropped {
    let go_on = &mut |_| ControlFlow::Continue(());
    pipeline::crop(Box::new(Cursor::new(file.to_vec())), recipe, &Limits::default(), go_on).unwrap()
}

/// The crop with its map, which must be what verification takes.
fn kept(file: &[u8], recipe: &Recipe) -> Vec<u8> {
    let cropped = run(file, recipe);
    assert!(cropped.receipt.outputs()[0].map().is_some(), "{}", cropped.receipt.to_json().unwrap());
    assert_eq!(cropped.receipt.source().ignored, []);
    let bytes = cropped.outputs[0].1.clone();
    check_verified(file, cropped).unwrap();
    bytes
}

/// Each fixture, and what `scripts/heic_hdr_fixtures.py` says of its map.
#[test]
fn maps_are_found_where_they_can_be_used_and_told_of_where_not() {
    let list = String::from_utf8(file("maps.txt")).unwrap();
    let (mut usable, mut rest) = (0, 0);
    for line in list.lines() {
        let (name, told) = line.split_once(' ').unwrap();
        let file = file(name);
        let source = probe_of(&file);
        assert!(source.has_gain_map(), "{name}");
        let size = source.gain_map().map(|map| map.probe().stored());
        let seen = source.oriented();
        let whole = [0, 0, seen.width, seen.height];
        let cropped = run(&file, &asking(whole, true));
        let (map, ignored) = (cropped.receipt.outputs()[0].map(), cropped.receipt.source().ignored.clone());
        let Some((_, stated)) = told.split_once(' ').filter(|_| !told.starts_with("none")) else {
            assert_eq!((map, ignored), (None, vec![Ignored::GainMap]), "{name}: {told}");
            check_verified(&file, cropped).unwrap();
            rest += 1;
            continue;
        };
        let size = size.map(|size| format!("{} x {}", size.width, size.height));
        assert_eq!(size.as_deref(), Some(stated), "{name}");
        assert_eq!((map.is_some(), ignored), (true, vec![]), "{name}");
        check_verified(&file, cropped).unwrap_or_else(|e| panic!("{name}: {e}"));
        // Without being asked for it stays behind, and that is said.
        let alone = run(&file, &asking(whole, false));
        assert_eq!(alone.receipt.source().ignored, [Ignored::GainMap], "{name}");
        assert!(!alone.outputs[0].1.windows(5).any(|part| part == b"hdrgm"), "{name}");
        usable += 1;
    }
    assert!(usable >= 17 && rest >= 15, "{usable} with a map, {rest} without");
}

/// The whole primary picture, upright.
fn plane(file: &[u8]) -> Plane {
    let size = probe_of(file).oriented();
    let crop = Crop::whole(size).unwrap();
    let png = OutputSpec::new("main", size, Format::Png).unwrap();
    let made = crop_png(file, &Recipe::new(crop, vec![png]).unwrap());
    Plane { width: made.width as usize, height: made.height as usize, rgb: made.rgb }
}

/// The file with its second picture, which is the map in all fixtures, as its primary one.
fn map_alone(file: &[u8]) -> Vec<u8> {
    let mut file = file.to_vec();
    let at = file.windows(4).position(|part| part == b"pitm").unwrap() + 8;
    file[at..at + 2].copy_from_slice(&2_u16.to_be_bytes());
    file
}

/// The numbers that most fixtures have.
const NUMBERS: [f64; 5] = [0.0, 2.0, 1.0, 0.015625, 0.015625];

/// What Apple says that a display shows, with the headroom of the fixtures' note.
fn by_apple(base: f64, sample: f64) -> f64 {
    let headroom = (-0.303_f64 * 7471.0 / 6307.0 + 2.303).exp2();
    let sample = sample / 255.0;
    let light = if sample < 0.081 { sample / 4.5 } else { ((sample + 0.099) / 1.099).powf(1.0 / 0.45) };
    base * (1.0 + (headroom - 1.0) * light)
}

fn light_of(name: &str) -> Picture {
    let file = file(name);
    let (base, map) = (plane(&file), plane(&map_alone(&file)));
    match name {
        "iso-gamma.heic" => {
            lit(&base, &map, |base, gain, _| by_iso(base, gain, [-0.5, 2.0, 1.5, 0.01, 0.02]))
        }
        "iso-rgb.heic" => {
            let channels = [[0.0, 2.0], [0.1, 1.5], [0.2, 1.0]];
            lit(&base, &map, |base, gain, c| {
                by_iso(base, gain, [channels[c][0], channels[c][1], 1.0, 0.01, 0.01])
            })
        }
        _ if name.contains("apple") && name != "iso-and-apple.heic" => {
            lit(&base, &map, |base, gain, _| by_apple(base, gain))
        }
        _ => lit(&base, &map, |base, gain, _| by_iso(base, gain, NUMBERS)),
    }
}

/// What HDR displays show of the crop is the crop of what they show: for each, the file, the crop, and the size of its map.
#[test]
fn the_crop_of_the_light_is_the_light_of_the_crop() {
    let cases = [
        ("iso.heic", [64, 48, 96, 64], (48, 32)),
        ("iso.heic", [0, 0, 192, 128], (96, 64)),
        ("iso.heic", [3, 5, 101, 67], (51, 34)),
        ("iso.heic", [190, 126, 2, 2], (1, 1)),
        ("iso-gamma.heic", [17, 20, 100, 80], (50, 40)),
        ("iso-rgb.heic", [17, 20, 100, 80], (50, 40)),
        ("iso-cut.heic", [20, 10, 90, 60], (46, 31)),
        ("iso-turned-1.heic", [9, 10, 64, 41], (32, 21)),
        ("iso-turned-2.heic", [9, 10, 64, 41], (32, 21)),
        ("iso-turned-3.heic", [9, 10, 64, 41], (32, 21)),
        ("iso-mirrored.heic", [9, 10, 64, 41], (32, 21)),
        ("iso-mirrored-turned.heic", [9, 10, 64, 41], (32, 21)),
        ("iso-and-apple.heic", [9, 10, 64, 41], (32, 21)),
        ("grids.heic", [100, 200, 301, 203], (151, 102)),
        ("apple.heic", [0, 0, 192, 128], (96, 64)),
        ("apple.heic", [17, 20, 100, 80], (50, 40)),
        ("apple-turned.heic", [9, 10, 64, 41], (32, 21)),
        ("iso-damaged-and-apple.heic", [9, 10, 64, 41], (32, 21)),
    ];
    for (name, crop, map) in cases {
        let made = kept(&file(name), &asking(crop, true));
        assert_eq!(Parts::of(&made).map_size(), map, "{name} {crop:?}");
        let (most, decibels) = difference(&shown(&made), &light_of(name).cut(crop));
        println!("{name} {crop:?}: at most {most:.2} of 255, {decibels:.1} dB");
        assert!(most <= 1.0 || decibels >= 50.0, "{name} {crop:?}: {most:.2} of 255, {decibels:.1} dB");
    }
}

/// A map that says nothing of how it lies is stored as its base.
#[test]
fn an_untold_map_lies_as_its_base() {
    let crop = [9, 10, 64, 41];
    let [told, untold] =
        ["iso-turned-3.heic", "iso-untold.heic"].map(|name| kept(&file(name), &asking(crop, true)));
    assert_eq!(told, untold);
}

/// A crop of a crop is the crop, for Apple's maps too: the first crop has become a map of ISO 21496-1.
#[test]
fn two_crops_in_a_row_are_one() {
    for name in ["iso.heic", "apple.heic", "grids.heic"] {
        let file = file(name);
        let once = kept(&file, &asking([32, 16, 128, 96], true));
        let twice = kept(&once, &asking([16, 8, 96, 64], true));
        let wanted = kept(&file, &asking([48, 24, 96, 64], true));
        let (most, decibels) = difference(&shown(&twice), &shown(&wanted));
        assert!(most <= 1.0 || decibels >= 50.0, "{name}: {most:.2} of 255, {decibels:.1} dB");
        assert_eq!(Parts::of(&twice).numbers(), Parts::of(&wanted).numbers(), "{name}");
    }
}

/// The plan counts the map's tiles.
#[test]
fn turned_and_small_crops_are_planned_and_made() {
    let file = file("grids.heic");
    let source = probe_of(&file);
    for degrees in [0.0, 33.0, 90.0] {
        let recipe = asking([150, 200, 60, 40], true).with_turn(Turn::from_degrees(degrees).unwrap());
        let plan = Plan::new(&source, &recipe, &Limits::default()).unwrap();
        assert!(plan.peak_bytes() < 4 << 20, "{}", plan.peak_bytes());
        kept(&file, &recipe);
    }
}
