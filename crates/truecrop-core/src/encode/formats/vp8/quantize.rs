//! From coefficients to levels and back.

use super::costs::Costs;
use super::transform::Block;
use crate::vp8::tokens::ZIGZAG;

/// The largest level that the format's tokens and this encoder's arithmetic have room for.
pub(super) const MOST: u32 = 2047;

/// Levels of a block, in zigzag order.
pub(super) type Levels = [i16; 16];

/// How a kind of blocks is quantised.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quantizer {
    /// Of the DC and of the others.
    steps: [u32; 2],
    /// 2^17 / step.
    reciprocals: [u32; 2],
    /// What is added before rounding down, in 1/2^17: less than a half, so that small values become 0 more often.
    biases: [u32; 2],
    /// What a squared error of a coefficient counts: squared samples times 256.
    weight: u64,
}

impl Quantizer {
    /// `biases` in 1/256; `weight` is 256 over the square of the transform's gain.
    pub(super) fn new(steps: [u16; 2], biases: [u32; 2], weight: u64) -> Self {
        let steps = steps.map(u32::from);
        Self {
            steps,
            reciprocals: steps.map(|step| (1 << 17) / step),
            biases: biases.map(|bias| bias << 9),
            weight,
        }
    }

    /// The step of a position in zigzag order.
    #[inline(always)]
    fn step(&self, at: usize) -> u32 {
        self.steps[at.min(1)]
    }

    #[inline(always)]
    fn rounded(&self, at: usize, magnitude: u32, bias: u32) -> u32 {
        ((magnitude * self.reciprocals[at.min(1)] + bias) >> 17).min(MOST)
    }

    /// The levels from position `first` on, rounded by the biases, and 256 times the squared error in samples.
    #[inline(always)]
    pub(super) fn quick(&self, coefficients: &Block, first: usize) -> (Levels, u64) {
        let (mut levels, mut error) = ([0; 16], 0);
        for at in first..16 {
            let value = coefficients[usize::from(ZIGZAG[at])];
            let magnitude = value.unsigned_abs();
            let level = self.rounded(at, magnitude, self.biases[at.min(1)]);
            error += square(magnitude, level * self.step(at));
            levels[at] = signed(level, value);
        }
        (levels, error * self.weight)
    }

    /// The coefficients of levels, in natural order.
    #[inline(always)]
    pub(super) fn restore(&self, levels: &Levels) -> Block {
        let mut coefficients = [0; 16];
        for (at, level) in levels.iter().enumerate() {
            coefficients[usize::from(ZIGZAG[at])] = i32::from(*level) * self.step(at) as i32;
        }
        coefficients
    }

    /// The levels with the least sum of error and `lambda` times their cost: of each coefficient the nearest level and the one
    /// below are tried in all combinations, by dynamic programming over the contexts.
    pub(super) fn best(&self, coefficients: &Block, token: Token, lambda: u64, costs: &Costs) -> Levels {
        let Token { kind, context, first } = token;
        let magnitude = |at: usize| coefficients[usize::from(ZIGZAG[at])].unsigned_abs();
        // The error of leaving out all coefficients from each position on.
        let mut rest = [0; 17];
        for at in (first..16).rev() {
            rest[at] = rest[at + 1] + square(magnitude(at), 0) * self.weight;
        }
        let mut scores = [NONE; 3];
        scores[context] = lambda * u64::from(costs.start(kind, first, context));
        let mut steps = [[Step::default(); 3]; 16];
        let mut least = rest[first] + lambda * u64::from(costs.end(kind, first, context));
        let mut end = None;
        for at in first..16 {
            let value = magnitude(at);
            let most = self.rounded(at, value, 1 << 16);
            let mut next = [NONE; 3];
            for level in most.saturating_sub(1)..=most {
                let error = square(value, level * self.step(at)) * self.weight;
                let after = level.min(2) as usize;
                for (before, score) in scores.iter().enumerate().filter(|(_, score)| **score != NONE) {
                    let score = score + error + lambda * u64::from(costs.level(kind, at, before, level));
                    if score < next[after] {
                        next[after] = score;
                        steps[at][after] = Step { level: level as i16, before: before as u8 };
                    }
                }
            }
            scores = next;
            for (after, score) in scores.iter().enumerate().skip(1).filter(|(_, score)| **score != NONE) {
                let whole = score + rest[at + 1] + lambda * u64::from(costs.end(kind, at + 1, after));
                if whole < least {
                    least = whole;
                    end = Some((at, after));
                }
            }
        }
        let mut levels = [0; 16];
        if let Some((last, mut after)) = end {
            for at in (first..=last).rev() {
                let step = steps[at][after];
                levels[at] = signed(step.level.unsigned_abs().into(), coefficients[usize::from(ZIGZAG[at])]);
                after = usize::from(step.before);
            }
        }
        levels
    }
}

/// A score that nothing has.
const NONE: u64 = u64::MAX;

/// How a block's tokens are coded: the kind of block, the context of the first token, and its position.
#[derive(Clone, Copy)]
pub(super) struct Token {
    pub(super) kind: usize,
    pub(super) context: usize,
    pub(super) first: usize,
}

#[derive(Clone, Copy, Default)]
struct Step {
    level: i16,
    before: u8,
}

#[inline(always)]
fn square(a: u32, b: u32) -> u64 {
    u64::from(a.abs_diff(b)).pow(2)
}

#[inline(always)]
fn signed(magnitude: u32, like: i32) -> i16 {
    if like < 0 { -(magnitude as i16) } else { magnitude as i16 }
}
