//! The pixel contract: digests of output bytes over real photographs and some fifty recipes.
//!
//! A new case is added to `tests/goldens/recipes.json`, and made of each picture in `sources.json`. `goldens.json` and `goldens.lock` are
//! written by the command below, never by hand. `goldens.json` is checked here natively, and by tests/node, tests/e2e and scripts/lib/targets.mjs and browsers.mjs in wasm. After
//! a wanted change of pixels: raise `PIXELS`, then `TRUECROP_BLESS=1 cargo test -p truecrop-core --features heic --test goldens`.
//!
//! `TRUECROP_UNIT=scalar` or `base` takes these kernels instead of the machine's best; `TRUECROP_STRIDE=5` runs every
//! fifth case, for machines that are emulated.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use common::{folder, read};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::ops::ControlFlow;

use std::sync::{Mutex, PoisonError};
use truecrop_core::geometry::Turn;
use truecrop_core::receipt::Digest;
use truecrop_core::recipe::{Background, Filter, Light, OutputSpec, Recipe};
use truecrop_core::view::{Aspect, Bounds, View, solve};
use truecrop_core::{Limits, PIXELS, Result, Simd, pipeline, probe, use_simd};

/// A recipe that fits any source: by its view.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    view: View,
    background: Option<String>,
    #[serde(default)]
    filter: Filter,
    #[serde(default)]
    light: Light,
    outputs: Vec<OutputSpec>,
}

/// Per source, per recipe: the outputs' digests, or the code of the refusal.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Goldens {
    pixels: u32,
    sources: BTreeMap<String, BTreeMap<String, Vec<String>>>,
}

fn run(file: &[u8], case: &Case) -> Vec<String> {
    let digests = |cropped: pipeline::Cropped| {
        let digests = cropped.receipt.outputs().iter().map(|output| output.digest().to_string()).collect();
        common::check_verified(file, cropped).unwrap_or_else(|error| panic!("{}: {error}", case.name));
        digests
    };
    try_run(file, case).map_or_else(|error| vec![error.code().as_str().to_owned()], digests)
}

fn try_run(file: &[u8], case: &Case) -> Result<pipeline::Cropped> {
    let limits = Limits::default();
    let source = probe::probe(&mut Cursor::new(file), &limits)?.oriented();
    let background: Option<Background> = case.background.as_deref().map(str::parse).transpose()?;
    let bounds = if background.is_some() { Bounds::Contain } else { Bounds::Cover };
    let solved = solve(source, Aspect::of_size(case.outputs[0].size())?, bounds, &case.view)?;
    let turn = Turn::from_degrees(solved.view.rotate).unwrap();
    let recipe = Recipe::new(solved.crop, case.outputs.clone())?.with_turn(turn).with_flip(case.view.flip);
    let recipe = recipe.with_filter(case.filter).with_light(case.light).with_background(background)?;
    pipeline::crop(Box::new(Cursor::new(file.to_vec())), &recipe, &limits, &mut |_| ControlFlow::Continue(()))
}

/// Which kernels a process uses is for all of its threads: one test at a time.
static UNIT: Mutex<()> = Mutex::new(());

/// The results of every `stride`th case, counted on over the sources, by these kernels.
fn make(simd: Simd, stride: usize) -> Goldens {
    let _alone = UNIT.lock().unwrap_or_else(PoisonError::into_inner);
    use_simd(simd);
    let mut sources: Vec<String> = serde_json::from_slice(&read("goldens/sources.json")).unwrap();
    sources.retain(|source| is_read(source));
    let cases: Vec<Case> = serde_json::from_slice(&read("goldens/recipes.json")).unwrap();
    let of_source = |(at, source): (usize, &String)| {
        let file = read(&format!("fixtures/{source}"));
        let taken = cases.iter().enumerate().filter(|(i, _)| (at * cases.len() + i).is_multiple_of(stride));
        (source.clone(), taken.map(|(_, case)| (case.name.clone(), run(&file, case))).collect())
    };
    let sources = sources.iter().enumerate().map(of_source).collect();
    use_simd(Simd::Best);
    Goldens { pixels: PIXELS, sources }
}

/// Whether this build reads a source.
fn is_read(source: &str) -> bool {
    cfg!(feature = "heic") || !source.starts_with("heic/")
}

/// The goldens of what this build reads.
fn kept() -> Goldens {
    let mut kept: Goldens = serde_json::from_slice(&read("goldens/goldens.json")).unwrap();
    kept.sources.retain(|source, _| is_read(source));
    kept
}

/// Holds what was made to what was kept, and says how many results were compared.
fn compare(made: &Goldens) -> usize {
    let kept = kept();
    assert_eq!(kept.pixels, PIXELS, "the goldens are of another pixel contract");
    let mut wrong = Vec::new();
    for (source, results) in &made.sources {
        for (name, got) in results {
            let want = kept.sources.get(source).and_then(|r| r.get(name));
            if want != Some(got) {
                wrong.push(format!("{source}, {name}\n  expected {want:?}\n  got      {got:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of the goldens differ:\n{}", wrong.len(), wrong.join("\n"));
    made.sources.values().map(BTreeMap::len).sum()
}

/// What the environment asks for, where it asks.
fn asked() -> (Simd, usize) {
    let simd = match std::env::var("TRUECROP_UNIT").as_deref() {
        Err(_) | Ok("best") => Simd::Best,
        Ok("base") => Simd::Base,
        Ok("scalar") => Simd::Scalar,
        Ok(other) => panic!("TRUECROP_UNIT is scalar, base or best, not {other}"),
    };
    (simd, std::env::var("TRUECROP_STRIDE").map_or(1, |stride| stride.parse().unwrap()))
}

#[test]
fn outputs_are_the_goldens_byte_for_byte() {
    let (simd, stride) = asked();
    let made = make(simd, stride);
    if std::env::var_os("TRUECROP_BLESS").is_some() {
        assert_eq!(stride, 1, "only all of the goldens can be blessed");
        if cfg!(not(feature = "heic")) {
            panic!("the goldens are blessed with --features heic");
        }
        let json = serde_json::to_string_pretty(&made).unwrap() + "\n";
        fs::write(folder("goldens/goldens.json"), &json).unwrap();
        lock(Digest::of(json.as_bytes()));
    }
    println!("{} results by {simd:?}", compare(&made));
    if stride == 1 {
        assert_eq!(made, kept(), "the goldens hold cases that are no longer made");
    }
}

/// All cases by these kernels: `TRUECROP_UNIT`. What this leaves out, the kernels' own tests hold.
#[test]
fn plain_loops_and_the_base_unit_give_the_goldens_in_every_seventh_case() {
    let stride = 7 * asked().1;
    for simd in [Simd::Scalar, Simd::Base] {
        let count = compare(&make(simd, stride));
        println!("{count} results by {simd:?}");
        assert!(count * stride >= 1000, "{count} cases are too few");
    }
}

/// The lock has one line for each pixel contract there ever was: `<pixels> <digest of goldens.json>`.
const LOCK: &str = "goldens/goldens.lock";

fn lock(digest: Digest) {
    let old = fs::read_to_string(folder(LOCK)).unwrap_or_default();
    let others = old.lines().filter(|line| line.split(' ').next() != Some(&PIXELS.to_string()));
    let lines: Vec<String> = others.map(str::to_owned).chain([format!("{PIXELS} {digest}")]).collect();
    fs::write(folder(LOCK), lines.join("\n") + "\n").unwrap();
}

#[test]
fn the_goldens_were_not_changed_under_the_same_pixel_contract() {
    let lock = String::from_utf8(read(LOCK)).unwrap();
    let locked = lock.lines().find_map(|line| line.strip_prefix(&format!("{PIXELS} ")));
    let digest = Digest::of(&read("goldens/goldens.json")).to_string();
    assert_eq!(
        locked,
        Some(&*digest),
        "goldens.json is not the one of pixel contract {PIXELS}: raise PIXELS to change it"
    );
}
