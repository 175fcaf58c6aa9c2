//! Vectors of 16-bit integers: one source for every target's vector unit.
//!
//! A kernel is written once, over [`Vector`], and compiled for each unit, each of which has its file here. [`scalar`] is
//! the specification: plain loops over arrays. Every other unit gives the same bits: a property test compares each
//! operation, and the kernels' own tests compare whole kernels. All numbers are integers that wrap or saturate as stated,
//! so there is nothing to round.
//!
//! The kernels live with their stage: `resample/convolve`, `decode/jpeg` (inverse DCT, upsampling, colour), `decode/webp/vp8`
//! (the same, prediction and loop filter), `decode/png/unfilter`
//! and `encode/jpeg/mcu_row`.
//!
//! SSE2, NEON and SIMD128 are part of their targets; AVX2 is detected at run time.

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub(crate) mod scalar;

#[cfg(target_arch = "x86_64")]
pub(crate) mod avx2;
#[cfg(target_arch = "aarch64")]
mod neon;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128;
#[cfg(target_arch = "x86_64")]
mod sse2;

/// What every machine of this target has.
#[cfg(target_arch = "aarch64")]
pub(crate) use neon::Lanes as Base;
#[cfg(not(any(
    target_arch = "x86_64",
    target_arch = "aarch64",
    all(target_arch = "wasm32", target_feature = "simd128")
)))]
pub(crate) use scalar::Lanes as Base;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub(crate) use simd128::Lanes as Base;
#[cfg(target_arch = "x86_64")]
pub(crate) use sse2::Lanes as Base;

#[cfg(not(target_arch = "wasm32"))]
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

/// `LANES` signed 16-bit integers.
///
/// Operations work lane by lane, and wrap unless they say otherwise.
pub(crate) trait Vector: Copy {
    /// 8, or 16. With 16, [`Vector::interleave`] and [`Vector::pack`] treat the two halves of 8 separately.
    const LANES: usize;
    /// Half as many signed 32-bit integers.
    type Wide: Copy;

    /// Loads the first `LANES` values of a slice, which must have them.
    fn load(from: &[i16]) -> Self;
    /// Stores to the first `LANES` values of a slice, which must have them.
    fn store(self, to: &mut [i16]);
    /// This pair of values, repeated.
    fn pairs(first: i16, second: i16) -> Self;
    /// `a0 b0 a1 b1 ...` of the lower, and of the upper, lanes of each half.
    fn interleave(self, other: Self) -> (Self, Self);
    /// Multiplies lane by lane and adds each pair of neighbouring products. -32768 must not be among the weights.
    fn dot(self, weights: Self) -> Self::Wide;
    /// The same number in every lane.
    fn wide(value: i32) -> Self::Wide;
    fn add_wide(a: Self::Wide, b: Self::Wide) -> Self::Wide;
    fn sub_wide(a: Self::Wide, b: Self::Wide) -> Self::Wide;
    /// Arithmetic shift by 0 to 31 bits.
    fn shift_wide(a: Self::Wide, bits: u32) -> Self::Wide;
    /// Narrows to 16 bits with saturation, in the order that undoes [`Vector::interleave`].
    fn pack(low: Self::Wide, high: Self::Wide) -> Self;
    /// The sum of the lanes of each of the four, divided by 2 to the power of `bits` (1 to 31), halves rounded up,
    /// saturated.
    fn rounded_sums(of: [Self::Wide; 4], bits: u32) -> [i16; 4];
}

/// Vectors of eight lanes, with the operations that only these have.
pub(crate) trait Eight: Vector {
    /// The same number in every lane.
    fn splat(value: i16) -> Self;
    /// Loads the first 8 bytes of a slice, which must have them, as 16-bit values.
    fn widen(from: &[u8]) -> Self;
    /// Stores, saturated to 0..=255, to the first 8 bytes of a slice, which must have them.
    fn narrow(self, to: &mut [u8]);
    /// The pairs of lanes with an even index, of both vectors, and those with an odd index.
    fn pairs_apart(self, other: Self) -> (Self, Self);
    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    fn mul(self, other: Self) -> Self;
    /// The upper half of each 32-bit product.
    fn mul_high(self, other: Self) -> Self;
    #[cfg_attr(not(feature = "formats"), allow(dead_code, reason = "JPEG does without"))]
    fn min(self, other: Self) -> Self;
    #[cfg_attr(not(feature = "formats"), allow(dead_code, reason = "JPEG does without"))]
    fn max(self, other: Self) -> Self;
    /// Bit by bit.
    #[cfg_attr(not(feature = "formats"), allow(dead_code, reason = "JPEG does without"))]
    fn and(self, other: Self) -> Self;
    /// Shift left by `BITS`.
    fn left<const BITS: u32>(self) -> Self;
    /// Arithmetic shift right by `BITS`.
    fn right<const BITS: u32>(self) -> Self;
}

/// Transposes a square of 8 x 8: rows become columns.
#[inline(always)]
pub(crate) fn transpose<V: Eight>(rows: [V; 8]) -> [V; 8] {
    // Three perfect shuffles exchange the row and the column in each value's index.
    let shuffle = |r: [V; 8]| {
        let [(a, b), (c, d), (e, f), (g, h)] =
            [r[0].interleave(r[4]), r[1].interleave(r[5]), r[2].interleave(r[6]), r[3].interleave(r[7])];
        [a, b, c, d, e, f, g, h]
    };
    shuffle(shuffle(shuffle(rows)))
}

/// Which version of the kernels runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// The specification. Not in wasm modules: they have only the unit they were built for, because everyone would have to
    /// load the code of a second one.
    #[cfg(not(target_arch = "wasm32"))]
    Scalar,
    /// What every machine of this target has.
    Base,
    /// 16 lanes, for the sums of the resampler, and for the JPEG encoder.
    #[cfg(target_arch = "x86_64")]
    Avx2,
}

/// Runs a generic call with the vector type of a unit: `with_lanes!(unit, V => kernel::<V>(...))`.
macro_rules! with_lanes {
    ($unit:expr, $lanes:ident => $call:expr) => {
        match $unit {
            #[cfg(not(target_arch = "wasm32"))]
            $crate::simd::Unit::Scalar => {
                type $lanes = $crate::simd::scalar::Lanes;
                $call
            }
            _ => {
                type $lanes = $crate::simd::Base;
                $call
            }
        }
    };
}
pub(crate) use with_lanes;

/// The kernels that [`use_simd`] asks for.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Simd {
    /// The plain loops, which are the specification.
    Scalar,
    /// What every machine of this target has: SSE2, NEON, or the plain loops where there is neither.
    Base,
    /// The best that this machine has. This is the default.
    Best,
}

/// The [`Simd`] that was asked for last. All runs of a process share it; it changes their speed and never their results.
#[cfg(not(target_arch = "wasm32"))]
static REQUESTED: AtomicU8 = AtomicU8::new(Simd::Best as u8);

/// Makes this process use these kernels, from the next run on.
///
/// # Guarantees
/// Results do not change. This function exists so that tests, and users, can check that.
#[cfg(not(target_arch = "wasm32"))]
pub fn use_simd(simd: Simd) {
    REQUESTED.store(simd as u8, Relaxed);
}

#[cfg(target_arch = "wasm32")]
impl Unit {
    /// The only one.
    #[inline]
    pub(crate) fn best() -> Self {
        Unit::Base
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl Unit {
    /// The best unit of this machine, or the one that was asked for.
    #[inline]
    pub(crate) fn best() -> Self {
        const SCALAR: u8 = Simd::Scalar as u8;
        const BASE: u8 = Simd::Base as u8;
        match REQUESTED.load(Relaxed) {
            SCALAR => Unit::Scalar,
            BASE => Unit::Base,
            _ => Self::detect(),
        }
    }

    /// The best unit of this machine. The standard library remembers what it has detected.
    fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            return Unit::Avx2;
        }
        Unit::Base
    }
}

#[cfg(test)]
mod tests;
