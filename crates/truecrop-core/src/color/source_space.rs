//! Which colour space the source says that it has: by its ICC profile, or by PNG's own chunks (gAMA and cHRM, cICP).

use super::curve::Curve;
use super::icc;
use super::space::{ColorSpace, D65, Primaries, to_xyz_d50};
use crate::probe::{PngColor, Probe};

/// What a source says of its gray or RGB samples; `None` when it says nothing that can be applied.
pub(super) fn source_space(probe: &Probe, gray: bool) -> Option<ColorSpace> {
    if let Some(profile) = probe.icc() {
        return icc::parse(profile, gray);
    }
    let (trc, primaries) = match *probe.png_color()? {
        PngColor::Measured { gamma, chromaticities } => measured(gamma, chromaticities.white_red_green_blue)?,
        PngColor::Coded { primaries, transfer } => (transfer_of(transfer)?, primaries_of(primaries)?),
    };
    if gray {
        return Some(ColorSpace::Gray(trc));
    }
    let to_xyz = to_xyz_d50(primaries)?;
    Some(ColorSpace::from_xyz([trc.clone(), trc.clone(), trc], to_xyz))
}

fn measured(gamma: u32, places: [(u32, u32); 4]) -> Option<(Curve, Primaries)> {
    // encoding exponents of 1/10 to 10; what lies outside is broken
    if !(10_000..=1_000_000).contains(&gamma) {
        return None;
    }
    let places = places.map(|(x, y)| (f64::from(x) / 1e5, f64::from(y) / 1e5));
    Some((Curve::Power(1e5 / f64::from(gamma)), places))
}

/// ITU-T H.273, table 2.
fn primaries_of(code: u8) -> Option<Primaries> {
    match code {
        1 => Some([D65, (0.64, 0.33), (0.30, 0.60), (0.15, 0.06)]),
        9 => Some([D65, (0.708, 0.292), (0.170, 0.797), (0.131, 0.046)]),
        12 => Some([D65, (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)]),
        _ => None,
    }
}

/// ITU-T H.273, table 3; the curves of high dynamic range are left aside.
fn transfer_of(code: u8) -> Option<Curve> {
    match code {
        1 | 6 | 14 | 15 => Some(Curve::Bt709),
        4 => Some(Curve::Power(2.2)),
        5 => Some(Curve::Power(2.8)),
        8 => Some(Curve::Power(1.0)),
        13 => Some(Curve::Srgb),
        _ => None,
    }
}
