//! Luma and chroma to red, green and blue (ITU-T H.273, 8.3), in integers, with one rounding at the end.
//!
//! Chroma of half the density is made as dense as luma by a triangle, as for JPEG: three parts of the nearer sample and one of the
//! farther, along each axis that is coarse. What lies beyond the shown picture's edges does not count.

use super::tile_rows::PlaneRow;
use crate::probe::formats::heic::{Coding, Samples};

/// Fraction bits of the factors.
const FACTOR_BITS: u32 = 14;

/// Chroma is in sixteenths of a step: the weights of both axes.
const CHROMA_ONE: i64 = 16;

/// What makes pixels of one picture's rows.
pub(super) struct Converter {
    /// What 0 and full mean of luma, and what chroma is without colour.
    black: i64,
    luma: i64,
    middle: i64,
    colors: Colors,
    /// The largest sample that is given: 255 or 65535.
    full: i64,
}

/// How colours lie in the planes.
enum Colors {
    /// There are none.
    Gray,
    /// Green, blue and red are the planes themselves.
    Planes,
    /// Blue to green and to blue; red to red and to green.
    Differences { blue: [i64; 2], red: [i64; 2] },
}

impl Converter {
    /// The probe lets through no other matrices than these.
    pub(super) fn new(samples: Samples, coding: Coding) -> Self {
        let full: i64 = if samples.depth > 8 { 65_535 } else { 255 };
        let step = 1_i64 << (samples.depth - 8);
        let largest = (step << 8) - 1;
        // what luma and chroma span
        let (luma, chroma) = if coding.full_range { (largest, largest) } else { (219 * step, 224 * step) };
        let colors = match coding.weights() {
            _ if samples.chroma == 0 => Colors::Gray,
            Some(weights) => differences(weights, full as f64 / chroma as f64),
            None => Colors::Planes,
        };
        Self {
            black: if coding.full_range { 0 } else { 16 * step },
            luma: factor(full as f64 / luma as f64),
            middle: 128 * step * CHROMA_ONE,
            colors,
            full,
        }
    }

    /// Whether pixels are of one channel.
    pub(super) fn is_gray(&self) -> bool {
        matches!(self.colors, Colors::Gray)
    }

    /// Makes the pixels of a row; `give` takes the pixel's place in the row, and its channels (gray in all three).
    pub(super) fn convert(&self, row: &PlaneRow, mut give: impl FnMut(usize, [u16; 3])) {
        let finish = |sum: i64| {
            let half = 1 << (FACTOR_BITS - 1);
            ((sum + half) >> FACTOR_BITS).clamp(0, self.full) as u16
        };
        let luma = |sample: u16| (i64::from(sample) - self.black) * self.luma;
        // sixteenths, with one rounding
        let finish_mixed = |sum: i64| {
            let half = CHROMA_ONE << (FACTOR_BITS - 1);
            ((sum + half) >> (FACTOR_BITS + 4)).clamp(0, self.full) as u16
        };
        for (n, &sample) in row.luma.iter().enumerate() {
            let pixel = match &self.colors {
                Colors::Gray => [finish(luma(sample)); 3],
                Colors::Planes => {
                    let [blue, red] = [0, 1].map(|c| luma(row.chroma[c][0].get(n).copied().unwrap_or(0)));
                    [finish(red), finish(luma(sample)), finish(blue)]
                }
                Colors::Differences { blue, red } => {
                    let [b, r] = [0, 1].map(|c| mixed(&row.chroma[c], row.pairs.get(n)) - self.middle);
                    let luma = luma(sample) * CHROMA_ONE;
                    [luma + red[0] * r, luma - blue[0] * b - red[1] * r, luma + blue[1] * b].map(finish_mixed)
                }
            };
            give(n, pixel);
        }
    }
}

/// Chroma of a pixel, in sixteenths: three parts of the nearer sample and one of the farther, along both axes.
fn mixed([near, far]: &[Vec<u16>; 2], pair: Option<&[u32; 2]>) -> i64 {
    let [own, other] = pair.copied().unwrap_or_default().map(|column| {
        let at = |row: &[u16]| i64::from(row.get(column as usize).copied().unwrap_or(0));
        3 * at(near) + at(far)
    });
    3 * own + other
}

fn factor(value: f64) -> i64 {
    (value * f64::from(1 << FACTOR_BITS) + 0.5) as i64
}

/// The factors of a matrix with these weights of red and blue; `scale`: what a step of chroma means.
fn differences((red, blue): (f64, f64), scale: f64) -> Colors {
    let green = 1.0 - red - blue;
    let (of_red, of_blue) = (2.0 * (1.0 - red), 2.0 * (1.0 - blue));
    Colors::Differences {
        blue: [factor(scale * of_blue * blue / green), factor(scale * of_blue)],
        red: [factor(scale * of_red), factor(scale * of_red * red / green)],
    }
}
