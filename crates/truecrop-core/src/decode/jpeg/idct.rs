//! Coefficients to samples: the inverse DCT of 8 x 8 coefficients into 8 x 8 samples, or into fewer.
//!
//! Full size is the accurate integer method of Loeffler, Ligtenberg and Moschytz (ICASSP 1989) with the constants and
//! roundings of the Independent JPEG Group's `jidctint`, so that samples agree with libjpeg-turbo's default decoder.
//! Fewer samples come from the lowest n x n coefficients by an n-point inverse DCT with the same constants' precision.
//!
//! All arithmetic is on integers and wraps: damaged files give some samples, the same ones everywhere.
//! The lanes are arrays of eight, which the compiler turns into vectors; there is one source for all targets.

use super::block::Block;
use super::header::Quant;

/// Fraction bits of the constants.
const CONST: u32 = 13;
/// Fraction bits that stay between the two passes.
const PASS: u32 = 2;

type Lanes = [i32; 8];

/// Lane by lane. A plain loop: the compiler makes vectors of it, which it does not of `array::from_fn`.
#[inline(always)]
fn each(f: impl Fn(usize) -> i32) -> Lanes {
    let mut out = [0; 8];
    for (i, lane) in out.iter_mut().enumerate() {
        *lane = f(i);
    }
    out
}

#[inline(always)]
fn add(a: Lanes, b: Lanes) -> Lanes {
    each(|i| a[i].wrapping_add(b[i]))
}

#[inline(always)]
fn sub(a: Lanes, b: Lanes) -> Lanes {
    each(|i| a[i].wrapping_sub(b[i]))
}

#[inline(always)]
fn mul(a: Lanes, k: i32) -> Lanes {
    each(|i| a[i].wrapping_mul(k))
}

#[inline(always)]
fn shl(a: Lanes, bits: u32) -> Lanes {
    each(|i| a[i] << bits)
}

/// Divides by a power of two, halves up.
#[inline(always)]
fn descale<const BITS: u32>(a: Lanes) -> Lanes {
    each(|i| a[i].wrapping_add(1 << (BITS - 1)) >> BITS)
}

#[inline(always)]
fn transpose(a: [Lanes; 8]) -> [Lanes; 8] {
    let mut out = [[0; 8]; 8];
    for i in 0..8 {
        for j in 0..8 {
            out[i][j] = a[j][i];
        }
    }
    out
}

/// One dimension, eight columns at once.
#[inline(always)]
fn eight<const BITS: u32>(x: [Lanes; 8]) -> [Lanes; 8] {
    let z = mul(add(x[2], x[6]), 4433);
    let t2 = add(z, mul(x[6], -15137));
    let t3 = add(z, mul(x[2], 6270));
    let t0 = shl(add(x[0], x[4]), CONST);
    let t1 = shl(sub(x[0], x[4]), CONST);
    let (e0, e3) = (add(t0, t3), sub(t0, t3));
    let (e1, e2) = (add(t1, t2), sub(t1, t2));

    let z1 = mul(add(x[7], x[1]), -7373);
    let z2 = mul(add(x[5], x[3]), -20995);
    let (s3, s4) = (add(x[7], x[3]), add(x[5], x[1]));
    let z5 = mul(add(s3, s4), 9633);
    let z3 = add(mul(s3, -16069), z5);
    let z4 = add(mul(s4, -3196), z5);
    let o0 = add(mul(x[7], 2446), add(z1, z3));
    let o1 = add(mul(x[5], 16819), add(z2, z4));
    let o2 = add(mul(x[3], 25172), add(z2, z3));
    let o3 = add(mul(x[1], 12299), add(z1, z4));
    [
        descale::<BITS>(add(e0, o3)),
        descale::<BITS>(add(e1, o2)),
        descale::<BITS>(add(e2, o1)),
        descale::<BITS>(add(e3, o0)),
        descale::<BITS>(sub(e3, o0)),
        descale::<BITS>(sub(e2, o1)),
        descale::<BITS>(sub(e1, o2)),
        descale::<BITS>(sub(e0, o3)),
    ]
}

/// Level shift and clamp.
#[inline(always)]
fn sample(value: i32) -> u8 {
    value.saturating_add(128).clamp(0, 255) as u8
}

#[inline(always)]
fn dequantised(block: &Block, quant: &Quant, row: usize) -> Lanes {
    each(|i| i32::from(block[8 * row + i].wrapping_mul(quant[8 * row + i])))
}

/// 8 x 8 samples.
fn full(block: &Block, quant: &Quant, out: &mut [u8], stride: usize) {
    let row = |r| dequantised(block, quant, r);
    let x = [row(0), row(1), row(2), row(3), row(4), row(5), row(6), row(7)];
    store(transpose(eight::<{ CONST + PASS + 3 }>(transpose(eight::<{ CONST - PASS }>(x)))), out, stride);
}

/// 8 x 8 samples where only the 4 x 4 lowest coefficients are set. The same result, with half the work left out.
fn full_from_four(block: &Block, quant: &Quant, out: &mut [u8], stride: usize) {
    const ZERO: Lanes = [0; 8];
    let row = |r| dequantised(block, quant, r);
    let t = transpose(eight::<{ CONST - PASS }>([row(0), row(1), row(2), row(3), ZERO, ZERO, ZERO, ZERO]));
    let t = [t[0], t[1], t[2], t[3], ZERO, ZERO, ZERO, ZERO];
    store(transpose(eight::<{ CONST + PASS + 3 }>(t)), out, stride);
}

#[inline(always)]
fn store(rows: [Lanes; 8], out: &mut [u8], stride: usize) {
    for (row, line) in rows.iter().zip(out.chunks_mut(stride)) {
        if let Some(line) = line.first_chunk_mut::<8>() {
            for (out, &value) in line.iter_mut().zip(row) {
                *out = sample(value);
            }
        }
    }
}

/// `N` x `N` samples from the lowest coefficients. `basis[i * N + k]` is sqrt(2) cos((2 i + 1) k pi / 2 N), or 1 for
/// k = 0, with [`CONST`] fraction bits.
#[inline(always)]
fn few<const N: usize>(basis: &[i32], block: &Block, quant: &Quant, out: &mut [u8], stride: usize) {
    let mut columns = [[0_i32; N]; N];
    for (i, weights) in basis.chunks_exact(N).take(N).enumerate() {
        for x in 0..N {
            let mut sum = 1_i32 << (CONST - PASS - 1);
            for (k, &w) in weights.iter().enumerate() {
                let value = i32::from(block[8 * k + x].wrapping_mul(quant[8 * k + x]));
                sum = sum.wrapping_add(value.wrapping_mul(w));
            }
            columns[i][x] = sum >> (CONST - PASS);
        }
    }
    for (row, line) in columns.iter().zip(out.chunks_mut(stride)) {
        for (out, weights) in line.iter_mut().zip(basis.chunks_exact(N)).take(N) {
            let mut sum = 1_i32 << (CONST + PASS + 2);
            for (&value, &w) in row.iter().zip(weights) {
                sum = sum.wrapping_add(value.wrapping_mul(w));
            }
            *out = sample(sum >> (CONST + PASS + 3));
        }
    }
}

/// The sample that a block with nothing but a DC coefficient has everywhere.
fn flat(block: &Block, quant: &Quant) -> u8 {
    let dc = i32::from(block[0].wrapping_mul(quant[0]));
    sample((dc.wrapping_shl(PASS) + (1 << (PASS + 2))) >> (PASS + 3))
}

/// Writes a block's `size` x `size` samples to the top left of `out`. `last` is the zigzag index of the last
/// coefficient that may be set.
pub(super) fn samples(size: u32, block: &Block, last: u32, quant: &Quant, out: &mut [u8], stride: usize) {
    match size {
        _ if last == 0 || size == 1 => {
            let value = flat(block, quant);
            for line in out.chunks_mut(stride).take(size as usize) {
                line.iter_mut().take(size as usize).for_each(|sample| *sample = value);
            }
        }
        2 => few::<2>(&B2, block, quant, out, stride),
        3 => few::<3>(&B3, block, quant, out, stride),
        4 => few::<4>(&B4, block, quant, out, stride),
        5 => few::<5>(&B5, block, quant, out, stride),
        6 => few::<6>(&B6, block, quant, out, stride),
        7 => few::<7>(&B7, block, quant, out, stride),
        _ if last < 10 => full_from_four(block, quant, out, stride),
        _ => full(block, quant, out, stride),
    }
}

const B2: [i32; 4] = [
    8192, 8192, //
    8192, -8192, //
];
const B3: [i32; 9] = [
    8192, 10033, 5793, //
    8192, 0, -11585, //
    8192, -10033, 5793, //
];
const B4: [i32; 16] = [
    8192, 10703, 8192, 4433, //
    8192, 4433, -8192, -10703, //
    8192, -4433, -8192, 10703, //
    8192, -10703, 8192, -4433, //
];
const B5: [i32; 25] = [
    8192, 11018, 9373, 6810, 3580, //
    8192, 6810, -3580, -11018, -9373, //
    8192, 0, -11585, 0, 11585, //
    8192, -6810, -3580, 11018, -9373, //
    8192, -11018, 9373, -6810, 3580, //
];
const B6: [i32; 36] = [
    8192, 11190, 10033, 8192, 5793, 2998, //
    8192, 8192, 0, -8192, -11585, -8192, //
    8192, 2998, -10033, -8192, 5793, 11190, //
    8192, -2998, -10033, 8192, 5793, -11190, //
    8192, -8192, 0, 8192, -11585, 8192, //
    8192, -11190, 10033, -8192, 5793, -2998, //
];
const B7: [i32; 49] = [
    8192, 11295, 10438, 9058, 7223, 5027, 2578, //
    8192, 9058, 2578, -5027, -10438, -11295, -7223, //
    8192, 5027, -7223, -11295, -2578, 9058, 10438, //
    8192, 0, -11585, 0, 11585, 0, -11585, //
    8192, -5027, -7223, 11295, -2578, -9058, 10438, //
    8192, -9058, 2578, 5027, -10438, 11295, -7223, //
    8192, -11295, 10438, -9058, 7223, -5027, 2578, //
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    /// The definition (T.81, A.3.3), for n samples from the lowest coefficients.
    fn definition(n: usize, block: &Block, quant: &Quant) -> Vec<f64> {
        let c = |k: usize| if k == 0 { 0.5_f64.sqrt() } else { 1.0 };
        let cos = |i: usize, k: usize| libm::cos((2 * i + 1) as f64 * k as f64 * PI / (2 * n) as f64);
        let sample = |i: usize| {
            let (y, x) = (i / n, i % n);
            let sum: f64 = (0..n * n)
                .map(|j| (j / n, j % n))
                .map(|(v, u)| {
                    let f = f64::from(block[8 * v + u]) * f64::from(quant[8 * v + u]);
                    c(u) * c(v) * f * cos(x, u) * cos(y, v)
                })
                .sum();
            (sum / 4.0 + 128.0).clamp(0.0, 255.0)
        };
        (0..n * n).map(sample).collect()
    }

    fn pseudo(seed: &mut u32) -> i32 {
        *seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (*seed >> 16) as i32
    }

    #[test]
    fn every_size_is_within_one_level_of_the_definition() {
        let mut seed = 7;
        let quant: Quant = std::array::from_fn(|i| 1 + (i % 7) as i16);
        for n in 1..=8_usize {
            for round in 0..200 {
                let mut block = [0; 64];
                let count = 1 + round % 20;
                for _ in 0..count {
                    block[(pseudo(&mut seed) & 63) as usize] = (pseudo(&mut seed) % 60 - 30) as i16;
                }
                let mut out = vec![0; 64];
                samples(n as u32, &block, 63, &quant, &mut out, 8);
                for (i, want) in definition(n, &block, &quant).into_iter().enumerate() {
                    let got = f64::from(out[i / n * 8 + i % n]);
                    assert!((got - want).abs() < 1.0, "size {n}, sample {i}: {got} for {want}");
                }
            }
        }
    }

    #[test]
    fn short_cuts_give_the_same_samples() {
        let mut seed = 11;
        let quant: Quant = std::array::from_fn(|i| 1 + (i % 19) as i16);
        for round in 0..500 {
            let mut block = [0; 64];
            for k in 0..round % 10 {
                let at = usize::from(super::super::zigzag::NATURAL[k]);
                block[at] = pseudo(&mut seed) as i16 >> (round % 9);
            }
            let (mut long, mut short) = (vec![0; 64], vec![0; 64]);
            full(&block, &quant, &mut long, 8);
            samples(8, &block, (round % 10).saturating_sub(1) as u32, &quant, &mut short, 8);
            assert_eq!(long, short, "round {round}");
        }
    }
}
