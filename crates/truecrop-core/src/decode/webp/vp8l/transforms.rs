//! Undoes the transforms of a lossless stream, row by row (RFC 9649, section 4).

use super::bits::SourcedBits;
use super::pixels::{Pixels, invalid, to_error};
use crate::error::Result;
use crate::probe::formats::Bits;

/// Black and opaque.
const BLACK: u32 = 0xFF00_0000;

/// Values of blocks of 2 to the power of `bits` pixels a side.
pub(super) struct Blocks {
    bits: u32,
    across: usize,
    values: Vec<u32>,
}

impl Blocks {
    /// Reads them for a picture of this size.
    pub(super) fn read(bits: &mut SourcedBits<'_>, [width, height]: [usize; 2]) -> Result<Self> {
        let side = bits.read(3).map_err(to_error)? + 2;
        let count = |pixels: usize| pixels.div_ceil(1 << side);
        let values = Pixels::read_small(bits, [count(width), count(height)])?;
        Ok(Self { bits: side, across: count(width), values })
    }

    fn at(&self, x: usize, y: usize) -> u32 {
        self.values[(y >> self.bits) * self.across + (x >> self.bits)]
    }

    /// The side's bits, the blocks across, and the values.
    pub(super) fn into_parts(self) -> (u32, usize, Vec<u32>) {
        (self.bits, self.across, self.values)
    }
}

pub(super) enum Transform {
    /// What neighbours foretell was taken off. With the row above.
    Predictor(Blocks, Vec<u32>),
    /// Red and blue were made smaller by parts of green, and blue by a part of red.
    Color(Blocks),
    /// Green was taken off red and blue.
    SubtractGreen,
    /// Colours were replaced by places in a palette, several of which share a pixel: 2 to the power of `shared`. The picture is `width` wide.
    Palette { width: usize, shared: u32, palette: Vec<u32> },
}

impl Transform {
    /// Reads the transform of this kind, of a picture of this size; it may make the width smaller.
    pub(super) fn read(
        bits: &mut SourcedBits<'_>,
        kind: u32,
        [width, height]: &mut [usize; 2],
    ) -> Result<Self> {
        Ok(match kind {
            0 => Self::Predictor(Blocks::read(bits, [*width, *height])?, vec![0; *width]),
            1 => Self::Color(Blocks::read(bits, [*width, *height])?),
            2 => Self::SubtractGreen,
            _ => {
                let count = bits.read(8).map_err(to_error)? as usize + 1;
                let mut palette = Pixels::read_small(bits, [count, 1])?;
                for n in 1..count {
                    palette[n] = add(palette[n], palette[n - 1]);
                }
                let shared = match count {
                    1..=2 => 3,
                    3..=4 => 2,
                    5..=16 => 1,
                    _ => 0,
                };
                let whole = std::mem::replace(width, width.div_ceil(1 << shared));
                Self::Palette { width: whole, shared, palette }
            }
        })
    }

    /// Undoes it in row `y`, whose pixels are the first of `row`.
    pub(super) fn undo(&mut self, y: usize, row: &mut Vec<u32>) {
        match self {
            Self::Predictor(blocks, above) => {
                unpredict(blocks, y, above, row);
                above.copy_from_slice(row);
            }
            Self::Color(blocks) => {
                for (x, pixel) in row.iter_mut().enumerate() {
                    *pixel = uncolor(blocks.at(x, y), *pixel);
                }
            }
            Self::SubtractGreen => {
                for pixel in row {
                    let green = *pixel >> 8 & 0xFF;
                    *pixel = add(*pixel, green << 16 | green);
                }
            }
            Self::Palette { width, shared, palette } => {
                let (bits, within) = (8 >> *shared, (1_usize << *shared) - 1);
                row.resize(*width, 0);
                // from the end on, where nothing is overwritten that is still needed
                for x in (0..*width).rev() {
                    let packed = row[x >> *shared] >> 8 & 0xFF;
                    let index = packed >> (bits * (x & within) as u32) & ((1 << bits) - 1);
                    row[x] = palette.get(index as usize).copied().unwrap_or(0);
                }
            }
        }
    }
}

/// Adds channel by channel.
#[inline(always)]
fn add(a: u32, b: u32) -> u32 {
    let odd = (a & 0xFF00_FF00).wrapping_add(b & 0xFF00_FF00) & 0xFF00_FF00;
    let even = (a & 0x00FF_00FF).wrapping_add(b & 0x00FF_00FF) & 0x00FF_00FF;
    odd | even
}

/// Half the sum, channel by channel, rounded down.
#[inline(always)]
fn average(a: u32, b: u32) -> u32 {
    (((a ^ b) & 0xFEFE_FEFE) >> 1) + (a & b)
}

/// Channel by channel.
#[inline(always)]
fn each(a: u32, b: u32, c: u32, of: impl Fn(i32, i32, i32) -> i32) -> u32 {
    let [a, b, c] = [a, b, c].map(|pixel| pixel.to_le_bytes().map(i32::from));
    u32::from_le_bytes(std::array::from_fn(|n| of(a[n], b[n], c[n]).clamp(0, 255) as u8))
}

/// Left or above, whichever is nearer to what the gradient foretells.
#[inline(always)]
fn select(left: u32, above: u32, corner: u32) -> u32 {
    let gap = |a: u32, b: u32| -> u32 {
        a.to_le_bytes().into_iter().zip(b.to_le_bytes()).map(|(a, b)| u32::from(a.abs_diff(b))).sum()
    };
    if gap(above, corner) < gap(left, corner) { left } else { above }
}

fn unpredict(blocks: &Blocks, y: usize, above: &[u32], row: &mut [u32]) {
    let Some(first) = row.first_mut() else { return };
    *first = add(*first, if y == 0 { BLACK } else { above[0] });
    if y == 0 {
        for x in 1..row.len() {
            row[x] = add(row[x], row[x - 1]);
        }
        return;
    }
    for x in 1..row.len() {
        let (left, up, corner) = (row[x - 1], above[x], above[x - 1]);
        // behind the last is the first of the row itself
        let right = above.get(x + 1).copied().unwrap_or(row[0]);
        let predicted = match blocks.at(x, y) >> 8 & 15 {
            1 => left,
            2 => up,
            3 => right,
            4 => corner,
            5 => average(average(left, right), up),
            6 => average(left, corner),
            7 => average(left, up),
            8 => average(corner, up),
            9 => average(up, right),
            10 => average(average(left, corner), average(up, right)),
            11 => select(left, up, corner),
            12 => each(left, up, corner, |left, up, corner| left + up - corner),
            13 => each(average(left, up), corner, 0, |mean, corner, _| mean + (mean - corner) / 2),
            _ => BLACK,
        };
        row[x] = add(row[x], predicted);
    }
}

/// Gives red and blue back their parts of green, and blue its part of red.
fn uncolor(factors: u32, pixel: u32) -> u32 {
    let [green_to_red, green_to_blue, red_to_blue, _] = factors.to_le_bytes();
    let part = |factor: u8, color: u8| {
        ((i32::from(factor.cast_signed()) * i32::from(color.cast_signed())) >> 5) as u8
    };
    let [blue, green, red, alpha] = pixel.to_le_bytes();
    let red = red.wrapping_add(part(green_to_red, green));
    let blue = blue.wrapping_add(part(green_to_blue, green)).wrapping_add(part(red_to_blue, red));
    u32::from_le_bytes([blue, green, red, alpha])
}

/// Refuses a kind that came before.
pub(super) fn check_new(seen: &mut [bool; 4], kind: u32) -> Result<()> {
    if std::mem::replace(&mut seen[kind as usize], true) { Err(invalid()) } else { Ok(()) }
}
