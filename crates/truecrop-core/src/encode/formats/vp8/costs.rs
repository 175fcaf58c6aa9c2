//! What bits, modes and levels cost, in 1/256 bit. Integers only: costs decide what is written.

use crate::vp8::modes::{BLOCK_MODE, BLOCK_MODES, CHROMA_MODE, LUMA_MODE, block_path};
use crate::vp8::tokens::{BAND, BANDS, CATEGORIES, CONTEXTS, EXTRA_BITS, KINDS, TokenTable};

/// The binary logarithm of a number of at least 1, in 1/256, rounded down.
pub(super) const fn log2(value: u32) -> u32 {
    let whole = value.ilog2();
    // The mantissa, 1 to 2 in 1/2^31, squared for each bit of the fraction.
    let (mut mantissa, mut fraction) = ((value as u64) << (31 - whole), 0);
    let mut bit = 0;
    while bit < 8 {
        mantissa = (mantissa * mantissa) >> 31;
        let above = (mantissa >> 32) as u32;
        fraction = fraction << 1 | above;
        mantissa >>= above;
        bit += 1;
    }
    whole << 8 | fraction
}

/// What a 0 of each probability costs.
const ZERO: [u16; 257] = {
    let mut costs = [0; 257];
    let mut probability = 1;
    while probability <= 256 {
        costs[probability] = (8 * 256 - log2(probability as u32)) as u16;
        probability += 1;
    }
    costs[0] = costs[1];
    costs
};

/// What a bit costs.
#[inline(always)]
pub(super) const fn bit(bit: bool, probability: u8) -> u32 {
    let odds = if bit { 256 - probability as usize } else { probability as usize };
    ZERO[odds] as u32
}

/// Levels with a cost of their own; larger ones cost about the same and their extra bits.
const OWN: usize = 68;

/// The costs under a set of probabilities of tokens.
pub(super) struct Costs {
    /// A level in its band and context, with its sign. In contexts 1 and 2 with the bit that the block goes on.
    levels: Box<[[[[u16; OWN]; CONTEXTS]; BANDS]; KINDS]>,
    /// That the block ends here.
    end: [[[u16; CONTEXTS]; BANDS]; KINDS],
    /// That the block goes on.
    go_on: [[[u16; CONTEXTS]; BANDS]; KINDS],
}

impl Costs {
    pub(super) fn new(probabilities: &TokenTable<u8>) -> Self {
        let mut costs = Self {
            levels: Box::new([[[[0; OWN]; CONTEXTS]; BANDS]; KINDS]),
            end: [[[0; CONTEXTS]; BANDS]; KINDS],
            go_on: [[[0; CONTEXTS]; BANDS]; KINDS],
        };
        costs.update(probabilities);
        costs
    }

    /// The costs under other probabilities.
    pub(super) fn update(&mut self, probabilities: &TokenTable<u8>) {
        let places = probabilities.as_flattened().as_flattened();
        let levels = self.levels.as_flattened_mut().as_flattened_mut();
        let ends = self.end.as_flattened_mut().as_flattened_mut();
        let go_ons = self.go_on.as_flattened_mut().as_flattened_mut();
        for (place, ((p, levels), (end, go_on))) in
            places.iter().zip(levels).zip(ends.iter_mut().zip(go_ons)).enumerate()
        {
            *end = bit(false, p[0]) as u16;
            *go_on = bit(true, p[0]) as u16;
            let more = if place % CONTEXTS > 0 { u32::from(*go_on) } else { 0 };
            for (level, cost) in levels.iter_mut().enumerate() {
                *cost = (level_cost(level as u16, p) + more) as u16;
            }
        }
    }

    /// A level's cost; `level` is its magnitude.
    #[inline(always)]
    pub(super) fn level(&self, kind: usize, position: usize, context: usize, level: u32) -> u32 {
        let costs = &self.levels[kind & 3][usize::from(BAND[position & 15]) & 7][context];
        match costs.get(level as usize) {
            Some(cost) => (*cost).into(),
            // Its extra bits are nearly as improbable as each other, but for the two highest.
            None => u32::from(costs[OWN - 1]) + if level > 579 { 4 * 256 } else { 0 },
        }
    }

    /// The cost of the end before `position`; there is none after the last position.
    #[inline(always)]
    pub(super) fn end(&self, kind: usize, position: usize, context: usize) -> u32 {
        if position > 15 { 0 } else { self.end[kind & 3][usize::from(BAND[position]) & 7][context].into() }
    }

    /// What the first level of a block costs beside [`Costs::level`].
    #[inline(always)]
    pub(super) fn start(&self, kind: usize, position: usize, context: usize) -> u32 {
        if context > 0 { 0 } else { self.go_on[kind & 3][usize::from(BAND[position & 15]) & 7][0].into() }
    }

    /// The cost of a block's levels from position `first` on, in zigzag order.
    #[inline(always)]
    pub(super) fn block(&self, kind: usize, mut context: usize, first: usize, levels: &[i16; 16]) -> u32 {
        let Some(last) = (first..16).rev().find(|at| levels[*at] != 0) else {
            return self.end(kind, first, context);
        };
        let mut cost = self.start(kind, first, context);
        for (at, level) in levels.iter().enumerate().take(last + 1).skip(first) {
            let level = u32::from(level.unsigned_abs());
            cost += self.level(kind, at, context, level);
            context = level.min(2) as usize;
        }
        cost + self.end(kind, last + 1, context)
    }
}

/// The cost of a magnitude and its sign, without the bit before it that the block goes on.
fn level_cost(level: u16, p: &[u8; 11]) -> u32 {
    let Some(category) = CATEGORIES.iter().rposition(|least| level >= *least) else {
        return match level {
            0 => bit(false, p[1]),
            1 => bit(true, p[1]) + bit(false, p[2]) + 256,
            2 => bit(true, p[1]) + bit(true, p[2]) + bit(false, p[3]) + bit(false, p[4]) + 256,
            _ => {
                let small = bit(false, p[3]) + bit(true, p[4]) + bit(level == 4, p[5]);
                bit(true, p[1]) + bit(true, p[2]) + small + 256
            }
        };
    };
    let category = category.min(5);
    let large = bit(true, p[1]) + bit(true, p[2]) + bit(true, p[3]) + bit(category > 1, p[6]);
    let which = match category {
        0 | 1 => bit(category == 1, p[7]),
        2 | 3 => bit(false, p[8]) + bit(category == 3, p[9]),
        _ => bit(true, p[8]) + bit(category == 5, p[10]),
    };
    let extra = level - CATEGORIES[category];
    let odds = EXTRA_BITS[category];
    let bits = odds.iter().enumerate().map(|(i, p)| bit(extra >> (odds.len() - 1 - i) & 1 == 1, *p));
    large + which + bits.sum::<u32>() + 256
}

/// The costs of modes, which have fixed probabilities.
pub(super) struct ModeCosts {
    /// By the modes above and on the left.
    subblock: Box<[[[u16; BLOCK_MODES]; BLOCK_MODES]; BLOCK_MODES]>,
}

impl ModeCosts {
    pub(super) fn new() -> Self {
        let mut subblock = Box::new([[[0; BLOCK_MODES]; BLOCK_MODES]; BLOCK_MODES]);
        for (costs, odds) in subblock.as_flattened_mut().iter_mut().zip(BLOCK_MODE.as_flattened()) {
            for (mode, cost) in costs.iter_mut().enumerate() {
                let path = block_path(mode).iter();
                *cost = path.map(|(at, value)| bit(*value, odds[usize::from(*at)]) as u16).sum();
            }
        }
        Self { subblock }
    }

    /// The modes of a block of 4 x 4 with these modes above and on the left.
    #[inline(always)]
    pub(super) fn subblock(&self, above: u8, left: u8) -> &[u16; BLOCK_MODES] {
        &self.subblock[usize::from(above)][usize::from(left)]
    }
}

/// That a macroblock is predicted in blocks of 4 x 4.
pub(super) fn subblocks() -> u32 {
    bit(false, LUMA_MODE[0])
}

/// A mode of 16 x 16, by its number in the format.
pub(super) fn luma(mode: usize) -> u32 {
    let [_, first, vertical, motion] = LUMA_MODE;
    let which = if mode < 2 { bit(mode == 1, vertical) } else { bit(mode == 3, motion) };
    bit(true, LUMA_MODE[0]) + bit(mode > 1, first) + which
}

/// A mode of chroma, by its number in the format.
pub(super) fn chroma(mode: usize) -> u32 {
    let before: u32 = CHROMA_MODE.iter().take(mode).map(|p| bit(true, *p)).sum();
    before + CHROMA_MODE.get(mode).map_or(0, |p| bit(false, *p))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_are_right() {
        for value in (1..70_000).chain([1 << 20, u32::MAX]) {
            let want = (f64::from(value).log2() * 256.0).floor();
            let got = f64::from(log2(value));
            assert!(want - got <= 1.0 && got <= want, "{value}: {got}, not {want}");
        }
    }
}
