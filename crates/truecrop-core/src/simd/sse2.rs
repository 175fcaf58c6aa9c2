//! SSE2, which is part of every x86-64.

use super::{Eight, Vector};
use core::arch::x86_64::*;

/// Eight lanes.
#[derive(Clone, Copy)]
pub(crate) struct Lanes(__m128i);

/// Four sums, divided by 2 to the power of `bits`, halves rounded up, saturated.
#[inline(always)]
pub(super) fn rounded(sums: __m128i, bits: u32) -> [i16; 4] {
    // SAFETY: SSE2 is part of the target, and the transmute is from 64 bits of integers to 64 bits of integers.
    unsafe {
        let sums = _mm_add_epi32(sums, _mm_set1_epi32(1 << (bits - 1)));
        let sums = _mm_sra_epi32(sums, _mm_cvtsi32_si128((bits & 31) as i32));
        core::mem::transmute(_mm_cvtsi128_si64(_mm_packs_epi32(sums, sums)))
    }
}

impl Vector for Lanes {
    const LANES: usize = 8;
    type Wide = __m128i;

    #[inline(always)]
    fn load(from: &[i16]) -> Self {
        // SAFETY: the slice has 16 bytes; unaligned is allowed.
        Self(unsafe { _mm_loadu_si128(from[..8].as_ptr().cast()) })
    }

    #[inline(always)]
    fn store(self, to: &mut [i16]) {
        // SAFETY: the slice has 16 bytes; unaligned is allowed.
        unsafe { _mm_storeu_si128(to[..8].as_mut_ptr().cast(), self.0) }
    }

    #[inline(always)]
    fn pairs(first: i16, second: i16) -> Self {
        // SAFETY: as for all blocks in this file, SSE2 is part of the target.
        Self(unsafe { _mm_set1_epi32(i32::from(first.cast_unsigned()) | i32::from(second) << 16) })
    }

    #[inline(always)]
    fn interleave(self, other: Self) -> (Self, Self) {
        unsafe { (Self(_mm_unpacklo_epi16(self.0, other.0)), Self(_mm_unpackhi_epi16(self.0, other.0))) }
    }

    #[inline(always)]
    fn dot(self, weights: Self) -> __m128i {
        unsafe { _mm_madd_epi16(self.0, weights.0) }
    }

    #[inline(always)]
    fn wide(value: i32) -> __m128i {
        unsafe { _mm_set1_epi32(value) }
    }

    #[inline(always)]
    fn add_wide(a: __m128i, b: __m128i) -> __m128i {
        unsafe { _mm_add_epi32(a, b) }
    }

    #[inline(always)]
    fn sub_wide(a: __m128i, b: __m128i) -> __m128i {
        unsafe { _mm_sub_epi32(a, b) }
    }

    #[inline(always)]
    fn shift_wide(a: __m128i, bits: u32) -> __m128i {
        unsafe { _mm_sra_epi32(a, _mm_cvtsi32_si128((bits & 31) as i32)) }
    }

    #[inline(always)]
    fn pack(low: __m128i, high: __m128i) -> Self {
        Self(unsafe { _mm_packs_epi32(low, high) })
    }

    #[inline(always)]
    fn rounded_sums([a, b, c, d]: [__m128i; 4], bits: u32) -> [i16; 4] {
        unsafe {
            let ab = _mm_add_epi32(_mm_unpacklo_epi32(a, b), _mm_unpackhi_epi32(a, b));
            let cd = _mm_add_epi32(_mm_unpacklo_epi32(c, d), _mm_unpackhi_epi32(c, d));
            let all = _mm_add_epi32(_mm_unpacklo_epi64(ab, cd), _mm_unpackhi_epi64(ab, cd));
            rounded(all, bits)
        }
    }
}

impl Eight for Lanes {
    #[inline(always)]
    fn splat(value: i16) -> Self {
        Self(unsafe { _mm_set1_epi16(value) })
    }

    #[inline(always)]
    fn widen(from: &[u8]) -> Self {
        // SAFETY: the slice has 8 bytes; unaligned is allowed.
        unsafe {
            let bytes = _mm_loadl_epi64(from[..8].as_ptr().cast());
            Self(_mm_unpacklo_epi8(bytes, _mm_setzero_si128()))
        }
    }

    #[inline(always)]
    fn narrow(self, to: &mut [u8]) {
        // SAFETY: the slice has 8 bytes; unaligned is allowed.
        unsafe { _mm_storel_epi64(to[..8].as_mut_ptr().cast(), _mm_packus_epi16(self.0, self.0)) }
    }

    #[inline(always)]
    fn pairs_apart(self, other: Self) -> (Self, Self) {
        unsafe {
            let (a, b) = (_mm_castsi128_ps(self.0), _mm_castsi128_ps(other.0));
            let (even, odd) = (_mm_shuffle_ps::<0b10_00_10_00>(a, b), _mm_shuffle_ps::<0b11_01_11_01>(a, b));
            (Self(_mm_castps_si128(even)), Self(_mm_castps_si128(odd)))
        }
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(unsafe { _mm_add_epi16(self.0, other.0) })
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(unsafe { _mm_sub_epi16(self.0, other.0) })
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self(unsafe { _mm_mullo_epi16(self.0, other.0) })
    }

    #[inline(always)]
    fn mul_high(self, other: Self) -> Self {
        Self(unsafe { _mm_mulhi_epi16(self.0, other.0) })
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        Self(unsafe { _mm_min_epi16(self.0, other.0) })
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        Self(unsafe { _mm_max_epi16(self.0, other.0) })
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        Self(unsafe { _mm_and_si128(self.0, other.0) })
    }

    #[inline(always)]
    fn left<const BITS: u32>(self) -> Self {
        Self(unsafe { _mm_sll_epi16(self.0, _mm_cvtsi32_si128(BITS as i32)) })
    }

    #[inline(always)]
    fn right<const BITS: u32>(self) -> Self {
        Self(unsafe { _mm_sra_epi16(self.0, _mm_cvtsi32_si128(BITS as i32)) })
    }
}
