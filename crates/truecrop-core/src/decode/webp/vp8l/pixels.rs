//! The pixels of a lossless stream before its transforms are undone (RFC 9649, 5.2).

use super::bits::{BitReader, SourcedBits};
use super::codes::PrefixCode;
use crate::error::{Error, Result, damaged};
use crate::probe::formats::{self, Stop};
use crate::source::PositionedReader;

/// Where the 120 nearest pixels lie, from the nearest on (RFC 9649, 5.2.2): so far to the left, and so far up.
const NEAR: [(i8, i8); 120] = [
    (0, 1),
    (1, 0),
    (1, 1),
    (-1, 1),
    (0, 2),
    (2, 0),
    (1, 2),
    (-1, 2),
    (2, 1),
    (-2, 1),
    (2, 2),
    (-2, 2),
    (0, 3),
    (3, 0),
    (1, 3),
    (-1, 3),
    (3, 1),
    (-3, 1),
    (2, 3),
    (-2, 3),
    (3, 2),
    (-3, 2),
    (0, 4),
    (4, 0),
    (1, 4),
    (-1, 4),
    (4, 1),
    (-4, 1),
    (3, 3),
    (-3, 3),
    (2, 4),
    (-2, 4),
    (4, 2),
    (-4, 2),
    (0, 5),
    (3, 4),
    (-3, 4),
    (4, 3),
    (-4, 3),
    (5, 0),
    (1, 5),
    (-1, 5),
    (5, 1),
    (-5, 1),
    (2, 5),
    (-2, 5),
    (5, 2),
    (-5, 2),
    (4, 4),
    (-4, 4),
    (3, 5),
    (-3, 5),
    (5, 3),
    (-5, 3),
    (0, 6),
    (6, 0),
    (1, 6),
    (-1, 6),
    (6, 1),
    (-6, 1),
    (2, 6),
    (-2, 6),
    (6, 2),
    (-6, 2),
    (4, 5),
    (-4, 5),
    (5, 4),
    (-5, 4),
    (3, 6),
    (-3, 6),
    (6, 3),
    (-6, 3),
    (0, 7),
    (7, 0),
    (1, 7),
    (-1, 7),
    (5, 5),
    (-5, 5),
    (7, 1),
    (-7, 1),
    (4, 6),
    (-4, 6),
    (6, 4),
    (-6, 4),
    (2, 7),
    (-2, 7),
    (7, 2),
    (-7, 2),
    (3, 7),
    (-3, 7),
    (7, 3),
    (-7, 3),
    (5, 6),
    (-5, 6),
    (6, 5),
    (-6, 5),
    (8, 0),
    (4, 7),
    (-4, 7),
    (7, 4),
    (-7, 4),
    (8, 1),
    (8, 2),
    (6, 6),
    (-6, 6),
    (8, 3),
    (5, 7),
    (-5, 7),
    (7, 5),
    (-7, 5),
    (8, 4),
    (6, 7),
    (-6, 7),
    (7, 6),
    (-7, 6),
    (8, 5),
    (7, 7),
    (-7, 7),
    (8, 6),
    (8, 7),
];

/// Symbols of green: values, then lengths, then places in the cache.
const FIRST_LENGTH: u32 = 256;
const FIRST_CACHED: u32 = 280;

/// The error of a stream that breaks the format's rules.
pub(super) fn invalid() -> Error {
    damaged("its pixels are invalid")
}

/// Refuses what the reader of codes refuses.
pub(super) fn to_error(stop: Stop) -> Error {
    match stop {
        Stop::Invalid => invalid(),
        Stop::Io(error) => error,
    }
}

/// Codes of green and lengths, red, blue, alpha, distances.
type Group = [PrefixCode; 5];

/// Which group of codes a block of pixels has.
pub(super) struct GroupMap {
    /// A block has 2 to the power of `bits` pixels a side.
    pub(super) bits: u32,
    pub(super) across: usize,
    pub(super) groups: Vec<u16>,
}

pub(super) struct Pixels {
    width: usize,
    values: Vec<u32>,
    /// How many there are so far.
    decoded: usize,
    groups: Vec<Group>,
    map: Option<GroupMap>,
    /// The last values, by a hash of theirs.
    cache: Vec<u32>,
}

/// Reads the size of the cache of colours.
pub(super) fn read_cache(bits: &mut SourcedBits<'_>) -> Result<Vec<u32>> {
    Ok(vec![0; formats::read_cache(bits).map_err(to_error)?])
}

impl Pixels {
    /// Reads the codes of a picture of so many pixels. `map`: which group is where, and how many groups there are.
    pub(super) fn read_codes(
        bits: &mut SourcedBits<'_>,
        [width, height]: [usize; 2],
        cache: Vec<u32>,
        map: Option<GroupMap>,
    ) -> Result<Self> {
        let count =
            map.as_ref().map_or(1, |map| 1 + usize::from(map.groups.iter().copied().max().unwrap_or(0)));
        let (mut groups, mut lengths) = (Vec::with_capacity(count), Vec::new());
        for _ in 0..count {
            let group = formats::read_group(bits, &mut lengths, cache.len()).map_err(to_error)?;
            groups.push(group.map(PrefixCode::new));
        }
        Ok(Self { width, values: vec![0; width * height], decoded: 0, groups, map, cache })
    }

    /// All pixels of a small picture within the stream.
    pub(super) fn read_small(bits: &mut SourcedBits<'_>, size: [usize; 2]) -> Result<Vec<u32>> {
        let cache = read_cache(bits)?;
        let mut pixels = Self::read_codes(bits, size, cache, None)?;
        let all = pixels.values.len();
        if pixels.decode(all, bits.bits, bits.source)? { Ok(pixels.values) } else { Err(invalid()) }
    }

    /// Row `y`, which must be decoded.
    pub(super) fn row(&self, y: usize) -> &[u32] {
        self.values.get(y * self.width..(y + 1) * self.width).unwrap_or_default()
    }

    /// Decodes until row `y` is whole. False where the stream ends before.
    pub(super) fn reach(
        &mut self,
        y: usize,
        bits: &mut BitReader,
        source: &mut PositionedReader,
    ) -> Result<bool> {
        self.decode((y + 1) * self.width, bits, source)
    }

    /// Decodes at least the first `target` pixels. False where the stream ends before.
    fn decode(&mut self, target: usize, bits: &mut BitReader, source: &mut PositionedReader) -> Result<bool> {
        let mut y = self.decoded / self.width;
        let mut x = self.decoded % self.width;
        while self.decoded < target {
            bits.refill(source)?;
            let group = &self.groups[self.map.as_ref().map_or(0, |map| map.group(x, y))];
            let green = group[0].symbol(bits);
            let count = if green < FIRST_LENGTH {
                let (red, blue) = (group[1].symbol(bits), group[2].symbol(bits));
                bits.refill(source)?;
                let value = group[3].symbol(bits) << 24 | red << 16 | green << 8 | blue;
                self.values[self.decoded] = value;
                1
            } else if green < FIRST_CACHED {
                let length = extended(bits, green - FIRST_LENGTH) as usize;
                bits.refill(source)?;
                let distance = group[4].symbol(bits);
                let distance = self.distance(extended(bits, distance));
                if !bits.is_exhausted() {
                    self.copy(length, distance)?;
                }
                length
            } else {
                let at = (green - FIRST_CACHED) as usize;
                self.values[self.decoded] = *self.cache.get(at).ok_or_else(invalid)?;
                1
            };
            if bits.is_exhausted() {
                return Ok(false);
            }
            self.remember(count);
            self.decoded += count;
            x += count;
            while x >= self.width {
                (x, y) = (x - self.width, y + 1);
            }
        }
        Ok(true)
    }

    /// Puts the next `count` pixels into the cache.
    #[inline(always)]
    fn remember(&mut self, count: usize) {
        if self.cache.is_empty() {
            return;
        }
        let bits = self.cache.len().ilog2();
        for &value in &self.values[self.decoded..self.decoded + count] {
            self.cache[(0x1E35_A7BD_u32.wrapping_mul(value) >> (32 - bits)) as usize] = value;
        }
    }

    /// How far back a distance code reaches.
    fn distance(&self, code: u32) -> usize {
        match NEAR.get(code as usize - 1) {
            Some(&(left, up)) => {
                let distance = isize::from(left) + isize::from(up) * self.width as isize;
                distance.max(1) as usize
            }
            None => code as usize - NEAR.len(),
        }
    }

    /// Copies pixels from so far back; they may be among those that are copied.
    fn copy(&mut self, length: usize, distance: usize) -> Result<()> {
        if distance > self.decoded || length > self.values.len() - self.decoded {
            return Err(invalid());
        }
        let (from, to) = (self.decoded - distance, self.decoded);
        if distance >= length {
            self.values.copy_within(from..from + length, to);
        } else {
            for n in 0..length {
                self.values[to + n] = self.values[from + n];
            }
        }
        Ok(())
    }
}

impl GroupMap {
    #[inline(always)]
    fn group(&self, x: usize, y: usize) -> usize {
        self.groups[(y >> self.bits) * self.across + (x >> self.bits)].into()
    }
}

/// The value of a length or distance symbol with its extra bits (RFC 9649, 5.2.2).
#[inline(always)]
fn extended(bits: &mut BitReader, symbol: u32) -> u32 {
    if symbol < 4 {
        return symbol + 1;
    }
    let extra = (symbol - 2) >> 1;
    ((2 + (symbol & 1)) << extra) + bits.take(extra) + 1
}
