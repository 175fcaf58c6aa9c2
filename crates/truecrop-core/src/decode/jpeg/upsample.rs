//! From a component's samples to one per pixel.
//!
//! Factors of two are filled by the triangle filter of the Independent JPEG Group's decoder ("fancy upsampling", with
//! its alternating roundings), so that the picture agrees with libjpeg-turbo; all others repeat samples.
//!
//! At a scale of 1/8 there is nobody to agree with, and a sample is the mean of a block. There each becomes two halves
//! whose mean it is, with the slope that its neighbours have: b + s (a - c) and b - s (a - c) where a, b and c follow each
//! other. The triangle and repetition would blur once more what a mean has blurred. A slope of 1/8 is exact for the means of
//! any parabola (the (1, 3) synthesis filter of Cohen, Daubechies and Feauveau, Comm. Pure Appl. Math. 45, 1992); their
//! (1, 5) filter looks at five means, and its inner slope is 11/64. Three means with 5/32 come near to it.

use super::plane::{Plane, SPARE};
use crate::simd::{Eight, Unit, with_lanes};
use std::ops::Range;

/// How a component grows along one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Axis {
    /// One sample per pixel.
    Same,
    /// Two pixels per sample, by the triangle filter.
    Triangle,
    /// Two pixels per sample, whose mean it is.
    Halves,
    /// `pixels` pixels per `samples` samples, repeated.
    Repeat { samples: u32, pixels: u32 },
}

impl Axis {
    /// Both axes' ways, from the samples and pixels of an MCU on each: libjpeg's rules (jdsample.c).
    /// With `means`, samples are means of blocks.
    pub(super) fn pair(across: (u32, u32), down: (u32, u32), width: u32, means: bool) -> (Self, Self) {
        let ways = |(samples, pixels)| {
            if samples == pixels { Axis::Same } else { Axis::Repeat { samples, pixels } }
        };
        let twice = |(samples, pixels): (u32, u32)| samples * 2 == pixels;
        let same = |(samples, pixels): (u32, u32)| samples == pixels;
        let two = if means { Axis::Halves } else { Axis::Triangle };
        match (twice(across), twice(down)) {
            (true, true) if width > 2 => (two, two),
            (true, false) if width > 2 && same(down) => (two, Axis::Same),
            (false, true) if same(across) => (Axis::Same, two),
            _ => (ways(across), ways(down)),
        }
    }

    /// MCU rows whose samples must be there together.
    pub(super) fn mcu_rows(self) -> u32 {
        if self == Axis::Halves { 3 } else { 2 }
    }

    /// The samples that these pixels are made of, of `count` that there are.
    pub(super) fn needs(self, pixels: Range<u32>, count: u32) -> Range<u32> {
        if pixels.is_empty() {
            return 0..0;
        }
        let (first, last) = (pixels.start, pixels.end - 1);
        let (start, end) = match self {
            Axis::Same => (first, last),
            Axis::Triangle | Axis::Halves => ((first / 2).saturating_sub(1), last / 2 + 1),
            Axis::Repeat { .. } => (self.nearest(first), self.nearest(last)),
        };
        start.min(count - 1)..(end + 1).min(count)
    }

    /// The sample that a pixel lies on.
    fn nearest(self, pixel: u32) -> u32 {
        match self {
            Axis::Same => pixel,
            Axis::Triangle | Axis::Halves => pixel / 2,
            Axis::Repeat { samples, pixels } => {
                (u64::from(pixel) * u64::from(samples) / u64::from(pixels)) as u32
            }
        }
    }
}

/// Working rows of one component.
pub(super) struct Line {
    /// Column sums with one more on either side.
    sums: Vec<i16>,
    out: Vec<u8>,
    unit: Unit,
}

impl Line {
    /// Room for a window of `width` pixels.
    pub(super) fn new(width: u32, across: Axis) -> Self {
        let width = width as usize;
        let sums = if matches!(across, Axis::Triangle | Axis::Halves) { width / 2 + 4 + SPARE } else { 0 };
        // pairs of pixels are written eight at a time, from an even column on
        let out = vec![0; width + 2 + 3 * SPARE];
        Self { sums: vec![0; sums], out, unit: Unit::best() }
    }

    /// Bytes that [`Line::new`] takes.
    pub(super) fn bytes(width: u32) -> u64 {
        2 * u64::from(width) + 6 * SPARE as u64 + 16
    }

    /// The samples of the pixels `columns` of row `y`, and [`SPARE`] more.
    pub(super) fn fill<'a>(&'a mut self, plane: &'a Plane, y: u32, columns: Range<u32>) -> &'a [u8] {
        let shape = &plane.shape;
        let near = shape.down.nearest(y).min(shape.height - 1);
        let far = match shape.down {
            Axis::Triangle if y.is_multiple_of(2) => near.saturating_sub(1),
            Axis::Triangle => (near + 1).min(shape.height - 1),
            _ => near,
        };
        match (shape.across, shape.down) {
            (Axis::Same, Axis::Same | Axis::Repeat { .. }) => {
                let (row, first) = plane.row(near);
                &row[(columns.start - first) as usize..(columns.end - first) as usize + SPARE]
            }
            (Axis::Same, Axis::Triangle) => self.between_rows(plane, near, far, y, columns),
            (Axis::Same, Axis::Halves) => self.halves_down(plane, y, columns),
            (Axis::Triangle, _) => self.triangle(plane, near, far, columns),
            (Axis::Halves, _) => self.halves(plane, y, columns),
            (Axis::Repeat { .. }, _) => {
                let (row, first) = plane.row(near);
                for (out, column) in self.out.iter_mut().zip(columns) {
                    let at = shape.across.nearest(column).min(shape.width - 1) - first;
                    *out = row[at as usize];
                }
                &self.out
            }
        }
    }

    /// h1v2: between two rows, nothing across.
    fn between_rows(&mut self, plane: &Plane, near: u32, far: u32, y: u32, columns: Range<u32>) -> &[u8] {
        let bias = 1 + (y % 2) as u16;
        let ((near, first), (far, _)) = (plane.row(near), plane.row(far));
        let range = (columns.start - first) as usize..(columns.end - first) as usize;
        for ((out, &a), &b) in self.out.iter_mut().zip(&near[range.clone()]).zip(&far[range]) {
            *out = ((3 * u16::from(a) + u16::from(b) + bias) >> 2) as u8;
        }
        &self.out
    }

    /// h2v1 (`far` is `near`) and h2v2.
    fn triangle(&mut self, plane: &Plane, near: u32, far: u32, columns: Range<u32>) -> &[u8] {
        let both = plane.shape.down == Axis::Triangle;
        let ((near, first), (far, _)) = (plane.row(near), plane.row(far));
        let sum = |(&a, &b): (&u8, &u8)| if both { 3 * i16::from(a) + i16::from(b) } else { i16::from(a) };
        let sums = |range: Range<usize>| near[range.clone()].iter().zip(&far[range]).map(sum);
        let count = self.gather(&columns, first, plane.shape.width, sums);
        if both {
            with_lanes!(self.unit, V => pairs::<V, 8, 7, 4>(&self.sums, &mut self.out, count));
        } else {
            with_lanes!(self.unit, V => pairs::<V, 1, 2, 2>(&self.sums, &mut self.out, count));
        }
        let skip = (columns.start % 2) as usize;
        &self.out[skip..skip + columns.len() + SPARE]
    }

    /// The same by [`Axis::Halves`].
    fn halves(&mut self, plane: &Plane, y: u32, columns: Range<u32>) -> &[u8] {
        let both = plane.shape.down == Axis::Halves;
        let ([near, this, other], first) = three_rows(plane, y);
        let sum = |((&a, &b), &c): ((&u8, &u8), &u8)| if both { eighths(a, b, c) } else { i16::from(b) };
        let sums = |range: Range<usize>| {
            this[range.clone()].iter().zip(&near[range.clone()]).zip(&other[range]).map(sum)
        };
        let count = self.gather(&columns, first, plane.shape.width, sums);
        if both {
            with_lanes!(self.unit, V => halves::<V, 32, 6>(&self.sums, &mut self.out, count));
        } else {
            with_lanes!(self.unit, V => halves::<V, 4, 3>(&self.sums, &mut self.out, count));
        }
        let skip = (columns.start % 2) as usize;
        &self.out[skip..skip + columns.len() + SPARE]
    }

    /// The same, down only.
    fn halves_down(&mut self, plane: &Plane, y: u32, columns: Range<u32>) -> &[u8] {
        let ([near, this, other], first) = three_rows(plane, y);
        let range = (columns.start - first) as usize..(columns.end - first) as usize;
        let samples = this[range.clone()].iter().zip(&near[range.clone()]).zip(&other[range]);
        for (out, ((&a, &b), &c)) in self.out.iter_mut().zip(samples) {
            *out = ((eighths(a, b, c) + 4) >> 3).clamp(0, 255) as u8;
        }
        &self.out
    }

    /// Keeps the sums of the samples that these pixels lie on, and of one more on either side; how many without those.
    /// `sums` gives them for a range of a row of the plane, which begins at column `first` of `width`.
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
        // at the picture's edges the neighbour is the sample itself
        if left == 0 {
            self.sums[0] = self.sums[1];
        }
        if right >= last {
            self.sums[count + 1] = self.sums[count];
        }
        count
    }
}

/// The row of samples that the pixels of row `y` lie on, that on their side of it and that on the other; and their column.
fn three_rows(plane: &Plane, y: u32) -> ([&[u8]; 3], u32) {
    let near = plane.shape.down.nearest(y).min(plane.shape.height - 1);
    let (above, below) = (near.saturating_sub(1), (near + 1).min(plane.shape.height - 1));
    let (this, other) = if y.is_multiple_of(2) { (above, below) } else { (below, above) };
    let (row, first) = plane.row(near);
    ([row, plane.row(this).0, plane.row(other).0], first)
}

/// Eight times the half of `b` that lies next to `a`.
#[inline(always)]
fn eighths(a: u8, b: u8, c: u8) -> i16 {
    let step = i16::from(a) - i16::from(c);
    8 * i16::from(b) + step + (step >> 2)
}

/// Both halves for each of `count` sums; `ROUND` is half of what `SHIFT` divides by.
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

/// Two pixels for each of `count` sums, by a quarter of the neighbour on their side; `LEFT` and `RIGHT` round them.
#[inline(always)]
fn pairs<V: Eight, const LEFT: i16, const RIGHT: i16, const SHIFT: u32>(
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
