//! Rows cut out of a whole frame, for formats whose decoders give nothing less.

use super::{Depth, Layout, Row, RowSource, Window};
use crate::error::{Code, Error, Result};

/// A whole decoded frame that gives the rows of a window.
pub(super) struct WholeFrame {
    pub(super) layout: Layout,
    pub(super) data: Vec<u8>,
    /// Samples of a stored row.
    pub(super) stride: usize,
    pub(super) window: Window,
    /// Rows given so far.
    pub(super) given: u32,
    pub(super) truncated: bool,
}

impl RowSource for WholeFrame {
    fn layout(&self) -> Layout {
        self.layout
    }

    fn depth(&self) -> Depth {
        Depth::Eight
    }

    fn next_row(&mut self) -> Result<Option<Row<'_>>> {
        if self.given == self.window.height {
            return Ok(None);
        }
        let channels = self.layout.channels();
        let start = (self.window.y + self.given) as usize * self.stride + self.window.x as usize * channels;
        self.given += 1;
        let row = self.data.get(start..start + self.window.width as usize * channels);
        let row = row.ok_or_else(|| Error::new(Code::Internal, "The decoder gave too few pixels."))?;
        Ok(Some(Row::U8(row)))
    }

    fn truncated(&self) -> bool {
        self.truncated
    }
}
