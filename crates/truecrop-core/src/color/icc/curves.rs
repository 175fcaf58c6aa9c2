//! The curves of ICC profiles.

use super::super::curve::Curve;
use super::{array, fixed, u32_at};

/// Points of a sampled curve, as in lcms2; profiles have at most 4096. Several tags may share their bytes, so this also
/// bounds what a small file can make us hold.
const MOST_POINTS: usize = 32_767;

/// A curve of either type.
pub(super) fn curve(tag: &[u8]) -> Option<Curve> {
    curve_and_length(tag).map(|(curve, _)| curve)
}

/// A curve, and how many bytes it takes.
pub(super) fn curve_and_length(tag: &[u8]) -> Option<(Curve, usize)> {
    match &array::<4>(tag, 0)? {
        b"curv" => sampled(tag),
        b"para" => parametric(tag),
        _ => None,
    }
}

/// 10.6: nothing (identity), a gamma with 8 fraction bits, or points.
fn sampled(tag: &[u8]) -> Option<(Curve, usize)> {
    let count = u32_at(tag, 8)? as usize;
    if count > MOST_POINTS {
        return None;
    }
    let length = 12 + 2 * count;
    let bytes = tag.get(12..length)?;
    let curve = match bytes {
        [] => Curve::Power(1.0),
        [a, b] => Curve::Power(f64::from(u16::from_be_bytes([*a, *b])) / 256.0),
        _ => Curve::Points(bytes.as_chunks::<2>().0.iter().map(|b| u16::from_be_bytes(*b)).collect()),
    };
    Some((curve, length))
}

/// 10.18, table 68: every type as the fourth, g a b c d e f.
fn parametric(tag: &[u8]) -> Option<(Curve, usize)> {
    let kind = u16::from_be_bytes(array(tag, 8)?);
    let p = |i: usize| fixed(tag, 12 + 4 * i);
    let g = p(0)?;
    let (parameters, count) = match kind {
        0 => ([g, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0], 1),
        1 | 2 => {
            let (a, b) = (p(1)?, p(2)?);
            let c = if kind == 2 { p(3)? } else { 0.0 };
            ((a != 0.0).then_some([g, a, b, 0.0, -b / a, c, c])?, if kind == 2 { 4 } else { 3 })
        }
        3 => ([g, p(1)?, p(2)?, p(3)?, p(4)?, 0.0, 0.0], 5),
        4 => ([g, p(1)?, p(2)?, p(3)?, p(4)?, p(5)?, p(6)?], 7),
        _ => return None,
    };
    Some((Curve::Parametric(parameters), 12 + 4 * count))
}
