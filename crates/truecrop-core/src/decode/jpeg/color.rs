//! From the file's components to the row that is handed out: integers with the roundings of libjpeg-turbo.

use super::header::Colors;
use crate::decode::Layout;

impl Colors {
    /// What a row of these components becomes.
    pub(super) fn layout(self) -> Layout {
        match self {
            Colors::Gray => Layout::Gray,
            Colors::YCbCr | Colors::Rgb => Layout::Rgb,
            Colors::Cmyk | Colors::Ycck => Layout::Cmyk,
        }
    }

    /// Channels of that row.
    pub(super) fn channels(self) -> usize {
        match self {
            Colors::Gray => 1,
            Colors::YCbCr | Colors::Rgb => 3,
            Colors::Cmyk | Colors::Ycck => 4,
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

/// Interleaves one row. `rows` has a slice per component, `out` a whole number of pixels.
///
/// CMYK leaves with 0 = no ink: stored values are inverted (Adobe's way, the only one that decoders know).
pub(super) fn convert(colors: Colors, rows: [&[u8]; 4], out: &mut [u8]) {
    let [a, b, c, d] = rows;
    match colors {
        Colors::Gray => out.copy_from_slice(a),
        Colors::YCbCr => {
            for (((out, &y), &cb), &cr) in out.as_chunks_mut::<3>().0.iter_mut().zip(a).zip(b).zip(c) {
                *out = rgb(y, cb, cr);
            }
        }
        Colors::Rgb => {
            for (((out, &r), &g), &b) in out.as_chunks_mut::<3>().0.iter_mut().zip(a).zip(b).zip(c) {
                *out = [r, g, b];
            }
        }
        Colors::Cmyk | Colors::Ycck => {
            let pixels = a.iter().zip(b).zip(c).zip(d);
            for (out, (((&a, &b), &c), &k)) in out.as_chunks_mut::<4>().0.iter_mut().zip(pixels) {
                // YCCK holds the complement of the stored CMY (T.872, 6.1): twice inverted is what we want
                let ink = if colors == Colors::Ycck { rgb(a, b, c) } else { [255 - a, 255 - b, 255 - c] };
                *out = [ink[0], ink[1], ink[2], 255 - k];
            }
        }
    }
}
