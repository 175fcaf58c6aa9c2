//! How macroblocks are predicted, as the first partition says it (RFC 6386, section 11).

use super::bool_decoder::BoolDecoder;
use super::tables::BLOCK_MODE_PROBABILITIES;

/// The mode of luma as a whole, or of chroma, in the format's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// The mean of the samples above and to the left.
    Dc,
    /// The row above.
    Vertical,
    /// The column to the left.
    Horizontal,
    /// Above plus left, less the corner.
    TrueMotion,
}

impl Mode {
    pub(crate) const ALL: [Self; 4] = [Self::Dc, Self::Vertical, Self::Horizontal, Self::TrueMotion];

    /// The mode of 4 x 4 that neighbours take this one for (11.3).
    pub(crate) fn as_block(self) -> u8 {
        match self {
            Self::Dc => B_DC,
            Self::Vertical => B_VE,
            Self::Horizontal => B_HE,
            Self::TrueMotion => B_TM,
        }
    }
}

/// Modes of 4 x 4 blocks (11.2).
pub(crate) const BLOCK_MODES: usize = 10;

/// Modes of 4 x 4 blocks, by number, in the order of RFC 6386.
pub(crate) const B_DC: u8 = 0;
pub(crate) const B_TM: u8 = 1;
pub(crate) const B_VE: u8 = 2;
pub(crate) const B_HE: u8 = 3;
pub(crate) const B_LD: u8 = 4;
pub(crate) const B_RD: u8 = 5;
pub(crate) const B_VR: u8 = 6;
pub(crate) const B_VL: u8 = 7;
pub(crate) const B_HD: u8 = 8;
pub(crate) const B_HU: u8 = 9;

/// Probabilities of the luma mode of a key frame's macroblock (11.2): that it is not predicted as a whole; then by the tree of its mode.
pub(crate) const LUMA_MODE: [u8; 4] = [145, 156, 163, 128];
/// Probabilities of the chroma mode of a key frame's macroblock (11.2): of each mode but the last, where it is none of those before.
pub(crate) const CHROMA_MODE: [u8; 3] = [142, 114, 183];

/// Probabilities of the mode of a block of 4 x 4, by the modes above and on the left (11.5).
pub(crate) const BLOCK_MODE: [[[u8; BLOCK_MODES - 1]; BLOCK_MODES]; BLOCK_MODES] = {
    let mut table = [[[0; BLOCK_MODES - 1]; BLOCK_MODES]; BLOCK_MODES];
    let mut i = 0;
    while i < BLOCK_MODE_PROBABILITIES.len() {
        table[i / 90][i / 9 % 10][i % 9] = BLOCK_MODE_PROBABILITIES[i];
        i += 1;
    }
    table
};

/// A leaf of the tree below; other entries are the next pair's place.
const fn leaf(mode: u8) -> u8 {
    0x80 | mode
}

/// The tree of the modes of 4 x 4 blocks (11.2).
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

/// Most branches to a leaf.
const DEEPEST: usize = 7;

/// For each mode of 4 x 4 blocks the branches that lead to it, and how many they are.
const BLOCK_PATHS: [([(u8, bool); DEEPEST], usize); BLOCK_MODES] = {
    let mut paths = [([(0, false); DEEPEST], 0); BLOCK_MODES];
    let mut end = 0;
    while end < BLOCK_MODE_TREE.len() {
        if BLOCK_MODE_TREE[end] >= 0x80 {
            let (path, length) = &mut paths[(BLOCK_MODE_TREE[end] & 0x7F) as usize];
            // from the leaf to the root, and each branch before those that were found
            let mut at = end;
            loop {
                let mut i = *length;
                while i > 0 {
                    path[i] = path[i - 1];
                    i -= 1;
                }
                path[0] = (at as u8 / 2, at % 2 == 1);
                *length += 1;
                if at < 2 {
                    break;
                }
                let pair = at as u8 & !1;
                at = 0;
                while BLOCK_MODE_TREE[at] != pair {
                    at += 1;
                }
            }
        }
        end += 1;
    }
    paths
};

/// The branches that lead to a mode of 4 x 4 blocks: the index of the probability, and the bit.
#[inline(always)]
pub(crate) fn block_path(mode: usize) -> &'static [(u8, bool)] {
    let (path, length) = &BLOCK_PATHS[mode];
    &path[..*length]
}

/// How the luma of a macroblock is predicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LumaMode {
    Whole(Mode),
    /// Block by block, row by row.
    Blocks([u8; 16]),
}

/// Reads how luma is predicted. `above` and `left`: the modes of the blocks next to the macroblock, which become those of its own.
#[inline(always)]
pub(crate) fn read_luma(bits: &mut BoolDecoder<'_>, above: &mut [u8; 4], left: &mut [u8; 4]) -> LumaMode {
    let [luma, first, vertical, motion] = LUMA_MODE;
    if !bits.read(luma) {
        return LumaMode::Blocks(read_blocks(bits, above, left));
    }
    let mode = match bits.read(first) {
        true if bits.read(motion) => Mode::TrueMotion,
        true => Mode::Horizontal,
        false if bits.read(vertical) => Mode::Vertical,
        false => Mode::Dc,
    };
    (*above, *left) = ([mode.as_block(); 4], [mode.as_block(); 4]);
    LumaMode::Whole(mode)
}

#[inline(always)]
pub(crate) fn read_chroma(bits: &mut BoolDecoder<'_>) -> Mode {
    let [dc, vertical, horizontal] = CHROMA_MODE;
    if !bits.read(dc) {
        Mode::Dc
    } else if !bits.read(vertical) {
        Mode::Vertical
    } else if bits.read(horizontal) {
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
            let probabilities = &BLOCK_MODE[usize::from(*above)][usize::from(*left)];
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_path_leads_to_its_mode() {
        for mode in 0..BLOCK_MODES {
            let (mut at, path) = (0, block_path(mode));
            for &(index, bit) in path {
                assert_eq!(at / 2, index, "mode {mode}");
                at = BLOCK_MODE_TREE[usize::from(at) + usize::from(bit)];
            }
            assert_eq!(usize::from(at), 0x80 | mode, "{path:?}");
        }
    }
}
