//! Reads at any offset of the file.

use super::{Reader, read_filling};
use crate::error::Result;
use std::io::SeekFrom;

/// The source with reads at given offsets, shared by everything that walks through it.
pub(crate) struct PositionedReader {
    reader: Reader,
    /// Where the reader stands, so that reads that follow each other do not seek; `None` after a failure.
    at: Option<u64>,
}

impl PositionedReader {
    pub(crate) fn new(reader: Reader) -> Self {
        Self { reader, at: None }
    }

    /// Fills `out` from file offset `at`; gives less only where the file ends.
    pub(crate) fn read_at(&mut self, at: u64, out: &mut [u8]) -> Result<usize> {
        if self.at.take() != Some(at) {
            self.reader.seek_to(SeekFrom::Start(at))?;
        }
        let got = read_filling(&mut *self.reader, out)?;
        self.at = Some(at + got as u64);
        Ok(got)
    }
}
