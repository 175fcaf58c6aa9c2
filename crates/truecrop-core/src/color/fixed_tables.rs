//! Samples through a profile's tables, in integers.
//!
//! [`Tables`] says what a profile's stages do; here they become at most four: a curve for each channel, the grid, a curve for each of
//! its three numbers, and a matrix to linear sRGB. Nothing is approximated by that where the profile connects by XYZ, and where
//! it connects by Lab without bends behind the grid: the cube roots that L*a*b* is made of are sums of L*, a* and b*, so they
//! can stand in the grid in place of these. Other profiles get a finer grid of such cube roots.
//!
//! The black point stays where the profile has it, as in browsers.

use super::curve::Lut;
use super::matrix::{LINEAR, LightToWorking};
use super::sample::Sample;
use super::tables::{Connection, Grid, Tables};
use super::xyz::{D50, f, f_inverse, xyz_to_srgb};
use crate::decode::Depth;
use crate::recipe::Light;

/// Fraction bits of a place between two points of the grid.
const PLACE: u32 = 14;

/// Fraction bits of the matrix.
const FRACTION: u32 = 20;

/// Intervals of the curves behind the grid, as a power of two.
const CURVE_BITS: u32 = 12;

/// Fraction bits of a number behind the grid, within such an interval.
const CURVE_FRACTION: u32 = 16 + PLACE - CURVE_BITS;

/// Intervals that a finer grid has along each channel of three, at most, and of four.
const FINE: [usize; 2] = [32, 16];

/// Points of a finer grid, at most.
pub(super) const MOST_FINE: usize = 17 * 17 * 17 * 17;

/// Cube roots in the grid: 0 stands for the first, 65,535 for the second. Lab can code no others.
const ROOTS: [f64; 2] = [-0.5, 1.75];

/// Samples of three or four channels to working samples.
pub(super) struct FixedTables {
    inputs: Vec<Lut>,
    grid: Grid,
    curves: [Vec<i32>; 3],
    /// The last column is added, with the fraction bits of light.
    rows: [[i64; 4]; 3],
    working: LightToWorking,
}

impl FixedTables {
    pub(super) fn new(mut tables: Tables, light: Light, depth: Depth) -> Self {
        let curves = std::mem::take(&mut tables.inputs);
        let (grid, behind, rows) = behind_inputs(tables);
        let places = grid.points.iter().map(|&points| (i32::from(points) - 1) << PLACE);
        let inputs =
            curves.iter().zip(places).map(|(curve, most)| Lut::new(|v| curve.at(v), most, depth)).collect();
        let curves = behind;
        Self { inputs, grid, curves, rows, working: LightToWorking::new(light) }
    }

    /// Numbers that the grid holds.
    #[cfg(test)]
    pub(super) fn nodes(&self) -> usize {
        self.grid.nodes.len()
    }

    /// Working samples of one pixel.
    #[inline(always)]
    pub(super) fn convert<S: Sample, const N: usize>(&self, pixel: [S; N]) -> [i32; 3] {
        let numbers = self.in_grid(pixel);
        let [x, y, z] = [0, 1, 2].map(|i| i64::from(curve_at(&self.curves[i], numbers[i])));
        self.rows.map(|[a, b, c, d]| {
            let sum = a * x + b * y + c * z + d + (1 << (FRACTION - 1));
            self.working.of((sum >> FRACTION).clamp(0, LINEAR.into()) as i32)
        })
    }

    /// Three numbers of 16 bits with [`PLACE`] fraction bits: [`Grid::at`] in integers.
    #[inline(always)]
    fn in_grid<S: Sample, const N: usize>(&self, pixel: [S; N]) -> [i32; 3] {
        let (mut index, mut stride) = (0, 1);
        let mut steps = [(0, 0); 4];
        for i in (0..N).rev() {
            let points = usize::from(self.grid.points[i]);
            let place = pixel[i].look(&self.inputs[i]);
            let whole = (place >> PLACE).min(points as i32 - 2);
            index += whole as usize * stride;
            steps[4 - N + i] = (place - (whole << PLACE), stride);
            stride *= points;
        }
        let [(share, stride), rest @ ..] = steps;
        let a = self.within(index, rest);
        if N < 4 {
            return a;
        }
        let b = self.within(index + stride, rest);
        [0, 1, 2].map(|i| a[i] + ((i64::from(b[i] - a[i]) * i64::from(share)) >> PLACE) as i32)
    }

    /// Between the corners of the tetrahedron that these shares lie in.
    #[inline(always)]
    fn within(&self, mut index: usize, [mut a, mut b, mut c]: [(i32, usize); 3]) -> [i32; 3] {
        swap_if_less(&mut a, &mut b);
        swap_if_less(&mut b, &mut c);
        swap_if_less(&mut a, &mut b);
        let mut sum = self.node(index).map(|v| v * ((1 << PLACE) - a.0));
        for (weight, stride) in [(a.0 - b.0, a.1), (b.0 - c.0, b.1), (c.0, c.1)] {
            index += stride;
            let node = self.node(index);
            sum = [0, 1, 2].map(|i| sum[i] + node[i] * weight);
        }
        sum
    }

    #[inline(always)]
    fn node(&self, index: usize) -> [i32; 3] {
        self.grid.nodes.as_chunks::<3>().0.get(index).copied().unwrap_or_default().map(i32::from)
    }
}

#[inline(always)]
fn swap_if_less(a: &mut (i32, usize), b: &mut (i32, usize)) {
    if a.0 < b.0 {
        std::mem::swap(a, b);
    }
}

#[inline(always)]
fn curve_at(points: &[i32], number: i32) -> i32 {
    let index = (number >> CURVE_FRACTION) as usize;
    let (Some(&a), Some(&b)) = (points.get(index), points.get(index + 1)) else { return 0 };
    let fraction = i64::from(number & ((1 << CURVE_FRACTION) - 1));
    a + ((i64::from(b - a) * fraction) >> CURVE_FRACTION) as i32
}

/// The grid, the curves and the matrix that follow on it.
fn behind_inputs(tables: Tables) -> (Grid, [Vec<i32>; 3], [[i64; 4]; 3]) {
    let to_srgb = xyz_to_srgb();
    let straight = tables.outputs.iter().all(|curve| is_straight(|v| curve.beyond(v)));
    let exact = tables.connection == Connection::Xyz && (tables.middle.is_none() || straight);
    if !exact {
        let bends = tables.middle.is_some() || !straight;
        let white = to_srgb.map(|row| [row[0] * D50[0], row[1] * D50[1], row[2] * D50[2], 0.0]);
        let [low, high] = ROOTS;
        let curve = curve(&|v| f_inverse(low + v * (high - low)));
        return (roots(&tables, bends), [curve.clone(), curve.clone(), curve], fixed(&white));
    }
    let coded = Connection::Xyz.to_xyz([1.0; 3])[0];
    let (curves, matrix) = match &tables.middle {
        Some((curves, matrix)) => (curves, *matrix),
        None => (&tables.outputs, [[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]]),
    };
    let product = to_srgb.map(|row| {
        [0, 1, 2, 3].map(|j| coded * (row[0] * matrix[0][j] + row[1] * matrix[1][j] + row[2] * matrix[2][j]))
    });
    let curves = [0, 1, 2].map(|i| curve(&|v| curves[i].beyond(v)));
    (tables.grid, curves, fixed(&product))
}

/// Whether a curve is the identity.
fn is_straight(curve: impl Fn(f64) -> f64) -> bool {
    (0..=256).map(|i| f64::from(i) / 256.0).all(|v| (curve(v) - v).abs() < 1e-5)
}

/// Light at the curve's points: see [`curve_at`].
fn curve(f: &dyn Fn(f64) -> f64) -> Vec<i32> {
    let step = f64::from(1 << (16 - CURVE_BITS)) / 65_535.0;
    // what no light reaches is cut, so that sums of three fit
    let point = |i: i32| libm::round(f(f64::from(i) * step).clamp(-8.0, 8.0) * f64::from(LINEAR)) as i32;
    (0..=1 << CURVE_BITS).map(point).collect()
}

/// Rounded to fixed point.
fn fixed(matrix: &[[f64; 4]; 3]) -> [[i64; 4]; 3] {
    let scale = f64::from(1 << FRACTION);
    let round = |v: f64| libm::round(v.clamp(-1e6, 1e6) * scale) as i64;
    matrix.map(|[a, b, c, d]| [round(a), round(b), round(c), round(d) * i64::from(LINEAR)])
}

/// A grid of cube roots: finer than the profile's where curves bend what is between its points.
fn roots(tables: &Tables, bends: bool) -> Grid {
    let own = &tables.grid.points;
    let channels = own.len();
    let points = if bends { finer(own) } else { own.clone() };
    let mut nodes = Vec::with_capacity(3 * points.iter().map(|&p| usize::from(p)).product::<usize>());
    let mut place = vec![0u8; channels];
    loop {
        let at: Vec<f64> =
            place.iter().zip(&points).map(|(&i, &p)| f64::from(i) / f64::from(p - 1)).collect();
        let xyz = tables.behind_grid(tables.grid.at(&at));
        nodes.extend([0, 1, 2].map(|i| root(xyz[i] / D50[i])));
        let Some(next) = (0..channels).rev().find(|&i| place[i] + 1 < points[i]) else {
            return Grid { points, nodes };
        };
        place[next] += 1;
        place[next + 1..].fill(0);
    }
}

/// A ratio to white, as the grid stores its cube root.
fn root(ratio: f64) -> u16 {
    let [low, high] = ROOTS;
    libm::round((f(ratio) - low) / (high - low) * 65_535.0) as u16
}

/// More points along each channel, the profile's own among them, as far as they are not too many.
fn finer(points: &[u8]) -> Vec<u8> {
    let fine = FINE[usize::from(points.len() == 4)];
    let times = |p: usize| (fine / (p - 1)).max(1);
    let more = points.iter().map(|&p| (usize::from(p) - 1) * times(p.into()) + 1);
    if more.clone().product::<usize>() > MOST_FINE {
        points.to_vec()
    } else {
        more.map(|p| p as u8).collect()
    }
}
