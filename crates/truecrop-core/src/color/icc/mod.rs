//! ICC profiles (ICC.1:2022, and version 2): curves and a matrix, as cameras, phones and screens write them, and tables
//! (`tables`), as scanners and printers do.

mod curves;
#[cfg(feature = "formats")]
mod tables;

use super::space::{ColorSpace, Device};
use crate::probe::icc_tags;
use curves::curve;

/// The space that a profile gives samples of this kind; `None` for what cannot be applied to them.
///
/// Where there are tables they count, and not the matrix beside them, as in browsers and lcms2. Gray samples go through an RGB
/// profile with red, green and blue alike.
pub(super) fn parse(profile: &[u8], device: Device) -> Option<ColorSpace> {
    if array::<4>(profile, 36)? != *b"acsp" {
        return None;
    }
    let (space, connection) = (array::<4>(profile, 16)?, array::<4>(profile, 20)?);
    let lab = match &connection {
        b"XYZ " => false,
        b"Lab " => true,
        _ => return None,
    };
    let channels = match (&space, device) {
        (b"GRAY", Device::Gray) => 1,
        (b"RGB ", Device::Gray | Device::Rgb) => 3,
        (b"CMYK", Device::Cmyk) => 4,
        _ => return None,
    };
    if let Some(name) = icc_tags::tables(profile) {
        return from_tables(icc_tags::tag(profile, name)?, channels, lab);
    }
    match channels {
        1 => Some(ColorSpace::Gray { trc: curve(icc_tags::tag(profile, b"kTRC")?)?, lightness: lab }),
        3 if !lab => from_matrix(profile),
        _ => None,
    }
}

#[cfg(feature = "formats")]
fn from_tables(tag: &[u8], channels: usize, lab: bool) -> Option<ColorSpace> {
    Some(ColorSpace::Tables(Box::new(tables::parse(tag, channels, lab)?)))
}

/// The build that knows JPEG alone asks for the other one when it sees tables (`probe`).
#[cfg(not(feature = "formats"))]
fn from_tables(_: &[u8], _: usize, _: bool) -> Option<ColorSpace> {
    None
}

/// F.3: curves, then colorants as columns. As in browsers and lcms2 the colorants are taken as they are, also where they
/// were not adapted to D50: white is then tinted. A matrix that brings all colours together is left aside.
fn from_matrix(profile: &[u8]) -> Option<ColorSpace> {
    let columns = [xyz(profile, b"rXYZ")?, xyz(profile, b"gXYZ")?, xyz(profile, b"bXYZ")?];
    let to_xyz = [0, 1, 2].map(|i| columns.map(|c| c[i]));
    let trc = |name| curve(icc_tags::tag(profile, name)?);
    ColorSpace::from_xyz([trc(b"rTRC")?, trc(b"gTRC")?, trc(b"bTRC")?], to_xyz)
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(array(bytes, at)?))
}

/// A number with 16 fraction bits.
fn fixed(bytes: &[u8], at: usize) -> Option<f64> {
    Some(f64::from(i32::from_be_bytes(array(bytes, at)?)) / 65_536.0)
}

/// 10.31: one XYZ triple.
fn xyz(profile: &[u8], name: &[u8; 4]) -> Option<[f64; 3]> {
    let tag = icc_tags::tag(profile, name)?;
    (array(tag, 0)? == *b"XYZ ").then_some(())?;
    Some([fixed(tag, 8)?, fixed(tag, 12)?, fixed(tag, 16)?])
}
