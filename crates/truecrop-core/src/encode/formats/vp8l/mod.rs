//! Encodes WebP's lossless bitstream, VP8L (RFC 9649, section 3).
//!
//! Own code, because the available encoders order equally frequent symbols by an unstable sort, whose result depends on
//! the machine's word size: the browser and the server wrote different bytes for the same picture. Here every choice is an
//! integer comparison, and the symbol's number decides between equals.
//!
//! Green is subtracted from red and blue, each tile of 32 x 32 pixels is predicted by the best of six modes (`predict`),
//! runs are copied from the left or from above, and the rest is written with one set of prefix codes (`prefix`).

mod bits;
mod predict;
mod prefix;

use crate::geometry::Size;
use crate::pixel::Raster;
use bits::BitWriter;
use predict::{Modes, Residuals};
use prefix::{Histogram, PrefixCode};

/// Red, green, blue, alpha of one pixel.
type Pixel = [u8; 4];

const SIGNATURE: u64 = 0x2f;
const SUBTRACT_GREEN: u64 = 2;
const PREDICTOR: u64 = 0;

/// A shorter run takes more bits than its pixels.
const MIN_RUN: usize = 4;
/// The longest run that the format's 24 length symbols can express.
const MAX_RUN: usize = 4096;

/// Symbols of the green code: 256 values and 24 lengths.
const GREENS: usize = 280;
const VALUES: usize = 256;
const DISTANCES: usize = 40;

/// The picture as a VP8L bitstream.
pub(super) fn encode(raster: &Raster) -> Vec<u8> {
    let channels = if raster.alpha { Channels::Rgba } else { Channels::Rgb };
    let mut bits = BitWriter::default();
    write_header(&mut bits, raster.size, raster.alpha);
    write_transform(&mut bits, SUBTRACT_GREEN);
    write_predicted(&mut bits, &Pixels::new(&raster.data, raster.size, channels));
    bits.finish()
}

/// One value for each pixel as the green of a VP8L bitstream without its header, as ALPH chunks have it.
pub(super) fn encode_opacity(values: &[u8], size: Size) -> Vec<u8> {
    let mut bits = BitWriter::default();
    write_predicted(&mut bits, &Pixels::new(values, size, Channels::Green));
    bits.finish()
}

/// The header of a bitstream: five bytes.
pub(super) fn header(size: Size, alpha: bool) -> Vec<u8> {
    let mut bits = BitWriter::default();
    write_header(&mut bits, size, alpha);
    bits.finish()
}

fn write_header(bits: &mut BitWriter, size: Size, alpha: bool) {
    bits.write(SIGNATURE, 8);
    bits.write(u64::from(size.width) - 1, 14);
    bits.write(u64::from(size.height) - 1, 14);
    bits.write(alpha.into(), 1);
    bits.write(0, 3);
}

/// Writes the predictor's transform and what it leaves of the pixels.
fn write_predicted(bits: &mut BitWriter, pixels: &Pixels<'_>) {
    let modes = Modes::choose(pixels);
    let residuals = Residuals::new(pixels, &modes);
    write_transform(bits, PREDICTOR);
    bits.write(u64::from(predict::TILE_BITS) - 2, 3);
    let tiles: Vec<Pixel> = modes.iter().map(|mode| [0, mode, 0, 255]).collect();
    write_picture(bits, &tiles, modes.across(), false);
    bits.write(0, 1);
    write_picture(bits, residuals.pixels(), pixels.width, true);
}

fn write_transform(bits: &mut BitWriter, kind: u64) {
    bits.write(1, 1);
    bits.write(kind, 2);
}

/// What the values of a picture are.
#[derive(Clone, Copy)]
enum Channels {
    Rgb,
    Rgba,
    Green,
}

/// A picture's pixels; green is subtracted from red and blue where there are these.
struct Pixels<'a> {
    data: &'a [u8],
    channels: Channels,
    width: usize,
    height: usize,
}

impl<'a> Pixels<'a> {
    fn new(data: &'a [u8], size: Size, channels: Channels) -> Self {
        Self { data, channels, width: size.width as usize, height: size.height as usize }
    }

    fn at(&self, x: usize, y: usize) -> Pixel {
        let (place, data) = (y * self.width + x, self.data);
        let at = match self.channels {
            Channels::Green => return [0, data[place], 0, 255],
            Channels::Rgb => place * 3,
            Channels::Rgba => place * 4,
        };
        let [red, green, blue] = [data[at], data[at + 1], data[at + 2]];
        let alpha = if matches!(self.channels, Channels::Rgba) { data[at + 3] } else { 255 };
        [red.wrapping_sub(green), green, blue.wrapping_sub(green), alpha]
    }
}

/// One element of a pixel stream.
enum Token {
    Literal(Pixel),
    /// Pixels copied from the left (distance symbol 1) or from above (0).
    Run {
        length: usize,
        distance: usize,
    },
}

/// Writes the prefix codes and the tokens of a picture. `main`: whether it is the picture itself, where a flag must say
/// that there is one set of codes only.
fn write_picture(bits: &mut BitWriter, pixels: &[Pixel], width: usize, main: bool) {
    let mut counts = [GREENS, VALUES, VALUES, VALUES, DISTANCES].map(Histogram::new);
    for_each_token(pixels, width, |token| match token {
        Token::Literal([red, green, blue, alpha]) => {
            for (count, value) in counts.iter_mut().zip([green, red, blue, alpha]) {
                count.add(value.into());
            }
        }
        Token::Run { length, distance } => {
            counts[0].add(VALUES + Length::of(length).symbol);
            counts[4].add(distance);
        }
    });
    // No colour cache, and one set of codes.
    bits.write(0, if main { 2 } else { 1 });
    let codes = counts.map(|count| PrefixCode::new(&count));
    codes.iter().for_each(|code| code.write(bits));
    for_each_token(pixels, width, |token| match token {
        Token::Literal([red, green, blue, alpha]) => {
            for (code, value) in codes.iter().zip([green, red, blue, alpha]) {
                code.put(bits, value.into());
            }
        }
        Token::Run { length, distance } => {
            let length = Length::of(length);
            codes[0].put(bits, VALUES + length.symbol);
            bits.write(length.extra, length.extra_bits);
            codes[4].put(bits, distance);
        }
    });
}

fn for_each_token(pixels: &[Pixel], width: usize, mut take: impl FnMut(Token)) {
    let mut at = 0;
    while at < pixels.len() {
        let [above, left] = [width, 1].map(|back| run(pixels, at, back));
        let (length, distance) = if left >= above { (left, 1) } else { (above, 0) };
        if length >= MIN_RUN {
            take(Token::Run { length, distance });
            at += length;
        } else {
            take(Token::Literal(pixels[at]));
            at += 1;
        }
    }
}

/// The number of pixels, from `at` on, that equal the pixels `back` places before them.
fn run(pixels: &[Pixel], at: usize, back: usize) -> usize {
    if at < back {
        return 0;
    }
    let end = pixels.len().min(at + MAX_RUN);
    pixels[at..end].iter().zip(&pixels[at - back..]).take_while(|(a, b)| a == b).count()
}

/// A run's length as symbol and extra bits (RFC 9649, 3.6.2.2).
struct Length {
    symbol: usize,
    extra: u64,
    extra_bits: u32,
}

impl Length {
    fn of(length: usize) -> Self {
        let value = length - 1;
        if value < 4 {
            return Self { symbol: value, extra: 0, extra_bits: 0 };
        }
        let high = value.ilog2();
        let extra_bits = high - 1;
        let symbol = 2 * high as usize + (value >> extra_bits & 1);
        Self { symbol, extra: (value & ((1 << extra_bits) - 1)) as u64, extra_bits }
    }
}

#[cfg(test)]
mod tests;
