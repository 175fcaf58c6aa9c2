//! The wasm rim of truecrop: it converts between JavaScript and `truecrop-core`, and decides nothing.
//!
//! A [`Session`] belongs to one picked file. A proxy or a recipe's outputs are made by a [`CropTask`] that is advanced in
//! slices, so that a worker can hear an abort in between. The module with all formats, which is the servers' one, also has
//! `Submission`, a picture of an upload that is checked. Everything thrown is an `Error` with the members of the core's
//! error: `code`, `fault`, `field`, `expected`, `got`.

mod error;
mod source_file;
mod task;
mod session;
#[cfg(feature = "all-formats")]
mod submission;

pub use session::Session;
#[cfg(feature = "all-formats")]
pub use submission::{Checked, Submission};
pub use task::{CropTask, Raster, Rendered};

use error::{JsResult, js_error};
use truecrop_core::geometry::Size;
#[cfg(feature = "formats")]
use truecrop_core::interop;
use truecrop_core::view;
use wasm_bindgen::prelude::*;

/// Runs once when the module starts.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
}

/// The engine's version.
#[wasm_bindgen(js_name = engineVersion)]
pub fn engine_version() -> String {
    truecrop_core::ENGINE.to_owned()
}

/// The pixel contract's version.
#[wasm_bindgen(js_name = pixelsVersion)]
pub fn pixels_version() -> u32 {
    truecrop_core::PIXELS
}

/// [`view::solve`] for a source of this oriented size; JSON in and out.
///
/// # Errors
/// As [`view::solve`].
#[wasm_bindgen(js_name = solveView)]
pub fn solve_view(
    width: u32,
    height: u32,
    view_json: &str,
    aspect_width: u32,
    aspect_height: u32,
    contain: bool,
) -> JsResult<String> {
    let bounds = if contain { view::Bounds::Contain } else { view::Bounds::Cover };
    let wanted = error::parse(view_json, truecrop_core::Code::InvalidView, "view")?;
    let aspect = view::Aspect::new(aspect_width, aspect_height).map_err(js_error)?;
    let solved = view::solve(Size::new(width, height), aspect, bounds, &wanted).map_err(js_error)?;
    error::to_json(&solved)
}

/// [`interop::from_json`]: another cropper's data as `{crop, rotate, flip}`.
///
/// # Errors
/// As [`interop::from_json`].
#[cfg(feature = "formats")]
#[wasm_bindgen(js_name = convertFrom)]
pub fn convert_from(kind: &str, data_json: &str, width: u32, height: u32) -> JsResult<String> {
    let placement = interop::from_json(kind, data_json, Size::new(width, height)).map_err(js_error)?;
    error::to_json(&placement)
}

/// [`interop::to_json`]: `{crop, rotate, flip}` as another cropper's data.
///
/// # Errors
/// As [`interop::to_json`].
#[cfg(feature = "formats")]
#[wasm_bindgen(js_name = convertTo)]
pub fn convert_to(kind: &str, placement_json: &str, width: u32, height: u32) -> JsResult<String> {
    let placement = error::parse(placement_json, truecrop_core::Code::InvalidOption, "placement")?;
    interop::to_json(kind, &placement, Size::new(width, height)).map_err(js_error)
}
