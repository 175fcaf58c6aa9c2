//! One axis of a resampling: which source pixels make each output pixel, with what weight.
//!
//! The weights are computed as real numbers (`real_weights`), and then fixed to integers that sum exactly to `1 << bits`
//! (`fixed_point`).

use super::fixed_point::sum_from_both_ends;
use super::real_weights::RealWeights;
use super::span::{STEPS, SampleKind, Span};
use crate::recipe::Filter;

/// The taps of every output pixel of one axis, in output order.
#[derive(Clone, Debug)]
pub struct AxisWeights {
    taps: Vec<TapRange>,
    weights: Vec<i16>,
    bits: u32,
    wide: bool,
    /// The weights of every output pixel sum to one.
    full: bool,
    copies_from: Option<usize>,
}

/// The taps of one output pixel.
#[derive(Clone, Copy, Debug)]
struct TapRange {
    first: u32,
    offset: u32,
    count: u32,
}

impl AxisWeights {
    /// The weights of a span over the decoded pixels of a picture that ends at `end`, in [`STEPS`]. Where that lies within a
    /// decoded pixel, this last one counts as the part that it stands for, at that part's middle.
    ///
    /// Pixels beyond the span's ends are not used: an output shows nothing from outside its crop. Where the span
    /// leaves the picture, an output pixel is filtered over what exists, and its weights sum to the share of it that the
    /// picture covers.
    pub fn new(span: Span, end: i64, filter: Filter, samples: SampleKind) -> Self {
        // Made twice, because all of them together would take more memory than anything else of a run.
        let reals = || (0..span.count).map(|k| RealWeights::new(span, end, (filter, samples), k));
        let Precision { bits, taps } = Precision::new(reals(), span);
        let (ends, weights) = (Vec::with_capacity(span.count as usize), Vec::with_capacity(taps));
        let mut axis = Self { taps: ends, weights, bits, wide: false, full: true, copies_from: None };
        let mut heaviest = 0;
        for real in reals() {
            let fixed = real.to_fixed_point(bits);
            heaviest = heaviest.max(fixed.iter().map(|w| i64::from(w.abs())).sum());
            axis.full &= fixed.iter().map(|w| i64::from(*w)).sum::<i64>() == 1 << bits;
            axis.push(real.first, &fixed);
        }
        // The half that rounds is added too.
        axis.copies_from = axis.find_copies();
        axis.wide = heaviest * MAX_SAMPLE + (1 << bits) >= i64::from(i32::MAX);
        axis
    }

    fn push(&mut self, first: u32, fixed: &[i32]) {
        // Zero weights at the ends cost time and mean nothing.
        let lead = fixed.iter().take_while(|w| **w == 0).count();
        let tail = fixed.iter().rev().take_while(|w| **w == 0).count();
        let offset = self.weights.len() as u32;
        if lead == fixed.len() {
            self.taps.push(TapRange { first: 0, offset, count: 0 });
            return;
        }
        let kept = &fixed[lead..fixed.len() - tail];
        self.weights.extend(kept.iter().map(|w| *w as i16));
        self.weights.resize(offset as usize + padded(kept.len()), 0);
        self.taps.push(TapRange { first: first + lead as u32, offset, count: kept.len() as u32 });
    }

    /// Output pixels.
    #[allow(clippy::len_without_is_empty)] // an axis has at least one pixel
    pub fn len(&self) -> usize {
        self.taps.len()
    }

    /// First decoded pixel and weights of an output pixel. Empty where only background shows.
    pub fn taps(&self, k: usize) -> (usize, &[i16]) {
        let TapRange { first, offset, count } = self.taps[k];
        (first as usize, &self.weights[offset as usize..(offset + count) as usize])
    }

    /// As [`AxisWeights::taps`] of every output pixel in order, with zeros behind the weights up to 8 of them or a multiple of 16.
    #[inline(always)]
    pub(super) fn padded_taps(&self) -> impl Iterator<Item = (usize, &[i16])> {
        // they stand one behind the other
        let mut rest = &self.weights[..];
        self.taps.iter().map(move |taps| {
            let (weights, behind) = rest.split_at(padded(taps.count as usize).min(rest.len()));
            rest = behind;
            (taps.first as usize, weights)
        })
    }

    /// Where every output pixel is a decoded pixel, one after the other: the first of them.
    pub(super) fn copies_from(&self) -> Option<usize> {
        self.copies_from
    }

    fn find_copies(&self) -> Option<usize> {
        let first = self.taps.first()?.first;
        let copied = |(taps, at): (&TapRange, u32)| {
            taps.first == at
                && taps.count == 1
                && i32::from(self.weights[taps.offset as usize]) == 1 << self.bits
        };
        self.taps.iter().zip(first..).all(copied).then_some(first as usize)
    }

    /// What an output pixel makes of a row (or column) that is `value` everywhere inside the picture and 0 outside.
    #[inline]
    pub(super) fn of_opaque(&self, k: usize, value: i16) -> i16 {
        if self.full {
            return value;
        }
        let sum: i64 = self.taps(k).1.iter().map(|w| i64::from(*w)).sum();
        ((sum * i64::from(value) + (1 << (self.bits - 1))) >> self.bits) as i16
    }

    /// Weights sum to `1 << bits`.
    pub fn bits(&self) -> u32 {
        self.bits
    }

    /// Whether sums of products can pass 32 bits.
    pub fn wide(&self) -> bool {
        self.wide
    }

    /// The most taps of one output pixel.
    pub fn most_taps(&self) -> usize {
        self.taps.iter().map(|t| t.count as usize).max().unwrap_or(0)
    }

    /// Bytes held.
    pub fn memory_bytes(&self) -> u64 {
        (self.taps.capacity() * size_of::<TapRange>() + self.weights.capacity() * 2) as u64
    }
}

/// What vectors want: nothing, 8 weights, or a multiple of 16.
fn padded(weights: usize) -> usize {
    if weights <= 8 { weights.next_multiple_of(8) } else { weights.next_multiple_of(16) }
}

/// Bound of a sample's magnitude: ONE plus the overshoot of a first pass (at most one half), see [`crate::pixel::ONE`].
const MAX_SAMPLE: i64 = 16_320 * 3 / 2;

/// What an axis will take.
struct Precision {
    /// As many fraction bits as 16-bit weights and 32-bit sums bear; more, with 64-bit sums, only where thousands of
    /// tiny weights would otherwise vanish.
    bits: u32,
    /// Weights of all output pixels.
    taps: usize,
}

impl Precision {
    fn new(reals: impl Iterator<Item = RealWeights>, span: Span) -> Self {
        let (mut heaviest, mut sum, mut taps) = (0.0, 0.0, 0);
        for real in reals {
            let shares: Vec<f64> = real.weights.iter().map(|w| (w / real.total).abs()).collect();
            heaviest = shares.iter().copied().fold(heaviest, f64::max);
            sum = f64::max(sum, sum_from_both_ends(&shares));
            taps += padded(shares.len());
        }
        let shrink = (span.end - span.start) / (STEPS * i64::from(span.count));
        let wide = shrink > 512;
        let most = if wide { 22 } else { 16 };
        let fits = |bits: &u32| {
            let one = (1i64 << bits) as f64;
            // A thousandth for what rounding the weights adds.
            heaviest * one <= 32_766.0
                && (wide || sum * one * MAX_SAMPLE as f64 * 1.001 < f64::from(i32::MAX))
        };
        Self { bits: (8..=most).rev().find(fits).unwrap_or(14), taps }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn span(start: f64, end: f64, count: u32, mirrored: bool) -> Span {
        let steps = |v: f64| (v * STEPS as f64) as i64;
        Span { start: steps(start), end: steps(end), count, mirrored }
    }

    fn row(axis: &AxisWeights, k: usize) -> (usize, Vec<i16>) {
        let (first, weights) = axis.taps(k);
        (first, weights.to_vec())
    }

    #[test]
    fn the_same_size_is_the_identity() {
        for filter in [Filter::Lanczos3, Filter::CatmullRom, Filter::Triangle, Filter::Box] {
            let axis = AxisWeights::new(span(3.0, 8.0, 5, false), 20 * STEPS, filter, SampleKind::Points);
            for k in 0..5 {
                assert_eq!(row(&axis, k), (3 + k, vec![1 << axis.bits()]), "{filter:?} {k}");
            }
        }
    }

    #[test]
    fn a_box_is_the_exact_area() {
        let axis = AxisWeights::new(span(0.5, 3.5, 2, false), 4 * STEPS, Filter::Box, SampleKind::Points);
        // Output pixel 0 covers 0.5 to 2.0: half of pixel 0 and all of pixel 1.
        let one = 1i32 << axis.bits();
        let third = (f64::from(one) / 3.0).round() as i32;
        let (first, weights) = row(&axis, 0);
        assert_eq!((first, weights), (0, vec![third as i16, (one - third) as i16]));
    }

    #[test]
    fn nothing_comes_from_outside_the_crop() {
        let axis =
            AxisWeights::new(span(10.0, 12.0, 64, false), 100 * STEPS, Filter::Lanczos3, SampleKind::Points);
        for k in 0..64 {
            let (first, weights) = axis.taps(k);
            assert!(first >= 10 && first + weights.len() <= 12);
        }
    }

    #[test]
    fn what_lies_outside_the_picture_weighs_as_nothing() {
        let axis = AxisWeights::new(span(-2.0, 4.0, 6, false), 2 * STEPS, Filter::Box, SampleKind::Points);
        let one = 1 << axis.bits();
        let none = (0, vec![]);
        let rows: Vec<_> = (0..6).map(|k| row(&axis, k)).collect();
        assert_eq!(rows, [none.clone(), none.clone(), (0, vec![one]), (1, vec![one]), none.clone(), none]);
    }

    /// A parabola's means are its points and a twelfth; uncorrected, the results would differ by as much.
    #[test]
    fn means_give_what_the_points_would_give() {
        let point = |i: usize| (i as f64 + 0.5 - 30.0).powi(2);
        for filter in [Filter::Lanczos3, Filter::CatmullRom, Filter::Triangle] {
            let result = |samples, sample: &dyn Fn(usize) -> f64| -> Vec<f64> {
                let axis = AxisWeights::new(span(0.0, 60.0, 20, false), 60 * STEPS, filter, samples);
                let one = f64::from(1 << axis.bits());
                let sum = |(first, weights): (usize, &[i16])| {
                    (first..).zip(weights).map(|(i, w)| sample(i) * f64::from(*w) / one).sum()
                };
                (4..16).map(|k| sum(axis.taps(k))).collect()
            };
            let points = result(SampleKind::Points, &point);
            let means = result(SampleKind::Means, &|i| point(i) + 1.0 / 12.0);
            for (k, (a, b)) in points.into_iter().zip(means).enumerate() {
                assert!((a - b).abs() < 0.02, "{filter:?}, output {k}: {b} for {a}");
            }
        }
    }

    proptest! {
        #[test]
        fn weights_sum_to_one_and_mirror_exactly(
            start in 0i64..40 * STEPS, extent in 1i64..60 * STEPS, count in 1u32..90,
            filter in prop_oneof![Just(Filter::Lanczos3), Just(Filter::CatmullRom), Just(Filter::Triangle), Just(Filter::Box)],
            samples in prop_oneof![Just(SampleKind::Points), Just(SampleKind::Means)],
        ) {
            let length = 100u32;
            let forward = Span { start, end: start + extent, count, mirrored: false };
            let far = i64::from(length) * STEPS;
            let backward = Span { start: far - forward.end, end: far - start, count, mirrored: true };
            let (a, b) = (AxisWeights::new(forward, far, filter, samples), AxisWeights::new(backward, far, filter, samples));
            for k in 0..count as usize {
                let (first, weights) = a.taps(k);
                prop_assert_eq!(weights.iter().map(|w| i64::from(*w)).sum::<i64>(), 1 << a.bits());
                prop_assert!(first as i64 >= start / STEPS);
                let (other, mut mirrored) = row(&b, k);
                mirrored.reverse();
                prop_assert_eq!(weights, &mirrored[..]);
                prop_assert_eq!(first, length as usize - other - mirrored.len());
            }
        }
    }
}
