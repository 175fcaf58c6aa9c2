//! One output's part of a plan: which filters run over which spans, and what they hold.

use super::placement::{Placement, TurnPlan};
use super::transform::true_end;
use crate::decode::DecodePlan;
use crate::geometry::Size;
use crate::recipe::{Background, Filter, Format, OutputSpec, Recipe};
#[cfg(feature = "formats")]
use crate::resample::Cut;
use crate::resample::span::{STEPS, SampleKind, Span};
use crate::resample::weights::AxisWeights;
use crate::resample::{Finisher, InputShape, Resampler, Separable, TurnedKernel, Warp};

/// One output's part of a plan.
#[derive(Debug)]
pub(super) struct OutputPlan {
    pub(super) spec: OutputSpec,
    /// Whether the output has an alpha channel.
    pub(super) alpha: bool,
    samples: SampleKind,
    /// Where the picture ends on both axes, counted as the spans are.
    ends: [i64; 2],
    x: Span,
    y: Span,
    turn: TurnPlan,
}

impl OutputPlan {
    pub(super) fn new(
        recipe: &Recipe,
        spec: &OutputSpec,
        placement: Placement,
        transparent: bool,
        stored: Size,
        decode: &DecodePlan,
    ) -> Self {
        let solid = matches!(recipe.background(), Some(Background::Color(_)));
        let window = decode.window;
        let (x, y, turn) = placement.relative_to(window);
        // The last decoded pixel may stand for less than a whole one.
        let end = |side, near: u32, pixels: u32| {
            (true_end(side, decode.scale) - i64::from(near) * STEPS).min(i64::from(pixels) * STEPS)
        };
        Self {
            spec: spec.clone(),
            alpha: transparent && !solid && spec.format() != Format::Jpeg || has_mask(spec),
            // At 1/8 each sample of a JPEG is the mean of a block; no other format is decoded at 1/8.
            samples: if decode.scale == 1 { SampleKind::Means } else { SampleKind::Points },
            ends: [end(stored.width, window.x, window.width), end(stored.height, window.y, window.height)],
            x,
            y,
            turn,
        }
    }

    fn axes(&self, filter: Filter) -> (AxisWeights, AxisWeights) {
        let filter = match self.turn {
            TurnPlan::Quarter { .. } => filter,
            // In front of the turn's own filter, which is the one that was asked for: as little as possible is to be lost.
            TurnPlan::Free { .. } => Filter::Lanczos3,
        };
        let axis = |span, end| AxisWeights::new(span, end, filter, self.samples);
        (axis(self.x, self.ends[0]), axis(self.y, self.ends[1]))
    }

    /// What makes this output of the plan's recipe out of rows of this shape.
    pub(super) fn resampler(&self, recipe: &Recipe, input: InputShape) -> Resampler {
        let (x, y) = self.axes(recipe.filter());
        let passes = Separable::new(x, y, self.y.mirrored, input);
        let finish = Finisher::new(self.spec.size(), self.alpha, recipe.light(), recipe.background());
        #[cfg(feature = "formats")]
        let finish = finish.cut(Cut::of(&self.spec));
        match &self.turn {
            TurnPlan::Quarter { transposed } => Resampler::straight(passes, *transposed, finish),
            TurnPlan::Free { affine } => {
                let kernel = TurnedKernel::new(recipe.filter(), affine);
                Resampler::warped(passes, *affine, kernel, input.channels, finish)
            }
        }
    }

    /// Bytes that [`OutputPlan::resampler`] takes.
    pub(super) fn memory_bytes(&self, filter: Filter, input: InputShape) -> u64 {
        let (x, y) = self.axes(filter);
        let size = self.spec.size();
        let warp = match &self.turn {
            TurnPlan::Quarter { .. } => 0,
            TurnPlan::Free { affine } => {
                Warp::memory_bytes(&TurnedKernel::new(filter, affine), input.channels, x.len(), size)
            }
        };
        Separable::memory_bytes(&x, &y, self.y.mirrored, input)
            + warp
            + Finisher::memory_bytes(size, self.alpha)
    }

    /// Bytes of the finished picture.
    pub(super) fn raster_bytes(&self) -> u64 {
        Finisher::memory_bytes(self.spec.size(), self.alpha)
    }
}

#[cfg(feature = "formats")]
fn has_mask(spec: &OutputSpec) -> bool {
    spec.mask().is_some()
}

/// The small build has no masks.
#[cfg(not(feature = "formats"))]
fn has_mask(_: &OutputSpec) -> bool {
    false
}
