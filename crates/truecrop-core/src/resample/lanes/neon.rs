//! NEON: products are added to 32-bit lanes as they are made (`smlal`), saturated to 16 bits at the end (`sqxtn`).

use super::{Axis, Pixel, Taps, each_pixel, scalar};
use core::arch::aarch64::*;

/// Samples that are summed together.
const BLOCK: usize = 16;

#[inline(always)]
fn load(samples: &[i16; 8]) -> int16x8_t {
    // SAFETY: 16 readable bytes.
    unsafe { vld1q_s16(samples.as_ptr()) }
}

/// A whole row of output pixels.
pub(super) fn across(row: &[Pixel], axis: &Axis, out: &mut [i16]) {
    each_pixel(row, axis, out, pixel);
}

#[inline(always)]
fn pixel(pixels: &[Pixel], weights: &[i16], bits: u32) -> Pixel {
    // SAFETY: NEON belongs to the target; each load and store is of four samples that are there.
    unsafe {
        let mut sum = vdupq_n_s32(1 << (bits - 1));
        for (pixel, weight) in pixels.iter().zip(weights) {
            sum = vmlal_n_s16(sum, vld1_s16(pixel.as_ptr()), *weight);
        }
        let mut out = [0; 4];
        vst1_s16(out.as_mut_ptr(), vqmovn_s32(vshlq_s32(sum, vdupq_n_s32(-(bits as i32)))));
        out
    }
}

pub(super) fn down(ring: &[i16], taps: &Taps<'_>, line: &mut [i16]) {
    let whole = line.len() / BLOCK * BLOCK;
    for at in (0..whole).step_by(BLOCK) {
        // SAFETY: NEON belongs to the target; stores are of eight samples that are there.
        unsafe {
            let mut sums = [vdupq_n_s32(1 << (taps.bits - 1)); BLOCK / 4];
            for (offset, weight) in taps.offsets.iter().zip(taps.weights) {
                let row = ring[offset + at..offset + at + BLOCK].as_chunks::<8>().0;
                for (half, samples) in row.iter().enumerate() {
                    let samples = load(samples);
                    sums[2 * half] = vmlal_n_s16(sums[2 * half], vget_low_s16(samples), *weight);
                    sums[2 * half + 1] = vmlal_n_s16(sums[2 * half + 1], vget_high_s16(samples), *weight);
                }
            }
            let shift = vdupq_n_s32(-(taps.bits as i32));
            let shifted = sums.map(|sum| vqmovn_s32(vshlq_s32(sum, shift)));
            for (half, out) in line[at..at + BLOCK].as_chunks_mut::<8>().0.iter_mut().enumerate() {
                vst1q_s16(out.as_mut_ptr(), vcombine_s16(shifted[2 * half], shifted[2 * half + 1]));
            }
        }
    }
    scalar::down_from(whole, ring, taps, line);
}
