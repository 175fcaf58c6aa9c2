//! A small window on the file that moves forward. Several of them can go through one file side by side.

use super::PositionedReader;
use crate::error::Result;

/// A window on the file that moves forward.
pub(crate) struct ByteWindow {
    buffer: Vec<u8>,
    /// How many bytes of `buffer` are the file's.
    filled: usize,
    /// File offset of `buffer[0]`.
    start: u64,
    /// The next byte, as an index into `buffer`.
    pub(crate) pos: usize,
    /// The file ends at `filled`.
    last: bool,
    chunk: usize,
}

impl ByteWindow {
    /// A window of `chunk` bytes whose first byte is the file's byte `at`. Reads nothing yet.
    pub(crate) fn new(at: u64, chunk: usize) -> Self {
        Self { buffer: Vec::new(), filled: 0, start: at, pos: 0, last: false, chunk }
    }

    /// File offset of the next byte.
    pub(crate) fn offset(&self) -> u64 {
        self.start + self.pos as u64
    }

    /// Moves to file offset `at`; keeps the bytes where they are still of use.
    pub(crate) fn seek(&mut self, at: u64) {
        if at >= self.start && at - self.start <= self.filled as u64 {
            self.pos = (at - self.start) as usize;
            return;
        }
        (self.start, self.filled, self.pos, self.last) = (at, 0, 0, false);
    }

    /// The bytes from the start of the window to its end; the next one is at `pos`.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.buffer[..self.filled]
    }

    /// No byte follows the window.
    pub(crate) fn is_last(&self) -> bool {
        self.last
    }

    /// Makes at least `need` bytes available at `pos`, unless the file ends before. `need` is at most the chunk.
    pub(crate) fn ensure(&mut self, source: &mut PositionedReader, need: usize) -> Result<()> {
        if self.filled - self.pos >= need || self.last {
            return Ok(());
        }
        if self.buffer.is_empty() {
            self.buffer = vec![0; self.chunk.max(need)];
        }
        self.buffer.copy_within(self.pos..self.filled, 0);
        self.start += self.pos as u64;
        self.filled -= self.pos;
        self.pos = 0;
        let got = source.read_at(self.start + self.filled as u64, &mut self.buffer[self.filled..])?;
        self.filled += got;
        self.last = self.filled < self.buffer.len();
        Ok(())
    }

    /// The next byte, or `None` at the end of the file.
    pub(crate) fn byte(&mut self, source: &mut PositionedReader) -> Result<Option<u8>> {
        self.ensure(source, 1)?;
        let byte = self.bytes().get(self.pos).copied();
        self.pos += usize::from(byte.is_some());
        Ok(byte)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn seeking_gives_the_byte_there() {
        let data: Vec<u8> = (0..100).collect();
        let (mut source, mut window) =
            (PositionedReader::new(Box::new(Cursor::new(data))), ByteWindow::new(0, 16));
        for at in [3_u64, 90, 5, 17, 16, 99, 0] {
            window.seek(at);
            assert_eq!(window.byte(&mut source).unwrap(), Some(at as u8));
        }
        window.seek(100);
        assert_eq!(window.byte(&mut source).unwrap(), None);
    }
}
