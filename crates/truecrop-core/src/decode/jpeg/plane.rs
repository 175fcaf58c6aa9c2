//! One component's samples, as far as the window needs them: two or three MCU rows at a time.

use super::header::{Component, Frame, Quant};
use super::idct;
use super::zigzag::last_of_square;
use super::{block::Block, upsample};
use crate::decode::DecodePlan;
use crate::simd::Unit;
use std::ops::Range;
use std::sync::Arc;

/// Samples without meaning behind each row, so that vectors may reach over its end.
pub(super) const SPARE: usize = 8;

/// Where a component's blocks and samples lie, at the decode scale.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    /// Sampling factors.
    pub(super) h: u32,
    pub(super) v: u32,
    /// A block gives `size` x `size` samples.
    pub(super) size: u32,
    /// Samples that the component really has, across and down.
    pub(super) width: u32,
    pub(super) height: u32,
    /// Blocks that it really has: what a scan of this component alone codes.
    pub(super) blocks_x: u32,
    pub(super) blocks_y: u32,
    /// Blocks that the window needs.
    pub(super) need_x: Range<u32>,
    pub(super) need_y: Range<u32>,
    /// The last zigzag index that matters at this size.
    pub(super) limit: u32,
    pub(super) across: upsample::Axis,
    pub(super) down: upsample::Axis,
}

impl Shape {
    /// The component's shape for the plan's window and scale.
    pub(super) fn new(frame: &Frame, component: &Component, plan: &DecodePlan) -> Self {
        let (n, window) = (u32::from(plan.scale), &plan.window);
        let (h, v) = (component.h, component.v);
        // libjpeg's rule (jdmaster.c): chroma grows by a larger DCT rather than by upsampling, where that fits
        let fits = |size: u32| {
            (frame.h_max * n).is_multiple_of(h * size) && (frame.v_max * n).is_multiple_of(v * size)
        };
        let mut size = n;
        while !plan.coarse_chroma && size * 2 <= 8 && fits(size * 2) {
            size *= 2;
        }
        let extent = |pixels: u32, factor: u32, max: u32, per_block: u32| {
            (u64::from(pixels) * u64::from(factor * per_block)).div_ceil(u64::from(max * 8)) as u32
        };
        let width = extent(frame.width, h, frame.h_max, size);
        let height = extent(frame.height, v, frame.v_max, size);
        let (across, down) =
            upsample::Axis::pair((h * size, frame.h_max * n), (v * size, frame.v_max * n), width, n == 1);
        let blocks = |needed: Range<u32>| needed.start / size..needed.end.div_ceil(size);
        Self {
            h,
            v,
            size,
            width,
            height,
            blocks_x: extent(frame.width, h, frame.h_max, 8).div_ceil(8),
            blocks_y: extent(frame.height, v, frame.v_max, 8).div_ceil(8),
            need_x: blocks(across.needs(window.x..window.x + window.width, width)),
            need_y: blocks(down.needs(window.y..window.y + window.height, height)),
            limit: last_of_square(size) as u32,
            across,
            down,
        }
    }

    /// The rows of blocks of an MCU row.
    pub(super) fn rows_of(&self, mcu_row: u32) -> Range<u32> {
        mcu_row * self.v..(mcu_row + 1) * self.v
    }

    /// Sample rows that a [`Plane`] holds.
    fn rows(&self) -> u32 {
        self.down.mcu_rows() * self.v * self.size
    }

    /// Bytes of this component's [`Plane`].
    pub(super) fn plane_bytes(&self) -> u64 {
        u64::from(self.need_x.len() as u32 * self.size) * u64::from(self.rows()) + SPARE as u64
    }
}

/// Where the samples of a row of blocks begin in a [`Plane`].
#[derive(Clone, Copy, Debug)]
pub(super) struct BlockRow(usize);

/// The samples.
pub(super) struct Plane {
    pub(super) shape: Shape,
    quant: Arc<Quant>,
    unit: Unit,
    data: Vec<u8>,
    stride: usize,
    /// Sample rows that `data` holds.
    rows: u32,
}

impl Plane {
    pub(super) fn new(shape: Shape, quant: Arc<Quant>) -> Self {
        let stride = shape.need_x.len() * shape.size as usize;
        let rows = shape.rows();
        let data = vec![0; stride * rows as usize + SPARE];
        Self { data, stride, rows, shape, quant, unit: Unit::best() }
    }

    /// Where the samples of a row of blocks begin, if the window needs it.
    pub(super) fn block_row(&self, y: u32) -> Option<BlockRow> {
        let top = ((y * self.shape.size) % self.rows) as usize;
        self.shape.need_y.contains(&y).then_some(BlockRow(top * self.stride))
    }

    /// Whether the window needs a column of blocks.
    #[inline(always)]
    pub(super) fn needs(&self, x: u32) -> bool {
        self.shape.need_x.contains(&x)
    }

    /// Turns a block that the window needs into samples. `last`: see [`idct::samples`].
    #[inline(always)]
    pub(super) fn put(&mut self, BlockRow(start): BlockRow, x: u32, block: &Block, last: u32) {
        let at = start + ((x - self.shape.need_x.start) * self.shape.size) as usize;
        let Some(out) = self.data.get_mut(at..) else { return };
        match self.shape.size {
            // a whole picture at 1/8 is little else than this
            1 => out.iter_mut().take(1).for_each(|sample| *sample = idct::flat(block, &self.quant)),
            size => idct::samples(self.unit, size, block, last, &self.quant, out, self.stride),
        }
    }

    /// Makes a block gray if the window needs it: what is missing in the file shows as such.
    pub(super) fn clear(&mut self, row: BlockRow, x: u32) {
        if self.needs(x) {
            self.put(row, x, &[0; 64], 0);
        }
    }

    /// A row of samples with [`SPARE`] more behind it, and the column that its first one is.
    pub(super) fn row(&self, y: u32) -> (&[u8], u32) {
        let at = (y % self.rows) as usize * self.stride;
        (&self.data[at..at + self.stride + SPARE], self.shape.need_x.start * self.shape.size)
    }
}
