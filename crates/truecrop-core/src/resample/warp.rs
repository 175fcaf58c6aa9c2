//! Turning by any angle: an upright picture comes in row by row, and each output pixel is made as soon as the last
//! row under its filter is there. Only those rows are held.

use super::separable::round;
use super::weights::{sum_from_both_ends, to_fixed_point};
use crate::geometry::Size;
use crate::pixel::CHANNELS;
use crate::recipe::Filter;

/// Where output pixels lie in the incoming picture, in 1/2^32 pixel: `x = x0 + u * xu + v * xv`, y likewise.
///
/// (0, 0) is the corner of the incoming top-left pixel; u and v count output pixels, whose centres are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Affine {
    /// Position of the first output pixel's centre.
    pub origin: [i64; 2],
    /// Step to the next output column.
    pub per_u: [i64; 2],
    /// Step to the next output row.
    pub per_v: [i64; 2],
}

impl Affine {
    /// From real numbers of incoming pixels.
    pub fn from_pixels(origin: [f64; 2], per_u: [f64; 2], per_v: [f64; 2]) -> Self {
        let fixed = |v: f64| libm::floor(v * 4_294_967_296.0 + 0.5) as i64;
        Self { origin: origin.map(fixed), per_u: per_u.map(fixed), per_v: per_v.map(fixed) }
    }

    /// The position in 1/256 pixel from the centre of the first incoming pixel.
    fn at(&self, axis: usize, u: usize, v: usize) -> i64 {
        let position = self.origin[axis] + self.per_u[axis] * u as i64 + self.per_v[axis] * v as i64;
        (position - (1 << 31) + (1 << 23)) >> 24
    }
}

/// Sub-pixel positions of the kernel's table.
const PHASES: usize = 256;

/// The filter's integer weights at each of 256 sub-pixel positions.
pub struct WarpKernel {
    taps: usize,
    weights: Vec<i16>,
}

/// Weights of one position sum to `1 << BITS`.
const BITS: u32 = 14;

impl WarpKernel {
    /// `spread`: incoming pixels per output pixel; the filter is never narrower than one incoming pixel.
    pub fn new(filter: Filter, spread: f64) -> Self {
        let spread = spread.max(1.0);
        let half = libm::ceil(filter.support() * spread) as usize;
        let taps = half.max(1) * 2;
        let mut weights = Vec::with_capacity(PHASES * taps);
        for phase in 0..PHASES {
            let shift = phase as f64 / PHASES as f64;
            let reals: Vec<f64> = (0..taps)
                .map(|t| filter.value((t as f64 - (taps / 2 - 1) as f64 - shift) / spread))
                .collect();
            let fixed = to_fixed_point(&reals, sum_from_both_ends(&reals), BITS);
            weights.extend(fixed.into_iter().map(|w| w as i16));
        }
        Self { taps, weights }
    }

    fn at(&self, phase: usize) -> &[i16] {
        &self.weights[phase * self.taps..(phase + 1) * self.taps]
    }

    /// Bytes held.
    pub fn memory_bytes(&self) -> u64 {
        self.weights.len() as u64 * 2
    }
}

/// The warp of one output.
pub struct Warp {
    affine: Affine,
    kernel: WarpKernel,
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
    /// For an incoming picture of this (width, height).
    pub fn new(affine: Affine, kernel: WarpKernel, incoming: (usize, usize), output: Size) -> Self {
        let (width, height) = incoming;
        Self {
            ring: vec![0; width * CHANNELS * kernel.taps],
            done: vec![0; output.height as usize],
            run: vec![0; output.width as usize * CHANNELS],
            affine,
            kernel,
            width,
            height,
            output,
            arrived: 0,
        }
    }

    /// Bytes that [`Warp::new`] takes.
    pub fn memory_bytes(kernel: &WarpKernel, incoming_width: usize, output: Size) -> u64 {
        let ring = (incoming_width * CHANNELS * kernel.taps * 2) as u64;
        kernel.memory_bytes() + ring + u64::from(output.height) * 4 + u64::from(output.width) * 8
    }

    /// Takes the next incoming row; `emit` gets output row, first column and samples of each finished run.
    pub fn push(&mut self, row: &[i16], emit: &mut dyn FnMut(usize, usize, &[i16])) {
        let width = self.width * CHANNELS;
        let slot = self.arrived % self.kernel.taps * width;
        self.ring[slot..slot + width].copy_from_slice(row);
        self.arrived += 1;
        let columns = self.output.width as usize;
        // Along an output row the incoming y only rises or only falls: pixels become ready from one end.
        let falling = self.affine.per_u[1] < 0;
        for v in 0..self.output.height as usize {
            let start = self.done[v] as usize;
            let mut end = start;
            while end < columns {
                let u = if falling { columns - 1 - end } else { end };
                if self.last_row(u, v) >= self.arrived {
                    break;
                }
                let pixel = self.pixel(u, v);
                let at = if falling { columns - 1 - end } else { end } * CHANNELS;
                self.run[at..at + CHANNELS].copy_from_slice(&pixel);
                end += 1;
            }
            if end > start {
                self.done[v] = end as u32;
                let (low, high) = if falling { (columns - end, columns - start) } else { (start, end) };
                emit(v, low, &self.run[low * CHANNELS..high * CHANNELS]);
            }
        }
    }

    fn last_row(&self, u: usize, v: usize) -> usize {
        let base = self.affine.at(1, u, v) >> 8;
        (base + (self.kernel.taps / 2) as i64).clamp(0, self.height as i64 - 1) as usize
    }

    fn pixel(&self, u: usize, v: usize) -> [i16; CHANNELS] {
        let (x, y) = (self.affine.at(0, u, v), self.affine.at(1, u, v));
        let taps = self.kernel.taps;
        let (across, down) = (self.kernel.at((x & 255) as usize), self.kernel.at((y & 255) as usize));
        let (left, top) = ((x >> 8) - (taps / 2) as i64 + 1, (y >> 8) - (taps / 2) as i64 + 1);
        let mut sums = [0i32; CHANNELS];
        for (j, weight) in down.iter().enumerate() {
            // Beyond the picture's edge its last pixel goes on.
            let row = (top + j as i64).clamp(0, self.height as i64 - 1) as usize % taps;
            let line = &self.ring[row * self.width * CHANNELS..(row + 1) * self.width * CHANNELS];
            let samples = self.across(line.as_chunks::<CHANNELS>().0, left, across);
            for c in 0..CHANNELS {
                sums[c] += i32::from(samples[c]) * i32::from(*weight);
            }
        }
        sums.map(|sum| round(sum, BITS))
    }

    fn across(&self, line: &[[i16; CHANNELS]], left: i64, weights: &[i16]) -> [i16; CHANNELS] {
        let mut sums = [0i32; CHANNELS];
        let mut add = |samples: &[i16; CHANNELS], weight: i16| {
            for c in 0..CHANNELS {
                sums[c] += i32::from(samples[c]) * i32::from(weight);
            }
        };
        if left >= 0 && left as usize + weights.len() <= line.len() {
            let at = left as usize;
            line[at..at + weights.len()].iter().zip(weights).for_each(|(s, w)| add(s, *w));
        } else {
            let last = line.len() as i64 - 1;
            let indices = (left..).map(|i| i.clamp(0, last) as usize);
            indices.zip(weights).for_each(|(i, w)| add(&line[i], *w));
        }
        sums.map(|sum| round(sum, BITS))
    }
}
