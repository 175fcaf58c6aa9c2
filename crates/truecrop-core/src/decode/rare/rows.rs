//! The rows of a whole frame of 8- or 16-bit samples, with the last changes made row by row.

use super::change::{is_transparent, scale};
use super::layout;
use crate::decode::straight_alpha::unpremultiply;
use crate::decode::{Depth, Layout, Row, RowSource, Window};
use crate::error::{Code, Error, Result};
use crate::probe::Probe;
use crate::probe::formats::rare::{Change, RareFacts};

/// A decoded frame that gives the rows of a window.
pub(super) struct FrameRows {
    layout: Layout,
    depth: Depth,
    change: Change,
    /// Samples of 16 bits are in the machine's byte order.
    data: Vec<u8>,
    /// Bytes of a stored row.
    stride: usize,
    window: Window,
    /// Rows given so far.
    given: u32,
    narrow: Vec<u8>,
    wide: Vec<u16>,
}

impl FrameRows {
    pub(super) fn new(mut data: Vec<u8>, facts: &RareFacts, probe: &Probe, window: Window) -> Self {
        if facts.change == Change::AlphaUnlessZero && is_transparent(&data) {
            data.iter_mut().skip(3).step_by(4).for_each(|alpha| *alpha = 255);
        }
        Self {
            layout: layout(facts),
            depth: probe.depth(),
            change: facts.change,
            data,
            stride: probe.stored().width as usize * super::pixel_bytes(facts, probe.depth()) as usize,
            window,
            given: 0,
            narrow: Vec::new(),
            wide: Vec::new(),
        }
    }

    /// The bytes of a row of the window.
    fn bytes(&self, y: u32) -> Option<&[u8]> {
        let pixel = self.layout.channels() * if self.depth == Depth::Sixteen { 2 } else { 1 };
        let start = y as usize * self.stride + self.window.x as usize * pixel;
        self.data.get(start..start + self.window.width as usize * pixel)
    }
}

impl RowSource for FrameRows {
    fn layout(&self) -> Layout {
        self.layout
    }

    fn depth(&self) -> Depth {
        self.depth
    }

    fn next_row(&mut self) -> Result<Option<Row<'_>>> {
        if self.given == self.window.height {
            return Ok(None);
        }
        let (mut narrow, mut wide) = (std::mem::take(&mut self.narrow), std::mem::take(&mut self.wide));
        let bytes = self.bytes(self.window.y + self.given);
        let bytes = bytes.ok_or_else(|| Error::new(Code::Internal, "The decoder gave too few pixels."))?;
        narrow.clear();
        wide.clear();
        match self.depth {
            Depth::Eight => {
                narrow.extend_from_slice(bytes);
                change_row(&mut narrow, self.change, 255);
            }
            Depth::Sixteen => {
                wide.extend(bytes.as_chunks::<2>().0.iter().map(|sample| u16::from_ne_bytes(*sample)));
                change_row(&mut wide, self.change, u16::MAX);
            }
        }
        self.given += 1;
        (self.narrow, self.wide) = (narrow, wide);
        Ok(Some(if self.depth == Depth::Eight { Row::U8(&self.narrow) } else { Row::U16(&self.wide) }))
    }

    fn truncated(&self) -> bool {
        false
    }
}

/// Makes the change on a row of samples whose largest is `full`.
fn change_row<S: Copy + Into<u16> + TryFrom<u16>>(row: &mut [S], change: Change, full: u16) {
    let put = |sample: &mut S, value: u16| *sample = S::try_from(value).unwrap_or(*sample);
    match change {
        Change::Scale(max) => {
            row.iter_mut().for_each(|sample| put(sample, scale((*sample).into(), max, full)))
        }
        Change::Unpremultiply => {
            for [r, g, b, a] in row.as_chunks_mut::<4>().0 {
                for color in [r, g, b] {
                    put(color, unpremultiply((*color).into(), (*a).into(), full));
                }
            }
        }
        Change::None | Change::AlphaUnlessZero | Change::Icon { .. } => {}
    }
}
