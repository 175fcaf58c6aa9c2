//! The innermost sums of both passes, on the vector unit that is there.
//!
//! All of it is integers: [`scalar`] is the specification, and every other version gives the same bits (a property
//! test holds them to it). SSE2, NEON and SIMD128 belong to their targets; AVX2 is looked for when the program runs.

mod scalar;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "aarch64")]
mod neon;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128;
#[cfg(target_arch = "x86_64")]
mod sse2;

use super::CHANNELS;
use super::weights::Axis;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

/// A pixel of working samples.
type Pixel = [i16; CHANNELS];

/// Where the rows under the filter begin in the ring, and the weight of each; their sum is shifted by `bits`.
pub(super) struct Taps<'a> {
    pub(super) offsets: &'a [usize],
    pub(super) weights: &'a [i16],
    pub(super) bits: u32,
}

/// Which version runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Scalar,
    /// What every machine of this target has.
    Base,
    #[cfg(target_arch = "x86_64")]
    Avx2,
}

/// 0: not looked yet; otherwise 1 + the unit's number.
static FOUND: AtomicU8 = AtomicU8::new(0);

/// Makes this process use the scalar code only (`false`), or what the machine has (`true`, as from the start).
///
/// Results do not change; it is there so that this can be checked.
pub fn use_simd(on: bool) {
    FOUND.store(if on { 0 } else { 1 }, Relaxed);
}

/// Whether AVX2 is there and wanted: for loops that the compiler makes vectors of.
#[cfg(target_arch = "x86_64")]
pub(crate) fn has_avx2() -> bool {
    Unit::best() == Unit::Avx2
}

impl Unit {
    /// The best that is there.
    pub(super) fn best() -> Self {
        match FOUND.load(Relaxed) {
            0 => {
                let found = Self::look();
                FOUND.store(found as u8 + 1, Relaxed);
                found
            }
            1 => Unit::Scalar,
            2 => Unit::Base,
            #[cfg(target_arch = "x86_64")]
            _ => Unit::Avx2,
            #[cfg(not(target_arch = "x86_64"))]
            _ => Unit::Base,
        }
    }

    fn look() -> Self {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            return Unit::Avx2;
        }
        Unit::Base
    }

    /// The weighted sums of a row's pixels. Products must fit 32 bits together: see [`Axis::wide`].
    pub(super) fn across(self, row: &[Pixel], axis: &Axis, out: &mut [i16]) {
        match self {
            Unit::Scalar => scalar::across(row, axis, out),
            Unit::Base => base::across(row, axis, out),
            // SAFETY: `look` has found it.
            #[cfg(target_arch = "x86_64")]
            Unit::Avx2 => unsafe { avx2::across(row, axis, out) },
        }
    }

    /// The weighted sum of some rows of the ring, for all of `line`. Products must fit 32 bits together.
    pub(super) fn down(self, ring: &[i16], taps: &Taps<'_>, line: &mut [i16]) {
        match self {
            Unit::Scalar => scalar::down(ring, taps, line),
            Unit::Base => base::down(ring, taps, line),
            // SAFETY: `look` has found it.
            #[cfg(target_arch = "x86_64")]
            Unit::Avx2 => unsafe { avx2::down(ring, taps, line) },
        }
    }
}

/// The version that every machine of this target can run.
mod base {
    #[cfg(target_arch = "x86_64")]
    use super::{Axis, Pixel, Taps};

    #[cfg(target_arch = "aarch64")]
    pub(super) use super::neon::{across, down};
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    pub(super) use super::simd128::{across, down};

    #[cfg(target_arch = "x86_64")]
    pub(super) fn across(row: &[Pixel], axis: &Axis, out: &mut [i16]) {
        // SAFETY: SSE2 belongs to x86-64.
        unsafe { super::sse2::across(row, axis, out) }
    }

    #[cfg(target_arch = "x86_64")]
    pub(super) fn down(ring: &[i16], taps: &Taps<'_>, line: &mut [i16]) {
        // SAFETY: SSE2 belongs to x86-64.
        unsafe { super::sse2::down(ring, taps, line) }
    }

    #[cfg(not(any(
        target_arch = "x86_64",
        target_arch = "aarch64",
        all(target_arch = "wasm32", target_feature = "simd128")
    )))]
    pub(super) use super::scalar::{across, down};
}

/// Every output pixel of a row by its taps.
#[inline(always)]
fn each_pixel(row: &[Pixel], axis: &Axis, out: &mut [i16], f: impl Fn(&[Pixel], &[i16], u32) -> Pixel) {
    for (k, pixel) in out.as_chunks_mut::<CHANNELS>().0.iter_mut().enumerate() {
        let (first, weights) = axis.taps(k);
        *pixel = f(&row[first..first + weights.len()], weights, axis.bits());
    }
}

/// Two weights as the vector units' dot products want them: in one 32-bit lane.
#[cfg(any(target_arch = "x86_64", target_arch = "wasm32"))]
#[inline(always)]
fn pair(first: i16, second: i16) -> i32 {
    i32::from(first.cast_unsigned()) | i32::from(second) << 16
}

#[cfg(test)]
mod tests {
    use super::super::weights::{STEPS, Span};
    use super::*;
    use crate::recipe::Filter;
    use proptest::prelude::*;

    fn units() -> Vec<Unit> {
        let base = vec![Unit::Base];
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            return vec![Unit::Base, Unit::Avx2];
        }
        base
    }

    /// Samples of a picture and taps whose products fit 32 bits together, also at the extremes.
    fn sums() -> impl Strategy<Value = (Vec<i16>, Vec<i16>, u32)> {
        (1usize..40, 1usize..50, 8u32..17).prop_flat_map(|(taps, pixels, bits)| {
            // Room for the half that rounds.
            let most = ((i32::MAX - (1 << 16)) / (24_480 * taps as i32)).min(32_766) as i16;
            let weight = prop_oneof![Just(-most), Just(most), -most..most];
            (
                prop::collection::vec(sample(), pixels * CHANNELS * taps),
                prop::collection::vec(weight, taps),
                Just(bits),
            )
        })
    }

    fn sample() -> impl Strategy<Value = i16> {
        prop_oneof![Just(-24_480i16), Just(24_480), Just(0), -24_480i16..24_480]
    }

    proptest! {
        #[test]
        fn every_unit_sums_rows_as_the_scalar_code((ring, weights, bits) in sums()) {
            let width = ring.len() / weights.len();
            let offsets: Vec<usize> = (0..weights.len()).map(|i| i * width).collect();
            let taps = Taps { offsets: &offsets, weights: &weights, bits };
            let mut want = vec![0; width];
            scalar::down(&ring, &taps, &mut want);
            for unit in units() {
                let mut line = vec![0; width];
                unit.down(&ring, &taps, &mut line);
                prop_assert_eq!(&line, &want, "{:?}", unit);
            }
        }

        #[test]
        fn every_unit_sums_pixels_as_the_scalar_code(
            row in prop::collection::vec(sample(), CHANNELS * 64),
            (start, extent, count) in (0i64..30 * STEPS, 1i64..34 * STEPS, 1u32..90),
            filter in prop_oneof![Just(Filter::Lanczos3), Just(Filter::CatmullRom), Just(Filter::Triangle), Just(Filter::Box)],
        ) {
            let axis = Axis::new(Span { start, end: start + extent, count, mirrored: false }, 64, filter);
            let row = row.as_chunks::<CHANNELS>().0;
            let mut want = vec![0; count as usize * CHANNELS];
            scalar::across(row, &axis, &mut want);
            for unit in units() {
                let mut out = vec![0; want.len()];
                unit.across(row, &axis, &mut out);
                prop_assert_eq!(&out, &want, "{:?}", unit);
            }
        }
    }
}
