//! Bits and prefix codes of a lossless WebP (RFC 9649, 3.7.2), and how much memory a code takes in the decoder.

use crate::error::Error;
use crate::source::HeaderReader;

/// Bytes that an allocation takes beside the requested ones.
pub(super) const ALLOCATION_OVERHEAD: u64 = 16;

/// Most bits of a code that the decoder looks up at once.
pub(crate) const LOOKUP_BITS: u32 = 8;

/// Bytes that a code of more than 10 bits counts for beside its symbol. They are not held: a file with very many such codes for few pixels
/// takes long, and is refused by the same bound.
pub(super) const LONG_CODE: u64 = 32;

/// Why reading stopped early.
pub(crate) enum Stop {
    /// The stream breaks the format's rules or ends.
    Invalid,
    /// Reading failed.
    Io(Error),
}

pub(crate) type Parsed<T> = std::result::Result<T, Stop>;

/// A stream's bits, lowest first.
pub(crate) trait Bits {
    /// The next `count` bits (at most 32) as a number.
    fn read(&mut self, count: u32) -> Parsed<u32>;

    fn flag(&mut self) -> Parsed<bool> {
        Ok(self.read(1)? == 1)
    }
}

/// The stream's bits, read along with the header.
pub(super) struct BitReader<'a, 'b> {
    scan: &'a mut HeaderReader<'b>,
    /// File offset of the stream's end.
    end: u64,
    acc: u64,
    count: u32,
}

impl<'a, 'b> BitReader<'a, 'b> {
    /// The bits of the next `length` bytes.
    pub(super) fn new(scan: &'a mut HeaderReader<'b>, length: u64) -> Self {
        Self { end: scan.offset() + length, scan, acc: 0, count: 0 }
    }
}

impl Bits for BitReader<'_, '_> {
    fn read(&mut self, count: u32) -> Parsed<u32> {
        while self.count < count {
            if self.scan.left() == 0 || self.scan.offset() >= self.end {
                return Err(Stop::Invalid);
            }
            self.acc |= u64::from(self.scan.u8().map_err(Stop::Io)?) << self.count;
            self.count += 8;
        }
        let value = self.acc & ((1 << count) - 1);
        self.acc >>= count;
        self.count -= count;
        Ok(value as u32)
    }
}

/// A prefix code, decoded bit by bit in canonical order.
pub(crate) struct PrefixDecoder {
    /// The number of symbols of each length.
    counts: [u32; 16],
    /// The symbols in the order of their codes. A single symbol has a code of no bits.
    symbols: Vec<u16>,
}

impl PrefixDecoder {
    /// The code of these lengths. It must be complete, or have one symbol.
    pub(super) fn new(lengths: &[u8]) -> Parsed<Self> {
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
            return Err(Stop::Invalid);
        }
        let mut symbols = vec![0; total];
        for (symbol, &length) in (0..).zip(lengths).filter(|(_, length)| **length > 0) {
            let start = &mut starts[usize::from(length)];
            symbols[*start] = symbol;
            *start += 1;
        }
        Ok(Self { counts, symbols })
    }

    /// A simple code: one symbol, or two of one bit each, in this order.
    pub(super) fn simple(symbols: Vec<u16>) -> Self {
        let mut counts = [0; 16];
        counts[1] = symbols.len() as u32;
        Self { counts, symbols }
    }

    /// The symbol of a code that has only one.
    pub(crate) fn single(&self) -> Option<u16> {
        if let [symbol] = self.symbols[..] { Some(symbol) } else { None }
    }

    /// Reads the next symbol.
    pub(super) fn symbol(&self, bits: &mut dyn Bits) -> Parsed<usize> {
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
        Err(Stop::Invalid)
    }

    /// The number of symbols of each length.
    pub(crate) fn counts(&self) -> &[u32; 16] {
        &self.counts
    }

    /// The symbols in the order of their codes.
    pub(crate) fn symbols(&self) -> &[u16] {
        &self.symbols
    }

    /// Bits of a code that the decoder looks up at once.
    pub(crate) fn lookup_bits(&self) -> u32 {
        let longest = self.counts.iter().rposition(|&count| count > 0).unwrap_or(0) as u32;
        if self.symbols.len() > 1 { longest.min(LOOKUP_BITS) } else { 0 }
    }

    /// Bytes of its symbols and of the decoder's table for them.
    pub(super) fn bytes(&self) -> u64 {
        // a vector has room for at least four
        let symbols = 2 * self.symbols.len().max(4) as u64;
        let long: u32 = self.counts[11..].iter().sum();
        2 * ALLOCATION_OVERHEAD + symbols + (4 << self.lookup_bits()) + LONG_CODE * u64::from(long)
    }
}
