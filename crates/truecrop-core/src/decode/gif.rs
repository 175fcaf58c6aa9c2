//! GIF decoder: the first frame, decoded whole by the crate `gif` and placed on its screen.
//!
//! A file that ends too early gives the rows that are whole, in the order in which they are stored, if there is one.

use super::{DecodePlan, Depth, Layout, Row, RowSource, Window};
use crate::error::{Code, Error, Result, damaged};
use crate::probe::Probe;
use crate::source::Reader;
use gif::{ColorOutput, DecodeOptions, Decoder, DecodingError, MemoryLimit};

/// Code tables, palettes, buffers, and the list of the rows that are there.
const OVERHEAD: u64 = 512 << 10;

/// The gray of rows that a truncated file lacks.
const MISSING: u8 = 128;

/// Most bytes that decoding holds at once: one index byte for each pixel, and a row of the window.
pub(super) fn memory_bytes(probe: &Probe) -> u64 {
    OVERHEAD + probe.stored().pixels() + 4 * u64::from(probe.stored().width)
}

pub(super) fn open(reader: Reader, probe: &Probe, plan: &DecodePlan) -> Result<Box<dyn RowSource>> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    // as in browsers, an extension that nobody knows is skipped
    options.allow_unknown_blocks(true);
    // the probe has checked the frame's size already
    options.set_memory_limit(MemoryLimit::Unlimited);
    let mut decoder = options.read_info(reader).map_err(|e| to_error(&e))?;
    let frame =
        decoder.next_frame_info().map_err(|e| to_error(&e))?.ok_or_else(|| damaged("it has no frame"))?;
    let frame_area = Window {
        x: frame.left.into(),
        y: frame.top.into(),
        width: frame.width.into(),
        height: frame.height.into(),
    };
    let transparent = frame.transparent;
    let size = probe.stored();
    if frame_area.x + frame_area.width > size.width || frame_area.y + frame_area.height > size.height {
        return Err(damaged("its header is ambiguous"));
    }
    let rows = stored_rows(frame.height.into(), frame.interlaced);
    let mut indices = vec![0; decoder.buffer_size()];
    let there = read_rows(&mut decoder, rows, frame_area, &mut indices)?;
    let palette = decoder.palette().map_err(|e| to_error(&e))?;
    let colors = palette_colors(palette, transparent);
    let layout = if probe.alpha() { Layout::Rgba } else { Layout::Rgb };
    Ok(Box::new(GifRows {
        layout,
        colors,
        indices,
        frame_area,
        window: plan.window,
        given: 0,
        row: Vec::new(),
        truncated: false,
        there,
    }))
}

/// The rows of a frame in the order in which they are stored.
fn stored_rows(height: u32, interlaced: bool) -> Vec<u32> {
    let pass = |first: u32, step: usize| (first..height).step_by(step);
    if interlaced {
        pass(0, 8).chain(pass(4, 8)).chain(pass(2, 4)).chain(pass(1, 2)).collect()
    } else {
        pass(0, 1).collect()
    }
}

/// Reads the frame's rows into `indices`, and tells for each row whether the file has the whole of it.
fn read_rows(
    decoder: &mut Decoder<Reader>,
    rows: Vec<u32>,
    frame_area: Window,
    indices: &mut [u8],
) -> Result<Vec<bool>> {
    let mut there = vec![false; rows.len()];
    let width = frame_area.width as usize;
    for (read, row) in rows.into_iter().enumerate() {
        let start = row as usize * width;
        let line = indices.get_mut(start..start + width).unwrap_or_default();
        match decoder.fill_buffer(line) {
            Ok(true) => there[row as usize] = true,
            Ok(false) | Err(DecodingError::UnexpectedEof) if read > 0 => break,
            Ok(false) | Err(DecodingError::UnexpectedEof) => {
                return Err(damaged("it ends before its first row"));
            }
            Err(e) => return Err(to_error(&e)),
        }
    }
    Ok(there)
}

/// The colour of each index. As in browsers, an index beyond the palette shows nothing: it is transparent, or black where
/// the layout has no alpha.
fn palette_colors(palette: &[u8], transparent: Option<u8>) -> Vec<[u8; 4]> {
    let mut colors = vec![[0; 4]; 256];
    for (color, rgb) in colors.iter_mut().zip(palette.chunks_exact(3)) {
        *color = [rgb[0], rgb[1], rgb[2], 255];
    }
    if let Some(index) = transparent {
        colors[usize::from(index)] = [0; 4];
    }
    colors
}

/// Rows of the window, looked up from the frame's indices.
struct GifRows {
    layout: Layout,
    colors: Vec<[u8; 4]>,
    indices: Vec<u8>,
    /// Where the frame lies on the screen.
    frame_area: Window,
    window: Window,
    /// Rows given so far.
    given: u32,
    row: Vec<u8>,
    /// For each row of the frame, whether the file has it.
    there: Vec<bool>,
    truncated: bool,
}

impl RowSource for GifRows {
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
        let y = self.window.y + self.given;
        self.given += 1;
        let channels = self.layout.channels();
        let stride = self.frame_area.width as usize;
        let frame_row = y.checked_sub(self.frame_area.y).filter(|&r| r < self.frame_area.height);
        let indices =
            frame_row.and_then(|r| self.indices.get(r as usize * stride..(r as usize + 1) * stride));
        self.row.clear();
        if frame_row.is_some_and(|r| !self.there[r as usize]) {
            let missing = if self.layout.alpha() { 0 } else { MISSING };
            self.row.resize(self.window.width as usize * channels, missing);
            self.truncated = true;
            return Ok(Some(Row::U8(&self.row)));
        }
        for x in self.window.x..self.window.x + self.window.width {
            let index = x.checked_sub(self.frame_area.x).and_then(|i| indices?.get(i as usize));
            let color = index.map_or([0; 4], |&i| self.colors[usize::from(i)]);
            self.row.extend_from_slice(&color[..channels]);
        }
        Ok(Some(Row::U8(&self.row)))
    }

    fn truncated(&self) -> bool {
        self.truncated
    }
}

fn to_error(error: &DecodingError) -> Error {
    match error {
        DecodingError::Io(e) => Error::new(Code::Io, format!("Reading failed: {e}.")),
        _ => damaged(&error.to_string().to_ascii_lowercase()),
    }
}
