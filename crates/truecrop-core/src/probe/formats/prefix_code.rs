//! Bits and prefix codes of a lossless WebP (RFC 9649, 3.7.2), and what the decoder's tables for them take.

use crate::error::Error;
use crate::probe::scan::Scan;

/// Bytes of one allocation beside what was asked for.
pub(super) const BESIDE: u64 = 16;

/// Why the walk ended early.
pub(super) enum Stop {
    /// The stream breaks the format's rules or ends.
    Broken,
    /// Reading failed.
    Failed(Error),
}

pub(super) type Walk<T> = std::result::Result<T, Stop>;

/// The stream's bits, lowest first.
pub(super) struct Bits<'a, 'b> {
    scan: &'a mut Scan<'b>,
    /// File offset of the stream's end.
    end: u64,
    acc: u64,
    count: u32,
}

impl<'a, 'b> Bits<'a, 'b> {
    /// The bits from the scan's position on, `length` bytes of them.
    pub(super) fn new(scan: &'a mut Scan<'b>, length: u64) -> Self {
        Self { end: scan.offset() + length, scan, acc: 0, count: 0 }
    }

    /// The next `count` bits (at most 32) as a number.
    pub(super) fn read(&mut self, count: u32) -> Walk<u32> {
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

    pub(super) fn flag(&mut self) -> Walk<bool> {
        Ok(self.read(1)? == 1)
    }
}

/// A prefix code in canonical order, decoded bit by bit.
pub(super) struct Code {
    /// Codes of each length.
    counts: [u32; 16],
    /// By code. One symbol alone has no bits at all.
    symbols: Vec<u16>,
}

impl Code {
    /// The code of these lengths, if there is one: complete, or of one symbol.
    pub(super) fn new(lengths: &[u8]) -> Walk<Self> {
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

    /// One symbol alone, or two of one bit each, in this order.
    pub(super) fn short(symbols: Vec<u16>) -> Self {
        let mut counts = [0; 16];
        counts[1] = symbols.len() as u32;
        Self { counts, symbols }
    }

    /// The one symbol of a code that has no other.
    pub(super) fn single(&self) -> Option<u16> {
        if let [symbol] = self.symbols[..] { Some(symbol) } else { None }
    }

    /// The next symbol.
    pub(super) fn symbol(&self, bits: &mut Bits<'_, '_>) -> Walk<usize> {
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
    pub(super) fn bytes(&self) -> u64 {
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
