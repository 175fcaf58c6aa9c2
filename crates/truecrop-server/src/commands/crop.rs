//! `truecrop crop`: crops a picture as the browser does.

use super::{open, read, write};
use crate::cli::{self, CropOptions, SizeArg};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use truecrop_core::geometry::{Crop, Size, Turn};
use truecrop_core::recipe::{Format, OutputSpec, Recipe};
use truecrop_core::view::{Aspect, Bounds, Center, View, solve};
use truecrop_core::{Code, Error, Limits, Result, Simd, pipeline, probe, use_simd};

/// Crops, and writes outputs and receipt.
///
/// # Errors
/// Those of the engine; [`Code::Io`] for files.
pub fn run(options: &CropOptions) -> Result<()> {
    use_simd(match options.simd {
        cli::SimdArg::Auto => Simd::Best,
        cli::SimdArg::Scalar => Simd::Scalar,
    });
    let limits = Limits::default();
    let recipe = match &options.recipe {
        Some(file) => Recipe::from_json(&read(file)?, &limits)?,
        None => recipe(options, &limits)?,
    };
    let files = destinations(&options.out, &recipe)?;
    let cropped =
        pipeline::crop(open(&options.source)?, &recipe, &limits, &mut |_| ControlFlow::Continue(()))?;
    for ((_, bytes), file) in cropped.outputs.iter().zip(&files) {
        write(file, bytes)?;
    }
    match &options.receipt {
        Some(file) => write(file, cropped.receipt.to_json()?.as_bytes()),
        None => Ok(()),
    }
}

fn recipe(options: &CropOptions, limits: &Limits) -> Result<Recipe> {
    let size = options.size.map(|SizeArg(size)| size).unwrap_or(Size::new(1, 1));
    let turn = Turn::from_degrees(options.rotate).ok_or_else(|| {
        Error::new(Code::InvalidRecipe, "The angle must be a number of degrees.").at("rotate")
    })?;
    let format =
        options.format.map(Format::from).or_else(|| by_ending(options.out.first()?)).unwrap_or(Format::Jpeg);
    let (quality, max_bytes) = (options.quality, options.max_bytes);
    let output = OutputSpec { quality, max_bytes, ..OutputSpec::new("main", size, format) };
    let crop = match options.crop {
        Some(numbers) => {
            let [x, y, width, height] = numbers.0;
            Crop::from_pixels(x, y, width, height)?
        }
        None => framed(options, size, turn, limits)?,
    };
    let plain = Recipe::new(crop, vec![output])?;
    let recipe = Recipe { turn, flip: options.flip.into(), background: options.background, ..plain };
    // Read again: the same checks as for a recipe that somebody sent.
    Recipe::from_json(recipe.to_json().as_bytes(), limits)
}

/// The crop that zoom and centre mean for this picture.
fn framed(options: &CropOptions, size: Size, turn: Turn, limits: &Limits) -> Result<Crop> {
    let source = probe::probe(&mut *open(&options.source)?, limits)?.oriented();
    let [x, y] = options.center.0;
    let (center, flip) = (Center { x, y }, options.flip.into());
    let view = View { zoom: options.zoom, center, rotate: turn.degrees(), flip };
    let bounds = if options.background.is_some() { Bounds::Contain } else { Bounds::Cover };
    Ok(solve(source, Aspect::of_size(size)?, bounds, &view)?.crop)
}

fn by_ending(out: &str) -> Option<Format> {
    let file = out.split_once('=').map_or(out, |(_, file)| file);
    Format::from_name(Path::new(file).extension()?.to_str()?)
}

/// The file of each output, in the recipe's order.
fn destinations(out: &[String], recipe: &Recipe) -> Result<Vec<PathBuf>> {
    if let ([only], [_]) = (out, &recipe.outputs[..]) {
        let name = format!("{}=", recipe.outputs[0].name);
        return Ok(vec![only.strip_prefix(&name).unwrap_or(only).into()]);
    }
    let find = |output: &OutputSpec| {
        let named =
            out.iter().find_map(|o| o.strip_prefix(&output.name)?.strip_prefix('=')).map(PathBuf::from);
        named.ok_or_else(|| {
            let detail = "Each output of the recipe needs its file: -o NAME=FILE.";
            Error::new(Code::InvalidOption, detail)
                .at("out")
                .figures(format!("{}=FILE", output.name), out.join(" "))
        })
    };
    recipe.outputs.iter().map(find).collect()
}
