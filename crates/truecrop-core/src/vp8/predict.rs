//! Intra prediction (RFC 6386, section 12).

use super::modes::{B_DC, B_HD, B_HE, B_HU, B_LD, B_RD, B_TM, B_VE, B_VL, B_VR, Mode};
use crate::simd::Eight;

/// What lies above the frame.
pub(crate) const ABOVE_FRAME: u8 = 127;
/// What lies to the left of it.
pub(crate) const LEFT_OF_FRAME: u8 = 129;

/// The samples around a block of 16 x 16 or 8 x 8 that it is predicted from.
pub(crate) struct Around<'a> {
    /// The row above.
    pub(crate) above: &'a [u8],
    /// The column to the left.
    pub(crate) left: [u8; 16],
    pub(crate) corner: u8,
    /// Whether the row above, and the column to the left, lie in the frame.
    pub(crate) inside: [bool; 2],
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

/// Predicts a block of `side` samples a side, 16 or 8. `add` is given eight samples of a row in a vector, and which they are: the pair
/// of 4 x 4 blocks (two or one to a row) and its row. It may add differences to them.
#[inline(always)]
pub(crate) fn whole<V: Eight>(
    mode: Mode,
    around: &Around<'_>,
    (plane, stride, side): (&mut [u8], usize, usize),
    add: impl Fn(usize, usize, V) -> V,
) {
    let mean = i16::from(if mode == Mode::Dc { around.mean(side) } else { 0 });
    for pair in 0..side * side / 32 {
        let (x, y) = if side == 16 { (pair % 2 * 8, pair / 2 * 4) } else { (0, 4 * pair) };
        for row in 0..4 {
            let y = y + row;
            let left = i16::from(around.left[y]);
            let samples = match mode {
                Mode::Dc => V::splat(mean),
                Mode::Vertical => V::widen(&around.above[x..]),
                Mode::Horizontal => V::splat(left),
                Mode::TrueMotion => {
                    let sum = V::widen(&around.above[x..]).add(V::splat(left - i16::from(around.corner)));
                    sum.max(V::splat(0)).min(V::splat(255))
                }
            };
            add(pair, row, samples).narrow(&mut plane[y * stride + x..]);
        }
    }
}

/// The samples around a 4 x 4 block: from the last of the column to its left up to the corner, and then along the row above to the eighth.
pub(crate) type Edge = [u8; 13];

/// The samples around a 4 x 4 block, and means of neighbours.
pub(crate) struct BlockEdge {
    edge: Edge,
    /// Of each sample and the next one.
    two: [u8; 12],
    /// Of each sample and those beside it, of which it counts twice. Beyond an end lies the same as there.
    three: [u8; 13],
}

impl BlockEdge {
    #[inline(always)]
    pub(crate) fn new(edge: Edge) -> Self {
        let e = |at: usize| u16::from(edge[at]);
        let two = std::array::from_fn(|i| ((e(i) + e(i + 1) + 1) >> 1) as u8);
        let three = std::array::from_fn(|i| {
            ((e(i.saturating_sub(1)) + 2 * e(i) + e((i + 1).min(12)) + 2) >> 2) as u8
        });
        Self { edge, two, three }
    }

    /// The block that a mode predicts (12.3), row by row.
    #[inline(always)]
    pub(crate) fn predict(&self, mode: u8) -> [[u8; 4]; 4] {
        let Self { edge, two, three } = self;
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
            B_HE => [[three[3]; 4], [three[2]; 4], [three[1]; 4], [three[0]; 4]],
            B_LD => std::array::from_fn(|y| std::array::from_fn(|x| three[6 + x + y])),
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
                [two[1], three[1], two[0], three[0]],
                [two[0], three[0], edge[0], edge[0]],
                [edge[0]; 4],
            ],
            _ => [[0; 4]; 4],
        }
    }
}
