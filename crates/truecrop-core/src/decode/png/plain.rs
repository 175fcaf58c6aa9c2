//! Pictures that are not interlaced.

use super::expand::Expand;
use super::inflate::Quick;
use super::stream::Stream;
use super::unfilter::unfilter;
use super::{as_row, missing, nothing};
use crate::decode::jpeg::feed::Bytes;
use crate::decode::{Depth, Layout, Row, RowSource, Window};
use crate::error::Result;
use crate::geometry::Size;
use crate::probe::{PngFacts, damaged};

/// Bytes inflated ahead: more than a look-back, so that moving that costs little.
const AHEAD: usize = 128 << 10;

pub(super) struct Plain {
    bytes: Bytes,
    stream: Stream<Quick>,
    expand: Expand,
    /// Bytes of a stored pixel, at least one: what the filters count in.
    pixel: usize,
    window: Window,
    /// Stored rows read.
    at: u32,
    /// The last stored row.
    row: Vec<u8>,
    line: Vec<u8>,
    wide: Vec<u16>,
    truncated: bool,
}

/// `row`: bytes of a stored row with its filter's.
pub(super) fn cost(row: u64) -> u64 {
    Stream::<Quick>::cost(row, AHEAD as u64) + row
}

impl Plain {
    pub(super) fn new(bytes: Bytes, facts: &PngFacts, size: Size, window: Window) -> Self {
        let length = facts.row_bytes(size.width);
        Self {
            bytes,
            stream: Stream::new(facts.data, length + 1, AHEAD),
            expand: Expand::new(facts),
            pixel: facts.pixel_bits().div_ceil(8),
            window,
            at: 0,
            row: vec![0; length],
            line: Vec::new(),
            wide: Vec::new(),
            truncated: false,
        }
    }

    /// Reads one stored row. What is missing stays as it was.
    fn read(&mut self) -> Result<()> {
        if self.truncated {
            return Ok(());
        }
        match self.stream.row(&mut self.bytes, self.row.len() + 1)? {
            Some([filter, from @ ..]) => {
                if !unfilter(*filter, self.pixel, from, &mut self.row) {
                    return Err(damaged("a row has a filter that does not exist"));
                }
            }
            _ if self.at == 0 => return Err(nothing()),
            _ => self.truncated = true,
        }
        Ok(())
    }
}

impl RowSource for Plain {
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
        let line = if self.truncated {
            self.line.clear();
            self.line.resize(width as usize * self.expand.pixel(), missing(&self.expand));
            &self.line
        } else {
            self.expand.run(&self.row, x as usize, width as usize, &mut self.line)
        };
        Ok(Some(as_row(line, self.expand.depth(), &mut self.wide)))
    }

    fn truncated(&self) -> bool {
        self.truncated
    }
}
