//! Tables of a profile, from samples to the connection space: lut8Type, lut16Type and lutAToBType (ICC.1:2022, 10.10 to 10.12).
//!
//! Here they are read, and worked out in f64. `color::table` makes of them what pixels go through.

use super::super::curve::Curve;
use super::super::space::{D50, f_inverse};
use super::curves::curve_and_length;
use super::{array, fixed, u32_at};

/// Entries of a curve of lut16Type, at most (10.10).
const MOST_ENTRIES: usize = 4096;

/// The largest number that PCSXYZ can code (6.3.4.2).
const MOST_XYZ: f64 = 65_535.0 / 32_768.0;

/// How the three last numbers mean a colour (6.3.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::color) enum Connection {
    Xyz,
    Lab,
    /// As version 2 codes it in 16 bits: 0xFF00 is L* = 100.
    LegacyLab,
}

impl Connection {
    /// XYZ of coded numbers, 0..=1.
    pub(in crate::color) fn to_xyz(self, coded: [f64; 3]) -> [f64; 3] {
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
pub(in crate::color) struct Tables {
    /// One for each channel.
    pub(in crate::color) inputs: Vec<Curve>,
    pub(in crate::color) grid: Grid,
    /// Curves, then a matrix whose fourth column is added.
    pub(in crate::color) middle: Option<([Curve; 3], [[f64; 4]; 3])>,
    pub(in crate::color) outputs: [Curve; 3],
    pub(in crate::color) connection: Connection,
}

impl Tables {
    /// Reads the tag `A2B0` or `A2B1` of a profile with this number of channels (1, 3 or 4) that connects by XYZ, or by Lab.
    /// `None` when it is of another type or broken.
    pub(super) fn parse(tag: &[u8], channels: usize, lab: bool) -> Option<Self> {
        let kind = array::<4>(tag, 0)?;
        let [inputs, outputs] = array(tag, 8)?;
        if usize::from(inputs) != channels || outputs != 3 {
            return None;
        }
        let connection = match (lab, &kind) {
            (false, _) => Connection::Xyz,
            (true, b"mft2") => Connection::LegacyLab,
            _ => Connection::Lab,
        };
        match &kind {
            b"mft1" => Self::of_lut(tag, channels, connection, 48, [256, 256], 1),
            b"mft2" => {
                let entries: [usize; 2] =
                    [u16::from_be_bytes(array(tag, 48)?).into(), u16::from_be_bytes(array(tag, 50)?).into()];
                let possible = entries.iter().all(|n| (2..=MOST_ENTRIES).contains(n));
                possible.then(|| Self::of_lut(tag, channels, connection, 52, entries, 2))?
            }
            b"mAB " => Self::of_lut_a_to_b(tag, channels, connection),
            _ => None,
        }
    }

    /// 10.10 and 10.11: curves, grid, curves, one behind the other. The matrix is for XYZ samples only, and not looked at.
    fn of_lut(
        tag: &[u8],
        channels: usize,
        connection: Connection,
        start: usize,
        [inputs, outputs]: [usize; 2],
        width: usize,
    ) -> Option<Self> {
        let mut rest = tag.get(start..)?;
        let mut take = |count: usize| {
            let (taken, left) = rest.split_at_checked(count.checked_mul(width)?)?;
            rest = left;
            Some(Numbers { bytes: taken, width }.collect())
        };
        let points = vec![*tag.get(10)?; channels];
        let before = (0..channels).map(|_| take(inputs).map(Curve::Points)).collect::<Option<_>>()?;
        let nodes = take(Grid::numbers(&points)?)?;
        let after = [take(outputs)?, take(outputs)?, take(outputs)?].map(Curve::Points);
        let grid = Grid { points, nodes };
        Some(Self { inputs: before, grid, middle: None, outputs: after, connection })
    }

    /// 10.12: "A" curves, grid, "M" curves, matrix and "B" curves, each at its own place; a place of 0 says that the stage
    /// is missing.
    fn of_lut_a_to_b(tag: &[u8], channels: usize, connection: Connection) -> Option<Self> {
        let place = |i: usize| Some(u32_at(tag, 12 + 4 * i)? as usize);
        let [b, matrix, m, grid, a] = [place(0)?, place(1)?, place(2)?, place(3)?, place(4)?];
        let outputs = three(tag, b)?;
        let middle = match (m, matrix) {
            (0, 0) => None,
            (0, _) | (_, 0) => return None,
            _ => Some((three(tag, m)?, matrix_at(tag, matrix)?)),
        };
        let (inputs, grid) = match (a, grid) {
            (0, 0) if channels == 3 => (vec![Curve::Power(1.0); 3], Grid::identity()),
            (0, _) | (_, 0) => return None,
            _ => (curves(tag, a, channels)?, grid_at(tag, grid, channels)?),
        };
        Some(Self { inputs, grid, middle, outputs, connection })
    }

    /// XYZ relative to D50 of samples, 0..=1.
    pub(in crate::color) fn to_xyz(&self, samples: &[f64]) -> [f64; 3] {
        let places: Vec<f64> = self.inputs.iter().zip(samples).map(|(curve, &v)| curve.at(v)).collect();
        self.behind_grid(self.grid.at(&places))
    }

    /// XYZ relative to D50 of what the grid gives.
    pub(in crate::color) fn behind_grid(&self, mut v: [f64; 3]) -> [f64; 3] {
        if let Some((curves, matrix)) = &self.middle {
            let [x, y, z] = [0, 1, 2].map(|i| curves[i].beyond(v[i]));
            v = matrix.map(|[a, b, c, d]| a * x + b * y + c * z + d);
        }
        self.connection.to_xyz([0, 1, 2].map(|i| self.outputs[i].beyond(v[i])))
    }
}

/// A grid of colours over one, three or four channels.
#[derive(Clone, Debug)]
pub(in crate::color) struct Grid {
    /// Along each channel, at least two.
    pub(in crate::color) points: Vec<u8>,
    /// Three numbers for each point; the last channel changes first.
    pub(in crate::color) nodes: Vec<u16>,
}

impl Grid {
    /// How many numbers a grid has; `None` where it has no interval.
    fn numbers(points: &[u8]) -> Option<usize> {
        let each = |count: usize, &points: &u8| (points >= 2).then(|| count.checked_mul(points.into()))?;
        points.iter().try_fold(3, each)
    }

    /// The corners of the cube.
    fn identity() -> Self {
        let corner = |i: usize| [i >> 2 & 1, i >> 1 & 1, i & 1].map(|bit| bit as u16 * 65_535);
        Self { points: vec![2; 3], nodes: (0..8).flat_map(corner).collect() }
    }

    /// The colour at a place, 0..=1 along each channel; each number 0..=1.
    ///
    /// Between the points: along one channel straight, over three by the tetrahedron that the place lies in, whose edges
    /// follow the channels from the largest fraction to the smallest; with four straight between two of these.
    pub(in crate::color) fn at(&self, places: &[f64]) -> [f64; 3] {
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

/// Numbers of one or two bytes, brought to 16 bits.
struct Numbers<'a> {
    bytes: &'a [u8],
    width: usize,
}

impl Numbers<'_> {
    fn collect(self) -> Vec<u16> {
        match self.width {
            1 => self.bytes.iter().map(|&v| u16::from(v) * 257).collect(),
            _ => self.bytes.as_chunks::<2>().0.iter().map(|b| u16::from_be_bytes(*b)).collect(),
        }
    }
}

/// Curves one behind the other, each filled up to a multiple of four bytes.
fn curves(tag: &[u8], mut at: usize, count: usize) -> Option<Vec<Curve>> {
    let next = |_| {
        let (curve, length) = curve_and_length(tag.get(at..)?)?;
        at += length.next_multiple_of(4);
        Some(curve)
    };
    (0..count).map(next).collect()
}

fn three(tag: &[u8], at: usize) -> Option<[Curve; 3]> {
    curves(tag, at, 3)?.try_into().ok()
}

/// Nine numbers row by row, then what is added to each row.
fn matrix_at(tag: &[u8], at: usize) -> Option<[[f64; 4]; 3]> {
    let number = |i: usize| fixed(tag, at.checked_add(4 * i)?);
    let row = |i: usize| Some([number(3 * i)?, number(3 * i + 1)?, number(3 * i + 2)?, number(9 + i)?]);
    Some([row(0)?, row(1)?, row(2)?])
}

fn grid_at(tag: &[u8], at: usize, channels: usize) -> Option<Grid> {
    let bytes = tag.get(at..)?;
    let points = bytes.get(..channels)?.to_vec();
    let width = usize::from(*bytes.get(16)?);
    if !matches!(width, 1 | 2) {
        return None;
    }
    let length = Grid::numbers(&points)?.checked_mul(width)?;
    let nodes = Numbers { bytes: bytes.get(20..)?.get(..length)?, width }.collect();
    Some(Grid { points, nodes })
}
