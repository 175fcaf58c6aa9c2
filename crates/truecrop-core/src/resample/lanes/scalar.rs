//! The specification.

use super::{Axis, Pixel, Taps, each_pixel};

/// A whole row of output pixels.
pub(super) fn across(row: &[Pixel], axis: &Axis, out: &mut [i16]) {
    each_pixel(row, axis, out, pixel);
}

fn pixel(pixels: &[Pixel], weights: &[i16], bits: u32) -> Pixel {
    let mut sums = [0i32; 4];
    for (samples, weight) in pixels.iter().zip(weights) {
        for (sum, sample) in sums.iter_mut().zip(samples) {
            *sum += i32::from(*sample) * i32::from(*weight);
        }
    }
    sums.map(|sum| round(sum, bits))
}

pub(super) fn down(ring: &[i16], taps: &Taps<'_>, line: &mut [i16]) {
    down_from(0, ring, taps, line);
}

/// The samples of `line` from `start` on: what is left over when blocks are done.
pub(super) fn down_from(start: usize, ring: &[i16], taps: &Taps<'_>, line: &mut [i16]) {
    for (i, out) in line.iter_mut().enumerate().skip(start) {
        let products = taps.offsets.iter().zip(taps.weights);
        let sum = products.map(|(offset, weight)| i32::from(ring[offset + i]) * i32::from(*weight)).sum();
        *out = round(sum, taps.bits);
    }
}

fn round(sum: i32, bits: u32) -> i16 {
    let rounded = (sum + (1 << (bits - 1))) >> bits;
    rounded.clamp(i16::MIN.into(), i16::MAX.into()) as i16
}
