//! `ColorSpace`: a colour space that can be brought to sRGB, by curves and primaries or by tables. `source_space` finds which one a
//! file has.

use super::curve::{Curve, encode_srgb};
use super::matrix;
#[cfg(feature = "formats")]
use super::tables::Tables;
#[cfg(feature = "formats")]
use super::xyz::apply;
use super::xyz::{f_inverse, inverse, product, xyz_to_srgb};
use crate::decode::Layout;
use crate::probe::Probe;

/// What samples stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Device {
    /// One channel of light.
    Gray,
    /// Three of light.
    Rgb,
    /// Four of ink.
    Cmyk,
}

impl Device {
    /// Of decoded rows.
    pub(super) fn of_layout(layout: Layout) -> Self {
        match layout {
            Layout::Cmyk => Device::Cmyk,
            layout if layout.gray() => Device::Gray,
            _ => Device::Rgb,
        }
    }

    /// Of a source, before any row is decoded.
    pub(super) fn of_probe(probe: &Probe) -> Self {
        match probe.color_channels() {
            1 => Device::Gray,
            4 => Device::Cmyk,
            _ => Device::Rgb,
        }
    }
}

/// A colour space that can be brought to sRGB.
#[derive(Debug)]
pub(super) enum ColorSpace {
    /// One channel of light; or of lightness (L*), where the profile connects by Lab.
    Gray { trc: Curve, lightness: bool },
    /// Three, and linear light of it to linear light of sRGB.
    Rgb { trc: [Curve; 3], to_srgb: [[f64; 3]; 3] },
    /// Tables from samples to the connection space.
    #[cfg(feature = "formats")]
    Tables(Box<Tables>),
}

impl ColorSpace {
    /// Colorants as columns, relative to D50. `None` where they lie in a plane: they are no primaries then.
    pub(super) fn from_xyz(trc: [Curve; 3], to_xyz: [[f64; 3]; 3]) -> Option<Self> {
        inverse(&to_xyz)?;
        Some(ColorSpace::Rgb { trc, to_srgb: product(&xyz_to_srgb(), &to_xyz) })
    }

    /// Whether it is sRGB for all that 8 bits can show: then samples pass unchanged.
    pub(super) fn is_srgb(&self) -> bool {
        match self {
            ColorSpace::Rgb { trc, to_srgb } => matrix::changes_nothing(trc, to_srgb),
            ColorSpace::Gray { .. } => (0..=255).all(|i| {
                let v = f64::from(i) / 255.0;
                let [light, ..] = self.light_of_gray(v);
                (encode_srgb(light) - v).abs() <= 1.0 / 255.0
            }),
            #[cfg(feature = "formats")]
            ColorSpace::Tables(_) => false,
        }
    }

    /// Whether gray samples come out in another colour.
    pub(super) fn tints_gray(&self) -> bool {
        (0..=255).map(|i| self.light_of_gray(f64::from(i) / 255.0)).any(|[r, g, b]| {
            const NEAR: f64 = 1e-5;
            (r - g).abs() > NEAR || (b - g).abs() > NEAR
        })
    }

    /// Linear sRGB, 0..=1, of a gray sample: in a space of three channels it counts for each of them.
    pub(super) fn light_of_gray(&self, v: f64) -> [f64; 3] {
        let light = match self {
            ColorSpace::Gray { trc, lightness: false } => [trc.at(v); 3],
            ColorSpace::Gray { trc, lightness: true } => [f_inverse((100.0 * trc.at(v) + 16.0) / 116.0); 3],
            ColorSpace::Rgb { trc, to_srgb } => {
                let light = [0, 1, 2].map(|i| trc[i].at(v));
                matrix::neutral(to_srgb).map(|row| row[0] * light[0] + row[1] * light[1] + row[2] * light[2])
            }
            #[cfg(feature = "formats")]
            ColorSpace::Tables(tables) => {
                apply(&xyz_to_srgb(), tables.to_xyz(&[v; 4][..tables.inputs.len()]))
            }
        };
        light.map(|v| v.clamp(0.0, 1.0))
    }
}
