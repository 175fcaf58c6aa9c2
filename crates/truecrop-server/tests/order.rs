//! Where several things are wrong, the first of docs/RECEIPT.md's list is told, whatever the server has weighed before.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use common::{Upload, World, fixture, upload};
use serde_json::{Value, json};
use truecrop_core::recipe::Format;
use truecrop_core::verify::Level;

type Row = (&'static str, fn(&mut Value), Option<&'static str>, u16, &'static str, &'static str);

/// What, the forger's change, the source that is sent, status, code, field.
#[rustfmt::skip] // a row a line
const ROWS: &[Row] = &[
    ("an output beyond the memory", |r| sides(r, 40_000), None, 413, "output-too-large", "outputs"),
    ("the largest output of all", |r| sides(r, u32::MAX), None, 413, "output-too-large", "outputs"),
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
    // The shape that the crop has, so that the geometry holds.
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
async fn the_first_thing_that_does_not_hold_is_told() {
    let world = World::new(|c| c.level = Level::Source).await;
    let honest = upload("coffee.jpg", &[Format::Png]);
    let mut wrong = Vec::new();
    for (what, change, source, status, code, field) in ROWS {
        let sent = Upload { source: source.map(fixture).unwrap_or_default(), ..honest.clone().forge(change) };
        let answer = world.post(&sent.parts(source.is_some())).await;
        let json = answer.json();
        let told = (answer.status.as_u16(), json["code"].as_str(), json["field"].as_str());
        if told != (*status, Some(*code), Some(*field)) || !world.files().is_empty() {
            wrong.push(format!("{what}: {json}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
