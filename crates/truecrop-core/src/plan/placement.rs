//! Computes where each output lies in the decoded picture, and from that which pixels must be decoded.

use super::transform::Transform;
use crate::decode::Window;
use crate::geometry::Size;
use crate::probe::Probe;
use crate::recipe::{OutputSpec, Recipe};
use crate::resample::Affine;
use crate::resample::span::{STEPS, Span};

/// Incoming pixels of a warp per output pixel: at more than twice the output's density the filter in front of the warp leaves
/// the output's band flat, and what it folds back lies beyond it.
const WARP_DENSITY: f64 = 2.5;

#[derive(Debug)]
pub(super) enum TurnPlan {
    /// Quarter turns: the axes go straight to the output.
    Quarter { transposed: bool },
    /// Any other angle.
    Free { affine: Affine },
}

/// Where one output lies in the whole decoded picture.
pub(super) struct Placement {
    x: Span,
    y: Span,
    turn: TurnPlan,
}

impl Placement {
    pub(super) fn new(probe: &Probe, recipe: &Recipe, spec: &OutputSpec, scale: u8, decoded: Size) -> Self {
        let transform = Transform::new(probe, recipe, scale);
        match transform.quarter(spec.size()) {
            Some((x, y, transposed)) => Self { x, y, turn: TurnPlan::Quarter { transposed } },
            None => Self::free(&transform, recipe, spec, decoded),
        }
    }

    fn free(transform: &Transform, recipe: &Recipe, spec: &OutputSpec, decoded: Size) -> Self {
        let pitch = transform.pitch(spec.size(), WARP_DENSITY);
        let reach = transform.reach(spec.size(), recipe.filter(), pitch);
        let [x, y] = transform.upright_box(pitch, reach, decoded);
        let affine = transform.affine(spec.size(), [&x, &y], recipe.background().is_some());
        Self { x, y, turn: TurnPlan::Free { affine } }
    }

    /// The decoded pixels that are needed; empty when the output shows background only.
    pub(super) fn window(&self, decoded: Size) -> Option<Window> {
        let range = |s: &Span, side: u32| {
            let near = s.start.div_euclid(STEPS).clamp(0, side.into());
            let far = (s.end + STEPS - 1).div_euclid(STEPS).clamp(0, side.into());
            (far > near).then_some((near as u32, (far - near) as u32))
        };
        let ((x, width), (y, height)) = (range(&self.x, decoded.width)?, range(&self.y, decoded.height)?);
        Some(Window { x, y, width, height })
    }

    /// The spans counted from the window's corner.
    pub(super) fn relative_to(self, window: Window) -> (Span, Span, TurnPlan) {
        let shift = |s: Span, by: u32| {
            let by = i64::from(by) * STEPS;
            Span { start: s.start - by, end: s.end - by, ..s }
        };
        (shift(self.x, window.x), shift(self.y, window.y), self.turn)
    }
}
