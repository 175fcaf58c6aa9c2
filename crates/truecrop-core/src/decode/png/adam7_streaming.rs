//! Decodes a large window of an Adam7 picture in the memory of a few rows, by reading the passes side by side.
//!
//! A first walk inflates the file up to the last pass (half of the picture) and leaves a copy of the inflater at the start
//! of every pass. Then each row of the window is put together from the passes that have pixels on it.

use super::adam7::{Pass, passes};
use super::expand::Expand;
use super::inflate::CloneableInflate;
use super::row_inflater::RowInflater;
use super::unfilter::unfilter;
use super::{as_row, missing, no_rows};
use crate::decode::{Depth, Layout, Row, RowSource, Window};
use crate::error::Result;
use crate::error::damaged;
use crate::geometry::Size;
use crate::probe::formats::PngFacts;
use crate::source::PositionedReader;

/// Bytes inflated ahead of a row, for each pass.
pub(super) const AHEAD: usize = 16 << 10;

pub(super) struct Adam7Streaming {
    bytes: PositionedReader,
    expand: Expand,
    pixel: usize,
    window: Window,
    given: u32,
    readers: Vec<PassReader>,
    /// Passes that the picture has.
    passes: usize,
    /// Whether the file is known to have a first row.
    begun: bool,
    line: Vec<u8>,
    scratch: Vec<u8>,
    wide: Vec<u16>,
    truncated: bool,
    ignored_checksum: bool,
}

/// Reads the rows of one pass from the top.
struct PassReader {
    pass: Pass,
    inflater: RowInflater<CloneableInflate>,
    /// The last row read.
    row: Vec<u8>,
    /// Rows read so far.
    at: u32,
}

/// Most bytes held: an inflater and a row for each pass, and the inflater of the first walk.
pub(super) fn memory_bytes(facts: &PngFacts, size: Size, window: &Window) -> u64 {
    let inflater =
        |length: usize| RowInflater::<CloneableInflate>::memory_bytes(length as u64 + 1, AHEAD as u64);
    let reader = |p: Pass| inflater(p.length) + p.length as u64;
    let scratch = Expand::new(facts).scratch(window.width);
    let walk = inflater(0);
    passes(facts, size, window).into_iter().map(reader).sum::<u64>() + walk + scratch as u64
}

impl Adam7Streaming {
    pub(super) fn start(
        mut bytes: PositionedReader,
        facts: &PngFacts,
        size: Size,
        window: Window,
    ) -> Result<Self> {
        let expand = Expand::new(facts);
        let passes = passes(facts, size, &window);
        let pass_count = passes.len();
        let mut readers = Vec::with_capacity(pass_count);
        let mut walk = RowInflater::new(facts.data, 0, AHEAD);
        let mut truncated = false;
        let first_row = passes.first().map_or(0, |p| p.length as u64 + 1);
        // the walk's position in the inflated data, and where the next pass starts
        let (mut at, mut start) = (0, 0);
        for pass in passes {
            if pass.end_row > 0 {
                at += walk.skip(&mut bytes, start - at)?;
                if at < start {
                    truncated = true;
                    break;
                }
                let inflater = walk.clone_for(pass.length + 1, AHEAD);
                readers.push(PassReader { pass, inflater, row: vec![0; pass.length], at: 0 });
            }
            start += pass.bytes();
        }
        if truncated && at < first_row {
            return Err(no_rows());
        }
        let line = vec![0; window.width as usize * expand.pixel_bytes()];
        Ok(Self {
            bytes,
            expand,
            pixel: facts.pixel_bits().div_ceil(8),
            window,
            given: 0,
            readers,
            passes: pass_count,
            begun: at >= first_row,
            line,
            scratch: Vec::new(),
            wide: Vec::new(),
            truncated,
            ignored_checksum: truncated && walk.checksum_is_wrong(),
        })
    }
}

impl PassReader {
    /// Reads on until `row` of the pass is in `self.row`. False when the file ends before it.
    fn advance(&mut self, row: u32, pixel: usize, bytes: &mut PositionedReader) -> Result<bool> {
        while self.at <= row {
            let Some([filter, from @ ..]) = self.inflater.row(bytes, self.pass.length + 1)? else {
                return Ok(false);
            };
            if !unfilter(*filter, pixel, from, &mut self.row) {
                return Err(damaged("a row has a filter that does not exist"));
            }
            self.at += 1;
        }
        Ok(true)
    }
}

impl RowSource for Adam7Streaming {
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
        let y = self.window.y + self.given;
        self.given += 1;
        self.line.fill(missing(&self.expand));
        for reader in &mut self.readers {
            let Some(row) = reader.pass.row_at(y) else { continue };
            if reader.advance(row, self.pixel, &mut self.bytes)? {
                reader.pass.scatter(&self.expand, &reader.row, &mut self.line, &mut self.scratch);
            } else if self.begun || reader.at > 0 {
                self.truncated = true;
                self.ignored_checksum |= reader.inflater.checksum_is_wrong();
            } else {
                return Err(no_rows());
            }
        }
        if self.given == self.window.height && !self.truncated && self.readers.len() == self.passes {
            let last = self.readers.last_mut().filter(|reader| reader.at == reader.pass.rows);
            let wrong = last.map(|reader| reader.inflater.ends_right(&mut self.bytes)).transpose()?;
            self.ignored_checksum |= wrong == Some(false);
        }
        Ok(Some(as_row(&self.line, self.expand.depth(), &mut self.wide)))
    }

    fn truncated(&self) -> bool {
        self.truncated
    }

    fn ignored_checksum(&self) -> bool {
        self.ignored_checksum
    }
}
