//! RGB of one set of primaries to another, in integers.

use super::curve::{Curve, Lut, decode_srgb, encode_srgb};
use super::sample::Sample;
use crate::decode::Depth;
use crate::pixel::ONE;
use crate::recipe::Light;

/// Full linear light between the curves.
pub(super) const LINEAR: i32 = 1 << 20;

/// Fraction bits of the matrix.
const FRACTION: u32 = 16;

/// Intervals of the table that codes linear light again, as a power of two: fine enough for the steep start of sRGB's curve
/// (straight between points, it is off by at most a third of a working step).
const CODE_BITS: u32 = 12;

/// Sample by curve to linear light, by matrix to linear sRGB, cut to the gamut, and to working samples.
pub(super) struct Matrix {
    curves: [Lut; 3],
    rows: [[i64; 3]; 3],
    working: LightToWorking,
}

impl Matrix {
    pub(super) fn new(trc: &[Curve; 3], to_srgb: &[[f64; 3]; 3], light: Light, depth: Depth) -> Self {
        let curves = [0, 1, 2].map(|i| Lut::new(|v| trc[i].at(v), LINEAR, depth));
        Self { curves, rows: fixed(to_srgb), working: LightToWorking::new(light) }
    }

    /// Working samples of one pixel.
    #[inline(always)]
    pub(super) fn convert<S: Sample>(&self, pixel: [S; 3]) -> [i32; 3] {
        let [r, g, b] =
            [pixel[0].look(&self.curves[0]), pixel[1].look(&self.curves[1]), pixel[2].look(&self.curves[2])];
        self.rows.map(|[x, y, z]| {
            let sum = x * i64::from(r) + y * i64::from(g) + z * i64::from(b) + (1 << (FRACTION - 1));
            self.working.of((sum >> FRACTION).clamp(0, LINEAR.into()) as i32)
        })
    }
}

/// Linear light, 0..=[`LINEAR`], to working samples.
pub(super) struct LightToWorking {
    /// Working samples at the points of the interval; for linear working samples there is none.
    code: Vec<i32>,
}

impl LightToWorking {
    pub(super) fn new(light: Light) -> Self {
        let point = |i: i32| {
            let v = encode_srgb(f64::from(i) / f64::from(1 << CODE_BITS));
            libm::round(v * f64::from(ONE << 8)) as i32
        };
        Self {
            code: if light == Light::Srgb { (0..=1 << CODE_BITS).map(point).collect() } else { Vec::new() },
        }
    }

    #[inline(always)]
    pub(super) fn of(&self, light: i32) -> i32 {
        const STEP: u32 = 20 - CODE_BITS;
        let index = (light >> STEP) as usize;
        match (self.code.get(index), self.code.get(index + 1)) {
            (Some(a), Some(b)) => {
                let fraction = light & ((1 << STEP) - 1);
                (a + (((b - a) * fraction) >> STEP) + 128) >> 8
            }
            (Some(a), None) => (a + 128) >> 8,
            (None, _) => ((i64::from(light) * i64::from(ONE) + i64::from(LINEAR / 2)) >> 20) as i32,
        }
    }
}

/// Rounded to fixed point; where [`neutral`] made a row add up to 1, it does so exactly.
fn fixed(matrix: &[[f64; 3]; 3]) -> [[i64; 3]; 3] {
    let one = 1 << FRACTION;
    let mut i = 0;
    neutral(matrix).map(|row| {
        let mut fixed = row.map(|v| libm::round(v * one as f64) as i64);
        let rest: i64 = one - fixed.iter().sum::<i64>();
        if rest.abs() < 4 {
            fixed[i] += rest;
        }
        i += 1;
        fixed
    })
}

/// The matrix, with rows that are meant to add up to 1 made to do so: gray then stays gray. Profiles round their colorants, and
/// D50 too; a row that is further off than half an 8-bit step belongs to a white that is meant to be tinted.
pub(super) fn neutral(matrix: &[[f64; 3]; 3]) -> [[f64; 3]; 3] {
    let mut i = 0;
    matrix.map(|mut row| {
        let rest = 1.0 - row.iter().sum::<f64>();
        if rest.abs() < 1.0 / 256.0 {
            row[i] += rest;
        }
        i += 1;
        row
    })
}

/// Whether the conversion changes no colour by more than one 8-bit step.
pub(super) fn changes_nothing(trc: &[Curve; 3], to_srgb: &[[f64; 3]; 3]) -> bool {
    // the curves first: cheap, and what differs mostly differs there
    let near = |i: u8| {
        let v = f64::from(i) / 255.0;
        trc.iter().all(|c| (encode_srgb(c.at(v)) - v).abs() <= 1.0 / 255.0)
    };
    if !(0..=255).all(near) {
        return false;
    }
    let levels = [0.0, 0.25, 0.5, 0.75, 1.0];
    levels.iter().all(|&r| {
        levels.iter().all(|&g| {
            levels.iter().all(|&b| {
                let pixel = [r, g, b];
                let light = pixel.map(decode_srgb);
                to_srgb.iter().zip(pixel).all(|(row, was)| {
                    let sum: f64 = row.iter().zip(light).map(|(m, v)| m * v).sum();
                    (encode_srgb(sum.clamp(0.0, 1.0)) - was).abs() <= 1.0 / 255.0
                })
            })
        })
    })
}
