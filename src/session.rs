//! One picked file.

use crate::error::{JsResult, parse, throw, to_json};
use crate::file::File;
use crate::job::Job;
use js_sys::Uint8Array;
use std::cell::Cell;
use std::rc::Rc;
use truecrop_core::decode::Index;
use truecrop_core::encode;
use truecrop_core::pipeline::{self, Known, SourceDigest, Summary};
use truecrop_core::plan::Plan;
use truecrop_core::probe::{self, Probe};
use truecrop_core::receipt::Digest;
use truecrop_core::recipe::Recipe;
use truecrop_core::{Code, Error, Limits, Reader};
use wasm_bindgen::prelude::*;
use web_sys::Blob;

/// A probed file and what may be done with it. Free it to give its memory back.
#[wasm_bindgen]
pub struct Session {
    file: File,
    probe: Probe,
    limits: Limits,
    /// Known after the first render, or by [`Session::set_digest`]; shared with the jobs.
    digest: Rc<Cell<Option<Digest>>>,
    /// Left behind by each job, so that the next one jumps to its window.
    index: Index,
}

#[wasm_bindgen]
impl Session {
    /// Opens and probes a `Blob` or `File`. Only its headers are read now; works in a worker only.
    ///
    /// # Errors
    /// As [`probe::probe`].
    #[wasm_bindgen(js_name = fromBlob)]
    pub fn from_blob(blob: Blob, limits_json: Option<String>) -> JsResult<Session> {
        Self::open(File::of_blob(blob), limits_json)
    }

    /// Opens and probes bytes in memory, for Node and other places without `FileReaderSync`. They are read where they
    /// are, and must not change before the session is freed.
    ///
    /// # Errors
    /// As [`probe::probe`].
    #[wasm_bindgen(js_name = fromBytes)]
    pub fn from_bytes(bytes: Uint8Array, limits_json: Option<String>) -> JsResult<Session> {
        Self::open(File::of_bytes(bytes), limits_json)
    }

    fn open(file: File, limits_json: Option<String>) -> JsResult<Session> {
        let limits = match limits_json {
            Some(json) => parse(&json, Code::InvalidOption, "limits")?,
            None => Limits::default(),
        };
        let probe = probe::probe(&mut file.reader()?, &limits).map_err(throw)?;
        Ok(Session { file, probe, limits, digest: Rc::default(), index: Index::default() })
    }

    /// The file's facts as JSON: `{format, bytes, width, height, orientation, alpha, animated}`.
    ///
    /// # Errors
    /// None that are known.
    pub fn facts(&self) -> JsResult<String> {
        to_json(&Summary::from(&self.probe))
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

    /// Takes the file's whole content. Jobs that begin later read it there, instead of asking the `Blob` again and again;
    /// it stays outside wasm memory, and must not change before the session is freed.
    ///
    /// # Errors
    /// `invalid-option` for another length than the file's.
    pub fn hold(&self, bytes: Uint8Array) -> JsResult<()> {
        if u64::from(bytes.length()) != self.probe.bytes() {
            let wrong = Error::new(Code::InvalidOption, "These are not this file's bytes.");
            return Err(throw(wrong.figures(self.probe.bytes(), bytes.length())));
        }
        self.file.hold(bytes);
        Ok(())
    }

    /// Takes the file's SHA-256 (32 bytes) from who can compute it beside this thread; renders then do without.
    ///
    /// # Errors
    /// `invalid-option` for another length.
    #[wasm_bindgen(js_name = setDigest)]
    pub fn set_digest(&self, sha256: &[u8]) -> JsResult<()> {
        let wrong = || Error::new(Code::InvalidOption, "A SHA-256 has 32 bytes.").figures(32, sha256.len());
        self.digest.set(Some(Digest::from_bytes(sha256.try_into().map_err(|_| throw(wrong()))?)));
        Ok(())
    }

    /// What a recipe will take, as JSON: `{peakBytes, scale, window}`.
    ///
    /// # Errors
    /// As [`Plan::new`]: every refusal happens here.
    pub fn plan(&self, recipe_json: &str) -> JsResult<String> {
        let recipe = self.recipe(recipe_json)?;
        to_json(&self.planned(&recipe)?.summary())
    }

    /// A picture of the whole for the screen, with this longest side; never enlarged.
    ///
    /// # Errors
    /// As [`Plan::new`].
    pub fn proxy(&self, longest: u32) -> JsResult<Job> {
        let recipe = pipeline::proxy_recipe(&self.probe, longest).map_err(throw)?;
        let plan = self.planned(&recipe)?;
        let job =
            pipeline::Job::new(self.reader()?, &self.probe, &plan, &self.limits, Some(self.index.clone()))
                .map_err(throw)?;
        Ok(Job::proxy(job))
    }

    /// A recipe's outputs with their receipt. With `digestLater` the job begins before the digest is known, and
    /// [`Session::set_digest`] must be called before [`Job::finish`].
    ///
    /// # Errors
    /// As [`Recipe::from_json`] and [`Plan::new`]; `module-needed` when this module lacks an output's format.
    pub fn render(
        &self,
        recipe_json: &str,
        #[wasm_bindgen(js_name = digestLater)] digest_later: Option<bool>,
    ) -> JsResult<Job> {
        let recipe = self.recipe(recipe_json)?;
        encode::check_built(&recipe.outputs).map_err(throw)?;
        let plan = self.planned(&recipe)?;
        let (probe, limits) = (self.probe.clone(), self.limits.clone());
        let digest = match self.digest.get() {
            Some(digest) => SourceDigest::Known(digest),
            None if digest_later == Some(true) => SourceDigest::Later,
            None => SourceDigest::Computed,
        };
        let known = Known { digest, index: Some(self.index.clone()) };
        let render = pipeline::Render::new(self.reader()?, probe, recipe, plan, known, limits);
        Ok(Job::render(render, Rc::clone(&self.digest)))
    }

    fn reader(&self) -> JsResult<Reader> {
        Ok(Box::new(self.file.reader()?))
    }

    fn recipe(&self, json: &str) -> JsResult<Recipe> {
        Recipe::from_json(json.as_bytes(), &self.limits).map_err(throw)
    }

    fn planned(&self, recipe: &Recipe) -> JsResult<Plan> {
        Plan::new(&self.probe, recipe, &self.limits).map_err(throw)
    }
}
