//! How far a crop is from the ideal: a float64 Lanczos3 of the full decode, over the crop's own pixels.

use crate::Failure;
use std::f64::consts::PI;
use std::fs::File;
use truecrop_core::Limits;
use truecrop_core::decode::{self, DecodePlan};
use truecrop_core::pipeline::DecodePass;
use truecrop_core::plan::Plan;
use truecrop_core::probe::{Probe, probe};
use truecrop_core::recipe::Recipe;

/// Three channels a pixel, rows from the top.
struct Image<T> {
    width: usize,
    data: Vec<T>,
}

/// PSNR in dB over all channels, and the displacement in output pixels.
///
/// For sources of three channels with 8 bits, upright, and recipes without turn and flip.
pub fn distance(file: &str, recipe: &Recipe, limits: &Limits) -> Result<(f64, f64), Failure> {
    let probed = probe(&mut File::open(file)?, limits)?;
    let ideal = ideal(&decoded(file, &probed, limits)?, recipe);
    let plan = Plan::new(&probed, recipe, limits)?;
    let mut pass = DecodePass::new(Box::new(File::open(file)?), &probed, &plan, limits, None)?;
    while !pass.advance(1024)? {}
    let (_, raster) = pass.into_rasters().pop().ok_or("no output")?;
    if raster.data.len() != ideal.data.len() {
        return Err("three channels were expected".into());
    }
    let squares = raster.data.iter().zip(&ideal.data).map(|(a, b)| (f64::from(*a) - b).powi(2));
    let error = squares.sum::<f64>() / ideal.data.len() as f64;
    Ok((10.0 * (255.0f64.powi(2) / error).log10(), displacement(&raster.data, &ideal)))
}

/// The shift (dx, dy) by which the ideal, developed to its gradient, fits best by least squares; its length.
fn displacement(ours: &[u8], ideal: &Image<f64>) -> f64 {
    let (step, stride) = (3, ideal.width * 3);
    let height = ideal.data.len() / stride;
    let [mut xx, mut xy, mut yy, mut xd, mut yd] = [0.0; 5];
    for y in 1..height - 1 {
        for at in y * stride + step..(y + 1) * stride - step {
            let b = &ideal.data;
            let (gx, gy) = ((b[at + step] - b[at - step]) / 2.0, (b[at + stride] - b[at - stride]) / 2.0);
            let off = f64::from(ours[at]) - b[at];
            xx += gx * gx;
            xy += gx * gy;
            yy += gy * gy;
            xd += gx * off;
            yd += gy * off;
        }
    }
    let determinant = xx * yy - xy * xy;
    ((yy * xd - xy * yd) / determinant).hypot((xx * yd - xy * xd) / determinant)
}

fn decoded(file: &str, probed: &Probe, limits: &Limits) -> Result<Image<u8>, Failure> {
    let mut rows =
        decode::open(Box::new(File::open(file)?), probed, &DecodePlan::whole(probed), limits, None)?;
    let mut data = Vec::with_capacity(probed.stored().pixels() as usize * 3);
    while let Some(row) = rows.next_row()? {
        row.append_to(&mut data);
    }
    Ok(Image { width: probed.stored().width as usize, data })
}

/// One axis: the first pixel and the weights of each output pixel.
fn axis(start: f64, extent: f64, count: u32) -> Vec<(usize, Vec<f64>)> {
    let pitch = extent / f64::from(count);
    let width = pitch.max(1.0);
    let (low, high) = (start.floor() as usize, (start + extent).ceil() as usize);
    let weights = |k: u32| {
        let centre = start + (f64::from(k) + 0.5) * pitch;
        let first = ((centre - 3.0 * width).floor().max(0.0) as usize).max(low);
        let last = ((centre + 3.0 * width).ceil() as usize).min(high);
        let raw: Vec<f64> = (first..last).map(|i| lanczos3((i as f64 + 0.5 - centre) / width)).collect();
        let sum: f64 = raw.iter().sum();
        (first, raw.into_iter().map(|w| w / sum).collect())
    };
    (0..count).map(weights).collect()
}

fn lanczos3(x: f64) -> f64 {
    let sinc = |x: f64| if x == 0.0 { 1.0 } else { (PI * x).sin() / (PI * x) };
    if x.abs() < 3.0 { sinc(x) * sinc(x / 3.0) } else { 0.0 }
}

fn ideal(source: &Image<u8>, recipe: &Recipe) -> Image<f64> {
    let (crop, output) = (recipe.crop(), recipe.outputs()[0].size());
    let (across, down) =
        (axis(crop.x(), crop.width(), output.width), axis(crop.y(), crop.height(), output.height));
    let rows = down.first().map_or(0, |d| d.0)..down.last().map_or(0, |d| d.0 + d.1.len());
    let narrow: Vec<Vec<f64>> = rows
        .clone()
        .map(|y| {
            let row = &source.data[y * source.width * 3..(y + 1) * source.width * 3];
            let sum = |first: &usize, weights: &Vec<f64>, c: usize| -> f64 {
                weights.iter().enumerate().map(|(i, w)| w * f64::from(row[(first + i) * 3 + c])).sum()
            };
            across.iter().flat_map(|(first, weights)| [0, 1, 2].map(|c| sum(first, weights, c))).collect()
        })
        .collect();
    let sum = |first: &usize, weights: &Vec<f64>, at: usize| -> f64 {
        weights
            .iter()
            .zip(&narrow[first - rows.start..])
            .map(|(w, row)| w * row[at])
            .sum::<f64>()
            .clamp(0.0, 255.0)
    };
    let width = across.len();
    let data = down
        .iter()
        .flat_map(|(first, weights)| (0..width * 3).map(|at| sum(first, weights, at)).collect::<Vec<_>>());
    let data = data.collect();
    Image { width, data }
}
