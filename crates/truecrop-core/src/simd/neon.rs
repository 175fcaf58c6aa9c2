//! NEON, which is part of every aarch64.

use super::{Eight, Vector};
use core::arch::aarch64::*;

/// Eight lanes.
#[derive(Clone, Copy)]
pub(crate) struct Lanes(int16x8_t);

// SAFETY of the blocks without a comment of their own: NEON is part of the target.
impl Vector for Lanes {
    const LANES: usize = 8;
    type Wide = int32x4_t;

    #[inline(always)]
    fn load(from: &[i16]) -> Self {
        // SAFETY: the slice has 16 bytes.
        Self(unsafe { vld1q_s16(from[..8].as_ptr()) })
    }

    #[inline(always)]
    fn store(self, to: &mut [i16]) {
        // SAFETY: the slice has 16 bytes.
        unsafe { vst1q_s16(to[..8].as_mut_ptr(), self.0) }
    }

    #[inline(always)]
    fn pairs(first: i16, second: i16) -> Self {
        let both = i32::from(first.cast_unsigned()) | i32::from(second) << 16;
        Self(unsafe { vreinterpretq_s16_s32(vdupq_n_s32(both)) })
    }

    #[inline(always)]
    fn interleave(self, other: Self) -> (Self, Self) {
        unsafe { (Self(vzip1q_s16(self.0, other.0)), Self(vzip2q_s16(self.0, other.0))) }
    }

    #[inline(always)]
    fn dot(self, weights: Self) -> int32x4_t {
        unsafe {
            let low = vmull_s16(vget_low_s16(self.0), vget_low_s16(weights.0));
            vpaddq_s32(low, vmull_high_s16(self.0, weights.0))
        }
    }

    #[inline(always)]
    fn wide(value: i32) -> int32x4_t {
        unsafe { vdupq_n_s32(value) }
    }

    #[inline(always)]
    fn add_wide(a: int32x4_t, b: int32x4_t) -> int32x4_t {
        unsafe { vaddq_s32(a, b) }
    }

    #[inline(always)]
    fn sub_wide(a: int32x4_t, b: int32x4_t) -> int32x4_t {
        unsafe { vsubq_s32(a, b) }
    }

    #[inline(always)]
    fn shift_wide(a: int32x4_t, bits: u32) -> int32x4_t {
        unsafe { vshlq_s32(a, vdupq_n_s32(-((bits & 31) as i32))) }
    }

    #[inline(always)]
    fn pack(low: int32x4_t, high: int32x4_t) -> Self {
        Self(unsafe { vqmovn_high_s32(vqmovn_s32(low), high) })
    }

    #[inline(always)]
    fn rounded_sums([a, b, c, d]: [int32x4_t; 4], bits: u32) -> [i16; 4] {
        let mut out = [0; 4];
        // SAFETY: the array has 8 bytes.
        unsafe {
            let sums = vpaddq_s32(vpaddq_s32(a, b), vpaddq_s32(c, d));
            let sums = Self::shift_wide(vaddq_s32(sums, vdupq_n_s32(1 << (bits - 1))), bits);
            vst1_s16(out.as_mut_ptr(), vqmovn_s32(sums));
        }
        out
    }
}

impl Eight for Lanes {
    #[inline(always)]
    fn splat(value: i16) -> Self {
        Self(unsafe { vdupq_n_s16(value) })
    }

    #[inline(always)]
    fn widen(from: &[u8]) -> Self {
        // SAFETY: the slice has 8 bytes.
        Self(unsafe { vreinterpretq_s16_u16(vmovl_u8(vld1_u8(from[..8].as_ptr()))) })
    }

    #[inline(always)]
    fn narrow(self, to: &mut [u8]) {
        // SAFETY: the slice has 8 bytes.
        unsafe { vst1_u8(to[..8].as_mut_ptr(), vqmovun_s16(self.0)) }
    }

    #[inline(always)]
    fn pairs_apart(self, other: Self) -> (Self, Self) {
        unsafe {
            let (a, b) = (vreinterpretq_s32_s16(self.0), vreinterpretq_s32_s16(other.0));
            let (even, odd) = (vuzp1q_s32(a, b), vuzp2q_s32(a, b));
            (Self(vreinterpretq_s16_s32(even)), Self(vreinterpretq_s16_s32(odd)))
        }
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(unsafe { vaddq_s16(self.0, other.0) })
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(unsafe { vsubq_s16(self.0, other.0) })
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self(unsafe { vmulq_s16(self.0, other.0) })
    }

    #[inline(always)]
    fn mul_high(self, other: Self) -> Self {
        unsafe {
            let low = vmull_s16(vget_low_s16(self.0), vget_low_s16(other.0));
            let high = vmull_high_s16(self.0, other.0);
            Self(vuzp2q_s16(vreinterpretq_s16_s32(low), vreinterpretq_s16_s32(high)))
        }
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        Self(unsafe { vminq_s16(self.0, other.0) })
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        Self(unsafe { vmaxq_s16(self.0, other.0) })
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        Self(unsafe { vandq_s16(self.0, other.0) })
    }

    #[inline(always)]
    fn left<const BITS: u32>(self) -> Self {
        Self(unsafe { vshlq_s16(self.0, vdupq_n_s16(BITS as i16)) })
    }

    #[inline(always)]
    fn right<const BITS: u32>(self) -> Self {
        Self(unsafe { vshlq_s16(self.0, vdupq_n_s16(-(BITS as i16))) })
    }
}
