//! Levels as tokens (RFC 6386, 13), and the probabilities that follow from how often each branch is taken.

use super::bool_coder::BoolWriter;
use super::costs;
use super::quantize::Levels;
use crate::vp8::tokens::{BAND, BRANCHES, CATEGORIES, DEFAULT, EXTRA_BITS, TokenTable, UPDATE};

/// Takes the bits of tokens.
pub(super) trait TokenSink {
    /// A branch of the tree in this band and context of a kind of blocks.
    fn branch(&mut self, taken: bool, place: (usize, usize, usize), branch: usize);
    /// A bit of a fixed probability.
    fn fixed(&mut self, bit: bool, probability: u8);
}

/// How often each branch is taken and is not taken.
pub(super) type Counts = Box<TokenTable<[u32; 2]>>;

pub(super) fn no_counts() -> Counts {
    Box::new([[[[[0; 2]; BRANCHES]; 3]; 8]; 4])
}

impl TokenSink for Counts {
    #[inline(always)]
    fn branch(&mut self, taken: bool, (kind, band, context): (usize, usize, usize), branch: usize) {
        self[kind & 3][band & 7][context][branch][usize::from(taken)] += 1;
    }

    #[inline(always)]
    fn fixed(&mut self, _: bool, _: u8) {}
}

/// Writes tokens under a frame's probabilities.
pub(super) struct TokenWriter<'a> {
    pub(super) bits: BoolWriter,
    pub(super) probabilities: &'a TokenTable<u8>,
}

impl TokenSink for TokenWriter<'_> {
    #[inline(always)]
    fn branch(&mut self, taken: bool, (kind, band, context): (usize, usize, usize), branch: usize) {
        self.bits.put(taken, self.probabilities[kind & 3][band & 7][context][branch]);
    }

    #[inline(always)]
    fn fixed(&mut self, bit: bool, probability: u8) {
        self.bits.put(bit, probability);
    }
}

/// Gives the tokens of a block's levels from position `first` on; whether it has any but the end.
#[inline(always)]
pub(super) fn put_block(
    sink: &mut impl TokenSink,
    kind: usize,
    mut context: usize,
    first: usize,
    levels: &Levels,
) -> bool {
    let place = |at: usize, context: usize| (kind, usize::from(BAND[at]), context);
    let Some(last) = (first..16).rev().find(|at| levels[*at] != 0) else {
        sink.branch(false, place(first, context), 0);
        return false;
    };
    sink.branch(true, place(first, context), 0);
    for (at, signed) in levels.iter().enumerate().take(last + 1).skip(first) {
        let (level, here) = (signed.unsigned_abs(), place(at, context));
        sink.branch(level > 0, here, 1);
        context = usize::from(level.min(2));
        if level == 0 {
            continue;
        }
        put_magnitude(sink, level, here);
        sink.fixed(*signed < 0, 128);
        if at < 15 {
            sink.branch(at < last, place(at + 1, context), 0);
        }
    }
    true
}

#[inline(always)]
fn put_magnitude(sink: &mut impl TokenSink, level: u16, here: (usize, usize, usize)) {
    sink.branch(level > 1, here, 2);
    if level == 1 {
        return;
    }
    sink.branch(level > 4, here, 3);
    if level < 5 {
        sink.branch(level > 2, here, 4);
        if level > 2 {
            sink.branch(level > 3, here, 5);
        }
        return;
    }
    let category = CATEGORIES.iter().rposition(|least| level >= *least).unwrap_or(0).min(5);
    sink.branch(category > 1, here, 6);
    match category {
        0 | 1 => sink.branch(category == 1, here, 7),
        2 | 3 => {
            sink.branch(false, here, 8);
            sink.branch(category == 3, here, 9);
        }
        _ => {
            sink.branch(true, here, 8);
            sink.branch(category == 5, here, 10);
        }
    }
    let (extra, odds) = (level - CATEGORIES[category], EXTRA_BITS[category]);
    for (i, probability) in odds.iter().enumerate() {
        sink.fixed(extra >> (odds.len() - 1 - i) & 1 == 1, *probability);
    }
}

/// The probability that follows from how often a bit is 0 and 1: 1 to 255.
pub(super) fn probability([zeros, ones]: [u32; 2]) -> u8 {
    let all = u64::from(zeros) + u64::from(ones);
    (256 * u64::from(zeros) + all / 2).checked_div(all).map_or(255, |odds| odds.clamp(1, 255) as u8)
}

/// The probabilities of a frame with these counts: a branch gets one of its own where that saves more than it costs.
pub(super) fn probabilities(counts: &Counts) -> Box<TokenTable<u8>> {
    let mut table = Box::new(DEFAULT);
    let odds = table.as_flattened_mut().as_flattened_mut().as_flattened_mut();
    let counts = counts.as_flattened().as_flattened().as_flattened();
    let updates = UPDATE.as_flattened().as_flattened().as_flattened();
    for ((odds, counts), update) in odds.iter_mut().zip(counts).zip(updates) {
        let own = probability(*counts);
        let cost = |p: u8| {
            u64::from(counts[0]) * u64::from(costs::bit(false, p))
                + u64::from(counts[1]) * u64::from(costs::bit(true, p))
        };
        let (keep, change) = (costs::bit(false, *update), costs::bit(true, *update) + 8 * 256);
        if counts[0] + counts[1] > 0 && cost(own) + u64::from(change) < cost(*odds) + u64::from(keep) {
            *odds = own;
        }
    }
    table
}
