//! Inverse DCT: turns a block of 8 x 8 coefficients into 8 x 8 samples or fewer: 1, 2, 4 or 8 across and down.
//!
//! Full size is the accurate integer method of Loeffler, Ligtenberg and Moschytz (ICASSP 1989) with the constants and
//! roundings of the Independent JPEG Group's `jidctint`, so that samples agree with libjpeg-turbo's default decoder.
//! m x n samples come from the lowest m x n coefficients by inverse DCTs of m and n points with constants of the same
//! precision. Squares have code of their own, because they are most of a photo.
//!
//! All arithmetic is on integers: 16-bit coefficients and weights, 32-bit sums that wrap, and saturation to 16 bits between
//! the passes (as in libjpeg-turbo's vector code; coefficients of real pictures never come near it). So even the samples
//! of damaged files are the same on every target.

use super::block::Block;
use super::block_size::{BlockShape, BlockSize};
use super::header::QuantTable;
use crate::simd::{Eight, Unit, transpose, with_lanes};

/// Fraction bits of the constants.
const CONST: u32 = 13;
/// Fraction bits that stay between the two passes.
const PASS: u32 = 2;

/// Per pass: the right shift, and what is added before it (a half for rounding; in the second pass also the level shift
/// of 128).
const FIRST: (u32, i32) = (CONST - PASS, 1 << (CONST - PASS - 1));
const SECOND: (u32, i32) = (CONST + PASS + 3, (1 << (CONST + PASS + 2)) + (128 << (CONST + PASS + 3)));

/// Weights of a pair of inputs in an output: for each of the four sums of the odd inputs, of (x1, x3) and of (x5, x7).
///
/// This is the paper's factored form, multiplied out: because 32-bit sums wrap, both forms give the same bits.
const ODD: [[(i16, i16); 2]; 4] = [
    [(2260, -6436), (9633, -11363)],
    [(6437, -11362), (2261, 9633)],
    [(9633, -2259), (-11362, -6436)],
    [(11363, 9633), (6437, 2260)],
];

/// One half of the columns, from pairs of rows: (x0, x4), (x2, x6), (x1, x3), (x5, x7). With `FOUR`, x4 to x7 are zero.
#[inline(always)]
fn half<V: Eight, const FOUR: bool>(
    [x04, x26, x13, x57]: [V; 4],
    (shift, round): (u32, i32),
) -> [V::Wide; 8] {
    let one = 1 << CONST;
    let round = V::wide(round);
    let t0 = V::add_wide(x04.dot(V::pairs(one, one)), round);
    let t1 = V::add_wide(x04.dot(V::pairs(one, -one)), round);
    let (t2, t3) = (x26.dot(V::pairs(4433, -10704)), x26.dot(V::pairs(10703, 4433)));
    let even = [V::add_wide(t0, t3), V::add_wide(t1, t2), V::sub_wide(t1, t2), V::sub_wide(t0, t3)];
    let odd = ODD.map(|[near, far]| {
        let sum = x13.dot(V::pairs(near.0, near.1));
        if FOUR { sum } else { V::add_wide(sum, x57.dot(V::pairs(far.0, far.1))) }
    });
    // the paper numbers the odd sums from the far end
    let up = |i: usize| V::shift_wide(V::add_wide(even[i], odd[3 - i]), shift);
    let down = |i: usize| V::shift_wide(V::sub_wide(even[i], odd[3 - i]), shift);
    [up(0), up(1), up(2), up(3), down(3), down(2), down(1), down(0)]
}

/// One dimension, eight columns at once.
#[inline(always)]
fn eight<V: Eight, const FOUR: bool>(x: [V; 8], pass: (u32, i32)) -> [V; 8] {
    let pairs = [x[0].interleave(x[4]), x[2].interleave(x[6]), x[1].interleave(x[3]), x[5].interleave(x[7])];
    let low = half::<V, FOUR>(pairs.map(|p| p.0), pass);
    let high = half::<V, FOUR>(pairs.map(|p| p.1), pass);
    let mut out = x;
    for (out, (low, high)) in out.iter_mut().zip(low.into_iter().zip(high)) {
        *out = V::pack(low, high);
    }
    out
}

#[inline(always)]
fn dequantised<V: Eight>(block: &Block, quant: &QuantTable, row: usize) -> V {
    V::load(&block[8 * row..]).mul(V::load(&quant[8 * row..]))
}

/// 8 x 8 samples. With `FOUR`, only the 4 x 4 lowest coefficients are set: the same result with half the work.
#[inline(always)]
fn full<V: Eight, const FOUR: bool>(block: &Block, quant: &QuantTable, out: &mut [u8], stride: usize) {
    let row = |r| if FOUR && r > 3 { V::splat(0) } else { dequantised::<V>(block, quant, r) };
    let x = [row(0), row(1), row(2), row(3), row(4), row(5), row(6), row(7)];
    let rows = transpose(eight::<V, FOUR>(transpose(eight::<V, FOUR>(x, FIRST)), SECOND));
    for (i, row) in rows.into_iter().enumerate() {
        if let Some(line) = line::<8>(out, stride, i) {
            row.narrow(line);
        }
    }
}

/// The first `N` samples of line `i`. Not by an iterator over chunks, which would divide by the stride for each block.
#[inline(always)]
fn line<const N: usize>(out: &mut [u8], stride: usize, i: usize) -> Option<&mut [u8; N]> {
    out.get_mut(i * stride..)?.first_chunk_mut()
}

/// Weights of the 4-point inverse DCT: for output i, sqrt(2) cos((2 i + 1) k pi / 8), or 1 for k = 0, with [`CONST`] fraction
/// bits; of the first two inputs and of the other two.
const B4: [[(i16, i16); 2]; 4] = [
    [(8192, 10703), (8192, 4433)],
    [(8192, 4433), (-8192, -10703)],
    [(8192, -4433), (-8192, 10703)],
    [(8192, -10703), (8192, -4433)],
];

/// One dimension of `B4`: `a` has pairs of the first two inputs, `b` of the other two.
#[inline(always)]
fn four_sums<V: Eight>(a: V, b: V, (shift, round): (u32, i32)) -> (V, V) {
    let line = |i: usize| {
        let [near, far] = B4[i];
        let sum = V::add_wide(a.dot(V::pairs(near.0, near.1)), b.dot(V::pairs(far.0, far.1)));
        V::shift_wide(V::add_wide(sum, V::wide(round)), shift)
    };
    (V::pack(line(0), line(1)), V::pack(line(2), line(3)))
}

/// 4 x 4 samples from the 4 x 4 lowest coefficients, by the definition of `B4`.
#[inline(always)]
fn four<V: Eight>(block: &Block, quant: &QuantTable, out: &mut [u8], stride: usize) {
    let row = |r| dequantised::<V>(block, quant, r);
    let (top, bottom) = four_sums(row(0).interleave(row(1)).0, row(2).interleave(row(3)).0, FIRST);
    // neighbours in a line are pairs already
    let (a, b) = top.pairs_apart(bottom);
    // each holds two columns; interleaving twice turns them into lines
    let mix = |(a, b): (V, V)| a.interleave(b);
    let (top, bottom) = mix(mix(four_sums(a, b, SECOND)));
    for (half, two) in [top, bottom].into_iter().enumerate() {
        let mut bytes = [0; 8];
        two.narrow(&mut bytes);
        for (i, bytes) in bytes.as_chunks::<4>().0.iter().enumerate() {
            if let Some(line) = line(out, stride, 2 * half + i) {
                *line = *bytes;
            }
        }
    }
}

/// One dimension of `size` points, for all columns: the first rows of the result are samples, the others rest.
#[inline(always)]
fn points<V: Eight>(x: [V; 8], size: BlockSize, pass: (u32, i32)) -> [V; 8] {
    let (one, other, zero) = (1 << CONST, -(1 << CONST), V::splat(0));
    // weights of a pair of inputs, for each output
    let lines: &[[(i16, i16); 2]] = match size {
        BlockSize::One => &[[(one, 0), (0, 0)]],
        BlockSize::Two => &[[(one, one), (0, 0)], [(one, other), (0, 0)]],
        BlockSize::Four => &B4,
        BlockSize::Eight => return eight::<V, false>(x, pass),
    };
    let (near, far) = (x[0].interleave(x[1]), x[2].interleave(x[3]));
    let mut out = [zero; 8];
    for (out, [a, b]) in out.iter_mut().zip(lines) {
        let line = |near: V, far: V| {
            let sum = V::add_wide(near.dot(V::pairs(a.0, a.1)), far.dot(V::pairs(b.0, b.1)));
            V::shift_wide(V::add_wide(sum, V::wide(pass.1)), pass.0)
        };
        *out = V::pack(line(near.0, far.0), line(near.1, far.1));
    }
    out
}

/// Any other number of samples across than down, by their definition.
#[inline(always)]
fn rectangle<V: Eight>(shape: BlockShape, block: &Block, quant: &QuantTable, out: &mut [u8], stride: usize) {
    let mut x: [V; 8] = std::array::from_fn(|row| dequantised::<V>(block, quant, row));
    for (size, pass) in [(shape.down, FIRST), (shape.across, SECOND)] {
        x = transpose(points::<V>(x, size, pass));
    }
    let (columns, rows) = (shape.across.samples() as usize, shape.down.samples() as usize);
    for (row, line) in x.into_iter().zip(out.chunks_mut(stride)).take(rows) {
        let mut bytes = [0; 8];
        row.narrow(&mut bytes);
        line.iter_mut().zip(&bytes[..columns]).for_each(|(sample, byte)| *sample = *byte);
    }
}

/// Level shift and clamp.
#[inline(always)]
fn sample(value: i32) -> u8 {
    value.saturating_add(128).clamp(0, 255) as u8
}

/// 2 x 2 samples from the 2 x 2 lowest coefficients. All weights of the 2-point inverse DCT are 1 or -1, so no fraction
/// bits of constants are needed.
#[inline(always)]
fn two(block: &Block, quant: &QuantTable, out: &mut [u8], stride: usize) {
    let at = |i: usize| i32::from(block[i].wrapping_mul(quant[i])) << PASS;
    let first = |sum: i32| sum.clamp(i16::MIN.into(), i16::MAX.into());
    let rows = [(0, 8), (1, 9)].map(|(k, l)| (at(k), at(l)));
    let [(a, b), (c, d)] = rows.map(|(k, l)| (first(k + l), first(k - l)));
    let (shift, round) = (SECOND.0 - CONST, SECOND.1 >> CONST);
    let last = |sum: i32| ((sum + round) >> shift).clamp(0, 255) as u8;
    for (i, (k, l)) in [(a, c), (b, d)].into_iter().enumerate() {
        if let Some(line) = line(out, stride, i) {
            *line = [last(k + l), last(k - l)];
        }
    }
}

/// The sample that a block with nothing but a DC coefficient has everywhere.
#[inline(always)]
pub(super) fn flat(block: &Block, quant: &QuantTable) -> u8 {
    let dc = i32::from(block[0].wrapping_mul(quant[0]));
    sample((dc.wrapping_shl(PASS) + (1 << (PASS + 2))) >> (PASS + 3))
}

/// Writes a block's samples to the top left of `out`. `last` is the zigzag index of the last
/// coefficient that may be set.
// Not inlined: a copy in each decoder's loop would make the module larger, but no faster.
#[inline(never)]
pub(super) fn samples(
    unit: Unit,
    shape: BlockShape,
    block: &Block,
    last: u32,
    quant: &QuantTable,
    out: &mut [u8],
    stride: usize,
) {
    with_lanes!(unit, V => by::<V>(shape, block, last, quant, out, stride))
}

#[inline(always)]
fn by<V: Eight>(
    shape: BlockShape,
    block: &Block,
    last: u32,
    quant: &QuantTable,
    out: &mut [u8],
    stride: usize,
) {
    let (across, down) = (shape.across, shape.down);
    match across {
        _ if last == 0 => {
            let value = flat(block, quant);
            for line in out.chunks_mut(stride).take(down.samples() as usize) {
                line.iter_mut().take(across.samples() as usize).for_each(|sample| *sample = value);
            }
        }
        _ if across != down => rectangle::<V>(shape, block, quant, out, stride),
        BlockSize::Two => two(block, quant, out, stride),
        BlockSize::Four => four::<V>(block, quant, out, stride),
        BlockSize::One => out.iter_mut().take(1).for_each(|sample| *sample = flat(block, quant)),
        BlockSize::Eight if last < 10 => full::<V, true>(block, quant, out, stride),
        BlockSize::Eight => full::<V, false>(block, quant, out, stride),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd;
    use std::f64::consts::PI;

    /// The weights of an inverse DCT of `n` points: `[i * n + k]` is sqrt(2) cos((2 i + 1) k pi / 2 n), or 1 for k = 0, with
    /// [`CONST`] fraction bits.
    fn basis(n: BlockSize) -> &'static [i32] {
        match n {
            BlockSize::One => &[8192],
            BlockSize::Two => &[8192, 8192, 8192, -8192],
            BlockSize::Four => &[
                8192, 10703, 8192, 4433, //
                8192, 4433, -8192, -10703, //
                8192, -4433, -8192, 10703, //
                8192, -10703, 8192, -4433, //
            ],
            // as they follow from the paper's factors: the outputs of `half` for one input at a time
            BlockSize::Eight => &[
                8192, 11363, 10703, 9633, 8192, 6437, 4433, 2260, //
                8192, 9633, 4433, -2259, -8192, -11362, -10704, -6436, //
                8192, 6437, -4433, -11362, -8192, 2261, 10704, 9633, //
                8192, 2260, -10703, -6436, 8192, 9633, -4433, -11363, //
                8192, -2260, -10703, 6436, 8192, -9633, -4433, 11363, //
                8192, -6437, -4433, 11362, -8192, -2261, 10704, -9633, //
                8192, -9633, 4433, 2259, -8192, 11362, -10704, 6436, //
                8192, -11363, 10703, -9633, 8192, -6437, 4433, -2260, //
            ],
        }
    }

    /// Samples by their definition, from the lowest coefficients. The slow form that the vectors are held against.
    fn by_basis(shape: BlockShape, block: &Block, quant: &QuantTable, out: &mut [u8], stride: usize) {
        let (m, n) = (shape.across.samples() as usize, shape.down.samples() as usize);
        let mut columns = [[0_i32; 8]; 8];
        for (i, weights) in basis(shape.down).chunks_exact(n).enumerate() {
            for x in 0..m {
                let mut sum = FIRST.1;
                for (k, &w) in weights.iter().enumerate() {
                    let value = i32::from(block[8 * k + x].wrapping_mul(quant[8 * k + x]));
                    sum = sum.wrapping_add(value.wrapping_mul(w));
                }
                columns[i][x] = (sum >> FIRST.0).clamp(i16::MIN.into(), i16::MAX.into());
            }
        }
        for (row, line) in columns.iter().take(n).zip(out.chunks_mut(stride)) {
            for (out, weights) in line.iter_mut().zip(basis(shape.across).chunks_exact(m)) {
                let mut sum = 1_i32 << (CONST + PASS + 2);
                for (&value, &w) in row.iter().zip(weights) {
                    sum = sum.wrapping_add(value.wrapping_mul(w));
                }
                *out = sample(sum >> (CONST + PASS + 3));
            }
        }
    }

    /// The definition (T.81, A.3.3), for `m` x `n` samples from the lowest coefficients.
    fn definition(m: usize, n: usize, block: &Block, quant: &QuantTable) -> Vec<f64> {
        let c = |k: usize| if k == 0 { 0.5_f64.sqrt() } else { 1.0 };
        let cos =
            |i: usize, k: usize, of: usize| libm::cos((2 * i + 1) as f64 * k as f64 * PI / (2 * of) as f64);
        let sample = |i: usize| {
            let (y, x) = (i / m, i % m);
            let sum: f64 = (0..m * n)
                .map(|j| (j / m, j % m))
                .map(|(v, u)| {
                    let f = f64::from(block[8 * v + u]) * f64::from(quant[8 * v + u]);
                    c(u) * c(v) * f * cos(x, u, m) * cos(y, v, n)
                })
                .sum();
            (sum / 4.0 + 128.0).clamp(0.0, 255.0)
        };
        (0..m * n).map(sample).collect()
    }

    fn pseudo(seed: &mut u32) -> i32 {
        *seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (*seed >> 16) as i32
    }

    fn shapes() -> impl Iterator<Item = BlockShape> {
        let sizes = [BlockSize::One, BlockSize::Two, BlockSize::Four, BlockSize::Eight];
        sizes.into_iter().flat_map(move |across| sizes.map(|down| BlockShape { across, down }))
    }

    #[test]
    fn every_shape_is_within_one_level_of_the_definition() {
        let mut seed = 7;
        let quant: QuantTable = std::array::from_fn(|i| 1 + (i % 7) as i16);
        for shape in shapes() {
            let (m, n) = (shape.across.samples() as usize, shape.down.samples() as usize);
            for round in 0..200 {
                let mut block = [0; 64];
                let count = 1 + round % 20;
                for _ in 0..count {
                    block[(pseudo(&mut seed) & 63) as usize] = (pseudo(&mut seed) % 60 - 30) as i16;
                }
                let mut out = vec![0; 64];
                samples(Unit::best(), shape, &block, 63, &quant, &mut out, 8);
                for (i, want) in definition(m, n, &block, &quant).into_iter().enumerate() {
                    let got = f64::from(out[i / m * 8 + i % m]);
                    assert!((got - want).abs() < 1.0, "{m} x {n}, sample {i}: {got} for {want}");
                }
            }
        }
    }

    #[test]
    fn short_cuts_give_the_same_samples() {
        let mut seed = 11;
        let quant: QuantTable = std::array::from_fn(|i| 1 + (i % 19) as i16);
        for round in 0..500 {
            let mut block = [0; 64];
            for k in 0..round % 10 {
                let at = usize::from(crate::zigzag::NATURAL[k]);
                block[at] = pseudo(&mut seed) as i16 >> (round % 9);
            }
            let (mut long, mut short) = (vec![0; 64], vec![0; 64]);
            full::<simd::Base, false>(&block, &quant, &mut long, 8);
            samples(
                Unit::best(),
                BlockShape { across: BlockSize::Eight, down: BlockSize::Eight },
                &block,
                (round % 10).saturating_sub(1) as u32,
                &quant,
                &mut short,
                8,
            );
            assert_eq!(long, short, "round {round}");
        }
    }

    #[test]
    fn every_unit_gives_the_same_samples_also_for_damaged_blocks() {
        let mut seed = 13;
        for round in 0..4000 {
            let quant: QuantTable = std::array::from_fn(|_| pseudo(&mut seed) as i16 >> (round % 16));
            let block: Block = std::array::from_fn(|_| pseudo(&mut seed) as i16 >> (round / 16 % 16));
            for shape in shapes() {
                let (mut want, mut got) = (vec![0; 64], vec![0; 64]);
                samples(Unit::Scalar, shape, &block, 63, &quant, &mut want, 8);
                samples(Unit::Base, shape, &block, 63, &quant, &mut got, 8);
                assert_eq!(got, want, "{shape:?}, round {round}");
                by_basis(shape, &block, &quant, &mut got, 8);
                assert_eq!(got, want, "the definition, {shape:?}, round {round}");
            }
        }
    }
}
