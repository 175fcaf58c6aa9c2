//! Reading the source: the file as the user picked it, at any position and in any order.
//!
//! | file | reads |
//! | --- | --- |
//! | `header_reader` | forward with a small buffer and cheap skips: for the header walkers of [`crate::probe`] |
//! | `byte_window` | a small window that moves forward: several of them may walk through one file side by side |
//! | `positioned` | at any offset, without a seek where reads follow each other: for the decoders that are our own |
//! | `spliced` | a part of the file, behind bytes of our own: for decoders of pictures within files |
//! | `shared` | one source for two readers, which take turns |
//! | `filled` | whole buffers: for decoders that come from libraries |
//! | `digest` | all of it, for its digest; or along with what others read |

mod byte_window;
mod digest;
#[cfg(feature = "formats")]
mod filled;
mod header_reader;
mod positioned;
#[cfg(feature = "formats")]
mod shared;
#[cfg(feature = "formats")]
mod spliced;

pub(crate) use byte_window::ByteWindow;
pub use digest::digest_source;
pub(crate) use digest::{DigestingSource, RunningDigest};
#[cfg(feature = "formats")]
pub(crate) use filled::FilledReader;
pub(crate) use header_reader::HeaderReader;
pub(crate) use positioned::PositionedReader;
#[cfg(feature = "formats")]
pub(crate) use shared::SharedSource;
#[cfg(feature = "formats")]
pub(crate) use spliced::SplicedReader;

use std::io::{ErrorKind, Read, Seek, SeekFrom};

/// A source's bytes, at any position: seek before the first read. Everything that is [`Read`] and [`Seek`] is one.
///
/// Only two methods, because each reader brings all methods of a trait object into the wasm module, and of [`Read`]'s
/// dozen only one is used.
pub trait Source {
    /// As [`Read::read`].
    ///
    /// # Errors
    /// As there.
    fn read_bytes(&mut self, out: &mut [u8]) -> std::io::Result<usize>;

    /// As [`Seek::seek`].
    ///
    /// # Errors
    /// As there.
    fn seek_to(&mut self, to: SeekFrom) -> std::io::Result<u64>;
}

impl<T: Read + Seek> Source for T {
    fn read_bytes(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        self.read(out)
    }

    fn seek_to(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.seek(to)
    }
}

impl Read for dyn Source + '_ {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        self.read_bytes(out)
    }
}

impl Seek for dyn Source + '_ {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.seek_to(to)
    }
}

/// An owned [`Source`]: an open file, a `Blob`, or bytes in memory.
pub type Reader = Box<dyn Source>;

/// One read; interrupted ones are tried again.
pub(crate) fn read_retrying(source: &mut dyn Source, into: &mut [u8]) -> std::io::Result<usize> {
    loop {
        match source.read_bytes(into) {
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// Reads until `into` is full or the source ends; gives how many bytes were read.
pub(crate) fn read_filling(source: &mut dyn Source, into: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < into.len() {
        match read_retrying(source, &mut into[filled..])? {
            0 => break,
            count => filled += count,
        }
    }
    Ok(filled)
}
