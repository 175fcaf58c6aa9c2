//! The weights of one output pixel as real numbers: the filter over the decoded pixels that there are.
//!
//! Positions are exact rationals in integers; a single division turns a distance into an `f64`, so a mirrored axis
//! has exactly the mirrored weights.

use super::fixed_point::{sum_from_both_ends, to_fixed_point};
use super::span::{STEPS, SampleKind, Span};
use crate::recipe::Filter;
use std::ops::Range;

/// The real weights of one output pixel, over existing decoded pixels only.
pub struct RealWeights {
    /// The decoded pixel that the first weight is of.
    pub first: u32,
    /// In output order.
    pub weights: Vec<f64>,
    /// Their sum by the share of the output pixel that the picture covers.
    pub total: f64,
    mirrored: bool,
}

impl RealWeights {
    /// Of output pixel `k`. `picture_end`: in [`STEPS`].
    pub fn new(span: Span, picture_end: i64, (filter, samples): (Filter, SampleKind), k: u32) -> Self {
        // In stored order: a mirrored axis counts its output pixels from the far end.
        let k = if span.mirrored { span.count - 1 - k } else { k };
        let count = i64::from(span.count);
        let extent = span.end - span.start;
        // The output pixel's centre, in 1/(2 * STEPS * count) decoded pixel.
        let centre = 2 * count * span.start + (2 * i64::from(k) + 1) * extent;
        let unit = 2 * STEPS * count;
        // Filter width: one output pixel when shrinking, one decoded pixel when enlarging, in the same unit.
        let step = 2 * extent;
        let width = if filter == Filter::Box { step } else { step.max(unit) };
        let means = samples == SampleKind::Means && filter != Filter::Box;
        // What the picture covers of the output pixel. The colour is looked for in its middle.
        let visible = (centre - extent).max(0)..(centre + extent).min(picture_end * 2 * count);
        let share = (visible.end - visible.start).max(0) as f64 / step as f64;
        let look_at = match filter {
            Filter::Box => centre,
            _ => (visible.start + visible.end) / 2,
        };
        let reach = (filter.support() * width as f64) as i64 + 1 + if means { unit } else { 0 };
        let near = span.start.div_euclid(STEPS).max(0);
        let far = (span.end.min(picture_end) - 1).div_euclid(STEPS);
        let low = (look_at - reach).div_euclid(unit).max(near);
        let high = if share > 0.0 { (look_at + reach).div_euclid(unit).min(far) } else { low - 1 };
        let value = |i: i64| match filter {
            Filter::Box => overlap((i * unit)..((i + 1) * unit), &visible, step),
            _ => filter.value(((2 * i + 1) * (unit / 2) - look_at) as f64 / width as f64),
        };
        let weigh = |low: i64, high: i64| -> Vec<f64> {
            if !means {
                return (low..=high).map(value).collect();
            }
            let values: Vec<f64> = (low - 1..=high + 1).map(value).collect();
            values.array_windows().map(|[a, b, c]| b * 13.0 / 12.0 - (a + c) / 24.0).collect()
        };
        let mut weights = weigh(low, high);
        // The last decoded pixel, where only a part of it is of the picture.
        let (last, part) = (picture_end.div_euclid(STEPS), picture_end.rem_euclid(STEPS) * 2 * count);
        if part > 0
            && high == last
            && filter != Filter::Box
            && let Some(weight) = weights.last_mut()
        {
            let value = |parts: i64| {
                filter.value((last * unit + part / 2 + parts * part - look_at) as f64 / width as f64)
            };
            let (a, b, c) = (value(-1), value(0), value(1));
            let real = if means { b * 13.0 / 12.0 - (a + c) / 24.0 } else { b };
            *weight = real * (part as f64 / unit as f64);
        }
        let total = sum_from_both_ends(&weights) / share;
        if span.mirrored {
            weights.reverse();
        }
        Self { first: low.max(0) as u32, weights, total, mirrored: span.mirrored }
    }

    /// Integer weights in stored order that sum exactly to their share of `1 << bits`. They are decided in output order, so
    /// that a mirrored axis decides the same.
    pub fn to_fixed_point(&self, bits: u32) -> Vec<i32> {
        let mut fixed = to_fixed_point(&self.weights, self.total, bits);
        if self.mirrored {
            fixed.reverse();
        }
        fixed
    }
}

fn overlap(a: Range<i64>, b: &Range<i64>, whole: i64) -> f64 {
    (a.end.min(b.end) - a.start.max(b.start)).max(0) as f64 / whole as f64
}
