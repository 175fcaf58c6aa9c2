//! The rows of a WebP's window: those of its picture, and what lies around it on the canvas of an animation.

use super::vp8::LossyPicture;
use super::vp8l::LosslessRows;
use crate::decode::{Depth, Layout, Row, RowSource, Window};
use crate::error::{Result, damaged};
use crate::source::PositionedReader;
use std::ops::Range;

/// The gray of rows that a truncated file lacks.
const MISSING: u8 = 128;

/// What the rows are decoded from.
pub(super) enum Picture {
    Lossy(Box<LossyPicture>),
    Lossless(Box<LosslessRows>),
}

/// The rows of a window.
pub(super) struct WebpRows {
    source: PositionedReader,
    picture: Picture,
    layout: Layout,
    /// Where the picture lies on its canvas: all of it, but for animations.
    area: Window,
    window: Window,
    /// The columns of the picture that the window shows.
    columns: Range<usize>,
    given: u32,
    truncated: bool,
    /// The row that is given: by channel, or by pixel where there is alpha.
    out: Vec<u8>,
}

impl WebpRows {
    /// Bytes that a row takes.
    pub(super) fn memory_bytes(columns: u64, layout: Layout) -> u64 {
        columns * layout.channels() as u64
    }

    /// # Errors
    /// [`Code::DamagedSource`](crate::Code::DamagedSource) where the file does not have the first row of its picture; [`Code::Io`](crate::Code::Io).
    pub(super) fn new(
        mut source: PositionedReader,
        mut picture: Picture,
        layout: Layout,
        area: Window,
        window: Window,
    ) -> Result<Self> {
        let begun = match &mut picture {
            Picture::Lossy(lossy) => lossy.reach(0, &mut source)?,
            Picture::Lossless(lossless) => lossless.read(0, &mut source)?.is_some(),
        };
        if !begun {
            return Err(damaged("it ends before its first row"));
        }
        let (columns, bytes) = (window.columns_of(area), window.width as usize * layout.channels());
        let (given, truncated, out) = (0, false, vec![0; bytes]);
        Ok(Self { source, picture, layout, area, window, columns, given, truncated, out })
    }

    /// Puts row `y` of the picture into `out`, at column `at` of the window. False where the file ends before it.
    fn put(&mut self, y: u32, at: usize) -> Result<bool> {
        let (width, count) = (self.window.width as usize, self.columns.len());
        let alpha = self.layout.alpha();
        match &mut self.picture {
            Picture::Lossy(lossy) => {
                if !lossy.reach(y, &mut self.source)? {
                    return Ok(false);
                }
                let (planes, opacity) = lossy.row(y, &mut self.source)?;
                if !alpha {
                    for (n, samples) in planes.into_iter().enumerate() {
                        self.out[n * width + at..][..count].copy_from_slice(samples);
                    }
                    return Ok(true);
                }
                let opacity = opacity.and_then(|row| row.get(self.columns.clone()));
                let [red, green, blue] = planes;
                let pixels = self.out[4 * at..][..4 * count].as_chunks_mut::<4>().0;
                for (n, pixel) in pixels.iter_mut().enumerate() {
                    *pixel = [red[n], green[n], blue[n], opacity.map_or(255, |row| row[n])];
                }
            }
            Picture::Lossless(lossless) => {
                let Some(row) = lossless.read(y, &mut self.source)? else { return Ok(false) };
                for (n, &pixel) in row[self.columns.clone()].iter().enumerate() {
                    let [blue, green, red, opacity] = pixel.to_le_bytes();
                    if alpha {
                        self.out[4 * (at + n)..][..4].copy_from_slice(&[red, green, blue, opacity]);
                    } else {
                        for (channel, sample) in [red, green, blue].into_iter().enumerate() {
                            self.out[channel * width + at + n] = sample;
                        }
                    }
                }
            }
        }
        Ok(true)
    }
}

impl RowSource for WebpRows {
    fn layout(&self) -> Layout {
        self.layout
    }

    fn depth(&self) -> Depth {
        Depth::Eight
    }

    fn approach(&mut self) -> Result<u32> {
        let first = self.window.y.saturating_sub(self.area.y).min(self.area.height);
        match &mut self.picture {
            Picture::Lossy(lossy) => lossy.approach(first, &mut self.source),
            Picture::Lossless(lossless) => lossless.approach(first, &mut self.source),
        }
    }

    fn next_row(&mut self) -> Result<Option<Row<'_>>> {
        if self.given == self.window.height {
            return Ok(None);
        }
        let y = (self.window.y + self.given).checked_sub(self.area.y);
        let at = (self.area.x as usize + self.columns.start).saturating_sub(self.window.x as usize);
        let (width, count) = (self.window.width as usize, self.columns.len());
        let row = y.filter(|&row| row < self.area.height && count > 0);
        if row.is_none() || count < width {
            // what the picture does not cover of its canvas is transparent
            self.out.fill(0);
        }
        if let Some(row) = row
            && !self.put(row, at)?
        {
            self.truncated = true;
            if self.layout.alpha() {
                self.out.fill(0);
            } else {
                (0..3).for_each(|n| self.out[n * width + at..][..count].fill(MISSING));
            }
        }
        self.given += 1;
        if self.layout.alpha() {
            return Ok(Some(Row::U8(&self.out)));
        }
        let plane = |n: usize| &self.out[n * width..][..width];
        Ok(Some(Row::Planes([plane(0), plane(1), plane(2)])))
    }

    fn truncated(&self) -> bool {
        self.truncated
    }
}
