//! Turning by any angle: an upright picture comes in row by row, and each output pixel is made as soon as the last
//! row under its kernel is there. Only those rows are held.

use super::affine::{Affine, PIXEL};
use super::convolve::{BLOCK, Pixel, Square, by_blocks, by_rows};
use super::turned_kernel::{BITS, Kind, TurnedKernel};
use crate::geometry::Size;
use crate::pixel::{CHANNELS, ONE, PlanarRow};
use crate::simd::Unit;

/// The warp of one output.
pub struct Warp {
    affine: Affine,
    kernel: TurnedKernel,
    edge: CropEdge,
    /// The weights of each position, and whether they were made.
    table: Vec<i16>,
    made: Vec<bool>,
    unit: Unit,
    channels: usize,
    width: usize,
    height: usize,
    output: Size,
    ring: Vec<i16>,
    arrived: usize,
    /// Output pixels of each output row that are done.
    done: Vec<u32>,
    run: Vec<i16>,
}

impl Warp {
    /// For an incoming picture of this (width, height) with 1, 3 or 4 channels.
    pub fn new(
        affine: Affine,
        kernel: TurnedKernel,
        channels: usize,
        incoming: (usize, usize),
        output: Size,
    ) -> Self {
        let (width, height) = incoming;
        let positions = if kernel.weights_of_position() > 0 { 1 << (2 * kernel.position_bits) } else { 0 };
        Self {
            edge: CropEdge::new(&affine, &kernel, output),
            ring: vec![0; PlanarRow::stride(width) * channels * kernel.half[1] as usize * 2],
            table: vec![0; positions * kernel.weights_of_position()],
            made: vec![false; positions],
            done: vec![0; output.height as usize],
            run: vec![0; output.width as usize * CHANNELS],
            unit: Unit::best(),
            affine,
            kernel,
            channels,
            width,
            height,
            output,
            arrived: 0,
        }
    }

    /// Bytes that [`Warp::new`] takes.
    pub fn memory_bytes(kernel: &TurnedKernel, channels: usize, incoming_width: usize, output: Size) -> u64 {
        let ring = PlanarRow::memory_bytes(channels, incoming_width) * kernel.half[1] as u64 * 2;
        kernel.memory_bytes() + ring + u64::from(output.height) * 4 + u64::from(output.width) * 8
    }

    /// Takes the next incoming row; `emit` gets output row, first column and samples of each finished run.
    pub fn push(&mut self, row: &[i16], emit: &mut dyn FnMut(usize, usize, &[i16])) {
        let stride = PlanarRow::stride(self.width);
        let rows = self.kernel.half[1] as usize * 2;
        let slot = self.arrived % rows * self.channels * stride;
        let slot = &mut self.ring[slot..slot + self.channels * stride];
        for (c, channel) in slot.chunks_exact_mut(stride).enumerate() {
            channel.iter_mut().zip(row.as_chunks::<CHANNELS>().0).for_each(|(to, pixel)| *to = pixel[c]);
        }
        self.arrived += 1;
        let columns = self.output.width as usize;
        // Along an output row the incoming y only rises or only falls: pixels become ready from one end.
        let falling = self.affine.falling();
        for v in 0..self.output.height as usize {
            let start = self.done[v] as usize;
            let mut end = start;
            while end < columns {
                let u = if falling { columns - 1 - end } else { end };
                if self.last_row(u, v) >= self.arrived {
                    break;
                }
                let pixel = self.pixel(u, v);
                self.run[u * CHANNELS..(u + 1) * CHANNELS].copy_from_slice(&pixel);
                end += 1;
            }
            if end > start {
                self.done[v] = end as u32;
                let (low, high) = if falling { (columns - end, columns - start) } else { (start, end) };
                emit(v, low, &self.run[low * CHANNELS..high * CHANNELS]);
            }
        }
    }

    /// An output pixel's place in half pixels from the output's middle.
    fn place_of(&self, u: usize, v: usize) -> [i64; 2] {
        [2 * u as i64 + 1 - i64::from(self.output.width), 2 * v as i64 + 1 - i64::from(self.output.height)]
    }

    /// A position as the incoming pixel before it, and the nearest of the kernel's positions behind that.
    fn nearest_position(&self, at: i64) -> (i64, i64) {
        let bits = self.kernel.position_bits;
        let steps = (at - PIXEL / 2 + (PIXEL >> (bits + 1))) >> (32 - bits);
        (steps >> bits, steps & ((1 << bits) - 1))
    }

    fn last_row(&self, u: usize, v: usize) -> usize {
        let (before, _) = self.nearest_position(self.affine.looks_at(1, self.place_of(u, v)));
        (before + self.kernel.half[1]).clamp(0, self.height as i64 - 1) as usize
    }

    fn pixel(&mut self, u: usize, v: usize) -> Pixel {
        let from_middle = self.place_of(u, v);
        let coverage = self.affine.coverage(from_middle);
        if coverage == 0 {
            return [0; CHANNELS];
        }
        let at = [0, 1].map(|axis| self.affine.looks_at(axis, from_middle));
        let (columns, rows) = (self.nearest_position(at[0]), self.nearest_position(at[1]));
        let first = [columns.0 - self.kernel.half[0] + 1, rows.0 - self.kernel.half[1] + 1];
        let inside = |axis: usize, side: usize| {
            first[axis] >= 0 && first[axis] + 2 * self.kernel.half[axis] <= side as i64
        };
        let pixel = if self.edge.is_far(from_middle) && inside(0, self.width) && inside(1, self.height) {
            self.inner_pixel(first.map(|v| v as usize), [columns.1, rows.1])
        } else {
            self.edge_pixel(first, at)
        };
        if coverage == ONE {
            pixel
        } else {
            pixel.map(|v| ((i32::from(v) * coverage + ONE / 2) / ONE) as i16)
        }
    }

    /// With all of its kernel inside the crop and the picture.
    fn inner_pixel(&mut self, first: [usize; 2], position: [i64; 2]) -> Pixel {
        let rows = self.kernel.half[1] as usize * 2;
        let under = Square {
            ring: &self.ring,
            rows,
            stride: PlanarRow::stride(self.width),
            channels: self.channels,
            column: first[0],
            row: first[1] % rows,
        };
        let mut pixel = match &self.kernel.kind {
            Kind::Upright(weights) => {
                let [across, down] = position.map(|p| &weights[p as usize * BLOCK..][..BLOCK]);
                by_rows(self.unit, &under, across, down, BITS)
            }
            Kind::Turned(blocks) => {
                let index = (position[1] << self.kernel.position_bits | position[0]) as usize;
                let count = blocks.len() * BLOCK;
                let weights = &mut self.table[index * count..(index + 1) * count];
                if !self.made[index] {
                    self.made[index] = true;
                    self.kernel.fill(blocks, position, weights);
                }
                by_blocks(self.unit, &under, blocks, weights, BITS)
            }
        };
        if self.channels < CHANNELS {
            pixel[3] = ONE as i16;
        }
        pixel
    }

    /// With only what of its kernel lies inside the crop and the picture.
    #[cold]
    fn edge_pixel(&self, first: [i64; 2], at: [i64; 2]) -> Pixel {
        let sides = [self.width, self.height].map(|side| side as i64);
        let range =
            |axis: usize| first[axis].max(0)..(first[axis] + 2 * self.kernel.half[axis]).min(sides[axis]);
        let (mut total, mut sums) = (0, [0; CHANNELS]);
        for y in range(1) {
            for x in range(0) {
                let place = [x, y].map(|v| v * PIXEL + PIXEL / 2);
                let value = self.kernel.value([0, 1].map(|axis| (place[axis] - at[axis]) >> 16));
                if value == 0 {
                    continue;
                }
                let weight = self.edge.share(place, value.into());
                total += weight;
                let pixel = self.sample(x, y);
                sums.iter_mut().zip(pixel).for_each(|(sum, v)| *sum += weight * i64::from(v));
            }
        }
        // What is left of a kernel in a sharp corner may be next to nothing: then the nearest pixel stands for it.
        if total < self.kernel.whole / 16 {
            let [x, y] = [0, 1].map(|axis| (at[axis] >> 32).clamp(first[axis].max(0), sides[axis] - 1));
            return self.sample(x, y);
        }
        sums.map(|sum| {
            let rounded = (sum + total / 2).div_euclid(total);
            rounded.clamp(i16::MIN.into(), i16::MAX.into()) as i16
        })
    }

    fn sample(&self, x: i64, y: i64) -> Pixel {
        let (rows, stride) = (self.kernel.half[1] as usize * 2, PlanarRow::stride(self.width));
        let at = y as usize % rows * self.channels * stride + x as usize;
        let channel = |c: usize| self.ring[at + c * stride];
        match self.channels {
            1 => [channel(0), channel(0), channel(0), ONE as i16],
            3 => [channel(0), channel(1), channel(2), ONE as i16],
            _ => [channel(0), channel(1), channel(2), channel(3)],
        }
    }
}

/// The crop's edges in the incoming picture.
struct CropEdge {
    middle: [i64; 2],
    /// See [`OutputAxes`](super::affine::OutputAxes).
    along: [[i64; 2]; 2],
    /// From the middle to the edge, along the output's axes.
    half: [i64; 2],
    /// Half output pixels from the middle to where the kernel reaches the edge.
    far: [i64; 2],
    /// How much counts what lies outside, of [`PIXEL`].
    outside: i64,
}

impl CropEdge {
    fn new(affine: &Affine, kernel: &TurnedKernel, output: Size) -> Self {
        let axes = affine.axes();
        let sizes = [output.width, output.height];
        let half = [0, 1].map(|a| (axes.ratios[a] * f64::from(sizes[a]) / 2.0 * PIXEL as f64) as i64);
        let far = [0, 1].map(|a| {
            let reach = kernel.reach_along(a, &axes) + 0.5;
            i64::from(sizes[a]) - libm::ceil(reach / axes.ratios[a] * 2.0) as i64
        });
        Self { middle: affine.middle(), along: axes.along, half, far, outside: affine.outside() }
    }

    /// Whether the edge means nothing to an output pixel: its kernel lies inside the crop, or what is outside counts in full.
    fn is_far(&self, from_middle: [i64; 2]) -> bool {
        self.outside == PIXEL || from_middle[0].abs() <= self.far[0] && from_middle[1].abs() <= self.far[1]
    }

    /// The part of a weight for what of an incoming pixel counts.
    fn share(&self, place: [i64; 2], weight: i64) -> i64 {
        let [x, y] = [0, 1].map(|axis| (place[axis] - self.middle[axis]) >> 16);
        (0..2).fold(weight, |weight, axis| {
            let distance = (self.along[axis][0] * x + self.along[axis][1] * y).abs();
            let share = (self.half[axis] - distance + PIXEL / 2).clamp(self.outside, PIXEL);
            (weight * (share >> 17)) >> 15
        })
    }
}
