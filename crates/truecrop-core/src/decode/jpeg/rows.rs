//! The decoder as others see it: rows of the window, one after the other.

use super::color::Mixer;
use super::direct::Direct;
use super::feed::Bytes;
use super::header::{Frame, Scan, Walker};
use super::index::Index;
use super::plane::{Plane, Shape};
use super::together::Together;
use super::upsample::Line;
use crate::decode::{self, DecodePlan, Depth, Layout, Row, RowSource, Window};
use crate::error::{Code, Error, Result};
use crate::geometry::Size;
use crate::{Limits, Reader};
use std::sync::Arc;

/// Bytes of the window on the file that a single scan has. Larger ones save calls to the source.
const CHUNK: usize = 256 << 10;
/// Bytes that all windows of a file with many scans have together, and the least for one of them.
pub(super) const CHUNKS: usize = 1 << 20;
const LEAST_CHUNK: usize = 8 << 10;

enum Scans {
    Direct(Direct),
    Together(Together),
}

/// A JPEG file's window, row by row.
///
/// # Guarantees
/// - The rows are those of the full decode at the same scale, cut to the window, byte for byte.
/// - Nothing below the window's last MCU row is read of a file with one scan; the file is never held.
/// - Damaged data never fails: what is missing is gray, and [`RowSource::truncated`] says so.
pub struct JpegRows {
    bytes: Bytes,
    scans: Scans,
    layout: Layout,
    mixer: Mixer,
    window: Window,
    planes: Vec<Plane>,
    lines: Vec<Line>,
    /// The next row of the picture (at the decode scale).
    y: u32,
    /// MCU rows that the planes have seen.
    decoded: u32,
    /// The first MCU row of the window, and the next one to be stepped over above it, once the way is known.
    top: u32,
    above: Option<u32>,
    mcu_rows: u32,
    truncated: bool,
}

impl JpegRows {
    /// Reads the header (and, in files with several scans, finds where each of them starts).
    ///
    /// `index`: this file's own, to jump by what an earlier decode left there and to leave what this one finds.
    ///
    /// # Errors
    /// `unsupported-format`, `damaged-source`, `too-many-scans`, `too-many-pixels`, `io`; `invalid-option` where the
    /// window is not inside the picture at the plan's scale.
    pub fn open(reader: Reader, plan: &DecodePlan, limits: &Limits, index: Option<Index>) -> Result<Self> {
        let mut bytes = Bytes::new(reader);
        let mut walker = Walker::open(&mut bytes, CHUNK)?;
        let no_picture =
            || Error::new(Code::DamagedSource, "The JPEG file holds no picture: pick another copy of it.");
        let first = walker.next_scan(&mut bytes)?.ok_or_else(no_picture)?;
        let frame = walker.frame.clone().ok_or_else(no_picture)?;
        check(&frame, plan, limits)?;
        let colors = walker.colors();
        let alone = !frame.progressive && first.parts.len() == frame.components.len();
        let (scans, mut truncated) =
            if alone { (vec![first], false) } else { all_scans(first, &mut walker, &mut bytes, limits)? };

        let planes: Vec<Plane> = (frame.components.iter().zip(&walker.quant))
            .map(|(c, quant)| {
                let shape = Shape::new(&frame, c, plan);
                // a component without a scan stays gray
                truncated |= quant.is_none();
                Plane::new(shape, quant.clone().unwrap_or_else(|| Arc::new([0; 64])))
            })
            .collect();
        drop(walker);
        let width = plan.window.width;
        let first = |p: &Plane| p.shape.need_y.start / p.shape.v;
        let top = planes.iter().map(first).min().unwrap_or(0);
        Ok(Self {
            scans: if alone {
                Scans::Direct(Direct::new(&frame, &scans[0], &planes, CHUNK, index))
            } else {
                Scans::Together(Together::new(&frame, &scans, &planes, chunk(scans.len()), index)?)
            },
            bytes,
            lines: planes.iter().map(|p| Line::new(width, p.shape.across)).collect(),
            planes,
            layout: colors.layout(),
            mixer: Mixer::new(colors, width),
            y: plan.window.y,
            window: plan.window,
            decoded: top,
            top,
            above: None,
            mcu_rows: frame.mcus().1,
            truncated,
        })
    }

    /// Steps over an MCU row above the window; how many are left.
    fn step(&mut self) -> Result<u32> {
        let top = self.top;
        let row = match (self.above, &mut self.scans) {
            (Some(row), _) => row,
            (None, Scans::Direct(direct)) => direct.enter(top),
            (None, Scans::Together(together)) => together.enter(top),
        };
        if row < top {
            match &mut self.scans {
                Scans::Direct(direct) => direct.step_over(&mut self.bytes, row)?,
                Scans::Together(together) => together.row(&mut self.bytes, row, &mut self.planes)?,
            }
        }
        let next = top.min(row + 1);
        self.above = Some(next);
        Ok(top - next)
    }

    /// Decodes MCU rows until the row `y` can be made.
    fn reach(&mut self, y: u32) -> Result<()> {
        let needs =
            |p: &Plane| p.shape.down.needs(y..y + 1, p.shape.height).end.div_ceil(p.shape.size * p.shape.v);
        let end = self.planes.iter().map(needs).max().unwrap_or(0).min(self.mcu_rows);
        while self.decoded < end {
            match &mut self.scans {
                Scans::Direct(direct) => direct.row(&mut self.bytes, self.decoded, &mut self.planes)?,
                Scans::Together(together) => together.row(&mut self.bytes, self.decoded, &mut self.planes)?,
            }
            self.decoded += 1;
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
        let left = self.step()?;
        // as rows of the picture; it must not be 0 before the last of them
        let rows = u64::from(left) * u64::from(self.window.y) / u64::from(self.top.max(1));
        Ok((rows as u32).max(left.min(1)))
    }

    fn next_row(&mut self) -> Result<Option<Row<'_>>> {
        if self.y >= self.window.y + self.window.height {
            return Ok(None);
        }
        while self.step()? > 0 {}
        self.reach(self.y)?;
        let columns = self.window.x..self.window.x + self.window.width;
        let mut rows: [&[u8]; 4] = [&[]; 4];
        for ((row, line), plane) in rows.iter_mut().zip(&mut self.lines).zip(&self.planes) {
            *row = line.fill(plane, self.y, columns.clone());
        }
        self.y += 1;
        Ok(Some(self.mixer.mix(rows)))
    }

    fn truncated(&self) -> bool {
        self.truncated
            || match &self.scans {
                Scans::Direct(direct) => direct.short(),
                Scans::Together(together) => together.short(),
            }
    }
}

fn check(frame: &Frame, plan: &DecodePlan, limits: &Limits) -> Result<()> {
    let pixels = u64::from(frame.width) * u64::from(frame.height);
    if pixels > limits.source_pixels {
        let what = "The picture has too many pixels: pick a smaller one.";
        return Err(Error::new(Code::TooManyPixels, what).figures(limits.source_pixels, pixels));
    }
    if !(1..=8).contains(&plan.scale) {
        let what = "The decode scale must be 1 to 8 eighths.";
        return Err(Error::new(Code::InvalidOption, what).figures("1 to 8", plan.scale));
    }
    let size = decode::scaled(Size::new(frame.width, frame.height), plan.scale);
    if !plan.window.fits(size) {
        let what = "The window must lie inside the picture at the decode scale.";
        let Window { x, y, width, height } = plan.window;
        let expected = format!("{} x {}", size.width, size.height);
        let got = format!("{width} x {height} at {x}, {y}");
        return Err(Error::new(Code::InvalidOption, what).figures(expected, got));
    }
    Ok(())
}

/// Finds every scan; says whether the file breaks off among them.
fn all_scans(
    first: Scan,
    walker: &mut Walker,
    bytes: &mut Bytes,
    limits: &Limits,
) -> Result<(Vec<Scan>, bool)> {
    let mut scans = vec![first];
    loop {
        match walker.next_scan(bytes) {
            // without the end marker, nobody knows which scans are missing
            Ok(None) => return Ok((scans, !walker.ended)),
            Ok(Some(scan)) => scans.push(scan),
            // what came before can still be shown
            Err(error) if error.code() == Code::Io => return Err(error),
            Err(_) => return Ok((scans, true)),
        }
        if scans.len() > limits.jpeg_scans {
            let what = "The JPEG file has more scans than any encoder writes: save it anew.";
            return Err(Error::new(Code::TooManyScans, what).figures(limits.jpeg_scans, scans.len()));
        }
    }
}

/// Bytes of each scan's window on the file.
fn chunk(scans: usize) -> usize {
    (CHUNKS / scans).clamp(LEAST_CHUNK, CHUNK)
}
