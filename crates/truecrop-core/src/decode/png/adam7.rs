//! The seven passes of an Adam7 picture (W3C PNG, 8.1): their sizes, and where their pixels lie in a window.

use super::expand::Expand;
use crate::decode::Window;
use crate::geometry::Size;
use crate::probe::formats::PngFacts;

/// First column and row of each pass, and the steps between its columns and rows.
const PASSES: [[u32; 4]; 7] =
    [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]];

/// One pass, and the part of it that the window needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pass {
    /// First row and the step between rows, in rows of the picture.
    top: u32,
    down: u32,
    /// Rows of the pass.
    pub(super) rows: u32,
    /// Bytes of a row, without its filter byte.
    pub(super) length: usize,
    /// The row after the last one that the window needs; 0 when it needs none.
    pub(super) end_row: u32,
    /// The first of the pass's columns that the window needs, and how many it needs.
    first: usize,
    count: usize,
    /// Where they go in the window's row: the first column, and the step.
    window_column: usize,
    across: usize,
}

/// The passes that have pixels, in the order of the file.
pub(super) fn passes(facts: &PngFacts, size: Size, window: &Window) -> Vec<Pass> {
    let all = PASSES.into_iter().filter(|[x, y, ..]| *x < size.width && *y < size.height);
    all.map(|pass| Pass::new(facts, size, window, pass)).collect()
}

impl Pass {
    fn new(facts: &PngFacts, size: Size, window: &Window, [left, top, across, down]: [u32; 4]) -> Self {
        // how many of its columns or rows lie before a coordinate
        let before = |end: u32, start: u32, step: u32| end.saturating_sub(start).div_ceil(step);
        let columns = before(size.width, left, across);
        let first = before(window.x, left, across);
        let count = before(window.x + window.width, left, across) - first;
        let end_row = before(window.y + window.height, top, down);
        let needed = count > 0 && end_row > before(window.y, top, down);
        Self {
            top,
            down,
            rows: before(size.height, top, down),
            length: facts.row_bytes(columns),
            end_row: if needed { end_row } else { 0 },
            first: first as usize,
            count: count as usize,
            window_column: (left + first * across).saturating_sub(window.x) as usize,
            across: across as usize,
        }
    }

    /// Inflated bytes of all its rows.
    pub(super) fn bytes(&self) -> u64 {
        u64::from(self.rows) * (self.length as u64 + 1)
    }

    /// The pass's row that lies on row `y` of the picture, if there is one.
    pub(super) fn row_at(&self, y: u32) -> Option<u32> {
        let below = y.checked_sub(self.top)?;
        (below % self.down == 0).then_some(below / self.down)
    }

    /// The row of the picture that a row of the pass lies on.
    pub(super) fn y_of(&self, row: u32) -> u32 {
        self.top + row * self.down
    }

    /// Writes the pixels of the unfiltered row `from` to their columns of the window's row `to`.
    pub(super) fn scatter(&self, expand: &Expand, from: &[u8], to: &mut [u8], scratch: &mut Vec<u8>) {
        let samples = expand.run(from, self.first, self.count, scratch);
        match expand.pixel_bytes() {
            1 => self.spread::<1>(samples, to),
            2 => self.spread::<2>(samples, to),
            3 => self.spread::<3>(samples, to),
            4 => self.spread::<4>(samples, to),
            6 => self.spread::<6>(samples, to),
            _ => self.spread::<8>(samples, to),
        }
    }

    fn spread<const N: usize>(&self, samples: &[u8], to: &mut [u8]) {
        let places = to.as_chunks_mut::<N>().0.iter_mut().skip(self.window_column).step_by(self.across);
        for (to, from) in places.zip(samples.as_chunks::<N>().0) {
            *to = *from;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> PngFacts {
        PngFacts { color: 0, bits: 8, palette: Vec::new(), transparent: None, data: 0, intact: true }
    }

    #[test]
    fn every_pixel_of_a_window_comes_from_one_pass() {
        let facts = facts();
        let expand = Expand::new(&facts);
        for (width, height) in [(1, 1), (3, 5), (8, 8), (13, 9), (17, 1), (1, 17)] {
            let size = Size::new(width, height);
            for x in 0..width {
                for y in 0..height {
                    let window = Window { x, y, width: (width - x).min(6), height: (height - y).min(6) };
                    let mut seen = vec![0; window.pixels() as usize];
                    for pass in passes(&facts, size, &window) {
                        for row in 0..pass.end_row {
                            let Some(line) = pass.y_of(row).checked_sub(y) else { continue };
                            assert_eq!(pass.row_at(line + y), Some(row));
                            let mut to = vec![0; window.width as usize];
                            pass.scatter(&expand, &vec![1; pass.length], &mut to, &mut Vec::new());
                            let start = (line * window.width) as usize;
                            seen[start..].iter_mut().zip(to).for_each(|(sum, one)| *sum += one);
                        }
                    }
                    assert!(seen.iter().all(|&n| n == 1), "{window:?} of {size:?}: {seen:?}");
                }
            }
        }
    }
}
