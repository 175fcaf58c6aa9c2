//! The two passes: across each row as it comes, then down a ring of the rows under the filter.

use super::CHANNELS;
use super::lanes::{Taps, Unit};
use super::weights::Axis;

/// Both passes of one output.
pub struct Separable {
    x: Axis,
    y: Axis,
    /// Output rows in the order in which their decoded rows come.
    order: std::iter::Rev<std::ops::Range<usize>>,
    next: Option<usize>,
    mirrored_y: bool,
    ring: Vec<i16>,
    rows: usize,
    taken: usize,
    line: Vec<i16>,
    /// Where the rows under the filter begin in the ring.
    offsets: Vec<usize>,
}

/// Bytes for each weight of an output pixel while an axis is made: as real numbers, shares, integers and their order.
const MAKING: u64 = 48;

impl Separable {
    /// `mirrored_y`: the output's rows run against the decoded rows.
    pub fn new(x: Axis, y: Axis, mirrored_y: bool) -> Self {
        let rows = ring_rows(&y, mirrored_y);
        let width = x.len() * CHANNELS;
        let mut order = (0..y.len()).rev();
        let next = order.next().map(|k| index(&y, mirrored_y, k));
        Self {
            ring: vec![0; width * rows],
            line: vec![0; width],
            offsets: Vec::with_capacity(rows),
            x,
            y,
            order,
            next,
            mirrored_y,
            rows,
            taken: 0,
        }
    }

    /// Bytes that [`Separable::new`] takes for these axes, the axes included.
    pub fn cost(x: &Axis, y: &Axis, mirrored_y: bool) -> u64 {
        let width = (x.len() * CHANNELS * 2) as u64;
        let rows = ring_rows(y, mirrored_y) as u64;
        let ring = width * (rows + 1) + rows * size_of::<usize>() as u64;
        x.bytes() + y.bytes() + ring + MAKING * x.most_taps().max(y.most_taps()) as u64
    }

    /// Takes the next decoded row; `emit` gets each output row's number and samples as it becomes complete.
    pub fn push(&mut self, row: &[i16], emit: &mut dyn FnMut(usize, &[i16])) {
        let arrived = self.taken;
        self.taken += 1;
        if self.next.is_none() {
            return;
        }
        let width = self.x.len() * CHANNELS;
        let slot = arrived % self.rows * width;
        across(row, &self.x, &mut self.ring[slot..slot + width]);
        while let Some(k) = self.next {
            let (first, weights) = self.y.taps(k);
            if first + weights.len() > arrived + 1 {
                return;
            }
            self.offsets.clear();
            self.offsets.extend((first..first + weights.len()).map(|row| row % self.rows * width));
            let taps = Taps { offsets: &self.offsets, weights, bits: self.y.bits() };
            if self.y.wide() {
                down_wide(&self.ring, &taps, &mut self.line);
            } else {
                Unit::best().down(&self.ring, &taps, &mut self.line);
            }
            emit(k, &self.line);
            self.next = self.order.next().map(|k| index(&self.y, self.mirrored_y, k));
        }
    }
}

/// The k-th last output row in the order in which decoded rows come.
fn index(y: &Axis, mirrored: bool, k: usize) -> usize {
    if mirrored { k } else { y.len() - 1 - k }
}

/// Rows from the oldest one that an output row still needs to the one that completes it.
fn ring_rows(y: &Axis, mirrored: bool) -> usize {
    let (mut newest, mut most) = (0, 1);
    for k in (0..y.len()).rev() {
        let (first, weights) = y.taps(index(y, mirrored, k));
        newest = newest.max(first + weights.len());
        if !weights.is_empty() {
            most = most.max(newest - first);
        }
    }
    most
}

/// The pass across: `out[k] = sum(weights * row)`, rounded.
fn across(row: &[i16], axis: &Axis, out: &mut [i16]) {
    let row = row.as_chunks::<CHANNELS>().0;
    if !axis.wide() {
        return Unit::best().across(row, axis, out);
    }
    for (k, pixel) in out.as_chunks_mut::<CHANNELS>().0.iter_mut().enumerate() {
        let (first, weights) = axis.taps(k);
        *pixel = across_wide(&row[first..first + weights.len()], weights, axis.bits());
    }
}

fn across_wide(pixels: &[[i16; CHANNELS]], weights: &[i16], bits: u32) -> [i16; CHANNELS] {
    let mut sums = [0i64; CHANNELS];
    for (samples, weight) in pixels.iter().zip(weights) {
        for c in 0..CHANNELS {
            sums[c] += i64::from(samples[c]) * i64::from(*weight);
        }
    }
    sums.map(|sum| round_wide(sum, bits))
}

fn down_wide(ring: &[i16], taps: &Taps<'_>, line: &mut [i16]) {
    for (i, out) in line.iter_mut().enumerate() {
        let products = taps.offsets.iter().zip(taps.weights);
        let sum = products.map(|(offset, weight)| i64::from(ring[offset + i]) * i64::from(*weight)).sum();
        *out = round_wide(sum, taps.bits);
    }
}

pub(super) fn round(sum: i32, bits: u32) -> i16 {
    let rounded = (sum + (1 << (bits - 1))) >> bits;
    rounded.clamp(i16::MIN.into(), i16::MAX.into()) as i16
}

fn round_wide(sum: i64, bits: u32) -> i16 {
    let rounded = (sum + (1 << (bits - 1))) >> bits;
    rounded.clamp(i16::MIN.into(), i16::MAX.into()) as i16
}

#[cfg(test)]
mod tests {
    use super::super::weights::{STEPS, Span};
    use super::*;
    use crate::recipe::Filter;

    fn axis(start: i64, end: i64, count: u32, mirrored: bool, length: u32) -> Axis {
        Axis::new(Span { start: start * STEPS, end: end * STEPS, count, mirrored }, length, Filter::Lanczos3)
    }

    fn run(x: Axis, y: Axis, mirrored_y: bool, width: usize, height: usize) -> Vec<Vec<i16>> {
        let mut out = vec![Vec::new(); y.len()];
        let mut passes = Separable::new(x, y, mirrored_y);
        for j in 0..height {
            let row: Vec<i16> = (0..width * CHANNELS).map(|i| ((i * 37 + j * 101) % 16_321) as i16).collect();
            passes.push(&row, &mut |k, line| out[k] = line.to_vec());
        }
        out
    }

    #[test]
    fn the_same_size_passes_every_sample_through() {
        let out = run(axis(2, 7, 5, false, 9), axis(1, 4, 3, false, 6), false, 9, 6);
        for (k, line) in out.iter().enumerate() {
            let want: Vec<i16> = (0..5 * CHANNELS)
                .map(|i| (((i + 2 * CHANNELS) * 37 + (k + 1) * 101) % 16_321) as i16)
                .collect();
            assert_eq!(*line, want, "row {k}");
        }
    }

    #[test]
    fn a_mirrored_output_is_the_mirror_of_the_output() {
        let plain = run(axis(3, 90, 20, false, 100), axis(5, 77, 31, false, 80), false, 100, 80);
        let turned = run(axis(3, 90, 20, true, 100), axis(5, 77, 31, true, 80), true, 100, 80);
        for k in 0..31 {
            let mut mirrored: Vec<[i16; 4]> = turned[30 - k].as_chunks::<4>().0.to_vec();
            mirrored.reverse();
            assert_eq!(plain[k], mirrored.as_flattened(), "row {k}");
        }
    }

    #[test]
    fn a_flat_picture_stays_flat_at_any_ratio() {
        for (extent, count) in [(1000, 1), (1000, 7), (3, 1000), (1000, 999)] {
            let mut passes =
                Separable::new(axis(0, extent, count, false, extent as u32), axis(0, 4, 4, false, 4), false);
            let row = vec![12_345i16; extent as usize * CHANNELS];
            let mut seen = 0;
            for _ in 0..4 {
                passes.push(&row, &mut |_, line| {
                    seen += 1;
                    assert!(line.iter().all(|v| *v == 12_345), "{extent} to {count}");
                });
            }
            assert_eq!(seen, 4);
        }
    }
}
