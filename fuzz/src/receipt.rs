//! Law: whatever is sent as receipt, outputs and source is accepted or refused with a typed error; and what is accepted
//! against the source are the very bytes that the engine makes of the receipt's recipe.
//!
//! The input changes a true submission: pairs of bytes say what is changed. An input that starts with `{` is the receipt.

use super::input::Input;
use super::{limits, pipeline, reader, refused_well};
use serde_json::Value;
use std::sync::LazyLock;
use truecrop_core::geometry::{Crop, Size};
use truecrop_core::pipeline::Cropped;
use truecrop_core::policy::Policy;
use truecrop_core::receipt::Receipt;
use truecrop_core::recipe::{Format, OutputSpec, Recipe};
use truecrop_core::verify::{Level, Submission, SubmittedSource, verify};

/// A source, and what was made of it.
struct True {
    source: Vec<u8>,
    cropped: Cropped,
}

static TRUE: LazyLock<True> = LazyLock::new(|| {
    let source = super::valid_jpeg::jpeg(&mut Input::new(&[3, 1, 4, 1, 5, 9]));
    let size = truecrop_core::probe::probe(&mut *reader(&source), &limits()).unwrap().oriented();
    let crop = Crop::from_pixels(0.0, 0.0, size.width.into(), size.height.into()).unwrap();
    let spec =
        |name: &str, format| OutputSpec::new(name, Size::new(size.width, size.height), format).unwrap();
    let lossy = spec("d", Format::Webp).with_quality(60).unwrap();
    let outputs = vec![spec("a", Format::Png), spec("b", Format::Jpeg), spec("c", Format::Webp), lossy];
    let cropped = pipeline::run(reader(&source), &Recipe::new(crop, outputs).unwrap()).unwrap();
    True { source, cropped }
});

/// Checks the law for a submission.
pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let mut json = TRUE.cropped.receipt.to_json().unwrap().into_bytes();
    let mut outputs: Vec<(String, Vec<u8>)> =
        TRUE.cropped.outputs.iter().map(|(spec, bytes)| (spec.name().to_owned(), bytes.clone())).collect();
    let mut source = TRUE.source.clone();
    if data.first() == Some(&b'{') {
        json = data.to_vec();
    } else {
        for _ in 0..input.below(4) {
            match input.below(6) {
                0 => spoil(&mut input, &mut json),
                1 => json = field(&mut input, &json),
                2 => spoil(&mut input, &mut source),
                3 => outputs.rotate_left(1),
                _ => {
                    let which = input.below(outputs.len() as u32) as usize;
                    spoil(&mut input, &mut outputs[which].1);
                }
            }
        }
        if input.once_in(2) {
            json = signed(&json, &outputs).unwrap_or(json);
        }
    }
    submit(&json, &outputs, None);
    submit(&json, &outputs, Some(&source));
}

fn submit(json: &[u8], outputs: &[(String, Vec<u8>)], source: Option<&[u8]>) {
    let level = if source.is_some() { Level::Source } else { Level::Committed };
    let receipt = match Receipt::from_json(json, &limits()) {
        Err(error) => return refused_well(&error),
        Ok(receipt) => receipt,
    };
    let submitted = source.map(|source| SubmittedSource::new(reader(source), &receipt, &limits()));
    let submission = Submission { receipt, outputs: outputs.to_vec(), source: submitted };
    match verify(submission, level, &Policy::default(), &limits()) {
        Err(error) => refused_well(&error),
        Ok(verified) => {
            let Some(source) = source else { return };
            let again = pipeline::run(reader(source), &verified.receipt().recipe().unwrap()).unwrap();
            for ((_, made), (_, taken)) in again.outputs.iter().zip(verified.outputs()) {
                assert!(made == taken, "other bytes than the engine's were accepted");
            }
        }
    }
}

fn spoil(input: &mut Input<'_>, bytes: &mut Vec<u8>) {
    let at = input.below(bytes.len() as u32) as usize;
    match input.below(4) {
        0 => bytes.truncate(at),
        1 => bytes.insert(at, input.byte()),
        2 => bytes.extend(b"more"),
        _ => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << input.below(8);
            }
        }
    }
}

/// Changes one value of the JSON, to another that headers and numbers are sensitive to.
fn field(input: &mut Input<'_>, json: &[u8]) -> Vec<u8> {
    let Ok(mut value) = serde_json::from_slice::<Value>(json) else { return json.to_vec() };
    let mut at = &mut value;
    loop {
        let count = match &*at {
            Value::Object(map) => map.len(),
            Value::Array(list) => list.len(),
            _ => 0,
        };
        if count == 0 {
            break;
        }
        let which = input.below(count as u32) as usize;
        at = match at {
            Value::Object(map) => map.values_mut().nth(which).unwrap(),
            Value::Array(list) => &mut list[which],
            _ => break,
        };
    }
    let edges =
        ["0", "-1", "1e308", "0.5", "null", "\"\"", "[]", "{}", "18446744073709551615", "4294967296", "true"];
    *at = serde_json::from_str(input.pick(&edges)).unwrap();
    serde_json::to_vec(&value).unwrap()
}

/// The receipt with digests and lengths that agree with what is sent, as a liar would write it.
fn signed(json: &[u8], outputs: &[(String, Vec<u8>)]) -> Option<Vec<u8>> {
    let mut value: Value = serde_json::from_slice(json).ok()?;
    for facts in value.get_mut("outputs")?.as_array_mut()? {
        let (_, bytes) = outputs.iter().find(|(name, _)| facts["name"] == name.as_str())?;
        let facts = facts.as_object_mut()?;
        facts.insert("bytes".into(), bytes.len().into());
        facts.insert("digest".into(), truecrop_core::receipt::Digest::of(bytes).to_string().into());
    }
    let read = |value: &Value| Receipt::from_json(&serde_json::to_vec(value).unwrap(), &limits()).ok();
    let digest = read(&value)?.digest_of_content().ok()?.to_string();
    value.as_object_mut()?.insert("digest".into(), digest.into());
    Some(read(&value)?.to_json().ok()?.into_bytes())
}
