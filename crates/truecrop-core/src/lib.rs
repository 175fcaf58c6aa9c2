//! **truecrop-core**: the crop you see is the crop that gets stored.
//!
//! Bytes in, bytes out. This crate has no clock, network, file or JavaScript type, so the very same code runs in
//! the browser's worker and on the server, and the same bytes with the same recipe give the same output bytes on
//! every target.
//!
//! ```
//! use std::io::Cursor;
//! use std::ops::ControlFlow;
//! use truecrop_core::Limits;
//! use truecrop_core::geometry::{Crop, Size};
//! use truecrop_core::pipeline::crop;
//! use truecrop_core::recipe::{Format, OutputSpec, Recipe};
//!
//! // A GIF of a red and a blue pixel. Any open file will do.
//! let source = b"GIF89a\x02\0\x01\0\x80\0\0\xff\0\0\0\0\xff,\0\0\0\0\x02\0\x01\0\0\x02\x02\x44\x0a\0;";
//! let output = OutputSpec::new("main", Size::new(64, 64), Format::Jpeg)?.with_quality(90)?;
//! let recipe = Recipe::new(Crop::from_pixels(1.0, 0.0, 1.0, 1.0)?, vec![output])?;
//! let go_on = &mut |_| ControlFlow::Continue(());
//! let cropped = crop(Box::new(Cursor::new(source)), &recipe, &Limits::default(), go_on)?;
//! let (_, file) = &cropped.outputs[0];
//! assert!(file.starts_with(b"\xff\xd8\xff"));
//! // What a server needs to check it: see `verify`.
//! let receipt = cropped.receipt.to_json()?;
//! # assert!(receipt.contains("gif"));
//! # Ok::<(), truecrop_core::Error>(())
//! ```
//!
//! `examples/` crops a file, and verifies an upload. Which module is for what:
//!
//! - [`probe`] tells what a file is, [`view`] solves zoom and pan for a crop, [`recipe`] says what to make;
//! - [`plan`] says what that will take, [`pipeline`] makes it, with its [`receipt`];
//! - [`verify`] checks receipt, outputs and source, under a [`policy`] and the [`limits`];
//! - [`interop`] reads and writes the data of other croppers;
//! - every refusal is an [`Error`] with a stable [`Code`], the field at fault, and the figures.
//!
//! # Features
//! `formats` (on by default): PNG, WebP and GIF beside JPEG; and `interop`, `policy`, `verify`.
//!
//! # Modules
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
