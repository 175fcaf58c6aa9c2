//! A reader whose `read` always fills the whole buffer; it is short only at the end of the file.

use super::{Reader, read_filling};
use std::io::{Read, Seek, SeekFrom};

/// Reads that give all bytes that were asked for unless the file ends, and that survive interruptions.
///
/// Not every library reads on after a short read, and some judge damaged data by how it was cut into reads.
pub(crate) struct FilledReader(Reader);

impl FilledReader {
    pub(crate) fn new(reader: Reader) -> Self {
        Self(reader)
    }
}

impl Read for FilledReader {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        read_filling(&mut *self.0, out)
    }
}

impl Seek for FilledReader {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.0.seek(to)
    }
}
