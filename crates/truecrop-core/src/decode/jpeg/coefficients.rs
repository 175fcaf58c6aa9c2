//! Holds one component's coefficients of an MCU row, while the scans of a file with several add to them.

use super::block::Block;
use super::grid::ComponentGrid;
use super::header::{Component, FrameHeader};
use std::ops::Range;

/// One component's coefficients of an MCU row.
pub(super) struct Coefficients {
    /// For each block of the picture's MCU row, the zigzag indices of the AC coefficients that are not zero.
    pub(super) set: Vec<u64>,
    /// Blocks in a row.
    stride: usize,
    /// The values of the blocks in the columns that the window needs.
    pub(super) blocks: Vec<Block>,
    columns: Range<u32>,
}

impl Coefficients {
    pub(super) fn new(frame: &FrameHeader, component: &Component, grid: &ComponentGrid) -> Self {
        let stride = (frame.mcus().0 * component.h) as usize;
        let (count, needed) =
            (stride * component.v as usize, grid.needed_columns.len() * component.v as usize);
        Self {
            set: vec![0; count],
            stride,
            blocks: vec![[0; 64]; needed],
            columns: grid.needed_columns.clone(),
        }
    }

    /// Bytes that [`Coefficients::new`] takes.
    fn bytes(frame: &FrameHeader, component: &Component, grid: &ComponentGrid) -> u64 {
        let rows = u64::from(component.v);
        rows * (u64::from(frame.mcus().0 * component.h) * 8
            + grid.needed_columns.len() as u64 * size_of::<Block>() as u64)
    }

    /// Whether no block in row `dy` of the MCU row has AC coefficients so far.
    pub(super) fn nothing_set(&self, dy: u32) -> bool {
        let row = &self.set[dy as usize * self.stride..][..self.stride];
        row.iter().fold(0, |any, set| any | set) == 0
    }

    /// Sets the blocks of row `dy` of the MCU row to zero: from column `whole_from` on all of their coefficients, before it
    /// the first alone, because no other was ever set there.
    pub(super) fn clear_values(&mut self, dy: u32, whole_from: u32) {
        let columns = self.columns.len();
        let row = &mut self.blocks[dy as usize * columns..][..columns];
        let first_whole = whole_from.saturating_sub(self.columns.start).min(columns as u32);
        let (first_only, whole) = row.split_at_mut(first_whole as usize);
        first_only.iter_mut().for_each(|block| block[0] = 0);
        whole.fill([0; 64]);
    }

    /// Of the block in column `x` and row `dy` of the MCU row: which coefficients are set, and the values if the window
    /// needs them.
    #[inline(always)]
    pub(super) fn at(&mut self, x: u32, dy: u32, needed_row: bool) -> (&mut u64, Option<&mut Block>) {
        let set = &mut self.set[dy as usize * self.stride + x as usize];
        if !needed_row || !self.columns.contains(&x) {
            return (set, None);
        }
        let at = dy as usize * self.columns.len() + (x - self.columns.start) as usize;
        (set, self.blocks.get_mut(at))
    }
}

/// Bytes of one MCU row of coefficients.
pub(super) fn coefficient_bytes<'a>(
    frame: &FrameHeader,
    grids: impl Iterator<Item = &'a ComponentGrid>,
) -> u64 {
    frame.components.iter().zip(grids).map(|(c, grid)| Coefficients::bytes(frame, c, grid)).sum()
}
