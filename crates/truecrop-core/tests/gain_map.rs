//! Gain maps, from the file to what verification says of the outputs. What HDR displays make of a file is computed here by
//! itself, in floating point, with another decoder: `gain_map/reference.rs`.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;
#[path = "gain_map/parts.rs"]
mod parts;
#[path = "gain_map/reference.rs"]
mod reference;

use common::{check_verified, forge, read};
use parts::Parts;
use reference::{Picture, difference, shown};
use std::io::Cursor;
use std::ops::ControlFlow;
use truecrop_core::encode::gain_map::check_canonical_with_map;
use truecrop_core::geometry::{Crop, Size, Turn};
use truecrop_core::pipeline::Cropped;
use truecrop_core::policy::Policy;
use truecrop_core::probe::{Ignored, probe};
use truecrop_core::receipt::{Digest, Receipt};
use truecrop_core::recipe::{Format, Hdr, OutputSpec, Recipe};
use truecrop_core::verify::{Level, Submission, verify};
use truecrop_core::{Code, Limits, Result, pipeline};

fn fixture(name: &str) -> Vec<u8> {
    read(&format!("fixtures/hdr/{name}"))
}

fn output(size: (u32, u32), quality: u8) -> OutputSpec {
    OutputSpec::new("main", Size::new(size.0, size.1), Format::Jpeg).unwrap().with_quality(quality).unwrap()
}

fn keeping(crop: [f64; 4], size: (u32, u32)) -> Recipe {
    let [x, y, width, height] = crop;
    let output = output(size, 100).with_hdr(Some(Hdr::Keep)).unwrap();
    Recipe::new(Crop::from_pixels(x, y, width, height).unwrap(), vec![output]).unwrap()
}

fn run(file: &[u8], recipe: &Recipe) -> Result<Cropped> {
    let go_on = &mut |_| ControlFlow::Continue(());
    pipeline::crop(Box::new(Cursor::new(file.to_vec())), recipe, &Limits::default(), go_on)
}

/// The crop with its map, which must be what verification takes.
fn kept(file: &[u8], recipe: &Recipe) -> Vec<u8> {
    let cropped = run(file, recipe).unwrap();
    assert!(cropped.receipt.outputs()[0].map().is_some(), "{}", cropped.receipt.to_json().unwrap());
    assert_eq!(cropped.receipt.source().ignored, []);
    let bytes = cropped.outputs[0].1.clone();
    check_verified(file, cropped).unwrap();
    bytes
}

/// Each fixture, and what `scripts/hdr_fixtures.py` says of its map.
#[test]
fn maps_are_found_where_they_are_and_left_where_they_are_damaged() {
    let list = String::from_utf8(fixture("maps.txt")).unwrap();
    let (mut usable, mut rest) = (0, 0);
    for line in list.lines() {
        let (name, told) = line.split_once(' ').unwrap();
        let file = fixture(name);
        let source = probe(&mut Cursor::new(&file), &Limits::default()).unwrap();
        assert!(source.has_gain_map(), "{name}");
        let size = source.gain_map().map(|map| map.probe().stored());
        let size = size.map(|size| format!("{} x {}", size.width, size.height));
        let (stated, why) = told.split_once(", ").unwrap_or((told, ""));
        assert_eq!(size.as_deref(), (!told.starts_with("none")).then_some(stated), "{name}");

        let seen = source.oriented();
        let whole = [0.0, 0.0, f64::from(seen.width), f64::from(seen.height)];
        let recipe = keeping(whole, (seen.width, seen.height));
        let cropped = run(&file, &recipe).unwrap();
        let (map, ignored) = (cropped.receipt.outputs()[0].map(), cropped.receipt.source().ignored.clone());
        if size.is_some() && why.is_empty() {
            assert_eq!((map.is_some(), ignored), (true, vec![]), "{name}");
            usable += 1;
        } else {
            assert_eq!((map, ignored), (None, vec![Ignored::GainMap]), "{name}");
            rest += 1;
        }
        check_verified(&file, cropped).unwrap_or_else(|e| panic!("{name}: {e}"));

        // Without being asked for it stays behind, and that is said.
        let plain = Recipe::new(*recipe.crop(), vec![output((seen.width, seen.height), 100)]).unwrap();
        let alone = run(&file, &plain).unwrap();
        assert_eq!(alone.receipt.source().ignored, [Ignored::GainMap], "{name}");
        assert!(!alone.outputs[0].1.windows(5).any(|part| part == b"hdrgm"), "{name}");
        check_verified(&file, alone).unwrap_or_else(|e| panic!("{name}: {e}"));
    }
    assert!(usable >= 20 && rest >= 14, "{usable} with a map, {rest} without");
}

/// A photo without a map gives the same file whether a map is asked for or not, and the receipt asks for nothing.
#[test]
fn a_photo_without_a_map_is_cropped_as_ever() {
    let file = read("fixtures/coffee.jpg");
    let recipe = keeping([10.0, 20.0, 200.0, 100.0], (100, 50));
    let plain = Recipe::new(*recipe.crop(), vec![output((100, 50), 100)]).unwrap();
    let (asked, unasked) = (run(&file, &recipe).unwrap(), run(&file, &plain).unwrap());
    assert_eq!(asked.outputs[0].1, unasked.outputs[0].1);
    assert_eq!(asked.receipt, unasked.receipt);
}

/// What HDR displays show of the crop is the crop of what they show: for each, the file, the crop, and the size of its map.
#[test]
fn the_crop_of_the_light_is_the_light_of_the_crop() {
    let cases = [
        ("both.jpg", [64, 48, 128, 96], (32, 24)),
        ("both.jpg", [0, 0, 256, 192], (64, 48)),
        ("both.jpg", [3, 5, 101, 67], (26, 17)),
        ("both.jpg", [254, 190, 2, 2], (1, 1)),
        ("xmp-only.jpg", [10, 11, 50, 40], (13, 10)),
        ("iso-only.jpg", [17, 20, 100, 80], (25, 20)),
        ("odd-sides.jpg", [20, 10, 90, 60], (23, 16)),
        ("rgb-full.jpg", [5, 7, 90, 60], (90, 60)),
        ("orientation-1.jpg", [9, 10, 64, 41], (16, 11)),
        ("orientation-2.jpg", [9, 10, 64, 41], (16, 11)),
        ("orientation-3.jpg", [9, 10, 64, 41], (16, 11)),
        ("orientation-4.jpg", [9, 10, 64, 41], (16, 11)),
        ("orientation-5.jpg", [9, 10, 64, 41], (16, 11)),
        ("orientation-6.jpg", [9, 10, 64, 41], (16, 11)),
        ("orientation-7.jpg", [9, 10, 64, 41], (16, 11)),
        ("orientation-8.jpg", [9, 10, 64, 41], (16, 11)),
    ];
    for (name, crop, map) in cases {
        let file = fixture(name);
        let made = kept(&file, &keeping(crop.map(f64::from), (crop[2], crop[3])));
        assert_eq!(Parts::of(&made).map_size(), map, "{name} {crop:?}");
        let orientation = name.strip_prefix("orientation-").map_or(1, |rest| rest[..1].parse().unwrap());
        let wanted = shown(&file).oriented(orientation).cut(crop);
        close(&shown(&made), &wanted, &format!("{name} {crop:?}"));
    }
}

fn close(got: &Picture, wanted: &Picture, what: &str) {
    let (most, decibels) = difference(got, wanted);
    println!("{what}: at most {most:.2} of 255, {decibels:.1} dB");
    assert!(most <= 1.0 || decibels >= 50.0, "{what}: {most:.2} of 255, {decibels:.1} dB");
}

#[test]
fn two_crops_in_a_row_are_one() {
    for (name, first, second) in [
        ("both.jpg", [32, 16, 160, 128], [16, 8, 96, 64]),
        ("both.jpg", [5, 3, 203, 151], [7, 11, 99, 63]),
        ("rgb-full.jpg", [8, 8, 100, 80], [3, 4, 64, 48]),
    ] {
        let file = fixture(name);
        let once = kept(&file, &keeping(first.map(f64::from), (first[2], first[3])));
        let twice = kept(&once, &keeping(second.map(f64::from), (second[2], second[3])));
        let direct = [first[0] + second[0], first[1] + second[1], second[2], second[3]];
        let wanted = kept(&file, &keeping(direct.map(f64::from), (direct[2], direct[3])));
        close(&shown(&twice), &shown(&wanted), &format!("{name} twice"));
        assert_eq!(Parts::of(&twice).numbers(), Parts::of(&wanted).numbers(), "{name}");
    }
}

/// Halves of the size: what is shown is still the same light.
#[test]
fn smaller_outputs_have_smaller_maps() {
    let file = fixture("both.jpg");
    let made = kept(&file, &keeping([32.0, 16.0, 128.0, 96.0], (64, 48)));
    assert_eq!(Parts::of(&made).map_size(), (16, 12));
    close(&shown(&made), &shown(&file).cut([32, 16, 128, 96]).halved(), "halved");
    // An enlarged output gets no more of the map than there is.
    let made = kept(&file, &keeping([32.0, 16.0, 32.0, 24.0], (64, 48)));
    assert_eq!(Parts::of(&made).map_size(), (8, 6));
}

/// A base and a map that show the same in gray: at any angle both are cut alike.
#[test]
fn base_and_map_are_turned_alike() {
    for times in [1, 2] {
        let file = parts::twins(times);
        for degrees in [0.0, 90.0, 180.0, 270.0, 12.5, 33.0, 301.0] {
            let recipe = keeping([40.0, 30.0, 44.0, 36.0], (44, 36));
            let made = kept(&file, &recipe.with_turn(Turn::from_degrees(degrees).unwrap()));
            // Between the outermost samples of a smaller map and the edge nothing is known.
            let (mean, most) = parts::apart(&made, (44, 36), 2 * (times as usize - 1));
            // A quarter of a pixel between the two would be 1.4 in the mean.
            assert!(mean <= 1.0 && most <= 4.0, "{degrees} degrees, 1/{times}: {mean:.2}, at most {most}");
        }
    }
}

#[test]
fn max_bytes_counts_the_whole_file() {
    let file = fixture("both.jpg");
    let whole = kept(&file, &keeping([0.0, 0.0, 256.0, 192.0], (256, 192)));
    let crop = Crop::from_pixels(0.0, 0.0, 256.0, 192.0).unwrap();
    let most = whole.len() as u32 * 2 / 3;
    let output = output((256, 192), 100).with_hdr(Some(Hdr::Keep)).unwrap().with_max_bytes(most).unwrap();
    let cropped = run(&file, &Recipe::new(crop, vec![output.clone()]).unwrap()).unwrap();
    let facts = &cropped.receipt.outputs()[0];
    assert!(facts.bytes() <= u64::from(most) && facts.used_quality().is_some() && facts.map().is_some());
    check_verified(&file, cropped).unwrap();
    let too_few = output.with_max_bytes(1500).unwrap();
    let refused = run(&file, &Recipe::new(crop, vec![too_few]).unwrap()).unwrap_err();
    assert_eq!((refused.code(), refused.field()), (Code::MaxBytesUnreachable, Some("outputs[0].maxBytes")));
}

#[test]
fn only_a_jpeg_can_have_a_map() {
    for format in [Format::Png, Format::Webp] {
        let plain = OutputSpec::new("main", Size::new(4, 4), format).unwrap();
        let refused = plain.with_hdr(Some(Hdr::Keep)).unwrap_err();
        assert_eq!((refused.code(), refused.field()), (Code::InvalidRecipe, Some("hdr")));
    }
    let json = r#"{"truecrop":1,"crop":{"x":0,"y":0,"width":4,"height":4},"outputs":[{"name":"main","width":4,"height":4,"format":"jpeg","hdr":"keep"}]}"#;
    let read = |json: &str| Recipe::from_json(json.as_bytes(), &Limits::default());
    let recipe = read(json).unwrap();
    assert_eq!(recipe.outputs()[0].hdr(), Some(Hdr::Keep));
    assert_eq!(read(&recipe.to_json()).unwrap(), recipe);
    for wrong in [json.replace("keep", "drop"), json.replace("jpeg", "png")] {
        assert_eq!(read(&wrong).unwrap_err().code(), Code::InvalidRecipe, "{wrong}");
    }
}

/// Of several outputs each has what it asks for.
#[test]
fn outputs_ask_for_themselves() {
    let file = fixture("both.jpg");
    let named = |name: &str, format| OutputSpec::new(name, Size::new(64, 48), format).unwrap();
    let outputs = vec![
        named("hdr", Format::Jpeg).with_hdr(Some(Hdr::Keep)).unwrap(),
        named("plain", Format::Jpeg),
        named("png", Format::Png),
        named("again", Format::Jpeg).with_hdr(Some(Hdr::Keep)).unwrap(),
    ];
    let crop = Crop::from_pixels(0.0, 0.0, 256.0, 192.0).unwrap();
    let cropped = run(&file, &Recipe::new(crop, outputs).unwrap()).unwrap();
    let maps: Vec<bool> = cropped.receipt.outputs().iter().map(|facts| facts.map().is_some()).collect();
    assert_eq!(maps, [true, false, false, true]);
    assert_eq!(cropped.outputs[0].1, cropped.outputs[3].1);
    check_verified(&file, cropped).unwrap();
}

/// Beside the picture the base shows its background as it is: the map says nothing there.
#[test]
fn a_background_is_not_made_brighter() {
    for name in ["both.jpg", "other-numbers.jpg"] {
        let file = fixture(name);
        let recipe = keeping([-64.0, -48.0, 192.0, 144.0], (192, 144));
        let recipe = recipe.with_background(Some("#808080".parse().unwrap())).unwrap();
        let made = kept(&file, &recipe);
        let corner = shown(&made).pixel(4, 4);
        let gray = ((128.0 / 255.0 + 0.055f64) / 1.055).powf(2.4);
        assert!(
            corner.iter().all(|light| (light / gray - 1.0).abs() < 0.02),
            "{name}: {corner:?}, not {gray}"
        );
    }
}

/// What is not exactly what the engine writes is no output with a map.
#[test]
fn a_file_with_anything_else_is_refused() {
    let recipe = keeping([64.0, 48.0, 128.0, 96.0], (64, 48));
    let (spec, map) = (recipe.outputs()[0].clone(), Size::new(16, 12));
    let own = kept(&fixture("both.jpg"), &recipe);
    check_canonical_with_map(&own, &spec, map).unwrap();
    assert_eq!(Parts::of(&own).join(), own);
    let other = kept(&fixture("rgb-full.jpg"), &keeping([0.0, 0.0, 64.0, 48.0], (64, 48)));
    for (name, file) in parts::tampered(&own, &other) {
        assert_ne!(file, own, "{name}");
        let refused = check_canonical_with_map(&file, &spec, map).expect_err(name);
        assert_eq!(refused.code(), Code::NotCanonical, "{name}");
    }
    for (name, spec, map) in [
        ("another size", output((64, 47), 100), map),
        ("another quality", output((64, 48), 99), map),
        ("another map", spec.clone(), Size::new(16, 11)),
        ("no map", spec.clone(), Size::new(0, 0)),
    ] {
        assert!(check_canonical_with_map(&own, &spec, map).is_err(), "{name}");
    }
    for end in 0..own.len() {
        assert!(check_canonical_with_map(&own[..end], &spec, map).is_err(), "cut at {end}");
    }
}

#[test]
fn receipts_that_lie_about_maps_are_refused() {
    let file = fixture("both.jpg");
    let cropped = run(&file, &keeping([0.0, 0.0, 256.0, 192.0], (128, 96))).unwrap();
    let bytes = cropped.outputs[0].1.clone();
    let judge = |receipt: Receipt, bytes: &[u8], policy: &str| {
        let submission = Submission { receipt, outputs: vec![("main".into(), bytes.to_vec())], source: None };
        let policy = Policy::from_json(policy.as_bytes()).unwrap();
        verify(submission, Level::Result, &policy, &Limits::default()).map(drop)
    };
    assert_eq!(judge(cropped.receipt.clone(), &bytes, r#"{"allowHdr":true}"#), Ok(()));
    let refused = judge(cropped.receipt.clone(), &bytes, r#"{"allowHdr":false}"#).unwrap_err();
    assert_eq!((refused.code(), refused.field()), (Code::PolicyViolation, Some("outputs[0].map")));
    type Change = fn(&mut serde_json::Value);
    let cases: [(&str, Change, Code); 7] = [
        (
            "no map",
            |json| drop(json["outputs"][0].as_object_mut().unwrap().remove("map")),
            Code::NotCanonical,
        ),
        ("another map", |json| json["outputs"][0]["map"]["width"] = 31.into(), Code::NotCanonical),
        ("no pixels", |json| json["outputs"][0]["map"]["width"] = 0.into(), Code::InvalidReceipt),
        (
            "larger than its picture",
            |json| json["outputs"][0]["map"]["height"] = 97.into(),
            Code::InvalidReceipt,
        ),
        ("of a PNG", |json| json["outputs"][0]["format"] = "png".into(), Code::InvalidReceipt),
        (
            "kept and ignored",
            |json| json["source"]["ignored"] = serde_json::json!(["gain-map"]),
            Code::InvalidReceipt,
        ),
        ("of a stray member", |json| json["outputs"][0]["map"]["depth"] = 8.into(), Code::InvalidReceipt),
    ];
    for (name, change, code) in cases {
        if name == "of a stray member" {
            let mut json = serde_json::from_str(&cropped.receipt.to_json().unwrap()).unwrap();
            change(&mut json);
            let read = Receipt::from_json(json.to_string().as_bytes(), &Limits::default());
            assert_eq!(read.unwrap_err().code(), code, "{name}");
            continue;
        }
        let forged = forge(&cropped.receipt, |json| {
            if name == "of a PNG" {
                json["outputs"][0].as_object_mut().unwrap().remove("quality");
            }
            change(json);
        });
        assert_eq!(judge(forged, &bytes, "{}").unwrap_err().code(), code, "{name}");
    }
    // Another file of the right form is a picture like any other at this level; its receipt must be of it.
    let other = kept(&fixture("xmp-only.jpg"), &keeping([0.0, 0.0, 256.0, 192.0], (128, 96)));
    let forged = forge(&cropped.receipt, |json| {
        json["outputs"][0]["bytes"] = other.len().into();
        json["outputs"][0]["digest"] = Digest::of(&other).to_string().into();
    });
    assert_eq!(judge(cropped.receipt.clone(), &other, "{}").unwrap_err().code(), Code::DigestMismatch);
    assert_eq!(judge(forged, &other, "{}"), Ok(()));
}
