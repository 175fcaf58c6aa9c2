//! Pixels of a window of the source, row by row.
//!
//! Every format stands behind one seam, [`RowSource`]: rows of stored samples with straight alpha, nothing converted.
//! Orientation, colour and alpha are the business of the stages behind it.

#[cfg(feature = "formats")]
mod gif;
pub mod jpeg;
#[cfg(feature = "formats")]
pub(crate) mod png;
#[cfg(feature = "formats")]
mod webp;

pub use crate::probe::Depth;
pub use jpeg::Index;

use crate::Reader;
#[cfg(not(feature = "formats"))]
use crate::error::module_needed;
use crate::error::{Code, Error, Result};
use crate::geometry::Size;
use crate::limits::Limits;
use crate::probe::{Probe, SourceFormat};
use std::io::SeekFrom;
#[cfg(feature = "formats")]
use std::io::{Read, Seek};

/// A rectangle of stored pixels *at the decode scale*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// First column.
    pub x: u32,
    /// First row.
    pub y: u32,
    /// Columns, at least 1.
    pub width: u32,
    /// Rows, at least 1.
    pub height: u32,
}

impl Window {
    /// All of a picture.
    pub const fn whole(size: Size) -> Self {
        Self { x: 0, y: 0, width: size.width, height: size.height }
    }

    /// Whether it has pixels and all of them lie in a picture of this size.
    pub fn fits(&self, size: Size) -> bool {
        let within = |start: u32, count: u32, side: u32| {
            count > 0 && u64::from(start) + u64::from(count) <= u64::from(side)
        };
        within(self.x, self.width, size.width) && within(self.y, self.height, size.height)
    }

    #[cfg(feature = "formats")]
    pub(crate) fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}

/// What to decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DecodePlan {
    /// The pixels that are wanted.
    pub window: Window,
    /// One of [`scales`]: sides are decoded at `scale / 8`, rounded up.
    pub scale: u8,
    /// Of a JPEG with chroma at half the density: leave it at half, because the output shows no more of it.
    /// Otherwise its own detail makes it as dense as the luma.
    pub coarse_chroma: bool,
}

impl DecodePlan {
    /// The whole picture at full size.
    pub fn whole(probe: &Probe) -> Self {
        Self { window: Window::whole(probe.stored()), scale: 8, coarse_chroma: false }
    }
}

/// The channels of a row, in order, interleaved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layout {
    /// One: gray.
    Gray,
    /// Two: gray, straight alpha.
    #[cfg(feature = "formats")]
    GrayAlpha,
    /// Three.
    Rgb,
    /// Four, straight alpha.
    #[cfg(feature = "formats")]
    Rgba,
    /// Four: 0 is no ink, 255 is full ink.
    Cmyk,
}

impl Layout {
    /// Samples of a pixel.
    pub fn channels(self) -> usize {
        match self {
            Layout::Gray => 1,
            #[cfg(feature = "formats")]
            Layout::GrayAlpha => 2,
            Layout::Rgb => 3,
            #[cfg(feature = "formats")]
            Layout::Rgba => 4,
            Layout::Cmyk => 4,
        }
    }

    /// Whether the last channel is alpha.
    pub fn alpha(self) -> bool {
        match self {
            #[cfg(feature = "formats")]
            Layout::GrayAlpha | Layout::Rgba => true,
            _ => false,
        }
    }

    /// Whether pixels have one colour channel.
    pub fn gray(self) -> bool {
        match self {
            #[cfg(feature = "formats")]
            Layout::GrayAlpha => true,
            _ => self == Layout::Gray,
        }
    }
}

/// The samples of one row of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row<'a> {
    /// 8 bits, `width * channels` of them.
    U8(&'a [u8]),
    /// 16 bits, all of them used; `width * channels` of them.
    #[cfg(feature = "formats")]
    U16(&'a [u16]),
    /// 8 bits, the `width` samples of red, of green and of blue apart: [`Layout::Rgb`] only.
    Planes([&'a [u8]; 3]),
}

impl Row<'_> {
    /// Appends the row's 8-bit samples, pixel by pixel; of 16 bits the upper 8.
    pub fn append_to(&self, bytes: &mut Vec<u8>) {
        match self {
            Row::U8(samples) => bytes.extend_from_slice(samples),
            #[cfg(feature = "formats")]
            Row::U16(samples) => bytes.extend(samples.iter().map(|&s| (s >> 8) as u8)),
            Row::Planes([r, g, b]) => {
                bytes.extend(r.iter().zip(*g).zip(*b).flat_map(|((&r, &g), &b)| [r, g, b]));
            }
        }
    }
}

/// A picture's window, row by row from the top.
///
/// # Guarantees
/// Exactly `window.height` rows, then `None`. The rows of a window equal the same part of the rows of the whole
/// picture at that scale, sample for sample.
pub trait RowSource {
    /// The channels.
    fn layout(&self) -> Layout;

    /// Which kind of [`Row`] comes.
    fn depth(&self) -> Depth;

    /// Goes one step over what lies above the window, about as much work as a row: the rows of the picture that are left
    /// above it. [`RowSource::next_row`] does what is left of that at once, so who must answer others calls this before,
    /// until it gives 0.
    ///
    /// # Errors
    /// As [`RowSource::next_row`].
    fn approach(&mut self) -> Result<u32> {
        Ok(0)
    }

    /// The next row.
    ///
    /// # Errors
    /// [`Code::DamagedSource`] for broken data; [`Code::Io`]. A file that only ends too early is not an error once a
    /// picture has begun: see [`RowSource::truncated`].
    fn next_row(&mut self) -> Result<Option<Row<'_>>>;

    /// Whether the file ended too early for the rows given so far. What is missing is transparent where the layout
    /// has alpha, and gray otherwise.
    fn truncated(&self) -> bool;
}

/// The scales that a source can be decoded at, in eighths, smallest first; the last is always 8.
pub fn scales(probe: &Probe) -> &'static [u8] {
    if probe.format() == SourceFormat::Jpeg { jpeg::SCALES } else { &[8] }
}

/// The size of the picture at a scale.
pub fn scaled(size: Size, scale: u8) -> Size {
    let side = |pixels: u32| (u64::from(pixels) * u64::from(scale)).div_ceil(8) as u32;
    Size::new(side(size.width), side(size.height))
}

/// Most bytes that the decoder of a plan holds at once, beside the source's own bytes.
///
/// An upper bound from own measurement (2026-11, counting allocator), held by a test of each decoder.
pub fn cost(probe: &Probe, plan: &DecodePlan) -> u64 {
    match probe.format() {
        SourceFormat::Jpeg => jpeg::cost(probe, plan),
        #[cfg(feature = "formats")]
        SourceFormat::Png => png::memory_bytes(probe, plan),
        #[cfg(feature = "formats")]
        SourceFormat::Webp => webp::memory_bytes(probe, plan),
        #[cfg(feature = "formats")]
        SourceFormat::Gif => gif::memory_bytes(probe),
        #[cfg(not(feature = "formats"))]
        _ => 0,
    }
}

/// Starts decoding. `reader` must hold the source that `probe` was made of; `index`, if any, must be that source's own.
///
/// # Errors
/// [`Code::DamagedSource`] and [`Code::Io`] of the decoder; [`Code::Internal`] for a window outside the picture or a scale that is
/// not one of [`scales`].
pub fn open(
    mut reader: Reader,
    probe: &Probe,
    plan: &DecodePlan,
    limits: &Limits,
    index: Option<Index>,
) -> Result<Box<dyn RowSource>> {
    if !scales(probe).contains(&plan.scale) || !plan.window.fits(scaled(probe.stored(), plan.scale)) {
        return Err(Error::new(Code::Internal, "The decode plan does not fit the source."));
    }
    reader.seek_to(SeekFrom::Start(0))?;
    match probe.format() {
        SourceFormat::Jpeg => Ok(Box::new(jpeg::JpegRows::open(reader, plan, limits, index)?)),
        #[cfg(feature = "formats")]
        SourceFormat::Png => png::open(reader, probe, plan),
        #[cfg(feature = "formats")]
        SourceFormat::Webp => webp::open(Box::new(Patient(reader)), probe, plan, limits),
        #[cfg(feature = "formats")]
        SourceFormat::Gif => gif::open(Box::new(Patient(reader)), probe, plan),
        #[cfg(not(feature = "formats"))]
        other => Err(module_needed(other.as_str())),
    }
}

/// Fills whatever it is asked for, and tries interrupted reads again: not every library does, and some judge damaged
/// data by how it is cut. (JPEG and PNG, which are our own, read so by themselves.)
#[cfg(feature = "formats")]
struct Patient(Reader);

#[cfg(feature = "formats")]
impl Read for Patient {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let mut filled = 0;
        while filled < out.len() {
            match crate::probe::read_retrying(&mut *self.0, &mut out[filled..])? {
                0 => break,
                count => filled += count,
            }
        }
        Ok(filled)
    }
}

#[cfg(feature = "formats")]
impl Seek for Patient {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.0.seek(to)
    }
}

/// Rows cut out of a whole decoded picture.
#[cfg(feature = "formats")]
struct Whole {
    layout: Layout,
    data: Vec<u8>,
    /// Samples of a stored row.
    stride: usize,
    window: Window,
    /// Rows given.
    given: u32,
    truncated: bool,
}

#[cfg(feature = "formats")]
impl RowSource for Whole {
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

#[cfg(test)]
mod tests;
