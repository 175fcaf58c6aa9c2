//! One output's part of a plan: which filters run over which spans, and what they hold.

use super::placement::{Placement, TurnPlan};
use crate::decode::DecodePlan;
use crate::recipe::{Background, Filter, Format, OutputSpec, Recipe};
use crate::resample::weights::{AxisWeights, SampleKind, Span};
use crate::resample::{Finisher, InputShape, Resampler, Separable, TurnedKernel, Warp};

/// One output's part of a plan.
#[derive(Debug)]
pub(super) struct OutputPlan {
    pub(super) spec: OutputSpec,
    /// Whether the output has an alpha channel.
    pub(super) alpha: bool,
    samples: SampleKind,
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
        decode: &DecodePlan,
    ) -> Self {
        let solid = matches!(recipe.background(), Some(Background::Color(_)));
        let (x, y, turn) = placement.relative_to(decode.window);
        Self {
            spec: spec.clone(),
            alpha: transparent && !solid && spec.format() != Format::Jpeg,
            // At 1/8 each sample of a JPEG is the mean of a block; no other format is decoded at 1/8.
            samples: if decode.scale == 1 { SampleKind::Means } else { SampleKind::Points },
            x,
            y,
            turn,
        }
    }

    fn axes(&self, filter: Filter, input: InputShape) -> (AxisWeights, AxisWeights) {
        let filter = match self.turn {
            TurnPlan::Quarter { .. } => filter,
            // In front of the turn's own filter, which is the one that was asked for: as little as possible is to be lost.
            TurnPlan::Free { .. } => Filter::Lanczos3,
        };
        let axis = |span, length: usize| AxisWeights::new(span, length as u32, filter, self.samples);
        (axis(self.x, input.width), axis(self.y, input.height))
    }

    /// What makes this output of the plan's recipe out of rows of this shape.
    pub(super) fn resampler(&self, recipe: &Recipe, input: InputShape) -> Resampler {
        let (x, y) = self.axes(recipe.filter(), input);
        let passes = Separable::new(x, y, self.y.mirrored, input);
        let finish = Finisher::new(self.spec.size(), self.alpha, recipe.light(), recipe.background());
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
        let (x, y) = self.axes(filter, input);
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
