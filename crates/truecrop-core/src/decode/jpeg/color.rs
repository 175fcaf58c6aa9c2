//! Converts a row of the file's components (YCbCr, YCCK, CMYK...) to gray, RGB or CMYK, in integers with the roundings of
//! libjpeg-turbo.

use super::header::ColorModel;
use super::plane::ROW_PADDING;
use crate::decode::{Layout, Row};
use crate::simd::{Eight, Unit, with_lanes};

impl ColorModel {
    /// The layout of the rows that these components become.
    pub(super) fn layout(self) -> Layout {
        match self {
            ColorModel::Gray => Layout::Gray,
            ColorModel::YCbCr | ColorModel::Rgb => Layout::Rgb,
            ColorModel::Cmyk | ColorModel::Ycck => Layout::Cmyk,
        }
    }
}

/// Constants of ITU-R BT.601 (JFIF 1.02) with 16 fraction bits.
const CR_TO_R: i32 = 91_881;
const CB_TO_G: i32 = -22_554;
const CR_TO_G: i32 = -46_802;
const CB_TO_B: i32 = 116_130;
const HALF: i32 = 1 << 15;

#[inline(always)]
fn rgb(y: u8, cb: u8, cr: u8) -> [u8; 3] {
    let (y, cb, cr) = (i32::from(y), i32::from(cb) - 128, i32::from(cr) - 128);
    let clamp = |v: i32| v.clamp(0, 255) as u8;
    [
        clamp(y + ((CR_TO_R * cr + HALF) >> 16)),
        clamp(y + ((CB_TO_G * cb + CR_TO_G * cr + HALF) >> 16)),
        clamp(y + ((CB_TO_B * cb + HALF) >> 16)),
    ]
}

/// [`rgb`] for eight pixels: the same results, with constants of 16 bits.
///
/// With k = 65536 n + m, `(k x + 32768) >> 16` is `n x + ((((2 m x) >> 16) + 1) >> 1)`.
#[inline(always)]
fn rgb_eight<V: Eight>(y: V, cb: V, cr: V) -> [V; 3] {
    let (cb, cr) = (cb.sub(V::splat(128)), cr.sub(V::splat(128)));
    let part = |x: V, m: i32| x.left::<1>().mul_high(V::splat(m as i16)).add(V::splat(1)).right::<1>();
    let r = y.add(cr).add(part(cr, CR_TO_R - 65_536));
    let b = y.add(cb.left::<1>()).add(part(cb, CB_TO_B - 2 * 65_536));
    let weights = V::pairs(CB_TO_G as i16, (CR_TO_G + 65_536) as i16);
    let green = |both: V| V::shift_wide(V::add_wide(both.dot(weights), V::wide(HALF)), 16);
    let (low, high) = cb.interleave(cr);
    let g = y.sub(cr).add(V::pack(green(low), green(high)));
    [r, g, b]
}

/// Converts rows. Holds the converted one.
pub(super) struct ColorConverter {
    colors: ColorModel,
    width: usize,
    unit: Unit,
    out: Vec<u8>,
}

impl ColorConverter {
    /// For rows of this many pixels.
    pub(super) fn new(colors: ColorModel, width: u32) -> Self {
        let width = width as usize;
        let size = match colors {
            ColorModel::YCbCr => 3 * (width + ROW_PADDING),
            ColorModel::Gray | ColorModel::Rgb => 0,
            ColorModel::Cmyk | ColorModel::Ycck => 4 * width,
        };
        Self { colors, width, unit: Unit::best(), out: vec![0; size] }
    }

    /// Most bytes that [`ColorConverter::new`] takes.
    pub(super) fn bytes(width: u32) -> u64 {
        4 * (u64::from(width) + ROW_PADDING as u64)
    }

    /// Converts one row. `rows` has a slice for each component: the row's samples, and [`ROW_PADDING`] more.
    ///
    /// CMYK is given with 0 = no ink: stored values are inverted (Adobe's way, the only one that decoders know).
    pub(super) fn convert<'a>(&'a mut self, rows: [&'a [u8]; 4]) -> Row<'a> {
        let width = self.width;
        let [a, b, c, d] = rows;
        match self.colors {
            ColorModel::Gray => Row::U8(&a[..width]),
            ColorModel::Rgb => Row::Planes([&a[..width], &b[..width], &c[..width]]),
            ColorModel::YCbCr => {
                with_lanes!(self.unit, V => ycc::<V>([a, b, c], &mut self.out, width));
                let plane = |i: usize| &self.out[i * (width + ROW_PADDING)..][..width];
                Row::Planes([plane(0), plane(1), plane(2)])
            }
            ColorModel::Cmyk | ColorModel::Ycck => {
                let pixels = a.iter().zip(b).zip(c).zip(d);
                for (out, (((&a, &b), &c), &k)) in self.out.as_chunks_mut::<4>().0.iter_mut().zip(pixels) {
                    // YCCK codes the complement of the stored CMY (T.872, 6.1), which is itself inverted: so these are inks
                    let ink = if self.colors == ColorModel::Ycck {
                        rgb(a, b, c)
                    } else {
                        [255 - a, 255 - b, 255 - c]
                    };
                    *out = [ink[0], ink[1], ink[2], 255 - k];
                }
                Row::U8(&self.out)
            }
        }
    }
}

#[inline(always)]
fn ycc<V: Eight>([y, cb, cr]: [&[u8]; 3], out: &mut [u8], width: usize) {
    let (r, rest) = out.split_at_mut(width + ROW_PADDING);
    let (g, b) = rest.split_at_mut(width + ROW_PADDING);
    for at in (0..width).step_by(V::LANES) {
        let load = |row: &[u8]| V::widen(&row[at..]);
        let [red, green, blue] = rgb_eight(load(y), load(cb), load(cr));
        red.narrow(&mut r[at..]);
        green.narrow(&mut g[at..]);
        blue.narrow(&mut b[at..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd;

    #[test]
    fn eight_pixels_at_once_are_the_definition() {
        let all: Vec<u8> = (0..=255).collect();
        let mut out = vec![0; 3 * (256 + ROW_PADDING)];
        let padded = |row: &[u8]| [row, &[0; ROW_PADDING]].concat();
        for cb in 0..=255_u8 {
            for y in [0_u8, 1, 77, 128, 254, 255] {
                let rows = [padded(&[y; 256]), padded(&[cb; 256]), padded(&all)];
                for unit in [ycc::<simd::scalar::Lanes>, ycc::<simd::Base>] {
                    unit([&rows[0], &rows[1], &rows[2]], &mut out, 256);
                    for cr in 0..256 {
                        let got = [0, 1, 2].map(|i| out[i * (256 + ROW_PADDING) + cr]);
                        assert_eq!(got, rgb(y, cb, cr as u8), "{y} {cb} {cr}");
                    }
                }
            }
        }
    }
}
