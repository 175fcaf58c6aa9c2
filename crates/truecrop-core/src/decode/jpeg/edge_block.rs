//! Blocks that reach beyond the picture's edge: at a reduced scale only what is seen of them may count.
//!
//! An encoder fills up the last blocks of a component with what it likes, and the lowest coefficients are those of the
//! whole block. So the scaled inverse DCT, good for all other blocks, would mix into the last row and column what nobody
//! sees. Here the block is first decoded to all its 8 x 8 samples; the unseen ones are left out; what is seen is then made
//! smaller as the scaled inverse DCT would do it.
//!
//! In one dimension, with n of 8 samples wanted, each of them stands for a cell of 8/n. Unseen samples are taken to be the
//! mean of what is seen of the last cell that is seen at all. (Tried on photographs, against a filter over the seen samples
//! alone: better than to repeat the last sample, than to mirror, and than plain means of each cell.) The forward DCT of 8,
//! its lowest n coefficients and the inverse DCT of n are then one matrix, [`smaller`]. At n = 1 the sample is exactly the
//! rounded mean of what is seen.

use super::block::Block;
use super::block_size::BlockSize;
use super::header::QuantTable;
use super::idct;
use crate::simd::Unit;

/// Fraction bits of [`smaller`].
const BITS: u32 = 13;

/// The matrix for two of eight samples: of row 0. Row 1 is its reverse.
const TWO: [i32; 8] = [2444, 2228, 1829, 1307, 741, 219, -180, -396];

/// The matrix for four of eight samples: of rows 0 and 1. Rows 3 and 2 are their reverses.
const FOUR: [[i32; 8]; 2] =
    [[4870, 2998, 752, -380, -248, 188, 158, -146], [-1118, 1491, 3869, 3566, 1158, -713, -551, 490]];

/// Row `i` of the matrix that makes `size` samples of eight: forward DCT of 8, lowest coefficients, inverse DCT, with
/// [`BITS`] fraction bits. Each row sums to exactly one, so that flat blocks stay flat.
fn smaller(size: BlockSize, i: usize) -> [i32; 8] {
    let far = i >= size.samples() as usize / 2;
    let mut row = match (size, i) {
        (BlockSize::Two, _) => TWO,
        (BlockSize::Four, 0 | 3) => FOUR[0],
        (BlockSize::Four, _) => FOUR[1],
        _ => [1 << (BITS - 3); 8],
    };
    if far {
        row.reverse();
    }
    row
}

/// One dimension of an edge block: `seen` of its samples, 1 to 8, become `size`.
struct Axis {
    seen: usize,
    /// What `weights` are to be divided by, beside their fraction bits: the samples that are seen of the last cell.
    divisor: i32,
    /// For each smaller sample, the weights of those that are seen.
    weights: [[i32; 8]; 4],
}

impl Axis {
    fn new(size: BlockSize, seen: usize) -> Self {
        let cell = 8 / size.samples() as usize;
        // a cell that is seen as a whole keeps its samples, unless what comes behind it has to be made of it
        let last = (seen - 1) / cell * cell;
        let part = (seen - last) as i32;
        let mut weights = [[0; 8]; 4];
        for (i, out) in weights.iter_mut().enumerate().take(size.samples() as usize) {
            let row = smaller(size, i);
            let behind: i32 = row[seen..].iter().sum();
            for (j, (out, weight)) in out.iter_mut().zip(row).enumerate().take(seen) {
                *out = weight * part + if j >= last { behind } else { 0 };
            }
            if part < cell as i32 {
                // what is seen of a cell counts as its mean
                out[last..seen].fill(row[last..].iter().sum());
            }
        }
        Self { seen, divisor: part, weights }
    }
}

/// Writes a block's `size` x `size` samples to the top left of `out`, made of `columns` x `rows` of the block's 8 x 8 alone.
/// `last`: see [`idct::samples`]. A sample that stands for nothing that is seen is made of its neighbours.
pub(super) fn samples(
    unit: Unit,
    (size, [columns, rows]): (BlockSize, [usize; 2]),
    block: &Block,
    last: u32,
    quant: &QuantTable,
    out: &mut [u8],
    stride: usize,
) {
    let mut all = [0; 64];
    idct::samples(unit, BlockSize::Eight, block, last, quant, &mut all, 8);
    let (across, down) = (Axis::new(size, columns), Axis::new(size, rows));
    let side = size.samples() as usize;
    let divisor = (i64::from(across.divisor) * i64::from(down.divisor)) << (2 * BITS);
    for (weights, line) in down.weights.iter().zip(out.chunks_mut(stride)).take(side) {
        // 8 bits of samples, 13 + 2 of weights: sums stay below 2^26
        let sums: [i32; 8] = std::array::from_fn(|x| {
            let column = all.as_chunks::<8>().0.iter().map(|row| i32::from(row[x]));
            column.zip(weights).take(down.seen).map(|(sample, weight)| sample * weight).sum()
        });
        for (weights, sample) in across.weights.iter().zip(line).take(side) {
            let products = sums.iter().zip(weights).take(across.seen);
            let sum: i64 = products.map(|(sum, weight)| i64::from(*sum) * i64::from(*weight)).sum();
            // the only rounding: to the nearest, halves up
            let rounded = (sum + divisor / 2).checked_div_euclid(divisor);
            *sample = rounded.unwrap_or(0).clamp(0, 255) as u8;
        }
    }
}
