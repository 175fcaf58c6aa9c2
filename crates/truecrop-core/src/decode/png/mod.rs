//! PNG, row by row, in a few rows' memory: rows below the window are never inflated.
//!
//! The chunks are walked by our own code, inflating is a library's, unfiltering and expanding are our own again.
//!
//! - Plain pictures come as they are stored: `plain`.
//! - Adam7 stores a picture as seven smaller ones, one behind the other. A small window is held whole and filled
//!   pass by pass (`held`); for a large one a first walk leaves an inflater at the start of every pass, and the seven go
//!   on side by side (`together`). Both give the same pixels, also of damaged files.
//!
//! # What is damaged, and what is only cut short
//! A file that ends too early gives what it has, once it has a first row. Wrong check sums of pixel data, broken
//! compression, unknown filters and too few bytes for the header's size are damage, where a wanted row needs what lies
//! behind them. The check sum of the whole stream (Adler-32) is not looked at: most crops end before it.

mod data;
mod expand;
mod held;
mod inflate;
mod passes;
mod plain;
mod stream;
mod together;
mod unfilter;

use super::jpeg::feed::Bytes;
use super::{DecodePlan, Depth, Row, RowSource};
use crate::Reader;
use crate::error::{Code, Error, Result};
use crate::probe::{Probe, damaged};
use expand::Expand;
pub(crate) use unfilter::unfilter;

/// What gray stands for pixels that a truncated file lacks.
const MISSING: u8 = 128;

/// Bytes of an Adam7 window up to which it is held whole: that way everything is inflated once only.
const HELD: u64 = 3 << 19;

/// Small vectors and boxes.
const OVERHEAD: u64 = 16 << 10;

/// Most bytes held; see [`super::cost`].
pub(super) fn cost(probe: &Probe, plan: &DecodePlan) -> u64 {
    let Some(facts) = probe.png() else { return 0 };
    let row = facts.row_bytes(probe.stored().width) as u64 + 1;
    let expand = Expand::new(facts);
    let line = u64::from(plan.window.width) * expand.pixel() as u64;
    // a window's row as bytes, and again as 16-bit samples
    let lines = 2 * line;
    let decoding = match (probe.interlaced(), holds(&expand, plan)) {
        (false, _) => plain::cost(row),
        (true, true) => held::cost(row) + plan.window.pixels() * expand.pixel() as u64,
        (true, false) => together::cost(facts, probe.stored(), &plan.window),
    };
    OVERHEAD + lines + decoding
}

/// Whether an Adam7 window is held whole.
fn holds(expand: &Expand, plan: &DecodePlan) -> bool {
    plan.window.pixels() * expand.pixel() as u64 <= HELD
}

pub(super) fn open(reader: Reader, probe: &Probe, plan: &DecodePlan) -> Result<Box<dyn RowSource>> {
    let facts = probe.png().ok_or_else(|| Error::new(Code::Internal, "The probe is not of a PNG."))?;
    if !facts.intact {
        return Err(damaged("the check sum of its header is wrong"));
    }
    let bytes = Bytes::new(reader);
    let (size, window) = (probe.stored(), plan.window);
    match (probe.interlaced(), holds(&Expand::new(facts), plan)) {
        (false, _) => Ok(Box::new(plain::Plain::new(bytes, facts, size, window))),
        (true, true) => Ok(Box::new(held::Held::decode(bytes, facts, size, window)?)),
        (true, false) => Ok(Box::new(together::Together::start(bytes, facts, size, window)?)),
    }
}

/// Bytes as samples; PNG's 16 bits are big-endian.
fn as_row<'a>(bytes: &'a [u8], depth: Depth, wide: &'a mut Vec<u16>) -> Row<'a> {
    match depth {
        Depth::Eight => Row::U8(bytes),
        Depth::Sixteen => {
            wide.clear();
            wide.extend(bytes.as_chunks::<2>().0.iter().map(|b| u16::from_be_bytes(*b)));
            Row::U16(wide)
        }
    }
}

/// The byte that stands for what is missing.
fn missing(expand: &Expand) -> u8 {
    if expand.layout().alpha() { 0 } else { MISSING }
}

fn nothing() -> Error {
    damaged("it ends before its first row")
}

#[cfg(test)]
mod tests;
