//! `truecrop crop`: crops a picture as the browser does.

use super::{open, read, write};
use crate::cli::{self, CropOptions, SizeArg};
use crate::print;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use truecrop_core::geometry::{Crop, Size, Turn};
use truecrop_core::pipeline::{SourceCache, crop_planned};
use truecrop_core::plan::Plan;
use truecrop_core::probe::probe;
use truecrop_core::recipe::{Format, Hdr, Mask, OutputSpec, Recipe};
use truecrop_core::view::{Aspect, Bounds, Center, View, solve};
use truecrop_core::{Code, Error, Limits, Result, Simd, use_simd};

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
    let mut source = open(&options.source)?;
    let probe = probe(&mut *source, &limits)?;
    let recipe = match &options.recipe {
        Some(file) => Recipe::from_json(&read(file)?, &limits)?,
        None => recipe(options, probe.oriented())?,
    };
    let files = destinations(&options.out, &recipe)?;
    let plan = Plan::new(&probe, &recipe, &limits)?;
    let go_on = &mut |_| ControlFlow::Continue(());
    let cropped = crop_planned(source, probe, plan, SourceCache::default(), &limits, go_on)?;
    for ((_, bytes), file) in cropped.outputs.iter().zip(&files) {
        write(file, bytes)?;
    }
    cropped.receipt.source().ignored.iter().for_each(|&what| print::left_aside(what));
    match &options.receipt {
        Some(file) => write(file, cropped.receipt.to_json()?.as_bytes()),
        None => Ok(()),
    }
}

/// The recipe that the options mean for a source of this oriented size.
fn recipe(options: &CropOptions, source: Size) -> Result<Recipe> {
    let size = options.size.map(|SizeArg(size)| size).unwrap_or(Size::new(1, 1));
    let turn = Turn::from_degrees(options.rotate).ok_or_else(|| {
        Error::new(Code::InvalidRecipe, "The angle must be a number of degrees.").at("rotate")
    })?;
    let crop = match options.crop {
        Some(numbers) => {
            let [x, y, width, height] = numbers.0;
            Crop::from_pixels(x, y, width, height)?
        }
        None => framed(options, size, turn, source)?,
    };
    let output = output(options, size).map_err(|e| {
        let field = format!("outputs[0].{}", e.field().unwrap_or_default());
        e.at(field)
    })?;
    let recipe = Recipe::new(crop, vec![output])?;
    recipe.with_turn(turn).with_flip(options.flip.into()).with_background(options.background)
}

fn output(options: &CropOptions, size: Size) -> Result<OutputSpec> {
    let by_option = options.format.map(Format::from);
    let format = by_option.or_else(|| by_ending(options.out.first()?)).unwrap_or(Format::Jpeg);
    let plain = OutputSpec::new("main", size, format)?;
    let mut output = plain.with_hdr(options.hdr.map(Hdr::from))?.with_mask(options.mask.map(Mask::from))?;
    if let Some(bytes) = options.max_bytes {
        output = output.with_max_bytes(bytes)?;
    }
    match options.quality {
        Some(quality) => output.with_quality(quality),
        None => Ok(output),
    }
}

/// The crop that zoom and centre mean for this picture.
fn framed(options: &CropOptions, size: Size, turn: Turn, source: Size) -> Result<Crop> {
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
    if let ([only], [_]) = (out, recipe.outputs()) {
        let name = format!("{}=", recipe.outputs()[0].name());
        return Ok(vec![only.strip_prefix(&name).unwrap_or(only).into()]);
    }
    let find = |output: &OutputSpec| {
        let named =
            out.iter().find_map(|o| o.strip_prefix(output.name())?.strip_prefix('=')).map(PathBuf::from);
        named.ok_or_else(|| {
            let detail = "Each output of the recipe needs its file: -o NAME=FILE.";
            Error::new(Code::InvalidOption, detail)
                .at("out")
                .figures(format!("{}=FILE", output.name()), out.join(" "))
        })
    };
    recipe.outputs().iter().map(find).collect()
}
