//! Intra prediction (RFC 6386, section 12) with the differences that are coded.

use super::idct::PAIR;
use crate::simd::Eight;
use crate::vp8::modes::Mode;
use crate::vp8::predict::{self, Around, BlockEdge};

/// Predicts a block of `side` samples a side, and adds its differences: pairs of 4 x 4 blocks, two or one to a row. `empty` tells for each
/// pair that it has none.
#[inline(always)]
pub(super) fn whole<V: Eight>(
    mode: Mode,
    around: &Around<'_>,
    place: (&mut [u8], usize, usize),
    differences: &[i16],
    empty: &[bool],
) {
    predict::whole::<V>(mode, around, place, |pair, row, samples| match empty[pair] {
        true => samples,
        false => samples.add(V::load(&differences[pair * PAIR + 8 * row..])),
    });
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
        let mut rows = BlockEdge::new(edge).predict(mode);
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
