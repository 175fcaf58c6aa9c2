//! A band of the picture (one row of MCUs) as planes of samples, level-shifted, filled up to whole MCUs with the
//! picture's last row and column.

use super::Frame;

/// Rows of the three planes of a band. Memory: [`Planes::cost`].
pub(super) struct Planes {
    /// Red, green and blue of as many rows as a chroma sample covers.
    split: [Vec<i16>; 3],
    /// Luma, then both chromas; -128 to 127.
    samples: [Vec<i16>; 3],
    frame: Frame,
}

/// Constants of ITU-R BT.601 (JFIF 1.02) with this many fraction bits.
const FRACTION: u32 = 16;
const HALF: i32 = 1 << (FRACTION - 1);

impl Planes {
    pub(super) fn new(frame: Frame) -> Self {
        let factor = frame.factor as usize;
        let (wide, narrow) = (frame.padded_width(), frame.padded_width() / factor);
        let split = [vec![0; wide * factor], vec![0; wide * factor], vec![0; wide * factor]];
        let samples = [vec![0; wide * 8 * factor], vec![0; narrow * 8], vec![0; narrow * 8]];
        Self { split, samples, frame }
    }

    /// Bytes that are held.
    pub(super) fn cost(frame: Frame) -> u64 {
        let (wide, factor) = (frame.padded_width() as u64, u64::from(frame.factor));
        2 * wide * (3 * factor + 8 * factor + 16 / factor)
    }

    /// A component's samples and the length of its rows.
    pub(super) fn component(&self, component: usize) -> (&[i16], usize) {
        let factor = self.frame.factor as usize;
        let stride = self.frame.padded_width() / if component == 0 { 1 } else { factor };
        (&self.samples[component], stride)
    }

    /// Takes band number `band` of RGB pixels.
    #[inline(always)]
    pub(super) fn take(&mut self, pixels: &[u8], band: usize) {
        let factor = self.frame.factor as usize;
        let (wide, length) = (self.frame.padded_width(), 3 * self.frame.size.width as usize);
        let last = self.frame.size.height as usize - 1;
        let narrow = wide / factor;
        for line in 0..8 {
            for row in 0..factor {
                let at = ((8 * band + line) * factor + row).min(last) * length;
                self.split_row(&pixels[at..at + length], row * wide);
            }
            let rows = line * factor * wide..(line + 1) * factor * wide;
            luma(&self.split, &mut self.samples[0][rows]);
            let [_, blue, red] = &mut self.samples;
            let row = line * narrow..(line + 1) * narrow;
            let (blue, red) = (&mut blue[row.clone()], &mut red[row]);
            if factor == 1 { chroma(&self.split, blue, red) } else { chroma_of_four(&self.split, blue, red) }
        }
    }

    /// A row's channels apart, from sample `at` on, with the last pixel repeated up to the padded width.
    #[inline(always)]
    fn split_row(&mut self, row: &[u8], at: usize) {
        let wide = self.frame.padded_width();
        let [r, g, b] = self.split.each_mut().map(|plane| &mut plane[at..at + wide]);
        let pixels = row.as_chunks::<3>().0;
        for (((pixel, r), g), b) in pixels.iter().zip(&mut *r).zip(&mut *g).zip(&mut *b) {
            [*r, *g, *b] = pixel.map(i16::from);
        }
        for plane in [r, g, b] {
            let end = plane[pixels.len() - 1];
            plane[pixels.len()..].fill(end);
        }
    }
}

#[inline(always)]
fn luma(split: &[Vec<i16>; 3], out: &mut [i16]) {
    let [r, g, b] = split;
    for (((out, &r), &g), &b) in out.iter_mut().zip(r).zip(g).zip(b) {
        let sum = 19_595 * i32::from(r) + 38_470 * i32::from(g) + 7_471 * i32::from(b);
        *out = (((sum + HALF) >> FRACTION) - 128) as i16;
    }
}

/// Blue and red difference of a sum of 2^`bits` pixels' channels. Halves go down: so 127.5 stays below 128.
#[inline(always)]
fn differences(r: i32, g: i32, b: i32, bits: u32) -> [i16; 2] {
    let round = (HALF << bits) - 1;
    let blue = -11_059 * r - 21_709 * g + 32_768 * b;
    let red = 32_768 * r - 27_439 * g - 5_329 * b;
    [((blue + round) >> (FRACTION + bits)) as i16, ((red + round) >> (FRACTION + bits)) as i16]
}

#[inline(always)]
fn chroma(split: &[Vec<i16>; 3], blue: &mut [i16], red: &mut [i16]) {
    let [r, g, b] = split;
    for ((((blue, red), &r), &g), &b) in blue.iter_mut().zip(red).zip(r).zip(g).zip(b) {
        [*blue, *red] = differences(r.into(), g.into(), b.into(), 0);
    }
}

/// The mean of two by two pixels, rounded once.
#[inline(always)]
fn chroma_of_four(split: &[Vec<i16>; 3], blue: &mut [i16], red: &mut [i16]) {
    let wide = 2 * blue.len();
    let [r, g, b] = split.each_ref().map(|plane| {
        let (upper, lower) = plane.split_at(wide);
        (upper.as_chunks::<2>().0, lower.as_chunks::<2>().0)
    });
    let sum = |(upper, lower): (&[[i16; 2]], &[[i16; 2]]), i: usize| {
        i32::from(upper[i][0] + upper[i][1] + lower[i][0] + lower[i][1])
    };
    for (i, (blue, red)) in blue.iter_mut().zip(red).enumerate() {
        [*blue, *red] = differences(sum(r, i), sum(g, i), sum(b, i), 2);
    }
}
