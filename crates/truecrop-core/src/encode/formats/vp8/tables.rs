//! VP8's trees and their probabilities (RFC 6386), as the encoder and its check ask for them.

use crate::vp8_tables::{BLOCK_MODE_PROBABILITIES, COEFFICIENT_PROBABILITIES, UPDATE_PROBABILITIES};

/// Block types of a macroblock (13.3): luma without its DC, the DCs of luma, chroma, luma with its DC.
pub(super) const KINDS: usize = 4;
/// Groups of coefficient positions (13.3).
pub(super) const BANDS: usize = 8;
/// Contexts of a token (13.3): whether the neighbour, or the coefficient before, is 0, 1 or more.
pub(super) const CONTEXTS: usize = 3;
/// Branches of the tree of tokens (13.2).
pub(super) const BRANCHES: usize = 11;

/// A number for each branch of each context of each band of each kind of blocks.
pub(super) type TokenTable<T> = [[[[T; BRANCHES]; CONTEXTS]; BANDS]; KINDS];

/// The band of each position in zigzag order (13.3), and one for the position after the last.
pub(super) const BAND: [u8; 17] = [0, 1, 2, 3, 6, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7, 0];

/// The natural position of each coefficient in zigzag order (13).
pub(super) const ZIGZAG: [u8; 16] = [0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15];

/// The least value of each category of large values, and one more than the largest value of all (13.2).
pub(super) const CATEGORIES: [u16; 7] = [5, 7, 11, 19, 35, 67, 2048 + 67];

/// Probabilities of the extra bits of each category (13.2).
pub(super) const EXTRA_BITS: [&[u8]; 6] = [
    &[159],
    &[165, 145],
    &[173, 148, 140],
    &[176, 155, 140, 135],
    &[180, 157, 141, 134, 130],
    &[254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129],
];

/// Probabilities of the luma mode of a key frame's macroblock (11.2).
pub(super) const LUMA_MODE: [u8; 4] = [145, 156, 163, 128];
/// Probabilities of the chroma mode of a key frame's macroblock (11.2).
pub(super) const CHROMA_MODE: [u8; 3] = [142, 114, 183];

/// For each mode of a block of 4 x 4, the branches of the tree that lead to it (11.2): the index of the probability, and the bit.
pub(super) const SUBBLOCK_PATHS: [&[(u8, bool)]; 10] = [
    &[(0, false)],
    &[(0, true), (1, false)],
    &[(0, true), (1, true), (2, false)],
    &[(0, true), (1, true), (2, true), (3, false), (4, false)],
    &[(0, true), (1, true), (2, true), (3, true), (6, false)],
    &[(0, true), (1, true), (2, true), (3, false), (4, true), (5, false)],
    &[(0, true), (1, true), (2, true), (3, false), (4, true), (5, true)],
    &[(0, true), (1, true), (2, true), (3, true), (6, true), (7, false)],
    &[(0, true), (1, true), (2, true), (3, true), (6, true), (7, true), (8, false)],
    &[(0, true), (1, true), (2, true), (3, true), (6, true), (7, true), (8, true)],
];

/// The probabilities that a branch's probability is not changed (13.4).
pub(super) const UPDATE: TokenTable<u8> = by_place(&UPDATE_PROBABILITIES);
/// Probabilities of tokens before any change (13.5).
pub(super) const DEFAULT: TokenTable<u8> = by_place(&COEFFICIENT_PROBABILITIES);

const fn by_place(list: &[u8; KINDS * BANDS * CONTEXTS * BRANCHES]) -> TokenTable<u8> {
    let mut table = [[[[0; BRANCHES]; CONTEXTS]; BANDS]; KINDS];
    let mut i = 0;
    while i < list.len() {
        let (context, branch) = (i / BRANCHES, i % BRANCHES);
        let (band, kind) = (context / CONTEXTS, context / CONTEXTS / BANDS);
        table[kind][band % BANDS][context % CONTEXTS][branch] = list[i];
        i += 1;
    }
    table
}

/// Probabilities of the mode of a block of 4 x 4, by the modes above and on the left (11.5).
pub(super) const SUBBLOCK_MODE: [[[u8; 9]; 10]; 10] = {
    let mut table = [[[0; 9]; 10]; 10];
    let mut i = 0;
    while i < BLOCK_MODE_PROBABILITIES.len() {
        table[i / 90][i / 9 % 10][i % 9] = BLOCK_MODE_PROBABILITIES[i];
        i += 1;
    }
    table
};
