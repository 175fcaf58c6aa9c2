//! What the engine will do for a recipe on a probed source under the limits: window, decode scale, filters, peak bytes.
//!
//! What a recipe must not ask for is refused here, before pixel memory is taken. The bounds and their checks are in `limits`.

#[cfg(feature = "formats")]
mod gain_map;
mod output;
mod placement;
mod transform;

use crate::color;
use crate::decode::{self, DecodePlan, Window, scaled};
use crate::encode;
use crate::error::{Code, Error, Result};
use crate::limits::Limits;
use crate::pixel::PlanarRow;
use crate::probe::Probe;
use crate::recipe::{Format, OutputSpec, Recipe};
use crate::resample::{InputShape, Resampler};
use output::OutputPlan;
use placement::Placement;
use serde::Serialize;
use transform::Transform;

/// The least shrinking (decoded pixels per output pixel) that the DCT scale must leave to the real filter.
///
/// Below it the filter no longer sees enough of the band that it should keep. At it, a twentieth of real photographs are less
/// than 46 dB from the ideal at 1/8 and 2/8: what docs/BENCHMARKS.md measures, beside what more would cost.
const HEADROOM: f64 = 2.0;

/// The same for chroma that stays at half the density at the smallest scale: a block is then one sample, the mean of it,
/// and no AC coefficient of chroma is needed.
///
/// Below it, chroma would be further from the ideal than luma is at this scale (docs/BENCHMARKS.md).
const CHROMA_HEADROOM: f64 = 1.85;

/// What will be done, and what it will take.
///
/// ```
/// use std::io::Cursor;
/// use truecrop_core::geometry::{Crop, Size};
/// use truecrop_core::plan::Plan;
/// use truecrop_core::probe::probe;
/// use truecrop_core::recipe::{Format, OutputSpec, Recipe};
/// use truecrop_core::{Code, Limits};
///
/// let gif = b"GIF89a\x02\0\x01\0\x80\0\0\xff\0\0\0\0\xff,\0\0\0\0\x02\0\x01\0\0\x02\x02\x44\x0a\0;";
/// let limits = Limits { memory: 8 << 20, ..Limits::default() };
/// let probe = probe(&mut Cursor::new(gif), &limits)?;
/// let recipe = |side| {
///     let output = OutputSpec::new("main", Size::new(side, side), Format::Png)?;
///     Recipe::new(Crop::from_pixels(1.0, 0.0, 1.0, 1.0)?, vec![output])
/// };
/// assert!(Plan::new(&probe, &recipe(64)?, &limits)?.peak_bytes() < 8 << 20);
/// // Too much is refused before any memory for pixels is taken.
/// let refused = Plan::new(&probe, &recipe(4096)?, &limits).unwrap_err();
/// assert_eq!(refused.code(), Code::MemoryOverBudget);
/// # Ok::<(), truecrop_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Plan {
    decode: DecodePlan,
    outputs: Vec<OutputPlan>,
    recipe: Recipe,
    /// Of the gain map, where outputs keep it.
    #[cfg(feature = "formats")]
    map: Option<Box<Plan>>,
    peak: u64,
}

/// A plan's figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanSummary {
    /// See [`Plan::peak_bytes`].
    pub peak_bytes: u64,
    /// The DCT scale in eighths.
    pub scale: u8,
    /// x, y, width, height in decoded pixels.
    pub window: Vec<u32>, // not an array: JSON of our own has lists, and no tuples
}

impl Plan {
    /// Plans a recipe.
    ///
    /// # Errors
    /// [`Code::CropOutsideSource`], [`Code::InvalidRecipe`], [`Code::BackgroundRequired`] (the caller);
    /// [`Code::OutputTooLarge`], [`Code::MemoryOverBudget`] (a limit).
    pub fn new(probe: &Probe, recipe: &Recipe, limits: &Limits) -> Result<Self> {
        recipe.view(probe.oriented())?;
        limits.check_outputs(recipe.outputs().iter().map(OutputSpec::size))?;
        let leaves = !Transform::covers(recipe, probe.oriented());
        check_transparency(probe, recipe, leaves)?;
        let mut plan = Self::without_map(probe, recipe, leaves)?;
        #[cfg(feature = "formats")]
        {
            plan.map = gain_map::plan_map(probe, recipe)?;
        }
        plan.peak = plan.add_up(probe);
        limits.check_memory(plan.peak)?;
        Ok(plan)
    }

    /// The plan of a recipe that was checked; its peak is still to be added up. `leaves`: the crop shows what lies outside the picture.
    fn without_map(probe: &Probe, recipe: &Recipe, leaves: bool) -> Result<Self> {
        let scale = choose_scale(probe, recipe);
        let decoded = scaled(probe.stored(), scale);
        let placements: Vec<Placement> =
            recipe.outputs().iter().map(|spec| Placement::new(probe, recipe, spec, scale, decoded)).collect();
        let window = union(placements.iter().map(|s| s.window(decoded))).ok_or_else(nothing_to_see)?;
        let decode = DecodePlan { window, scale, coarse_chroma: coarse_chroma(probe, recipe, scale) };
        let outputs: Vec<OutputPlan> = recipe
            .outputs()
            .iter()
            .zip(placements)
            .map(|(spec, placement)| {
                OutputPlan::new(recipe, spec, placement, probe.alpha() || leaves, probe.stored(), &decode)
            })
            .collect();
        Ok(Self {
            decode,
            outputs,
            recipe: recipe.clone(),
            #[cfg(feature = "formats")]
            map: None,
            peak: 0,
        })
    }

    /// Most bytes held at once while the plan runs, beside the source's own bytes and the [`Probe`] (whose profile the
    /// limits bound).
    pub fn peak_bytes(&self) -> u64 {
        self.peak
    }

    /// What is decoded.
    pub fn decode(&self) -> &DecodePlan {
        &self.decode
    }

    /// The recipe that this plan is of.
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// The plan of the gain map, where outputs keep it: its recipe's outputs have the names of those.
    #[cfg(feature = "formats")]
    pub(crate) fn map(&self) -> Option<&Plan> {
        self.map.as_deref()
    }

    /// The figures, for people and programs.
    pub fn summary(&self) -> PlanSummary {
        let Window { x, y, width, height } = self.decode.window;
        PlanSummary { peak_bytes: self.peak, scale: self.decode.scale, window: vec![x, y, width, height] }
    }

    /// What makes each output out of rows of this many channels.
    pub(crate) fn resamplers(&self, channels: usize) -> Vec<(OutputSpec, Resampler)> {
        let input = input_shape(&self.decode.window, channels);
        self.outputs
            .iter()
            .map(|output| (output.spec.clone(), output.resampler(&self.recipe, input)))
            .collect()
    }

    /// The most that is held at once: while decoding and resampling, or while encoding what was made.
    fn add_up(&self, probe: &Probe) -> u64 {
        let rasters = self.raster_bytes();
        let encoding = self.outputs.iter().map(|o| encode::memory_bytes(&o.spec, o.alpha)).max().unwrap_or(0);
        let files: u64 = self.outputs.iter().map(|o| encode::max_encoded_bytes(&o.spec, o.alpha)).sum();
        let most = self.decoding_bytes(probe).max(rasters + files + encoding);
        #[cfg(feature = "formats")]
        let most = self.with_map(probe, most);
        most + color::memory_bytes(probe) + OVERHEAD
    }

    fn raster_bytes(&self) -> u64 {
        self.outputs.iter().map(OutputPlan::raster_bytes).sum()
    }

    fn decoding_bytes(&self, probe: &Probe) -> u64 {
        let input = input_shape(&self.decode.window, if probe.alpha() { 4 } else { 3 });
        let row = PlanarRow::memory_bytes(input.channels, input.width);
        let resampling: u64 = self.outputs.iter().map(|o| o.memory_bytes(self.recipe.filter(), input)).sum();
        decode::memory_bytes(probe, &self.decode) + row + resampling
    }
}

/// Colour tables, file windows, small vectors.
const OVERHEAD: u64 = 640 << 10;

fn input_shape(window: &Window, channels: usize) -> InputShape {
    InputShape { channels, width: window.width as usize, height: window.height as usize }
}

fn union(windows: impl Iterator<Item = Option<Window>>) -> Option<Window> {
    windows.flatten().reduce(|a, b| {
        let (x, y) = (a.x.min(b.x), a.y.min(b.y));
        let (right, bottom) = ((a.x + a.width).max(b.x + b.width), (a.y + a.height).max(b.y + b.height));
        Window { x, y, width: right - x, height: bottom - y }
    })
}

/// The least that any output shrinks the source by.
fn least_shrink(probe: &Probe, recipe: &Recipe) -> f64 {
    let transform = Transform::new(probe, recipe, 8);
    recipe.outputs().iter().map(|o| transform.least_shrink(o.size())).fold(f64::INFINITY, f64::min)
}

/// Whether chroma of half the density still leaves every output [`CHROMA_HEADROOM`] at this scale.
fn coarse_chroma(probe: &Probe, recipe: &Recipe, scale: u8) -> bool {
    let samples = least_shrink(probe, recipe) * f64::from(scale) / 8.0;
    probe
        .jpeg()
        .is_some_and(|jpeg| scale == 1 && samples / f64::from(jpeg.max_subsampling()) >= CHROMA_HEADROOM)
}

/// The smallest DCT scale that leaves every output at least [`HEADROOM`].
fn choose_scale(probe: &Probe, recipe: &Recipe) -> u8 {
    let least = least_shrink(probe, recipe);
    let enough = |n: &&u8| least * f64::from(**n) / 8.0 >= HEADROOM;
    decode::scales(probe).iter().find(enough).copied().unwrap_or(8)
}

/// The longest side that a whole picture with this side can become out of a decode at `scale`/8.
pub(crate) fn largest_side(side: u32, scale: u8) -> u32 {
    (f64::from(side) * f64::from(scale) / 8.0 / HEADROOM) as u32
}

fn check_transparency(probe: &Probe, recipe: &Recipe, leaves: bool) -> Result<()> {
    let jpeg = recipe.outputs().iter().position(|o| o.format() == Format::Jpeg);
    match jpeg {
        Some(i) if recipe.background().is_none() && (probe.alpha() || leaves) => {
            let detail = "The source may be transparent and JPEG cannot be: give a background colour, or ask for PNG or WebP.";
            let error = Error::new(Code::BackgroundRequired, detail).at("background");
            Err(error.figures("#rrggbb", format!("none, with outputs[{i}].format jpeg")))
        }
        _ => Ok(()),
    }
}

fn nothing_to_see() -> Error {
    Error::new(Code::CropOutsideSource, "The crop shows nothing of the picture: move it back.").at("crop")
}
