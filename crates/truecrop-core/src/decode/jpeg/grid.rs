//! One component's blocks and samples at the decode scale: how many there are, which of them the window needs, and how
//! the samples are turned into one per pixel.

use super::block_size::BlockSize;
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
    pub(super) size: BlockSize,
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
        // libjpeg's rule (jdmaster.c): chroma grows by a larger DCT rather than by upsampling, where that fits
        let fits = |size: &BlockSize| {
            let samples = size.samples();
            (frame.h_max * n).is_multiple_of(h * samples) && (frame.v_max * n).is_multiple_of(v * samples)
        };
        let mut size = scale;
        while !plan.coarse_chroma
            && let Some(larger) = size.doubled().filter(fits)
        {
            size = larger;
        }
        let (side, limit) = (size.samples(), size.last_index());
        let extent = |pixels: u32, factor: u32, max: u32, per_block: u32| {
            (u64::from(pixels) * u64::from(factor * per_block)).div_ceil(u64::from(max * 8)) as u32
        };
        let width = extent(frame.width, h, frame.h_max, side);
        let height = extent(frame.height, v, frame.v_max, side);
        let (across, down) =
            Upsampling::for_axes((h * side, frame.h_max * n), (v * side, frame.v_max * n), width, n == 1);
        let blocks = |needed: Range<u32>| needed.start / side..needed.end.div_ceil(side);
        // the component's samples at full size (T.81, A.1.1)
        let full = (extent(frame.width, h, frame.h_max, 8), extent(frame.height, v, frame.v_max, 8));
        let edge = |samples: u32| {
            let reaches_beyond = size != BlockSize::Eight && !samples.is_multiple_of(8);
            if reaches_beyond { (samples / 8, samples % 8) } else { (NO_EDGE, 8) }
        };
        let ((edge_column, seen_columns), (edge_row, seen_rows)) = (edge(full.0), edge(full.1));
        Self {
            h,
            v,
            size,
            width,
            height,
            blocks_x: full.0.div_ceil(8),
            blocks_y: full.1.div_ceil(8),
            needed_columns: blocks(across.needs(window.x..window.x + window.width, width)),
            needed_rows: blocks(down.needs(window.y..window.y + window.height, height)),
            edge_column,
            edge_row,
            seen: (seen_columns, seen_rows),
            limit,
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
