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
use truecrop_core::{Code, Error, Limits, Reader, Result};

const USAGE: &str = "usage: crop_file SOURCE OUT WIDTHxHEIGHT

SOURCE is a JPEG, PNG, WebP or GIF. OUT becomes a JPEG of this size in pixels, and OUT.json its receipt.
Exit code: 0 done, 1 refused, 2 wrong usage.";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some((source, out, size)) = parse(&args) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match crop_file(source, out, size) {
        Ok(peak) => {
            println!("{out} and {out}.json, in at most {peak} bytes of memory");
            ExitCode::SUCCESS
        }
        Err(error) => {
            // The field at fault where there is one, a sentence that says what to do, and a stable code.
            eprintln!("{}{error}", error.field().map(|field| format!("{field}: ")).unwrap_or_default());
            ExitCode::FAILURE
        }
    }
}

fn parse(args: &[String]) -> Option<(&str, &str, Size)> {
    let [source, out, size] = args else { return None };
    let (width, height) = size.split_once('x')?;
    Some((source, out, Size::new(width.parse().ok()?, height.parse().ok()?)))
}

/// The most bytes that it held at once, beside the source.
fn crop_file(source: &str, out: &str, size: Size) -> Result<u64> {
    let limits = Limits::default();
    let file = File::open(source).map_err(|e| io(source, &e))?;
    let mut source: Reader = Box::new(BufReader::new(file));
    // Headers only: from here on the picture's size and orientation are known.
    let probe = probe(&mut *source, &limits)?;
    let output = OutputSpec::new("main", size, Format::Jpeg)?.with_quality(85)?;
    // What a person would have done: nothing, so the picture just covers the frame.
    let solved = solve(probe.oriented(), Aspect::of_size(size)?, Bounds::Cover, &View::default())?;
    let recipe = Recipe::new(solved.crop, vec![output])?;
    // What is too large is refused here, before memory for pixels is taken.
    let plan = Plan::new(&probe, &recipe, &limits)?;
    let peak = plan.peak_bytes();
    let progress = &mut |done: f32| {
        eprint!("\r{:3.0} %", done * 100.0);
        ControlFlow::Continue(())
    };
    let cropped = crop_planned(source, probe, plan, SourceCache::default(), &limits, progress);
    eprintln!();
    let cropped = cropped?;
    for (_, bytes) in &cropped.outputs {
        fs::write(out, bytes).map_err(|e| io(out, &e))?;
    }
    let receipt = format!("{out}.json");
    fs::write(&receipt, cropped.receipt.to_json()?).map_err(|e| io(&receipt, &e))?;
    Ok(peak)
}

fn io(file: &str, error: &std::io::Error) -> Error {
    Error::new(Code::Io, format!("{file}: {error}."))
}
