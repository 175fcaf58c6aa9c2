//! What the first partition says of a macroblock (RFC 6386, section 11).

use super::frame_header::FrameHeader;
use crate::vp8::bool_decoder::BoolDecoder;
use crate::vp8::modes::{LumaMode, Mode, read_chroma, read_luma};

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
        let luma = read_luma(bits, above, left);
        let chroma = read_chroma(bits);
        *decoder = local;
        Self { segment, empty, luma, chroma }
    }
}
