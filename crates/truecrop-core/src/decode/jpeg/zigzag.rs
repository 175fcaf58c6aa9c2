//! The order of the coefficients in the file.

/// Natural (row by row) index of the coefficient at each zigzag index. Damaged data may run up to 16 past the end:
/// those land on the last coefficient, as in libjpeg.
pub(super) const NATURAL: [u8; 80] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, //
    12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28, //
    35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, //
    58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63, //
    63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63,
];

/// The last zigzag index of the square of the `n` x `n` lowest coefficients.
pub(super) fn last_of_square(n: u32) -> usize {
    let inside = |&k: &usize| {
        let at = u32::from(NATURAL[k]);
        at / 8 < n && at % 8 < n
    };
    (0..64).rev().find(inside).unwrap_or(63)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_a_permutation_of_neighbouring_diagonals() {
        let mut seen = [false; 64];
        for pair in NATURAL[..64].windows(2) {
            let diagonal = |n: u8| n / 8 + n % 8;
            assert!(diagonal(pair[1]) - diagonal(pair[0]) <= 1);
        }
        NATURAL[..64].iter().for_each(|&n| seen[usize::from(n)] = true);
        assert_eq!(seen, [true; 64]);
    }

    #[test]
    fn squares_end_at_their_corner() {
        let ends: Vec<_> = (1..=8).map(last_of_square).collect();
        assert_eq!(ends, [0, 4, 12, 24, 39, 51, 59, 63]);
    }
}
