//! **truecrop-core**: the crop you see is the crop that gets stored.
//!
//! Bytes in, bytes out. This crate has no clock, network, file or JavaScript type, so the very same code runs in
//! the browser's worker and on the server, and the same bytes with the same recipe give the same output bytes on
//! every target.
//!
//! The modules stand in the order of the flow, each above those that use it:
//!
//! ```text
//! recipe ─┐
//! bytes ──┴> probe > plan > decode > to working > resample > finish > encode > receipt ══> verify
//! ```
//!
//! (`plan` stands behind the stages that it plans: it asks each what it will take.)

// What everything stands on.
#[doc(hidden)]
pub mod json;
pub mod error;
mod digest;
pub mod source;
pub mod geometry;
pub mod limits;

// What to make.
pub mod view;
pub mod recipe;
#[cfg(feature = "formats")]
pub mod interop;

// The stages, from bytes to a receipt.
#[cfg(feature = "formats")]
mod crc32;
mod simd;
mod zigzag;
#[doc(hidden)]
pub mod pixel;
pub mod probe;
#[doc(hidden)]
pub mod decode;
mod color;
mod resample;
#[doc(hidden)]
pub mod encode;
pub mod receipt;
pub mod plan;

// All of them, and what others made.
pub mod pipeline;
#[cfg(feature = "formats")]
pub mod policy;
#[cfg(feature = "formats")]
pub mod verify;

#[cfg(test)]
mod test_images;

pub use error::{Code, Error, Fault, Result};
pub use limits::Limits;
#[cfg(not(target_arch = "wasm32"))]
pub use simd::{Simd, use_simd};
pub use source::{Reader, Source};

/// The engine's version, written into every receipt.
pub const ENGINE: &str = env!("CARGO_PKG_VERSION");

/// The version of the pixel contract: it changes whenever any golden changes, and only then.
pub const PIXELS: u32 = 4;
