//! The two passes, with a ring of the rows under the filter between them.
//!
//! Which pass comes first is a matter of time and memory: down first where there are fewer output rows than decoded rows,
//! because fewer rows are then left for the pass across, which is the slower one; across first where the ring of decoded
//! rows would be large. The choice follows from the axes and the window alone, so that it is the same everywhere: the
//! rounding between the passes depends on it. The number of rows in the ring follows from the weights (`ring_rows`).

use super::convolve::{RingTaps, across, down};
use super::weights::AxisWeights;
use crate::pixel::{CHANNELS, ONE, PlanarRow};
use crate::simd::Unit;

/// Both passes of one output.
pub struct Separable {
    x: AxisWeights,
    y: AxisWeights,
    /// Output rows in the order in which their decoded rows come.
    order: std::iter::Rev<std::ops::Range<usize>>,
    next: Option<usize>,
    mirrored_y: bool,
    down_first: bool,
    unit: Unit,
    ring: Vec<i16>,
    /// Rows of the ring, and samples of one.
    rows: usize,
    stride: usize,
    taken: usize,
    /// A row between the passes, where they go down first.
    between: PlanarRow,
    /// The output row: pixels of four channels.
    line: Vec<i16>,
    /// Where the rows under the filter begin in the ring.
    offsets: Vec<usize>,
}

/// What a pair of passes takes in: the rows of the decoded window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InputShape {
    /// Of each [`PlanarRow`].
    pub channels: usize,
    /// Pixels of a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

/// Bytes for each weight of one output pixel while an axis is computed: as real numbers, shares, integers and their order.
const SCRATCH_PER_WEIGHT: u64 = 48;

/// Bytes of the largest ring of incoming rows (of four channels).
const LARGEST_RING: usize = 1 << 20;

impl Separable {
    /// `mirrored_y`: the output's rows run against the decoded rows.
    pub fn new(x: AxisWeights, y: AxisWeights, mirrored_y: bool, incoming: InputShape) -> Self {
        let layout = RingLayout::new(&x, &y, mirrored_y, incoming);
        let mut order = (0..y.len()).rev();
        let next = order.next().map(|k| index(&y, mirrored_y, k));
        Self {
            ring: vec![0; layout.stride * layout.rows],
            rows: layout.rows,
            stride: layout.stride,
            down_first: layout.down_first,
            between: PlanarRow::new(incoming.channels, if layout.down_first { incoming.width } else { 0 }),
            line: vec![0; layout.line],
            offsets: Vec::with_capacity(layout.rows),
            unit: Unit::best(),
            x,
            y,
            order,
            next,
            mirrored_y,
            taken: 0,
        }
    }

    /// Columns and rows of the output.
    pub fn size(&self) -> (usize, usize) {
        (self.x.len(), self.y.len())
    }

    /// Bytes that [`Separable::new`] takes for these axes, the axes included.
    pub fn memory_bytes(x: &AxisWeights, y: &AxisWeights, mirrored_y: bool, incoming: InputShape) -> u64 {
        let layout = RingLayout::new(x, y, mirrored_y, incoming);
        let samples = layout.stride * (layout.rows + 1) + layout.line;
        let ring = (samples * 2 + layout.rows * size_of::<usize>()) as u64;
        x.memory_bytes()
            + y.memory_bytes()
            + ring
            + SCRATCH_PER_WEIGHT * x.most_taps().max(y.most_taps()) as u64
    }

    /// Takes the next decoded row; `emit` gets each output row's number and samples as it becomes complete.
    pub fn push(&mut self, row: &PlanarRow, emit: &mut dyn FnMut(usize, &[i16])) {
        let arrived = self.taken;
        self.taken += 1;
        if self.next.is_none() {
            return;
        }
        let slot = arrived % self.rows * self.stride;
        let slot = &mut self.ring[slot..slot + self.stride];
        if self.down_first {
            slot.copy_from_slice(row.samples());
        } else {
            go_across(self.unit, row, ONE as i16, &self.x, slot);
        }
        let width = self.x.len() * CHANNELS;
        while let Some(k) = self.next {
            let (first, weights) = self.y.taps(k);
            if first + weights.len() > arrived + 1 {
                return;
            }
            self.offsets.clear();
            self.offsets.extend((first..first + weights.len()).map(|row| row % self.rows * self.stride));
            let taps = RingTaps { offsets: &self.offsets, weights, bits: self.y.bits() };
            if self.down_first {
                go_down(self.unit, &self.ring, &taps, self.y.wide(), self.between.samples_mut());
                let opaque = self.y.of_opaque(k, ONE as i16);
                go_across(self.unit, &self.between, opaque, &self.x, &mut self.line);
            } else {
                go_down(self.unit, &self.ring, &taps, self.y.wide(), &mut self.line);
            }
            emit(k, &self.line[..width]);
            self.next = self.order.next().map(|k| index(&self.y, self.mirrored_y, k));
        }
    }
}

/// The order of the passes, and the sizes of their buffers.
struct RingLayout {
    down_first: bool,
    rows: usize,
    stride: usize,
    line: usize,
}

impl RingLayout {
    fn new(x: &AxisWeights, y: &AxisWeights, mirrored_y: bool, incoming: InputShape) -> Self {
        let rows = ring_rows(y, mirrored_y);
        let whole_ring = rows * PlanarRow::memory_bytes(CHANNELS, incoming.width) as usize;
        let down_first = y.len() < incoming.height && whole_ring <= LARGEST_RING;
        let line = (x.len() * CHANNELS).next_multiple_of(32);
        let stride = if down_first { PlanarRow::stride(incoming.width) * incoming.channels } else { line };
        Self { down_first, rows, stride, line }
    }
}

/// The k-th last output row in the order in which decoded rows come.
fn index(y: &AxisWeights, mirrored: bool, k: usize) -> usize {
    if mirrored { k } else { y.len() - 1 - k }
}

/// Rows from the oldest one that an output row still needs to the one that completes it.
fn ring_rows(y: &AxisWeights, mirrored: bool) -> usize {
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

/// The pass across.
fn go_across(unit: Unit, row: &PlanarRow, opaque: i16, axis: &AxisWeights, out: &mut [i16]) {
    if !axis.wide() {
        return across(unit, row, opaque, axis, out);
    }
    let samples = row.samples();
    let channel = |c: usize| &samples[c * (samples.len() / row.channels())..];
    for (k, pixel) in out.as_chunks_mut::<CHANNELS>().0.iter_mut().take(axis.len()).enumerate() {
        let (first, weights) = axis.taps(k);
        let sum = |c: usize| {
            let products = channel(c)[first..].iter().zip(weights);
            round_wide(products.map(|(s, w)| i64::from(*s) * i64::from(*w)).sum(), axis.bits())
        };
        *pixel = match row.channels() {
            1 => [sum(0), 0, 0, axis.of_opaque(k, opaque)],
            3 => [sum(0), sum(1), sum(2), axis.of_opaque(k, opaque)],
            _ => [sum(0), sum(1), sum(2), sum(3)],
        };
        if row.channels() == 1 {
            (pixel[1], pixel[2]) = (pixel[0], pixel[0]);
        }
    }
}

/// The pass down.
fn go_down(unit: Unit, ring: &[i16], taps: &RingTaps<'_>, wide: bool, line: &mut [i16]) {
    if !wide {
        return down(unit, ring, taps, line);
    }
    for (i, out) in line.iter_mut().enumerate() {
        let products = taps.offsets.iter().zip(taps.weights);
        let sum = products.map(|(offset, weight)| i64::from(ring[offset + i]) * i64::from(*weight)).sum();
        *out = round_wide(sum, taps.bits);
    }
}

fn round_wide(sum: i64, bits: u32) -> i16 {
    let rounded = (sum + (1 << (bits - 1))) >> bits;
    rounded.clamp(i16::MIN.into(), i16::MAX.into()) as i16
}

#[cfg(test)]
mod tests {
    use super::super::span::{STEPS, SampleKind, Span};
    use super::*;
    use crate::recipe::Filter;

    fn axis(start: i64, end: i64, count: u32, mirrored: bool, length: i64) -> AxisWeights {
        let span = Span { start: start * STEPS, end: end * STEPS, count, mirrored };
        AxisWeights::new(span, length * STEPS, Filter::Lanczos3, SampleKind::Points)
    }

    fn line(width: usize, sample: impl Fn(usize, usize) -> i16) -> PlanarRow {
        let mut line = PlanarRow::new(3, width);
        for (c, channel) in line.channels_mut().enumerate() {
            channel.iter_mut().enumerate().for_each(|(i, v)| *v = sample(i, c));
        }
        line
    }

    fn sample(i: usize, j: usize, c: usize) -> i16 {
        (((i * 4 + c) * 37 + j * 101) % 16_321) as i16
    }

    fn run(x: AxisWeights, y: AxisWeights, mirrored_y: bool, width: usize, height: usize) -> Vec<Vec<i16>> {
        let mut out = vec![Vec::new(); y.len()];
        let mut passes = Separable::new(x, y, mirrored_y, InputShape { channels: 3, width, height });
        for j in 0..height {
            passes.push(&line(width, |i, c| sample(i, j, c)), &mut |k, line| out[k] = line.to_vec());
        }
        out
    }

    #[test]
    fn the_same_size_passes_every_sample_through() {
        let out = run(axis(2, 7, 5, false, 9), axis(1, 4, 3, false, 6), false, 9, 6);
        for (k, line) in out.iter().enumerate() {
            for (i, pixel) in line.chunks(CHANNELS).enumerate() {
                let want = [0, 1, 2].map(|c| sample(i + 2, k + 1, c));
                assert_eq!(pixel, [want[0], want[1], want[2], ONE as i16], "row {k}");
            }
        }
    }

    #[test]
    fn a_mirrored_output_is_the_mirror_of_the_output() {
        // 31 of 72 rows go down first, 91 go across first
        for count in [31, 91] {
            let plain = run(axis(3, 90, 20, false, 100), axis(5, 77, count, false, 80), false, 100, 80);
            let turned = run(axis(3, 90, 20, true, 100), axis(5, 77, count, true, 80), true, 100, 80);
            for (k, row) in plain.iter().enumerate() {
                let mut mirrored: Vec<[i16; 4]> = turned[count as usize - 1 - k].as_chunks::<4>().0.to_vec();
                mirrored.reverse();
                assert_eq!(*row, mirrored.as_flattened(), "row {k} of {count}");
            }
        }
    }

    #[test]
    fn a_flat_picture_stays_flat_at_any_ratio() {
        for (extent, count) in [(1000, 1), (1000, 7), (3, 1000), (1000, 999)] {
            for rows in [4, 2] {
                let (x, y) = (axis(0, extent, count, false, extent), axis(0, 4, rows, false, 4));
                let incoming = InputShape { channels: 3, width: extent as usize, height: 4 };
                let mut passes = Separable::new(x, y, false, incoming);
                let row = line(extent as usize, |_, _| 12_345);
                let mut seen = 0;
                for _ in 0..4 {
                    passes.push(&row, &mut |_, line| {
                        seen += 1;
                        let flat = |p: &[i16; 4]| *p == [12_345, 12_345, 12_345, ONE as i16];
                        assert!(line.as_chunks::<4>().0.iter().all(flat), "{extent} to {count}");
                    });
                }
                assert_eq!(seen, rows);
            }
        }
    }
}
