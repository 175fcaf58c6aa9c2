//! Filters rows (W3C PNG, 9), and chooses the filter of each row.

/// Bytes whose differences are added up in 16 bits: 256 x 128 still fits.
const BLOCK: usize = 256;

/// Writes a row's differences, and returns the sum of their absolute values.
type Filter = fn(&RowFilter, &mut [u8]) -> u64;

/// The filters in the order in which they are tried. Of two that are equally good, the later one is taken.
const FILTERS: [(u8, Filter); 4] = [
    (2, |rows, to| rows.differences(to, |_, above, _| above)),
    (1, |rows, to| rows.differences(to, |left, _, _| left)),
    (3, |rows, to| rows.differences(to, |left, above, _| (left & above) + ((left ^ above) >> 1))),
    (4, |rows, to| rows.differences(to, paeth)),
];

/// A row, the row above, and the results of the filters.
pub(super) struct RowFilter {
    /// Bytes of a pixel.
    pixel: usize,
    /// A pixel of zeros, which stands to the left of every row, and the row.
    row: Vec<u8>,
    /// The same of the row above.
    above: Vec<u8>,
    /// The best result so far: the filter's type, then the differences.
    best: Vec<u8>,
    /// The result of the filter that is being tried.
    attempt: Vec<u8>,
}

impl RowFilter {
    /// For rows of `length` bytes; the next row is the first one.
    pub(super) fn new(pixel: usize, length: usize) -> Self {
        let padded = || vec![0; pixel + length];
        let filtered = || vec![0; 1 + length];
        Self { pixel, row: padded(), above: padded(), best: filtered(), attempt: filtered() }
    }

    /// Filters the next row with the filter whose differences have the smallest sum of absolute values. Returns the
    /// filter's type, then the differences.
    pub(super) fn filter(&mut self, row: &[u8]) -> &[u8] {
        std::mem::swap(&mut self.row, &mut self.above);
        self.row[self.pixel..].copy_from_slice(row);
        let mut least = u64::MAX;
        let [mut best, mut attempt] = [&mut self.best, &mut self.attempt].map(std::mem::take);
        for (number, filter) in FILTERS {
            attempt[0] = number;
            let sum = filter(self, &mut attempt[1..]);
            if sum <= least {
                least = sum;
                std::mem::swap(&mut best, &mut attempt);
            }
            if least == 0 {
                break;
            }
        }
        (self.best, self.attempt) = (best, attempt);
        &self.best
    }

    /// The differences between a row's bytes and their predictions from the bytes to the left, above, and above to the
    /// left. Returns the sum of their absolute values.
    #[inline(always)]
    fn differences(&self, to: &mut [u8], guess: impl Fn(u8, u8, u8) -> u8) -> u64 {
        let (row, above) = (&self.row[self.pixel..], &self.above[self.pixel..]);
        let (left, corner) = (&self.row[..row.len()], &self.above[..row.len()]);
        let mut sum = 0;
        let blocks = to.chunks_mut(BLOCK).zip(row.chunks(BLOCK));
        let around = left.chunks(BLOCK).zip(above.chunks(BLOCK)).zip(corner.chunks(BLOCK));
        for ((to, row), ((left, above), corner)) in blocks.zip(around) {
            let mut distances = 0u16;
            let bytes = to.iter_mut().zip(row);
            for ((to, byte), ((left, above), corner)) in bytes.zip(left.iter().zip(above).zip(corner)) {
                *to = byte.wrapping_sub(guess(*left, *above, *corner));
                distances += u16::from((*to).min(to.wrapping_neg()));
            }
            sum += u64::from(distances);
        }
        sum
    }
}

/// The Paeth predictor: the neighbour that is nearest to left + above - corner; ties go to left, then to above.
///
/// The distances of left, above and corner are |above - corner|, |left - corner|, and the absolute sum of the two
/// differences. Where the corner lies between the others, the differences have opposite signs, so the sum is the
/// difference of their sizes. Elsewhere the sum is the largest of the three, and the corner is never chosen. So bytes are
/// enough, and there are no branches.
#[inline(always)]
fn paeth(left: u8, above: u8, corner: u8) -> u8 {
    let (to_left, to_above) = (above.abs_diff(corner), left.abs_diff(corner));
    let between = (left < corner) != (above < corner);
    let to_corner = if between { to_left.abs_diff(to_above) } else { u8::MAX };
    let (nearest, distance) = if to_above < to_left { (above, to_above) } else { (left, to_left) };
    if to_corner < distance { corner } else { nearest }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paeth_is_the_specifications() {
        for i in 0..1u32 << 24 {
            let [left, above, corner, _] = i.to_le_bytes();
            let [a, b, c] = [left, above, corner].map(i32::from);
            let estimate = a + b - c;
            let nearest = [left, above, corner].into_iter().min_by_key(|n| (i32::from(*n) - estimate).abs());
            assert_eq!(Some(paeth(left, above, corner)), nearest, "{left} {above} {corner}");
        }
    }
}
