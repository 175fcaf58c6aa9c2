//! A file put together from bytes in memory, a part of the source, and bytes behind it: so the library that decodes WebP
//! is given the picture of a cut file as a file of its own.

use crate::source::{Source, read_filling};
use std::io::{Read, Result, Seek, SeekFrom};

pub(super) struct Spliced<'a> {
    /// The first bytes.
    pub(super) head: &'a [u8],
    pub(super) source: &'a mut dyn Source,
    /// The part of the source that follows them: offset and length, all of it there.
    pub(super) part: (u64, u64),
    /// Behind that one byte comes without end, if any.
    pub(super) endless: Option<fn(u64) -> u8>,
    /// The next byte's offset.
    pub(super) at: u64,
}

impl Read for Spliced<'_> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        let head = self.head.len() as u64;
        let (start, length) = self.part;
        let count = if self.at < head {
            let rest = &self.head[self.at as usize..];
            let count = rest.len().min(out.len());
            out[..count].copy_from_slice(&rest[..count]);
            count
        } else if self.at < head + length {
            let within = self.at - head;
            let count = (out.len() as u64).min(length - within) as usize;
            self.source.seek_to(SeekFrom::Start(start + within))?;
            read_filling(self.source, &mut out[..count])?
        } else if let Some(byte) = self.endless {
            let at = self.at - head - length;
            out.iter_mut().zip(at..).for_each(|(out, at)| *out = byte(at));
            out.len()
        } else {
            0
        };
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Spliced<'_> {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::Current(by) => self.at.saturating_add_signed(by),
            // an end that nobody asks for
            SeekFrom::End(by) => (self.head.len() as u64 + self.part.1).saturating_add_signed(by),
        };
        Ok(self.at)
    }
}

/// The source with one byte changed.
pub(super) struct OneByteChanged<S> {
    pub(super) source: S,
    /// Its offset, and the bits that are set in it.
    pub(super) change: Option<(u64, u8)>,
    pub(super) at: u64,
}

impl<S: Read> Read for OneByteChanged<S> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        let count = self.source.read(out)?;
        if let Some((offset, bits)) = self.change
            && let Some(byte) = offset.checked_sub(self.at).and_then(|i| out[..count].get_mut(i as usize))
        {
            *byte |= bits;
        }
        self.at += count as u64;
        Ok(count)
    }
}

impl<S: Seek> Seek for OneByteChanged<S> {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        self.at = self.source.seek(to)?;
        Ok(self.at)
    }
}
