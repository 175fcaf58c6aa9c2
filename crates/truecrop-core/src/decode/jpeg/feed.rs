//! The file in chunks: random access for whoever needs it, and one small window per scan.

use crate::Reader;
use crate::error::Result;
use std::io::{ErrorKind, SeekFrom};

/// The source, shared by everything that reads this file.
pub(in crate::decode) struct Bytes {
    reader: Reader,
    /// Where the reader stands, so that reads in order do not seek.
    at: Option<u64>,
}

impl Bytes {
    pub(in crate::decode) fn new(reader: Reader) -> Self {
        Self { reader, at: None }
    }

    /// Fills `out` from file offset `at`; gives less only where the file ends.
    pub(in crate::decode) fn read_at(&mut self, at: u64, out: &mut [u8]) -> Result<usize> {
        if self.at != Some(at) {
            self.at = None;
            self.reader.seek_to(SeekFrom::Start(at))?;
        }
        let mut got = 0;
        while got < out.len() {
            match self.reader.read_bytes(&mut out[got..]) {
                Ok(0) => break,
                Ok(n) => got += n,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    self.at = None;
                    return Err(error.into());
                }
            }
        }
        self.at = Some(at + got as u64);
        Ok(got)
    }
}

/// A window on the file that moves forward.
pub(super) struct Feed {
    buffer: Vec<u8>,
    /// How many bytes of `buffer` are the file's.
    filled: usize,
    /// File offset of `buffer[0]`.
    start: u64,
    /// The next byte, as an index into `buffer`.
    pub(super) pos: usize,
    /// The file ends at `filled`.
    last: bool,
    chunk: usize,
}

impl Feed {
    /// A window of `chunk` bytes whose first byte is the file's byte `at`. Reads nothing yet.
    pub(super) fn new(at: u64, chunk: usize) -> Self {
        Self { buffer: Vec::new(), filled: 0, start: at, pos: 0, last: false, chunk }
    }

    /// File offset of the next byte.
    pub(super) fn offset(&self) -> u64 {
        self.start + self.pos as u64
    }

    /// Moves to file offset `at`; keeps the bytes where they are still of use.
    pub(super) fn seek(&mut self, at: u64) {
        if at >= self.start && at - self.start <= self.filled as u64 {
            self.pos = (at - self.start) as usize;
            return;
        }
        (self.start, self.filled, self.pos, self.last) = (at, 0, 0, false);
    }

    /// The bytes from the start of the window to its end; the next one is at `pos`.
    pub(super) fn window(&self) -> &[u8] {
        &self.buffer[..self.filled]
    }

    /// No byte follows the window.
    pub(super) fn is_last(&self) -> bool {
        self.last
    }

    /// Makes at least `need` bytes available at `pos`, unless the file ends before. `need` is at most the chunk.
    pub(super) fn ensure(&mut self, bytes: &mut Bytes, need: usize) -> Result<()> {
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
        let got = bytes.read_at(self.start + self.filled as u64, &mut self.buffer[self.filled..])?;
        self.filled += got;
        self.last = self.filled < self.buffer.len();
        Ok(())
    }

    /// The next byte, or `None` at the end of the file.
    pub(super) fn byte(&mut self, bytes: &mut Bytes) -> Result<Option<u8>> {
        self.ensure(bytes, 1)?;
        let byte = self.window().get(self.pos).copied();
        self.pos += usize::from(byte.is_some());
        Ok(byte)
    }

    /// Moves behind the next marker and gives its code: skips whatever stands before it, fill bytes and stuffed
    /// zeros too. `None` at the end of the file.
    pub(super) fn next_marker(&mut self, bytes: &mut Bytes) -> Result<Option<u8>> {
        loop {
            self.ensure(bytes, 2)?;
            let rest = &self.window()[self.pos..];
            match find_ff(rest) {
                Some(at) if at + 1 < rest.len() => match rest[at + 1] {
                    0x00 => self.pos += at + 2,
                    0xFF => self.pos += at + 1,
                    code => {
                        self.pos += at + 2;
                        return Ok(Some(code));
                    }
                },
                // the last byte of the window: its second half comes with the next chunk
                Some(at) if !self.last => self.pos += at,
                _ => {
                    self.pos = self.filled;
                    if self.last {
                        return Ok(None);
                    }
                }
            }
        }
    }
}

/// The first 0xFF, eight bytes at a time.
fn find_ff(bytes: &[u8]) -> Option<usize> {
    let (chunks, tail) = bytes.as_chunks::<8>();
    let has = |chunk: &[u8; 8]| has_ff(u64::from_le_bytes(*chunk));
    let base = chunks.iter().position(has).map_or(chunks.len() * 8, |i| i * 8);
    let rest = if base < chunks.len() * 8 { &bytes[base..] } else { tail };
    rest.iter().position(|&b| b == 0xFF).map(|i| base + i)
}

/// Whether one of the eight bytes is 0xFF.
#[inline(always)]
pub(super) fn has_ff(word: u64) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let inverse = !word;
    inverse.wrapping_sub(ONES) & word & (ONES << 7) != 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn bytes(data: &[u8]) -> Bytes {
        Bytes::new(Box::new(Cursor::new(data.to_vec())))
    }

    #[test]
    fn every_ff_is_found() {
        for at in 0..40 {
            for fill in [0x00, 0x7F, 0x80, 0xFE] {
                let mut data = vec![fill; 40];
                assert_eq!(find_ff(&data), None);
                data[at] = 0xFF;
                assert_eq!(find_ff(&data), Some(at), "fill {fill}");
            }
        }
    }

    #[test]
    fn markers_are_found_across_chunks() {
        for chunk in 2..9 {
            let mut source = bytes(&[1, 0xFF, 0, 2, 0xFF, 0xFF, 0xFF, 0xD0, 3, 0xFF, 0xD9, 0xFF]);
            let mut feed = Feed::new(0, chunk);
            assert_eq!(feed.next_marker(&mut source).unwrap(), Some(0xD0), "chunk {chunk}");
            assert_eq!(feed.offset(), 8);
            assert_eq!(feed.next_marker(&mut source).unwrap(), Some(0xD9), "chunk {chunk}");
            assert_eq!(feed.next_marker(&mut source).unwrap(), None, "chunk {chunk}");
        }
    }

    #[test]
    fn seeking_gives_the_byte_there() {
        let data: Vec<u8> = (0..100).collect();
        let (mut source, mut feed) = (bytes(&data), Feed::new(0, 16));
        for at in [3_u64, 90, 5, 17, 16, 99, 0] {
            feed.seek(at);
            assert_eq!(feed.byte(&mut source).unwrap(), Some(at as u8));
        }
        feed.seek(100);
        assert_eq!(feed.byte(&mut source).unwrap(), None);
    }
}
