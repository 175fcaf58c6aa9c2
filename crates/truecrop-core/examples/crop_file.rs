//! Crops a file to a JPEG of a size: the largest crop of that shape around the picture's middle. Writes the picture, and the
//! receipt that says how it was made.
//!
//! `cargo run --release -p truecrop-core --example crop_file -- photo.jpg out.jpg 512x512`

use std::fs::{self, File};
use std::io::BufReader;
use std::ops::ControlFlow;
use std::process::ExitCode;
use truecrop_core::geometry::Size;
use truecrop_core::pipeline::{SourceCache, crop_planned};
use truecrop_core::plan::Plan;
use truecrop_core::probe::probe;
use truecrop_core::recipe::{Format, OutputSpec, Recipe};
use truecrop_core::view::{Aspect, Bounds, View, solve};
use truecrop_core::{Limits, Reader, Result};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (source, out, size) = match &args[..] {
        [source, out, size] => match parse_size(size) {
            Some(size) => (source, out, size),
            None => return usage(),
        },
        _ => return usage(),
    };
    match crop_file(source, out, size) {
        Ok(peak) => {
            println!("{out} and {out}.json, in at most {peak} bytes of memory");
            ExitCode::SUCCESS
        }
        // A stable code, the field at fault and a sentence that says what to do.
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    eprintln!("usage: crop_file SOURCE OUT WIDTHxHEIGHT");
    ExitCode::from(2)
}

fn parse_size(text: &str) -> Option<Size> {
    let (width, height) = text.split_once('x')?;
    Some(Size::new(width.parse().ok()?, height.parse().ok()?))
}

fn crop_file(source: &str, out: &str, size: Size) -> Result<u64> {
    let limits = Limits::default();
    let mut source: Reader = Box::new(BufReader::new(File::open(source)?));
    // Headers only: from here on the picture's size and orientation are known.
    let probe = probe(&mut *source, &limits)?;
    // What a person would have done: nothing, so the picture just covers the frame.
    let solved = solve(probe.oriented(), Aspect::of_size(size)?, Bounds::Cover, &View::default())?;
    let output = OutputSpec::new("main", size, Format::Jpeg)?.with_quality(85)?;
    let recipe = Recipe::new(solved.crop, vec![output])?;
    // Every refusal happens here, before memory for pixels is taken.
    let plan = Plan::new(&probe, &recipe, &limits)?;
    let peak = plan.peak_bytes();
    let report = &mut |done: f32| {
        eprint!("\r{:3.0} %", done * 100.0);
        ControlFlow::Continue(())
    };
    let cropped = crop_planned(source, probe, plan, SourceCache::default(), &limits, report)?;
    eprintln!();
    for (_, bytes) in &cropped.outputs {
        fs::write(out, bytes)?;
    }
    fs::write(format!("{out}.json"), cropped.receipt.to_json()?)?;
    Ok(peak)
}
