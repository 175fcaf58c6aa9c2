//! The kernel of a turned output: the filter along the output's axes, over the pixels of an upright picture.
//!
//! A filter along the picture's own axes would keep, at 45 degrees, frequencies that the output cannot show. The weights
//! are integers from tables: the filter's profile along each axis, and out of it the whole kernel at each sub-pixel
//! position, made when it is first needed.

use super::affine::{Affine, OutputAxes, PIXEL};
use super::convolve::{BLOCK, Block};
use super::fixed_point::{sum_from_both_ends, to_fixed_point};
use crate::recipe::Filter;

/// Weights of one position sum to `1 << BITS`.
pub(super) const BITS: u32 = 14;

/// The most weights of all positions together: a megabyte.
const MOST_WEIGHTS: usize = 1 << 19;

/// Steps of a profile for each incoming pixel, as a power of two.
const PROFILE_BITS: u32 = 9;

/// Positions of an upright kernel for each incoming pixel, as a power of two.
const UPRIGHT_BITS: u32 = 8;

/// A filter over the incoming pixels around a position.
///
/// When shrinking it lies along the output's axes. When enlarging it is what is between the incoming pixels that has to be
/// found, so it lies along theirs, one of them wide.
pub struct TurnedKernel {
    /// The filter along each of its axes, at distances of 1/512 incoming pixel.
    profiles: [Vec<i16>; 2],
    /// What a step along the incoming x and y is along each of its axes, in 1/2^16.
    axes: [[i64; 2]; 2],
    /// It reaches from `1 - half` to `half` incoming pixels, across and down.
    pub(super) half: [i64; 2],
    /// How far it reaches along each of its axes, in incoming pixels.
    reach: [f64; 2],
    /// The weights that each of its positions would have in all, 1/2^28.
    pub(super) whole: i64,
    /// Positions for each incoming pixel, as a power of two.
    pub(super) position_bits: u32,
    pub(super) kind: Kind,
}

/// How the weights are kept.
pub(super) enum Kind {
    /// The product of two rows of eight weights, one for each position.
    Upright(Vec<i16>),
    /// Those of these blocks, for each position.
    Turned(Vec<Block>),
}

impl TurnedKernel {
    /// The kernel of an output that lies as this map says.
    pub fn new(filter: Filter, affine: &Affine) -> Self {
        let OutputAxes { steps, ratios, along } = affine.axes();
        let most = ratios[0].max(ratios[1]);
        // A thousandth for rounding: at the same size it lies along the output's axes.
        let enlarged = most < 0.999;
        let widths = if enlarged { [most; 2] } else { ratios.map(|ratio| ratio.max(1.0)) };
        let shapes = widths.map(|width| Shape::new(filter, width));
        let reach = shapes.map(|shape| shape.reach);
        let axes = if enlarged { [[1 << 16, 0], [0, 1 << 16]] } else { along };
        // Its corners, in incoming pixels.
        let extent = |axis: usize| match enlarged {
            true => reach[axis],
            false => (0..2).map(|frame| (steps[frame][axis] / ratios[frame]).abs() * reach[frame]).sum(),
        };
        let half = [0, 1].map(|axis| (libm::ceil(extent(axis)) as i64).max(1));
        let (kind, position_bits) = if enlarged {
            (Kind::Upright(shapes[0].upright(half[0] as usize * 2)), UPRIGHT_BITS)
        } else {
            let blocks = blocks(half, axes, reach);
            let fits = |bits: &u32| (blocks.len() * BLOCK) << (2 * bits) <= MOST_WEIGHTS;
            let bits = (1..=6).rev().find(fits).unwrap_or(0);
            (Kind::Turned(blocks), bits)
        };
        let whole = shapes.iter().map(|shape| shape.width.max(1.0)).product::<f64>() * f64::from(1 << 28);
        let profiles = shapes.map(|shape| shape.profile());
        Self { profiles, axes, half, reach, whole: whole as i64, position_bits, kind }
    }

    /// How far it reaches along one of the output's axes, in incoming pixels.
    pub(super) fn reach_along(&self, axis: usize, output: &OutputAxes) -> f64 {
        match self.kind {
            Kind::Upright(_) => {
                let [x, y] = output.along[axis].map(|step| step.abs() as f64 / 65_536.0);
                x * self.reach[0] + y * self.reach[1]
            }
            Kind::Turned(_) => self.reach[axis],
        }
    }

    /// Weights of one position in the table.
    pub(super) fn weights_of_position(&self) -> usize {
        if let Kind::Turned(blocks) = &self.kind { blocks.len() * BLOCK } else { 0 }
    }

    /// Bytes held, with the table of all positions.
    pub(super) fn memory_bytes(&self) -> u64 {
        let held = match &self.kind {
            Kind::Upright(weights) => weights.len() * 2,
            Kind::Turned(blocks) => {
                let weights = self.weights_of_position();
                // of a position while it is made: 32 bits each
                blocks.len() * size_of::<Block>()
                    + ((weights * 2 + 1) << (2 * self.position_bits))
                    + weights * 4
            }
        };
        (held + (self.profiles[0].len() + self.profiles[1].len()) * 2) as u64
    }

    /// The filter's value at an incoming pixel that lies so far from the position (in 1/2^16), in 1/2^28.
    #[inline(always)]
    pub(super) fn value(&self, [x, y]: [i64; 2]) -> i32 {
        let along = |axis: usize| {
            let distance = (self.axes[axis][0] * x + self.axes[axis][1] * y).abs();
            let step = (distance + (PIXEL >> (PROFILE_BITS + 1))) >> (32 - PROFILE_BITS);
            self.profiles[axis].get(step as usize).map_or(0, |value| i32::from(*value))
        };
        along(0) * along(1)
    }

    /// The weights at one position, which sum exactly to `1 << BITS`: each is rounded, and the heaviest takes the rest.
    pub(super) fn fill(&self, blocks: &[Block], position: [i64; 2], weights: &mut [i16]) {
        let offset = position.map(|p| p << (16 - self.position_bits));
        let from = |tap: usize, axis: usize| ((tap as i64 + 1 - self.half[axis]) << 16) - offset[axis];
        let taps =
            blocks.iter().flat_map(|b| (0..BLOCK).map(|lane| (b.column as usize + lane, b.row as usize)));
        let values: Vec<i32> = taps.map(|(x, y)| self.value([from(x, 0), from(y, 1)])).collect();
        let total: i64 = values.iter().map(|v| i64::from(*v)).sum();
        let scale = (1 << (40 + BITS)) / total.max(1);
        let (mut rest, mut heaviest) = (1 << BITS, 0);
        for (i, (weight, value)) in weights.iter_mut().zip(&values).enumerate() {
            *weight = ((i64::from(*value) * scale + (1 << 39)) >> 40) as i16;
            rest -= *weight;
            if *value > values[heaviest] {
                heaviest = i;
            }
        }
        weights[heaviest] += rest;
    }
}

/// The blocks that hold every incoming pixel under the kernel, whichever its position.
fn blocks(half: [i64; 2], axes: [[i64; 2]; 2], reach: [f64; 2]) -> Vec<Block> {
    let reach = reach.map(|reach| (reach * PIXEL as f64) as i64);
    // A pixel takes all distances of a square that is as large as a pixel.
    let near = |x: i64, y: i64| {
        axes.iter().zip(reach).all(|([a, b], reach)| {
            let (centre, slack) = (a * (2 * x - 1) + b * (2 * y - 1), a.abs() + b.abs());
            (centre.abs() - slack) << 15 < reach
        })
    };
    let mut blocks = Vec::new();
    for y in 1 - half[1]..=half[1] {
        let mut row = (1 - half[0]..=half[0]).filter(|x| near(*x, y));
        let Some(first) = row.next() else { continue };
        let last = row.next_back().unwrap_or(first);
        for x in (first..=last).step_by(BLOCK) {
            blocks.push(Block { row: (y - 1 + half[1]) as u16, column: (x - 1 + half[0]) as u16 });
        }
    }
    blocks
}

/// The filter along one axis.
#[derive(Clone, Copy)]
struct Shape {
    filter: Filter,
    /// Incoming pixels for each output pixel.
    width: f64,
    /// Where it ends, in incoming pixels.
    reach: f64,
}

impl Shape {
    fn new(filter: Filter, width: f64) -> Self {
        let reach = match filter {
            Filter::Box => (width + 1.0) / 2.0,
            _ => filter.support() * width.max(1.0),
        };
        Self { filter, width, reach }
    }

    /// At a distance in incoming pixels. A box weighs by how much of a pixel lies in it.
    fn at(&self, distance: f64) -> f64 {
        match self.filter {
            Filter::Box => {
                (self.reach - distance.abs()).max(0.0).min(self.width.min(1.0)) / self.width.min(1.0)
            }
            _ => self.filter.value(distance / self.width.max(1.0)),
        }
    }

    fn profile(&self) -> Vec<i16> {
        let steps = f64::from(1 << PROFILE_BITS);
        let count = libm::ceil(self.reach * steps) as usize + 1;
        (0..count)
            .map(|i| libm::floor(self.at(i as f64 / steps) * f64::from(1 << BITS) + 0.5) as i16)
            .collect()
    }

    /// The weights of each position over this many taps, as rows of eight.
    fn upright(&self, taps: usize) -> Vec<i16> {
        let mut weights = Vec::with_capacity(BLOCK << UPRIGHT_BITS);
        for position in 0..1 << UPRIGHT_BITS {
            let shift = f64::from(position) / f64::from(1 << UPRIGHT_BITS);
            let reals: Vec<f64> =
                (0..taps).map(|t| self.at((t + 1) as f64 - (taps / 2) as f64 - shift)).collect();
            let fixed = to_fixed_point(&reals, sum_from_both_ends(&reals), BITS);
            weights.extend(fixed.into_iter().map(|w| w as i16));
            weights.resize(weights.len().next_multiple_of(BLOCK), 0);
        }
        weights
    }
}
