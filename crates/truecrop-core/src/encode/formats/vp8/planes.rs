//! RGB pixels to a macroblock row of Y, Cb and Cr, with chroma at half the density and video levels (BT.601, 16 to 235).

use crate::pixel::Raster;

/// Fraction bits of the constants.
const FRACTION: u32 = 16;

/// The samples of one row of macroblocks, filled up with the picture's last column and row.
pub(super) struct Planes {
    /// Samples of a row of luma: whole macroblocks.
    pub(super) width: usize,
    pub(super) y: Vec<u8>,
    pub(super) u: Vec<u8>,
    pub(super) v: Vec<u8>,
}

/// One macroblock's samples.
pub(super) struct Samples {
    pub(super) y: [u8; 256],
    /// Cb and Cr.
    pub(super) chroma: [[u8; 64]; 2],
}

impl Planes {
    pub(super) fn new(across: usize) -> Self {
        let width = 16 * across;
        Self { width, y: vec![0; 16 * width], u: vec![0; 4 * width], v: vec![0; 4 * width] }
    }

    /// Takes row `number` of macroblocks from a picture.
    pub(super) fn take(&mut self, raster: &Raster, number: usize) {
        let (width, height) = (raster.size.width as usize, raster.size.height as usize);
        let channels = if raster.alpha { 4 } else { 3 };
        let line = |y: usize| {
            let at = y.min(height - 1) * width * channels;
            &raster.data[at..at + width * channels]
        };
        for pair in 0..8 {
            let rows = [0, 1].map(|i| line(16 * number + 2 * pair + i));
            for (i, row) in rows.into_iter().enumerate() {
                let out = &mut self.y[(2 * pair + i) * self.width..][..self.width];
                for (out, pixel) in out.iter_mut().zip(row.chunks_exact(channels)) {
                    *out = luma(pixel);
                }
                let last = out[width - 1];
                out[width..].fill(last);
            }
            let half = self.width / 2;
            let (u, v) = (&mut self.u[pair * half..][..half], &mut self.v[pair * half..][..half]);
            for x in 0..width.div_ceil(2) {
                let columns = [2 * x, (2 * x + 1).min(width - 1)].map(|x| x * channels);
                let sum = |c: usize| {
                    rows.iter().map(|row| columns.iter().map(|at| i32::from(row[at + c])).sum::<i32>()).sum()
                };
                [u[x], v[x]] = differences(sum(0), sum(1), sum(2));
            }
            for plane in [u, v] {
                let last = plane[width.div_ceil(2) - 1];
                plane[width.div_ceil(2)..].fill(last);
            }
        }
    }

    /// The samples of a macroblock of this row.
    pub(super) fn macroblock(&self, number: usize) -> Samples {
        let half = self.width / 2;
        let mut samples = Samples { y: [0; 256], chroma: [[0; 64]; 2] };
        for (row, out) in samples.y.as_chunks_mut::<16>().0.iter_mut().enumerate() {
            out.copy_from_slice(&self.y[row * self.width + 16 * number..][..16]);
        }
        for (plane, out) in [&self.u, &self.v].into_iter().zip(&mut samples.chroma) {
            for (row, out) in out.as_chunks_mut::<8>().0.iter_mut().enumerate() {
                out.copy_from_slice(&plane[row * half + 8 * number..][..8]);
            }
        }
        samples
    }
}

#[inline(always)]
fn luma(pixel: &[u8]) -> u8 {
    let [r, g, b] = [0, 1, 2].map(|c| i32::from(pixel[c]));
    let sum = 16_839 * r + 33_059 * g + 6_420 * b;
    ((sum + (1 << (FRACTION - 1)) + (16 << FRACTION)) >> FRACTION) as u8
}

/// Cb and Cr of the sums of four pixels.
#[inline(always)]
fn differences(r: i32, g: i32, b: i32) -> [u8; 2] {
    let of = |sum: i32| {
        ((sum + (1 << (FRACTION + 1)) + (128 << (FRACTION + 2))) >> (FRACTION + 2)).clamp(0, 255) as u8
    };
    [of(-9_719 * r - 19_081 * g + 28_800 * b), of(28_800 * r - 24_116 * g - 4_684 * b)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;

    #[test]
    fn grays_and_corners_of_the_cube_come_out_right() {
        // red, green, blue; Y, Cb, Cr
        let cases = [
            ([0, 0, 0], [16, 128, 128]),
            ([255, 255, 255], [235, 128, 128]),
            ([255, 0, 0], [82, 90, 240]),
            ([0, 255, 0], [145, 54, 34]),
            ([0, 0, 255], [41, 240, 110]),
        ];
        for (pixel, want) in cases {
            let raster = Raster { size: Size::new(1, 1), alpha: false, data: pixel.to_vec() };
            let mut planes = Planes::new(1);
            planes.take(&raster, 0);
            assert!(planes.y.iter().all(|y| *y == want[0]), "{pixel:?}: {}", planes.y[0]);
            assert!(planes.u.iter().all(|u| *u == want[1]), "{pixel:?}: {}", planes.u[0]);
            assert!(planes.v.iter().all(|v| *v == want[2]), "{pixel:?}: {}", planes.v[0]);
        }
    }
}
