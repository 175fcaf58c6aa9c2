//! Decodes a small window of an Adam7 picture: the whole window is buffered, and filled pass by pass in the file's order.
//!
//! Nothing has to be cloned here, so the faster inflater reads files that are whole. It reports damage a little earlier than
//! the one that [`adam7_streaming`](super::adam7_streaming) has: a file in which something is wrong is read again by that
//! one, so that both ways give the same.

use super::adam7::{Pass, passes};
use super::expand::Expand;
use super::inflate::{CloneableInflate, FastInflate, Inflate};
use super::row_inflater::RowInflater;
use super::unfilter::unfilter;
use super::{as_row, missing, no_rows};
use crate::decode::{Depth, Layout, Row, RowSource, Window};
use crate::error::{Code, Result, damaged};
use crate::geometry::Size;
use crate::probe::formats::PngFacts;
use crate::source::PositionedReader;

/// Bytes inflated ahead of a row.
const AHEAD: usize = 64 << 10;

pub(super) struct Adam7Buffered {
    expand: Expand,
    window: Window,
    data: Vec<u8>,
    wide: Vec<u16>,
    given: u32,
    truncated: bool,
    ignored_checksum: bool,
}

/// Most bytes held beside the window. `row`: bytes of the longest row, with its filter byte.
pub(super) fn memory_bytes(row: u64) -> u64 {
    let fast = RowInflater::<FastInflate>::memory_bytes(row, AHEAD as u64);
    fast.max(RowInflater::<CloneableInflate>::memory_bytes(row, AHEAD as u64)) + row
}

impl Adam7Buffered {
    pub(super) fn decode(
        mut bytes: PositionedReader,
        facts: &PngFacts,
        size: Size,
        window: Window,
    ) -> Result<Self> {
        let first = Self::decode_with::<FastInflate>(&mut bytes, facts, size, window);
        let something_is_wrong = match &first {
            Ok(rows) => rows.truncated || rows.ignored_checksum,
            Err(error) => error.code() == Code::DamagedSource,
        };
        if !something_is_wrong {
            return first;
        }
        // its buffers must be gone before the second reading takes its own
        drop(first);
        Self::decode_with::<CloneableInflate>(&mut bytes, facts, size, window)
    }

    fn decode_with<I: Inflate>(
        bytes: &mut PositionedReader,
        facts: &PngFacts,
        size: Size,
        window: Window,
    ) -> Result<Self> {
        let expand = Expand::new(facts);
        let data = vec![missing(&expand); window.pixels() as usize * expand.pixel_bytes()];
        let mut window_rows = Self {
            expand,
            window,
            data,
            wide: Vec::new(),
            given: 0,
            truncated: false,
            ignored_checksum: false,
        };
        let passes = passes(facts, size, &window);
        let needed = passes.iter().rposition(|p| p.end_row > 0).map_or(0, |last| last + 1);
        let mut inflater = RowInflater::<I>::new(facts.data, facts.row_bytes(size.width) + 1, AHEAD);
        let pixel = facts.pixel_bits().div_ceil(8);
        let mut rows_read = 0;
        for (i, pass) in passes.iter().take(needed).enumerate() {
            let row = pass.length as u64 + 1;
            let filled = window_rows.fill(pass, pixel, &mut inflater, bytes)?;
            rows_read += u64::from(filled);
            window_rows.truncated = filled < pass.end_row;
            if !window_rows.truncated && i + 1 < needed {
                let rest = u64::from(pass.rows - pass.end_row) * row;
                let skipped = inflater.skip(bytes, rest)?;
                rows_read += skipped / row;
                window_rows.truncated = skipped < rest;
            }
            if window_rows.truncated {
                break;
            }
        }
        let last = passes.last().is_some_and(|pass| pass.end_row == pass.rows);
        window_rows.ignored_checksum = if window_rows.truncated || !last || needed < passes.len() {
            inflater.checksum_is_wrong()
        } else {
            !inflater.ends_right(bytes)?
        };
        if window_rows.truncated && rows_read == 0 { Err(no_rows()) } else { Ok(window_rows) }
    }

    /// Reads a pass down to the last row that the window needs, and puts its pixels into the window. Returns how many rows
    /// the file had, at most `pass.end_row`.
    fn fill<I: Inflate>(
        &mut self,
        pass: &Pass,
        pixel: usize,
        inflater: &mut RowInflater<I>,
        bytes: &mut PositionedReader,
    ) -> Result<u32> {
        let (mut line, mut scratch) = (vec![0; pass.length], Vec::new());
        let stride = self.window.width as usize * self.expand.pixel_bytes();
        for row in 0..pass.end_row {
            let Some([filter, from @ ..]) = inflater.row(bytes, pass.length + 1)? else {
                return Ok(row);
            };
            if !unfilter(*filter, pixel, from, &mut line) {
                return Err(damaged("a row has a filter that does not exist"));
            }
            if let Some(y) = pass.y_of(row).checked_sub(self.window.y) {
                let into = &mut self.data[y as usize * stride..(y as usize + 1) * stride];
                pass.scatter(&self.expand, &line, into, &mut scratch);
            }
        }
        Ok(pass.end_row)
    }
}

impl RowSource for Adam7Buffered {
    fn layout(&self) -> Layout {
        self.expand.layout()
    }

    fn depth(&self) -> Depth {
        self.expand.depth()
    }

    fn next_row(&mut self) -> Result<Option<Row<'_>>> {
        if self.given == self.window.height {
            return Ok(None);
        }
        let stride = self.window.width as usize * self.expand.pixel_bytes();
        let start = self.given as usize * stride;
        self.given += 1;
        Ok(Some(as_row(&self.data[start..start + stride], self.expand.depth(), &mut self.wide)))
    }

    fn truncated(&self) -> bool {
        self.truncated
    }

    fn ignored_checksum(&self) -> bool {
        self.ignored_checksum
    }
}
