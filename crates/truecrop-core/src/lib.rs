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
//! # Ok::<(), truecrop_core::Error>(())
//! ```
//!
//! Two larger programs are in `examples/`: one crops a file, the other verifies an upload.
//!
//! # Verifying
//! Whoever has the receipt and the outputs can check them without the source, and with it byte for byte: see [`mod@verify`].
//!
//! ```
//! use truecrop_core::Limits;
//! use truecrop_core::policy::Policy;
//! use truecrop_core::receipt::Receipt;
//! use truecrop_core::verify::{Level, Submission, verify};
//! # use truecrop_core::{geometry::*, pipeline::crop, recipe::*};
//! # let source = b"GIF89a\x02\0\x01\0\x80\0\0\xff\0\0\0\0\xff,\0\0\0\0\x02\0\x01\0\0\x02\x02\x44\x0a\0;";
//! # let recipe = Recipe::new(
//! #     Crop::from_pixels(1.0, 0.0, 1.0, 1.0)?,
//! #     vec![OutputSpec::new("main", Size::new(64, 64), Format::Jpeg)?],
//! # )?;
//! # let go_on = &mut |_| std::ops::ControlFlow::Continue(());
//! # let mut cropped = crop(Box::new(std::io::Cursor::new(source)), &recipe, &Limits::default(), go_on)?;
//! # let (json, file) = (cropped.receipt.to_json()?, cropped.outputs.remove(0).1);
//!
//! // `json` is the text that `cropped.receipt.to_json()` gave, `file` the bytes of the output `main`.
//! let limits = Limits::default();
//! let policy = Policy::from_json(br#"{"aspects": ["1:1"], "maxOutputSide": 1024}"#)?;
//! let receipt = Receipt::from_json(json.as_bytes(), &limits)?;
//! let submission = Submission { receipt, outputs: vec![("main".to_owned(), file)], source: None };
//! let verified = verify(submission, Level::Result, &policy, &limits)?;
//! assert_eq!(verified.outputs().len(), 1);
//! # Ok::<(), truecrop_core::Error>(())
//! ```
//!
//! # Errors
//! Whatever bytes come in, they are refused by an [`Error`], never by a panic. It has a stable [`Code`], a sentence that says
//! what to do, and mostly the field at fault and the figures. A code's [`Fault`] says who can mend it: the picked file or
//! upload, the caller, a limit, or the environment.
//!
//! ```
//! use truecrop_core::geometry::Size;
//! use truecrop_core::recipe::{Format, OutputSpec};
//! use truecrop_core::{Code, Fault};
//!
//! let error = OutputSpec::new("main", Size::new(64, 0), Format::Jpeg).unwrap_err();
//! assert_eq!((error.code(), error.field()), (Code::InvalidRecipe, Some("height")));
//! assert_eq!(error.code().fault(), Fault::Caller);
//! assert_eq!(error.to_string(), "An output needs at least one pixel. (invalid-recipe)");
//! ```
//!
//! # Features
//! - `formats` (on by default): PNG, WebP and GIF beside JPEG, JPEG's gain maps, and the modules `interop`, `policy` and `verify`.
//! - `all-formats` (on by default): TIFF, BMP, ICO, TGA, PNM and QOI too, as sources.
//! - `heic`: HEIC, as a source. Off by default: HEVC, which its pictures are coded in, is under patents in some countries.
//! - `platform`: pixels that a browser's own decoder gave, as a source.
//! - `wide`: alpha, and samples of more than 8 bits. The features of formats bring it.
//! - `image` (on by default): conversions to and from the crate `image`, and decoders for it: the module `image`.
//!
//! # Modules
//! | module | what for |
//! | --- | --- |
//! | [`error`], [`source`], [`geometry`], [`limits`] | what everything stands on; [`Limits`] has every bound |
//! | [`view`], [`recipe`], [`interop`] | what to make: from zoom and pan, directly, or from the data of other croppers |
//! | [`probe`] | what a file is, from its header |
//! | [`plan`] | what a recipe will take on that file; the refusals are here, before memory for pixels is taken |
//! | [`pipeline`] | makes it: in one go, or in steps for event loops |
//! | [`receipt`] | says what was made of what |
//! | [`policy`], [`mod@verify`] | check what others made: what an application allows, and what really holds |
//! | [`mod@image`] | beside the crate `image`: its buffers, and decoders for it |
//!
//! The modules stand in the order of the flow, each above those that use it:
//!
//! ```text
//! recipe ─┐
//! bytes ──┴> probe > plan > decode > to working > resample > finish > encode > receipt ══> verify
//! ```
//!
//! (In the source, `plan` comes after the stages that it plans, because it asks each of them how much memory it needs.)

// Where the documentation is hosted, it says which feature an item needs.
#![cfg_attr(docsrs, feature(doc_cfg))]

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
#[cfg(feature = "formats")]
mod vp8;
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

// For programs that use the crate `image`.
#[cfg(feature = "image")]
pub mod image;

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
pub const PIXELS: u32 = 7;
