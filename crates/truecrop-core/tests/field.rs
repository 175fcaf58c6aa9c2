//! Files of the kinds that real users pick: `tests/fixtures/field`, with what each should show or why it is refused.
//!
//! `index.json` is the table: `expect` is `show`, `refuse` or `either`; `picture` is what the whole file shows, in pixels of
//! its own size (or what `recipe` makes of it), within `tolerance` levels of every channel. What the engine gives is written to
//! `tests/goldens/field.json` by `TRUECROP_BLESS=1`, so that Node and Chromium can be held to the same bytes. Each result is also verified, from its outputs
//! alone and against its source.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use common::{check_verified, folder, read};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::ops::ControlFlow;
use truecrop_core::geometry::{Crop, Size};
use truecrop_core::recipe::{Format, OutputSpec, Recipe};
use truecrop_core::{Limits, Result, pipeline, probe};

/// One file of the table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    expect: String,
    /// For people: what the file is.
    #[serde(default)]
    why: String,
    /// Where it was met.
    #[serde(default, rename = "seen")]
    _seen: String,
    picture: Option<String>,
    #[serde(default)]
    tolerance: u8,
    recipe: Option<Value>,
}

/// The longest side of an output.
const LONGEST: u32 = 16_383;

/// The whole picture in its own size, or as near as an output can be.
fn whole(size: Size) -> Result<Recipe> {
    let output = Size::new(size.width.min(LONGEST), size.height.min(LONGEST));
    Recipe::new(Crop::whole(size)?, vec![OutputSpec::new("main", output, Format::Png)?])
}

fn crop(file: &[u8], entry: &Entry) -> Result<pipeline::Cropped> {
    let limits = Limits::default();
    let source = probe::probe(&mut Cursor::new(file), &limits)?.oriented();
    let recipe = match &entry.recipe {
        Some(recipe) => Recipe::from_json(recipe.to_string().as_bytes(), &limits)?,
        None => whole(source)?,
    };
    pipeline::crop(Box::new(Cursor::new(file.to_vec())), &recipe, &limits, &mut |_| ControlFlow::Continue(()))
}

/// What a run says, in words: the output's digest and what the receipt says beside it; or the code of the refusal.
fn words(made: &Result<pipeline::Cropped>) -> Vec<String> {
    let cropped = match made {
        Ok(cropped) => cropped,
        Err(error) => return vec![error.code().as_str().to_owned()],
    };
    let receipt: Value = serde_json::from_str(&cropped.receipt.to_json().unwrap()).unwrap();
    let source = receipt["source"].as_object().unwrap();
    let said = ["frame", "truncated", "ignored"].into_iter().filter_map(|k| Some((k, source.get(k)?)));
    let digest = cropped.receipt.outputs()[0].digest().to_string();
    [digest].into_iter().chain(said.map(|(k, v)| format!("{k} {v}"))).collect()
}

/// Pixels as R G B A, 8 bits.
fn rgba(png: &[u8]) -> (u32, u32, Vec<u8>) {
    let mut decoder = png::Decoder::new(Cursor::new(png));
    decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::ALPHA);
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    let pixels = match info.color_type {
        png::ColorType::GrayscaleAlpha => {
            pixels.chunks_exact(2).flat_map(|p| [p[0], p[0], p[0], p[1]]).collect()
        }
        _ => pixels,
    };
    (info.width, info.height, pixels)
}

/// What is wrong with a picture, if anything is.
fn wrong(made: &pipeline::Cropped, entry: &Entry) -> Option<String> {
    let picture = entry.picture.as_ref()?;
    let (got, want) = (rgba(&made.outputs[0].1), rgba(&read(&format!("fixtures/field/{picture}"))));
    if (got.0, got.1) != (want.0, want.1) {
        return Some(format!("{} x {} instead of {} x {}", got.0, got.1, want.0, want.1));
    }
    let difference = |(a, b): (&[u8; 4], &[u8; 4])| {
        // what lies under full transparency is nobody's colour
        let seen = if a[3] == 0 && b[3] == 0 { 0..0 } else { 0..4 };
        seen.map(|c| a[c].abs_diff(b[c])).max()
    };
    let pixels = got.2.as_chunks().0.iter().zip(want.2.as_chunks().0);
    let off = pixels.filter_map(difference).max().unwrap_or(0);
    (off > entry.tolerance).then(|| format!("{off} levels off, {} are allowed", entry.tolerance))
}

#[test]
fn real_kinds_of_files_show_what_they_should() {
    let index: BTreeMap<String, Entry> = serde_json::from_slice(&read("fixtures/field/index.json")).unwrap();
    let mut failed = Vec::new();
    let mut results = BTreeMap::new();
    for (name, entry) in &index {
        let file = read(&format!("fixtures/field/{name}"));
        let made = crop(&file, entry);
        let problem = match (&made, &*entry.expect) {
            (Ok(made), "show" | "either") => wrong(made, entry),
            (Err(_), "refuse" | "either") => None,
            (Err(error), _) => Some(format!("is refused: {}", error.detail())),
            (Ok(_), _) => Some("is shown and should be refused".into()),
        };
        failed.extend(problem.map(|problem| format!("{name} ({}): {problem}", entry.why)));
        results.insert(name.clone(), words(&made));
        if let Ok(made) = made {
            check_verified(&file, made).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
    assert!(failed.is_empty(), "{} of {}:\n{}", failed.len(), index.len(), failed.join("\n"));
    let json = serde_json::to_string_pretty(&results).unwrap() + "\n";
    if std::env::var_os("TRUECROP_BLESS").is_some() {
        fs::write(folder("goldens/field.json"), &json).unwrap();
    }
    let kept = String::from_utf8(read("goldens/field.json")).unwrap();
    assert_eq!(kept, json, "tests/goldens/field.json is not what the engine gives");
}
