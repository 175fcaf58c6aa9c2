//! `truecrop-bench FILE RECIPE.json ROUNDS [again]`: prints the median milliseconds of CPU time and the
//! most bytes that a crop held.
//!
//! With `again`, an earlier pass over the same file has left its index, as in a widget.
//! `truecrop-bench FILE RECIPE.json quality` prints how near the crop is to the ideal, and how far it is displaced.

#[path = "../../../crates/truecrop-core/tests/common/memory.rs"]
mod memory;
mod quality;

use rustix::time::{ClockId, clock_gettime};
use std::error::Error;
use std::fs::File;
use truecrop_core::decode::Index;
use truecrop_core::pipeline::{DigestSource, IncrementalCrop, SourceCache, proxy_recipe};
use truecrop_core::plan::Plan;
use truecrop_core::probe::probe;
use truecrop_core::receipt::Digest;
use truecrop_core::recipe::Recipe;
use truecrop_core::{Limits, pipeline};

/// Whatever went wrong: shown, and the end.
type Failure = Box<dyn Error>;

fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [file, recipe, rounds, more @ ..] = &args[..] else {
        return Err("usage: truecrop-bench FILE RECIPE.json ROUNDS [again]".into());
    };
    let limits = Limits::default();
    let recipe = Recipe::from_json(&std::fs::read(recipe)?, &limits)?;
    if rounds == "quality" {
        let (psnr, shift) = quality::distance(file, &recipe, &limits)?;
        println!("{}", serde_json::json!({ "psnr": psnr, "shift": shift }));
        return Ok(());
    }
    let known = if more.is_empty() { SourceCache::default() } else { first_pass(file, &limits)? };
    let mut times = Vec::new();
    let (mut peak, mut stated) = (0, 0);
    for _ in 0..rounds.parse::<usize>()?.max(1) {
        let start = cpu();
        let mut result = Ok(0);
        let held = memory::peak_of(|| result = crop(file, &recipe, &known, &limits));
        times.push(cpu() - start);
        (peak, stated) = (peak.max(held), result?);
    }
    times.sort_by(f64::total_cmp);
    let result = serde_json::json!({ "ms": times[times.len() / 2], "peak": peak, "stated": stated });
    println!("{result}");
    Ok(())
}

/// Milliseconds of CPU time that this process has used.
fn cpu() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

/// One crop; what its plan stated.
fn crop(file: &str, recipe: &Recipe, known: &SourceCache, limits: &Limits) -> Result<u64, Failure> {
    let mut source = File::open(file)?;
    let probed = probe(&mut source, limits)?;
    let plan = Plan::new(&probed, recipe, limits)?;
    let stated = plan.peak_bytes();
    // The digest is told, because no peer makes one.
    let known = SourceCache { digest: DigestSource::Provided(Digest::of(b"")), ..known.clone() };
    let mut crop = IncrementalCrop::new(Box::new(source), probed, plan, known, limits.clone())?;
    while !crop.advance(1024)? {}
    crop.finish()?;
    Ok(stated)
}

/// What making the proxy for the screen leaves behind.
fn first_pass(file: &str, limits: &Limits) -> Result<SourceCache, Failure> {
    let mut source = File::open(file)?;
    let probed = probe(&mut source, limits)?;
    let plan = Plan::new(&probed, &proxy_recipe(&probed, 1024)?, limits)?;
    let known = SourceCache { digest: DigestSource::Compute, index: Some(Index::default()) };
    let mut pass = pipeline::DecodePass::new(Box::new(source), &probed, &plan, limits, known.index.clone())?;
    while !pass.advance(1024)? {}
    Ok(known)
}
