//! The bytes of the IDAT chunks, as if they were one piece; each chunk's check sum is checked when the next is asked for.

use crate::crc32::Crc32;
use crate::decode::jpeg::feed::Bytes;
use crate::error::Result;

/// Why no more bytes come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The file ends too early.
    Early,
    /// What is wrong.
    Damaged(&'static str),
}

/// A cursor over the compressed data; clones go on from the same place.
#[derive(Clone)]
pub(super) struct Data {
    /// What was read last: `buffer[at..filled]` is still to come.
    buffer: Vec<u8>,
    /// Bytes read at once. In the browser every read costs a call whatever its length.
    chunk: usize,
    at: usize,
    filled: usize,
    /// File offset behind the buffer.
    next: u64,
    /// Bytes of the current chunk that are still to come.
    left: usize,
    /// Of the current chunk; `None` before the first.
    check: Option<Crc32>,
}

impl Data {
    /// `start`: file offset of the first IDAT chunk, at its length. `chunk`: bytes read at once.
    pub(super) fn new(start: u64, chunk: usize) -> Self {
        Self { buffer: Vec::new(), chunk, at: 0, filled: 0, next: start, left: 0, check: None }
    }

    /// The next bytes, at least one.
    pub(super) fn peek(&mut self, bytes: &mut Bytes) -> Result<std::result::Result<&[u8], End>> {
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

    /// Moves on by what was used of [`Data::peek`]'s bytes.
    pub(super) fn consume(&mut self, count: usize) {
        if let Some(check) = &mut self.check {
            check.update(&self.buffer[self.at..self.at + count]);
        }
        self.at += count;
        self.left -= count;
    }

    /// Checks the chunk that is over, and enters the next.
    fn enter_chunk(&mut self, bytes: &mut Bytes) -> Result<Option<End>> {
        if let Some(check) = self.check.take() {
            let Some(stored) = self.word(bytes)? else { return Ok(Some(End::Early)) };
            if stored != check.finalize().to_be_bytes() {
                return Ok(Some(End::Damaged("the check sum of its pixel data is wrong")));
            }
        }
        let (Some(length), Some(kind)) = (self.word(bytes)?, self.word(bytes)?) else {
            return Ok(Some(End::Early));
        };
        if &kind != b"IDAT" {
            return Ok(Some(End::Damaged("it has fewer rows than its header says")));
        }
        let length = u32::from_be_bytes(length);
        if length > i32::MAX as u32 {
            return Ok(Some(End::Damaged("a chunk claims more bytes than PNG allows")));
        }
        let mut check = Crc32::new();
        check.update(&kind);
        (self.check, self.left) = (Some(check), length as usize);
        Ok(None)
    }

    /// Four bytes, wherever the buffer ends; `None` where the file does.
    fn word(&mut self, bytes: &mut Bytes) -> Result<Option<[u8; 4]>> {
        let mut word = [0; 4];
        for byte in &mut word {
            if self.at == self.filled && !self.refill(bytes)? {
                return Ok(None);
            }
            *byte = self.buffer[self.at];
            self.at += 1;
        }
        Ok(Some(word))
    }

    fn refill(&mut self, bytes: &mut Bytes) -> Result<bool> {
        self.buffer.resize(self.chunk, 0);
        (self.at, self.filled) = (0, 0);
        self.filled = bytes.read_at(self.next, &mut self.buffer)?;
        self.next += self.filled as u64;
        Ok(self.filled > 0)
    }
}
