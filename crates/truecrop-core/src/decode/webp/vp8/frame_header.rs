//! The header of a key frame (RFC 6386, 9 and 19.2).

use crate::error::{Result, damaged};
use crate::geometry::Size;
use crate::vp8::bool_decoder::BoolDecoder;
use crate::vp8::tables::{AC_FACTORS, DC_FACTORS};
use crate::vp8::tokens::{TokenTable, read_probabilities};

/// Bytes before the first partition.
pub(super) const TAG_BYTES: usize = 10;

/// Most bytes of the first partition that the header takes.
pub(super) const HEADER_BYTES: usize = 4096;

/// Segments that a frame's macroblocks may belong to.
const SEGMENTS: usize = 4;

/// The part of the header that is not arithmetically coded.
pub(super) struct FrameTag {
    /// Bytes of the first partition.
    pub(super) first_partition: u32,
    pub(super) size: Size,
}

impl FrameTag {
    /// Reads it.
    ///
    /// # Errors
    /// [`Code::DamagedSource`](crate::Code::DamagedSource) where it is not of a key frame that is to be shown.
    pub(super) fn read(bytes: [u8; TAG_BYTES]) -> Result<Self> {
        let [a, b, c, s0, s1, s2, w0, w1, h0, h1] = bytes;
        let tag = u32::from_le_bytes([a, b, c, 0]);
        let (inter, version, shown) = (tag & 1, tag >> 1 & 7, tag >> 4 & 1);
        if inter == 1 || version > 3 || shown == 0 || [s0, s1, s2] != [0x9D, 0x01, 0x2A] {
            return Err(damaged("its frame is not one that is shown by itself"));
        }
        let side = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3FFF);
        Ok(Self { first_partition: tag >> 5, size: Size::new(side(w0, w1), side(h0, h1)) })
    }
}

/// What a segment's coefficients are multiplied by: that of DC and that of AC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Factors {
    pub(super) luma: [i16; 2],
    /// Of the block of the luma's DC coefficients.
    pub(super) second: [i16; 2],
    pub(super) chroma: [i16; 2],
}

/// How the edges of a macroblock's blocks are filtered (15.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct EdgeLimits {
    /// Differences up to it across an edge within a macroblock are smoothed. 0: nothing is.
    pub(super) edge: i16,
    /// Differences up to it on either side of the edge.
    pub(super) interior: i16,
    /// Differences above it on either side are a real edge.
    pub(super) high_variance: i16,
}

/// Which loop filter a frame has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Filter {
    None,
    Simple,
    Normal,
}

/// What the first partition begins with.
pub(super) struct FrameHeader {
    /// The probabilities of a macroblock's segment, where macroblocks state one.
    pub(super) segment_tree: Option<[u8; 3]>,
    pub(super) factors: [Factors; SEGMENTS],
    pub(super) filter: Filter,
    /// Of each segment: for macroblocks that are predicted at once, and for those of blocks that are predicted one by one.
    pub(super) limits: [[EdgeLimits; 2]; SEGMENTS],
    /// How many partitions of coefficients there are.
    pub(super) partitions: usize,
    /// The probabilities of coefficients.
    pub(super) coefficients: Box<TokenTable<u8>>,
    /// The probability that a macroblock has coefficients, where macroblocks state whether they do.
    pub(super) has_coefficients: Option<u8>,
}

/// Values by segment, instead of the frame's or added to it (9.3).
struct Segments {
    tree: Option<[u8; 3]>,
    absolute: bool,
    quantizers: [i32; SEGMENTS],
    filter_levels: [i32; SEGMENTS],
}

impl FrameHeader {
    /// Reads it from the start of the first partition.
    pub(super) fn read(bits: &mut BoolDecoder<'_>) -> Self {
        // the colour space, and whether samples need to be clamped: they always are, as in libwebp
        bits.number(2);
        let segments = bits.flag().then(|| Segments::read(bits));
        let simple = bits.flag();
        let (level, sharpness) = (bits.number(6) as i32, bits.number(3) as i16);
        let deltas = read_deltas(bits);
        let filter = match (level, simple) {
            (0, _) => Filter::None,
            (_, true) => Filter::Simple,
            (_, false) => Filter::Normal,
        };
        let limits = std::array::from_fn(|segment| {
            let base = match &segments {
                Some(s) if s.absolute => s.filter_levels[segment],
                Some(s) => s.filter_levels[segment] + level,
                None => level,
            };
            let [whole, of_blocks] = deltas;
            [base + whole, base + whole + of_blocks].map(|level| EdgeLimits::new(level, sharpness))
        });
        let partitions = 1 << bits.number(2);
        let factors = read_factors(bits, segments.as_ref());
        // whether the probabilities outlive the frame
        bits.flag();
        let coefficients = read_probabilities(bits);
        let has_coefficients = bits.flag().then(|| bits.number(8) as u8);
        let segment_tree = segments.and_then(|segments| segments.tree);
        Self { segment_tree, factors, filter, limits, partitions, coefficients, has_coefficients }
    }
}

impl Segments {
    fn read(bits: &mut BoolDecoder<'_>) -> Self {
        let (with_map, with_data) = (bits.flag(), bits.flag());
        let (mut absolute, mut quantizers, mut filter_levels) = (true, [0; SEGMENTS], [0; SEGMENTS]);
        if with_data {
            absolute = bits.flag();
            quantizers = quantizers.map(|_| bits.optional_signed(7).unwrap_or(0));
            filter_levels = filter_levels.map(|_| bits.optional_signed(6).unwrap_or(0));
        }
        let mut probability = || if bits.flag() { bits.number(8) as u8 } else { 255 };
        let tree = with_map.then(|| [probability(), probability(), probability()]);
        Self { tree, absolute, quantizers, filter_levels }
    }
}

/// What is added to the filter's level: in every macroblock of a key frame, and in those of blocks that are predicted one by
/// one (9.6).
fn read_deltas(bits: &mut BoolDecoder<'_>) -> [i32; 2] {
    let mut deltas = [0; 8];
    if !bits.flag() {
        return [0; 2];
    }
    if bits.flag() {
        deltas = deltas.map(|_| bits.optional_signed(6).unwrap_or(0));
    }
    [deltas[0], deltas[4]]
}

impl EdgeLimits {
    /// For a level that may lie outside of 0 to 63, and a sharpness of 0 to 7.
    fn new(level: i32, sharpness: i16) -> Self {
        let level = level.clamp(0, 63) as i16;
        if level == 0 {
            return Self::default();
        }
        let interior = match sharpness {
            0 => level,
            1..=4 => (level >> 1).min(9 - sharpness),
            _ => (level >> 2).min(9 - sharpness),
        };
        let interior = interior.max(1);
        let high_variance = i16::from(level >= 15) + i16::from(level >= 40);
        Self { edge: 2 * level + interior, interior, high_variance }
    }
}

/// Reads the quantizer's indices (9.6), and looks up the factors (14.1).
fn read_factors(bits: &mut BoolDecoder<'_>, segments: Option<&Segments>) -> [Factors; SEGMENTS] {
    let frame = bits.number(7) as i32;
    let [luma_dc, second_dc, second_ac, chroma_dc, chroma_ac] =
        [(); 5].map(|()| bits.optional_signed(4).unwrap_or(0));
    std::array::from_fn(|segment| {
        let base = match segments {
            Some(s) if s.absolute => s.quantizers[segment],
            Some(s) => s.quantizers[segment] + frame,
            None => frame,
        };
        let at = |delta: i32, most: i32| (base + delta).clamp(0, most) as usize;
        let second_ac = (i32::from(AC_FACTORS[at(second_ac, 127)]) * 155 / 100).max(8) as i16;
        Factors {
            luma: [DC_FACTORS[at(luma_dc, 127)], AC_FACTORS[at(0, 127)]],
            second: [2 * DC_FACTORS[at(second_dc, 127)], second_ac],
            chroma: [DC_FACTORS[at(chroma_dc, 117)], AC_FACTORS[at(chroma_ac, 127)]],
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_of_a_level() {
        // level, sharpness; edge, interior, high variance (RFC 6386, 15.2 to 15.4)
        for (level, sharpness, limits) in [
            (0, 0, [0, 0, 0]),
            (-5, 3, [0, 0, 0]),
            (1, 7, [3, 1, 0]),
            (14, 0, [42, 14, 0]),
            (15, 4, [35, 5, 1]),
            (40, 5, [84, 4, 2]),
            (63, 0, [189, 63, 2]),
            (99, 7, [128, 2, 2]),
        ] {
            let [edge, interior, high_variance] = limits;
            let want = EdgeLimits { edge, interior, high_variance };
            assert_eq!(EdgeLimits::new(level, sharpness), want, "level {level}, sharpness {sharpness}");
        }
    }
}
