//! The inverse transforms (RFC 6386, section 14), in 16 bits that wrap.
//!
//! Blocks lie in pairs, next to each other: four rows of eight numbers. So one vector has a row of both.

use crate::simd::Eight;

/// Numbers of a pair of blocks.
pub(super) const PAIR: usize = 32;

/// `a * sqrt(2) * cos(pi / 8)`, as the standard rounds it.
#[inline(always)]
fn times_cosine<V: Eight>(a: V) -> V {
    a.add(a.mul_high(V::splat(20_091)))
}

/// `a * sqrt(2) * sin(pi / 8)`: 35468 / 65536, whose factor is 35468 - 65536 in 16 bits.
#[inline(always)]
fn times_sine<V: Eight>(a: V) -> V {
    a.add(a.mul_high(V::splat((35_468 - 65_536) as i16)))
}

/// One dimension, lane by lane.
#[inline(always)]
fn pass<V: Eight>([r0, r1, r2, r3]: [V; 4]) -> [V; 4] {
    let (a, b) = (r0.add(r2), r0.sub(r2));
    let c = times_sine(r1).sub(times_cosine(r3));
    let d = times_cosine(r1).add(times_sine(r3));
    [a.add(d), b.add(c), b.sub(c), a.sub(d)]
}

/// Makes two blocks of coefficients differences of samples.
#[inline(always)]
pub(super) fn inverse_dct<V: Eight>(pair: &mut [i16]) {
    let rows = [0, 8, 16, 24].map(|at| V::load(&pair[at..]));
    let [t0, t1, t2, t3] = pass(rows);
    // columns of both blocks, a row of one and the same row of the other beside each other
    let ((p, s), (q, t)) = (t0.interleave(t2), t1.interleave(t3));
    let ((x, y), (z, w)) = (p.interleave(q), s.interleave(t));
    let ((c0, c1), (c2, c3)) = (x.interleave(z), y.interleave(w));
    let columns = pass([c0.add(V::splat(4)), c1, c2, c3]);
    let [c0, c1, c2, c3] = columns.map(|column| column.right::<3>());
    let ((e, g), (f, h)) = (c0.interleave(c2), c1.interleave(c3));
    let ((r0, r1), (r2, r3)) = (e.interleave(f), g.interleave(h));
    for (row, at) in [r0, r1, r2, r3].into_iter().zip([0, 8, 16, 24]) {
        row.store(&mut pair[at..]);
    }
}

/// The same for blocks that have no coefficient but the first.
#[inline(always)]
pub(super) fn inverse_dct_of_dc(pair: &mut [i16]) {
    let [a, b] = [pair[0], pair[4]].map(|dc| dc.wrapping_add(4) >> 3);
    let row = [a, a, a, a, b, b, b, b];
    for place in pair.as_chunks_mut::<8>().0 {
        *place = row;
    }
}

/// The inverse Walsh-Hadamard transform (14.3): what it gives are the first coefficients of the 16 luma blocks.
pub(super) fn inverse_wht(block: &[i16; 16]) -> [i16; 16] {
    let mut columns = [0_i32; 16];
    for i in 0..4 {
        let [a, b, c, d] = [0, 4, 8, 12].map(|row| i32::from(block[row + i]));
        let (outer, inner, inner_gap, outer_gap) = (a + d, b + c, b - c, a - d);
        columns[i] = outer + inner;
        columns[4 + i] = outer_gap + inner_gap;
        columns[8 + i] = outer - inner;
        columns[12 + i] = outer_gap - inner_gap;
    }
    let mut out = [0; 16];
    for (out, &[a, b, c, d]) in out.as_chunks_mut::<4>().0.iter_mut().zip(columns.as_chunks::<4>().0) {
        let (outer, inner, inner_gap, outer_gap) = (a + 3 + d, b + c, b - c, a + 3 - d);
        *out = [outer + inner, outer_gap + inner_gap, outer - inner, outer_gap - inner_gap]
            .map(|value| (value >> 3) as i16);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{self, scalar};

    /// RFC 6386, 14.4, in numbers that cannot overflow.
    fn definition(block: [i32; 16]) -> [i32; 16] {
        let (cosine, sine) = (|a: i32| a + ((a * 20_091) >> 16), |a: i32| (a * 35_468) >> 16);
        let pass = |r: [i32; 4]| {
            let (a, b) = (r[0] + r[2], r[0] - r[2]);
            let (c, d) = (sine(r[1]) - cosine(r[3]), cosine(r[1]) + sine(r[3]));
            [a + d, b + c, b - c, a - d]
        };
        let (mut middle, mut out) = ([0; 16], [0; 16]);
        for x in 0..4 {
            let column = pass([block[x], block[4 + x], block[8 + x], block[12 + x]]);
            (0..4).for_each(|y| middle[4 * y + x] = column[y]);
        }
        for y in 0..4 {
            let row = &middle[4 * y..][..4];
            let row = pass([row[0] + 4, row[1], row[2], row[3]]);
            (0..4).for_each(|x| out[4 * y + x] = row[x] >> 3);
        }
        out
    }

    #[test]
    fn two_blocks_at_once_are_the_definition() {
        let mut state = 3_u32;
        let mut next = |most: i32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 12) as i32 % (2 * most + 1) - most
        };
        for round in 0..2000 {
            let most = [1, 20, 300, 2000][round % 4];
            let blocks: [[i32; 16]; 2] = std::array::from_fn(|_| {
                std::array::from_fn(|i| if round % 3 == 0 && i > 0 { 0 } else { next(most) })
            });
            let mut pair = [0_i16; PAIR];
            for (n, block) in blocks.iter().enumerate() {
                (0..16).for_each(|i| pair[i / 4 * 8 + 4 * n + i % 4] = block[i] as i16);
            }
            let mut found = [pair; 3];
            inverse_dct::<scalar::Lanes>(&mut found[0]);
            inverse_dct::<simd::Base>(&mut found[1]);
            if round % 3 == 0 {
                inverse_dct_of_dc(&mut found[2]);
            } else {
                found[2] = found[0];
            }
            for found in found {
                for (n, block) in blocks.iter().enumerate() {
                    let got: [i32; 16] = std::array::from_fn(|i| i32::from(found[i / 4 * 8 + 4 * n + i % 4]));
                    assert_eq!(got, definition(*block), "round {round}");
                }
            }
        }
    }

    #[test]
    fn a_single_walsh_coefficient_is_spread_evenly() {
        let mut block = [0; 16];
        block[0] = 100;
        assert_eq!(inverse_wht(&block), [(100 + 3) >> 3; 16]);
    }
}
