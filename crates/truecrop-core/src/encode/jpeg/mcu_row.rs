//! Encodes one row of MCUs: from pixels to quantised blocks, in the order of the scan.

use super::fdct::{self, Quantizer};
use super::mcu_grid::McuGrid;
use super::planes::Planes;
use super::scan::Blocks;

/// One row of MCUs.
pub(super) struct McuRow<'a> {
    pub(super) grid: McuGrid,
    pub(super) number: usize,
    /// For luma and for chroma.
    pub(super) quantizers: &'a [Quantizer; 2],
}

impl McuRow<'_> {
    /// Makes this row's blocks from the picture's RGB pixels.
    pub(super) fn code(&self, pixels: &[u8], planes: &mut Planes, blocks: &mut Blocks) {
        #[cfg(target_arch = "x86_64")]
        if crate::simd::Unit::best() == crate::simd::Unit::Avx2 {
            // SAFETY: the processor has AVX2.
            return unsafe { self.code_avx2(pixels, planes, blocks) };
        }
        self.code_plain(pixels, planes, blocks);
    }

    /// The same source, compiled for vectors with more lanes.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn code_avx2(&self, pixels: &[u8], planes: &mut Planes, blocks: &mut Blocks) {
        self.code_plain(pixels, planes, blocks);
    }

    /// The source of both.
    #[inline(always)]
    pub(super) fn code_plain(&self, pixels: &[u8], planes: &mut Planes, blocks: &mut Blocks) {
        planes.take(pixels, self.number);
        let factor = self.grid.factor as usize;
        for mcu in 0..self.grid.mcus_across() {
            for (i, &component) in self.grid.components().iter().enumerate() {
                let (column, row) =
                    if component == 0 { self.grid.luma_position(mcu, self.number, i) } else { (mcu, 0) };
                if component == 0 && self.grid.is_outside((column, row)) {
                    blocks.push_empty(component);
                } else {
                    self.block(planes, blocks, component, (column, row % factor));
                }
            }
        }
        blocks.end_mcu_row();
    }

    #[inline(always)]
    fn block(&self, planes: &Planes, blocks: &mut Blocks, component: usize, (column, row): (usize, usize)) {
        let (samples, stride) = planes.component(component);
        let from = 8 * row * stride + 8 * column;
        let transposed = fdct::transform(&samples[from..], stride, &self.quantizers[component.min(1)]);
        blocks.push_block(component, &transposed);
    }
}
