//! What the engine will do for a recipe on a probed source under the limits: window, decode scale, filters, peak bytes.
//!
//! Every refusal happens here, before pixel memory is taken.

mod transform;

use crate::decode::{self, DecodePlan, Window};
use crate::encode;
use crate::error::{Code, Error, Result};
use crate::geometry::Size;
use crate::limits::Limits;
use crate::probe::Probe;
use crate::recipe::{Background, Filter, Format, Light, OutputSpec, Recipe};
use crate::resample::weights::{Axis, STEPS, Samples, Span};
use crate::resample::{Affine, Finish, Incoming, Line, Separable, Stage, Warp, WarpKernel};
use serde::Serialize;
use transform::Transform;

/// The least shrinking (decoded pixels per output pixel) that the DCT scale must leave to the real filter.
///
/// Below it the filter no longer sees enough of the band that it should keep.
const HEADROOM: f64 = 2.0;

/// The same for chroma that stays at half the density at the smallest scale: a block is then one sample, the mean of it,
/// and no AC coefficient of chroma is needed.
///
/// From here on eight pictures are at least 50 dB from the ideal (docs/BENCHMARKS.md).
const CHROMA_HEADROOM: f64 = 1.85;

/// Decoded pixels per output pixel in front of a warp: twice the output's density keeps its band flat.
const WARP_DENSITY: f64 = 2.0;

/// What will be done, and what it will take.
#[derive(Debug)]
pub struct Plan {
    decode: DecodePlan,
    stages: Vec<StagePlan>,
    light: Light,
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
    pub window: [u32; 4],
}

/// One output's part of a plan.
#[derive(Debug)]
struct StagePlan {
    spec: OutputSpec,
    alpha: bool,
    background: Option<Background>,
    filter: Filter,
    samples: Samples,
    light: Light,
    x: Span,
    y: Span,
    turn: TurnPlan,
}

#[derive(Debug)]
enum TurnPlan {
    Quarter { transposed: bool },
    Free { affine: Affine, spread: f64 },
}

impl Plan {
    /// Plans a recipe.
    ///
    /// # Errors
    /// [`Code::CropOutsideSource`], [`Code::InvalidRecipe`], [`Code::BackgroundRequired`] (the caller);
    /// [`Code::OutputTooLarge`], [`Code::MemoryOverBudget`] (a limit).
    pub fn new(probe: &Probe, recipe: &Recipe, limits: &Limits) -> Result<Self> {
        recipe.view(probe.oriented())?;
        check_outputs(recipe, limits)?;
        let leaves = !Transform::covers(recipe, probe.oriented());
        check_transparency(probe, recipe, leaves)?;
        let scale = choose_scale(probe, recipe);
        let decoded = scaled(probe.stored(), scale);
        let spots: Vec<Spot> =
            recipe.outputs.iter().map(|spec| Spot::new(probe, recipe, spec, scale, decoded)).collect();
        let window = union(spots.iter().map(|s| s.window(decoded))).ok_or_else(nothing_to_see)?;
        let decode = DecodePlan { window, scale, coarse_chroma: coarse_chroma(probe, recipe, scale) };
        let stages: Vec<StagePlan> = recipe
            .outputs
            .iter()
            .zip(spots)
            .map(|(spec, spot)| StagePlan::new(recipe, spec, spot, probe.alpha() || leaves, &decode))
            .collect();
        let mut plan = Self { decode, stages, light: recipe.light, peak: 0 };
        plan.peak = plan.add_up(probe);
        if plan.peak > limits.memory {
            let detail = "This would take more memory than allowed: raise the limit, or use a smaller source or output.";
            let error = Error::new(Code::MemoryOverBudget, detail).at("limits.memory");
            return Err(error.figures(limits.memory, plan.peak));
        }
        Ok(plan)
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

    /// Whether samples are averaged as linear light.
    pub fn light(&self) -> Light {
        self.light
    }

    /// The figures, for people and programs.
    pub fn summary(&self) -> PlanSummary {
        let Window { x, y, width, height } = self.decode.window;
        PlanSummary { peak_bytes: self.peak, scale: self.decode.scale, window: [x, y, width, height] }
    }

    /// The stages, ready to take lines of this many channels; with what each is to become.
    pub fn start(&self, channels: usize) -> Vec<(OutputSpec, Stage)> {
        let incoming = incoming(&self.decode.window, channels);
        self.stages.iter().map(|s| (s.spec.clone(), s.start(incoming))).collect()
    }

    fn add_up(&self, probe: &Probe) -> u64 {
        let incoming = incoming(&self.decode.window, if probe.alpha() { 4 } else { 3 });
        let row = Line::bytes(incoming.channels, incoming.width);
        let stages: u64 = self.stages.iter().map(|s| s.cost(incoming)).sum();
        let encoding = self.stages.iter().map(|s| encode::memory_bytes(&s.spec, s.alpha)).max().unwrap_or(0);
        let rasters: u64 = self.stages.iter().map(|s| Finish::cost(s.spec.size(), s.alpha)).sum();
        let results: u64 = self.stages.iter().map(|s| encode::max_encoded_bytes(&s.spec, s.alpha)).sum();
        let decoding = decode::cost(probe, &self.decode) + row + stages;
        decoding.max(rasters + results + encoding) + OVERHEAD
    }
}

/// Colour tables, file windows, small vectors.
const OVERHEAD: u64 = 640 << 10;

impl StagePlan {
    fn new(recipe: &Recipe, spec: &OutputSpec, spot: Spot, transparent: bool, decode: &DecodePlan) -> Self {
        let solid = matches!(recipe.background, Some(Background::Color(_)));
        let (x, y, turn) = spot.onto(decode.window);
        Self {
            spec: spec.clone(),
            alpha: transparent && !solid && spec.format != Format::Jpeg,
            background: recipe.background,
            filter: recipe.filter,
            // only JPEG is decoded at 1/8
            samples: if decode.scale == 1 { Samples::Means } else { Samples::Points },
            light: recipe.light,
            x,
            y,
            turn,
        }
    }

    fn axes(&self, incoming: Incoming) -> (Axis, Axis) {
        let axis = |span, length: usize| Axis::new(span, length as u32, self.filter, self.samples);
        (axis(self.x, incoming.width), axis(self.y, incoming.height))
    }

    fn start(&self, incoming: Incoming) -> Stage {
        let (x, y) = self.axes(incoming);
        let passes = Separable::new(x, y, self.y.mirrored, incoming);
        let finish = Finish::new(self.spec.size(), self.alpha, self.light, self.background);
        match &self.turn {
            TurnPlan::Quarter { transposed } => Stage::straight(passes, *transposed, finish),
            TurnPlan::Free { affine, spread } => {
                Stage::warped(passes, *affine, WarpKernel::new(self.filter, *spread), finish)
            }
        }
    }

    fn cost(&self, incoming: Incoming) -> u64 {
        let (x, y) = self.axes(incoming);
        let size = self.spec.size();
        let warp = match &self.turn {
            TurnPlan::Quarter { .. } => 0,
            TurnPlan::Free { spread, .. } => {
                Warp::cost(&WarpKernel::new(self.filter, *spread), x.len(), size)
            }
        };
        Separable::cost(&x, &y, self.y.mirrored, incoming) + warp + Finish::cost(size, self.alpha)
    }
}

fn incoming(window: &Window, channels: usize) -> Incoming {
    Incoming { channels, width: window.width as usize, height: window.height as usize }
}

/// Where one output lies in the whole decoded picture.
struct Spot {
    x: Span,
    y: Span,
    turn: TurnPlan,
}

impl Spot {
    fn new(probe: &Probe, recipe: &Recipe, spec: &OutputSpec, scale: u8, decoded: Size) -> Self {
        let transform = Transform::new(probe, recipe, scale);
        match transform.quarter(spec.size()) {
            Some((x, y, transposed)) => Self { x, y, turn: TurnPlan::Quarter { transposed } },
            None => Self::free(&transform, recipe, spec, decoded),
        }
    }

    fn free(transform: &Transform, recipe: &Recipe, spec: &OutputSpec, decoded: Size) -> Self {
        let shrink = transform.shrink(spec.size());
        let density = (shrink / WARP_DENSITY).max(1.0);
        let reach = recipe.filter.support() * shrink.max(1.0) + 2.0 * density;
        let open = recipe.background.is_some();
        let [x, y] = transform.upright_box(reach, density, if open { None } else { Some(decoded) });
        let pitch = |s: &Span| (s.end - s.start) as f64 / STEPS as f64 / f64::from(s.count);
        let affine = transform.affine(spec.size(), &x, &y);
        let spread = shrink / pitch(&x).min(pitch(&y));
        Self { x, y, turn: TurnPlan::Free { affine, spread } }
    }

    /// The decoded pixels that are needed; empty when the output shows background only.
    fn window(&self, decoded: Size) -> Option<Window> {
        let range = |s: &Span, side: u32| {
            let near = s.start.div_euclid(STEPS).clamp(0, side.into());
            let far = (s.end + STEPS - 1).div_euclid(STEPS).clamp(0, side.into());
            (far > near).then_some((near as u32, (far - near) as u32))
        };
        let ((x, width), (y, height)) = (range(&self.x, decoded.width)?, range(&self.y, decoded.height)?);
        Some(Window { x, y, width, height })
    }

    /// The spans counted from the window's corner.
    fn onto(self, window: Window) -> (Span, Span, TurnPlan) {
        let shift = |s: Span, by: u32| {
            let by = i64::from(by) * STEPS;
            Span { start: s.start - by, end: s.end - by, ..s }
        };
        (shift(self.x, window.x), shift(self.y, window.y), self.turn)
    }
}

fn union(windows: impl Iterator<Item = Option<Window>>) -> Option<Window> {
    windows.flatten().reduce(|a, b| {
        let (x, y) = (a.x.min(b.x), a.y.min(b.y));
        let (right, bottom) = ((a.x + a.width).max(b.x + b.width), (a.y + a.height).max(b.y + b.height));
        Window { x, y, width: right - x, height: bottom - y }
    })
}

/// The size of a picture decoded at n/8.
fn scaled(size: Size, scale: u8) -> Size {
    let side = |v: u32| (u64::from(v) * u64::from(scale)).div_ceil(8) as u32;
    Size::new(side(size.width), side(size.height))
}

/// The least that any output shrinks the source by.
fn least_shrink(probe: &Probe, recipe: &Recipe) -> f64 {
    let transform = Transform::new(probe, recipe, 8);
    recipe.outputs.iter().map(|o| transform.least_shrink(o.size())).fold(f64::INFINITY, f64::min)
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

fn check_outputs(recipe: &Recipe, limits: &Limits) -> Result<()> {
    if recipe.outputs.len() > limits.outputs {
        let error = Error::new(Code::OutputTooLarge, "Too many outputs in one recipe.").at("outputs");
        return Err(error.figures(limits.outputs, recipe.outputs.len()));
    }
    for (i, output) in recipe.outputs.iter().enumerate() {
        for (field, side) in [("width", output.width), ("height", output.height)] {
            if side > limits.output_side {
                let error =
                    Error::new(Code::OutputTooLarge, "This output is too large: ask for a smaller one.");
                return Err(error.at(format!("outputs[{i}].{field}")).figures(limits.output_side, side));
            }
        }
    }
    let pixels: u64 = recipe.outputs.iter().map(|o| o.size().pixels()).sum();
    if pixels > limits.output_pixels {
        let error =
            Error::new(Code::OutputTooLarge, "The outputs have too many pixels together.").at("outputs");
        return Err(error.figures(limits.output_pixels, pixels));
    }
    Ok(())
}

fn check_transparency(probe: &Probe, recipe: &Recipe, leaves: bool) -> Result<()> {
    let jpeg = recipe.outputs.iter().position(|o| o.format == Format::Jpeg);
    match jpeg {
        Some(i) if recipe.background.is_none() && (probe.alpha() || leaves) => {
            let detail = "The source may be transparent and JPEG can not be: give a background colour, or ask for PNG or WebP.";
            let error = Error::new(Code::BackgroundRequired, detail).at("background");
            Err(error.figures("#rrggbb", format!("none, with outputs[{i}].format jpeg")))
        }
        _ => Ok(()),
    }
}

fn nothing_to_see() -> Error {
    Error::new(Code::CropOutsideSource, "The crop shows nothing of the picture: move it back.").at("crop")
}
