//! The outputs' bytes against what the receipt says of them.

use crate::digest::Digest;
use crate::encode::{self, gain_map};
use crate::error::{Code, Error, Result};
use crate::receipt::{OutputFacts, Receipt};
use crate::recipe::{OutputSpec, Recipe};

/// Each output that the receipt names with the bytes that were sent for it; nothing missing, nothing left over.
pub(super) fn match_with(
    receipt: &Receipt,
    mut sent: Vec<(String, Vec<u8>)>,
) -> Result<Vec<(OutputFacts, Vec<u8>)>> {
    let mut matched = Vec::with_capacity(receipt.outputs().len());
    for facts in receipt.outputs() {
        let Some(at) = sent.iter().position(|(name, _)| name == facts.name()) else {
            let names: Vec<_> = sent.iter().map(|(name, _)| name.as_str()).collect();
            let error = Error::new(Code::OutputsMismatch, "An output that the receipt names was not sent.");
            return Err(error.at(facts.name()).figures(facts.name(), names));
        };
        matched.push((facts.clone(), sent.swap_remove(at).1));
    }
    match sent.first() {
        None => Ok(matched),
        Some((name, _)) => {
            let names: Vec<_> = receipt.outputs().iter().map(|o| o.name()).collect();
            let error =
                Error::new(Code::OutputsMismatch, "An output was sent that the receipt does not name.");
            Err(error.at(name.as_str()).figures(names, name.as_str()))
        }
    }
}

/// Whether each output's bytes are the ones that the receipt names, in the engine's own encoding.
pub(super) fn check(recipe: &Recipe, outputs: &[(OutputFacts, Vec<u8>)]) -> Result<()> {
    let mut specs = recipe.outputs().iter().zip(outputs).enumerate();
    specs.try_for_each(|(i, (spec, (facts, bytes)))| check_one(i, spec, facts, bytes))
}

fn check_one(i: usize, spec: &OutputSpec, facts: &OutputFacts, bytes: &[u8]) -> Result<()> {
    let mismatch = |field: &str| {
        let detail = "The output's bytes are not the ones that the receipt names.";
        Error::new(Code::DigestMismatch, detail).at(format!("outputs[{i}].{field}"))
    };
    if bytes.len() as u64 != facts.bytes() {
        return Err(mismatch("bytes").figures(facts.bytes(), bytes.len()));
    }
    let digest = Digest::of(bytes);
    if digest != facts.digest() {
        return Err(mismatch("digest").figures(facts.digest().to_string(), digest.to_string()));
    }
    let made = spec.made_with(facts.made_quality());
    let canonical = match facts.map() {
        Some(map) => gain_map::check_canonical_with_map(bytes, &made, map),
        None => encode::check_canonical(bytes, &made),
    };
    canonical.map_err(|e| e.at(format!("outputs[{i}]")))
}

/// Most bytes that [`check`] holds for an output.
pub(super) fn memory_bytes(spec: &OutputSpec) -> u64 {
    encode::check_memory_bytes(spec)
}
