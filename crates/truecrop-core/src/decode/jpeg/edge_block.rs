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
use super::block_size::{BlockShape, BlockSize};
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
/// [`BITS`] fraction bits. Each row sums to exactly one, so that flat blocks stay flat. Eight samples of eight are the same.
fn smaller(size: BlockSize, i: usize) -> [i32; 8] {
    if size == BlockSize::Eight {
        return std::array::from_fn(|j| if i == j { 1 << BITS } else { 0 });
    }
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
    weights: [[i32; 8]; 8],
}

impl Axis {
    fn new(size: BlockSize, seen: usize) -> Self {
        let cell = 8 / size.samples() as usize;
        // a cell that is seen as a whole keeps its samples, unless what comes behind it has to be made of it
        let last = (seen - 1) / cell * cell;
        let part = (seen - last) as i32;
        let mut weights = [[0; 8]; 8];
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

/// Writes a block's samples of this shape to the top left of `out`, made of `columns` x `rows` of the block's 8 x 8 alone.
/// `last`: see [`idct::samples`]. A sample that stands for nothing that is seen is made of its neighbours.
pub(super) fn samples(
    unit: Unit,
    (shape, [columns, rows]): (BlockShape, [usize; 2]),
    block: &Block,
    last: u32,
    quant: &QuantTable,
    out: &mut [u8],
    stride: usize,
) {
    let mut all = [0; 64];
    let full = BlockShape { across: BlockSize::Eight, down: BlockSize::Eight };
    idct::samples(unit, full, block, last, quant, &mut all, 8);
    let (across, down) = (Axis::new(shape.across, columns), Axis::new(shape.down, rows));
    let divisor = (i64::from(across.divisor) * i64::from(down.divisor)) << (2 * BITS);
    for (weights, line) in down.weights.iter().zip(out.chunks_mut(stride)).take(shape.down.samples() as usize)
    {
        // 8 bits of samples, 13 + 2 of weights: sums stay below 2^26
        let sums: [i32; 8] = std::array::from_fn(|x| {
            let column = all.as_chunks::<8>().0.iter().map(|row| i32::from(row[x]));
            column.zip(weights).take(down.seen).map(|(sample, weight)| sample * weight).sum()
        });
        for (weights, sample) in across.weights.iter().zip(line).take(shape.across.samples() as usize) {
            let products = sums.iter().zip(weights).take(across.seen);
            let sum: i64 = products.map(|(sum, weight)| i64::from(*sum) * i64::from(*weight)).sum();
            // the only rounding: to the nearest, halves up
            let rounded = (sum + divisor / 2).checked_div_euclid(divisor);
            *sample = rounded.unwrap_or(0).clamp(0, 255) as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::JpegRows;
    use super::*;
    use crate::decode::{DecodePlan, RowSource, Window, scaled};
    use crate::geometry::Size;
    use std::f64::consts::PI;
    use std::path::PathBuf;

    /// The definition, in real numbers: fill up what is not seen, forward DCT, lowest coefficients, inverse DCT of `n`.
    fn definition(n: usize, seen: &[f64]) -> Vec<f64> {
        let cell = 8 / n;
        let last = &seen[(seen.len() - 1) / cell * cell..];
        let mean = last.iter().sum::<f64>() / last.len() as f64;
        let mut all = seen.to_vec();
        if last.len() < cell {
            all.truncate(seen.len() - last.len());
            all.resize(seen.len(), mean);
        }
        all.resize(8, mean);
        let cos =
            |i: usize, k: usize, n: usize| libm::cos((2 * i + 1) as f64 * k as f64 * PI / (2 * n) as f64);
        let coefficient = |k: usize| (0..8).map(|j| all[j] * cos(j, k, 8)).sum::<f64>() / 8.0;
        let term = |i: usize, k: usize| coefficient(k) * cos(i, k, n) * if k == 0 { 1.0 } else { 2.0 };
        (0..n).map(|i| (0..n).map(|k| term(i, k)).sum()).collect()
    }

    /// The definition along rows and then along columns, of `seen` rows of equal length.
    fn definition_of_block((across, down): (usize, usize), seen: &[Vec<f64>]) -> Vec<Vec<f64>> {
        // where nothing is made smaller, what is not seen stands behind what is, and does not change it
        let along = |n: usize, line: &[f64]| if n == 8 { line.to_vec() } else { definition(n, line) };
        let rows: Vec<Vec<f64>> = seen.iter().map(|row| along(across, row)).collect();
        let column = |x: usize| along(down, &rows.iter().map(|row| row[x]).collect::<Vec<_>>());
        let columns: Vec<Vec<f64>> = (0..rows[0].len()).map(column).collect();
        (0..columns[0].len())
            .map(|y| columns.iter().map(|column| column[y].clamp(0.0, 255.0)).collect())
            .collect()
    }

    #[test]
    fn each_row_of_the_matrix_sums_to_one_and_is_the_definition() {
        for size in [BlockSize::One, BlockSize::Two, BlockSize::Four] {
            let n = size.samples() as usize;
            for i in 0..n {
                let row = smaller(size, i);
                assert_eq!(row.iter().sum::<i32>(), 1 << BITS);
                for (j, weight) in row.into_iter().enumerate() {
                    let unit: Vec<f64> = (0..8).map(|k| if k == j { 8192.0 } else { 0.0 }).collect();
                    assert!((definition(n, &unit)[i] - f64::from(weight)).abs() < 1.6, "{size:?} {i} {j}");
                }
            }
        }
    }

    /// One component of a decoded picture.
    struct Samples {
        width: usize,
        rows: Vec<Vec<u8>>,
        shape: BlockShape,
    }

    /// The components of a file at a scale.
    fn components(file: &[u8], size: Size, scale: u8, coarse_chroma: bool) -> Vec<Samples> {
        let window = Window::whole(scaled(size, scale));
        let plan = DecodePlan { window, scale, coarse_chroma };
        let reader = Box::new(std::io::Cursor::new(file.to_vec()));
        let mut rows = JpegRows::open(reader, &plan, &crate::Limits::default(), None).unwrap();
        let new = |p: &super::super::plane::Plane| Samples {
            width: p.grid.width as usize,
            rows: Vec::new(),
            shape: p.grid.shape,
        };
        let mut all: Vec<Samples> = rows.planes().iter().map(new).collect();
        for y in 0..window.height {
            rows.next_row().unwrap();
            for (samples, plane) in all.iter_mut().zip(rows.planes()) {
                let end = plane.grid.down.needs(y..y + 1, plane.grid.height).end;
                for row in samples.rows.len() as u32..end {
                    samples.rows.push(plane.row(row).0[..samples.width].to_vec());
                }
            }
        }
        all
    }

    /// Every sample that lies in a block at the edge, of every component and every sampling, in every kind of file: made of
    /// the seen samples of the full decode alone, and at 1/8 their exact mean.
    #[test]
    fn only_what_is_seen_counts_at_every_edge() {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/jpeg");
        let list = std::fs::read_to_string(folder.join("pixels.txt")).unwrap();
        let mut checked = [0; 9];
        for line in list.lines() {
            let fields: Vec<&str> = line.split(' ').collect();
            let file = std::fs::read(folder.join(format!("{}.jpg", fields[0]))).unwrap();
            let size = Size::new(fields[1].parse().unwrap(), fields[2].parse().unwrap());
            let full = components(&file, size, 8, false);
            for (scale, coarse) in [(1, false), (1, true), (2, false), (4, false)] {
                for (c, (small, full)) in components(&file, size, scale, coarse).iter().zip(&full).enumerate()
                {
                    let what = format!("{}, component {c} at {scale}/8", fields[0]);
                    checked[small.shape.across.samples() as usize] += check_edges(small, full, &what);
                }
            }
        }
        assert!([1, 2, 4].iter().all(|&n| checked[n] > 500), "{checked:?}");
    }

    /// Checks the samples of the blocks at the edge; gives how many there are.
    fn check_edges(small: &Samples, full: &Samples, what: &str) -> usize {
        let shape = (small.shape.across.samples() as usize, small.shape.down.samples() as usize);
        let (width, height) = (full.width, full.rows.len());
        let mut count = 0;
        for (by, bx) in (0..height.div_ceil(8)).flat_map(|by| (0..width.div_ceil(8)).map(move |bx| (by, bx)))
        {
            let (rows, columns) = (8 * by..(8 * by + 8).min(height), 8 * bx..(8 * bx + 8).min(width));
            if (shape.0 == 8 || columns.len() == 8) && (shape.1 == 8 || rows.len() == 8) {
                continue;
            }
            let seen = |y: usize| full.rows[y][columns.clone()].iter().map(|&v| f64::from(v)).collect();
            let want = definition_of_block(shape, &rows.clone().map(seen).collect::<Vec<_>>());
            for (y, x) in (0..want.len()).flat_map(|y| (0..want[y].len()).map(move |x| (y, x))) {
                let got = small.rows.get(shape.1 * by + y).and_then(|row| row.get(shape.0 * bx + x));
                let Some(&got) = got else { continue };
                count += 1;
                let off = (f64::from(got) - want[y][x]).abs();
                let most = if shape == (1, 1) { 0.5 + 1e-9 } else { 0.6 };
                assert!(off <= most, "{what}, block {bx}, {by}, sample {x}, {y}: {got} for {}", want[y][x]);
            }
        }
        count
    }
}
