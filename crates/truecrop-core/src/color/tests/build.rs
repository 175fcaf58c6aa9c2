//! Profiles of every kind, made for the tests.

use crate::test_images::{curv, fixed, icc, para, xyz};

/// What a test says of tables; each number 0..=1.
pub(super) struct Stages<'a> {
    /// Along each channel.
    pub(super) points: Vec<u8>,
    pub(super) input: &'a dyn Fn(f64) -> f64,
    /// The three numbers at a place of the grid.
    pub(super) grid: &'a dyn Fn(&[f64]) -> [f64; 3],
    pub(super) output: &'a dyn Fn(f64) -> f64,
}

/// A profile of one tag `A2B0`.
pub(super) fn with_tables(tag: Vec<u8>, lab: bool) -> Vec<u8> {
    let space = match tag[8] {
        1 => b"GRAY",
        3 => b"RGB ",
        _ => b"CMYK",
    };
    connecting(icc(space, &[(*b"A2B0", tag)]), lab)
}

/// The profile with another connection space.
pub(super) fn connecting(mut profile: Vec<u8>, lab: bool) -> Vec<u8> {
    profile[20..24].copy_from_slice(if lab { b"Lab " } else { b"XYZ " });
    profile
}

impl Stages<'_> {
    /// lut8Type (`wide` false) or lut16Type.
    pub(super) fn lut(&self, wide: bool) -> Vec<u8> {
        let entries = if wide { 129 } else { 256 };
        let number = |v: f64| match wide {
            true => ((v.clamp(0.0, 1.0) * 65_535.0).round() as u16).to_be_bytes().to_vec(),
            false => vec![(v.clamp(0.0, 1.0) * 255.0).round() as u8],
        };
        let curve = |f: &dyn Fn(f64) -> f64| -> Vec<u8> {
            (0..entries).flat_map(|i| number(f(f64::from(i) / f64::from(entries - 1)))).collect()
        };
        let channels = self.points.len();
        let mut tag =
            [if wide { &b"mft2\0\0\0\0"[..] } else { b"mft1\0\0\0\0" }, &[channels as u8, 3]].concat();
        tag.extend([self.points[0], 0]);
        tag.extend((0..9).flat_map(|i| fixed(if i % 4 == 0 { 1.0 } else { 0.0 })));
        if wide {
            tag.extend([(entries as u16).to_be_bytes(), (entries as u16).to_be_bytes()].concat());
        }
        tag.extend(curve(self.input).repeat(channels));
        tag.extend(self.nodes().flat_map(number));
        tag.extend(curve(self.output).repeat(3));
        tag
    }

    /// lutAToBType; `middle` are the curves and the matrix behind the grid.
    pub(super) fn lut_a_to_b(&self, middle: Option<(Vec<u8>, [f64; 12])>) -> Vec<u8> {
        let sampled = |f: &dyn Fn(f64) -> f64| {
            curv(&(0..129).map(|i| (f(f64::from(i) / 128.0) * 65_535.0).round() as u16).collect::<Vec<u16>>())
        };
        let mut parts = Parts { tag: vec![0; 32] };
        let channels = self.points.len();
        let b = parts.add(&padded(sampled(self.output)).repeat(3));
        let (matrix, m) = match middle {
            Some((curve, matrix)) => {
                (parts.add(&matrix.map(fixed).concat()), parts.add(&padded(curve).repeat(3)))
            }
            None => (0, 0),
        };
        let mut grid = [&self.points[..], &vec![0; 16 - channels], &[2, 0, 0, 0]].concat();
        grid.extend(self.nodes().flat_map(|v| ((v.clamp(0.0, 1.0) * 65_535.0).round() as u16).to_be_bytes()));
        let grid = parts.add(&padded(grid));
        let a = parts.add(&padded(sampled(self.input)).repeat(channels));
        parts.finish(channels as u8, [b, matrix, m, grid, a])
    }

    fn nodes(&self) -> impl Iterator<Item = f64> {
        let count: usize = self.points.iter().map(|&p| usize::from(p)).product();
        (0..count).flat_map(move |mut index| {
            let mut place = vec![0.0; self.points.len()];
            for (place, &points) in place.iter_mut().zip(&self.points).rev() {
                *place = (index % usize::from(points)) as f64 / f64::from(points - 1);
                index /= usize::from(points);
            }
            (self.grid)(&place)
        })
    }
}

fn padded(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

/// The parts of a lutAToBType, each at its own place.
struct Parts {
    tag: Vec<u8>,
}

impl Parts {
    fn add(&mut self, part: &[u8]) -> usize {
        let at = self.tag.len();
        self.tag.extend(part);
        at
    }

    fn finish(mut self, channels: u8, places: [usize; 5]) -> Vec<u8> {
        self.tag[..12].copy_from_slice(&[&b"mAB \0\0\0\0"[..], &[channels, 3, 0, 0]].concat());
        for (i, place) in places.into_iter().enumerate() {
            self.tag[12 + 4 * i..16 + 4 * i].copy_from_slice(&(place as u32).to_be_bytes());
        }
        self.tag
    }
}

/// A lutAToBType of "M" curves, matrix and "B" curves alone.
pub(super) fn without_grid(curve: Vec<u8>, matrix: [f64; 12]) -> Vec<u8> {
    let mut parts = Parts { tag: vec![0; 32] };
    let b = parts.add(&para(0, &[1.0]).repeat(3));
    let (matrix, m) = (parts.add(&matrix.map(fixed).concat()), parts.add(&padded(curve).repeat(3)));
    parts.finish(3, [b, matrix, m, 0, 0])
}

/// The profile of JPEGs in XYB: opsin values by a grid of two points, their cubes, and a matrix (ISO/IEC 18181-1, annex L.2, with the
/// scales that such JPEGs have).
pub(super) fn xyb() -> Vec<u8> {
    let parts = XYB;
    let value = |place: &[f64], c: usize| place[c] / parts.scale[c] - parts.offset[c];
    let low = [
        -parts.offset[1] - parts.offset[0],
        -parts.offset[1] - (1.0 / parts.scale[0] - parts.offset[0]),
        -parts.offset[1] - parts.offset[2],
    ];
    let span = [0, 1, 2].map(|c| 1.0 / parts.scale[1] + 1.0 / parts.scale[[0, 0, 2][c]]);
    let grid = |place: &[f64]| {
        let [x, y, b] = [value(place, 0), value(place, 1), value(place, 2)];
        let sums = [y + x, y - x, b + y];
        [0, 1, 2].map(|c| (sums[c] - low[c]) / span[c])
    };
    let mut tag = Parts { tag: vec![0; 32] };
    let b = tag.add(&para(0, &[1.0]).repeat(3));
    let mut points = vec![2, 2, 2];
    points.resize(16, 0);
    let mut nodes = [&points[..], &[2, 0, 0, 0]].concat();
    for i in 0..8 {
        let place = [i >> 2 & 1, i >> 1 & 1, i & 1].map(f64::from);
        nodes.extend(grid(&place).into_iter().flat_map(|v| ((v * 65_535.0).round() as u16).to_be_bytes()));
    }
    let nodes = tag.add(&nodes);
    let cubes: Vec<u8> = [0, 1, 2]
        .into_iter()
        .flat_map(|c| {
            let start = low[c] + parts.bias.cbrt();
            para(3, &[3.0, span[c], start, 0.0, (-start / span[c]).max(0.0)])
        })
        .collect();
    let m = tag.add(&cubes);
    let rows = parts.matrix;
    let rest = rows.map(|row| -parts.bias * row.iter().sum::<f64>());
    let matrix =
        tag.add(&rows.as_flattened().iter().chain(&rest).flat_map(|&v| fixed(v)).collect::<Vec<u8>>());
    with_tables(tag.finish(3, [b, matrix, m, nodes, b]), false)
}

pub(super) struct Xyb {
    pub(super) offset: [f64; 3],
    pub(super) scale: [f64; 3],
    pub(super) bias: f64,
    /// Cubes to half of XYZ (D50), because 1 is coded as 0x8000 there.
    matrix: [[f64; 3]; 3],
}

pub(super) const XYB: Xyb = Xyb {
    offset: [0.015_386_134, 0.0, 0.277_704_59],
    scale: [22.995_788_804, 1.183_000_077, 1.502_141_333],
    bias: 0.003_793_073_255_275_449_3,
    matrix: [
        [1.517_009_5, -1.106_522_5, 0.071_623],
        [-0.050_022, 0.568_365_5, -0.018_344],
        [-1.387_676, 1.114_555_5, 0.685_725_5],
    ],
};

/// A gray profile of one curve.
pub(super) fn gray(curve: Vec<u8>, lab: bool) -> Vec<u8> {
    connecting(icc(b"GRAY", &[(*b"kTRC", curve)]), lab)
}

/// A matrix profile whose tags are these and more.
pub(super) fn matrix_with(
    colorants: [[f64; 3]; 3],
    curves: [Vec<u8>; 3],
    more: &[([u8; 4], Vec<u8>)],
) -> Vec<u8> {
    let [r, g, b] = colorants.map(xyz);
    let [rt, gt, bt] = curves;
    let tags = [(*b"rXYZ", r), (*b"gXYZ", g), (*b"bXYZ", b), (*b"rTRC", rt), (*b"gTRC", gt), (*b"bTRC", bt)];
    icc(b"RGB ", &[&tags[..], more].concat())
}
