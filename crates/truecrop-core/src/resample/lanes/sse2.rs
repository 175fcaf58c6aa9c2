//! SSE2: two products and their sum in each 32-bit lane (`pmaddwd`), saturated to 16 bits at the end (`packssdw`).

use super::{Axis, Pixel, Taps, each_pixel, pair, scalar};
use core::arch::x86_64::*;

/// Samples that are summed together.
const BLOCK: usize = 16;

#[inline]
#[target_feature(enable = "sse2")]
fn load(samples: &[i16; 8]) -> __m128i {
    // SAFETY: 16 readable bytes; unaligned is allowed.
    unsafe { _mm_loadu_si128(samples.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "sse2")]
fn store(samples: &mut [i16; 8], value: __m128i) {
    // SAFETY: 16 writable bytes; unaligned is allowed.
    unsafe { _mm_storeu_si128(samples.as_mut_ptr().cast(), value) }
}

/// A whole row of output pixels.
///
/// # Safety
/// None that x86-64 does not fulfil: SSE2 belongs to it.
#[target_feature(enable = "sse2")]
pub(super) fn across(row: &[Pixel], axis: &Axis, out: &mut [i16]) {
    each_pixel(row, axis, out, |pixels, weights, bits| pixel(pixels, weights, bits));
}

#[inline]
#[target_feature(enable = "sse2")]
fn pixel(pixels: &[Pixel], weights: &[i16], bits: u32) -> Pixel {
    let mut sum = _mm_set1_epi32(1 << (bits - 1));
    let (pairs, last) = pixels.as_chunks::<2>();
    let (weight_pairs, last_weight) = weights.as_chunks::<2>();
    for (two, [first, second]) in pairs.iter().zip(weight_pairs) {
        let &[[a, b, c, d], [e, f, g, h]] = two;
        let both = load(&[a, b, c, d, e, f, g, h]);
        // r0 g0 b0 a0 r1 g1 b1 a1 > r0 r1 g0 g1 b0 b1 a0 a1
        let mixed = _mm_unpacklo_epi16(both, _mm_srli_si128::<8>(both));
        sum = _mm_add_epi32(sum, _mm_madd_epi16(mixed, _mm_set1_epi32(pair(*first, *second))));
    }
    if let ([[a, b, c, d]], [weight]) = (last, last_weight) {
        let mixed = _mm_set_epi16(0, *d, 0, *c, 0, *b, 0, *a);
        sum = _mm_add_epi32(sum, _mm_madd_epi16(mixed, _mm_set1_epi32(pair(*weight, 0))));
    }
    let shifted = _mm_sra_epi32(sum, _mm_cvtsi32_si128(bits as i32));
    let four = _mm_cvtsi128_si64(_mm_packs_epi32(shifted, shifted));
    [four as i16, (four >> 16) as i16, (four >> 32) as i16, (four >> 48) as i16]
}

/// # Safety
/// As [`across`].
#[target_feature(enable = "sse2")]
pub(super) fn down(ring: &[i16], taps: &Taps<'_>, line: &mut [i16]) {
    let whole = line.len() / BLOCK * BLOCK;
    for at in (0..whole).step_by(BLOCK) {
        let mut sums = [_mm_set1_epi32(1 << (taps.bits - 1)); BLOCK / 4];
        let mut i = 0;
        while i < taps.weights.len() {
            let (a, first) = (&ring[taps.offsets[i] + at..], taps.weights[i]);
            let (b, second) = match taps.offsets.get(i + 1) {
                Some(offset) => (&ring[offset + at..], taps.weights[i + 1]),
                None => (a, 0),
            };
            let weight = _mm_set1_epi32(pair(first, second));
            let (a, b) = (a[..BLOCK].as_chunks::<8>().0, b[..BLOCK].as_chunks::<8>().0);
            for (half, (a, b)) in a.iter().zip(b).enumerate() {
                let (a, b) = (load(a), load(b));
                let low = _mm_madd_epi16(_mm_unpacklo_epi16(a, b), weight);
                let high = _mm_madd_epi16(_mm_unpackhi_epi16(a, b), weight);
                sums[2 * half] = _mm_add_epi32(sums[2 * half], low);
                sums[2 * half + 1] = _mm_add_epi32(sums[2 * half + 1], high);
            }
            i += 2;
        }
        let shift = _mm_cvtsi32_si128(taps.bits as i32);
        let shifted = sums.map(|sum| _mm_sra_epi32(sum, shift));
        let out = line[at..at + BLOCK].as_chunks_mut::<8>().0;
        for (half, out) in out.iter_mut().enumerate() {
            store(out, _mm_packs_epi32(shifted[2 * half], shifted[2 * half + 1]));
        }
    }
    scalar::down_from(whole, ring, taps, line);
}
