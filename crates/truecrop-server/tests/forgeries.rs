//! Uploads that were tampered with: each is refused with its code and field, and nothing of it is stored.
//!
//! The table is `tests/vectors/uploads.json`, which `truecrop/node` is held to as well (`tests/node/uploads.test.ts`). A case begins with an
//! upload as the engine makes it, of the crop `recipe`. Its members, in the order in which they are applied:
//!
//! | member | what |
//! | --- | --- |
//! | `receipt` | members of the receipt that are set, by JSON pointer; its digest is made anew |
//! | `output` | other bytes for the only output, with length and digest in the receipt: `of` another upload or a `fixture`; `append`, `segment` (a JPEG marker), `half`, `empty` |
//! | `text` | a text of the receipt that is replaced |
//! | `parts` | the parts in their order: `receipt`, `recipe`, `source`, an output's name, or a `part` by its name with `text`, `spaces`, a `fixture` or an `output`. By default receipt and outputs, and with `source: true` the source |
//! | `flip` | the output, or the source, in whose middle a bit is turned |
//! | `config` | `level`, `policy`, `limits` |
//! | `refusal`, or `proves` | what must come of it; `result` when both are missing |
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use common::{TestServer, Upload, fixture, upload};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use truecrop_core::Limits;
use truecrop_core::policy::Policy;
use truecrop_core::receipt::{Digest, Receipt};
use truecrop_core::recipe::Format;
use truecrop_server::config::Config;

type Uploads = BTreeMap<String, Upload>;

fn table() -> Value {
    let path = common::fixture_path("../vectors/uploads.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn honest(table: &Value) -> Uploads {
    let make = |(name, of): (&String, &Value)| {
        let formats: Vec<Format> =
            of["formats"].as_array().unwrap().iter().map(|f| Format::from_name(text(f)).unwrap()).collect();
        (name.clone(), upload(text(&of["source"]), &formats))
    };
    table["uploads"].as_object().unwrap().iter().map(make).collect()
}

/// The case's upload, with what is changed in its receipt and its output.
fn changed(case: &Value, uploads: &Uploads) -> Upload {
    let mut upload = uploads[text(&case["upload"])].clone();
    if let Some(members) = case["receipt"].as_object() {
        upload = upload.forge(|receipt| {
            for (pointer, value) in members {
                let (parent, member) = pointer.rsplit_once('/').unwrap();
                receipt.pointer_mut(parent).unwrap()[member] = value.clone();
            }
        });
    }
    if !case["output"].is_null() {
        let bytes = forged_output(&case["output"], &upload, uploads);
        upload = upload.forge(|receipt| {
            receipt["outputs"][0]["bytes"] = json!(bytes.len());
            receipt["outputs"][0]["digest"] = json!(Digest::of(&bytes).to_string());
        });
        upload.outputs[0].1 = bytes;
    }
    if let Some([from, to]) = case["text"].as_array().map(Vec::as_slice) {
        assert!(upload.receipt.contains(text(from)), "{from}");
        upload.receipt = upload.receipt.replacen(text(from), text(to), 1);
    }
    upload
}

fn forged_output(how: &Value, upload: &Upload, uploads: &Uploads) -> Vec<u8> {
    let mut bytes = match (&how["of"], &how["fixture"]) {
        (Value::String(name), _) => uploads[name].outputs[0].1.clone(),
        (_, Value::String(name)) => fixture(name),
        _ => upload.outputs[0].1.clone(),
    };
    if let Some(behind) = how["append"].as_str() {
        bytes.extend_from_slice(behind.as_bytes());
    }
    if let Some(marker) = how["segment"].as_u64() {
        let segment = [0xFF, u8::try_from(marker).unwrap(), 0, 6, b'E', b'x', b'i', b'f'];
        bytes.splice(2..2, segment);
    }
    if how["half"] == true {
        bytes.truncate(bytes.len() / 2);
    }
    if how["empty"] == true {
        bytes.clear();
    }
    bytes
}

/// The parts of the form, in their order.
fn parts(case: &Value, upload: &Upload, recipe: &Value) -> Vec<(String, Vec<u8>)> {
    let mut parts: Vec<(String, Vec<u8>)> = match case["parts"].as_array() {
        Some(list) => list.iter().map(|part| one_part(part, upload, recipe)).collect(),
        None => upload.parts(case["source"] == true),
    };
    if let Some(flipped) = case["flip"].as_str() {
        let name = if flipped == "source" { "main.source" } else { flipped };
        let bytes = &mut parts.iter_mut().find(|(part, _)| part == name).unwrap().1;
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
    }
    parts
}

fn one_part(part: &Value, upload: &Upload, recipe: &Value) -> (String, Vec<u8>) {
    let output = |name: &str| upload.outputs.iter().find(|(own, _)| own == name).unwrap().1.clone();
    let Some(name) = part["part"].as_str() else {
        return match text(part) {
            "receipt" => ("main.receipt".into(), upload.receipt.clone().into_bytes()),
            "recipe" => ("main.recipe".into(), made_by_server(recipe).to_string().into_bytes()),
            "source" => ("main.source".into(), upload.source.clone()),
            only if upload.outputs.len() == 1 => (only.into(), output(only)),
            name => (format!("main.{name}"), output(name)),
        };
    };
    let bytes = match (&part["text"], part["spaces"].as_u64(), &part["fixture"], &part["output"]) {
        (Value::String(text), ..) => text.clone().into_bytes(),
        (_, Some(count), ..) => vec![b' '; usize::try_from(count).unwrap()],
        (_, _, Value::String(name), _) => fixture(name),
        (_, _, _, from) => output(text(from)),
    };
    (name.to_owned(), bytes)
}

/// The recipe of a client that cannot make pixels.
fn made_by_server(recipe: &Value) -> Value {
    let (width, height) = (&recipe["width"], &recipe["height"]);
    let output = json!({ "name": "main", "width": width, "height": height, "format": "jpeg" });
    json!({ "truecrop": 1, "crop": recipe["crop"], "outputs": [output] })
}

fn configure(config: &mut Config, change: &Value) {
    if !change["level"].is_null() {
        config.level = serde_json::from_value(change["level"].clone()).unwrap();
    }
    if !change["policy"].is_null() {
        config.policy = Policy::from_json(change["policy"].to_string().as_bytes()).unwrap();
    }
    if !change["limits"].is_null() {
        config.limits = serde_json::from_value(change["limits"].clone()).unwrap();
    }
}

#[tokio::test]
async fn forgeries_are_refused_each_with_its_code_and_leave_nothing() {
    let table = table();
    let uploads = honest(&table);
    let (mut wrong, mut refused) = (Vec::new(), 0);
    for case in table["cases"].as_array().unwrap() {
        let server = TestServer::new(|config| configure(config, &case["config"])).await;
        let answer = server.post(&parts(case, &changed(case, &uploads), &table["recipe"])).await;
        let json = answer.json();
        let right = match &case["refusal"] {
            Value::Null => {
                let proves = case["proves"].as_str().unwrap_or("result");
                answer.status == 201 && json["images"]["main"]["verdict"]["level"] == proves
            }
            refusal => {
                refused += 1;
                let told = json["detail"].as_str().is_some_and(|detail| detail.len() > 20);
                (json!(answer.status.as_u16()), &json["code"], told)
                    == (refusal["status"].clone(), &refusal["code"], true)
                    && (refusal["field"].is_null() || json["field"] == refusal["field"])
                    && answer.header("content-type") == "application/problem+json"
                    && server.files().is_empty()
            }
        };
        if !right {
            wrong.push(format!("{}: got {} {json}, files {:?}", case["name"], answer.status, server.files()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(refused > 50, "{refused}");
}

/// The receipts of the table are what the engine writes: canonical, and of this pixel contract.
#[test]
fn the_uploads_of_the_table_are_the_engines() {
    for (name, upload) in honest(&table()) {
        let receipt = Receipt::from_json(upload.receipt.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(receipt.to_json().unwrap(), upload.receipt, "{name}");
    }
}
