//! WebAssembly SIMD128.
//!
//! Rust 1.95 miscompiles narrowing of unsigned values of 32768 and more (rust-lang/rust#157456). Nothing here narrows
//! anything but signed lanes.

use super::{Eight, Vector};
use core::arch::wasm32::*;

/// Eight lanes.
#[derive(Clone, Copy)]
pub(crate) struct Lanes(v128);

impl Vector for Lanes {
    const LANES: usize = 8;
    type Wide = v128;

    #[inline(always)]
    fn load(from: &[i16]) -> Self {
        // SAFETY: the slice has 16 bytes; unaligned is allowed.
        Self(unsafe { v128_load(from[..8].as_ptr().cast()) })
    }

    #[inline(always)]
    fn store(self, to: &mut [i16]) {
        // SAFETY: the slice has 16 bytes; unaligned is allowed.
        unsafe { v128_store(to[..8].as_mut_ptr().cast(), self.0) }
    }

    #[inline(always)]
    fn pairs(first: i16, second: i16) -> Self {
        Self(i32x4_splat(i32::from(first.cast_unsigned()) | i32::from(second) << 16))
    }

    #[inline(always)]
    fn interleave(self, other: Self) -> (Self, Self) {
        let low = i16x8_shuffle::<0, 8, 1, 9, 2, 10, 3, 11>(self.0, other.0);
        (Self(low), Self(i16x8_shuffle::<4, 12, 5, 13, 6, 14, 7, 15>(self.0, other.0)))
    }

    #[inline(always)]
    fn dot(self, weights: Self) -> v128 {
        i32x4_dot_i16x8(self.0, weights.0)
    }

    #[inline(always)]
    fn wide(value: i32) -> v128 {
        i32x4_splat(value)
    }

    #[inline(always)]
    fn add_wide(a: v128, b: v128) -> v128 {
        i32x4_add(a, b)
    }

    #[inline(always)]
    fn sub_wide(a: v128, b: v128) -> v128 {
        i32x4_sub(a, b)
    }

    #[inline(always)]
    fn shift_wide(a: v128, bits: u32) -> v128 {
        i32x4_shr(a, bits)
    }

    #[inline(always)]
    fn pack(low: v128, high: v128) -> Self {
        Self(i16x8_narrow_i32x4(low, high))
    }

    #[inline(always)]
    fn rounded_sums([a, b, c, d]: [v128; 4], bits: u32) -> [i16; 4] {
        let halves = |a: v128, b: v128| {
            i32x4_add(i32x4_shuffle::<0, 4, 1, 5>(a, b), i32x4_shuffle::<2, 6, 3, 7>(a, b))
        };
        let (ab, cd) = (halves(a, b), halves(c, d));
        let all = i32x4_add(i64x2_shuffle::<0, 2>(ab, cd), i64x2_shuffle::<1, 3>(ab, cd));
        let all = i32x4_shr(i32x4_add(all, i32x4_splat(1 << (bits - 1))), bits);
        let four = i64x2_extract_lane::<0>(i16x8_narrow_i32x4(all, all));
        [four as i16, (four >> 16) as i16, (four >> 32) as i16, (four >> 48) as i16]
    }
}

impl Eight for Lanes {
    #[inline(always)]
    fn splat(value: i16) -> Self {
        Self(i16x8_splat(value))
    }

    #[inline(always)]
    fn widen(from: &[u8]) -> Self {
        // SAFETY: the slice has 8 bytes; unaligned is allowed.
        Self(unsafe { i16x8_load_extend_u8x8(from[..8].as_ptr()) })
    }

    #[inline(always)]
    fn narrow(self, to: &mut [u8]) {
        let bytes = u8x16_narrow_i16x8(self.0, self.0);
        // SAFETY: the slice has 8 bytes; unaligned is allowed.
        unsafe { v128_store64_lane::<0>(bytes, to[..8].as_mut_ptr().cast()) }
    }

    #[inline(always)]
    fn pairs_apart(self, other: Self) -> (Self, Self) {
        let even = i32x4_shuffle::<0, 2, 4, 6>(self.0, other.0);
        (Self(even), Self(i32x4_shuffle::<1, 3, 5, 7>(self.0, other.0)))
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(i16x8_add(self.0, other.0))
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(i16x8_sub(self.0, other.0))
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self(i16x8_mul(self.0, other.0))
    }

    #[inline(always)]
    fn mul_high(self, other: Self) -> Self {
        let low = i32x4_extmul_low_i16x8(self.0, other.0);
        let high = i32x4_extmul_high_i16x8(self.0, other.0);
        Self(i16x8_shuffle::<1, 3, 5, 7, 9, 11, 13, 15>(low, high))
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        Self(i16x8_min(self.0, other.0))
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        Self(i16x8_max(self.0, other.0))
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        Self(v128_and(self.0, other.0))
    }

    #[inline(always)]
    fn left<const BITS: u32>(self) -> Self {
        Self(i16x8_shl(self.0, BITS))
    }

    #[inline(always)]
    fn right<const BITS: u32>(self) -> Self {
        Self(i16x8_shr(self.0, BITS))
    }
}
