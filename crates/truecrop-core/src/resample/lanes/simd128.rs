//! WebAssembly SIMD128: two products and their sum in each 32-bit lane, saturated to 16 bits at the end.

use super::{Axis, Pixel, Taps, each_pixel, pair, scalar};
use core::arch::wasm32::*;

/// Samples that are summed together.
const BLOCK: usize = 16;

#[inline(always)]
fn load(samples: &[i16; 8]) -> v128 {
    // SAFETY: 16 readable bytes; unaligned is allowed.
    unsafe { v128_load(samples.as_ptr().cast()) }
}

#[inline(always)]
fn store(samples: &mut [i16; 8], value: v128) {
    // SAFETY: 16 writable bytes; unaligned is allowed.
    unsafe { v128_store(samples.as_mut_ptr().cast(), value) }
}

/// A whole row of output pixels.
pub(super) fn across(row: &[Pixel], axis: &Axis, out: &mut [i16]) {
    each_pixel(row, axis, out, pixel);
}

#[inline(always)]
fn pixel(pixels: &[Pixel], weights: &[i16], bits: u32) -> Pixel {
    let mut sum = i32x4_splat(1 << (bits - 1));
    let (pairs, last) = pixels.as_chunks::<2>();
    let (weight_pairs, last_weight) = weights.as_chunks::<2>();
    for (two, [first, second]) in pairs.iter().zip(weight_pairs) {
        // SAFETY: 16 readable bytes; unaligned is allowed.
        let both = unsafe { v128_load(two.as_ptr().cast()) };
        let mixed = i16x8_shuffle::<0, 4, 1, 5, 2, 6, 3, 7>(both, both);
        sum = i32x4_add(sum, i32x4_dot_i16x8(mixed, i32x4_splat(pair(*first, *second))));
    }
    if let ([[a, b, c, d]], [weight]) = (last, last_weight) {
        let mixed = i16x8(*a, 0, *b, 0, *c, 0, *d, 0);
        sum = i32x4_add(sum, i32x4_dot_i16x8(mixed, i32x4_splat(pair(*weight, 0))));
    }
    let shifted = i32x4_shr(sum, bits);
    let packed = i16x8_narrow_i32x4(shifted, shifted);
    let four = i64x2_extract_lane::<0>(packed);
    [four as i16, (four >> 16) as i16, (four >> 32) as i16, (four >> 48) as i16]
}

pub(super) fn down(ring: &[i16], taps: &Taps<'_>, line: &mut [i16]) {
    let whole = line.len() / BLOCK * BLOCK;
    for at in (0..whole).step_by(BLOCK) {
        let mut sums = [i32x4_splat(1 << (taps.bits - 1)); BLOCK / 4];
        let mut i = 0;
        while i < taps.weights.len() {
            let (a, first) = (&ring[taps.offsets[i] + at..], taps.weights[i]);
            let (b, second) = match taps.offsets.get(i + 1) {
                Some(offset) => (&ring[offset + at..], taps.weights[i + 1]),
                None => (a, 0),
            };
            let weight = i32x4_splat(pair(first, second));
            let (a, b) = (a[..BLOCK].as_chunks::<8>().0, b[..BLOCK].as_chunks::<8>().0);
            for (half, (a, b)) in a.iter().zip(b).enumerate() {
                let (a, b) = (load(a), load(b));
                let low = i32x4_dot_i16x8(i16x8_shuffle::<0, 8, 1, 9, 2, 10, 3, 11>(a, b), weight);
                let high = i32x4_dot_i16x8(i16x8_shuffle::<4, 12, 5, 13, 6, 14, 7, 15>(a, b), weight);
                sums[2 * half] = i32x4_add(sums[2 * half], low);
                sums[2 * half + 1] = i32x4_add(sums[2 * half + 1], high);
            }
            i += 2;
        }
        let shifted = sums.map(|sum| i32x4_shr(sum, taps.bits));
        let out = line[at..at + BLOCK].as_chunks_mut::<8>().0;
        for (half, out) in out.iter_mut().enumerate() {
            store(out, i16x8_narrow_i32x4(shifted[2 * half], shifted[2 * half + 1]));
        }
    }
    scalar::down_from(whole, ring, taps, line);
}
