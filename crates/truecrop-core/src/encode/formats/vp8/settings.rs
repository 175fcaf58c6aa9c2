//! What a quality means: quantisers, the strength of the loop filter, and what bits weigh against errors.

use super::quantize::Quantizer;
use crate::vp8::tables::{AC_FACTORS, DC_FACTORS};

/// The quantiser index of each quality from 1 on: 127 (1 - cbrt(x)) rounded down, where x is 2/3 of the quality's share below 75
/// and falls from there on to 1.
const INDEX: [u8; 100] = [
    103, 96, 92, 89, 86, 83, 81, 79, 77, 75, 73, 72, 70, 69, 68, 66, 65, 64, 63, 62, 61, 60, 59, 58, 57, 56,
    55, 54, 53, 52, 51, 51, 50, 49, 48, 48, 47, 46, 45, 45, 44, 43, 43, 42, 41, 41, 40, 40, 39, 38, 38, 37,
    37, 36, 36, 35, 35, 34, 33, 33, 32, 32, 31, 31, 30, 30, 29, 29, 28, 28, 28, 27, 27, 26, 26, 24, 23, 22,
    21, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0,
];

/// How a frame is coded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    /// Index of the quantiser.
    pub(super) index: u8,
    /// Strength of the loop filter.
    pub(super) filter: u8,
    pub(super) luma: Quantizer,
    pub(super) dcs: Quantizer,
    pub(super) chroma: Quantizer,
    /// What 1/256 bit counts against 256 times the squared error: for modes, for levels of luma, for levels of chroma. Errors of levels
    /// weigh more, because what is left out is missing in all predictions from it.
    pub(super) modes_lambda: u64,
    pub(super) luma_lambda: u64,
    pub(super) chroma_lambda: u64,
}

/// The settings of a quality of 1 to 100.
pub(super) fn settings(quality: u8) -> Settings {
    let index = INDEX[usize::from(quality.clamp(1, 100)) - 1];
    let at = usize::from(index);
    let (dc, ac) = (DC_FACTORS[at].cast_unsigned(), AC_FACTORS[at].cast_unsigned());
    let (dcs_ac, chroma_dc) = ((u32::from(ac) * 155 / 100).max(8) as u16, dc.min(132));
    let step = u64::from(ac);
    let lambda = |weight: u64| ((step * step * weight) >> 10).max(1);
    Settings {
        index,
        filter: ((u32::from(ac) >> 2) * 5 / 4).min(63) as u8,
        luma: Quantizer::new([dc, ac], [96, 110], 64),
        dcs: Quantizer::new([2 * dc, dcs_ac], [96, 108], 16),
        chroma: Quantizer::new([chroma_dc, ac], [110, 115], 64),
        modes_lambda: lambda(20),
        luma_lambda: lambda(12),
        chroma_lambda: lambda(10),
    }
}
