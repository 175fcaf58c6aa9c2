//! The digest over a source: in one go, or along with what others read of it.

use super::{Reader, Source, read_retrying};
use crate::digest::{Digest, Sha256};
use crate::error::Result;
use std::cell::RefCell;
use std::io::{ErrorKind, SeekFrom};
use std::rc::Rc;

/// Bytes read at a time: large enough that a `Blob`'s reads cost little, small beside the memory budget.
const CHUNK: usize = 64 << 10;

/// Bytes read at a time where a run has other things to do in between.
const STEP: usize = 8 << 10;

/// The digest and length of everything in a source, from its start, in the memory of one chunk.
///
/// # Errors
/// [`Code::Io`](crate::Code::Io) when reading fails.
pub fn digest_source(source: &mut dyn Source) -> Result<(Digest, u64)> {
    source.seek_to(SeekFrom::Start(0))?;
    let mut hasher = Sha256::default();
    let mut buffer = vec![0; CHUNK];
    let mut total = 0;
    loop {
        match read_retrying(source, &mut buffer)? {
            0 => return Ok((hasher.finish(), total)),
            n => {
                hasher.update(&buffer[..n]);
                total += n as u64;
            }
        }
    }
}

/// A source, and the digest over as much of it as was read in order from its start.
struct Digested {
    source: Reader,
    /// Where the source stands.
    at: u64,
    hasher: Sha256,
    /// The digest covers the file up to here.
    hashed: u64,
}

impl Digested {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        self.fill_gap()?;
        let count = self.source.read_bytes(out)?;
        let end = self.at + count as u64;
        if self.at <= self.hashed && self.hashed < end {
            self.hasher.update(&out[(self.hashed - self.at) as usize..count]);
            self.hashed = end;
        }
        self.at = end;
        Ok(count)
    }

    /// Reads what a decoder has stepped over, where that is little: the headers, which the probe knows already.
    fn fill_gap(&mut self) -> std::io::Result<()> {
        let target = self.at;
        if self.hashed >= target || target - self.hashed > CHUNK as u64 {
            return Ok(());
        }
        self.seek(SeekFrom::Start(self.hashed))?;
        let mut buffer = [0; STEP];
        while self.hashed < target {
            let most = STEP.min((target - self.hashed) as usize);
            let count = read_retrying(&mut *self.source, &mut buffer[..most])?;
            if count == 0 {
                // The file is shorter than the place that the decoder asks for.
                self.seek(SeekFrom::Start(target))?;
                return Ok(());
            }
            self.hasher.update(&buffer[..count]);
            self.hashed += count as u64;
            self.at = self.hashed;
        }
        Ok(())
    }

    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.at = self.source.seek_to(to)?;
        Ok(self.at)
    }
}

/// A source for a decoder, whose bytes are digested as they pass. What the decoder does not read, or reads out of order,
/// is left to [`RunningDigest::advance`].
pub(crate) struct DigestingSource(Rc<RefCell<Digested>>);

/// The digest of a [`DigestingSource`].
pub(crate) struct RunningDigest(Rc<RefCell<Digested>>);

impl DigestingSource {
    /// The source to read from, and its digest in the making.
    ///
    /// # Errors
    /// [`Code::Io`](crate::Code::Io) when the source's start cannot be reached.
    pub(crate) fn new(mut source: Reader) -> Result<(Self, RunningDigest)> {
        source.seek_to(SeekFrom::Start(0))?;
        let digested = Digested { source, at: 0, hasher: Sha256::default(), hashed: 0 };
        let shared = Rc::new(RefCell::new(digested));
        Ok((Self(Rc::clone(&shared)), RunningDigest(shared)))
    }
}

impl Source for DigestingSource {
    fn read_bytes(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().read(out)
    }

    fn seek_to(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.0.borrow_mut().seek(to)
    }
}

impl RunningDigest {
    /// Reads a few pieces of what was not yet read; true when the digest covers the whole source.
    ///
    /// # Errors
    /// [`Code::Io`](crate::Code::Io) when reading fails.
    pub(crate) fn advance(&mut self, pieces: u32) -> Result<bool> {
        let mut digested = self.0.borrow_mut();
        if digested.at != digested.hashed {
            let hashed = digested.hashed;
            digested.seek(SeekFrom::Start(hashed))?;
        }
        let mut buffer = [0; STEP];
        for _ in 0..pieces.max(1) {
            match digested.read(&mut buffer) {
                Ok(0) => return Ok(true),
                Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error.into()),
                _ => {}
            }
        }
        Ok(false)
    }

    /// Bytes that the digest covers.
    pub(crate) fn covered(&self) -> u64 {
        self.0.borrow().hashed
    }

    /// The digest of what it covers.
    pub(crate) fn finish(self) -> Digest {
        std::mem::take(&mut self.0.borrow_mut().hasher).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Seek};

    fn bytes(count: u32) -> Vec<u8> {
        (0..count).map(|i| (i * 7 / 3) as u8).collect()
    }

    #[test]
    fn a_reader_gives_the_digest_of_its_bytes() {
        let bytes = bytes(200_000);
        let mut reader = Cursor::new(bytes.clone());
        reader.seek(SeekFrom::End(0)).unwrap();
        assert_eq!(digest_source(&mut reader).unwrap(), (Digest::of(&bytes), 200_000));
    }

    #[test]
    fn however_a_decoder_reads_the_digest_is_of_the_whole_file() {
        let file = bytes(50_000);
        // (offset, bytes) of each read
        let cases: [(&str, &[(u64, usize)]); 7] = [
            ("nothing", &[]),
            ("all in order", &[(0, 20_000), (20_000, 40_000)]),
            ("the start only", &[(0, 10), (10, 5)]),
            ("the end only", &[(49_000, 2_000)]),
            ("again, and over each other", &[(0, 9_000), (100, 300), (8_000, 2_000), (10_000, 1)]),
            ("with a gap", &[(0, 100), (200, 100), (100, 150)]),
            ("behind its end", &[(60_000, 10), (0, 100)]),
        ];
        for (name, reads) in cases {
            let (mut source, mut digest) = DigestingSource::new(Box::new(Cursor::new(file.clone()))).unwrap();
            for &(at, count) in reads {
                source.seek_to(SeekFrom::Start(at)).unwrap();
                let mut out = vec![0; count];
                let got = source.read_bytes(&mut out).unwrap();
                assert!(got == 0 || out[..got] == file[at as usize..at as usize + got], "{name}");
            }
            while !digest.advance(2).unwrap() {}
            assert_eq!(digest.covered(), 50_000, "{name}");
            assert_eq!(digest.finish(), Digest::of(&file), "{name}");
        }
    }
}
