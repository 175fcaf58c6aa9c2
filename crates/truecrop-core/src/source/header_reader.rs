//! A small buffered reader that knows where it is, for the header walkers.

#[cfg(feature = "formats")]
use super::SplicedReader;
use super::{Source, read_retrying};
use crate::error::{Result, damaged};
use std::io::SeekFrom;

/// Bytes read at once. Most headers end within it; what is skipped is never read.
const CHUNK: usize = 4 << 10;

pub(crate) struct HeaderReader<'a> {
    source: &'a mut dyn Source,
    length: u64,
    /// File offset of `buffer[0]`.
    start: u64,
    buffer: Vec<u8>,
    /// Index into `buffer`, at most its length.
    at: usize,
}

impl<'a> HeaderReader<'a> {
    pub(crate) fn new(source: &'a mut dyn Source, length: u64) -> Result<Self> {
        source.seek_to(SeekFrom::Start(0))?;
        Ok(Self { source, length, start: 0, buffer: Vec::with_capacity(CHUNK), at: 0 })
    }

    /// The offset of the next byte.
    pub(crate) fn offset(&self) -> u64 {
        self.start + self.at as u64
    }

    /// Bytes from here to the end of the file.
    pub(crate) fn left(&self) -> u64 {
        self.length.saturating_sub(self.offset())
    }

    /// Up to `count` (at most [`CHUNK`]) bytes without moving on; fewer at the end of the file.
    pub(crate) fn peek(&mut self, count: usize) -> Result<&[u8]> {
        if self.buffer.len() - self.at < count {
            self.refill(count)?;
        }
        let end = self.buffer.len().min(self.at + count);
        Ok(&self.buffer[self.at..end])
    }

    /// Keeps what is left and reads on until there are `count` bytes or the file ends.
    fn refill(&mut self, count: usize) -> Result<()> {
        self.buffer.drain(..self.at);
        self.start += self.at as u64;
        self.at = 0;
        while self.buffer.len() < count {
            let filled = self.buffer.len();
            self.buffer.resize(CHUNK, 0);
            let read = read_retrying(self.source, &mut self.buffer[filled..]);
            self.buffer.truncate(filled + *read.as_ref().unwrap_or(&0));
            if read? == 0 {
                break;
            }
        }
        Ok(())
    }

    /// The next bytes; the file must have them.
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        const { assert!(N <= CHUNK) };
        let bytes = self.peek(N)?;
        let array: [u8; N] = bytes.try_into().map_err(|_| damaged("it ends in its header"))?;
        self.at += N;
        Ok(array)
    }

    pub(crate) fn u8(&mut self) -> Result<u8> {
        Ok(self.array::<1>()?[0])
    }

    pub(crate) fn be16(&mut self) -> Result<u16> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    /// The next `count` bytes as a vector. The caller has bounded `count`; what the file does not have is not reserved.
    pub(crate) fn take(&mut self, count: usize) -> Result<Vec<u8>> {
        if count as u64 > self.left() {
            return Err(damaged("it ends in its header"));
        }
        let mut bytes = Vec::with_capacity(count);
        while bytes.len() < count {
            let part = self.peek((count - bytes.len()).min(CHUNK))?;
            if part.is_empty() {
                return Err(damaged("it ends in its header"));
            }
            let taken = part.len();
            bytes.extend_from_slice(part);
            self.at += taken;
        }
        Ok(bytes)
    }

    /// Moves on without reading; going past the end is found by the next read.
    pub(crate) fn skip(&mut self, count: u64) -> Result<()> {
        let target = self.offset().saturating_add(count);
        let within = target.saturating_sub(self.start);
        if within <= self.buffer.len() as u64 {
            self.at = within as usize;
        } else {
            self.start = self.source.seek_to(SeekFrom::Start(target))?;
            self.buffer.clear();
            self.at = 0;
        }
        Ok(())
    }
}

/// What only other formats than JPEG have in their headers.
#[cfg(any(feature = "formats", feature = "heic"))]
impl HeaderReader<'_> {
    pub(crate) fn be32(&mut self) -> Result<u32> {
        Ok(u32::from_be_bytes(self.array()?))
    }
}

/// What only the web's formats and the rare ones have.
#[cfg(feature = "formats")]
impl HeaderReader<'_> {
    pub(crate) fn le16(&mut self) -> Result<u16> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    pub(crate) fn le24(&mut self) -> Result<u32> {
        let [a, b, c] = self.array()?;
        Ok(u32::from_le_bytes([a, b, c, 0]))
    }

    pub(crate) fn le32(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(self.array()?))
    }
}

/// What only rare formats and HEIC need: steps back.
#[cfg(any(feature = "all-formats", feature = "heic"))]
impl HeaderReader<'_> {
    /// Moves to an offset of the file, also backwards.
    pub(crate) fn move_to(&mut self, offset: u64) -> Result<()> {
        match offset.checked_sub(self.start) {
            Some(within) if within <= self.buffer.len() as u64 => self.at = within as usize,
            _ => {
                self.start = self.source.seek_to(SeekFrom::Start(offset))?;
                self.buffer.clear();
                self.at = 0;
            }
        }
        Ok(())
    }
}

/// What HEIC and gain maps need: to count from the file's end.
#[cfg(any(feature = "formats", feature = "heic"))]
impl HeaderReader<'_> {
    /// The length of the file.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }
}

/// What rare formats and gain maps need: a part of the file as a file of its own.
#[cfg(feature = "formats")]
impl HeaderReader<'_> {
    /// `length` bytes of the file from `start` on.
    pub(crate) fn part(&mut self, start: u64, length: u64) -> SplicedReader<&mut dyn Source> {
        SplicedReader::new(Vec::new(), &mut *self.source, start, length)
    }
}
