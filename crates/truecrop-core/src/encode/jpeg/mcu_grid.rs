//! How a picture is divided into MCUs and blocks, and at which qualities chroma has half the density.

use crate::geometry::Size;

/// From this quality on, chroma keeps its full density.
pub(super) const FULL_CHROMA: u8 = 90;

/// A picture of some size, divided into MCUs.
#[derive(Clone, Copy)]
pub(super) struct McuGrid {
    pub(super) size: Size,
    /// Blocks of luma in one MCU, across and down: 1, or 2 where chroma has half the density.
    pub(super) factor: u32,
}

impl McuGrid {
    pub(super) fn new(size: Size, quality: u8) -> Self {
        Self { size, factor: if quality >= FULL_CHROMA { 1 } else { 2 } }
    }

    /// MCUs in a row.
    pub(super) fn mcus_across(self) -> usize {
        self.size.width.div_ceil(8 * self.factor) as usize
    }

    /// Rows of MCUs.
    pub(super) fn mcu_rows(self) -> usize {
        self.size.height.div_ceil(8 * self.factor) as usize
    }

    /// Blocks of all components.
    pub(super) fn block_count(self) -> u64 {
        (self.mcus_across() * self.components().len()) as u64 * self.mcu_rows() as u64
    }

    /// Columns of pixels, filled up to whole MCUs.
    pub(super) fn padded_width(self) -> usize {
        self.mcus_across() * 8 * self.factor as usize
    }

    /// The component of each block of an MCU, in the order of the scan.
    pub(super) fn components(self) -> &'static [usize] {
        if self.factor == 1 { &[0, 1, 2] } else { &[0, 0, 0, 0, 1, 2] }
    }

    /// Column and row of a block of luma among all blocks of luma. `block`: its number in the MCU.
    pub(super) fn luma_position(self, mcu: usize, mcu_row: usize, block: usize) -> (usize, usize) {
        let factor = self.factor as usize;
        (mcu * factor + block % factor, mcu_row * factor + block / factor)
    }

    /// Whether this block of luma, given by column and row, has no pixel of the picture.
    pub(super) fn is_outside(self, (column, row): (usize, usize)) -> bool {
        8 * column >= self.size.width as usize || 8 * row >= self.size.height as usize
    }
}
