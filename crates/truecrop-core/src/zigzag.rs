//! The order in which a JPEG file stores the 64 coefficients of a block (T.81, figure A.6), for the decoder and the encoder.

/// Natural (row by row) index of the coefficient at each zigzag index.
#[rustfmt::skip]
pub(crate) const NATURAL: [u8; 64] = [
     0,  1,  8, 16,  9,  2,  3, 10, 17, 24, 32, 25, 18, 11,  4,  5,
    12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13,  6,  7, 14, 21, 28,
    35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
    58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// [`NATURAL`] with 16 entries more, because runs in damaged data may end up to 16 past the block: those land on the
/// last coefficient, as in libjpeg.
pub(crate) const NATURAL_PADDED: [u8; 80] = {
    let mut padded = [63; 80];
    let mut k = 0;
    while k < 64 {
        padded[k] = NATURAL[k];
        k += 1;
    }
    padded
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_a_permutation_of_neighbouring_diagonals() {
        let mut seen = [false; 64];
        for pair in NATURAL.windows(2) {
            let diagonal = |n: u8| n / 8 + n % 8;
            assert!(diagonal(pair[1]) - diagonal(pair[0]) <= 1);
        }
        NATURAL.iter().for_each(|&n| seen[usize::from(n)] = true);
        assert_eq!(seen, [true; 64]);
    }
}
