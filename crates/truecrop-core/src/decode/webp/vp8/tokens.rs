//! Reads a block's coefficients (RFC 6386, section 13).

use crate::vp8::bool_decoder::BoolDecoder;
use crate::vp8::tokens::{BAND, BRANCHES, CONTEXTS, KINDS, TokenTable, ZIGZAG, read_large};

/// The probabilities of one type of block: for each coefficient by its place in the stream, and context.
pub(super) type BlockProbabilities = [[[u8; BRANCHES]; CONTEXTS]; BAND.len()];

/// The types of blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BlockType {
    /// Luma without its first coefficient.
    LumaWithoutDc,
    /// The first coefficients of all luma blocks of a macroblock.
    LumaDc,
    Chroma,
    /// Luma with all its coefficients.
    Luma,
}

/// The bands' probabilities, laid out by place.
pub(super) fn by_place(probabilities: &TokenTable<u8>) -> Box<[BlockProbabilities; KINDS]> {
    let mut out = Box::new([[[[0; BRANCHES]; CONTEXTS]; BAND.len()]; KINDS]);
    for (out, bands) in out.iter_mut().zip(probabilities) {
        *out = BAND.map(|band| bands[usize::from(band)]);
    }
    out
}

/// Where each coefficient of the stream lies in a block whose rows begin `stride` after each other.
pub(super) const fn zigzag(stride: u8) -> [u8; 16] {
    let (mut out, mut i) = ([0; 16], 0);
    while i < 16 {
        out[i] = ZIGZAG[i] / 4 * stride + ZIGZAG[i] % 4;
        i += 1;
    }
    out
}

/// Reads a block's coefficients from the `first` on, multiplies them, and puts each at its place in `out`, which is zero.
/// Gives how many coefficients of the stream there are, with the zeros before the last that is not.
#[inline(always)]
pub(super) fn read_block(
    decoder: &mut BoolDecoder<'_>,
    probabilities: &BlockProbabilities,
    context: usize,
    factors: [i16; 2],
    first: usize,
    order: &[u8; 16],
    out: &mut [i16],
) -> usize {
    let mut bits = *decoder;
    let (mut n, mut tree) = (first, &probabilities[first][context]);
    'block: while n < 16 {
        if !bits.read(tree[0]) {
            break;
        }
        while !bits.read(tree[1]) {
            n += 1;
            if n == 16 {
                break 'block;
            }
            tree = &probabilities[n][0];
        }
        let next = &probabilities[n + 1];
        let value = if bits.read(tree[2]) {
            let value = i32::from(read_large(&mut bits, tree));
            tree = &next[2];
            value
        } else {
            tree = &next[1];
            1
        };
        // only data that no encoder writes exceed 16 bits: they wrap, as in libwebp
        let factor = factors[usize::from(n > 0)];
        out[usize::from(order[n])] = (bits.with_sign(value) * i32::from(factor)) as i16;
        n += 1;
    }
    *decoder = bits;
    n
}
