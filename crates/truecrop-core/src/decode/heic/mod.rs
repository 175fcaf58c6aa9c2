//! HEIC, tile by tile. A library decodes HEVC's pictures; which of them, what is held of them, chroma's density and the colours are our own.
//!
//! | file | what |
//! | --- | --- |
//! | `tile` | one coded picture |
//! | `tile_rows` | the rows of a picture of tiles, under the window |
//! | `band` | rows of one plane that are held |
//! | `ycbcr` | luma and chroma to red, green and blue |

mod band;
mod tile;
mod tile_rows;
mod ycbcr;

use super::straight_alpha::unpremultiply;
use super::{DecodePlan, Depth, Layout, Row, RowSource, Window};
use crate::error::{Code, Error, Result};
use crate::limits::Limits;
use crate::probe::Probe;
use crate::probe::formats::heic::HeicFacts;
use crate::source::{PositionedReader, Reader};
use tile_rows::{PlaneRow, TileRows};
use ycbcr::Converter;

/// Most bytes that decoding holds at once: a row of tiles, a tile while it is decoded, and a row of pixels.
pub(super) fn memory_bytes(probe: &Probe, plan: &DecodePlan) -> u64 {
    let Some(facts) = probe.heic() else { return 0 };
    let [shown, window] = [Window::whole(probe.stored()), plan.window].map(|part| in_picture(facts, part));
    let picture = TileRows::memory_bytes(&facts.picture, shown, window, false);
    let tile = tile::memory_bytes(&facts.picture);
    let pixels = 12 * u64::from(window.width);
    let (alpha, alpha_tile) = facts.alpha.as_ref().map_or((0, 0), |alpha| {
        (TileRows::memory_bytes(alpha, shown, window, true), tile::memory_bytes(alpha))
    });
    picture + alpha + tile.max(alpha_tile) + pixels
}

/// A window of what is shown, as a window of the picture.
fn in_picture(facts: &HeicFacts, window: Window) -> Window {
    let [x, y] = facts.corner;
    Window { x: window.x + x, y: window.y + y, ..window }
}

pub(super) fn open(
    reader: Reader,
    probe: &Probe,
    plan: &DecodePlan,
    limits: &Limits,
) -> Result<Box<dyn RowSource>> {
    let facts = probe.heic().ok_or_else(|| Error::new(Code::Internal, "The probe is not of this format."))?;
    let [shown, window] = [Window::whole(probe.stored()), plan.window].map(|part| in_picture(facts, part));
    let converter = Converter::new(facts.picture.samples, facts.coding);
    let alpha = facts.alpha.as_ref().map(|alpha| Alpha {
        rows: TileRows::new(alpha, shown, window, true),
        row: PlaneRow::default(),
        most: (1 << alpha.samples.depth) - 1,
        premultiplied: facts.premultiplied,
    });
    let layout = match (converter.is_gray(), alpha.is_some()) {
        (true, false) => Layout::Gray,
        (true, true) => Layout::GrayAlpha,
        (false, false) => Layout::Rgb,
        (false, true) => Layout::Rgba,
    };
    Ok(Box::new(HeicRows {
        source: PositionedReader::new(reader),
        limits: limits.clone(),
        window,
        given: 0,
        layout,
        depth: probe.depth(),
        converter,
        rows: TileRows::new(&facts.picture, shown, window, false),
        row: PlaneRow::default(),
        alpha,
        #[cfg(feature = "formats")]
        curve: facts.curve.clone(),
        narrow: Vec::new(),
        wide: Vec::new(),
    }))
}

/// The rows of a HEIC's window.
struct HeicRows {
    source: PositionedReader,
    limits: Limits,
    /// In the picture, before it is cut.
    window: Window,
    given: u32,
    layout: Layout,
    depth: Depth,
    converter: Converter,
    rows: TileRows,
    row: PlaneRow,
    alpha: Option<Alpha>,
    /// What gray samples of 8 bits stand for.
    #[cfg(feature = "formats")]
    curve: Option<Vec<u16>>,
    narrow: Vec<u8>,
    wide: Vec<u16>,
}

/// How opaque the pixels are.
struct Alpha {
    rows: TileRows,
    row: PlaneRow,
    /// The sample of an opaque pixel.
    most: u32,
    premultiplied: bool,
}

impl RowSource for HeicRows {
    fn layout(&self) -> Layout {
        self.layout
    }

    fn depth(&self) -> Depth {
        self.depth
    }

    fn prepare(&mut self) -> Result<bool> {
        if self.given == self.window.height {
            return Ok(false);
        }
        let y = self.window.y + self.given;
        Ok(self.rows.decode_next(y, &mut self.source, &self.limits)?
            || match &mut self.alpha {
                Some(alpha) => alpha.rows.decode_next(y, &mut self.source, &self.limits)?,
                None => false,
            })
    }

    fn next_row(&mut self) -> Result<Option<Row<'_>>> {
        if self.given == self.window.height {
            return Ok(None);
        }
        let y = self.window.y + self.given;
        self.rows.read(y, &mut self.source, &self.limits, &mut self.row)?;
        if let Some(alpha) = &mut self.alpha {
            alpha.rows.read(y, &mut self.source, &self.limits, &mut alpha.row)?;
        }
        self.given += 1;
        let full = match self.depth {
            Depth::Eight => 255,
            Depth::Sixteen => u16::MAX,
        };
        let (channels, gray) = (self.layout.channels(), self.layout.gray());
        self.wide.clear();
        self.wide.reserve_exact(self.window.width as usize * channels);
        let (wide, alpha) = (&mut self.wide, self.alpha.as_ref());
        self.converter.convert(&self.row, |n, mut pixel| {
            let opacity = alpha.map(|alpha| {
                let opacity = alpha.opacity(n, full);
                if alpha.premultiplied {
                    pixel = pixel.map(|color| unpremultiply(color, opacity, full));
                }
                opacity
            });
            wide.extend_from_slice(if gray { &pixel[..1] } else { &pixel });
            wide.extend(opacity);
        });
        #[cfg(feature = "formats")]
        if let Some(curve) = &self.curve {
            for sample in wide {
                *sample = curve.get(usize::from(*sample)).copied().unwrap_or(u16::MAX);
            }
        }
        Ok(Some(match self.depth {
            Depth::Sixteen => Row::U16(&self.wide),
            Depth::Eight => {
                self.narrow.clear();
                self.narrow.extend(self.wide.iter().map(|&sample| sample as u8));
                Row::U8(&self.narrow)
            }
        }))
    }

    fn truncated(&self) -> bool {
        self.rows.truncated || self.alpha.as_ref().is_some_and(|alpha| alpha.rows.truncated)
    }
}

impl Alpha {
    /// The opacity of the row's pixel `n`, rounded.
    fn opacity(&self, n: usize, full: u16) -> u16 {
        let sample = u32::from(self.row.luma.get(n).copied().unwrap_or(0)).min(self.most);
        ((sample * u32::from(full) + self.most / 2) / self.most) as u16
    }
}
