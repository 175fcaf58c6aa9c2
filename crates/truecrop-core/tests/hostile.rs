//! Files that were tampered with at random: an answer or a typed refusal, never a panic, and never more memory than was
//! stated.
//!
//! `TRUECROP_FUZZ=600 cargo test --release -p truecrop-core --test hostile` goes on for as many seconds, from another
//! start each time; what fails is written to `target/hostile/`.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

#[path = "common/memory.rs"]
mod memory;

use memory::peak_of;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};
use truecrop_core::geometry::{Crop, Flip, Size, Turn};
use truecrop_core::pipeline::{Cropped, IncrementalCrop, SourceCache};
use truecrop_core::plan::Plan;
use truecrop_core::probe::{self, Probe};
use truecrop_core::recipe::{Background, Filter, Format, Light, OutputSpec, Recipe};
use truecrop_core::{Code, Limits, Result};

/// Rounds of an ordinary run.
const ROUNDS: u64 = 20_000;

/// Numbers that are the same on every run (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

/// Values that headers are sensitive to.
const EDGES: [u8; 10] = [0, 1, 2, 4, 0x7f, 0x80, 0xc0, 0xd9, 0xfe, 0xff];

fn tamper(file: &[u8], other: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = file.to_vec();
    for _ in 0..=numbers.below(3) {
        if bytes.is_empty() {
            return bytes;
        }
        // Most of what matters stands in the first bytes.
        let reach = if numbers.below(2) == 0 { bytes.len() } else { bytes.len().min(700) };
        let at = numbers.below(reach);
        match numbers.below(7) {
            0 => bytes[at] ^= 1 << numbers.below(8),
            1 => bytes[at] = *numbers.pick(&EDGES),
            2 => bytes.truncate(at),
            3 => {
                let end = (at + numbers.below(40)).min(bytes.len());
                bytes.drain(at..end);
            }
            4 => {
                let from = numbers.below(other.len());
                let piece = other[from..(from + numbers.below(60)).min(other.len())].to_vec();
                bytes.splice(at..at, piece);
            }
            5 => {
                let end = (at + 4).min(bytes.len());
                bytes[at..end].fill(*numbers.pick(&EDGES));
            }
            _ => {
                let end = (at + numbers.below(300)).min(bytes.len());
                let again = bytes[at..end].to_vec();
                bytes.splice(at..at, again);
            }
        }
    }
    bytes
}

fn recipe(source: Size, numbers: &mut Numbers) -> Result<Recipe> {
    let mut part = |side: u32| {
        let start = numbers.below(side as usize * 4) as f64 / 4.0 - f64::from(side) / 8.0;
        (start, 1.0 + numbers.below(side as usize * 4) as f64 / 4.0)
    };
    let ((x, width), (y, height)) = (part(source.width), part(source.height));
    let format = *numbers.pick(&[Format::Jpeg, Format::Png, Format::Webp]);
    let size = Size::new(1 + numbers.below(90) as u32, 1 + numbers.below(90) as u32);
    let output = OutputSpec::new("main", size, format)?;
    let recipe = Recipe::new(Crop::from_pixels(x, y, width, height)?, vec![output])?;
    let turn = Turn::from_degrees(*numbers.pick(&[0.0, 0.0, 90.0, 180.0, 270.0, 33.3, 0.1, 359.9])).unwrap();
    let flip = *numbers.pick(&[Flip::None, Flip::Horizontal, Flip::Vertical, Flip::Both]);
    let filter = *numbers.pick(&[Filter::Lanczos3, Filter::CatmullRom, Filter::Triangle, Filter::Box]);
    let light = *numbers.pick(&[Light::Srgb, Light::Linear]);
    let solid = "#804020".parse::<Background>().unwrap();
    let background = *numbers.pick(&[None, Some(solid), Some(solid), Some(solid)]);
    recipe.with_turn(turn).with_flip(flip).with_filter(filter).with_light(light).with_background(background)
}

/// Whether it was made, and what it cost.
fn run(file: &'static [u8], numbers: &mut Numbers, limits: &Limits) -> Result<bool> {
    let mut probed = None;
    let peak = peak_of(|| probed = Some(probe::probe(&mut Cursor::new(file), limits)));
    assert!(peak < 4 * limits.profile_bytes, "the probe held {peak} bytes");
    let source = probed.unwrap()?;
    let recipe = recipe(source.oriented(), numbers)?;
    let plan = Plan::new(&source, &recipe, limits)?;
    let stated = plan.peak_bytes();
    let mut made = None;
    let peak = peak_of(|| made = Some(crop(file, source, plan, limits)));
    assert!(peak as u64 <= stated, "held {peak} bytes, stated {stated}: {recipe:?}");
    assert_eq!(made.unwrap()?.outputs.len(), 1);
    Ok(true)
}

fn crop(file: &'static [u8], source: Probe, plan: Plan, limits: &Limits) -> Result<Cropped> {
    let reader = Box::new(Cursor::new(file));
    let mut crop = IncrementalCrop::new(reader, source, plan, SourceCache::default(), limits.clone())?;
    while !crop.advance(64)? {}
    crop.finish()
}

fn files() -> Vec<(PathBuf, &'static [u8])> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
    let mut paths: Vec<PathBuf> = ["", "jpeg", "rare", "heic", "hdr", "hostile"]
        .iter()
        .filter_map(|name| std::fs::read_dir(folder.join(name)).ok())
        .flat_map(|entries| entries.map(|entry| entry.unwrap().path()))
        .filter(|path| path.is_file())
        .collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), &*std::fs::read(path).unwrap().leak())).collect()
}

/// One test in this file: others beside it would be counted too.
#[test]
fn tampered_files_are_answered_or_refused() {
    let seconds = std::env::var("TRUECROP_FUZZ").ok().and_then(|s| s.parse::<u64>().ok());
    let seed = seconds.map_or(1, |_| SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64);
    let end = seconds.map(|s| Instant::now() + Duration::from_secs(s));
    let limits = Limits { source_pixels: 4 << 20, memory: 256 << 20, ..Limits::default() };
    let files = files();
    let mut numbers = Numbers(seed);
    let (mut made, mut rounds) = (0, 0);
    while end.map_or(rounds < ROUNDS, |end| Instant::now() < end) {
        let ((path, file), (_, other)) = (numbers.pick(&files).clone(), numbers.pick(&files));
        let bytes: &'static [u8] = tamper(file, other, &mut numbers).leak();
        let start = Instant::now();
        let result =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(bytes, &mut numbers, &limits)));
        let time = start.elapsed();
        match result {
            Ok(Ok(_)) => made += 1,
            Ok(Err(error)) => {
                assert!(error.code() != Code::Internal && !error.detail().is_empty(), "{error}")
            }
            Err(panic) => {
                keep(&path, bytes);
                std::panic::resume_unwind(panic);
            }
        }
        if time > Duration::from_secs(20) {
            keep(&path, bytes);
            panic!("{} took {time:?}", path.display());
        }
        // SAFETY: nothing refers to the bytes any more; a long run would hold all of them otherwise.
        drop(unsafe { Box::from_raw(std::ptr::from_ref(bytes).cast_mut()) });
        rounds += 1;
    }
    println!("{rounds} files, {made} of them made a picture");
    assert!(made > rounds / 10, "only {made} of {rounds} made a picture: this tests little");
}

fn keep(origin: &Path, bytes: &[u8]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/hostile");
    std::fs::create_dir_all(&folder).unwrap();
    let name = origin.file_name().unwrap().to_string_lossy();
    std::fs::write(folder.join(format!("{:016x}-{name}", Numbers(bytes.len() as u64).next())), bytes)
        .unwrap();
}
