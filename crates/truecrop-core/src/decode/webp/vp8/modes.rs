//! How macroblocks are predicted, as the first partition says it (RFC 6386, section 11).

use super::bool_decoder::BoolDecoder;
use super::frame_header::FrameHeader;
use crate::vp8_tables::BLOCK_MODE_PROBABILITIES;

/// The mode of luma as a whole, or of chroma.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// The mean of the samples above and to the left.
    Dc,
    /// The row above.
    Vertical,
    /// The column to the left.
    Horizontal,
    /// Above plus left, less the corner.
    TrueMotion,
}

/// Modes of 4 x 4 blocks, by number, in the order of RFC 6386.
pub(super) const B_DC: u8 = 0;
pub(super) const B_TM: u8 = 1;
pub(super) const B_VE: u8 = 2;
pub(super) const B_HE: u8 = 3;
pub(super) const B_LD: u8 = 4;
pub(super) const B_RD: u8 = 5;
pub(super) const B_VR: u8 = 6;
pub(super) const B_VL: u8 = 7;
pub(super) const B_HD: u8 = 8;
pub(super) const B_HU: u8 = 9;

/// A leaf of the tree below; other entries are the next pair's place.
const fn leaf(mode: u8) -> u8 {
    0x80 | mode
}

/// The tree of those modes (11.2).
const BLOCK_MODE_TREE: [u8; 18] = [
    leaf(B_DC),
    2,
    leaf(B_TM),
    4,
    leaf(B_VE),
    6,
    8,
    12,
    leaf(B_HE),
    10,
    leaf(B_RD),
    leaf(B_VR),
    leaf(B_LD),
    14,
    leaf(B_VL),
    16,
    leaf(B_HD),
    leaf(B_HU),
];

/// How the luma of a macroblock is predicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LumaMode {
    Whole(Mode),
    /// Block by block, row by row.
    Blocks([u8; 16]),
}

/// What the first partition says of a macroblock.
#[derive(Clone, Copy, Debug)]
pub(super) struct MacroblockModes {
    pub(super) segment: usize,
    /// It states that it has no coefficients.
    pub(super) empty: bool,
    pub(super) luma: LumaMode,
    pub(super) chroma: Mode,
}

impl MacroblockModes {
    /// Reads them. `above` and `left`: the modes of the blocks next to it, which become those of its own.
    pub(super) fn read(
        decoder: &mut BoolDecoder<'_>,
        header: &FrameHeader,
        above: &mut [u8; 4],
        left: &mut [u8; 4],
    ) -> Self {
        let mut local = *decoder;
        let bits = &mut local;
        let segment = header.segment_tree.map_or(0, |[root, lower, upper]| {
            let high = bits.read(root);
            2 * usize::from(high) + usize::from(bits.read(if high { upper } else { lower }))
        });
        let empty = header.has_coefficients.is_some_and(|probability| bits.read(probability));
        let luma = if bits.read(145) {
            let mode = read_luma(bits);
            let as_block = match mode {
                Mode::Dc => B_DC,
                Mode::Vertical => B_VE,
                Mode::Horizontal => B_HE,
                Mode::TrueMotion => B_TM,
            };
            (*above, *left) = ([as_block; 4], [as_block; 4]);
            LumaMode::Whole(mode)
        } else {
            LumaMode::Blocks(read_blocks(bits, above, left))
        };
        let chroma = read_chroma(bits);
        *decoder = local;
        Self { segment, empty, luma, chroma }
    }
}

#[inline(always)]
fn read_luma(bits: &mut BoolDecoder<'_>) -> Mode {
    match bits.read(156) {
        true if bits.read(128) => Mode::TrueMotion,
        true => Mode::Horizontal,
        false if bits.read(163) => Mode::Vertical,
        false => Mode::Dc,
    }
}

#[inline(always)]
fn read_chroma(bits: &mut BoolDecoder<'_>) -> Mode {
    if !bits.read(142) {
        Mode::Dc
    } else if !bits.read(114) {
        Mode::Vertical
    } else if bits.read(183) {
        Mode::TrueMotion
    } else {
        Mode::Horizontal
    }
}

#[inline(always)]
fn read_blocks(bits: &mut BoolDecoder<'_>, above: &mut [u8; 4], left: &mut [u8; 4]) -> [u8; 16] {
    let mut modes = [0; 16];
    for (row, left) in modes.as_chunks_mut::<4>().0.iter_mut().zip(left) {
        for (mode, above) in row.iter_mut().zip(above.iter_mut()) {
            let pair = 10 * usize::from(*above) + usize::from(*left);
            let probabilities = &BLOCK_MODE_PROBABILITIES[9 * pair..][..9];
            let mut at = 0;
            while at < 0x80 {
                let bit = bits.read(probabilities[usize::from(at / 2)]);
                at = BLOCK_MODE_TREE[usize::from(at) + usize::from(bit)];
            }
            *mode = at & 0x7F;
            (*above, *left) = (*mode, *mode);
        }
    }
    modes
}
