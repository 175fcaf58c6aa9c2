//! The transforms of blocks of 4 x 4 (RFC 6386, 14): forward ones of our own, and the inverse ones that decoders have.
//!
//! Coefficients are twice as large as those of the orthonormal transform; those of the DCs' transform four times.

/// A block of 4 x 4 in rows.
pub(super) type Block = [i32; 16];

/// sqrt(2) cos(pi / 8) - 1 and sqrt(2) sin(pi / 8), in 1/65536.
const COS_MINUS_ONE: i32 = 20_091;
const SIN: i32 = 35_468;
/// The same two, in 1/4096, for the forward transform.
const FORWARD_COS: i32 = 5352;
const FORWARD_SIN: i32 = 2217;

/// The coefficients of a block of differences.
#[inline(always)]
pub(super) fn forward(differences: &Block) -> Block {
    let mut rows = [0; 16];
    for y in 0..4 {
        let [a, b, c, d] = [0, 1, 2, 3].map(|x| differences[4 * y + x]);
        let (outer, inner, twist, slope) = (a + d, b + c, b - c, a - d);
        rows[4 * y] = (outer + inner) * 8;
        rows[4 * y + 1] = (twist * FORWARD_SIN + slope * FORWARD_COS + 256) >> 9;
        rows[4 * y + 2] = (outer - inner) * 8;
        rows[4 * y + 3] = (slope * FORWARD_SIN - twist * FORWARD_COS + 256) >> 9;
    }
    let mut out = [0; 16];
    for x in 0..4 {
        let [a, b, c, d] = [0, 1, 2, 3].map(|y| rows[4 * y + x]);
        let (outer, inner, twist, slope) = (a + d, b + c, b - c, a - d);
        out[x] = (outer + inner + 8) >> 4;
        out[4 + x] = (twist * FORWARD_SIN + slope * FORWARD_COS + (1 << 15)) >> 16;
        out[8 + x] = (outer - inner + 8) >> 4;
        out[12 + x] = (slope * FORWARD_SIN - twist * FORWARD_COS + (1 << 15)) >> 16;
    }
    out
}

#[inline(always)]
fn inverse_four([a, b, c, d]: [i32; 4]) -> [i32; 4] {
    let (even, odd) = (a + c, a - c);
    let low = ((b * SIN) >> 16) - (d + ((d * COS_MINUS_ONE) >> 16));
    let high = b + ((b * COS_MINUS_ONE) >> 16) + ((d * SIN) >> 16);
    [even + high, odd + low, odd - low, even - high]
}

/// The differences of a block of coefficients (14.3).
#[inline(always)]
pub(super) fn inverse(coefficients: &Block) -> Block {
    let mut columns = [0; 16];
    for x in 0..4 {
        let four = inverse_four([0, 4, 8, 12].map(|y| coefficients[y + x]));
        (0..4).for_each(|y| columns[4 * y + x] = four[y]);
    }
    let mut out = [0; 16];
    for y in 0..4 {
        let four = inverse_four([0, 1, 2, 3].map(|x| columns[4 * y + x]));
        (0..4).for_each(|x| out[4 * y + x] = (four[x] + 4) >> 3);
    }
    out
}

#[inline(always)]
fn hadamard([a, b, c, d]: [i32; 4]) -> [i32; 4] {
    let (outer, inner, twist, slope) = (a + d, b + c, b - c, a - d);
    [outer + inner, twist + slope, outer - inner, slope - twist]
}

fn hadamard_both(values: &Block) -> Block {
    let mut columns = [0; 16];
    for x in 0..4 {
        let four = hadamard([0, 4, 8, 12].map(|y| values[y + x]));
        (0..4).for_each(|y| columns[4 * y + x] = four[y]);
    }
    let mut out = [0; 16];
    for y in 0..4 {
        let four = hadamard([0, 1, 2, 3].map(|x| columns[4 * y + x]));
        out[4 * y..4 * y + 4].copy_from_slice(&four);
    }
    out
}

/// The coefficients of a macroblock's sixteen DCs.
pub(super) fn forward_dcs(dcs: &Block) -> Block {
    hadamard_both(dcs).map(|sum| (sum + 1) >> 1)
}

/// The DCs of their coefficients (14.3).
pub(super) fn inverse_dcs(coefficients: &Block) -> Block {
    hadamard_both(coefficients).map(|sum| (sum + 3) >> 3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn differences_come_back(differences in prop::array::uniform16(-255..=255i32)) {
            for (before, after) in differences.iter().zip(inverse(&forward(&differences))) {
                prop_assert!((before - after).abs() <= 2, "{before} became {after}");
            }
            let dcs = differences.map(|d| 8 * d);
            for (before, after) in dcs.iter().zip(inverse_dcs(&forward_dcs(&dcs))) {
                prop_assert!((before - after).abs() <= 1, "{before} became {after}");
            }
        }
    }
}
