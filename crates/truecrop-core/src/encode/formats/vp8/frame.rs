//! The header of a frame and the file around the two partitions (RFC 6386, 9 and 19.2).

use super::bool_coder::BoolWriter;
use super::macroblock::{Grid, Macroblock, Neighbours, Side, put_levels, put_modes};
use super::settings::Settings;
use super::tokens::{self, Counts, TokenWriter};
use crate::geometry::Size;
use crate::vp8::modes::{LumaMode, Mode};
use crate::vp8::tokens::{DEFAULT, TokenTable, UPDATE};

/// Bytes before the first partition: the frame's tag, the start code, width and height.
pub(super) const HEAD: usize = 10;
const START_CODE: [u8; 3] = [0x9d, 0x01, 0x2a];
/// Most bytes of the first partition, whose length has 19 bits.
pub(super) const MOST_FIRST: usize = (1 << 19) - 1;

/// What is counted over all macroblocks.
pub(super) struct Statistics {
    pub(super) tokens: Counts,
    /// Macroblocks that have levels, and those that have none.
    coded: [u32; 2],
}

impl Statistics {
    pub(super) fn new() -> Self {
        Self { tokens: tokens::no_counts(), coded: [0; 2] }
    }

    /// Counts a macroblock and its tokens.
    #[inline(always)]
    pub(super) fn add(&mut self, macroblock: &Macroblock, sides: (&mut Side, &mut Side)) {
        self.coded[usize::from(macroblock.is_empty())] += 1;
        put_levels(&mut self.tokens, macroblock, sides);
    }
}

/// The probabilities of a frame, all of which follow from the statistics.
#[derive(PartialEq, Eq)]
pub(super) struct Odds {
    /// That a macroblock has levels.
    pub(super) coded: u8,
    pub(super) tokens: Box<TokenTable<u8>>,
}

impl Odds {
    pub(super) fn of(statistics: &Statistics) -> Self {
        Self {
            coded: tokens::probability(statistics.coded),
            tokens: tokens::probabilities(&statistics.tokens),
        }
    }
}

/// Writes the header in front of the macroblocks' modes.
pub(super) fn put_header(bits: &mut BoolWriter, settings: &Settings, odds: &Odds) {
    // Colours of BT.601; samples must be clamped; no segments.
    bits.put_number(0, 3);
    // The normal loop filter, its strength, sharpness 0, no adjustments by mode.
    bits.put_number(u32::from(settings.filter) << 4, 1 + 6 + 3 + 1);
    // One partition of tokens; the quantiser's index, and no differences to it.
    bits.put_number(u32::from(settings.index) << 5, 2 + 7 + 5);
    // The probabilities hold for this frame.
    bits.put_number(0, 1);
    let defaults = DEFAULT.as_flattened().as_flattened().as_flattened();
    let updates = UPDATE.as_flattened().as_flattened().as_flattened();
    let tokens = odds.tokens.as_flattened().as_flattened().as_flattened();
    for ((odds, default), update) in tokens.iter().zip(defaults).zip(updates) {
        bits.put(odds != default, *update);
        if odds != default {
            bits.put_number((*odds).into(), 8);
        }
    }
    // Macroblocks without levels are marked.
    bits.put_number(1 << 8 | u32::from(odds.coded), 9);
}

/// The bytes before the first partition.
pub(super) fn head(size: Size, first: usize) -> [u8; HEAD] {
    // A key frame of version 0, to be shown.
    let tag = (first as u32) << 5 | 1 << 4;
    let [a, b, c, _] = tag.to_le_bytes();
    let ([w0, w1], [h0, h1]) = ((size.width as u16).to_le_bytes(), (size.height as u16).to_le_bytes());
    [a, b, c, START_CODE[0], START_CODE[1], START_CODE[2], w0, w1, h0, h1]
}

/// Writes both partitions, a macroblock at a time.
pub(super) struct Writer<'a> {
    modes: BoolWriter,
    tokens: TokenWriter<'a>,
    odds: &'a Odds,
    neighbours: Neighbours,
}

impl<'a> Writer<'a> {
    /// Begins with the header. `capacities`: about the bytes of both partitions.
    pub(super) fn new(grid: Grid, settings: &Settings, odds: &'a Odds, capacities: [usize; 2]) -> Self {
        let mut modes = BoolWriter::new(capacities[0]);
        put_header(&mut modes, settings, odds);
        let tokens = TokenWriter { bits: BoolWriter::new(capacities[1]), probabilities: &odds.tokens };
        Self { modes, tokens, odds, neighbours: Neighbours::new(grid.across) }
    }

    pub(super) fn put(&mut self, macroblock: &Macroblock, column: usize) {
        if column == 0 {
            self.neighbours.start_row();
        }
        let (above, left) = self.neighbours.of(column);
        put_modes(&mut self.modes, macroblock, self.odds.coded, (&mut *above, &mut *left));
        put_levels(&mut self.tokens, macroblock, (above, left));
    }

    /// Both partitions.
    pub(super) fn finish(self) -> [Vec<u8>; 2] {
        [self.modes.finish(), self.tokens.bits.finish()]
    }
}

/// Macroblocks, packed: only levels that are not 0, and their positions.
#[derive(Default)]
pub(super) struct Packed {
    row: Vec<i16>,
    rows: Vec<Box<[i16]>>,
}

/// Most values of a packed macroblock: its modes, and for each block a mask and its levels.
pub(super) const MOST_VALUES: usize = 5 + 25 * 17;

impl Packed {
    /// For rows of this many macroblocks.
    pub(super) fn new(across: usize) -> Self {
        Self { row: Vec::with_capacity(across * MOST_VALUES), rows: Vec::new() }
    }

    pub(super) fn push(&mut self, macroblock: &Macroblock) {
        let whole = match macroblock.luma {
            LumaMode::Whole(mode) => 1 + mode as i16,
            LumaMode::Blocks(_) => 0,
        };
        let empty = i16::from(macroblock.is_empty());
        self.row.push(empty | (macroblock.chroma as i16) << 1 | whole << 3);
        if let LumaMode::Blocks(modes) = macroblock.luma {
            for [a, b, c, d] in modes.as_chunks().0 {
                self.row.push(u16::from_le_bytes([a | b << 4, c | d << 4]).cast_signed());
            }
        }
        if empty == 1 {
            return;
        }
        for levels in &macroblock.levels {
            let mask = self.row.len();
            self.row.push(0);
            for (at, level) in levels.iter().enumerate().filter(|(_, level)| **level != 0) {
                self.row[mask] |= 1 << at;
                self.row.push(*level);
            }
        }
    }

    pub(super) fn end_row(&mut self) {
        self.rows.push(self.row[..].into());
        self.row.clear();
    }

    /// Gives the macroblocks and their columns, in order.
    pub(super) fn each(&self, mut take: impl FnMut(&Macroblock, usize)) {
        for row in &self.rows {
            let (mut values, mut column) = (row.iter().copied(), 0);
            while let Some(first) = values.next() {
                take(&unpack(first, &mut values), column);
                column += 1;
            }
        }
    }
}

fn unpack(first: i16, values: &mut impl Iterator<Item = i16>) -> Macroblock {
    let mut next = || values.next().unwrap_or_default();
    let luma = match first >> 3 {
        0 => {
            let mut modes = [0; 16];
            for four in modes.as_chunks_mut().0 {
                let [low, high] = next().to_le_bytes();
                *four = [low & 15, low >> 4, high & 15, high >> 4];
            }
            LumaMode::Blocks(modes)
        }
        whole => LumaMode::Whole(Mode::ALL[(whole - 1) as usize & 3]),
    };
    let mut levels = [[0; 16]; 25];
    if first & 1 == 0 {
        for levels in &mut levels {
            let mask = next();
            for (_, level) in levels.iter_mut().enumerate().filter(|(at, _)| mask >> at & 1 == 1) {
                *level = next();
            }
        }
    }
    Macroblock { luma, chroma: Mode::ALL[(first >> 1 & 3) as usize], levels }
}
