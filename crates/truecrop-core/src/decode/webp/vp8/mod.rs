//! Lossy WebP: VP8's key frames (RFC 6386), row by row, equal to libwebp byte for byte.
//!
//! Every macroblock above the window must be decoded, because those below are predicted from it. But nothing is held of them, no pixels are made
//! of what lies outside the window, and nothing below it is read.
//!
//! | file | what |
//! | --- | --- |
//! | `partition` | the arithmetically coded parts of a frame |
//! | `frame_header` | what holds for the whole frame |
//! | `modes`, `tokens`, `residuals` | what is coded of a macroblock |
//! | `predict`, `idct` | its samples, from those around it and from what is coded |
//! | `loop_filter` | the edges of its blocks |
//! | `macroblock_rows`, `plane_band` | all of these for a row of macroblocks, and the rows of samples that are held |
//! | `color` | luma and chroma to red, green and blue |
//! | `alpha` | opacity |
//!
//! What it shares with the encoder, the reader of bits and the tables among it, is in `crate::vp8`.

mod alpha;
mod color;
mod frame_header;
mod idct;
mod loop_filter;
mod macroblock_rows;
mod modes;
mod partition;
mod plane_band;
mod predict;
mod residuals;
mod tokens;

use crate::decode::Window;
use crate::error::{Error, Result, damaged};
use crate::geometry::Size;
use crate::probe::Probe;
use crate::probe::formats::ChunkPlace;
use crate::source::PositionedReader;
use alpha::AlphaRows;
use color::RowConverter;
use frame_header::{FrameHeader, FrameTag, HEADER_BYTES, TAG_BYTES};
use macroblock_rows::MacroblockRows;
use partition::Partition;

/// The first partition, and the most others that there may be.
const PARTITIONS: u64 = 9;

/// Small things, and what allocations take beside their bytes.
const OVERHEAD: u64 = 16 << 10;

/// Most bytes that decoding a picture of this size holds at once, without those of decompressing opacity.
pub(super) fn memory_bytes(probe: &Probe, size: Size, window: Window) -> u64 {
    let places = probe.webp_places();
    let pieces = places.picture.map_or(0, |place| (PARTITIONS * partition::CHUNK as u64).min(place.length));
    let alpha = if places.opacity.is_some() { AlphaRows::memory_bytes(size.width) } else { 0 };
    OVERHEAD
        + MacroblockRows::memory_bytes(size.width)
        + pieces
        + RowConverter::memory_bytes(window.width.into())
        + alpha
}

/// Red, green and blue of a row, in the window's columns, and its opacity in all columns.
type ShownRow<'a> = ([&'a [u8]; 3], Option<&'a [u8]>);

/// A lossy picture that is decoded from top to bottom.
pub(super) struct LossyPicture {
    macroblocks: MacroblockRows,
    /// None where the window shows no column of the picture.
    converter: Option<RowConverter>,
    alpha: Option<AlphaRows>,
    height: u32,
}

impl LossyPicture {
    /// Reads the headers. `area`: where the picture lies on its canvas.
    ///
    /// # Errors
    /// [`Code::DamagedSource`](crate::Code::DamagedSource), [`Code::Io`](crate::Code::Io).
    pub(super) fn open(
        source: &mut PositionedReader,
        probe: &Probe,
        area: Window,
        window: Window,
    ) -> Result<Self> {
        let (places, bytes) = (probe.webp_places(), probe.bytes());
        let place = places.picture.ok_or_else(ends_early)?;
        let size = Size::new(area.width, area.height);
        let alpha = match places.opacity.filter(|_| probe.alpha()) {
            Some(place) => Some(AlphaRows::open(source, place, bytes, size)?),
            None => None,
        };
        let columns = window.columns_of(area);
        let first = window.y.saturating_sub(area.y);
        let macroblocks = Frame { place, bytes }.open(source, size, first, columns.end as u32)?;
        let converter = (!columns.is_empty()).then(|| RowConverter::new(columns, area.width));
        Ok(Self { macroblocks, converter, alpha, height: area.height })
    }

    /// Decodes until row `y` is finished. False where the file ends before.
    pub(super) fn reach(&mut self, y: u32, source: &mut PositionedReader) -> Result<bool> {
        while self.macroblocks.finished() <= y {
            if !self.macroblocks.advance(source)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Decodes a part of what lies above row `first`; gives how many rows are left to skip.
    pub(super) fn approach(&mut self, first: u32, source: &mut PositionedReader) -> Result<u32> {
        if self.macroblocks.finished() < first && self.macroblocks.advance(source)? {
            return Ok(first.saturating_sub(self.macroblocks.finished()));
        }
        Ok(0)
    }

    /// Row `y`, which must have been reached.
    pub(super) fn row(&mut self, y: u32, source: &mut PositionedReader) -> Result<ShownRow<'_>> {
        let Some(converter) = &mut self.converter else { return Ok(([&[]; 3], None)) };
        let [luma, blue, red] = &self.macroblocks.planes;
        let (near, last) = (y / 2, (self.height - 1) / 2);
        let far = if y.is_multiple_of(2) { near.saturating_sub(1) } else { (near + 1).min(last) };
        let chroma = [blue, red].map(|plane| [near, far].map(|y| plane.row(y as usize)));
        let planes = converter.convert(luma.row(y as usize), chroma);
        let opacity = match &mut self.alpha {
            Some(alpha) => Some(alpha.read(y, source)?),
            None => None,
        };
        Ok((planes, opacity))
    }
}

fn ends_early() -> Error {
    damaged("it ends before its first row")
}

/// The chunk of a frame.
struct Frame {
    place: ChunkPlace,
    /// Bytes of the file.
    bytes: u64,
}

impl Frame {
    /// Reads the frame's header and finds its partitions.
    fn open(
        &self,
        source: &mut PositionedReader,
        size: Size,
        first: u32,
        right: u32,
    ) -> Result<MacroblockRows> {
        let mut tag = [0; TAG_BYTES];
        if self.place.length < TAG_BYTES as u64 || source.read_at(self.place.start, &mut tag)? < TAG_BYTES {
            return Err(ends_early());
        }
        let tag = FrameTag::read(tag)?;
        if tag.size != size {
            return Err(damaged("its header is ambiguous"));
        }
        let mut at = self.place.start + TAG_BYTES as u64;
        let mut modes = self.partition(&mut at, tag.first_partition.into());
        if at > self.end() || modes.is_cut() {
            return Err(ends_early());
        }
        let header = modes.read(source, HEADER_BYTES, FrameHeader::read)?;
        modes.is_certain()?;
        let mut sizes = [0; 3 * 7];
        let sizes = &mut sizes[..3 * (header.partitions - 1)];
        if at + sizes.len() as u64 > self.end() || source.read_at(at, sizes)? < sizes.len() {
            return Err(ends_early());
        }
        at += sizes.len() as u64;
        // the last one ends with the chunk
        let sizes = sizes.as_chunks::<3>().0.iter().map(|&[a, b, c]| u32::from_le_bytes([a, b, c, 0]).into());
        let partitions = sizes.chain([u64::MAX]).map(|size| self.partition(&mut at, size)).collect();
        Ok(MacroblockRows::new(header, size, modes, partitions, first, right))
    }

    /// File offset behind the chunk, as announced.
    fn end(&self) -> u64 {
        self.place.start + self.place.length
    }

    /// A partition of so many bytes from `at` on, within the chunk.
    fn partition(&self, at: &mut u64, length: u64) -> Partition {
        let start = *at;
        *at = start.saturating_add(length);
        Partition::new(start, length.min(self.end().saturating_sub(start)), self.bytes)
    }
}
