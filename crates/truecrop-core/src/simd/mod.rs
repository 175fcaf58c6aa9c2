//! Vectors of 16-bit integers: one source for every target's vector unit.
//!
//! A kernel is written once, over [`Vector`], and compiled for each unit. [`scalar`] is the specification: plain loops
//! over arrays, and every other unit gives the same bits (a property test holds each operation to it, and the kernels'
//! own tests hold whole kernels). All of it is integers and wraps or saturates as stated, so there is nothing to round.
//!
//! SSE2, NEON and SIMD128 belong to their targets; AVX2 is looked for when the program runs.

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
/// Operations are lane by lane and wrap unless they say otherwise.
pub(crate) trait Vector: Copy {
    /// 8, or 16 as two halves of 8 that [`Vector::interleave`] and [`Vector::pack`] treat apart.
    const LANES: usize;
    /// Half as many signed 32-bit integers.
    type Wide: Copy;

    /// The first `LANES` of a slice, which must have them.
    fn load(from: &[i16]) -> Self;
    /// To the first `LANES` of a slice, which must have them.
    fn store(self, to: &mut [i16]);
    /// This pair again and again.
    fn pairs(first: i16, second: i16) -> Self;
    /// `a0 b0 a1 b1 ...` of the lower and of the upper lanes of each half.
    fn interleave(self, other: Self) -> (Self, Self);
    /// The sums of the products of each two neighbours. -32768 must not be among the weights.
    fn dot(self, weights: Self) -> Self::Wide;
    /// The same number in every lane.
    fn wide(value: i32) -> Self::Wide;
    fn add_wide(a: Self::Wide, b: Self::Wide) -> Self::Wide;
    fn sub_wide(a: Self::Wide, b: Self::Wide) -> Self::Wide;
    /// Arithmetic shift by 0 to 31 bits.
    fn shift_wide(a: Self::Wide, bits: u32) -> Self::Wide;
    /// Saturated to 16 bits: what [`Vector::interleave`] has taken apart, together again.
    fn pack(low: Self::Wide, high: Self::Wide) -> Self;
    /// The sum of each one's lanes, divided by a power of two with halves up, saturated. `bits`: 1 to 31.
    fn rounded_sums(of: [Self::Wide; 4], bits: u32) -> [i16; 4];
}

/// Eight lanes, and what only they are used for.
pub(crate) trait Eight: Vector {
    /// The same number in every lane.
    fn splat(value: i16) -> Self;
    /// The first 8 bytes of a slice, which must have them.
    fn widen(from: &[u8]) -> Self;
    /// Saturated to 0..=255, to the first 8 bytes of a slice, which must have them.
    fn narrow(self, to: &mut [u8]);
    /// The pairs of both with an even number, and those with an odd one.
    fn pairs_apart(self, other: Self) -> (Self, Self);
    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    fn mul(self, other: Self) -> Self;
    /// The upper half of each 32-bit product.
    fn mul_high(self, other: Self) -> Self;
    /// Left by `BITS`.
    fn left<const BITS: u32>(self) -> Self;
    /// Arithmetic shift right by `BITS`.
    fn right<const BITS: u32>(self) -> Self;
}

/// Rows to columns.
#[inline(always)]
pub(crate) fn transpose<V: Eight>(rows: [V; 8]) -> [V; 8] {
    // Three perfect shuffles turn the index (row, column) into (column, row).
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
    /// The specification. A wasm module has the one unit that it was built for: code for two would be loaded by everyone.
    #[cfg(not(target_arch = "wasm32"))]
    Scalar,
    /// What every machine of this target has.
    Base,
    /// Twice the lanes, for the sums of the resampler.
    #[cfg(target_arch = "x86_64")]
    Avx2,
}

/// Calls code that is written for any lanes with those of a unit.
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

/// 0: not looked yet; otherwise 1 + the unit's number.
#[cfg(not(target_arch = "wasm32"))]
static FOUND: AtomicU8 = AtomicU8::new(0);

/// What [`use_simd`] asks for.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Simd {
    /// The specification, in plain loops.
    Scalar,
    /// What every machine of this target has: SSE2, NEON, or the plain loops where there is none of them.
    Base,
    /// The best that this machine has, as from the start.
    Best,
}

/// Makes this process use these kernels, from the next run on.
///
/// Results do not change; it is there so that this can be checked.
#[cfg(not(target_arch = "wasm32"))]
pub fn use_simd(simd: Simd) {
    let found = match simd {
        Simd::Scalar => 1 + Unit::Scalar as u8,
        Simd::Base => 1 + Unit::Base as u8,
        Simd::Best => 0,
    };
    FOUND.store(found, Relaxed);
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
    /// The best that is there.
    #[inline]
    pub(crate) fn best() -> Self {
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
}

#[cfg(test)]
mod tests;
