//! Decides a macroblock's modes and levels: those with the least sum of squared error and `lambda` times their bits.

use super::costs::{self, Costs, ModeCosts};
use super::edges::Edges;
use super::macroblock::{DCS, Macroblock, Side};
use super::planes::Samples;
use super::quantize::{Levels, Quantizer, Token};
use super::settings::Settings;
use super::transform::{self, Block};
use crate::simd::{Unit, with_lanes};
use crate::vp8::modes::{B_DC, BLOCK_MODES, LumaMode, Mode};
use crate::vp8::predict::{self, Around, BlockEdge};

/// What decisions need to know.
pub(super) struct Decider<'a> {
    pub(super) settings: &'a Settings,
    pub(super) costs: &'a Costs,
    pub(super) modes: &'a ModeCosts,
    /// The macroblock's samples.
    pub(super) source: &'a Samples,
    pub(super) edges: &'a Edges,
    pub(super) column: usize,
    /// Blocks without any pixel of the picture: they get no levels.
    pub(super) outside: u32,
    /// What the neighbours left.
    pub(super) above: Side,
    pub(super) left: Side,
    pub(super) unit: Unit,
}

/// Luma, coded in one way.
struct Luma {
    modes: LumaMode,
    levels: [Levels; 16],
    dcs: Levels,
    made: [u8; 256],
    score: u64,
    /// What the modes cost.
    rate: u32,
}

/// A decided macroblock: how it is coded, what a decoder makes of it, and what its modes cost in 1/256 bit.
pub(super) struct Decided {
    pub(super) macroblock: Macroblock,
    pub(super) made: Samples,
    pub(super) rate: u32,
}

impl Decider<'_> {
    /// Decides. The modes of luma may cost at most `most`, if that is possible.
    pub(super) fn decide(&self, most: u64) -> Decided {
        let whole = self.whole_luma();
        let luma = match self.subblocks(whole.score) {
            Some(parts) if u64::from(parts.rate) <= most => parts,
            _ => whole,
        };
        let mut levels = [[0; 16]; 25];
        levels[..16].copy_from_slice(&luma.levels);
        levels[DCS] = luma.dcs;
        let (chroma, made) = self.chroma(&mut levels);
        let macroblock = Macroblock { luma: luma.modes, chroma, levels };
        let rate = luma.rate + costs::chroma(chroma as usize);
        Decided { macroblock, made: Samples { y: luma.made, chroma: made }, rate }
    }

    fn is_outside(&self, block: usize) -> bool {
        self.outside >> block & 1 == 1
    }

    /// Predicts a plane of `side` x `side` samples.
    fn whole(&self, mode: Mode, around: &Around<'_>, out: &mut [u8], side: usize) {
        with_lanes!(self.unit, V => predict::whole::<V>(mode, around, (out, side, side), |_, _, samples| samples));
    }

    fn weigh(&self, error: u64, rate: u32) -> u64 {
        error + self.settings.modes_lambda * u64::from(rate)
    }

    /// The best of the modes of 16 x 16.
    fn whole_luma(&self) -> Luma {
        let around = self.edges.around(0, self.column);
        let mut best = (u64::MAX, Mode::Dc, [0; 256], [[0; 16]; 16], [0; 16]);
        for mode in Mode::ALL {
            let mut predicted = [0; 256];
            self.whole(mode, &around, &mut predicted, 16);
            let mut blocks = [[0; 16]; 16];
            for (block, out) in blocks.iter_mut().enumerate() {
                *out = transform::forward(&differences(&self.source.y, &predicted, 16, place(block, 4, 16)));
            }
            let dcs = transform::forward_dcs(&blocks.map(|block| block[0]));
            let score = self.quick_score(mode, &blocks, &dcs);
            if score < best.0 {
                best = (score, mode, predicted, blocks, dcs);
            }
        }
        let (_, mode, predicted, blocks, dcs) = best;
        self.finish_whole(mode, &predicted, &blocks, &dcs)
    }

    fn quick_score(&self, mode: Mode, blocks: &[Block; 16], dcs: &Block) -> u64 {
        let (mut error, mut rate) = (0, costs::luma(mode as usize));
        let (levels, wrong) = self.settings.dcs.quick(dcs, 0);
        error += wrong;
        let context = usize::from(self.above.dcs) + usize::from(self.left.dcs);
        rate += self.costs.block(1, context, 0, &levels);
        let (mut above, mut left) = (self.above.luma, self.left.luma);
        for (block, coefficients) in blocks.iter().enumerate() {
            let (levels, wrong) =
                if self.is_outside(block) { ([0; 16], 0) } else { self.settings.luma.quick(coefficients, 1) };
            let (a, l) = (&mut above[block % 4], &mut left[block / 4]);
            error += wrong;
            rate += self.costs.block(0, usize::from(*a) + usize::from(*l), 1, &levels);
            let has = levels != [0; 16];
            (*a, *l) = (has, has);
        }
        self.weigh(error, rate)
    }

    fn finish_whole(&self, mode: Mode, predicted: &[u8; 256], blocks: &[Block; 16], dcs: &Block) -> Luma {
        let (settings, lambda) = (self.settings, self.settings.luma_lambda);
        let mut levels = [[0; 16]; 16];
        let (mut made, mut rate) = ([0; 256], 0);
        let context = usize::from(self.above.dcs) + usize::from(self.left.dcs);
        let token = Token { kind: 1, context, first: 0 };
        let dc_levels = settings.dcs.best(dcs, token, lambda, self.costs);
        rate += self.costs.block(1, context, 0, &dc_levels);
        let restored_dcs = transform::inverse_dcs(&settings.dcs.restore(&dc_levels));
        let (mut above, mut left) = (self.above.luma, self.left.luma);
        for (block, coefficients) in blocks.iter().enumerate() {
            let (a, l) = (&mut above[block % 4], &mut left[block / 4]);
            let token = Token { kind: 0, context: usize::from(*a) + usize::from(*l), first: 1 };
            if !self.is_outside(block) {
                levels[block] = settings.luma.best(coefficients, token, lambda, self.costs);
            }
            rate += self.costs.block(0, token.context, 1, &levels[block]);
            let has = levels[block] != [0; 16];
            (*a, *l) = (has, has);
            let mut restored = settings.luma.restore(&levels[block]);
            restored[0] = restored_dcs[block];
            add(predicted, &restored, &mut made, 16, place(block, 4, 16));
        }
        let modes = costs::luma(mode as usize);
        let score = self.weigh(squared_error(&self.source.y, &made), rate + modes);
        Luma { modes: LumaMode::Whole(mode), levels, dcs: dc_levels, made, score, rate: modes }
    }

    /// The best modes of blocks of 4 x 4, if they are together better than `limit`.
    fn subblocks(&self, limit: u64) -> Option<Luma> {
        let mut bordered = self.edges.luma(self.column);
        let (mut above, mut left) = (self.above, self.left);
        let (mut levels, mut modes) = ([[0; 16]; 16], [B_DC; 16]);
        let mut rate = costs::subblocks();
        let mut score = self.weigh(0, rate);
        for block in 0..16 {
            let (x, y) = (block % 4, block / 4);
            let edge = BlockEdge::new(bordered.edge(block));
            let source = take(&self.source.y, 16, place(block, 4, 16));
            let mode_costs = self.modes.subblock(above.modes[x], left.modes[y]);
            let context = usize::from(above.luma[x]) + usize::from(left.luma[y]);
            let token = Token { kind: 3, context, first: 0 };
            let found = if self.is_outside(block) {
                Subblock { mode: B_DC, levels: [0; 16], made: flat(edge.predict(B_DC)) }
            } else {
                self.subblock(&edge, &source, mode_costs, token)
            };
            let mode_cost = u32::from(mode_costs[usize::from(found.mode)]);
            rate += mode_cost;
            let cost = self.costs.block(3, context, 0, &found.levels) + mode_cost;
            score += self.weigh(squared_error(&source, &found.made), cost);
            if score >= limit {
                return None;
            }
            bordered.put(block, &found.made);
            let has = found.levels != [0; 16];
            (above.luma[x], left.luma[y]) = (has, has);
            (above.modes[x], left.modes[y]) = (found.mode, found.mode);
            (modes[block], levels[block]) = (found.mode, found.levels);
        }
        let made = bordered.inner();
        Some(Luma { modes: LumaMode::Blocks(modes), levels, dcs: [0; 16], made, score, rate })
    }

    #[inline(always)]
    fn subblock(
        &self,
        edge: &BlockEdge,
        source: &[u8; 16],
        mode_costs: &[u16; BLOCK_MODES],
        token: Token,
    ) -> Subblock {
        let quantizer = &self.settings.luma;
        let mut best = (u64::MAX, 0, [0; 16], [0; 16]);
        for mode in 0..BLOCK_MODES as u8 {
            let predicted = flat(edge.predict(mode));
            let coefficients = transform::forward(&difference(source, &predicted));
            let (levels, error) = quantizer.quick(&coefficients, 0);
            let rate = self.costs.block(token.kind, token.context, 0, &levels);
            let score = self.weigh(error, rate + u32::from(mode_costs[usize::from(mode)]));
            if score < best.0 {
                best = (score, mode, predicted, coefficients);
            }
        }
        let (_, mode, predicted, coefficients) = best;
        let levels = quantizer.best(&coefficients, token, self.settings.luma_lambda, self.costs);
        let mut made = [0; 16];
        add(&predicted, &quantizer.restore(&levels), &mut made, 4, 0);
        Subblock { mode, levels, made }
    }

    /// Decides chroma: fills in its levels and gives its mode and samples.
    fn chroma(&self, levels: &mut [Levels; 25]) -> (Mode, [[u8; 64]; 2]) {
        let mut best = (u64::MAX, Mode::Dc, [[0; 64]; 2], [[0; 16]; 8]);
        for mode in Mode::ALL {
            let (mut predicted, mut blocks) = ([[0; 64]; 2], [[0; 16]; 8]);
            for plane in 0..2 {
                let around = self.edges.around(1 + plane, self.column);
                self.whole(mode, &around, &mut predicted[plane], 8);
                for block in 0..4 {
                    let differences =
                        differences(&self.source.chroma[plane], &predicted[plane], 8, place(block, 2, 8));
                    blocks[4 * plane + block] = transform::forward(&differences);
                }
            }
            let mut error = 0;
            let rate = self.chroma_levels(|block, _| {
                let (levels, wrong) = self.settings.chroma.quick(&blocks[block], 0);
                error += wrong;
                levels
            });
            let score = self.weigh(error, rate + costs::chroma(mode as usize));
            if score < best.0 {
                best = (score, mode, predicted, blocks);
            }
        }
        let (_, mode, predicted, blocks) = best;
        let quantizer: &Quantizer = &self.settings.chroma;
        self.chroma_levels(|block, token| {
            levels[16 + block] =
                quantizer.best(&blocks[block], token, self.settings.chroma_lambda, self.costs);
            levels[16 + block]
        });
        let mut made = [[0; 64]; 2];
        for block in 0..8 {
            let plane = block / 4;
            let restored = quantizer.restore(&levels[16 + block]);
            add(&predicted[plane], &restored, &mut made[plane], 8, place(block % 4, 2, 8));
        }
        (mode, made)
    }

    /// Visits the blocks of chroma that lie in the picture; gives what all their levels cost.
    fn chroma_levels(&self, mut levels_of: impl FnMut(usize, Token) -> Levels) -> u32 {
        let (mut above, mut left) = (self.above.chroma, self.left.chroma);
        let mut rate = 0;
        for block in 0..8 {
            let (plane, x, y) = (block / 4, block % 2, block / 2 % 2);
            let (a, l) = (&mut above[plane][x], &mut left[plane][y]);
            let token = Token { kind: 2, context: usize::from(*a) + usize::from(*l), first: 0 };
            let levels = if self.is_outside(16 + block) { [0; 16] } else { levels_of(block, token) };
            rate += self.costs.block(2, token.context, 0, &levels);
            let has = levels != [0; 16];
            (*a, *l) = (has, has);
        }
        rate
    }
}

struct Subblock {
    mode: u8,
    levels: Levels,
    made: [u8; 16],
}

/// The samples of a block in one list.
#[inline(always)]
fn flat(rows: [[u8; 4]; 4]) -> [u8; 16] {
    std::array::from_fn(|i| rows[i / 4][i % 4])
}

/// Where a block of 4 x 4 begins: `across` of them in a row, in rows of `stride` samples.
#[inline(always)]
fn place(block: usize, across: usize, stride: usize) -> usize {
    4 * (block / across) * stride + 4 * (block % across)
}

/// The samples of a block of 4 x 4.
#[inline(always)]
fn take(samples: &[u8], stride: usize, at: usize) -> [u8; 16] {
    let mut block = [0; 16];
    for row in 0..4 {
        block[4 * row..4 * row + 4].copy_from_slice(&samples[at + row * stride..][..4]);
    }
    block
}

#[inline(always)]
fn difference(source: &[u8; 16], predicted: &[u8; 16]) -> Block {
    std::array::from_fn(|i| i32::from(source[i]) - i32::from(predicted[i]))
}

#[inline(always)]
fn differences(source: &[u8], predicted: &[u8], stride: usize, at: usize) -> Block {
    difference(&take(source, stride, at), &take(predicted, stride, at))
}

/// Adds a block's differences to its prediction.
#[inline(always)]
fn add(predicted: &[u8], coefficients: &Block, out: &mut [u8], stride: usize, at: usize) {
    let differences = transform::inverse(coefficients);
    for row in 0..4 {
        for column in 0..4 {
            let place = at + row * stride + column;
            out[place] = (i32::from(predicted[place]) + differences[4 * row + column]).clamp(0, 255) as u8;
        }
    }
}

/// 256 times the squared error.
#[inline(always)]
fn squared_error(a: &[u8], b: &[u8]) -> u64 {
    let sum: u32 = a.iter().zip(b).map(|(a, b)| u32::from(a.abs_diff(*b)).pow(2)).sum();
    u64::from(sum) << 8
}
