//! Intra prediction (RFC 6386, section 12).

use super::idct::PAIR;
use super::modes::{B_DC, B_HD, B_HE, B_HU, B_LD, B_RD, B_TM, B_VE, B_VL, B_VR, Mode};
use crate::simd::Eight;

/// What lies above the frame.
pub(super) const ABOVE_FRAME: u8 = 127;
/// What lies to the left of it.
pub(super) const LEFT_OF_FRAME: u8 = 129;

/// The samples around a block of 16 x 16 or 8 x 8 that it is predicted from.
pub(super) struct Around<'a> {
    /// The row above.
    pub(super) above: &'a [u8],
    /// The column to the left.
    pub(super) left: [u8; 16],
    pub(super) corner: u8,
    /// Whether the row above, and the column to the left, lie in the frame.
    pub(super) inside: [bool; 2],
}

impl Around<'_> {
    /// The mean of the samples that lie in the frame.
    fn mean(&self, side: usize) -> u8 {
        let sum = |samples: &[u8]| samples[..side].iter().map(|&sample| u32::from(sample)).sum::<u32>();
        let side_bits = side.ilog2();
        match self.inside {
            [true, true] => ((sum(self.above) + sum(&self.left) + side as u32) >> (side_bits + 1)) as u8,
            [true, false] => ((sum(self.above) + side as u32 / 2) >> side_bits) as u8,
            [false, true] => ((sum(&self.left) + side as u32 / 2) >> side_bits) as u8,
            [false, false] => 128,
        }
    }
}

/// Predicts a block of `side` samples a side, and adds its differences: pairs of 4 x 4 blocks, two or one to a row. `empty` tells for each
/// pair that it has none.
#[inline(always)]
pub(super) fn whole<V: Eight>(
    mode: Mode,
    around: &Around<'_>,
    (plane, stride, side): (&mut [u8], usize, usize),
    differences: &[i16],
    empty: &[bool],
) {
    let mean = i16::from(if mode == Mode::Dc { around.mean(side) } else { 0 });
    let pairs = differences.as_chunks::<PAIR>().0.iter().zip(empty);
    for (n, (pair, &empty)) in pairs.enumerate() {
        let (x, y) = if side == 16 { (n % 2 * 8, n / 2 * 4) } else { (0, 4 * n) };
        for (row, differences) in pair.as_chunks::<8>().0.iter().enumerate() {
            let y = y + row;
            let left = i16::from(around.left[y]);
            let mut samples = match mode {
                Mode::Dc => V::splat(mean),
                Mode::Vertical => V::widen(&around.above[x..]),
                Mode::Horizontal => V::splat(left),
                Mode::TrueMotion => {
                    let sum = V::widen(&around.above[x..]).add(V::splat(left - i16::from(around.corner)));
                    sum.max(V::splat(0)).min(V::splat(255))
                }
            };
            if !empty {
                samples = samples.add(V::load(differences));
            }
            samples.narrow(&mut plane[y * stride + x..]);
        }
    }
}

/// Predicts a 4 x 4 block. `edge`: the samples around it, from the last of the column to its left up to the corner, and then
/// along the row above to the eighth.
#[inline(always)]
pub(super) fn block(mode: u8, edge: &[u8; 13]) -> [[u8; 4]; 4] {
    let e = |at: usize| u16::from(edge[at]);
    // means of neighbours: of two, and of three, of which the middle one counts twice
    let two: [u8; 12] = std::array::from_fn(|i| ((e(i) + e(i + 1) + 1) >> 1) as u8);
    let three: [u8; 12] =
        std::array::from_fn(|i| if i == 0 { 0 } else { ((e(i - 1) + 2 * e(i) + e(i + 1) + 2) >> 2) as u8 });
    let end = ((e(1) + 3 * e(0) + 2) >> 2) as u8;
    match mode {
        B_DC => {
            let sum: u16 = edge[..4].iter().chain(&edge[5..9]).map(|&sample| u16::from(sample)).sum();
            [[((sum + 4) >> 3) as u8; 4]; 4]
        }
        B_TM => std::array::from_fn(|y| {
            let step = i16::from(edge[3 - y]) - i16::from(edge[4]);
            std::array::from_fn(|x| (i16::from(edge[5 + x]) + step).clamp(0, 255) as u8)
        }),
        B_VE => [[three[5], three[6], three[7], three[8]]; 4],
        B_HE => [[three[3]; 4], [three[2]; 4], [three[1]; 4], [end; 4]],
        B_LD => {
            let last = ((e(11) + 3 * e(12) + 2) >> 2) as u8;
            let at = |i: usize| if i < 12 { three[i] } else { last };
            std::array::from_fn(|y| std::array::from_fn(|x| at(6 + x + y)))
        }
        B_RD => std::array::from_fn(|y| std::array::from_fn(|x| three[4 + x - y])),
        B_VR => [
            [two[4], two[5], two[6], two[7]],
            [three[4], three[5], three[6], three[7]],
            [three[3], two[4], two[5], two[6]],
            [three[2], three[4], three[5], three[6]],
        ],
        B_VL => [
            [two[5], two[6], two[7], two[8]],
            [three[6], three[7], three[8], three[9]],
            [two[6], two[7], two[8], three[10]],
            [three[7], three[8], three[9], three[11]],
        ],
        B_HD => [
            [two[3], three[4], three[5], three[6]],
            [two[2], three[3], two[3], three[4]],
            [two[1], three[2], two[2], three[3]],
            [two[0], three[1], two[1], three[2]],
        ],
        B_HU => [
            [two[2], three[2], two[1], three[1]],
            [two[1], three[1], two[0], end],
            [two[0], end, edge[0], edge[0]],
            [edge[0]; 4],
        ],
        _ => [[0; 4]; 4],
    }
}

/// Samples from one row to the next in [`blocks`]' copy of a macroblock, and where its first column is.
const COPY_STRIDE: usize = 32;
const COPY_LEFT: usize = 8;

/// Predicts the luma of a macroblock block by block, each from those before it, and adds its differences. `above_right`: the
/// samples behind the row above, which stand for those to the right of each of its rows of blocks.
#[inline(always)]
pub(super) fn blocks(
    modes: &[u8; 16],
    around: &Around<'_>,
    above_right: [u8; 4],
    (plane, stride): (&mut [u8], usize),
    differences: &[i16],
    empty: &[bool],
) {
    let mut copy = [0; 17 * COPY_STRIDE];
    copy[COPY_LEFT - 1] = around.corner;
    copy[COPY_LEFT..COPY_LEFT + 16].copy_from_slice(&around.above[..16]);
    for (row, &left) in copy[COPY_STRIDE..].chunks_exact_mut(COPY_STRIDE).zip(&around.left) {
        row[COPY_LEFT - 1] = left;
    }
    for y in [0, 4, 8, 12] {
        copy[y * COPY_STRIDE + COPY_LEFT + 16..][..4].copy_from_slice(&above_right);
    }
    for (n, &mode) in modes.iter().enumerate() {
        let (x, y) = (COPY_LEFT + n % 4 * 4, n / 4 * 4);
        let mut edge = [0; 13];
        for (i, sample) in edge[..4].iter_mut().enumerate() {
            *sample = copy[(y + 4 - i) * COPY_STRIDE + x - 1];
        }
        edge[4..].copy_from_slice(&copy[y * COPY_STRIDE + x - 1..][..9]);
        let mut rows = block(mode, &edge);
        if !empty[n] {
            let first = n / 2 * PAIR + n % 2 * 4;
            for (row, differences) in rows.iter_mut().zip(differences[first..].chunks(8)) {
                for (sample, difference) in row.iter_mut().zip(differences) {
                    *sample = (i16::from(*sample) + difference).clamp(0, 255) as u8;
                }
            }
        }
        for (row, samples) in rows.iter().enumerate() {
            copy[(y + 1 + row) * COPY_STRIDE + x..][..4].copy_from_slice(samples);
        }
    }
    for (y, row) in copy[COPY_STRIDE..].chunks_exact(COPY_STRIDE).enumerate() {
        plane[y * stride..][..16].copy_from_slice(&row[COPY_LEFT..COPY_LEFT + 16]);
    }
}
