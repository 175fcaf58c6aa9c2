//! An upload with several faults is refused for the first one in the list of docs/RECEIPT.md, whatever the server has
//! estimated before.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use common::{TestServer, Upload, fixture, upload};
use serde_json::{Value, json};
use truecrop_core::recipe::Format;
use truecrop_core::verify::Level;

type Row = (&'static str, fn(&mut Value), Option<&'static str>, u16, &'static str, &'static str);

/// Name of the case, the forged change, the source that is sent; expected status, code and field.
#[rustfmt::skip] // one row per line
const ROWS: &[Row] = &[
    ("an output beyond the memory", |r| sides(r, 40_000), None, 413, "output-too-large", "outputs[0].width"),
    ("the largest output of all", |r| sides(r, u32::MAX), None, 413, "output-too-large", "outputs[0].width"),
    ("a zoom, for that output", |r| zoom(r, u32::MAX), None, 422, "geometry-mismatch", "crop"),
    ("a text for a source", |_| (), Some("not-a-picture.txt"), 422, "source-mismatch", "source.bytes"),
    ("no bytes for a source", |_| (), Some("empty.jpg"), 422, "source-mismatch", "source.bytes"),
    ("a bomb for a source", |_| (), Some("huge-header.jpg"), 422, "source-mismatch", "source.bytes"),
    ("a crop outside the source", outside, Some("coffee.jpg"), 422, "geometry-mismatch", "crop"),
    ("a large output, with its source", |r| sides(r, 16_000), Some("coffee.jpg"), 413, "output-too-large", "outputs"),
    ("other pixels, no source", |r| r["pixels"] = json!(77), None, 422, "pixels-mismatch", "pixels"),
    ("no source, and all is well", |_| (), None, 422, "source-required", "source"),
];

fn sides(receipt: &mut Value, side: u32) {
    // The aspect ratio of the crop, so that the geometry is consistent.
    receipt["outputs"][0]["width"] = json!(side / 4 * 4);
    receipt["outputs"][0]["height"] = json!(side / 4 * 3);
}

fn zoom(receipt: &mut Value, side: u32) {
    sides(receipt, side);
    receipt["view"]["zoom"] = json!(1.5);
}

fn outside(receipt: &mut Value) {
    receipt["crop"]["x"] = json!(100_000);
}

#[tokio::test]
async fn the_first_fault_in_the_order_of_the_checks_is_reported() {
    let server = TestServer::new(|c| c.level = Level::Source).await;
    let honest = upload("coffee.jpg", &[Format::Png]);
    let mut wrong = Vec::new();
    for (what, change, source, status, code, field) in ROWS {
        let sent = Upload { source: source.map(fixture).unwrap_or_default(), ..honest.clone().forge(change) };
        let answer = server.post(&sent.parts(source.is_some())).await;
        let json = answer.json();
        let told = (answer.status.as_u16(), json["code"].as_str(), json["field"].as_str());
        if told != (*status, Some(*code), Some(*field)) || !server.files().is_empty() {
            wrong.push(format!("{what}: {json}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
