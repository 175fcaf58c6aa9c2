//! `Session`: one picked file as JavaScript sees it. Its facts, the solver for its views, what a recipe will take, and the
//! methods that start a `CropTask`.

use crate::error::{JsResult, js_error, parse, to_json};
use crate::source_file::SourceFile;
use crate::task::CropTask;
use js_sys::Uint8Array;
use std::cell::Cell;
use std::rc::Rc;
use truecrop_core::decode::Index;
use truecrop_core::pipeline::{self, DecodePass, DigestSource, IncrementalCrop, SourceCache};
use truecrop_core::plan::Plan;
use truecrop_core::probe::{self, Probe};
use truecrop_core::receipt::{Digest, ProbeSummary};
use truecrop_core::recipe::Recipe;
use truecrop_core::{Code, Error, Limits, Reader};
#[cfg(feature = "platform")]
use truecrop_core::{geometry::Size, source::digest_source};
use wasm_bindgen::prelude::*;
use web_sys::Blob;

fn parse_limits(json: Option<String>) -> JsResult<Limits> {
    match json {
        Some(json) => parse(&json, Code::InvalidOption, "limits"),
        None => Ok(Limits::default()),
    }
}

/// A probed file, and what can be made of it. Free it to release its memory.
#[wasm_bindgen]
pub struct Session {
    file: SourceFile,
    /// Where the browser decoded the file: its pixels.
    #[cfg(feature = "platform")]
    pixels: Option<SourceFile>,
    probe: Probe,
    limits: Limits,
    /// Known after the first render, or by [`Session::set_digest`]; shared with the tasks.
    digest: Rc<Cell<Option<Digest>>>,
    /// Filled by each task, so that the next one can jump to its window.
    index: Index,
}

#[wasm_bindgen]
impl Session {
    /// Opens and probes a `Blob` or `File`, in a worker. Only its headers are read now.
    ///
    /// # Errors
    /// As [`probe::probe`].
    #[wasm_bindgen(js_name = fromBlob)]
    pub fn from_blob(blob: Blob, limits_json: Option<String>) -> JsResult<Session> {
        Self::open(SourceFile::from_blob(blob), limits_json)
    }

    /// Opens and probes bytes in memory, for Node and other places without `FileReaderSync`. They are not copied, and must
    /// not change before the session is freed.
    ///
    /// # Errors
    /// As [`probe::probe`].
    #[wasm_bindgen(js_name = fromBytes)]
    pub fn from_bytes(bytes: Uint8Array, limits_json: Option<String>) -> JsResult<Session> {
        Self::open(SourceFile::from_bytes(bytes), limits_json)
    }

    fn open(file: SourceFile, limits_json: Option<String>) -> JsResult<Session> {
        let limits = parse_limits(limits_json)?;
        let probe = probe::probe(&mut file.reader()?, &limits).map_err(js_error)?;
        Ok(Session {
            file,
            #[cfg(feature = "platform")]
            pixels: None,
            probe,
            limits,
            digest: Rc::default(),
            index: Index::default(),
        })
    }

    /// The file's facts as JSON: `{format, bytes, width, height, orientation, alpha, animated, ignored}`.
    ///
    /// # Errors
    /// None is known.
    pub fn facts(&self) -> JsResult<String> {
        to_json(&ProbeSummary::from(&self.probe))
    }

    /// [`crate::solve_view`] for this file.
    ///
    /// # Errors
    /// As there.
    pub fn solve(
        &self,
        view_json: &str,
        aspect_width: u32,
        aspect_height: u32,
        contain: bool,
    ) -> JsResult<String> {
        let size = self.probe.oriented();
        crate::solve_view(size.width, size.height, view_json, aspect_width, aspect_height, contain)
    }

    /// Gives the session the file's whole content: tasks that begin later read it there instead of asking the `Blob` for
    /// each part. It stays outside wasm memory, and must not change before the session is freed.
    ///
    /// # Errors
    /// `invalid-option` if its length is not the file's.
    pub fn preload(&self, bytes: Uint8Array) -> JsResult<()> {
        if u64::from(bytes.length()) != self.probe.bytes() {
            let wrong = Error::new(Code::InvalidOption, "These are not this file's bytes.");
            return Err(js_error(wrong.figures(self.probe.bytes(), bytes.length())));
        }
        self.file.preload(bytes);
        Ok(())
    }

    /// Gives the session the file's SHA-256, for pages that compute it on another thread: renders then do not digest the
    /// file.
    ///
    /// # Errors
    /// `invalid-option` if these are not 32 bytes.
    #[wasm_bindgen(js_name = setDigest)]
    pub fn set_digest(&self, sha256: &[u8]) -> JsResult<()> {
        let wrong = || Error::new(Code::InvalidOption, "A SHA-256 has 32 bytes.").figures(32, sha256.len());
        self.digest.set(Some(Digest::from_bytes(sha256.try_into().map_err(|_| js_error(wrong()))?)));
        Ok(())
    }

    /// What a recipe will need, as JSON: `{peakBytes, scale, window}`.
    ///
    /// # Errors
    /// As [`Recipe::from_json`] and [`Plan::new`], where every refusal happens.
    pub fn plan(&self, recipe_json: &str) -> JsResult<String> {
        let recipe = self.recipe(recipe_json)?;
        to_json(&self.planned(&recipe)?.summary())
    }

    /// The whole picture for the screen, with this longest side; never enlarged. With 0 it is the small picture that a HEIC has itself.
    ///
    /// # Errors
    /// As [`Plan::new`]; `invalid-recipe` for 0 where there is none.
    pub fn proxy(&self, longest: u32) -> JsResult<CropTask> {
        let (probe, longest) = pipeline::proxy_source(&self.probe, longest).map_err(js_error)?;
        let recipe = pipeline::proxy_recipe(probe, longest).map_err(js_error)?;
        let plan = Plan::new(probe, &recipe, &self.limits).map_err(js_error)?;
        let index = Some(self.index.clone());
        let pass = DecodePass::new(self.reader()?, probe, &plan, &self.limits, index);
        Ok(CropTask::proxy(pass.map_err(js_error)?))
    }

    /// A recipe's outputs with their receipt. With `digestLater` the task begins before the source's digest is known, and
    /// [`Session::set_digest`] must be called before [`CropTask::finish`].
    ///
    /// # Errors
    /// As [`Recipe::from_json`] and [`Plan::new`]; `module-needed` when this module lacks an output's format.
    pub fn render(
        &self,
        recipe_json: &str,
        #[wasm_bindgen(js_name = digestLater)] digest_later: Option<bool>,
    ) -> JsResult<CropTask> {
        let recipe = self.recipe(recipe_json)?;
        let plan = self.planned(&recipe)?;
        let (probe, limits) = (self.probe.clone(), self.limits.clone());
        let digest = match self.digest.get() {
            Some(digest) => DigestSource::Provided(digest),
            // what is decoded are its pixels: the file is read for this alone
            #[cfg(feature = "platform")]
            None if self.pixels.is_some() && digest_later != Some(true) => {
                let (digest, _) = digest_source(&mut self.file.reader()?).map_err(js_error)?;
                DigestSource::Provided(digest)
            }
            None if digest_later == Some(true) => DigestSource::Deferred,
            None => DigestSource::Compute,
        };
        let cache = SourceCache { digest, index: Some(self.index.clone()) };
        let crop = IncrementalCrop::new(self.reader()?, probe, plan, cache, limits).map_err(js_error)?;
        Ok(CropTask::crop(crop, Rc::clone(&self.digest)))
    }

    /// Of what is decoded.
    fn reader(&self) -> JsResult<Reader> {
        #[cfg(feature = "platform")]
        if let Some(pixels) = &self.pixels {
            return Ok(Box::new(pixels.reader()?));
        }
        Ok(Box::new(self.file.reader()?))
    }

    fn recipe(&self, json: &str) -> JsResult<Recipe> {
        Recipe::from_json(json.as_bytes(), &self.limits).map_err(js_error)
    }

    fn planned(&self, recipe: &Recipe) -> JsResult<Plan> {
        Plan::new(&self.probe, recipe, &self.limits).map_err(js_error)
    }
}

#[cfg(feature = "platform")]
#[wasm_bindgen]
impl Session {
    /// Opens what the browser's own decoder gave of a `Blob` or `File`, in a worker. `pixels`: RGBA with straight alpha, 8 bits, upright, in
    /// sRGB, rows from top to bottom; read as they are needed. `format` is one of [`probe::PLATFORM_FORMATS`]. The receipt says that these
    /// outputs cannot be made again.
    ///
    /// # Errors
    /// As [`Probe::of_platform`]; `invalid-option` where there are not as many pixels.
    #[wasm_bindgen(js_name = fromPixels)]
    pub fn from_pixels(
        blob: Blob,
        pixels: Blob,
        format: &str,
        width: u32,
        height: u32,
        alpha: bool,
        limits_json: Option<String>,
    ) -> JsResult<Session> {
        let limits = parse_limits(limits_json)?;
        let (size, bytes) = (Size::new(width, height), blob.size() as u64);
        let probe = Probe::of_platform(format, bytes, size, alpha, &limits).map_err(js_error)?;
        if pixels.size() as u64 != 4 * size.pixels() {
            let wrong = Error::new(Code::InvalidOption, "These are not this picture's pixels.").at("pixels");
            return Err(js_error(wrong.figures(4 * size.pixels(), pixels.size() as u64)));
        }
        let (file, pixels) = (SourceFile::from_blob(blob), Some(SourceFile::from_blob(pixels)));
        Ok(Session { file, pixels, probe, limits, digest: Rc::default(), index: Index::default() })
    }
}
