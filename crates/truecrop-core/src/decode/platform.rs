//! Pixels that the browser's own decoder gave: rows of RGBA, straight alpha, 8 bits, upright, in sRGB.

use super::{DecodePlan, Depth, Layout, Row, RowSource, Window};
use crate::error::{Result, damaged};
use crate::probe::Probe;
use crate::source::{PositionedReader, Reader};

/// Bytes of a pixel.
const PIXEL: usize = 4;

/// A row as it lies there, and once more without its alpha.
pub(super) fn memory_bytes(plan: &DecodePlan) -> u64 {
    2 * PIXEL as u64 * u64::from(plan.window.width)
}

/// `reader` has the pixels, and not the file that they were decoded from.
pub(super) fn open(reader: Reader, probe: &Probe, plan: &DecodePlan) -> Box<dyn RowSource> {
    let row = plan.window.width as usize * PIXEL;
    Box::new(PlatformRows {
        source: PositionedReader::new(reader),
        width: probe.stored().width,
        window: plan.window,
        given: 0,
        alpha: probe.alpha(),
        pixels: vec![0; row],
        opaque: Vec::with_capacity(row),
    })
}

struct PlatformRows {
    source: PositionedReader,
    /// Of the whole picture.
    width: u32,
    window: Window,
    given: u32,
    alpha: bool,
    pixels: Vec<u8>,
    opaque: Vec<u8>,
}

impl RowSource for PlatformRows {
    fn layout(&self) -> Layout {
        if self.alpha { Layout::Rgba } else { Layout::Rgb }
    }

    fn depth(&self) -> Depth {
        Depth::Eight
    }

    fn next_row(&mut self) -> Result<Option<Row<'_>>> {
        if self.given == self.window.height {
            return Ok(None);
        }
        let y = u64::from(self.window.y + self.given);
        let start = (y * u64::from(self.width) + u64::from(self.window.x)) * PIXEL as u64;
        if self.source.read_at(start, &mut self.pixels)? < self.pixels.len() {
            return Err(damaged("the browser gave fewer pixels than it has"));
        }
        self.given += 1;
        if self.alpha {
            return Ok(Some(Row::U8(&self.pixels)));
        }
        self.opaque.clear();
        for [red, green, blue, _] in self.pixels.as_chunks::<PIXEL>().0 {
            self.opaque.extend([red, green, blue]);
        }
        Ok(Some(Row::U8(&self.opaque)))
    }

    fn truncated(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;
    use crate::geometry::Size;
    use crate::limits::Limits;
    use std::io::Cursor;

    fn rows(alpha: bool, window: Window, pixels: Vec<u8>) -> Result<Vec<Vec<u8>>> {
        let probe = Probe::of_platform("avif", 99, Size::new(3, 2), alpha, &Limits::default())?;
        let plan = DecodePlan { window, ..DecodePlan::whole(&probe) };
        let mut rows = open(Box::new(Cursor::new(pixels)), &probe, &plan);
        let mut all = Vec::new();
        while let Some(Row::U8(row)) = rows.next_row()? {
            all.push(row.to_vec());
        }
        Ok(all)
    }

    #[test]
    fn a_window_is_read_of_the_pixels() {
        let pixels: Vec<u8> = (0..24).collect();
        let window = Window { x: 1, y: 1, width: 2, height: 1 };
        assert_eq!(rows(true, window, pixels.clone()).unwrap(), [[16, 17, 18, 19, 20, 21, 22, 23]]);
        assert_eq!(rows(false, window, pixels.clone()).unwrap(), [[16, 17, 18, 20, 21, 22]]);
        let short = rows(true, window, pixels[..20].to_vec()).unwrap_err();
        assert_eq!(short.code(), Code::DamagedSource);
    }
}
