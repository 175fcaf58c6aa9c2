//! A part of a file as a file of its own, with bytes of our own before it.

use std::io::{Read, Seek, SeekFrom};

/// `head`, and after it a part of a file.
///
/// Decoders of libraries read whole files: a picture within a file gets the header that they look for.
pub(crate) struct SplicedReader<R> {
    head: Vec<u8>,
    inner: R,
    /// The part's offset in `inner`, and its length.
    start: u64,
    length: u64,
    /// Where the reader stands, counted from the first byte of `head`.
    at: u64,
    /// Whether `inner` stands where this reader does.
    placed: bool,
}

impl<R: Read + Seek> SplicedReader<R> {
    pub(crate) fn new(head: Vec<u8>, inner: R, start: u64, length: u64) -> Self {
        Self { head, inner, start, length, at: 0, placed: false }
    }
}

impl<R: Read + Seek> Read for SplicedReader<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let left_of_head =
            usize::try_from(self.at).ok().and_then(|at| self.head.get(at..)).unwrap_or_default();
        let count = if left_of_head.is_empty() {
            let within = self.at - self.head.len() as u64;
            let most = self.length.saturating_sub(within).min(out.len() as u64) as usize;
            if !self.placed {
                self.inner.seek(SeekFrom::Start(self.start.saturating_add(within)))?;
                self.placed = true;
            }
            self.inner.read(&mut out[..most])?
        } else {
            let count = left_of_head.len().min(out.len());
            out[..count].copy_from_slice(&left_of_head[..count]);
            count
        };
        self.at += count as u64;
        Ok(count)
    }
}

impl<R: Read + Seek> Seek for SplicedReader<R> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        let target = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(by) => (self.head.len() as u64 + self.length).checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = target.ok_or(std::io::ErrorKind::InvalidInput)?;
        self.placed = false;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn head_and_part_read_as_one_file() {
        let file: Vec<u8> = (0..100).collect();
        let whole: Vec<u8> = [200, 201, 202].into_iter().chain(40..60).collect();
        let mut reader = SplicedReader::new(vec![200, 201, 202], Cursor::new(&file), 40, 20);
        let mut all = Vec::new();
        reader.read_to_end(&mut all).unwrap();
        assert_eq!(all, whole);
        for (to, from) in [(SeekFrom::Start(2), 2), (SeekFrom::End(-5), 18), (SeekFrom::Start(30), 23)] {
            reader.seek(to).unwrap();
            let mut rest = Vec::new();
            reader.read_to_end(&mut rest).unwrap();
            assert_eq!(rest, whole[from..], "{to:?}");
        }
    }
}
