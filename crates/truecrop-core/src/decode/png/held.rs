//! A small window of an Adam7 picture: held whole, filled pass by pass as the file has it.

use super::expand::Expand;
use super::inflate::Forkable;
use super::passes::{Pass, passes};
use super::stream::Stream;
use super::together::AHEAD;
use super::unfilter::unfilter;
use super::{as_row, missing, nothing};
use crate::decode::jpeg::feed::Bytes;
use crate::decode::{Depth, Layout, Row, RowSource, Window};
use crate::error::Result;
use crate::geometry::Size;
use crate::probe::{PngFacts, damaged};

pub(super) struct Held {
    expand: Expand,
    window: Window,
    data: Vec<u8>,
    wide: Vec<u16>,
    given: u32,
    truncated: bool,
}

/// Beside the window. `row`: bytes of the longest row with its filter's.
pub(super) fn cost(row: u64) -> u64 {
    Stream::<Forkable>::cost(row, AHEAD as u64) + row
}

impl Held {
    pub(super) fn decode(mut bytes: Bytes, facts: &PngFacts, size: Size, window: Window) -> Result<Self> {
        let expand = Expand::new(facts);
        let data = vec![missing(&expand); window.pixels() as usize * expand.pixel()];
        let mut held = Self { expand, window, data, wide: Vec::new(), given: 0, truncated: false };
        let passes = passes(facts, size, &window);
        let wanted = passes.iter().rposition(|p| p.until > 0).map_or(0, |last| last + 1);
        let mut stream = Stream::new(facts.data, facts.row_bytes(size.width) + 1, AHEAD);
        let pixel = facts.pixel_bits().div_ceil(8);
        let mut rows = 0;
        for (i, pass) in passes.iter().take(wanted).enumerate() {
            let row = pass.length as u64 + 1;
            let taken = held.fill(pass, pixel, &mut stream, &mut bytes)?;
            rows += u64::from(taken);
            held.truncated = taken < pass.until;
            if !held.truncated && i + 1 < wanted {
                let rest = u64::from(pass.rows - pass.until) * row;
                let skipped = stream.skip(&mut bytes, rest)?;
                rows += skipped / row;
                held.truncated = skipped < rest;
            }
            if held.truncated {
                break;
            }
        }
        if held.truncated && rows == 0 { Err(nothing()) } else { Ok(held) }
    }

    /// Reads the rows of a pass that the window takes, and those above them. Gives how many the file had.
    fn fill(
        &mut self,
        pass: &Pass,
        pixel: usize,
        stream: &mut Stream<Forkable>,
        bytes: &mut Bytes,
    ) -> Result<u32> {
        let (mut line, mut scratch) = (vec![0; pass.length], Vec::new());
        let stride = self.window.width as usize * self.expand.pixel();
        for row in 0..pass.until {
            let Some([filter, from @ ..]) = stream.row(bytes, pass.length + 1)? else {
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
        Ok(pass.until)
    }
}

impl RowSource for Held {
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
        let stride = self.window.width as usize * self.expand.pixel();
        let start = self.given as usize * stride;
        self.given += 1;
        Ok(Some(as_row(&self.data[start..start + stride], self.expand.depth(), &mut self.wide)))
    }

    fn truncated(&self) -> bool {
        self.truncated
    }
}
