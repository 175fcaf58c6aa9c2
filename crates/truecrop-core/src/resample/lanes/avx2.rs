//! AVX2: as SSE2, with twice the lanes.

use super::{Axis, Pixel, Taps, each_pixel, pair, sse2};
use core::arch::x86_64::*;

/// Samples that are summed together.
const BLOCK: usize = 32;

/// A whole row of output pixels.
///
/// # Safety
/// The machine must have AVX2.
#[target_feature(enable = "avx2")]
pub(super) fn across(row: &[Pixel], axis: &Axis, out: &mut [i16]) {
    each_pixel(row, axis, out, |pixels, weights, bits| pixel(pixels, weights, bits));
}

#[inline]
#[target_feature(enable = "avx2")]
fn pixel(pixels: &[Pixel], weights: &[i16], bits: u32) -> Pixel {
    let mut sum = _mm256_setzero_si256();
    let (fours, last) = pixels.as_chunks::<4>();
    let (weight_fours, last_weights) = weights.as_chunks::<4>();
    for (four, [a, b, c, d]) in fours.iter().zip(weight_fours) {
        // SAFETY: 32 readable bytes; unaligned is allowed.
        let all = unsafe { _mm256_loadu_si256(four.as_ptr().cast()) };
        let mixed = _mm256_unpacklo_epi16(all, _mm256_srli_si256::<8>(all));
        let (low, high) = (pair(*a, *b), pair(*c, *d));
        let weight = _mm256_setr_epi32(low, low, low, low, high, high, high, high);
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(mixed, weight));
    }
    let mut sum = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256::<1>(sum));
    for (two, weights) in last.chunks(2).zip(last_weights.chunks(2)) {
        let first = two[0];
        let (second, weight) = match (two.get(1), weights.get(1)) {
            (Some(second), Some(weight)) => (*second, *weight),
            _ => ([0; 4], 0),
        };
        let mixed = _mm_setr_epi16(
            first[0], second[0], first[1], second[1], first[2], second[2], first[3], second[3],
        );
        sum = _mm_add_epi32(sum, _mm_madd_epi16(mixed, _mm_set1_epi32(pair(weights[0], weight))));
    }
    let rounded = _mm_add_epi32(sum, _mm_set1_epi32(1 << (bits - 1)));
    let shifted = _mm_sra_epi32(rounded, _mm_cvtsi32_si128(bits as i32));
    let four = _mm_cvtsi128_si64(_mm_packs_epi32(shifted, shifted));
    [four as i16, (four >> 16) as i16, (four >> 32) as i16, (four >> 48) as i16]
}

/// # Safety
/// The machine must have AVX2.
#[target_feature(enable = "avx2")]
pub(super) fn down(ring: &[i16], taps: &Taps<'_>, line: &mut [i16]) {
    let whole = line.len() / BLOCK * BLOCK;
    for at in (0..whole).step_by(BLOCK) {
        let mut sums = [_mm256_set1_epi32(1 << (taps.bits - 1)); BLOCK / 8];
        let mut i = 0;
        while i < taps.weights.len() {
            let (a, first) = (&ring[taps.offsets[i] + at..], taps.weights[i]);
            let (b, second) = match taps.offsets.get(i + 1) {
                Some(offset) => (&ring[offset + at..], taps.weights[i + 1]),
                None => (a, 0),
            };
            let weight = _mm256_set1_epi32(pair(first, second));
            let (a, b) = (a[..BLOCK].as_chunks::<16>().0, b[..BLOCK].as_chunks::<16>().0);
            for (half, (a, b)) in a.iter().zip(b).enumerate() {
                // SAFETY: 32 readable bytes each; unaligned is allowed.
                let (a, b) =
                    unsafe { (_mm256_loadu_si256(a.as_ptr().cast()), _mm256_loadu_si256(b.as_ptr().cast())) };
                let low = _mm256_madd_epi16(_mm256_unpacklo_epi16(a, b), weight);
                let high = _mm256_madd_epi16(_mm256_unpackhi_epi16(a, b), weight);
                sums[2 * half] = _mm256_add_epi32(sums[2 * half], low);
                sums[2 * half + 1] = _mm256_add_epi32(sums[2 * half + 1], high);
            }
            i += 2;
        }
        let shift = _mm_cvtsi32_si128(taps.bits as i32);
        let shifted = sums.map(|sum| _mm256_sra_epi32(sum, shift));
        let out = line[at..at + BLOCK].as_chunks_mut::<16>().0;
        for (half, out) in out.iter_mut().enumerate() {
            // The interleaving above stayed within 128-bit halves, and so does this: the order is restored.
            let packed = _mm256_packs_epi32(shifted[2 * half], shifted[2 * half + 1]);
            // SAFETY: 32 writable bytes; unaligned is allowed.
            unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), packed) }
        }
    }
    let rest = Taps { offsets: &taps.offsets.iter().map(|o| o + whole).collect::<Vec<_>>(), ..*taps };
    sse2::down(ring, &rest, &mut line[whole..]);
}
