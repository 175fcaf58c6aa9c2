//! Reads a lossless WebP stream up to its pixels, to know how much memory its prefix codes will take in the decoder
//! (RFC 9649, section 3).
//!
//! A file of 770 KB can announce 65,536 groups of codes, whose tables take 70 KB each in the decoder, for a picture of one
//! pixel. The number of groups follows from a picture of its own, the entropy image, and the memory of each group from the
//! lengths of its codes. So both are read, and none of it is kept.

use super::prefix_code::{ALLOCATION_OVERHEAD, BitReader, Bits, LONG_CODE, LOOKUP_BITS, Parsed, Stop};
use super::prefix_group::{MAX_SYMBOLS, read_cache, read_group};
use crate::error::Result;
use crate::geometry::Size;
use crate::source::HeaderReader;

/// What only WebP headers say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebpFacts {
    /// Most bytes that the decoder holds for the prefix codes of the pixels.
    pub(crate) tables: u64,
    /// Whether the stream is valid up to its pixels. A file where it is not can be probed, but is not decoded.
    pub(crate) intact: bool,
    /// The number of groups of prefix codes for the pixels; 0 in lossy files.
    pub(crate) groups: u32,
}

impl WebpFacts {
    /// The facts of every lossy picture.
    pub(super) const LOSSY: Self = Self { tables: 0, intact: true, groups: 0 };

    /// Whether the pixels have just one group of prefix codes.
    pub(crate) fn one_group(&self) -> bool {
        self.intact && self.groups == 1
    }
}

/// Bytes of the five codes of a group in the decoder, beside their symbols and tables.
const GROUP: u64 = 5 * 112;

/// Most bytes of one group.
const MAX_GROUP: u64 = GROUP
    + 5 * (2 * ALLOCATION_OVERHEAD + (4 << LOOKUP_BITS))
    + (2 + LONG_CODE) * (MAX_SYMBOLS as u64 + 3 * 256 + 40);

/// Reads the stream of `length` bytes at the scan's position, which is behind the header if the stream has one.
///
/// Stops when more than `enough` bytes are needed, and assumes the largest size for the groups that were not read.
pub(super) fn read_facts(
    scan: &mut HeaderReader<'_>,
    length: u64,
    size: Size,
    enough: u64,
) -> Result<WebpFacts> {
    let facts = WebpFacts { tables: 0, intact: false, groups: 0 };
    let mut parser = Parser { bits: BitReader::new(scan, length), lengths: Vec::new(), facts };
    match parser.stream(size, enough) {
        Ok(()) => Ok(WebpFacts { intact: true, ..parser.facts }),
        Err(Stop::Invalid) => Ok(parser.facts),
        Err(Stop::Io(error)) => Err(error),
    }
}

struct Parser<'a, 'b> {
    bits: BitReader<'a, 'b>,
    /// Lengths of the code that is being read.
    lengths: Vec<u8>,
    facts: WebpFacts,
}

impl Parser<'_, '_> {
    /// The transforms, the entropy image and the prefix codes (RFC 9649, section 4 and 3.7.2).
    fn stream(&mut self, size: Size, enough: u64) -> Parsed<()> {
        let mut width = size.width;
        let mut seen = [false; 4];
        while self.bits.flag()? {
            let kind = self.bits.read(2)?;
            if std::mem::replace(&mut seen[kind as usize], true) {
                return Err(Stop::Invalid);
            }
            match kind {
                0 | 1 => _ = self.blocks(width, size.height)?,
                2 => {}
                _ => {
                    let colors = self.bits.read(8)? + 1;
                    self.picture(colors.into())?;
                    width = width.div_ceil(match colors {
                        1..=2 => 8,
                        3..=4 => 4,
                        5..=16 => 2,
                        _ => 1,
                    });
                }
            }
        }
        let cache = read_cache(&mut self.bits)?;
        let groups = if self.bits.flag()? { 1 + u32::from(self.blocks(width, size.height)?) } else { 1 };
        self.facts.groups = groups;
        self.facts.tables = (4 + u64::from(groups)) * GROUP;
        for read in 0..groups {
            if self.facts.tables > enough {
                self.facts.tables += u64::from(groups - read) * MAX_GROUP;
                break;
            }
            for code in read_group(&mut self.bits, &mut self.lengths, cache)? {
                self.facts.tables += code.bytes();
            }
        }
        Ok(())
    }

    /// Reads a block size, and then a picture that has one pixel for each block. Returns what [`Parser::picture`] does.
    fn blocks(&mut self, width: u32, height: u32) -> Parsed<u16> {
        let side = 4 << self.bits.read(3)?;
        self.picture(u64::from(width.div_ceil(side)) * u64::from(height.div_ceil(side)))
    }

    /// Reads a picture of so many pixels with one group of codes. Returns the largest number that red and green form in
    /// any pixel (the group number in an entropy image). Copies and cached colours only repeat earlier pixels.
    fn picture(&mut self, pixels: u64) -> Parsed<u16> {
        let cache = read_cache(&mut self.bits)?;
        let [green, red, blue, alpha, distance] = read_group(&mut self.bits, &mut self.lengths, cache)?;
        if let (Some(g @ ..256), Some(r), Some(_), Some(_)) =
            (green.single(), red.single(), blue.single(), alpha.single())
        {
            return Ok(r << 8 | g);
        }
        let (mut left, mut most) = (pixels, 0);
        while left > 0 {
            let taken = match green.symbol(&mut self.bits)? {
                value @ ..256 => {
                    most = most.max((red.symbol(&mut self.bits)? << 8 | value) as u16);
                    blue.symbol(&mut self.bits)?;
                    alpha.symbol(&mut self.bits)?;
                    1
                }
                // there is nothing to copy yet
                256..280 if left == pixels => return Err(Stop::Invalid),
                length @ 256..280 => {
                    let length = self.extended(length - 256)?;
                    let code = distance.symbol(&mut self.bits)?;
                    self.extended(code)?;
                    length
                }
                _ => 1,
            };
            left = left.checked_sub(taken).ok_or(Stop::Invalid)?;
        }
        Ok(most)
    }

    /// The value of a length or distance symbol with its extra bits (RFC 9649, 3.6.2.2).
    fn extended(&mut self, code: usize) -> Parsed<u64> {
        if code < 4 {
            return Ok(code as u64 + 1);
        }
        let extra = (code as u32 - 2) >> 1;
        Ok(((2 + (code as u64 & 1)) << extra) + u64::from(self.bits.read(extra)?) + 1)
    }
}
