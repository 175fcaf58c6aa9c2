//! Reads the compressed data of the IDAT chunks as one stream. A chunk's checksum is checked when the next one begins.

use crate::crc32::Crc32;
use crate::error::Result;
use crate::source::PositionedReader;

/// Bytes behind the compressed stream, in its last chunk, that are read for the checksum.
const MOST_REST: usize = 64 << 10;

/// Why there are no more bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The file ends too early, or its pixel data does: another kind of chunk follows, or the compressed stream has ended.
    Early,
    /// The checksum of a chunk is wrong. As in browsers, what stands behind that chunk is not used.
    Checksum,
    /// The data is damaged; the text continues "The file is damaged: ...".
    Damaged(&'static str),
}

/// A position in the compressed data. A clone reads on from the same position.
#[derive(Clone)]
pub(super) struct IdatReader {
    /// The part of the file that was read last; `buffer[at..filled]` is not consumed yet.
    buffer: Vec<u8>,
    /// Bytes to read at once. In the browser each read takes a call to JavaScript, however short it is.
    read_size: usize,
    at: usize,
    filled: usize,
    /// File offset of the byte after the buffer.
    next: u64,
    /// Bytes of the current chunk that are not consumed yet.
    left: usize,
    /// Checksum of the current chunk so far; `None` before the first chunk.
    crc: Option<Crc32>,
}

impl IdatReader {
    /// `start`: file offset of the first IDAT chunk's length field. `read_size`: bytes to read at once.
    pub(super) fn new(start: u64, read_size: usize) -> Self {
        Self { buffer: Vec::new(), read_size, at: 0, filled: 0, next: start, left: 0, crc: None }
    }

    /// The next compressed bytes, at least one, or why there are none.
    pub(super) fn peek(&mut self, bytes: &mut PositionedReader) -> Result<std::result::Result<&[u8], End>> {
        while self.left == 0 {
            if let Some(end) = self.enter_chunk(bytes)? {
                return Ok(Err(end));
            }
        }
        if self.at == self.filled && !self.refill(bytes)? {
            return Ok(Err(End::Early));
        }
        let count = self.left.min(self.filled - self.at);
        Ok(Ok(&self.buffer[self.at..self.at + count]))
    }

    /// Moves on by `count` of the bytes that [`IdatReader::peek`] gave.
    pub(super) fn consume(&mut self, count: usize) {
        if let Some(crc) = &mut self.crc {
            crc.update(&self.buffer[self.at..self.at + count]);
        }
        self.at += count;
        self.left -= count;
    }

    /// Reads what is left of the chunk that is being read, and compares its checksum. A rest that is longer than any that
    /// encoders write is not read, and one that the file does not have counts as right.
    pub(super) fn rest_is_right(&mut self, bytes: &mut PositionedReader) -> Result<bool> {
        if self.left > MOST_REST {
            return Ok(true);
        }
        while self.left > 0 {
            if self.at == self.filled && !self.refill(bytes)? {
                return Ok(true);
            }
            self.consume(self.left.min(self.filled - self.at));
        }
        let Some(crc) = self.crc.take() else { return Ok(true) };
        let stored = self.four_bytes(bytes)?;
        Ok(stored.is_none_or(|stored| stored == crc.finalize().to_be_bytes()))
    }

    /// Compares the checksum of the chunk that has ended, and reads the next chunk's length and type.
    fn enter_chunk(&mut self, bytes: &mut PositionedReader) -> Result<Option<End>> {
        if let Some(crc) = self.crc.take() {
            let Some(stored) = self.four_bytes(bytes)? else { return Ok(Some(End::Early)) };
            if stored != crc.finalize().to_be_bytes() {
                return Ok(Some(End::Checksum));
            }
        }
        let (Some(length), Some(kind)) = (self.four_bytes(bytes)?, self.four_bytes(bytes)?) else {
            return Ok(Some(End::Early));
        };
        if &kind != b"IDAT" {
            return Ok(Some(End::Early));
        }
        let length = u32::from_be_bytes(length);
        if length > i32::MAX as u32 {
            return Ok(Some(End::Damaged("a chunk claims more bytes than PNG allows")));
        }
        let mut crc = Crc32::new();
        crc.update(&kind);
        (self.crc, self.left) = (Some(crc), length as usize);
        Ok(None)
    }

    /// The next four bytes, also across the end of the buffer; `None` when the file ends before them.
    fn four_bytes(&mut self, bytes: &mut PositionedReader) -> Result<Option<[u8; 4]>> {
        let mut four = [0; 4];
        for byte in &mut four {
            if self.at == self.filled && !self.refill(bytes)? {
                return Ok(None);
            }
            *byte = self.buffer[self.at];
            self.at += 1;
        }
        Ok(Some(four))
    }

    /// Reads on. False at the end of the file.
    fn refill(&mut self, bytes: &mut PositionedReader) -> Result<bool> {
        self.buffer.resize(self.read_size, 0);
        (self.at, self.filled) = (0, 0);
        self.filled = bytes.read_at(self.next, &mut self.buffer)?;
        self.next += self.filled as u64;
        Ok(self.filled > 0)
    }
}
