//! Holds one component's samples, as far as the window needs them: two or three MCU rows at a time.

use super::block::Block;
use super::block_size::{BlockShape, BlockSize};
use super::grid::ComponentGrid;
use super::header::QuantTable;
use super::idct;
use crate::simd::Unit;
use std::sync::Arc;

/// Unused samples after each row, so that vectors may read and write past its end.
pub(super) const ROW_PADDING: usize = 8;

/// Where the samples of a row of blocks begin in a [`Plane`].
#[derive(Clone, Copy, Debug)]
pub(super) struct BlockRow(usize);

/// One component's samples: a ring of rows, in which later MCU rows overwrite earlier ones.
pub(super) struct Plane {
    pub(super) grid: ComponentGrid,
    quant: Arc<QuantTable>,
    unit: Unit,
    data: Vec<u8>,
    stride: usize,
    /// Sample rows that `data` holds.
    rows: u32,
}

impl Plane {
    pub(super) fn new(grid: ComponentGrid, quant: Arc<QuantTable>) -> Self {
        let stride = grid.needed_columns.len() * grid.shape.across.samples() as usize;
        let rows = rows_held(&grid);
        let data = vec![0; stride * rows as usize + ROW_PADDING];
        Self { data, stride, rows, grid, quant, unit: Unit::best() }
    }

    /// Bytes that [`Plane::new`] takes.
    pub(super) fn bytes(grid: &ComponentGrid) -> u64 {
        let stride = u64::from(grid.needed_columns.len() as u32 * grid.shape.across.samples());
        stride * u64::from(rows_held(grid)) + ROW_PADDING as u64
    }

    /// Where the samples of block row `y` begin, if the window needs them.
    pub(super) fn block_row(&self, y: u32) -> Option<BlockRow> {
        let top = ((y * self.grid.shape.down.samples()) % self.rows) as usize;
        self.grid.needed_rows.contains(&y).then_some(BlockRow(top * self.stride))
    }

    /// Whether the window needs block column `x`.
    #[inline(always)]
    pub(super) fn needs(&self, x: u32) -> bool {
        self.grid.needed_columns.contains(&x)
    }

    /// Turns the block in column `x` into samples; the window must need it. `last`: see [`idct::samples`].
    #[inline(always)]
    pub(super) fn put(&mut self, BlockRow(start): BlockRow, x: u32, block: &Block, last: u32) {
        let at = start + ((x - self.grid.needed_columns.start) * self.grid.shape.across.samples()) as usize;
        let Some(out) = self.data.get_mut(at..) else { return };
        match self.grid.shape {
            // at 1/8, decoding a whole picture is little else than this
            BlockShape { across: BlockSize::One, down: BlockSize::One } => {
                out.iter_mut().take(1).for_each(|sample| *sample = idct::flat(block, &self.quant))
            }
            shape => idct::samples(self.unit, shape, block, last, &self.quant, out, self.stride),
        }
    }

    /// Makes the block in column `x` gray if the window needs it: data that the file lacks shows as gray.
    pub(super) fn clear(&mut self, row: BlockRow, x: u32) {
        if self.needs(x) {
            self.put(row, x, &[0; 64], 0);
        }
    }

    /// Sample row `y`, with [`ROW_PADDING`] more samples after it, and the column of its first sample.
    pub(super) fn row(&self, y: u32) -> (&[u8], u32) {
        let at = (y % self.rows) as usize * self.stride;
        let first = self.grid.needed_columns.start * self.grid.shape.across.samples();
        (&self.data[at..at + self.stride + ROW_PADDING], first)
    }
}

/// Sample rows that a plane holds at once.
fn rows_held(grid: &ComponentGrid) -> u32 {
    grid.down.mcu_rows() * grid.v * grid.shape.down.samples()
}
