//! The laws of `fuzz/` on a stable toolchain: over the regressions, over every fixture, and over random changes of them.
//!
//! `TRUECROP_LAWS=600 cargo test --release -p truecrop-core --test laws` goes on for as many seconds, from another start
//! each time; `TRUECROP_LAW=differential` keeps to one law. What fails is written to `target/laws/`.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking
#![allow(missing_docs)]

#[path = "../../../fuzz/src/lib.rs"]
mod laws;

use laws::input::Input;
use laws::{LAWS, Law};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};
use truecrop_core::geometry::Size;

/// Most bytes of a file that is changed: larger ones say no more and take longer.
const MOST_BYTES: usize = 100 << 10;

/// Rounds of each law in an ordinary run.
const ROUNDS: u64 = 300;

/// The longest that one input may take, with room for a busy machine.
const LONGEST: Duration = Duration::from_secs(20);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every fixture, in the order of the names; regressions (`hostile/LAW-*`) are fixtures too.
fn files() -> Vec<(PathBuf, Vec<u8>)> {
    let folders = ["", "jpeg", "rare", "heic", "hdr", "webp", "hostile"]
        .map(|folder| root().join("tests/fixtures").join(folder));
    let mut paths: Vec<PathBuf> = folders
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()))
        .filter(|path| path.is_file())
        .collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

/// What the law of plans starts from.
fn recipes() -> Vec<(PathBuf, Vec<u8>)> {
    let recipe = |seed: u8| {
        let recipe = laws::pipeline::recipe(&mut Input::beside(&[seed]), Size::new(4000, 3000));
        (PathBuf::from("recipe.json"), recipe.to_json().into_bytes())
    };
    (0..40).map(recipe).collect()
}

fn changed(input: &mut Input<'_>, file: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = file.to_vec();
    for _ in 0..=input.below(3) {
        if bytes.is_empty() {
            return bytes;
        }
        let reach = if input.once_in(2) { bytes.len() } else { bytes.len().min(700) };
        let at = input.below(reach as u32) as usize;
        match input.below(6) {
            0 => bytes[at] ^= 1 << input.below(8),
            1 => bytes[at] = input.pick(&[0, 1, 2, 4, 0x7f, 0x80, 0xc0, 0xc4, 0xd9, 0xda, 0xfe, 0xff]),
            2 => bytes.truncate(at),
            3 => drop(bytes.drain(at..(at + input.below(40) as usize).min(bytes.len()))),
            4 => {
                let from = input.below(other.len() as u32) as usize;
                let end = (from + input.below(200) as usize).min(other.len());
                bytes.splice(at..at, other[from..end].iter().copied());
            }
            _ => {
                let again = bytes[at..(at + input.below(300) as usize).min(bytes.len())].to_vec();
                bytes.splice(at..at, again);
            }
        }
    }
    bytes
}

fn holds(name: &str, law: Law, origin: &Path, bytes: &[u8]) {
    let start = Instant::now();
    let result = std::panic::catch_unwind(|| law(bytes));
    let time = start.elapsed();
    if result.is_ok() && time < LONGEST {
        return;
    }
    let folder = root().join("target/laws");
    std::fs::create_dir_all(&folder).unwrap();
    let kept = folder.join(format!("{name}-{}", origin.file_name().unwrap().to_string_lossy()));
    std::fs::write(&kept, bytes).unwrap();
    match result {
        Err(panic) => {
            println!("{name} is broken by {}", kept.display());
            std::panic::resume_unwind(panic)
        }
        Ok(()) => panic!("{name} took {time:?} over {}", kept.display()),
    }
}

/// One test in this file: the memory of others beside it would be counted too.
#[test]
fn every_law_holds() {
    let seconds = std::env::var("TRUECROP_LAWS").ok().and_then(|s| s.parse::<u64>().ok());
    let only = std::env::var("TRUECROP_LAW").ok();
    let seed = seconds.map_or(1, |_| SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64);
    let files = files();
    let small: Vec<_> = files.iter().filter(|(_, file)| (1..MOST_BYTES).contains(&file.len())).collect();
    let recipes = recipes();
    assert!(small.len() > 60, "only {} files", small.len());
    let laws: Vec<_> = LAWS.iter().filter(|(name, _)| only.as_ref().is_none_or(|o| o == name)).collect();
    for (name, law) in &laws {
        for (path, file) in files.iter().chain(&recipes) {
            holds(name, *law, path, file);
        }
        let end = seconds.map(|s| Instant::now() + Duration::from_secs(s / laws.len() as u64));
        let mut rounds = 0;
        while end.map_or(rounds < ROUNDS, |end| Instant::now() < end) {
            let mut input = Input::beside(&(seed.wrapping_add(rounds)).to_le_bytes());
            let seeds = if *name == "plan" { recipes.iter().collect() } else { small.clone() };
            let (path, file) = seeds[input.below(seeds.len() as u32) as usize];
            let (_, other) = small[input.below(small.len() as u32) as usize];
            let steered =
                matches!(*name, "differential" | "receipt") || (*name == "jpeg_window" && input.once_in(2));
            // Laws that build their pictures take any bytes.
            let bytes = if steered && !input.once_in(5) {
                (0..input.below(400)).map(|_| input.byte()).collect()
            } else {
                changed(&mut input, file, other)
            };
            holds(name, *law, path, &bytes);
            rounds += 1;
        }
        println!("{name}: {} files and recipes, {rounds} changed", files.len() + recipes.len());
    }
}
