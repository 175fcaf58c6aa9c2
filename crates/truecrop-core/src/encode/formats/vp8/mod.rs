//! Our own encoder of WebP's lossy bitstream: a key frame of VP8 (RFC 6386).
//!
//! All arithmetic is on integers, so the same pixels give the same bytes everywhere. What a decoder must be told beside the
//! picture (quantisers, filters, probabilities) follows by rules from the quality and from what is coded, so that `validate`
//! can tell from a file alone whether this encoder writes it.
//!
//! Macroblocks are decided in one pass, in the order of the stream, and kept packed; their tokens are counted. Then the
//! probabilities are known, and all is written. Costs are brought up to date by what was counted so far.
//!
//! | stage | file |
//! | --- | --- |
//! | pixels to samples of luma and chroma | planes.rs |
//! | quantisers, filter and weights of a quality | settings.rs |
//! | what macroblocks are predicted from | edges.rs |
//! | transforms | transform.rs |
//! | levels | quantize.rs |
//! | costs in bits | costs.rs |
//! | modes and levels of a macroblock | decide.rs |
//! | a macroblock as bits | macroblock.rs, tokens.rs, bool_coder.rs |
//! | the frame | frame.rs |
//! | whether a stream is this encoder's | validate.rs |
//!
//! What it shares with the decoder, predictions and the tables among it, is in `crate::vp8`.

mod bool_coder;
mod costs;
mod decide;
mod edges;
mod frame;
mod macroblock;
mod planes;
mod quantize;
mod settings;
mod tokens;
mod transform;
pub(super) mod validate;

use crate::geometry::Size;
use crate::pixel::Raster;
use crate::simd::Unit;
use crate::vp8::tokens::DEFAULT;
use costs::{Costs, ModeCosts};
use decide::{Decided, Decider};
use edges::Edges;
use frame::{Odds, Packed, Statistics, Writer};
use macroblock::{Grid, Neighbours, pass_modes};
use planes::Planes;
use settings::Settings;

/// The most pixels of a side that the format's 14 bits can state.
pub(super) const MOST_SIDE: u32 = (1 << 14) - 1;

/// The colours of a picture as a VP8 frame at this quality, 1 to 100. `None` if its modes do not fit into the first partition, which
/// takes hundreds of thousands of macroblocks.
pub(super) fn encode(raster: &Raster, quality: u8) -> Option<Vec<u8>> {
    Coded::new(raster, settings::settings(quality)).frame()
}

/// Most bytes of a frame. Random samples of 0 and 255 take less than 3 bits of a sample at quality 100.
pub(super) fn most_bytes(size: Size) -> u64 {
    let grid = Grid::new(size);
    (grid.across * grid.down) as u64 * 800 + (4 << 10)
}

/// Most bytes that encoding holds beside the picture and the file.
pub(super) fn memory_bytes(size: Size) -> u64 {
    let grid = Grid::new(size);
    let packed = 2 * frame::MOST_VALUES as u64;
    // All macroblocks, and one row more while it is made; a row of samples, edges; tables; both partitions
    // while they grow.
    packed * (grid.across * (grid.down + 1)) as u64
        + 24 * grid.down as u64
        + grid.across as u64 * (16 * 24 + 32 + 2 * 64)
        + 2 * most_bytes(size)
        + (128 << 10)
}

/// A picture's macroblocks and what follows from them.
struct Coded {
    grid: Grid,
    settings: Settings,
    macroblocks: Packed,
    odds: Odds,
}

impl Coded {
    fn new(raster: &Raster, settings: Settings) -> Self {
        Self::watched(raster, settings, |_, _, _| ())
    }

    /// `watch` sees each decided macroblock with its column and row.
    fn watched(raster: &Raster, settings: Settings, mut watch: impl FnMut(&Decided, usize, usize)) -> Self {
        let grid = Grid::new(raster.size);
        let mut pass = Pass::new(grid, settings);
        let mut planes = Planes::new(grid.across);
        for row in 0..grid.down {
            planes.take(raster, row);
            pass.start_row(row);
            for column in 0..grid.across {
                let decided = pass.macroblock(&planes, column, row);
                watch(&decided, column, row);
            }
            pass.macroblocks.end_row();
        }
        let odds = Odds::of(&pass.statistics);
        Self { grid, settings, macroblocks: pass.macroblocks, odds }
    }

    fn frame(&self) -> Option<Vec<u8>> {
        let count = self.grid.across * self.grid.down;
        let mut writer = Writer::new(self.grid, &self.settings, &self.odds, [count, 8 * count]);
        self.macroblocks.each(|macroblock, column| writer.put(macroblock, column));
        let [modes, tokens] = writer.finish();
        if modes.len() > frame::MOST_FIRST {
            return None;
        }
        Some([&frame::head(self.grid.size, modes.len())[..], &modes, &tokens].concat())
    }
}

/// The pass over the macroblocks.
struct Pass {
    grid: Grid,
    settings: Settings,
    costs: Costs,
    modes: ModeCosts,
    edges: Edges,
    neighbours: Neighbours,
    statistics: Statistics,
    macroblocks: Packed,
    /// What the modes have cost, in 1/256 bit.
    spent: u64,
    unit: Unit,
}

/// Macroblocks from one update of the costs to the next.
const UPDATE_AFTER: usize = 64;

impl Pass {
    fn new(grid: Grid, settings: Settings) -> Self {
        Self {
            grid,
            settings,
            costs: Costs::new(&DEFAULT),
            modes: ModeCosts::new(),
            edges: Edges::new(grid.across),
            neighbours: Neighbours::new(grid.across),
            statistics: Statistics::new(),
            macroblocks: Packed::new(grid.across),
            spent: 0,
            unit: Unit::best(),
        }
    }

    fn start_row(&mut self, row: usize) {
        self.edges.start_row(row);
        self.neighbours.start_row();
    }

    fn macroblock(&mut self, planes: &Planes, column: usize, row: usize) -> Decided {
        let number = row * self.grid.across + column;
        if number > 0 && number.is_multiple_of(UPDATE_AFTER) {
            self.costs.update(&tokens::probabilities(&self.statistics.tokens));
        }
        let source = planes.macroblock(column);
        let (above, left) = self.neighbours.of(column);
        let decider = Decider {
            settings: &self.settings,
            costs: &self.costs,
            modes: &self.modes,
            source: &source,
            edges: &self.edges,
            column,
            outside: self.grid.outside(column, row),
            above: *above,
            left: *left,
            unit: self.unit,
        };
        let decided = decider.decide(allowance(self.grid, number).saturating_sub(self.spent));
        self.spent += u64::from(decided.rate) + 3 * 256;
        pass_modes(&decided.macroblock, (&mut *above, &mut *left));
        self.statistics.add(&decided.macroblock, (above, left));
        self.edges.put(column, &decided.made);
        self.macroblocks.push(&decided.macroblock);
        decided
    }
}

/// What the modes up to macroblock `number` may cost together, in 1/256 bit, so that all fit into the first partition.
fn allowance(grid: Grid, number: usize) -> u64 {
    let all = (frame::MOST_FIRST as u64 - 4096) * 8 * 256;
    all * (number as u64 + 1) / (grid.across * grid.down) as u64
}

#[cfg(test)]
mod tests;
