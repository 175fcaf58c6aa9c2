//! Holds one component's samples, as far as the window needs them: two or three MCU rows at a time.

use super::block::Block;
use super::block_size::{BlockShape, BlockSize};
use super::edge_block;
use super::grid::ComponentGrid;
use super::header::QuantTable;
use super::idct;
use crate::simd::Unit;
use std::sync::Arc;

/// Unused samples after each row, so that vectors may read and write past its end.
pub(super) const ROW_PADDING: usize = 8;

/// A row of blocks that the window needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct BlockRow {
    /// Its number.
    y: u32,
    /// Where its samples begin in the [`Plane`].
    start: usize,
    /// The needed columns whose blocks do not reach beyond the picture's edge: `first..end`.
    first: u32,
    end: u32,
}

impl BlockRow {
    /// Whether the window needs block column `x`, and its block here does not reach beyond the picture's edge.
    #[inline(always)]
    pub(super) fn is_inner(&self, x: u32) -> bool {
        x >= self.first && x < self.end
    }
}

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

    /// Block row `y`, if the window needs it.
    pub(super) fn block_row(&self, y: u32) -> Option<BlockRow> {
        let top = ((y * self.grid.shape.down.samples()) % self.rows) as usize;
        let (needed, edge) = (&self.grid.needed_columns, self.grid.first_edge_block(y));
        let row = BlockRow { y, start: top * self.stride, first: needed.start, end: needed.end.min(edge) };
        self.grid.needed_rows.contains(&y).then_some(row)
    }

    /// Whether the window needs block column `x`.
    #[inline(always)]
    pub(super) fn needs(&self, x: u32) -> bool {
        self.grid.needed_columns.contains(&x)
    }

    /// Turns the block in column `x` into samples; the window must need it. `last`: see [`idct::samples`].
    #[inline(always)]
    pub(super) fn put(&mut self, row: &BlockRow, x: u32, block: &Block, last: u32) {
        if row.is_inner(x) { self.put_inner(row, x, block, last) } else { self.put_edge(row, x, block, last) }
    }

    /// [`Plane::put`] for a block that [`BlockRow::is_inner`].
    #[inline(always)]
    pub(super) fn put_inner(&mut self, row: &BlockRow, x: u32, block: &Block, last: u32) {
        let at =
            row.start + ((x - self.grid.needed_columns.start) * self.grid.shape.across.samples()) as usize;
        let Some(out) = self.data.get_mut(at..) else { return };
        match self.grid.shape {
            // at 1/8, decoding a whole picture is little else than this
            BlockShape { across: BlockSize::One, down: BlockSize::One } => {
                out.iter_mut().take(1).for_each(|sample| *sample = idct::flat(block, &self.quant))
            }
            shape => idct::samples(self.unit, shape, block, last, &self.quant, out, self.stride),
        }
    }

    /// [`Plane::put`] for a block that reaches beyond the picture's edge: only what is seen of it counts.
    #[cold]
    #[inline(never)]
    pub(super) fn put_edge(&mut self, row: &BlockRow, x: u32, block: &Block, last: u32) {
        let at =
            row.start + ((x - self.grid.needed_columns.start) * self.grid.shape.across.samples()) as usize;
        let Some(out) = self.data.get_mut(at..) else { return };
        let shape = (self.grid.shape, self.grid.seen(x, row.y));
        edge_block::samples(self.unit, shape, block, last, &self.quant, out, self.stride);
    }

    /// Makes the block in column `x` gray if the window needs it: data that the file lacks shows as gray.
    pub(super) fn clear(&mut self, row: &BlockRow, x: u32) {
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
