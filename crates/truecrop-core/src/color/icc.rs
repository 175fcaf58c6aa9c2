//! ICC profiles of matrix and curves (ICC.1:2022, and version 2): what cameras, phones and screens write.
//!
//! Profiles of printers and scanners hold tables instead; they are left aside.

use super::curve::Curve;
use super::space::{ColorSpace, D50};

/// Tags that are looked at; profiles have about a dozen.
const MOST_TAGS: usize = 128;

/// The space of a profile, when it has the source's number of channels and consists of curves and a matrix.
pub(super) fn parse(profile: &[u8], gray: bool) -> Option<ColorSpace> {
    let icc = Icc { bytes: profile };
    if icc.array::<4>(36)? != *b"acsp" {
        return None;
    }
    let (space, connection) = (icc.array::<4>(16)?, icc.array::<4>(20)?);
    match (&space, gray) {
        (b"GRAY", true) => Some(ColorSpace::Gray(icc.curve(b"kTRC")?)),
        (b"RGB ", false) if connection == *b"XYZ " => {
            let columns = [icc.xyz(b"rXYZ")?, icc.xyz(b"gXYZ")?, icc.xyz(b"bXYZ")?];
            let to_xyz = [0, 1, 2].map(|i| columns.map(|c| c[i]));
            let white_is_white =
                to_xyz.iter().zip(D50).all(|(row, white)| (row.iter().sum::<f64>() - white).abs() < 0.04);
            let trc = [icc.curve(b"rTRC")?, icc.curve(b"gTRC")?, icc.curve(b"bTRC")?];
            white_is_white.then(|| ColorSpace::from_xyz(trc, to_xyz))
        }
        _ => None,
    }
}

struct Icc<'a> {
    bytes: &'a [u8],
}

impl<'a> Icc<'a> {
    fn array<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        self.bytes.get(at..at.checked_add(N)?)?.try_into().ok()
    }

    fn u32(&self, at: usize) -> Option<u32> {
        Some(u32::from_be_bytes(self.array(at)?))
    }

    /// A tag's data.
    fn tag(&self, name: &[u8; 4]) -> Option<Icc<'a>> {
        let count = (self.u32(128)? as usize).min(MOST_TAGS);
        let entry = (0..count).map(|i| 132 + 12 * i).find(|&at| self.array(at) == Some(*name))?;
        let (start, length) = (self.u32(entry + 4)? as usize, self.u32(entry + 8)? as usize);
        Some(Icc { bytes: self.bytes.get(start..start.checked_add(length)?)? })
    }

    /// A number with 16 fraction bits.
    fn fixed(&self, at: usize) -> Option<f64> {
        Some(f64::from(i32::from_be_bytes(self.array(at)?)) / 65_536.0)
    }

    /// 10.31: one XYZ triple.
    fn xyz(&self, name: &[u8; 4]) -> Option<[f64; 3]> {
        let tag = self.tag(name)?;
        (tag.array(0)? == *b"XYZ ").then_some(())?;
        Some([tag.fixed(8)?, tag.fixed(12)?, tag.fixed(16)?])
    }

    fn curve(&self, name: &[u8; 4]) -> Option<Curve> {
        let tag = self.tag(name)?;
        match &tag.array::<4>(0)? {
            b"curv" => tag.sampled(),
            b"para" => tag.parametric(),
            _ => None,
        }
    }

    /// 10.6: nothing (identity), a gamma with 8 fraction bits, or points.
    fn sampled(&self) -> Option<Curve> {
        let count = self.u32(8)? as usize;
        match count {
            0 => Some(Curve::Power(1.0)),
            1 => Some(Curve::Power(f64::from(u16::from_be_bytes(self.array(12)?)) / 256.0)),
            _ => {
                let bytes = self.bytes.get(12..12usize.checked_add(count.checked_mul(2)?)?)?;
                let points = bytes.chunks_exact(2).map(|b| u16::from_be_bytes([b[0], b[1]]));
                Some(Curve::Points(points.collect()))
            }
        }
    }

    /// 10.18, table 68: every type as the fourth, g a b c d e f.
    fn parametric(&self) -> Option<Curve> {
        let kind = u16::from_be_bytes(self.array(8)?);
        let p = |i: usize| self.fixed(12 + 4 * i);
        let g = p(0)?;
        let parameters = match kind {
            0 => [g, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0],
            1 | 2 => {
                let (a, b) = (p(1)?, p(2)?);
                let c = if kind == 2 { p(3)? } else { 0.0 };
                (a != 0.0).then_some([g, a, b, 0.0, -b / a, c, c])?
            }
            3 => [g, p(1)?, p(2)?, p(3)?, p(4)?, 0.0, 0.0],
            4 => [g, p(1)?, p(2)?, p(3)?, p(4)?, p(5)?, p(6)?],
            _ => return None,
        };
        Some(Curve::Parametric(parameters))
    }
}
