//! Decodes pictures that are not interlaced.

use super::expand::Expand;
use super::inflate::FastInflate;
use super::row_inflater::RowInflater;
use super::unfilter::unfilter;
use super::{as_row, missing, no_rows};
use crate::decode::{Depth, Layout, Row, RowSource, Window};
use crate::error::Result;
use crate::error::damaged;
use crate::geometry::Size;
use crate::probe::formats::PngFacts;
use crate::source::PositionedReader;

/// Bytes inflated ahead of a row. Much more than deflate's window, so that moving that window to the buffer's start is rare.
const AHEAD: usize = 128 << 10;

pub(super) struct Sequential {
    bytes: PositionedReader,
    inflater: RowInflater<FastInflate>,
    expand: Expand,
    /// Bytes of a stored pixel, at least one: the distance to the left neighbour in the filters.
    pixel: usize,
    window: Window,
    /// Rows of the picture.
    rows: u32,
    /// Stored rows read so far.
    at: u32,
    /// The last stored row.
    row: Vec<u8>,
    line: Vec<u8>,
    wide: Vec<u16>,
    truncated: bool,
    ignored_checksum: bool,
}

/// Most bytes held. `row`: bytes of a stored row, with its filter byte.
pub(super) fn memory_bytes(row: u64) -> u64 {
    RowInflater::<FastInflate>::memory_bytes(row, AHEAD as u64) + row
}

impl Sequential {
    pub(super) fn new(bytes: PositionedReader, facts: &PngFacts, size: Size, window: Window) -> Self {
        let length = facts.row_bytes(size.width);
        Self {
            bytes,
            inflater: RowInflater::new(facts.data, length + 1, AHEAD),
            expand: Expand::new(facts),
            pixel: facts.pixel_bits().div_ceil(8),
            window,
            rows: size.height,
            at: 0,
            row: vec![0; length],
            line: Vec::new(),
            wide: Vec::new(),
            truncated: false,
            ignored_checksum: false,
        }
    }

    /// Reads one stored row into `self.row`; a row that the file lacks sets `truncated`.
    fn read(&mut self) -> Result<()> {
        if self.truncated {
            return Ok(());
        }
        match self.inflater.row(&mut self.bytes, self.row.len() + 1)? {
            Some([filter, from @ ..]) => {
                if !unfilter(*filter, self.pixel, from, &mut self.row) {
                    return Err(damaged("a row has a filter that does not exist"));
                }
            }
            _ if self.at == 0 => return Err(no_rows()),
            _ => {
                self.truncated = true;
                self.ignored_checksum = self.inflater.checksum_is_wrong();
            }
        }
        Ok(())
    }
}

impl RowSource for Sequential {
    fn layout(&self) -> Layout {
        self.expand.layout()
    }

    fn depth(&self) -> Depth {
        self.expand.depth()
    }

    fn approach(&mut self) -> Result<u32> {
        if self.at < self.window.y {
            self.read()?;
            self.at += 1;
        }
        Ok(self.window.y.saturating_sub(self.at))
    }

    fn next_row(&mut self) -> Result<Option<Row<'_>>> {
        let Window { x, y, width, height } = self.window;
        if self.at == y + height {
            return Ok(None);
        }
        while self.approach()? > 0 {}
        self.read()?;
        self.at += 1;
        if self.at == self.rows && !self.truncated {
            self.ignored_checksum = !self.inflater.ends_right(&mut self.bytes)?;
        }
        let line = if self.truncated {
            self.line.clear();
            self.line.resize(width as usize * self.expand.pixel_bytes(), missing(&self.expand));
            &self.line
        } else {
            self.expand.run(&self.row, x as usize, width as usize, &mut self.line)
        };
        Ok(Some(as_row(line, self.expand.depth(), &mut self.wide)))
    }

    fn truncated(&self) -> bool {
        self.truncated
    }

    fn ignored_checksum(&self) -> bool {
        self.ignored_checksum
    }
}
