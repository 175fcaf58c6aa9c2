//! `CropTask`: runs what a `Session` has started (a proxy, or a recipe's outputs) in slices, so that a worker can hear an
//! abort in between.

use crate::error::{JsResult, js_error};
use std::cell::Cell;
use std::rc::Rc;
use truecrop_core::pipeline::{Cropped, DecodePass, IncrementalCrop};
use truecrop_core::receipt::Digest;
use truecrop_core::{Code, Error};
use wasm_bindgen::prelude::*;

enum Running {
    Proxy(DecodePass),
    Crop(Box<IncrementalCrop>, Rc<Cell<Option<Digest>>>),
}

/// A proxy or a recipe's outputs in the making: call [`CropTask::advance`] until it returns true, then take the result.
/// Free it to abort.
#[wasm_bindgen]
pub struct CropTask {
    running: Option<Running>,
}

impl CropTask {
    pub(crate) fn proxy(pass: DecodePass) -> Self {
        Self { running: Some(Running::Proxy(pass)) }
    }

    pub(crate) fn crop(crop: IncrementalCrop, digest: Rc<Cell<Option<Digest>>>) -> Self {
        Self { running: Some(Running::Crop(Box::new(crop), digest)) }
    }
}

#[wasm_bindgen]
impl CropTask {
    /// Does about the work of this many rows; true when everything is done.
    ///
    /// # Errors
    /// Those of the engine's stages.
    pub fn advance(&mut self, rows: u32) -> JsResult<bool> {
        match &mut self.running {
            Some(Running::Proxy(pass)) => pass.advance(rows),
            Some(Running::Crop(crop, digest)) => {
                crop.advance(rows).inspect(|_| digest.set(crop.digest().or(digest.get())))
            }
            None => Err(no_result()),
        }
        .map_err(js_error)
    }

    /// The part that is done, from 0 to 1.
    pub fn progress(&self) -> f32 {
        match &self.running {
            Some(Running::Proxy(pass)) => pass.progress(),
            Some(Running::Crop(crop, _)) => crop.progress(),
            None => 1.0,
        }
    }

    /// The proxy's pixels. Call it once, after [`CropTask::advance`] has returned true.
    ///
    /// # Errors
    /// `internal` if this task makes no proxy, or its result was already taken.
    #[wasm_bindgen(js_name = takeRaster)]
    pub fn take_raster(&mut self) -> JsResult<Raster> {
        match self.running.take() {
            Some(Running::Proxy(pass)) => Raster::new(pass),
            other => {
                self.running = other;
                Err(js_error(no_result()))
            }
        }
    }

    /// The outputs and their receipt. Call it once, after [`CropTask::advance`] has returned true.
    ///
    /// # Errors
    /// `internal` if this task makes no outputs, is not finished, its result was already taken, or the source's digest
    /// is still missing.
    pub fn finish(&mut self) -> JsResult<Rendered> {
        match self.running.take() {
            Some(Running::Crop(mut crop, digest)) => {
                if let Some(digest) = digest.get() {
                    crop.provide_digest(digest);
                }
                let cropped = crop.finish().map_err(js_error)?;
                let receipt = cropped.receipt.to_json().map_err(js_error)?;
                Ok(Rendered { receipt, cropped })
            }
            other => {
                self.running = other;
                Err(js_error(no_result()))
            }
        }
    }
}

fn no_result() -> Error {
    Error::new(Code::Internal, "This task has no such result, or it was already taken.")
}

/// A picture for a canvas.
#[wasm_bindgen]
pub struct Raster {
    /// Columns.
    #[wasm_bindgen(readonly)]
    pub width: u32,
    /// Rows.
    #[wasm_bindgen(readonly)]
    pub height: u32,
    rgba: Vec<u8>,
}

impl Raster {
    fn new(pass: DecodePass) -> JsResult<Raster> {
        let raster = pass.into_rasters().pop().ok_or_else(|| js_error(no_result()))?.1;
        Ok(Raster { width: raster.size.width, height: raster.size.height, rgba: raster.into_rgba() })
    }
}

#[wasm_bindgen]
impl Raster {
    /// A copy of the pixels: RGBA with straight alpha, rows from top to bottom.
    pub fn take(&self) -> js_sys::Uint8ClampedArray {
        js_sys::Uint8ClampedArray::from(&self.rgba[..])
    }
}

/// A recipe's outputs, with their receipt.
#[wasm_bindgen]
pub struct Rendered {
    receipt: String,
    cropped: Cropped,
}

#[wasm_bindgen]
impl Rendered {
    /// The receipt as canonical JSON. Send it as it is: its digest is of these bytes.
    #[wasm_bindgen(getter)]
    pub fn receipt(&self) -> String {
        self.receipt.clone()
    }

    /// The number of outputs.
    #[wasm_bindgen(getter)]
    pub fn count(&self) -> usize {
        self.cropped.outputs.len()
    }

    /// An output's name; empty beyond the last.
    pub fn name(&self, index: usize) -> String {
        self.cropped.outputs.get(index).map(|(spec, _)| spec.name().to_owned()).unwrap_or_default()
    }

    /// An output's media type; empty beyond the last.
    #[wasm_bindgen(js_name = type)]
    pub fn media_type(&self, index: usize) -> String {
        self.cropped.outputs.get(index).map(|(spec, _)| spec.format().mime().to_owned()).unwrap_or_default()
    }

    /// A copy of an output's bytes; empty beyond the last.
    pub fn bytes(&self, index: usize) -> js_sys::Uint8Array {
        let bytes = self.cropped.outputs.get(index).map_or(&[][..], |(_, bytes)| &bytes[..]);
        js_sys::Uint8Array::from(bytes)
    }
}
