//! One component's blocks and samples at the decode scale: how many there are, which of them the window needs, and how
//! the samples are turned into one per pixel.

use super::block_size::{BlockShape, BlockSize};
use super::header::{Component, FrameHeader};
use crate::decode::DecodePlan;
use std::ops::Range;

/// How a component's samples become one per pixel, along one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Upsampling {
    /// One sample per pixel.
    Same,
    /// Two pixels per sample, by the triangle filter.
    Triangle,
    /// Two pixels per sample, whose mean is the sample.
    Halves,
    /// `pixels` pixels for every `samples` samples: each pixel takes the sample that it lies on.
    Repeat { samples: u32, pixels: u32 },
}

impl Upsampling {
    /// Chooses for both axes, by libjpeg's rules (jdsample.c). `across` and `down` are an MCU's samples and pixels on each
    /// axis, `width` is the component's in samples; `means` says that samples are means of whole blocks.
    pub(super) fn for_axes(across: (u32, u32), down: (u32, u32), width: u32, means: bool) -> (Self, Self) {
        let repeated = |(samples, pixels)| {
            if samples == pixels { Self::Same } else { Self::Repeat { samples, pixels } }
        };
        let twice = |(samples, pixels): (u32, u32)| samples * 2 == pixels;
        let same = |(samples, pixels): (u32, u32)| samples == pixels;
        let two = if means { Self::Halves } else { Self::Triangle };
        match (twice(across), twice(down)) {
            (true, true) if width > 2 => (two, two),
            (true, false) if width > 2 && same(down) => (two, Self::Same),
            (false, true) if same(across) => (Self::Same, two),
            _ => (repeated(across), repeated(down)),
        }
    }

    /// How many MCU rows of samples must be held at once.
    pub(super) fn mcu_rows(self) -> u32 {
        if self == Self::Halves { 3 } else { 2 }
    }

    /// The samples that these pixels are made of. The component has `count` samples along this axis.
    pub(super) fn needs(self, pixels: Range<u32>, count: u32) -> Range<u32> {
        if pixels.is_empty() {
            return 0..0;
        }
        let (first, last) = (pixels.start, pixels.end - 1);
        let (start, end) = match self {
            Self::Same => (first, last),
            Self::Triangle | Self::Halves => ((first / 2).saturating_sub(1), last / 2 + 1),
            Self::Repeat { .. } => (self.nearest(first), self.nearest(last)),
        };
        start.min(count - 1)..(end + 1).min(count)
    }

    /// The sample that a pixel lies on.
    pub(super) fn nearest(self, pixel: u32) -> u32 {
        match self {
            Self::Same => pixel,
            Self::Triangle | Self::Halves => pixel / 2,
            Self::Repeat { samples, pixels } => {
                (u64::from(pixel) * u64::from(samples) / u64::from(pixels)) as u32
            }
        }
    }
}

/// Stands for a column or row of blocks that there is none of.
const NO_EDGE: u32 = u32::MAX;

/// The blocks and samples of a component at the decode scale.
#[derive(Clone, Debug)]
pub(super) struct ComponentGrid {
    /// Sampling factors.
    pub(super) h: u32,
    pub(super) v: u32,
    /// How many samples a block becomes.
    pub(super) shape: BlockShape,
    /// The component's samples across and down, without those that only fill up an MCU.
    pub(super) width: u32,
    pub(super) height: u32,
    /// The component's blocks across and down, without those that only fill up an MCU: what a scan of this component
    /// alone codes.
    pub(super) blocks_x: u32,
    pub(super) blocks_y: u32,
    /// Blocks that the window needs.
    pub(super) needed_columns: Range<u32>,
    pub(super) needed_rows: Range<u32>,
    /// The column and the row of its blocks that reach beyond the picture's edge; [`NO_EDGE`] where none does, and at full
    /// size, where each sample is a pixel or none.
    edge_column: u32,
    edge_row: u32,
    /// How many of a block's 8 samples are seen in that column, and in that row.
    seen: (u32, u32),
    /// The last zigzag index that changes a sample at this size.
    pub(super) limit: u32,
    /// How samples become pixels, across and down.
    pub(super) across: Upsampling,
    pub(super) down: Upsampling,
}

impl ComponentGrid {
    /// The component's grid for the plan's window; `scale` is the plan's scale.
    pub(super) fn new(
        frame: &FrameHeader,
        component: &Component,
        plan: &DecodePlan,
        scale: BlockSize,
    ) -> Self {
        let (n, window) = (scale.samples(), &plan.window);
        let (h, v) = (component.h, component.v);
        // Chroma grows by a larger DCT rather than by upsampling, where that fits. libjpeg-turbo (jdmaster.c) does so only
        // where both axes fit, which leaves 4:2:2 with half of what a crop at a fraction of the size wants to see.
        let grown = |factor: u32, max: u32| {
            let mut size = scale;
            while !plan.coarse_chroma
                && let Some(larger) =
                    size.doubled().filter(|l| (max * n).is_multiple_of(factor * l.samples()))
            {
                size = larger;
            }
            size
        };
        let shape = BlockShape { across: grown(h, frame.h_max), down: grown(v, frame.v_max) };
        let (columns, rows) = (shape.across.samples(), shape.down.samples());
        let extent = |pixels: u32, factor: u32, max: u32, per_block: u32| {
            (u64::from(pixels) * u64::from(factor * per_block)).div_ceil(u64::from(max * 8)) as u32
        };
        let width = extent(frame.width, h, frame.h_max, columns);
        let height = extent(frame.height, v, frame.v_max, rows);
        let (across, down) =
            Upsampling::for_axes((h * columns, frame.h_max * n), (v * rows, frame.v_max * n), width, n == 1);
        let blocks = |needed: Range<u32>, side: u32| needed.start / side..needed.end.div_ceil(side);
        // the component's samples at full size (T.81, A.1.1)
        let full = (extent(frame.width, h, frame.h_max, 8), extent(frame.height, v, frame.v_max, 8));
        let edge = |samples: u32, size: BlockSize| {
            let reaches_beyond = size != BlockSize::Eight && !samples.is_multiple_of(8);
            if reaches_beyond { (samples / 8, samples % 8) } else { (NO_EDGE, 8) }
        };
        let (edge_column, seen_columns) = edge(full.0, shape.across);
        let (edge_row, seen_rows) = edge(full.1, shape.down);
        Self {
            h,
            v,
            shape,
            width,
            height,
            blocks_x: full.0.div_ceil(8),
            blocks_y: full.1.div_ceil(8),
            needed_columns: blocks(across.needs(window.x..window.x + window.width, width), columns),
            needed_rows: blocks(down.needs(window.y..window.y + window.height, height), rows),
            edge_column,
            edge_row,
            seen: (seen_columns, seen_rows),
            limit: shape.last_index(),
            across,
            down,
        }
    }

    /// The first column whose blocks in block row `y` reach beyond the picture's edge. All of their coefficients change
    /// samples, not only those up to `limit`.
    #[inline(always)]
    pub(super) fn first_edge_block(&self, y: u32) -> u32 {
        if y == self.edge_row { 0 } else { self.edge_column }
    }

    /// The first column whose blocks in block row `y` take other coefficients than the first one. `only_dc`: the scans that
    /// are read code no others.
    pub(super) fn first_block_with_ac(&self, y: u32, only_dc: bool) -> u32 {
        match (only_dc, self.limit) {
            (true, _) => NO_EDGE,
            (false, 0) => self.first_edge_block(y),
            (false, _) => 0,
        }
    }

    /// Whether the window needs blocks that reach beyond the picture's edge.
    pub(super) fn needs_edge_blocks(&self) -> bool {
        self.needed_columns.contains(&self.edge_column) || self.needed_rows.contains(&self.edge_row)
    }

    /// The columns and rows of samples that are seen of the block in column `x` of block row `y`.
    pub(super) fn seen(&self, x: u32, y: u32) -> [usize; 2] {
        let part = |at: u32, edge: u32, seen: u32| if at == edge { seen as usize } else { 8 };
        [part(x, self.edge_column, self.seen.0), part(y, self.edge_row, self.seen.1)]
    }

    /// The rows of blocks in an MCU row.
    pub(super) fn block_rows(&self, mcu_row: u32) -> Range<u32> {
        mcu_row * self.v..(mcu_row + 1) * self.v
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Window;

    #[test]
    fn chroma_has_a_sample_for_each_pixel_where_its_blocks_hold_that_many() {
        use Upsampling::{Halves, Same, Triangle};
        // luma's sampling factors, scale; chroma's samples of a block across and down, and what becomes of them
        let cases = [
            ((2, 1), 1, (2, 1), (Same, Same)),
            ((2, 1), 2, (4, 2), (Same, Same)),
            ((2, 1), 4, (8, 4), (Same, Same)),
            ((2, 1), 8, (8, 8), (Triangle, Same)),
            ((1, 2), 2, (2, 4), (Same, Same)),
            ((2, 2), 2, (4, 4), (Same, Same)),
            ((2, 2), 8, (8, 8), (Triangle, Triangle)),
            ((4, 1), 2, (8, 2), (Same, Same)),
            ((4, 1), 4, (8, 4), (Triangle, Same)),
            ((4, 2), 4, (8, 8), (Triangle, Same)),
            ((1, 1), 4, (4, 4), (Same, Same)),
        ];
        for ((h, v), scale, (columns, rows), upsampling) in cases {
            let components = vec![Component::new(1, h, v), Component::new(2, 1, 1), Component::new(3, 1, 1)];
            let frame = FrameHeader::new(false, 640, 480, components);
            let window = Window { x: 0, y: 0, width: 80 * u32::from(scale), height: 60 * u32::from(scale) };
            let grid = |coarse_chroma, size| {
                let plan = DecodePlan { window, scale, coarse_chroma };
                ComponentGrid::new(&frame, &frame.components[1], &plan, size)
            };
            let Some(size) = BlockSize::at_scale(scale) else { continue };
            let fine = grid(false, size);
            let shape = (fine.shape.across.samples(), fine.shape.down.samples());
            assert_eq!(
                (shape, (fine.across, fine.down)),
                ((columns, rows), upsampling),
                "{h} x {v} at {scale}/8"
            );
            let coarse = grid(true, size).shape;
            assert_eq!((coarse.across, coarse.down), (size, size), "{h} x {v} at {scale}/8, coarse");
        }
        assert_eq!(Upsampling::for_axes((1, 2), (1, 1), 40, true), (Halves, Same));
    }
}
