//! PNG by the `png` crate, row by row; rows below the window are never inflated.

use super::{DecodePlan, Depth, Layout, Row, RowSource, Window};
use crate::Reader;
use crate::error::{Error, Result};
use crate::probe::{Probe, damaged};
use png::{ColorType, DecodeOptions, DecodingError, Transformations};
use std::io::BufReader;

/// Bytes read at once.
const BUFFER: usize = 32 << 10;

/// The inflater, its window and the chunk reader.
const OVERHEAD: u64 = 512 << 10;

/// What gray stands for rows that a truncated file lacks.
const MISSING: u8 = 128;

/// Rows of raw bytes that the decoder holds: two to unfilter, its output, ours; and the read-ahead of the inflater.
pub(super) fn cost(probe: &Probe, plan: &DecodePlan) -> u64 {
    let sample = if probe.depth() == Depth::Sixteen { 2 } else { 1 };
    let pixel = 4 * sample;
    let rows = 8 * pixel * u64::from(probe.stored().width);
    let whole = if probe.interlaced() { plan.window.pixels() * pixel } else { 0 };
    OVERHEAD + rows + whole
}

pub(super) fn open(reader: Reader, probe: &Probe, plan: &DecodePlan) -> Result<Box<dyn RowSource>> {
    let mut options = DecodeOptions::default();
    options.set_ignore_text_chunk(true);
    // The probe has read the profile, under its own cap.
    options.set_ignore_iccp_chunk(true);
    let reader = BufReader::with_capacity(BUFFER, reader);
    let mut decoder = png::Decoder::new_with_options(reader, options);
    decoder.set_transformations(Transformations::EXPAND);
    let reader = decoder.read_info().map_err(|e| refusal(&e))?;
    let info = reader.info();
    if (info.width, info.height) != (probe.stored().width, probe.stored().height)
        || info.interlaced != probe.interlaced()
    {
        return Err(damaged("its header can be read in two ways"));
    }
    let (color, bits) = reader.output_color_type();
    let layout = match color {
        ColorType::Grayscale => Layout::Gray,
        ColorType::GrayscaleAlpha => Layout::GrayAlpha,
        ColorType::Rgb | ColorType::Indexed => Layout::Rgb,
        ColorType::Rgba => Layout::Rgba,
    };
    let depth = if bits == png::BitDepth::Sixteen { Depth::Sixteen } else { Depth::Eight };
    let window = plan.window;
    let rows =
        Rows { reader, layout, depth, window, at: 0, line: Vec::new(), wide: Vec::new(), truncated: false };
    if probe.interlaced() { Ok(Box::new(Interlaced::decode(rows)?)) } else { Ok(Box::new(rows)) }
}

struct Rows {
    reader: png::Reader<BufReader<Reader>>,
    layout: Layout,
    depth: Depth,
    window: Window,
    /// Stored rows read.
    at: u32,
    /// The last stored row, in bytes; what is missing, once truncated.
    line: Vec<u8>,
    /// The window's part of it, when it has 16 bits.
    wide: Vec<u16>,
    truncated: bool,
}

impl Rows {
    /// Bytes of a pixel.
    fn pixel(&self) -> usize {
        self.layout.channels() * if self.depth == Depth::Sixteen { 2 } else { 1 }
    }

    /// Reads one row (of the picture or of an Adam7 pass) into `line`. False when the file ends before it.
    fn read(&mut self) -> Result<bool> {
        if self.truncated {
            return Ok(false);
        }
        match self.reader.read_row(&mut self.line) {
            Ok(Some(_)) => Ok(true),
            Ok(None) => Err(damaged("it has fewer rows than its header says")),
            Err(e) if self.at > 0 && is_early_end(&e) => {
                self.truncated = true;
                let fill = if self.layout.alpha() { 0 } else { MISSING };
                self.line.fill(fill);
                Ok(false)
            }
            Err(e) => Err(refusal(&e)),
        }
    }

    fn reserve(&mut self) -> Result<()> {
        if self.line.is_empty() {
            let width = self.reader.info().width;
            let bytes =
                self.reader.output_line_size(width).ok_or_else(|| damaged("its rows are too long"))?;
            self.line = vec![0; bytes];
        }
        Ok(())
    }
}

impl RowSource for Rows {
    fn layout(&self) -> Layout {
        self.layout
    }

    fn depth(&self) -> Depth {
        self.depth
    }

    fn next_row(&mut self) -> Result<Option<Row<'_>>> {
        if self.at == self.window.y + self.window.height {
            return Ok(None);
        }
        self.reserve()?;
        loop {
            self.read()?;
            self.at += 1;
            if self.at > self.window.y {
                break;
            }
        }
        let pixel = self.pixel();
        let start = self.window.x as usize * pixel;
        let part = &self.line[start..start + self.window.width as usize * pixel];
        Ok(Some(as_row(part, self.depth, &mut self.wide)))
    }

    fn truncated(&self) -> bool {
        self.truncated
    }
}

/// Bytes as samples; PNG's 16 bits are big-endian.
fn as_row<'a>(bytes: &'a [u8], depth: Depth, wide: &'a mut Vec<u16>) -> Row<'a> {
    match depth {
        Depth::Eight => Row::U8(bytes),
        Depth::Sixteen => {
            wide.clear();
            wide.extend(bytes.chunks_exact(2).map(|b| u16::from_be_bytes([b[0], b[1]])));
            Row::U16(wide)
        }
    }
}

/// The window of an Adam7 picture: rows come pass by pass, so the window is held whole.
struct Interlaced {
    layout: Layout,
    depth: Depth,
    window: Window,
    data: Vec<u8>,
    wide: Vec<u16>,
    given: u32,
    truncated: bool,
}

/// First column and row of each pass, and the steps between its columns and rows (W3C PNG, 8.1).
const PASSES: [[u32; 4]; 7] =
    [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]];

impl Interlaced {
    fn decode(mut rows: Rows) -> Result<Self> {
        let (pixel, window) = (rows.pixel(), rows.window);
        let (width, height) = (rows.reader.info().width, rows.reader.info().height);
        let fill = if rows.layout.alpha() { 0 } else { MISSING };
        let mut data = vec![fill; window.pixels() as usize * pixel];
        rows.reserve()?;
        'passes: for [x0, y0, dx, dy] in PASSES {
            if x0 >= width {
                continue;
            }
            for y in (y0..height).step_by(dy as usize) {
                if !rows.read()? {
                    break 'passes;
                }
                rows.at += 1;
                let Some(row) = y.checked_sub(window.y).filter(|&r| r < window.height) else {
                    continue;
                };
                let start = row as usize * window.width as usize * pixel;
                let into = &mut data[start..start + window.width as usize * pixel];
                scatter(&rows.line, into, pixel, window.x, [x0, dx]);
            }
        }
        let Rows { layout, depth, truncated, .. } = rows;
        Ok(Self { layout, depth, window, data, wide: Vec::new(), given: 0, truncated })
    }
}

/// Puts a pass's pixels into the window's row.
fn scatter(line: &[u8], into: &mut [u8], pixel: usize, left: u32, [x0, dx]: [u32; 2]) {
    let skipped = left.saturating_sub(x0).div_ceil(dx);
    let first = (x0 + skipped * dx - left) as usize;
    let wanted = line.chunks_exact(pixel).skip(skipped as usize);
    let places = into.chunks_exact_mut(pixel).skip(first).step_by(dx as usize);
    for (to, from) in places.zip(wanted) {
        to.copy_from_slice(from);
    }
}

impl RowSource for Interlaced {
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
        let bytes = self.data.len() / self.window.height as usize;
        let start = self.given as usize * bytes;
        self.given += 1;
        Ok(Some(as_row(&self.data[start..start + bytes], self.depth, &mut self.wide)))
    }

    fn truncated(&self) -> bool {
        self.truncated
    }
}

fn is_early_end(error: &DecodingError) -> bool {
    matches!(error, DecodingError::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof)
}

fn refusal(error: &DecodingError) -> Error {
    match error {
        DecodingError::IoError(e) if e.kind() != std::io::ErrorKind::UnexpectedEof => {
            Error::new(crate::Code::Io, format!("Reading failed: {e}."))
        }
        _ => damaged(&error.to_string().to_lowercase()),
    }
}
