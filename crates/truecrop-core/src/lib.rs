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
mod samples;

use std::io::{Read, Seek};

pub use error::{Code, Error, Fault, Result};
pub use limits::Limits;
#[cfg(not(target_arch = "wasm32"))]
pub use simd::{Simd, use_simd};

/// A source's bytes, at any position: whoever reads seeks first.
pub trait Source: Read + Seek {}
impl<T: Read + Seek + ?Sized> Source for T {}

/// An owned [`Source`]: an open file, a `Blob`, or bytes in memory.
pub type Reader = Box<dyn Source>;

/// The engine's version, written into every receipt.
pub const ENGINE: &str = env!("CARGO_PKG_VERSION");

/// The version of the pixel contract: it changes whenever any golden changes, and only then.
pub const PIXELS: u32 = 3;
