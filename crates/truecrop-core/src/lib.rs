//! **truecrop-core**: the crop you see is the crop that gets stored.
//!
//! Bytes in, bytes out. This crate has no clock, network, file or JavaScript type, so the very same code runs in
//! the browser's worker and on the server, and the same bytes with the same recipe give the same output bytes on
//! every target.
//!
//! The modules stand in the order of the flow:
//!
//! ```text
//! recipe ─┐
//! bytes ──┴> probe > plan > decode > color > resample > encode > receipt ══> verify
//! ```

pub mod error;
pub mod geometry;
#[cfg(feature = "formats")]
pub mod interop;
pub mod json;
pub mod limits;
pub mod recipe;
pub mod view;

pub mod color;
pub mod decode;
pub mod encode;
pub mod plan;
pub mod probe;
pub mod receipt;
pub mod resample;

pub mod pipeline;
#[cfg(feature = "formats")]
pub mod policy;
#[cfg(feature = "formats")]
pub mod verify;

#[cfg(feature = "formats")]
mod crc32;
mod simd;

#[cfg(test)]
mod test_images;

use std::io::{Read, Seek, SeekFrom};

pub use error::{Code, Error, Fault, Result};
pub use limits::Limits;
#[cfg(not(target_arch = "wasm32"))]
pub use simd::{Simd, use_simd};

/// A source's bytes, at any position: whoever reads seeks first. Every reader that can seek is one.
///
/// Two methods and no more: each reader brings all those of a trait object, and of [`Read`]'s dozen only one is used.
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

/// The engine's version, written into every receipt.
pub const ENGINE: &str = env!("CARGO_PKG_VERSION");

/// The version of the pixel contract: it changes whenever any golden changes, and only then.
pub const PIXELS: u32 = 3;
