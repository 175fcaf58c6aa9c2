//! The rows of one plane that are held: a row of macroblocks, and the last rows above it.

use crate::vp8::predict::{ABOVE_FRAME, Around, LEFT_OF_FRAME};

/// Unused samples behind the rows, so that vectors may read and write past their end.
pub(super) const PADDING: usize = 32;

pub(super) struct PlaneBand {
    pub(super) samples: Vec<u8>,
    pub(super) stride: usize,
    /// Samples of a macroblock's side: 16 or 8.
    pub(super) side: usize,
    /// The last row above, before it was filtered, and the samples behind its end.
    above: Vec<u8>,
    /// The row of macroblocks that is held.
    row: usize,
}

impl PlaneBand {
    /// For rows of so many macroblocks of `side` samples.
    pub(super) fn new(columns: usize, side: usize) -> Self {
        let stride = columns * side;
        let samples = vec![0; stride * (side + kept(side)) + PADDING];
        Self { samples, stride, side, above: vec![ABOVE_FRAME; stride + PADDING], row: 0 }
    }

    /// Bytes that [`PlaneBand::new`] takes.
    pub(super) fn memory_bytes(columns: u64, side: u64) -> u64 {
        columns * side * (side + kept(side as usize) as u64 + 1) + 2 * PADDING as u64
    }

    /// Goes on to the next row of macroblocks.
    pub(super) fn advance(&mut self) {
        let kept = kept(self.side) * self.stride;
        self.samples.copy_within(self.side * self.stride..self.side * self.stride + kept, 0);
        self.row += 1;
    }

    /// Where the first sample of a macroblock is.
    pub(super) fn place(&self, column: usize) -> usize {
        kept(self.side) * self.stride + column * self.side
    }

    /// Keeps the last row for the prediction of the next macroblocks, before it is filtered.
    pub(super) fn keep_last_row(&mut self) {
        let last = (kept(self.side) + self.side - 1) * self.stride;
        self.above[..self.stride].copy_from_slice(&self.samples[last..last + self.stride]);
        let end = self.above[self.stride - 1];
        self.above[self.stride..].fill(end);
    }

    /// What a macroblock is predicted from, with the four samples behind the row above it; and where it lies.
    pub(super) fn around(&mut self, column: usize) -> (Around<'_>, [u8; 4], &mut [u8]) {
        let (at, x) = (self.place(column), column * self.side);
        let mut left = [LEFT_OF_FRAME; 16];
        if column > 0 {
            for (y, left) in left[..self.side].iter_mut().enumerate() {
                *left = self.samples[at - 1 + y * self.stride];
            }
        }
        let corner = match (column, self.row) {
            (_, 0) => ABOVE_FRAME,
            (0, _) => LEFT_OF_FRAME,
            _ => self.above[x - 1],
        };
        let above = &self.above[x..x + self.side + 8];
        let behind = std::array::from_fn(|i| above[self.side + i]);
        let inside = [self.row > 0, column > 0];
        (Around { above, left, corner, inside }, behind, &mut self.samples[at..])
    }

    /// A row of the plane that is held, from its start on to beyond its end.
    pub(super) fn row(&self, y: usize) -> &[u8] {
        let first = (self.row * self.side) as isize - kept(self.side) as isize;
        let at = (y as isize - first).max(0) as usize * self.stride;
        self.samples.get(at..).unwrap_or_default()
    }
}

/// Rows above a row of macroblocks that are still needed: they are filtered along with it, and given after it.
fn kept(side: usize) -> usize {
    side / 2
}
