//! From a band of pixels to its quantised blocks, in the order of the scan.

use super::Frame;
use super::fdct::{self, Divisor};
use super::planes::Planes;
use super::scan::Blocks;

/// One row of MCUs.
pub(super) struct Band<'a> {
    pub(super) frame: Frame,
    pub(super) number: usize,
    /// Of luma and chroma.
    pub(super) divisors: &'a [Divisor; 2],
}

impl Band<'_> {
    /// Codes the band of these RGB pixels.
    pub(super) fn code(&self, pixels: &[u8], planes: &mut Planes, blocks: &mut Blocks) {
        #[cfg(target_arch = "x86_64")]
        if crate::simd::Unit::best() == crate::simd::Unit::Avx2 {
            // SAFETY: the machine has it.
            return unsafe { self.code_avx2(pixels, planes, blocks) };
        }
        self.code_plain(pixels, planes, blocks);
    }

    /// The same code, with more lanes.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn code_avx2(&self, pixels: &[u8], planes: &mut Planes, blocks: &mut Blocks) {
        self.code_plain(pixels, planes, blocks);
    }

    #[inline(always)]
    pub(super) fn code_plain(&self, pixels: &[u8], planes: &mut Planes, blocks: &mut Blocks) {
        planes.take(pixels, self.number);
        let factor = self.frame.factor as usize;
        for mcu in 0..self.frame.across() {
            for (i, &component) in self.frame.blocks().iter().enumerate() {
                let (column, row) =
                    if component == 0 { self.frame.place(mcu, self.number, i) } else { (mcu, 0) };
                if component == 0 && self.frame.is_beside((column, row)) {
                    blocks.push_empty(component);
                } else {
                    self.block(planes, blocks, component, (column, row % factor));
                }
            }
        }
        blocks.end_band();
    }

    #[inline(always)]
    fn block(&self, planes: &Planes, blocks: &mut Blocks, component: usize, (column, row): (usize, usize)) {
        let (samples, stride) = planes.component(component);
        let from = 8 * row * stride + 8 * column;
        let turned = fdct::transform(&samples[from..], stride, &self.divisors[component.min(1)]);
        blocks.push_block(component, &turned);
    }
}
