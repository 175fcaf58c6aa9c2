//! Transfer curves, and tables of them.

use crate::decode::Depth;
use crate::pixel::ONE;
use std::sync::OnceLock;

/// sRGB-coded to linear light, 0..=1 (IEC 61966-2-1).
pub(super) fn decode_srgb(v: f64) -> f64 {
    if v <= 0.04045 { v / 12.92 } else { libm::pow((v + 0.055) / 1.055, 2.4) }
}

/// Linear light to sRGB-coded, 0..=1.
pub(super) fn encode_srgb(v: f64) -> f64 {
    if v <= 0.003_130_8 { v * 12.92 } else { 1.055 * libm::pow(v, 1.0 / 2.4) - 0.055 }
}

/// How a profile's samples become linear light, or one stage of its tables.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Curve {
    Srgb,
    /// y = x^g
    Power(f64),
    /// Evenly spaced points, at least two.
    Points(Vec<u16>),
    /// ICC.1:2022, 10.18, type 4 in its order g a b c d e f; the other types are special cases of it.
    Parametric([f64; 7]),
    /// ITU-R BT.709's camera curve, inverted.
    Bt709,
}

impl Curve {
    /// Linear light of a sample, both 0..=1. Whatever the parameters, the result is in range.
    pub(super) fn at(&self, x: f64) -> f64 {
        // a NaN stays one here, and becomes 0 in the tables
        self.beyond(x).clamp(0.0, 1.0)
    }

    /// The same without the cut to 0..=1: between the stages of a profile's tables, values may lie beyond.
    pub(super) fn beyond(&self, x: f64) -> f64 {
        match self {
            Curve::Srgb => decode_srgb(x),
            Curve::Power(g) => libm::pow(x.max(0.0), *g),
            Curve::Points(points) => interpolate(points, x),
            Curve::Parametric([g, a, b, c, d, e, f]) => {
                if x >= *d {
                    libm::pow((a * x + b).max(0.0), *g) + e
                } else {
                    c * x + f
                }
            }
            Curve::Bt709 if x < 0.081 => x / 4.5,
            Curve::Bt709 => libm::pow((x + 0.099) / 1.099, 1.0 / 0.45),
        }
    }
}

fn interpolate(points: &[u16], x: f64) -> f64 {
    let place = x * (points.len() - 1) as f64;
    let index = (place as usize).min(points.len() - 2);
    let (a, b) = (f64::from(points[index]), f64::from(points[index + 1]));
    (a + (b - a) * (place - index as f64)) / 65_535.0
}

/// Intervals of the table for 16-bit samples; between its points it is straight.
const INTERVALS: u32 = 4096;

/// Fraction bits that its points have beyond the result's.
const EXTRA: u32 = 6;

/// A function of a sample as a table, for 8 and for 16 bits.
pub(crate) struct Lut {
    narrow: [i32; 256],
    /// `INTERVALS + 1` points, or none when the source has 8 bits.
    #[cfg_attr(not(feature = "wide"), expect(dead_code, reason = "a JPEG has 8 bits"))]
    wide: Vec<i32>,
}

impl Lut {
    /// `f` maps 0..=1 to 0..=1; the table holds `scale` (at most 2^22) times that, rounded.
    pub(super) fn new(f: impl Fn(f64) -> f64, scale: i32, depth: Depth) -> Self {
        let round = |v: f64| libm::round(v) as i32;
        let narrow = std::array::from_fn(|i| round(f(i as f64 / 255.0) * f64::from(scale)));
        let fine = f64::from(scale << EXTRA);
        let point = |i: u32| round(f(f64::from(i) / f64::from(INTERVALS)) * fine);
        let wide = if depth == Depth::Sixteen { (0..=INTERVALS).map(point).collect() } else { Vec::new() };
        Self { narrow, wide }
    }

    #[inline(always)]
    pub(super) fn at8(&self, v: u8) -> i32 {
        self.narrow[usize::from(v)]
    }

    #[inline(always)]
    #[cfg(feature = "wide")]
    pub(super) fn at16(&self, v: u16) -> i32 {
        // 12 bits of index, 12 of fraction
        let place = ((u64::from(v) << 24) / 65_535) as usize;
        let (index, fraction) = (place >> 12, (place & 4095) as i64);
        let (Some(&a), b) = (self.wide.get(index), self.wide.get(index + 1)) else {
            return self.at8((v >> 8) as u8);
        };
        let (a, b) = (i64::from(a), i64::from(*b.unwrap_or(&a)));
        let fine = a * (4096 - fraction) + b * fraction;
        ((fine + (1 << (11 + EXTRA))) >> (12 + EXTRA)) as i32
    }
}

/// sRGB-coded bytes to linear working samples.
pub(super) fn light_of_byte() -> &'static Lut {
    static TABLE: OnceLock<Lut> = OnceLock::new();
    TABLE.get_or_init(|| Lut::new(decode_srgb, ONE, Depth::Eight))
}

/// Linear working samples, 0..=ONE, to sRGB-coded bytes.
pub(super) fn byte_of_light() -> &'static [u8] {
    static TABLE: OnceLock<Vec<u8>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let byte = |v: i32| libm::round(encode_srgb(f64::from(v) / f64::from(ONE)) * 255.0) as u8;
        (0..=ONE).map(byte).collect()
    })
}
