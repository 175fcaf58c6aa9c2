//! Tests of an axis whose picture ends within a decoded pixel.

use super::span::{STEPS, SampleKind, Span};
use super::weights::AxisWeights;
use crate::recipe::Filter;
use proptest::prelude::*;

/// Against the same picture eight times as dense, whose last pixel is whole: every output pixel, also the last one.
#[test]
fn the_last_pixel_counts_as_its_part() {
    let wave = |i: i64| 100.0 + 50.0 * libm::sin(i as f64 / 60.0);
    for (filter, samples, part) in [
        (Filter::Lanczos3, SampleKind::Means, 1),
        (Filter::Lanczos3, SampleKind::Points, 2),
        (Filter::CatmullRom, SampleKind::Means, 3),
        (Filter::Triangle, SampleKind::Points, 5),
        (Filter::Box, SampleKind::Means, 7),
    ] {
        let fine = 60 * 8 + part;
        let mean = |from: i64, to: i64| (from..to).map(wave).sum::<f64>() / (to - from) as f64;
        let all = |density: i64, samples, sample: &dyn Fn(i64) -> f64| -> Vec<f64> {
            let end = fine * STEPS / density;
            let axis =
                AxisWeights::new(Span { start: 0, end, count: 20, mirrored: false }, end, filter, samples);
            let one = f64::from(1 << axis.bits());
            let sum = |(first, weights): (usize, &[i16])| {
                (first as i64..).zip(weights).map(|(i, w)| sample(i) * f64::from(*w) / one).sum()
            };
            (0..20).map(|k| sum(axis.taps(k))).collect()
        };
        let want = all(1, SampleKind::Points, &wave);
        let got = all(8, samples, &|i| mean(8 * i, (8 * i + 8).min(fine)));
        for (k, (a, b)) in want.into_iter().zip(got).enumerate() {
            assert!((a - b).abs() < 0.25, "{filter:?}, {part} of 8, output {k}: {b} for {a}");
        }
    }
}

proptest! {
    #[test]
    fn an_end_within_a_pixel_weighs_the_same_from_both_sides(
        start in 0i64..40 * STEPS, extent in 1i64..60 * STEPS, count in 1u32..90,
        filter in prop_oneof![Just(Filter::Lanczos3), Just(Filter::CatmullRom), Just(Filter::Triangle), Just(Filter::Box)],
        samples in prop_oneof![Just(SampleKind::Points), Just(SampleKind::Means)],
    ) {
        let end = start + extent;
        let axis = |mirrored| AxisWeights::new(Span { start, end, count, mirrored }, end, filter, samples);
        let (a, b) = (axis(false), axis(true));
        for k in 0..count as usize {
            let (first, weights) = a.taps(k);
            prop_assert_eq!(weights.iter().map(|w| i64::from(*w)).sum::<i64>(), 1 << a.bits());
            prop_assert!((first + weights.len()) as i64 <= (end + STEPS - 1) / STEPS);
            let (other, mirrored) = b.taps(count as usize - 1 - k);
            // each axis gives what rounding leaves over to the first in its own order
            let near = |(i, weight): (usize, &i16)| {
                let at = (first + i).wrapping_sub(other);
                (weight - mirrored.get(at).copied().unwrap_or(0)).abs() <= 1
            };
            prop_assert!(weights.iter().enumerate().all(near), "{weights:?}, {mirrored:?}");
        }
    }
}
