//! Reads a block's coefficients (RFC 6386, section 13).

use super::bool_decoder::BoolDecoder;
use super::frame_header::CoefficientProbabilities;

/// The band of each coefficient in the order of the stream, and of one behind the last.
const BANDS: [usize; 17] = [0, 1, 2, 3, 6, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7, 0];

/// The probabilities of one type of block: for each coefficient by its place in the stream, and context.
pub(super) type BlockProbabilities = [[[u8; 11]; 3]; 17];

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
pub(super) fn by_place(probabilities: &CoefficientProbabilities) -> Box<[BlockProbabilities; 4]> {
    let mut out = Box::new([[[[0; 11]; 3]; 17]; 4]);
    for (out, bands) in out.iter_mut().zip(probabilities) {
        *out = BANDS.map(|band| bands[band]);
    }
    out
}

/// Where each coefficient of the stream lies in a block whose rows begin `stride` after each other.
pub(super) const fn zigzag(stride: u8) -> [u8; 16] {
    const RASTER: [u8; 16] = [0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15];
    let (mut out, mut i) = ([0; 16], 0);
    while i < 16 {
        out[i] = RASTER[i] / 4 * stride + RASTER[i] % 4;
        i += 1;
    }
    out
}

/// Extra bits of the four largest categories (13.2): their probabilities, up to a zero.
const EXTRA_BITS: [[u8; 12]; 4] = [
    [173, 148, 140, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    [176, 155, 140, 135, 0, 0, 0, 0, 0, 0, 0, 0],
    [180, 157, 141, 134, 130, 0, 0, 0, 0, 0, 0, 0],
    [254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129, 0],
];

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
            let value = large_value(&mut bits, tree);
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

/// The value of a coefficient above 1.
#[inline(always)]
fn large_value(bits: &mut BoolDecoder<'_>, tree: &[u8; 11]) -> i32 {
    if !bits.read(tree[3]) {
        return if bits.read(tree[4]) { 3 + i32::from(bits.read(tree[5])) } else { 2 };
    }
    if !bits.read(tree[6]) {
        if !bits.read(tree[7]) {
            return 5 + i32::from(bits.read(159));
        }
        return 7 + 2 * i32::from(bits.read(165)) + i32::from(bits.read(145));
    }
    let high = usize::from(bits.read(tree[8]));
    let category = 2 * high + usize::from(bits.read(tree[9 + high]));
    let mut extra = 0;
    for &probability in EXTRA_BITS[category].iter().take_while(|probability| **probability > 0) {
        extra = 2 * extra + i32::from(bits.read(probability));
    }
    extra + 3 + (8 << category)
}
