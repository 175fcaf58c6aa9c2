//! `Submission`: one picture of an upload, as a back end in JavaScript checks it: by the functions that the native server
//! calls, in the same order, with the same refusals.

use crate::error::{JsResult, js_error, parse, to_json};
use crate::source_file::SourceFile;
use js_sys::Uint8Array;
use truecrop_core::policy::Policy;
use truecrop_core::receipt::Receipt;
use truecrop_core::recipe::Recipe;
use truecrop_core::verify::{self, Level, SourceHeaders, SubmittedSource, Verified};
use truecrop_core::{Code, Error, Limits, Reader};
use wasm_bindgen::prelude::*;

/// What a client says that a picture is.
enum Claim {
    /// Its outputs were made by the client.
    Receipt(Receipt),
    /// Its outputs are to be made here.
    Recipe(Recipe),
}

/// A picture that was sent, before it is checked. [`Submission::verify`] uses it up.
#[wasm_bindgen]
pub struct Submission {
    claim: Claim,
    limits: Limits,
    outputs: Vec<(String, Vec<u8>)>,
    source: Option<SourceFile>,
}

#[wasm_bindgen]
impl Submission {
    /// Reads a receipt: its shape alone, as text of UTF-8.
    ///
    /// # Errors
    /// As [`Receipt::from_json`].
    #[wasm_bindgen(js_name = ofReceipt)]
    pub fn of_receipt(json: &[u8], limits_json: Option<String>) -> JsResult<Submission> {
        let limits = limits(limits_json)?;
        let receipt = Receipt::from_json(json, &limits).map_err(js_error)?;
        Ok(Self { claim: Claim::Receipt(receipt), limits, outputs: Vec::new(), source: None })
    }

    /// Reads a recipe, for a client that cannot make pixels.
    ///
    /// # Errors
    /// As [`Recipe::from_json`].
    #[wasm_bindgen(js_name = ofRecipe)]
    pub fn of_recipe(json: &[u8], limits_json: Option<String>) -> JsResult<Submission> {
        let limits = limits(limits_json)?;
        let recipe = Recipe::from_json(json, &limits).map_err(js_error)?;
        Ok(Self { claim: Claim::Recipe(recipe), limits, outputs: Vec::new(), source: None })
    }

    /// The names of the outputs that the client sends, as JSON; none for a recipe.
    ///
    /// # Errors
    /// None is known.
    pub fn names(&self) -> JsResult<String> {
        let names: Vec<&str> = match &self.claim {
            Claim::Receipt(receipt) => receipt.outputs().iter().map(|output| output.name()).collect(),
            Claim::Recipe(_) => Vec::new(),
        };
        to_json(&names)
    }

    /// Adds the bytes of an output, by its name in the receipt.
    #[wasm_bindgen(js_name = addOutput)]
    pub fn add_output(&mut self, name: String, bytes: Vec<u8>) {
        self.outputs.push((name, bytes));
    }

    /// Adds the source. Its bytes are not copied, and must not change before [`Submission::verify`] has ended.
    #[wasm_bindgen(js_name = setSource)]
    pub fn set_source(&mut self, bytes: Uint8Array) {
        self.source = Some(SourceFile::from_bytes(bytes));
    }

    /// Checks the picture, or makes it of its recipe.
    ///
    /// # Errors
    /// As [`verify::verify`] and [`verify::make`]; `invalid-option` for a level or a policy that cannot be read.
    pub fn verify(self, level: &str, policy_json: Option<String>) -> JsResult<Checked> {
        let level = level_named(level).map_err(js_error)?;
        let policy = policy_json.map_or(Ok(Policy::default()), |json| Policy::from_json(json.as_bytes()));
        let policy = policy.map_err(js_error)?;
        let Self { claim, limits, outputs, source } = self;
        let source = source.map(|file| submitted(&file, &claim, &limits)).transpose()?;
        let verified = match (claim, source) {
            (Claim::Receipt(receipt), source) => {
                verify::verify(verify::Submission { receipt, outputs, source }, level, &policy, &limits)
            }
            (Claim::Recipe(_), Some(source)) => verify::make(source, &policy, &limits),
            (Claim::Recipe(_), None) => {
                let detail = "A recipe alone makes no picture: send the source as well.";
                Err(Error::new(Code::SourceRequired, detail).at("source"))
            }
        };
        Ok(Checked { verified: verified.map_err(js_error)? })
    }
}

fn limits(json: Option<String>) -> JsResult<Limits> {
    json.map_or_else(|| Ok(Limits::default()), |json| parse(&json, Code::InvalidOption, "limits"))
}

fn level_named(name: &str) -> Result<Level, Error> {
    match name {
        "result" => Ok(Level::Result),
        "committed" => Ok(Level::Committed),
        "source" => Ok(Level::Source),
        _ => {
            let error = Error::new(Code::InvalidOption, "There is no such level of verification.");
            Err(error.at("level").figures("result, committed or source", name))
        }
    }
}

fn submitted(file: &SourceFile, claim: &Claim, limits: &Limits) -> JsResult<SubmittedSource> {
    let mut reader: Reader = Box::new(file.reader()?);
    let headers = match claim {
        Claim::Receipt(receipt) => SourceHeaders::read(&mut *reader, receipt, limits),
        Claim::Recipe(recipe) => SourceHeaders::of_recipe(&mut *reader, recipe, limits),
    };
    Ok(SubmittedSource::with_headers(reader, headers))
}

/// A picture that holds.
#[wasm_bindgen]
pub struct Checked {
    verified: Verified,
}

#[wasm_bindgen]
impl Checked {
    /// What was proved, as JSON: `{valid, level, pixels, receipt, source, outputs}`.
    ///
    /// # Errors
    /// None is known.
    pub fn verdict(&self) -> JsResult<String> {
        to_json(&self.verified.verdict())
    }

    /// The receipt as canonical JSON.
    ///
    /// # Errors
    /// None is known.
    pub fn receipt(&self) -> JsResult<String> {
        self.verified.receipt().to_json().map_err(js_error)
    }

    /// A copy of an output's bytes, in the receipt's order; empty beyond the last.
    pub fn bytes(&self, index: usize) -> Uint8Array {
        let bytes = self.verified.outputs().get(index).map_or(&[][..], |(_, bytes)| &bytes[..]);
        Uint8Array::from(bytes)
    }
}
