//! Converts a row of MCUs from RGB pixels to planes of luma and chroma samples: level-shifted, and filled up to whole MCUs
//! with the picture's last row and column.

use super::mcu_grid::McuGrid;

/// The three planes of an MCU row. Memory: [`Planes::memory_bytes`].
pub(super) struct Planes {
    /// Red, green and blue apart, of as many rows of pixels as a chroma sample covers.
    split: [Vec<i16>; 3],
    /// Luma and both chroma components; -128 to 127.
    samples: [Vec<i16>; 3],
    grid: McuGrid,
}

/// Fraction bits of the constants, which are those of ITU-R BT.601 (JFIF 1.02).
const FRACTION: u32 = 16;
const HALF: i32 = 1 << (FRACTION - 1);

impl Planes {
    pub(super) fn new(grid: McuGrid) -> Self {
        let factor = grid.factor as usize;
        let (wide, narrow) = (grid.padded_width(), grid.padded_width() / factor);
        let split = [vec![0; wide * factor], vec![0; wide * factor], vec![0; wide * factor]];
        let samples = [vec![0; wide * 8 * factor], vec![0; narrow * 8], vec![0; narrow * 8]];
        Self { split, samples, grid }
    }

    /// Bytes that [`Planes::new`] takes.
    pub(super) fn memory_bytes(grid: McuGrid) -> u64 {
        let (wide, factor) = (grid.padded_width() as u64, u64::from(grid.factor));
        2 * wide * (3 * factor + 8 * factor + 16 / factor)
    }

    /// A component's samples and the length of its rows.
    pub(super) fn component(&self, component: usize) -> (&[i16], usize) {
        let factor = self.grid.factor as usize;
        let stride = self.grid.padded_width() / if component == 0 { 1 } else { factor };
        (&self.samples[component], stride)
    }

    /// Fills the planes from row `mcu_row` of the picture's RGB pixels.
    #[inline(always)]
    pub(super) fn take(&mut self, pixels: &[u8], mcu_row: usize) {
        let factor = self.grid.factor as usize;
        let (wide, length) = (self.grid.padded_width(), 3 * self.grid.size.width as usize);
        let last = self.grid.size.height as usize - 1;
        let narrow = wide / factor;
        for line in 0..8 {
            for row in 0..factor {
                let at = ((8 * mcu_row + line) * factor + row).min(last) * length;
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

    /// Writes a row's channels to `split` from index `at` on, with the last pixel repeated up to the padded width.
    #[inline(always)]
    fn split_row(&mut self, row: &[u8], at: usize) {
        let wide = self.grid.padded_width();
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

/// Blue and red difference of the mean of 2^`bits` pixels, given by the sums of their channels. Halves are rounded down:
/// so 127.5 stays below 128.
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

/// The chroma of the mean of two by two pixels, rounded once.
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
