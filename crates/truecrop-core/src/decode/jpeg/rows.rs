//! The decoder's entry: opens a JPEG file and gives the window's rows of pixels, from the top.

use super::block_size::BlockSize;
use super::color::ColorConverter;
use super::grid::ComponentGrid;
use super::header::{FrameHeader, HeaderParser, ScanHeader};
use super::index::Index;
use super::mcu_rows::McuRows;
use super::multi_scan::MultiScan;
use super::plane::Plane;
use super::single_scan::SingleScan;
use super::upsample::Upsampler;
use crate::decode::{self, DecodePlan, Depth, Layout, Row, RowSource, Window};
use crate::error::{Code, Error, Result};
use crate::geometry::Size;
use crate::source::PositionedReader;
use crate::{Limits, Reader};
use std::sync::Arc;

/// Bytes of the file that the reader of a single scan buffers. Larger buffers save calls to the source.
const CHUNK: usize = 256 << 10;
/// Bytes of the file that the readers of several scans buffer together, and the least for each of them.
pub(super) const CHUNKS: usize = 1 << 20;
const LEAST_CHUNK: usize = 8 << 10;

/// A JPEG file's window, row by row.
///
/// # Guarantees
/// - The rows are those of the full decode at the same scale, cut to the window, byte for byte.
/// - Nothing below the window's last MCU row is read of a file with one scan; the file is never held.
/// - Damaged data never fails: what is missing is gray, and [`RowSource::truncated`] says so.
/// - A file that lacks only its end marker (EOI) is not truncated, as nothing of the picture is missing: all data of the scans
///   that the rows need is there, and the scans together code every coefficient to its last bit. Where they do not and there
///   is no end marker, scans may be missing, and the rows are truncated. With an end marker the file says that there were no
///   more. libjpeg and browsers show all three alike.
pub struct JpegRows {
    bytes: PositionedReader,
    scans: Box<dyn McuRows>,
    layout: Layout,
    converter: ColorConverter,
    window: Window,
    planes: Vec<Plane>,
    upsamplers: Vec<Upsampler>,
    /// The next row of the picture (at the decode scale).
    y: u32,
    /// The next MCU row to decode into the planes.
    next_mcu_row: u32,
    /// The first MCU row of the window.
    top: u32,
    /// The next MCU row above the window to skip; `None` before the scans were asked where they resume.
    next_above: Option<u32>,
    /// MCU rows of the picture.
    mcu_rows: u32,
    truncated: bool,
}

impl JpegRows {
    /// Reads the header (and, in files with several scans, finds where each of them starts).
    ///
    /// `index` must be this file's own: it holds places that earlier decodes left, and gets those of this one.
    ///
    /// # Errors
    /// `unsupported-format`, `damaged-source`, `too-many-scans`, `too-many-pixels`, `io`; `invalid-option` where the
    /// plan's scale is not 1, 2, 4 or 8, or its window is not inside the picture at that scale.
    pub fn open(reader: Reader, plan: &DecodePlan, limits: &Limits, index: Option<Index>) -> Result<Self> {
        let mut bytes = PositionedReader::new(reader);
        let mut parser = HeaderParser::open(&mut bytes, CHUNK)?;
        let no_picture =
            || Error::new(Code::DamagedSource, "The JPEG file holds no picture: pick another copy of it.");
        let first = parser.next_scan(&mut bytes)?.ok_or_else(no_picture)?;
        let frame = parser.frame.clone().ok_or_else(no_picture)?;
        let scale = check(&frame, plan, limits)?;
        let colors = parser.colors();
        let single = !frame.progressive && first.parts.len() == frame.components.len();
        let (scans, mut truncated) =
            if single { (vec![first], false) } else { all_scans(first, &mut parser, &mut bytes, limits)? };

        let planes: Vec<Plane> = (frame.components.iter().zip(&parser.quant))
            .map(|(c, quant)| {
                let grid = ComponentGrid::new(&frame, c, plan, scale);
                // a component without a scan stays gray
                truncated |= quant.is_none();
                Plane::new(grid, quant.clone().unwrap_or_else(|| Arc::new([0; 64])))
            })
            .collect();
        drop(parser);
        let width = plan.window.width;
        let first_mcu_row = |p: &Plane| p.grid.needed_rows.start / p.grid.v;
        let top = planes.iter().map(first_mcu_row).min().unwrap_or(0);
        Ok(Self {
            scans: if single {
                Box::new(SingleScan::new(&frame, &scans[0], &planes, CHUNK, index))
            } else {
                Box::new(MultiScan::new(&frame, &scans, &planes, chunk(scans.len()), index)?)
            },
            bytes,
            upsamplers: planes.iter().map(|p| Upsampler::new(width, p.grid.across)).collect(),
            planes,
            layout: colors.layout(),
            converter: ColorConverter::new(colors, width),
            y: plan.window.y,
            window: plan.window,
            next_mcu_row: top,
            top,
            next_above: None,
            mcu_rows: frame.mcus().1,
            truncated,
        })
    }

    /// The components' samples, as far as they are held after the last row.
    #[cfg(test)]
    pub(super) fn planes(&self) -> &[Plane] {
        &self.planes
    }

    /// Skips one MCU row above the window. Gives how many are left to skip.
    fn skip_above(&mut self) -> Result<u32> {
        let top = self.top;
        let row = self.next_above.unwrap_or_else(|| self.scans.resume_before(top));
        if row < top {
            self.scans.skip(&mut self.bytes, row, &mut self.planes)?;
        }
        let next = top.min(row + 1);
        self.next_above = Some(next);
        Ok(top - next)
    }

    /// Decodes MCU rows until all samples of pixel row `y` are there.
    fn decode_up_to(&mut self, y: u32) -> Result<()> {
        let needs = |p: &Plane| {
            let samples = p.grid.down.needs(y..y + 1, p.grid.height);
            samples.end.div_ceil(p.grid.shape.down.samples() * p.grid.v)
        };
        let end = self.planes.iter().map(needs).max().unwrap_or(0).min(self.mcu_rows);
        while self.next_mcu_row < end {
            self.scans.decode(&mut self.bytes, self.next_mcu_row, &mut self.planes)?;
            self.next_mcu_row += 1;
        }
        Ok(())
    }
}

impl RowSource for JpegRows {
    fn layout(&self) -> Layout {
        self.layout
    }

    fn depth(&self) -> Depth {
        Depth::Eight
    }

    fn approach(&mut self) -> Result<u32> {
        let left = self.skip_above()?;
        // counted in rows of the picture; it must not become 0 before the last MCU row is skipped
        let rows = u64::from(left) * u64::from(self.window.y) / u64::from(self.top.max(1));
        Ok((rows as u32).max(left.min(1)))
    }

    fn next_row(&mut self) -> Result<Option<Row<'_>>> {
        if self.y >= self.window.y + self.window.height {
            return Ok(None);
        }
        while self.skip_above()? > 0 {}
        self.decode_up_to(self.y)?;
        let columns = self.window.x..self.window.x + self.window.width;
        let mut rows: [&[u8]; 4] = [&[]; 4];
        for ((row, upsampler), plane) in rows.iter_mut().zip(&mut self.upsamplers).zip(&self.planes) {
            *row = upsampler.row(plane, self.y, columns.clone());
        }
        self.y += 1;
        Ok(Some(self.converter.convert(rows)))
    }

    fn truncated(&self) -> bool {
        self.truncated || self.scans.truncated()
    }
}

/// Checks the picture's size and the plan; gives the plan's scale.
fn check(frame: &FrameHeader, plan: &DecodePlan, limits: &Limits) -> Result<BlockSize> {
    limits.check_source_size(Size::new(frame.width, frame.height))?;
    let Some(scale) = BlockSize::at_scale(plan.scale) else {
        let what = "The decode scale must be 1, 2, 4 or 8 eighths.";
        return Err(Error::new(Code::InvalidOption, what).figures("1, 2, 4 or 8", plan.scale));
    };
    let size = decode::scaled(Size::new(frame.width, frame.height), plan.scale);
    if !plan.window.fits(size) {
        let what = "The window must lie inside the picture at the decode scale.";
        let Window { x, y, width, height } = plan.window;
        let expected = format!("{} x {}", size.width, size.height);
        let got = format!("{width} x {height} at {x}, {y}");
        return Err(Error::new(Code::InvalidOption, what).figures(expected, got));
    }
    Ok(scale)
}

/// Finds all scans, given the first one. Also tells whether the file ends too early or is damaged among them.
fn all_scans(
    first: ScanHeader,
    parser: &mut HeaderParser,
    bytes: &mut PositionedReader,
    limits: &Limits,
) -> Result<(Vec<ScanHeader>, bool)> {
    let mut scans = vec![first];
    loop {
        match parser.next_scan(bytes) {
            // without the end marker, scans may be missing, unless nothing is left that they could code
            Ok(None) => {
                let components = parser.frame.as_ref().map_or(0, |frame| frame.components.len());
                let complete = (0..components).all(|i| codes_all(&scans, i));
                return Ok((scans, !parser.ended && !complete));
            }
            Ok(Some(scan)) => scans.push(scan),
            // the scans before the damage can still be shown
            Err(error) if error.code() == Code::Io => return Err(error),
            Err(_) => return Ok((scans, true)),
        }
        limits.check_jpeg_scans(scans.len())?;
    }
}

/// Whether the scans code every coefficient of a component to its last bit.
fn codes_all(scans: &[ScanHeader], component: usize) -> bool {
    let last_bits = scans.iter().filter(|scan| scan.al == 0);
    let of_component = last_bits.filter(|scan| scan.parts.iter().any(|part| part.component == component));
    let band = |scan: &ScanHeader| (u64::MAX >> (63 - scan.se)) & (u64::MAX << scan.ss);
    of_component.fold(0, |coded, scan| coded | band(scan)) == u64::MAX
}

/// Bytes of the file that each of so many scans' readers buffers.
fn chunk(scans: usize) -> usize {
    (CHUNKS / scans).clamp(LEAST_CHUNK, CHUNK)
}
