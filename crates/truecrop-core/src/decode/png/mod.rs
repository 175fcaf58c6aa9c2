//! PNG decoder: the rows of a window, one by one, in the memory of a few rows. Rows below the window are never inflated.
//!
//! The steps of the work, each in its file:
//!
//! - `idat` reads the IDAT chunks and checks their checksums;
//! - `inflate` has the two inflating libraries behind one trait;
//! - `row_inflater` inflates, and cuts the bytes into rows;
//! - `unfilter` undoes the row filters (None, Sub, Up, Average, Paeth);
//! - `expand` turns stored pixels into samples (bit depths, palettes, transparent colours);
//! - `sequential` decodes pictures that are not interlaced;
//! - `adam7` says where the pixels of the seven passes of an interlaced picture lie. A small window is buffered whole and
//!   filled pass by pass (`adam7_buffered`). For a large one, a first walk through the file leaves an inflater at the start
//!   of every pass, and the seven are then read side by side (`adam7_streaming`). Both give the same pixels, also for
//!   damaged files.
//!
//! # What is damaged, and what is only cut short
//! A file that ends too early gives the rows it has, if it has a first row; so does one whose compressed stream ends before
//! its rows do, or whose IDAT chunks are split by another chunk: what follows is no pixel data. It is damaged when a wanted
//! row needs data with invalid compression or an unknown filter.
//!
//! An IDAT chunk with a wrong checksum is the last one that is used, as in Chromium and Firefox (their `<img>` shows the
//! rows up to it; Chromium's `createImageBitmap` and libpng by itself refuse). Rows behind it are missing as in a file
//! that ends there, and [`RowSource::ignored_checksum`] tells. Of chunks behind the wanted rows no checksum is compared.
//! The checksum of the whole stream (Adler-32) is not checked, because most crops end before it.

mod adam7;
mod adam7_buffered;
mod adam7_streaming;
mod expand;
mod idat;
mod inflate;
mod row_inflater;
mod sequential;
mod unfilter;

use super::{DecodePlan, Depth, Row, RowSource};
use crate::error::{Code, Error, Result, damaged};
use crate::probe::Probe;
use crate::source::PositionedReader;
use crate::source::Reader;
use expand::Expand;
pub(crate) use unfilter::unfilter;

/// The gray of pixels that a truncated file lacks.
const MISSING: u8 = 128;

/// An Adam7 window of up to so many bytes is buffered whole, because then nothing is inflated twice.
const MAX_BUFFERED: u64 = 3 << 19;

/// Small vectors and boxes.
const OVERHEAD: u64 = 16 << 10;

/// Most bytes that decoding holds at once.
pub(super) fn memory_bytes(probe: &Probe, plan: &DecodePlan) -> u64 {
    let Some(facts) = probe.png() else { return 0 };
    let row = facts.row_bytes(probe.stored().width) as u64 + 1;
    let expand = Expand::new(facts);
    let line = u64::from(plan.window.width) * expand.pixel_bytes() as u64;
    // a window's row as bytes, and again as 16-bit samples
    let lines = 2 * line;
    let decoding = match (probe.interlaced(), is_buffered(&expand, plan)) {
        (false, _) => sequential::memory_bytes(row),
        (true, true) => {
            adam7_buffered::memory_bytes(row) + plan.window.pixels() * expand.pixel_bytes() as u64
        }
        (true, false) => adam7_streaming::memory_bytes(facts, probe.stored(), &plan.window),
    };
    OVERHEAD + lines + decoding
}

/// Whether an Adam7 window is small enough to be buffered whole.
fn is_buffered(expand: &Expand, plan: &DecodePlan) -> bool {
    plan.window.pixels() * expand.pixel_bytes() as u64 <= MAX_BUFFERED
}

pub(super) fn open(reader: Reader, probe: &Probe, plan: &DecodePlan) -> Result<Box<dyn RowSource>> {
    let facts = probe.png().ok_or_else(|| Error::new(Code::Internal, "The probe is not of a PNG."))?;
    if !facts.intact {
        return Err(damaged("the checksum of its header is wrong"));
    }
    let bytes = PositionedReader::new(reader);
    let (size, window) = (probe.stored(), plan.window);
    match (probe.interlaced(), is_buffered(&Expand::new(facts), plan)) {
        (false, _) => Ok(Box::new(sequential::Sequential::new(bytes, facts, size, window))),
        (true, true) => Ok(Box::new(adam7_buffered::Adam7Buffered::decode(bytes, facts, size, window)?)),
        (true, false) => Ok(Box::new(adam7_streaming::Adam7Streaming::start(bytes, facts, size, window)?)),
    }
}

/// A row's bytes as samples: PNG stores 16-bit samples in big-endian order.
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

/// The byte that fills rows a truncated file lacks: transparent where the layout has alpha, gray otherwise.
fn missing(expand: &Expand) -> u8 {
    if expand.layout().alpha() { 0 } else { MISSING }
}

/// The error for a file without a first row.
fn no_rows() -> Error {
    damaged("it ends before its first row")
}

#[cfg(test)]
mod tests;
