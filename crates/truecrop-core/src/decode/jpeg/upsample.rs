//! Makes one sample per pixel of a component that has fewer at the decode scale (chroma at full size, as a rule).
//!
//! Factors of two take the triangle filter of the Independent JPEG Group's decoder ("fancy upsampling", with its
//! alternating roundings), so that the picture equals libjpeg-turbo's; all other factors repeat samples.
//!
//! At a scale of 1/8 libjpeg-turbo sets no example, and a sample is the mean of a block. There each sample becomes two
//! halves whose mean is the sample, with the slope of its neighbours: b + s (a - c) and b - s (a - c), where a, b and c
//! follow each other. The triangle filter and repetition would blur a second time what the mean has already blurred. A
//! slope s of 1/8 is exact for the means of any parabola (the (1, 3) synthesis filter of Cohen, Daubechies and Feauveau,
//! Comm. Pure Appl. Math. 45, 1992); their (1, 5) filter uses five means, with an inner slope of 11/64. Here three means
//! with a slope of 5/32 come near to it.

use super::grid::Upsampling;
use super::plane::{Plane, ROW_PADDING};
use crate::simd::{Eight, Unit, with_lanes};
use std::ops::Range;

/// Makes one component's rows of pixels. Holds its working rows.
pub(super) struct Upsampler {
    /// For each column of samples, a weighted sum of the rows that are mixed; with one more column on either side.
    sums: Vec<i16>,
    out: Vec<u8>,
    unit: Unit,
}

impl Upsampler {
    /// Room for a window of `width` pixels.
    pub(super) fn new(width: u32, across: Upsampling) -> Self {
        let width = width as usize;
        let sums = if matches!(across, Upsampling::Triangle | Upsampling::Halves) {
            width / 2 + 4 + ROW_PADDING
        } else {
            0
        };
        // written in vectors of eight pairs of pixels, from an even column on
        let out = vec![0; width + 2 + 3 * ROW_PADDING];
        Self { sums: vec![0; sums], out, unit: Unit::best() }
    }

    /// Bytes that [`Upsampler::new`] takes.
    pub(super) fn bytes(width: u32) -> u64 {
        2 * u64::from(width) + 6 * ROW_PADDING as u64 + 16
    }

    /// The samples of the pixels `columns` of row `y`, with [`ROW_PADDING`] more after them.
    pub(super) fn row<'a>(&'a mut self, plane: &'a Plane, y: u32, columns: Range<u32>) -> &'a [u8] {
        let grid = &plane.grid;
        let near = grid.down.nearest(y).min(grid.height - 1);
        let far = match grid.down {
            Upsampling::Triangle if y.is_multiple_of(2) => near.saturating_sub(1),
            Upsampling::Triangle => (near + 1).min(grid.height - 1),
            _ => near,
        };
        match (grid.across, grid.down) {
            (Upsampling::Same, Upsampling::Same | Upsampling::Repeat { .. }) => {
                let (row, first) = plane.row(near);
                &row[(columns.start - first) as usize..(columns.end - first) as usize + ROW_PADDING]
            }
            (Upsampling::Same, Upsampling::Triangle) => self.between_rows(plane, near, far, y, columns),
            (Upsampling::Same, Upsampling::Halves) => self.halves_down(plane, y, columns),
            (Upsampling::Triangle, _) => self.triangle(plane, near, far, columns),
            (Upsampling::Halves, _) => self.halves(plane, y, columns),
            (Upsampling::Repeat { .. }, _) => {
                let (row, first) = plane.row(near);
                for (out, column) in self.out.iter_mut().zip(columns) {
                    let at = grid.across.nearest(column).min(grid.width - 1) - first;
                    *out = row[at as usize];
                }
                &self.out
            }
        }
    }

    /// h1v2: the triangle filter down only.
    fn between_rows(&mut self, plane: &Plane, near: u32, far: u32, y: u32, columns: Range<u32>) -> &[u8] {
        let bias = 1 + (y % 2) as u16;
        let ((near, first), (far, _)) = (plane.row(near), plane.row(far));
        let range = (columns.start - first) as usize..(columns.end - first) as usize;
        for ((out, &a), &b) in self.out.iter_mut().zip(&near[range.clone()]).zip(&far[range]) {
            *out = ((3 * u16::from(a) + u16::from(b) + bias) >> 2) as u8;
        }
        &self.out
    }

    /// The triangle filter across (h2v1: then `far` is `near`), or in both directions (h2v2).
    fn triangle(&mut self, plane: &Plane, near: u32, far: u32, columns: Range<u32>) -> &[u8] {
        let both = plane.grid.down == Upsampling::Triangle;
        let ((near, first), (far, _)) = (plane.row(near), plane.row(far));
        let sum = |(&a, &b): (&u8, &u8)| if both { 3 * i16::from(a) + i16::from(b) } else { i16::from(a) };
        let sums = |range: Range<usize>| near[range.clone()].iter().zip(&far[range]).map(sum);
        let count = self.gather(&columns, first, plane.grid.width, sums);
        if both {
            with_lanes!(self.unit, V => triangle_pairs::<V, 8, 7, 4>(&self.sums, &mut self.out, count));
        } else {
            with_lanes!(self.unit, V => triangle_pairs::<V, 1, 2, 2>(&self.sums, &mut self.out, count));
        }
        let skip = (columns.start % 2) as usize;
        &self.out[skip..skip + columns.len() + ROW_PADDING]
    }

    /// [`Upsampling::Halves`] across, or in both directions.
    fn halves(&mut self, plane: &Plane, y: u32, columns: Range<u32>) -> &[u8] {
        let both = plane.grid.down == Upsampling::Halves;
        let ([near, this, other], first) = three_rows(plane, y);
        let sum = |((&a, &b), &c): ((&u8, &u8), &u8)| if both { eighths(a, b, c) } else { i16::from(b) };
        let sums = |range: Range<usize>| {
            this[range.clone()].iter().zip(&near[range.clone()]).zip(&other[range]).map(sum)
        };
        let count = self.gather(&columns, first, plane.grid.width, sums);
        if both {
            with_lanes!(self.unit, V => halves::<V, 32, 6>(&self.sums, &mut self.out, count));
        } else {
            with_lanes!(self.unit, V => halves::<V, 4, 3>(&self.sums, &mut self.out, count));
        }
        let skip = (columns.start % 2) as usize;
        &self.out[skip..skip + columns.len() + ROW_PADDING]
    }

    /// [`Upsampling::Halves`] down only.
    fn halves_down(&mut self, plane: &Plane, y: u32, columns: Range<u32>) -> &[u8] {
        let ([near, this, other], first) = three_rows(plane, y);
        let range = (columns.start - first) as usize..(columns.end - first) as usize;
        let samples = this[range.clone()].iter().zip(&near[range.clone()]).zip(&other[range]);
        for (out, ((&a, &b), &c)) in self.out.iter_mut().zip(samples) {
            *out = ((eighths(a, b, c) + 4) >> 3).clamp(0, 255) as u8;
        }
        &self.out
    }

    /// Fills `self.sums` for the samples that these pixels lie on, and for one more on either side; gives their number
    /// without those two. `sums` computes them for a range of a plane's row, which begins at column `first` of `width`.
    #[inline(always)]
    fn gather<I: Iterator<Item = i16>>(
        &mut self,
        columns: &Range<u32>,
        first: u32,
        width: u32,
        sums: impl FnOnce(Range<usize>) -> I,
    ) -> usize {
        let (left, right) = (columns.start / 2, (columns.end - 1) / 2);
        let last = width - 1;
        let (from, to) = (left.saturating_sub(1), (right + 1).min(last));
        let count = (right - left + 1) as usize;
        let inner = self.sums[usize::from(left == 0)..].iter_mut();
        let sums = sums((from - first) as usize..(to + 1 - first) as usize);
        inner.zip(sums).for_each(|(kept, sum)| *kept = sum);
        // at the picture's edge, a sample is its own neighbour
        if left == 0 {
            self.sums[0] = self.sums[1];
        }
        if right >= last {
            self.sums[count + 1] = self.sums[count];
        }
        count
    }
}

/// The row of samples that pixel row `y` lies on, its neighbour on the pixels' side and its neighbour on the other side;
/// and the column that these rows begin at.
fn three_rows(plane: &Plane, y: u32) -> ([&[u8]; 3], u32) {
    let near = plane.grid.down.nearest(y).min(plane.grid.height - 1);
    let (above, below) = (near.saturating_sub(1), (near + 1).min(plane.grid.height - 1));
    let (this, other) = if y.is_multiple_of(2) { (above, below) } else { (below, above) };
    let (row, first) = plane.row(near);
    ([row, plane.row(this).0, plane.row(other).0], first)
}

/// Eight times that half of `b` which lies next to `a`.
#[inline(always)]
fn eighths(a: u8, b: u8, c: u8) -> i16 {
    let step = i16::from(a) - i16::from(c);
    8 * i16::from(b) + step + (step >> 2)
}

/// Writes both halves of each of `count` sums; `ROUND` is half of what `SHIFT` divides by.
#[inline(always)]
fn halves<V: Eight, const ROUND: i16, const SHIFT: u32>(sums: &[i16], out: &mut [u8], count: usize) {
    for at in (0..count).step_by(V::LANES) {
        let middle = V::load(&sums[at + 1..]).left::<3>().add(V::splat(ROUND));
        let step = V::load(&sums[at..]).sub(V::load(&sums[at + 2..]));
        let slope = step.add(step.right::<2>());
        let (low, high) = middle.add(slope).right::<SHIFT>().interleave(middle.sub(slope).right::<SHIFT>());
        low.narrow(&mut out[2 * at..]);
        high.narrow(&mut out[2 * at + 8..]);
    }
}

/// Writes two pixels for each of `count` sums, each with a quarter of the neighbour on its side; `LEFT` and `RIGHT` are
/// added for rounding.
#[inline(always)]
pub(in crate::decode) fn triangle_pairs<V: Eight, const LEFT: i16, const RIGHT: i16, const SHIFT: u32>(
    sums: &[i16],
    out: &mut [u8],
    count: usize,
) {
    for at in (0..count).step_by(V::LANES) {
        let middle = V::load(&sums[at + 1..]);
        let middle = middle.add(middle).add(middle);
        let even = middle.add(V::load(&sums[at..])).add(V::splat(LEFT)).right::<SHIFT>();
        let odd = middle.add(V::load(&sums[at + 2..])).add(V::splat(RIGHT)).right::<SHIFT>();
        let (low, high) = even.interleave(odd);
        low.narrow(&mut out[2 * at..]);
        high.narrow(&mut out[2 * at + 8..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mean of a parabola between two places.
    fn mean(from: f64, to: f64) -> f64 {
        let integral = |x: f64| x * x * x / 30.0 - x * x + 200.0 * x;
        (integral(to) - integral(from)) / (to - from)
    }

    #[test]
    fn halves_of_a_smooth_row_are_the_means_of_its_halves() {
        let sums: Vec<i16> = (-1..25).map(|i| mean(i.into(), (i + 1).into()).round() as i16).collect();
        for unit in [Unit::Scalar, Unit::Base] {
            let mut out = [0; 24 * 2];
            with_lanes!(unit, V => halves::<V, 4, 3>(&sums, &mut out, 24));
            for (i, &half) in out.iter().enumerate() {
                let want = mean(i as f64 / 2.0, (i + 1) as f64 / 2.0);
                assert!((f64::from(half) - want).abs() < 1.0, "{unit:?}, half {i}: {half} for {want}");
            }
        }
    }

    #[test]
    fn two_halves_have_the_mean_of_their_sample() {
        let sums: Vec<i16> = (0..26).map(|i| i * 73 % 200 + 28).collect();
        let mut out = [0; 24 * 2];
        with_lanes!(Unit::best(), V => halves::<V, 4, 3>(&sums, &mut out, 24));
        for (pair, &sum) in out.as_chunks::<2>().0.iter().zip(&sums[1..]) {
            let mean = (f64::from(pair[0]) + f64::from(pair[1])) / 2.0;
            assert!((mean - f64::from(sum)).abs() <= 0.5, "{pair:?} for {sum}");
        }
    }
}
