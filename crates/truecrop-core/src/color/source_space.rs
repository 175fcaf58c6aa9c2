//! Which colour space the source says that it has: by its ICC profile, or by PNG's own chunks (cICP, sRGB, gAMA and cHRM).

use super::curve::Curve;
use super::icc;
use super::space::{ColorSpace, Device};
use super::xyz::{D65, Primaries, to_xyz_d50};
use crate::probe::{Chromaticities, Probe, StatedColor};

/// Whether this build reads formats that state colours by more than profiles.
const WIDE: bool = cfg!(feature = "wide");

/// What a source says of its samples, and whether all of it is applied.
#[derive(Debug, Default)]
pub(super) struct SourceSpace {
    /// By the first statement that can be applied; `None` for sRGB, which is also meant where nothing is said.
    pub(super) space: Option<ColorSpace>,
    /// Whether a statement was left aside that stands before the one that is applied.
    pub(super) ignored: bool,
}

/// What a source says of samples of this kind.
pub(super) fn source_space(probe: &Probe, device: Device) -> SourceSpace {
    let mut ignored = false;
    for stated in probe.stated_colors() {
        let space = match stated {
            StatedColor::Icc(profile) => icc::parse(profile, device),
            StatedColor::IccTooLarge { .. } | StatedColor::Unreadable => None,
            // only PNG and HEIC have the others: a build without them leaves out their code
            _ if !WIDE => None,
            StatedColor::Srgb => return SourceSpace { space: None, ignored },
            StatedColor::Measured { gamma, chromaticities: None } if is_usual(*gamma) => {
                return SourceSpace { space: None, ignored };
            }
            StatedColor::Coded { primaries, transfer } => coded(*primaries, *transfer, device),
            StatedColor::Measured { gamma, chromaticities } => measured(*gamma, *chromaticities, device),
        };
        if let Some(space) = space {
            return SourceSpace { space: (!space.is_srgb()).then_some(space), ignored };
        }
        ignored = true;
    }
    SourceSpace { space: None, ignored }
}

fn coded(primaries: u8, transfer: u8, device: Device) -> Option<ColorSpace> {
    of_primaries(transfer_of(transfer)?, primaries_of(primaries)?, device)
}

/// A space of one curve and these primaries.
fn of_primaries(trc: Curve, primaries: Primaries, device: Device) -> Option<ColorSpace> {
    if device == Device::Gray {
        return Some(ColorSpace::Gray { trc, lightness: false });
    }
    let to_xyz = to_xyz_d50(primaries)?;
    ColorSpace::from_xyz([trc.clone(), trc.clone(), trc], to_xyz)
}

/// As in Chromium, gAMA alone is a power curve over sRGB's primaries, but for one that is as good as sRGB's own curve.
fn measured(gamma: u32, chromaticities: Option<Chromaticities>, device: Device) -> Option<ColorSpace> {
    // encoding exponents of 1/10 to 10; what lies outside is broken
    if !(10_000..=1_000_000).contains(&gamma) {
        return None;
    }
    let primaries = match chromaticities {
        Some(stated) => stated.white_red_green_blue.map(|(x, y)| (f64::from(x) / 1e5, f64::from(y) / 1e5)),
        None => SRGB,
    };
    of_primaries(Curve::Power(1e5 / f64::from(gamma)), primaries, device)
}

/// Whether an encoding exponent is as good as sRGB's curve: 1/2.2, give or take 5 %.
fn is_usual(gamma: u32) -> bool {
    (43_182..=47_727).contains(&gamma)
}

/// The primaries of sRGB and BT.709.
const SRGB: Primaries = [D65, (0.64, 0.33), (0.30, 0.60), (0.15, 0.06)];

/// CIE standard illuminant C, as H.273 rounds it.
const C: (f64, f64) = (0.310, 0.316);

/// ITU-T H.273, table 2, but for XYZ itself (10), which films alone use.
fn primaries_of(code: u8) -> Option<Primaries> {
    match code {
        1 => Some(SRGB),
        4 => Some([C, (0.67, 0.33), (0.21, 0.71), (0.14, 0.08)]),
        5 => Some([D65, (0.64, 0.33), (0.29, 0.60), (0.15, 0.06)]),
        6 | 7 => Some([D65, (0.630, 0.340), (0.310, 0.595), (0.155, 0.070)]),
        8 => Some([C, (0.681, 0.319), (0.243, 0.692), (0.145, 0.049)]),
        9 => Some([D65, (0.708, 0.292), (0.170, 0.797), (0.131, 0.046)]),
        11 => Some([(0.314, 0.351), (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)]),
        12 => Some([D65, (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)]),
        22 => Some([D65, (0.630, 0.340), (0.295, 0.605), (0.155, 0.077)]),
        _ => None,
    }
}

/// ITU-T H.273, table 3; the curves of high dynamic range, of logarithms and of films in XYZ (17) are left aside.
fn transfer_of(code: u8) -> Option<Curve> {
    match code {
        // 11 differs from BT.709 only beyond 0..=1
        1 | 6 | 11 | 14 | 15 => Some(Curve::Bt709),
        4 => Some(Curve::Power(2.2)),
        5 => Some(Curve::Power(2.8)),
        7 => {
            Some(Curve::Parametric([1.0 / 0.45, 1.0 / 1.1115, 0.1115 / 1.1115, 0.25, 4.0 * 0.0228, 0.0, 0.0]))
        }
        8 => Some(Curve::Power(1.0)),
        13 => Some(Curve::Srgb),
        _ => None,
    }
}
