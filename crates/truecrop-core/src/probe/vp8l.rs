//! How much memory a lossless WebP's prefix codes will take (RFC 9649, section 3), found by walking through its stream up
//! to the pixels.
//!
//! A file of 700 KB can announce 65,536 groups of codes, whose tables take 5 GB in the decoder, for a picture of one
//! pixel. How many groups there are stands in a picture of its own, the entropy image, and what each takes in the
//! lengths of its codes: so both are read, and nothing of them is kept.

use super::scan::Scan;
use crate::error::{Error, Result};
use crate::geometry::Size;

/// What only WebP headers say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebpFacts {
    /// Most bytes that the decoder holds for the prefix codes of the pixels.
    pub(crate) tables: u64,
    /// The stream makes sense up to its pixels. (The probe still says what such a header says; it is not decoded.)
    pub(crate) intact: bool,
    /// How many groups of prefix codes the pixels have; 0 in lossy files.
    pub(crate) groups: u32,
}

impl WebpFacts {
    /// What is said of a lossy picture.
    pub(super) const LOSSY: Self = Self { tables: 0, intact: true, groups: 0 };

    /// Whether the pixels have one group of prefix codes only.
    pub(crate) fn one_group(&self) -> bool {
        self.intact && self.groups == 1
    }
}

/// Codes of a group: green and lengths, red, blue, alpha, distances.
const ALPHABETS: [usize; 5] = [280, 256, 256, 256, 40];

/// Symbols of the largest alphabet: green with a colour cache of 11 bits.
const MOST_SYMBOLS: usize = 280 + (1 << 11);

/// The order in which the lengths of the code of lengths are written (RFC 9649, 3.7.2.1.2).
const ORDER: [usize; 19] = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// Bytes of one allocation beside what was asked for.
const BESIDE: u64 = 16;

/// Bytes of five codes in the decoder (`HuffmanCodeGroup` of `image-webp`), three times: their vector doubles when it is
/// full, and holds both for a moment.
const GROUP: u64 = 3 * 5 * 56;

/// Most bytes of one group.
const MOST_GROUP: u64 = GROUP + 5 * (2 * BESIDE + (4 << 10)) + 2 * 16 * (MOST_SYMBOLS as u64 + 3 * 256 + 40);

/// Why the walk ended early.
enum Stop {
    /// The stream breaks the format's rules or ends.
    Broken,
    /// Reading failed.
    Failed(Error),
}

type Walk<T> = std::result::Result<T, Stop>;

/// Walks through the stream that starts at the scan's position and has `length` bytes, after the header if it has one.
///
/// Goes on until more than `enough` bytes are needed, and then takes the worst of the groups that are left.
pub(super) fn facts(scan: &mut Scan<'_>, length: u64, size: Size, enough: u64) -> Result<WebpFacts> {
    let end = scan.offset() + length;
    let facts = WebpFacts { tables: 0, intact: false, groups: 0 };
    let mut walker = Walker { bits: Bits { scan, end, acc: 0, count: 0 }, lengths: Vec::new(), facts };
    match walker.stream(size, enough) {
        Ok(()) => Ok(WebpFacts { intact: true, ..walker.facts }),
        Err(Stop::Broken) => Ok(walker.facts),
        Err(Stop::Failed(error)) => Err(error),
    }
}

/// The stream's bits, lowest first.
struct Bits<'a, 'b> {
    scan: &'a mut Scan<'b>,
    /// File offset of the stream's end.
    end: u64,
    acc: u64,
    count: u32,
}

impl Bits<'_, '_> {
    /// The next `count` bits (at most 32) as a number.
    fn read(&mut self, count: u32) -> Walk<u32> {
        while self.count < count {
            if self.scan.left() == 0 || self.scan.offset() >= self.end {
                return Err(Stop::Broken);
            }
            self.acc |= u64::from(self.scan.u8().map_err(Stop::Failed)?) << self.count;
            self.count += 8;
        }
        let value = self.acc & ((1 << count) - 1);
        self.acc >>= count;
        self.count -= count;
        Ok(value as u32)
    }

    fn flag(&mut self) -> Walk<bool> {
        Ok(self.read(1)? == 1)
    }
}

/// A prefix code in canonical order, decoded bit by bit.
struct Code {
    /// Codes of each length.
    counts: [u32; 16],
    /// By code. One symbol alone has no bits at all.
    symbols: Vec<u16>,
}

impl Code {
    /// The code of these lengths, if there is one: complete, or of one symbol.
    fn new(lengths: &[u8]) -> Walk<Self> {
        let mut counts = [0; 16];
        for &length in lengths {
            counts[usize::from(length)] += 1;
        }
        counts[0] = 0;
        let mut starts = [0; 16];
        let (mut total, mut filled) = (0, 0_u32);
        for length in 1..16 {
            starts[length] = total;
            total += counts[length] as usize;
            filled += counts[length] << (15 - length);
        }
        if total == 0 || (total > 1 && filled != 1 << 15) {
            return Err(Stop::Broken);
        }
        let mut symbols = vec![0; total];
        for (symbol, &length) in (0..).zip(lengths).filter(|(_, length)| **length > 0) {
            let start = &mut starts[usize::from(length)];
            symbols[*start] = symbol;
            *start += 1;
        }
        Ok(Self { counts, symbols })
    }

    fn single(&self) -> Option<u16> {
        if let [symbol] = self.symbols[..] { Some(symbol) } else { None }
    }

    fn symbol(&self, bits: &mut Bits<'_, '_>) -> Walk<usize> {
        if let Some(symbol) = self.single() {
            return Ok(symbol.into());
        }
        let (mut code, mut first, mut index) = (0, 0, 0);
        for &count in &self.counts[1..] {
            code |= bits.read(1)?;
            if code < first + count {
                return Ok(self.symbols[(index + code - first) as usize].into());
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        Err(Stop::Broken)
    }

    /// Bytes of the decoder's two tables: one of 2^10 entries or fewer, and a tree for the codes that are longer.
    fn bytes(&self) -> u64 {
        let longest = self.counts.iter().rposition(|&count| count > 0).unwrap_or(0);
        match self.symbols.len() {
            0 | 1 => 0,
            _ => {
                let long: u32 = self.counts[11..].iter().sum();
                // at least what the short form of two symbols takes
                2 * BESIDE + (4_u64 << longest.min(10)).max(8) + (2 * 16 * u64::from(long)).max(48)
            }
        }
    }
}

struct Walker<'a, 'b> {
    bits: Bits<'a, 'b>,
    /// Lengths of the code that is being read.
    lengths: Vec<u8>,
    facts: WebpFacts,
}

impl Walker<'_, '_> {
    fn stream(&mut self, size: Size, enough: u64) -> Walk<()> {
        let mut width = size.width;
        let mut seen = [false; 4];
        while self.bits.flag()? {
            let kind = self.bits.read(2)?;
            if std::mem::replace(&mut seen[kind as usize], true) {
                return Err(Stop::Broken);
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
        let cache = self.cache()?;
        let groups = if self.bits.flag()? { 1 + u32::from(self.blocks(width, size.height)?) } else { 1 };
        self.facts.groups = groups;
        self.facts.tables = (4 + u64::from(groups)) * GROUP;
        for read in 0..groups {
            if self.facts.tables > enough {
                self.facts.tables += u64::from(groups - read) * MOST_GROUP;
                break;
            }
            for code in self.group(cache)? {
                self.facts.tables += code.bytes();
            }
        }
        Ok(())
    }

    /// A picture that has one pixel for each block of the pixels; the size of a block stands before it.
    fn blocks(&mut self, width: u32, height: u32) -> Walk<u16> {
        let side = 4 << self.bits.read(3)?;
        self.picture(u64::from(width.div_ceil(side)) * u64::from(height.div_ceil(side)))
    }

    /// Walks through so many pixels of one group of codes. Gives the largest number that red and green make in any of
    /// them: copies and the cache repeat what was there.
    fn picture(&mut self, pixels: u64) -> Walk<u16> {
        let cache = self.cache()?;
        let [green, red, blue, alpha, distance] = self.group(cache)?;
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
                // nothing is there yet to be copied
                256..280 if left == pixels => return Err(Stop::Broken),
                length @ 256..280 => {
                    let length = self.extended(length - 256)?;
                    let code = distance.symbol(&mut self.bits)?;
                    self.extended(code)?;
                    length
                }
                _ => 1,
            };
            left = left.checked_sub(taken).ok_or(Stop::Broken)?;
        }
        Ok(most)
    }

    /// A length or a distance (RFC 9649, 3.6.2.2).
    fn extended(&mut self, code: usize) -> Walk<u64> {
        if code < 4 {
            return Ok(code as u64 + 1);
        }
        let extra = (code as u32 - 2) >> 1;
        Ok(((2 + (code as u64 & 1)) << extra) + u64::from(self.bits.read(extra)?) + 1)
    }

    /// The symbols of the colour cache.
    fn cache(&mut self) -> Walk<usize> {
        if !self.bits.flag()? {
            return Ok(0);
        }
        match self.bits.read(4)? {
            bits @ 1..=11 => Ok(1 << bits),
            _ => Err(Stop::Broken),
        }
    }

    fn group(&mut self, cache: usize) -> Walk<[Code; 5]> {
        let [green, red, blue, alpha, distance] = ALPHABETS;
        let green = self.code(green + cache)?;
        Ok([green, self.code(red)?, self.code(blue)?, self.code(alpha)?, self.code(distance)?])
    }

    fn code(&mut self, alphabet: usize) -> Walk<Code> {
        if self.bits.flag()? {
            return self.short(alphabet);
        }
        self.lengths.clear();
        self.lengths.resize(alphabet, 0);
        self.long()?;
        Code::new(&self.lengths)
    }

    /// One symbol, or two of one bit each.
    fn short(&mut self, alphabet: usize) -> Walk<Code> {
        let two = self.bits.flag()?;
        let wide = self.bits.flag()?;
        let mut symbols = vec![self.bits.read(if wide { 8 } else { 1 })? as u16];
        if two {
            symbols.push(self.bits.read(8)? as u16);
        }
        if symbols.iter().any(|&symbol| usize::from(symbol) >= alphabet) {
            return Err(Stop::Broken);
        }
        let mut counts = [0; 16];
        counts[1] = symbols.len() as u32;
        Ok(Code { counts, symbols })
    }

    fn long(&mut self) -> Walk<()> {
        let mut lengths = [0; 19];
        let count = 4 + self.bits.read(4)? as usize;
        for &at in &ORDER[..count] {
            lengths[at] = self.bits.read(3)? as u8;
        }
        let code = Code::new(&lengths)?;
        let mut left = self.lengths.len();
        if self.bits.flag()? {
            let width = 2 + 2 * self.bits.read(3)?;
            left = 2 + self.bits.read(width)? as usize;
            if left > self.lengths.len() {
                return Err(Stop::Broken);
            }
        }
        if let Some(length @ ..16) = code.single() {
            // one length for all, in no bits
            self.lengths[..left].fill(length as u8);
            return Ok(());
        }
        let (mut at, mut last) = (0, 8);
        while at < self.lengths.len() && left > 0 {
            left -= 1;
            let (value, times) = match code.symbol(&mut self.bits)? {
                length @ ..16 => (length as u8, 1),
                16 => (last, 3 + self.bits.read(2)?),
                17 => (0, 3 + self.bits.read(3)?),
                _ => (0, 11 + self.bits.read(7)?),
            };
            let end = at + times as usize;
            self.lengths.get_mut(at..end).ok_or(Stop::Broken)?.fill(value);
            if value > 0 {
                last = value;
            }
            at = end;
        }
        Ok(())
    }
}
