//! Work on a file, advanced in slices.

use crate::error::{JsResult, throw};
use std::cell::Cell;
use std::rc::Rc;
use truecrop_core::pipeline::{self, Cropped, Render};
use truecrop_core::receipt::Digest;
use truecrop_core::{Code, Error};
use wasm_bindgen::prelude::*;

enum Work {
    Proxy(pipeline::Job),
    Render(Box<Render>, Rc<Cell<Option<Digest>>>),
}

/// Work in progress: call [`Job::advance`] until it says true, then take the result. Free it to abort.
#[wasm_bindgen]
pub struct Job {
    work: Option<Work>,
}

impl Job {
    pub(crate) fn proxy(job: pipeline::Job) -> Self {
        Self { work: Some(Work::Proxy(job)) }
    }

    pub(crate) fn render(render: Render, digest: Rc<Cell<Option<Digest>>>) -> Self {
        Self { work: Some(Work::Render(Box::new(render), digest)) }
    }
}

#[wasm_bindgen]
impl Job {
    /// Does about as much as this many rows take; true when all is done.
    ///
    /// # Errors
    /// Those of the engine's stages.
    pub fn advance(&mut self, rows: u32) -> JsResult<bool> {
        match &mut self.work {
            Some(Work::Proxy(job)) => job.advance(rows),
            Some(Work::Render(render, digest)) => {
                render.advance(rows).inspect(|_| digest.set(render.digest().or(digest.get())))
            }
            None => Err(taken()),
        }
        .map_err(throw)
    }

    /// From 0 to 1.
    pub fn progress(&self) -> f32 {
        match &self.work {
            Some(Work::Proxy(job)) => job.progress(),
            Some(Work::Render(render, _)) => render.progress(),
            None => 1.0,
        }
    }

    /// The proxy's pixels. Only once, after [`Job::advance`] has said true.
    ///
    /// # Errors
    /// When this is not a proxy's job, or the result was taken.
    #[wasm_bindgen(js_name = takeRaster)]
    pub fn take_raster(&mut self) -> JsResult<Raster> {
        match self.work.take() {
            Some(Work::Proxy(job)) => Raster::new(job),
            other => {
                self.work = other;
                Err(throw(taken()))
            }
        }
    }

    /// The outputs and their receipt. Only once, after [`Job::advance`] has said true.
    ///
    /// # Errors
    /// When this is not a render's job, is not finished, the result was taken, or the digest is still to come.
    pub fn finish(&mut self) -> JsResult<Rendered> {
        match self.work.take() {
            Some(Work::Render(mut render, digest)) => {
                if let Some(digest) = digest.get() {
                    render.set_digest(digest);
                }
                let cropped = render.finish().map_err(throw)?;
                let receipt = cropped.receipt.to_json().map_err(throw)?;
                Ok(Rendered { receipt, cropped })
            }
            other => {
                self.work = other;
                Err(throw(taken()))
            }
        }
    }
}

fn taken() -> Error {
    Error::new(Code::Internal, "This job has no such result, or it was already taken.")
}

/// Pixels for a canvas.
#[wasm_bindgen]
pub struct Raster {
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    rgba: Vec<u8>,
}

impl Raster {
    fn new(job: pipeline::Job) -> JsResult<Raster> {
        let raster = job.into_rasters().pop().ok_or_else(|| throw(taken()))?.1;
        Ok(Raster { width: raster.size.width, height: raster.size.height, rgba: raster.into_rgba() })
    }
}

#[wasm_bindgen]
impl Raster {
    /// RGBA with straight alpha, rows from top to bottom.
    pub fn take(&self) -> js_sys::Uint8ClampedArray {
        js_sys::Uint8ClampedArray::from(&self.rgba[..])
    }
}

/// A recipe's outputs.
#[wasm_bindgen]
pub struct Rendered {
    receipt: String,
    cropped: Cropped,
}

#[wasm_bindgen]
impl Rendered {
    /// The receipt: canonical JSON, to be sent as it is.
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
        self.cropped.outputs.get(index).map(|(spec, _)| spec.name.clone()).unwrap_or_default()
    }

    /// An output's media type; empty beyond the last.
    #[wasm_bindgen(js_name = type)]
    pub fn media_type(&self, index: usize) -> String {
        self.cropped.outputs.get(index).map(|(spec, _)| spec.format.mime().to_owned()).unwrap_or_default()
    }

    /// A copy of an output's bytes; empty beyond the last.
    pub fn bytes(&self, index: usize) -> js_sys::Uint8Array {
        let bytes = self.cropped.outputs.get(index).map_or(&[][..], |(_, bytes)| &bytes[..]);
        js_sys::Uint8Array::from(bytes)
    }
}
