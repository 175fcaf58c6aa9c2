//! A large window of an Adam7 picture in the memory of a few rows: the passes side by side.
//!
//! A first walk inflates up to the last pass (half of the picture) and leaves a copy of its inflater at the start of every
//! pass. Then each row of the window is put together from the passes that have pixels on it.

use super::expand::Expand;
use super::inflate::Forkable;
use super::passes::{Pass, passes};
use super::stream::Stream;
use super::unfilter::unfilter;
use super::{as_row, missing, nothing};
use crate::decode::jpeg::feed::Bytes;
use crate::decode::{Depth, Layout, Row, RowSource, Window};
use crate::error::Result;
use crate::geometry::Size;
use crate::probe::{PngFacts, damaged};

/// Bytes inflated ahead of a row, for each pass.
pub(super) const AHEAD: usize = 16 << 10;

pub(super) struct Together {
    bytes: Bytes,
    expand: Expand,
    pixel: usize,
    window: Window,
    given: u32,
    cursors: Vec<Cursor>,
    /// The file has its first row.
    begun: bool,
    line: Vec<u8>,
    scratch: Vec<u8>,
    wide: Vec<u16>,
    truncated: bool,
}

/// One pass on its way down.
struct Cursor {
    pass: Pass,
    stream: Stream<Forkable>,
    /// The last row read.
    row: Vec<u8>,
    /// Rows read.
    at: u32,
}

/// Streams and rows of the passes, and the walk that starts the last of them.
pub(super) fn cost(facts: &PngFacts, size: Size, window: &Window) -> u64 {
    let one = |length: usize| Stream::<Forkable>::cost(length as u64 + 1, AHEAD as u64);
    let cursor = |p: Pass| one(p.length) + p.length as u64;
    let scratch = Expand::new(facts).scratch(window.width);
    let walk = one(0);
    passes(facts, size, window).into_iter().map(cursor).sum::<u64>() + walk + scratch as u64
}

impl Together {
    pub(super) fn start(mut bytes: Bytes, facts: &PngFacts, size: Size, window: Window) -> Result<Self> {
        let expand = Expand::new(facts);
        let passes = passes(facts, size, &window);
        let mut cursors = Vec::with_capacity(passes.len());
        let mut walk = Stream::new(facts.data, 0, AHEAD);
        let mut truncated = false;
        let first_row = passes.first().map_or(0, |p| p.length as u64 + 1);
        // where the walk stands, and where the next pass starts
        let (mut at, mut start) = (0, 0);
        for pass in passes {
            if pass.until > 0 {
                at += walk.skip(&mut bytes, start - at)?;
                if at < start {
                    truncated = true;
                    break;
                }
                let stream = walk.fork(pass.length + 1, AHEAD);
                cursors.push(Cursor { pass, stream, row: vec![0; pass.length], at: 0 });
            }
            start += pass.bytes();
        }
        if truncated && at < first_row {
            return Err(nothing());
        }
        let line = vec![0; window.width as usize * expand.pixel()];
        Ok(Self {
            bytes,
            expand,
            pixel: facts.pixel_bits().div_ceil(8),
            window,
            given: 0,
            cursors,
            begun: at >= first_row,
            line,
            scratch: Vec::new(),
            wide: Vec::new(),
            truncated,
        })
    }
}

impl Cursor {
    /// Reads on to a row of the pass. False when the file ends before it.
    fn advance(&mut self, row: u32, pixel: usize, bytes: &mut Bytes) -> Result<bool> {
        while self.at <= row {
            let Some([filter, from @ ..]) = self.stream.row(bytes, self.pass.length + 1)? else {
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

impl RowSource for Together {
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
        for cursor in &mut self.cursors {
            let Some(row) = cursor.pass.row_at(y) else { continue };
            if cursor.advance(row, self.pixel, &mut self.bytes)? {
                cursor.pass.scatter(&self.expand, &cursor.row, &mut self.line, &mut self.scratch);
            } else if self.begun || cursor.at > 0 {
                self.truncated = true;
            } else {
                return Err(nothing());
            }
        }
        Ok(Some(as_row(&self.line, self.expand.depth(), &mut self.wide)))
    }

    fn truncated(&self) -> bool {
        self.truncated
    }
}
