//! Lossless WebP (RFC 9649, section 3), row by row.
//!
//! A stream may copy pixels from anywhere above, so that all of them are held as they are coded, in four bytes each (with few colours up to
//! eight share these); but nothing below the window is decoded, and the transforms are undone one row at a time.
//!
//! | file | what |
//! | --- | --- |
//! | `bits`, `codes` | the bits, and prefix codes that are looked up |
//! | `pixels` | literals, copies and the cache of colours |
//! | `transforms` | what is undone afterwards |

mod bits;
mod codes;
mod pixels;
mod transforms;

use crate::error::Result;
use crate::geometry::Size;
use crate::probe::formats::{Bits, ChunkPlace, WebpFacts};
use crate::source::PositionedReader;
use bits::{BitReader, SourcedBits};
use pixels::{GroupMap, Pixels, invalid, to_error};
use transforms::{Blocks, Transform, check_new};

/// Transforms' values of blocks of four pixels a side, twice, and the groups' map with what it is made of; by 16 pixels.
const BLOCK_BYTES: u64 = 4 + 4 + 4 + 2;

/// Palette, cache, lists, and what allocations take beside their bytes.
const OVERHEAD: u64 = 32 << 10;

/// A lossless picture's rows.
pub(super) struct LosslessRows {
    bits: BitReader,
    pixels: Pixels,
    /// In the order in which they are undone.
    transforms: Vec<Transform>,
    row: Vec<u32>,
    /// The next row.
    next: usize,
    /// The file ends before the stream does.
    cut: bool,
}

/// Most bytes that are held for a picture of this size.
pub(super) fn memory_bytes(size: Size, facts: WebpFacts) -> u64 {
    let blocks = u64::from(size.width.div_ceil(4)) * u64::from(size.height.div_ceil(4));
    let rows = 3 * 4 * u64::from(size.width);
    OVERHEAD + bits::CHUNK as u64 + 4 * size.pixels() + BLOCK_BYTES * blocks + rows + facts.tables
}

impl LosslessRows {
    /// Reads the stream up to its pixels. `place`: without the header that a picture of its own has; `bytes`: of the file.
    pub(super) fn open(
        source: &mut PositionedReader,
        place: ChunkPlace,
        bytes: u64,
        size: Size,
    ) -> Result<Self> {
        let there = place.length.min(bytes.saturating_sub(place.start));
        let mut bits = BitReader::new(place.start, there);
        let mut sourced = SourcedBits { bits: &mut bits, source };
        let mut sides = [size.width as usize, size.height as usize];
        let (mut transforms, mut seen) = (Vec::new(), [false; 4]);
        while sourced.read(1).map_err(to_error)? == 1 {
            let kind = sourced.read(2).map_err(to_error)?;
            check_new(&mut seen, kind)?;
            transforms.push(Transform::read(&mut sourced, kind, &mut sides)?);
        }
        transforms.reverse();
        let cache = pixels::read_cache(&mut sourced)?;
        let map = match sourced.read(1).map_err(to_error)? {
            0 => None,
            _ => {
                let (bits, across, values) = Blocks::read(&mut sourced, sides)?.into_parts();
                // red and green are the number
                let groups = values.into_iter().map(|value| (value >> 8) as u16).collect();
                Some(GroupMap { bits, across, groups })
            }
        };
        let pixels = Pixels::read_codes(&mut sourced, sides, cache, map)?;
        let row = Vec::with_capacity(size.width as usize);
        Ok(Self { bits, pixels, transforms, row, next: 0, cut: there < place.length })
    }

    /// Decodes one row above row `first`; gives how many are left to skip.
    pub(super) fn approach(&mut self, first: u32, source: &mut PositionedReader) -> Result<u32> {
        let next = self.next as u32;
        if next < first && self.read(next, source)?.is_some() {
            return Ok(first - next - 1);
        }
        Ok(0)
    }

    /// Row `y`: alpha, red, green and blue, from the highest byte on; `None` where the file ends before it. Rows are read from top to bottom; some may
    /// be left out.
    ///
    /// # Errors
    /// [`Code::DamagedSource`](crate::Code::DamagedSource) for invalid data, and where a stream that is whole ends too early.
    pub(super) fn read(&mut self, y: u32, source: &mut PositionedReader) -> Result<Option<&[u32]>> {
        while self.next <= y as usize {
            if !self.pixels.reach(self.next, &mut self.bits, source)? {
                return if self.cut { Ok(None) } else { Err(invalid()) };
            }
            self.row.clear();
            self.row.extend_from_slice(self.pixels.row(self.next));
            for transform in &mut self.transforms {
                transform.undo(self.next, &mut self.row);
            }
            self.next += 1;
        }
        Ok(Some(&self.row))
    }
}
