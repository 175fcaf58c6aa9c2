//! How coefficients are coded (RFC 6386, section 13).

use super::bool_decoder::BoolDecoder;
use super::tables::{COEFFICIENT_PROBABILITIES, UPDATE_PROBABILITIES};

/// Kinds of blocks (13.3): luma without its DC, the DCs of luma, chroma, luma with its DC.
pub(crate) const KINDS: usize = 4;
/// Groups of coefficient positions (13.3).
pub(crate) const BANDS: usize = 8;
/// Contexts of a token (13.3): whether the neighbour, or the coefficient before, is 0, 1 or more.
pub(crate) const CONTEXTS: usize = 3;
/// Branches of the tree of tokens (13.2).
pub(crate) const BRANCHES: usize = 11;

/// Something for each branch of each context of each band of each kind of blocks.
pub(crate) type TokenTable<T> = [[[[T; BRANCHES]; CONTEXTS]; BANDS]; KINDS];

/// The band of each position in zigzag order (13.3), and one for the position after the last.
pub(crate) const BAND: [u8; 17] = [0, 1, 2, 3, 6, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7, 0];

/// The natural position of each coefficient in zigzag order (13).
pub(crate) const ZIGZAG: [u8; 16] = [0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15];

/// The least value of each category of large values, and one more than the largest value of all (13.2).
pub(crate) const CATEGORIES: [u16; 7] = [5, 7, 11, 19, 35, 67, 2048 + 67];

/// Probabilities of the extra bits of each category (13.2).
pub(crate) const EXTRA_BITS: [&[u8]; 6] = [
    &[159],
    &[165, 145],
    &[173, 148, 140],
    &[176, 155, 140, 135],
    &[180, 157, 141, 134, 130],
    &[254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129],
];

/// The probabilities that a branch's probability is not changed (13.4).
pub(crate) const UPDATE: TokenTable<u8> = by_place(&UPDATE_PROBABILITIES);
/// Probabilities of tokens before any change (13.5).
pub(crate) const DEFAULT: TokenTable<u8> = by_place(&COEFFICIENT_PROBABILITIES);

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

/// Reads which probabilities are not as usual (13.4).
pub(crate) fn read_probabilities(bits: &mut BoolDecoder<'_>) -> Box<TokenTable<u8>> {
    let mut table = Box::new(DEFAULT);
    let places = table.as_flattened_mut().as_flattened_mut().as_flattened_mut();
    for (place, &update) in places.iter_mut().zip(&UPDATE_PROBABILITIES) {
        if bits.read(update) {
            *place = bits.number(8) as u8;
        }
    }
    table
}

/// Reads the magnitude of a coefficient of 2 and more (13.2).
#[inline(always)]
pub(crate) fn read_large(bits: &mut BoolDecoder<'_>, tree: &[u8; BRANCHES]) -> u16 {
    if !bits.read(tree[3]) {
        return if bits.read(tree[4]) { 3 + u16::from(bits.read(tree[5])) } else { 2 };
    }
    let category = if bits.read(tree[6]) {
        let high = usize::from(bits.read(tree[8]));
        2 + 2 * high + usize::from(bits.read(tree[9 + high]))
    } else {
        usize::from(bits.read(tree[7]))
    };
    let extra = EXTRA_BITS[category].iter().fold(0, |value, odds| value << 1 | u16::from(bits.read(*odds)));
    CATEGORIES[category] + extra
}
