//! Tables of a profile, from samples to the connection space, worked out in f64. `icc` reads them, and `fixed_tables` makes of them what
//! pixels go through.

use super::curve::Curve;
use super::xyz::{D50, f_inverse};

/// The largest number that PCSXYZ can code (6.3.4.2).
const MOST_XYZ: f64 = 65_535.0 / 32_768.0;

/// How the three last numbers mean a colour (6.3.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Connection {
    Xyz,
    Lab,
    /// As version 2 codes it in 16 bits: 0xFF00 is L* = 100.
    LegacyLab,
}

impl Connection {
    /// XYZ of coded numbers, 0..=1.
    pub(super) fn to_xyz(self, coded: [f64; 3]) -> [f64; 3] {
        match self {
            Connection::Xyz => coded.map(|v| v * MOST_XYZ),
            _ => {
                let f = self.to_f(coded);
                [0, 1, 2].map(|i| D50[i] * f_inverse(f[i]))
            }
        }
    }

    /// L*a*b* of coded numbers, as the cube roots f(X/Xn), f(Y/Yn), f(Z/Zn) that it is made of (CIE 15).
    fn to_f(self, [l, a, b]: [f64; 3]) -> [f64; 3] {
        let (step, most) = if self == Connection::LegacyLab {
            (65_535.0 / 256.0, 65_535.0 / 65_280.0)
        } else {
            (255.0, 1.0)
        };
        let y = (100.0 * most * l + 16.0) / 116.0;
        [y + (step * a - 128.0) / 500.0, y, y - (step * b - 128.0) / 200.0]
    }
}

/// What tables do with samples, stage by stage. What a profile lacks is the identity.
#[derive(Clone, Debug)]
pub(super) struct Tables {
    /// One for each channel.
    pub(super) inputs: Vec<Curve>,
    pub(super) grid: Grid,
    /// Curves, then a matrix whose fourth column is added.
    pub(super) middle: Option<([Curve; 3], [[f64; 4]; 3])>,
    pub(super) outputs: [Curve; 3],
    pub(super) connection: Connection,
}

impl Tables {
    /// XYZ relative to D50 of samples, 0..=1.
    pub(super) fn to_xyz(&self, samples: &[f64]) -> [f64; 3] {
        let places: Vec<f64> = self.inputs.iter().zip(samples).map(|(curve, &v)| curve.at(v)).collect();
        self.behind_grid(self.grid.at(&places))
    }

    /// XYZ relative to D50 of what the grid gives.
    pub(super) fn behind_grid(&self, mut v: [f64; 3]) -> [f64; 3] {
        if let Some((curves, matrix)) = &self.middle {
            let [x, y, z] = [0, 1, 2].map(|i| curves[i].beyond(v[i]));
            v = matrix.map(|[a, b, c, d]| a * x + b * y + c * z + d);
        }
        self.connection.to_xyz([0, 1, 2].map(|i| self.outputs[i].beyond(v[i])))
    }
}

/// A grid of colours over one, three or four channels.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    /// Along each channel, at least two.
    pub(super) points: Vec<u8>,
    /// Three numbers for each point; the last channel changes first.
    pub(super) nodes: Vec<u16>,
}

impl Grid {
    /// How many numbers a grid has; `None` where it has no interval.
    pub(super) fn numbers(points: &[u8]) -> Option<usize> {
        let each = |count: usize, &points: &u8| (points >= 2).then(|| count.checked_mul(points.into()))?;
        points.iter().try_fold(3, each)
    }

    /// The corners of the cube.
    pub(super) fn identity() -> Self {
        let corner = |i: usize| [i >> 2 & 1, i >> 1 & 1, i & 1].map(|bit| bit as u16 * 65_535);
        Self { points: vec![2; 3], nodes: (0..8).flat_map(corner).collect() }
    }

    /// The colour at a place, 0..=1 along each channel; each number 0..=1.
    ///
    /// Between the points: along one channel straight, over three by the tetrahedron that the place lies in, whose edges
    /// follow the channels from the largest fraction to the smallest; with four straight between two of these.
    pub(super) fn at(&self, places: &[f64]) -> [f64; 3] {
        let mut index = 0;
        let mut steps = [(0.0, 0); 4];
        let mut stride = 1;
        for (i, (&points, &place)) in self.points.iter().zip(places).enumerate().rev() {
            let last = usize::from(points) - 1;
            let place = place.clamp(0.0, 1.0) * last as f64;
            let whole = (place as usize).min(last - 1);
            index += whole * stride;
            steps[i] = (place - whole as f64, stride);
            stride *= usize::from(points);
        }
        if let [_, _, _, _] = *self.points {
            let ((share, stride), rest) = (steps[0], [steps[1], steps[2], steps[3]]);
            let (a, b) = (self.within(index, rest), self.within(index + stride, rest));
            return [0, 1, 2].map(|c| a[c] + (b[c] - a[c]) * share);
        }
        self.within(index, [steps[0], steps[1], steps[2]])
    }

    fn within(&self, mut index: usize, mut steps: [(f64, usize); 3]) -> [f64; 3] {
        // stable, as in `color::table`
        steps.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut color = self.node(index);
        for (share, stride) in steps {
            let before = self.node(index);
            index += stride;
            let after = self.node(index);
            color = [0, 1, 2].map(|c| color[c] + (after[c] - before[c]) * share);
        }
        color
    }

    fn node(&self, index: usize) -> [f64; 3] {
        let nodes = self.nodes.as_chunks::<3>().0;
        nodes.get(index).copied().unwrap_or_default().map(|v| f64::from(v) / 65_535.0)
    }
}
