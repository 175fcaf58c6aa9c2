//! The bits of a lossless stream, lowest first, read from the file in pieces.

use crate::error::Result;
use crate::probe::formats::{Bits, Parsed, Stop};
use crate::source::{ByteWindow, PositionedReader};

/// Bytes that are read from the file at a time.
pub(super) const CHUNK: usize = 64 << 10;

pub(super) struct BitReader {
    window: ByteWindow,
    /// File offset behind the stream.
    end: u64,
    /// The next bits, and how many of them there are.
    acc: u64,
    count: u32,
    /// How many of the last of them are zeros that the stream does not have.
    padding: u32,
}

impl BitReader {
    /// The bits of `length` bytes from `start` on.
    pub(super) fn new(start: u64, length: u64) -> Self {
        let window = ByteWindow::new(start, CHUNK.min(length as usize).max(1));
        Self { window, end: start + length, acc: 0, count: 0, padding: 0 }
    }

    /// Makes at least 56 bits available. Behind the end there are zeros.
    #[inline(always)]
    pub(super) fn refill(&mut self, source: &mut PositionedReader) -> Result<()> {
        let next = self.window.bytes().get(self.window.pos..).and_then(<[u8]>::first_chunk::<8>);
        match next {
            Some(next) if self.window.offset() + 8 <= self.end => {
                self.acc |= u64::from_le_bytes(*next) << self.count;
                let bytes = (63 - self.count) >> 3;
                self.window.pos += bytes as usize;
                self.count += 8 * bytes;
                Ok(())
            }
            _ => self.refill_slowly(source),
        }
    }

    #[cold]
    fn refill_slowly(&mut self, source: &mut PositionedReader) -> Result<()> {
        let left = self.end - self.window.offset();
        self.window.ensure(source, left.min(8) as usize)?;
        while self.count < 56 {
            let byte = match self.window.bytes().get(self.window.pos) {
                Some(&byte) if self.window.offset() < self.end => {
                    self.window.pos += 1;
                    byte
                }
                _ => {
                    self.padding += 8;
                    0
                }
            };
            // above `count` there may be bits of a byte that was not counted: they are its own
            self.acc |= u64::from(byte) << self.count;
            self.count += 8;
        }
        Ok(())
    }

    /// The bits to come; at least 56 after [`BitReader::refill`].
    #[inline(always)]
    pub(super) fn peek(&self) -> u64 {
        self.acc
    }

    #[inline(always)]
    pub(super) fn consume(&mut self, count: u32) {
        self.acc >>= count;
        self.count -= count;
    }

    /// The next `count` bits as a number.
    #[inline(always)]
    pub(super) fn take(&mut self, count: u32) -> u32 {
        let value = self.acc & ((1 << count) - 1);
        self.consume(count);
        value as u32
    }

    /// Whether bits were used up that the stream does not have.
    #[inline(always)]
    pub(super) fn is_exhausted(&self) -> bool {
        self.padding > self.count
    }
}

/// The bits, and the file that they come from.
pub(super) struct SourcedBits<'a> {
    pub(super) bits: &'a mut BitReader,
    pub(super) source: &'a mut PositionedReader,
}

impl Bits for SourcedBits<'_> {
    fn read(&mut self, count: u32) -> Parsed<u32> {
        self.bits.refill(self.source).map_err(Stop::Io)?;
        let value = self.bits.take(count);
        if self.bits.is_exhausted() { Err(Stop::Invalid) } else { Ok(value) }
    }
}
