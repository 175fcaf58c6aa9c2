//! AVX2: sixteen lanes, in two halves of eight; for sums only. Only for code that has checked that the machine has AVX2.

use super::Vector;
use core::arch::x86_64::*;

/// Sixteen lanes.
#[derive(Clone, Copy)]
pub(crate) struct Lanes(__m256i);

// SAFETY of all blocks in this file: [`super::Unit::Avx2`] is only made where the machine has AVX2.
impl Vector for Lanes {
    const LANES: usize = 16;
    type Wide = __m256i;

    #[inline(always)]
    fn load(from: &[i16]) -> Self {
        // SAFETY: the slice has 32 bytes; unaligned is allowed.
        Self(unsafe { _mm256_loadu_si256(from[..16].as_ptr().cast()) })
    }

    #[inline(always)]
    fn store(self, to: &mut [i16]) {
        // SAFETY: the slice has 32 bytes; unaligned is allowed.
        unsafe { _mm256_storeu_si256(to[..16].as_mut_ptr().cast(), self.0) }
    }

    #[inline(always)]
    fn pairs(first: i16, second: i16) -> Self {
        Self(unsafe { _mm256_set1_epi32(i32::from(first.cast_unsigned()) | i32::from(second) << 16) })
    }

    #[inline(always)]
    fn interleave(self, other: Self) -> (Self, Self) {
        unsafe {
            (Self(_mm256_unpacklo_epi16(self.0, other.0)), Self(_mm256_unpackhi_epi16(self.0, other.0)))
        }
    }

    #[inline(always)]
    fn dot(self, weights: Self) -> __m256i {
        unsafe { _mm256_madd_epi16(self.0, weights.0) }
    }

    #[inline(always)]
    fn wide(value: i32) -> __m256i {
        unsafe { _mm256_set1_epi32(value) }
    }

    #[inline(always)]
    fn add_wide(a: __m256i, b: __m256i) -> __m256i {
        unsafe { _mm256_add_epi32(a, b) }
    }

    #[inline(always)]
    fn sub_wide(a: __m256i, b: __m256i) -> __m256i {
        unsafe { _mm256_sub_epi32(a, b) }
    }

    #[inline(always)]
    fn shift_wide(a: __m256i, bits: u32) -> __m256i {
        unsafe { _mm256_sra_epi32(a, _mm_cvtsi32_si128((bits & 31) as i32)) }
    }

    #[inline(always)]
    fn pack(low: __m256i, high: __m256i) -> Self {
        Self(unsafe { _mm256_packs_epi32(low, high) })
    }

    #[inline(always)]
    fn rounded_sums([a, b, c, d]: [__m256i; 4], bits: u32) -> [i16; 4] {
        unsafe {
            let ab = _mm256_add_epi32(_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b));
            let cd = _mm256_add_epi32(_mm256_unpacklo_epi32(c, d), _mm256_unpackhi_epi32(c, d));
            let all = _mm256_add_epi32(_mm256_unpacklo_epi64(ab, cd), _mm256_unpackhi_epi64(ab, cd));
            let all = _mm_add_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256::<1>(all));
            super::sse2::rounded(all, bits)
        }
    }
}
