//! Reads tables: lut8Type, lut16Type and lutAToBType (ICC.1:2022, 10.10 to 10.12).

use super::super::curve::Curve;
use super::super::tables::{Connection, Grid, Tables};
use super::curves::curve_and_length;
use super::{array, fixed, u32_at};

/// Entries of a curve of lut16Type, at most (10.10).
const MOST_ENTRIES: usize = 4096;

/// Reads the tag `A2B0` or `A2B1` of a profile with this number of channels (1, 3 or 4) that connects by XYZ, or by Lab.
/// `None` when it is of another type or broken.
pub(super) fn parse(tag: &[u8], channels: usize, lab: bool) -> Option<Tables> {
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
        b"mft1" => of_lut(tag, channels, connection, 48, [256, 256], 1),
        b"mft2" => {
            let entries: [usize; 2] =
                [u16::from_be_bytes(array(tag, 48)?).into(), u16::from_be_bytes(array(tag, 50)?).into()];
            let possible = entries.iter().all(|n| (2..=MOST_ENTRIES).contains(n));
            possible.then(|| of_lut(tag, channels, connection, 52, entries, 2))?
        }
        b"mAB " => of_lut_a_to_b(tag, channels, connection),
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
) -> Option<Tables> {
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
    Some(Tables { inputs: before, grid, middle: None, outputs: after, connection })
}

/// 10.12: "A" curves, grid, "M" curves, matrix and "B" curves, each at its own place; a place of 0 says that the stage
/// is missing.
fn of_lut_a_to_b(tag: &[u8], channels: usize, connection: Connection) -> Option<Tables> {
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
    Some(Tables { inputs, grid, middle, outputs, connection })
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
