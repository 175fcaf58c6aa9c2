//! A coded macroblock, what its neighbours mean for its code, and its modes and levels as bits.

use super::bool_coder::BoolWriter;
use super::quantize::Levels;
use super::tokens::{TokenSink, put_block};
use crate::geometry::Size;
use crate::vp8::modes::{B_DC, BLOCK_MODE, CHROMA_MODE, LUMA_MODE, LumaMode, Mode, block_path};

/// Index of the block of luma's DCs in [`Macroblock::levels`].
pub(super) const DCS: usize = 24;

/// One macroblock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Macroblock {
    pub(super) luma: LumaMode,
    pub(super) chroma: Mode,
    /// Sixteen blocks of luma, four of Cb, four of Cr, and that of luma's DCs.
    pub(super) levels: [Levels; 25],
}

impl Macroblock {
    /// Whether luma's DCs have a block of their own.
    pub(super) fn is_whole(&self) -> bool {
        matches!(self.luma, LumaMode::Whole(_))
    }

    /// Whether all levels are 0: then none are written.
    pub(super) fn is_empty(&self) -> bool {
        self.levels.iter().all(|levels| *levels == [0; 16])
    }
}

/// Division of a picture into macroblocks.
#[derive(Clone, Copy)]
pub(super) struct Grid {
    pub(super) size: Size,
    pub(super) across: usize,
    pub(super) down: usize,
}

impl Grid {
    pub(super) fn new(size: Size) -> Self {
        Self { size, across: size.width.div_ceil(16) as usize, down: size.height.div_ceil(16) as usize }
    }

    /// The blocks, by their bits, of a macroblock that have no pixel of the picture.
    pub(super) fn outside(self, column: usize, row: usize) -> u32 {
        let (width, height) = (self.size.width as usize, self.size.height as usize);
        let mut mask = 0;
        for block in 0..24 {
            let (x, y, right, bottom) = if block < 16 {
                (16 * column + 4 * (block % 4), 16 * row + 4 * (block / 4), width, height)
            } else {
                let (x, y) = (block % 2, block / 2 % 2);
                (8 * column + 4 * x, 8 * row + 4 * y, width.div_ceil(2), height.div_ceil(2))
            };
            mask |= u32::from(x >= right || y >= bottom) << block;
        }
        mask
    }
}

/// What a macroblock leaves for the next one on the right or below.
#[derive(Clone, Copy, Default)]
pub(super) struct Side {
    /// The modes of its last blocks of 4 x 4.
    pub(super) modes: [u8; 4],
    /// Whether its last blocks have levels: luma, both planes of chroma, luma's DCs.
    pub(super) luma: [bool; 4],
    pub(super) chroma: [[bool; 2]; 2],
    pub(super) dcs: bool,
}

/// The neighbours of the macroblock that is coded.
pub(super) struct Neighbours {
    above: Vec<Side>,
    left: Side,
}

impl Neighbours {
    pub(super) fn new(across: usize) -> Self {
        Self { above: vec![Side::default(); across], left: Side::default() }
    }

    pub(super) fn start_row(&mut self) {
        self.left = Side::default();
    }

    /// Those above and on the left of a column.
    pub(super) fn of(&mut self, column: usize) -> (&mut Side, &mut Side) {
        (&mut self.above[column], &mut self.left)
    }
}

/// Visits the blocks of a macroblock that has levels, in the order of the stream (RFC 6386, 13.3). `visit` gets a block's index,
/// kind, context and first position, and says whether it has levels.
#[inline(always)]
pub(super) fn visit_blocks<E>(
    whole: bool,
    (above, left): (&mut Side, &mut Side),
    mut visit: impl FnMut(usize, usize, usize, usize) -> Result<bool, E>,
) -> Result<(), E> {
    let context = |a: bool, b: bool| usize::from(a) + usize::from(b);
    if whole {
        let has = visit(DCS, 1, context(above.dcs, left.dcs), 0)?;
        (above.dcs, left.dcs) = (has, has);
    }
    let (kind, first) = if whole { (0, 1) } else { (3, 0) };
    for block in 0..16 {
        let (a, l) = (&mut above.luma[block % 4], &mut left.luma[block / 4]);
        let has = visit(block, kind, context(*a, *l), first)?;
        (*a, *l) = (has, has);
    }
    for block in 0..8 {
        let plane = block / 4;
        let (a, l) = (&mut above.chroma[plane][block % 2], &mut left.chroma[plane][block / 2 % 2]);
        let has = visit(16 + block, 2, context(*a, *l), 0)?;
        (*a, *l) = (has, has);
    }
    Ok(())
}

/// What a macroblock without levels leaves.
pub(super) fn skip_blocks(whole: bool, (above, left): (&mut Side, &mut Side)) {
    for side in [above, left] {
        (side.luma, side.chroma) = ([false; 4], [[false; 2]; 2]);
        // A macroblock without a block of DCs leaves what was before it.
        side.dcs &= !whole;
    }
}

/// Gives the tokens of a macroblock; none if it is empty.
#[inline(always)]
pub(super) fn put_levels(sink: &mut impl TokenSink, macroblock: &Macroblock, sides: (&mut Side, &mut Side)) {
    let whole = macroblock.is_whole();
    if macroblock.is_empty() {
        return skip_blocks(whole, sides);
    }
    let visited: Result<(), std::convert::Infallible> =
        visit_blocks(whole, sides, |block, kind, context, first| {
            Ok(put_block(sink, kind, context, first, &macroblock.levels[block]))
        });
    visited.unwrap_or_default();
}

/// Writes a macroblock's modes (RFC 6386, 19.3); `coded` is the probability that it has levels.
pub(super) fn put_modes(
    bits: &mut BoolWriter,
    macroblock: &Macroblock,
    coded: u8,
    (above, left): (&mut Side, &mut Side),
) {
    bits.put(macroblock.is_empty(), coded);
    let [luma, first, vertical, motion] = LUMA_MODE;
    bits.put(macroblock.is_whole(), luma);
    match macroblock.luma {
        LumaMode::Whole(mode) => {
            let number = mode as usize;
            bits.put(number > 1, first);
            bits.put(number & 1 == 1, if number > 1 { motion } else { vertical });
            (above.modes, left.modes) = ([mode.as_block(); 4], [mode.as_block(); 4]);
        }
        LumaMode::Blocks(modes) => {
            for (block, mode) in modes.into_iter().enumerate() {
                let (a, l) = (&mut above.modes[block % 4], &mut left.modes[block / 4]);
                let odds = &BLOCK_MODE[usize::from(*a)][usize::from(*l)];
                for (branch, taken) in block_path(mode.into()) {
                    bits.put(*taken, odds[usize::from(*branch)]);
                }
                (*a, *l) = (mode, mode);
            }
        }
    }
    let chroma = macroblock.chroma as usize;
    for (branch, probability) in CHROMA_MODE.iter().enumerate().take(chroma + 1) {
        bits.put(chroma > branch, *probability);
    }
}

/// The same neighbours' modes without writing.
pub(super) fn pass_modes(macroblock: &Macroblock, (above, left): (&mut Side, &mut Side)) {
    match macroblock.luma {
        LumaMode::Whole(mode) => (above.modes, left.modes) = ([mode.as_block(); 4], [mode.as_block(); 4]),
        LumaMode::Blocks(modes) => {
            above.modes.copy_from_slice(&modes[12..]);
            left.modes = [3, 7, 11, 15].map(|at| modes[at]);
        }
    }
}

/// Whether a macroblock holds nothing in the blocks of `outside`.
pub(super) fn is_clear(macroblock: &Macroblock, outside: u32) -> bool {
    (0..24).filter(|block| outside >> block & 1 == 1).all(|block| {
        let mode = match macroblock.luma {
            LumaMode::Blocks(modes) if block < 16 => modes[block] == B_DC,
            _ => true,
        };
        mode && macroblock.levels[block] == [0; 16]
    })
}
