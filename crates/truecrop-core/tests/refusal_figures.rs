//! A refusal of `verify` names the field that is at fault, the bound or fact that it missed, and the figure that was there.
//!
//! Found on 2026-11-26: an output of 16384 x 10 was refused with `expected 67108864, got 163840`, the bound and the figure of
//! another limit, and so were nine outputs and a source of 70000 columns.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use common::{forge, output, png_with_orientation, recipe};
use serde_json::{Value, json};
use std::io::Cursor;
use std::ops::ControlFlow;
use truecrop_core::geometry::Size;
use truecrop_core::pipeline::{Cropped, crop};
use truecrop_core::policy::Policy;
use truecrop_core::receipt::Receipt;
use truecrop_core::verify::{Level, SourceHeaders, Submission, SubmittedSource, Verified, verify};
use truecrop_core::{Code, Limits, Result};

fn file() -> Vec<u8> {
    png_with_orientation(Size::new(40, 30), &[90; 40 * 30 * 3], 1)
}

fn cropped() -> Cropped {
    let recipe = recipe(4.0, 3.0, 20.0, 10.0, output(20, 10));
    let go_on = &mut |_| ControlFlow::Continue(());
    crop(Box::new(Cursor::new(file())), &recipe, &Limits::default(), go_on).unwrap()
}

fn submit(receipt: Receipt, cropped: Cropped, source: Option<Vec<u8>>) -> Result<Verified> {
    let limits = Limits::default();
    let outputs = cropped.outputs.into_iter().map(|(spec, bytes)| (spec.name().to_owned(), bytes)).collect();
    let source = source.map(|file| SubmittedSource::new(Box::new(Cursor::new(file)), &receipt, &limits));
    let level = if source.is_some() { Level::Source } else { Level::Result };
    verify(Submission { receipt, outputs, source }, level, &Policy::default(), &limits)
}

fn check(name: &str, result: Result<Verified>, code: Code, field: &str, figures: (Value, Value)) {
    let error = result.map(|v| v.verdict()).unwrap_err();
    assert_eq!((error.code(), error.field()), (code, Some(field)), "{name}: {error}");
    let told = (serde_json::to_value(error.expected()).unwrap(), serde_json::to_value(error.got()).unwrap());
    assert_eq!(told, figures, "{name}");
}

/// Another size of the output, with a crop and a view that fit it.
fn resize(receipt: &mut Value, width: u32, height: u32) {
    let output = &mut receipt["outputs"][0];
    (output["width"], output["height"]) = (width.into(), height.into());
    let aspect = truecrop_core::view::Aspect::new(width, height).unwrap();
    let view = truecrop_core::view::View::default();
    let size = Size::new(40, 30);
    let solved = truecrop_core::view::solve(size, aspect, truecrop_core::view::Bounds::Cover, &view).unwrap();
    receipt["view"] = serde_json::to_value(solved.view).unwrap();
    receipt["crop"] = serde_json::to_value(solved.crop).unwrap();
}

type Change = fn(&mut Value);
/// The case, the forgery; the code, the field, what was allowed and what was there.
type Case = (&'static str, Change, Code, &'static str, Value, Value);

#[rustfmt::skip] // one row per line
fn cases() -> [Case; 9] {
    use Code::{InvalidReceipt, OutputTooLarge, SourceTooLarge, TooManyPixels};
    [
        ("16384 columns", |r| resize(r, 16_384, 10), OutputTooLarge, "outputs[0].width", json!(16_383), json!(16_384)),
        ("20000 rows", |r| resize(r, 10, 20_000), OutputTooLarge, "outputs[0].height", json!(16_383), json!(20_000)),
        ("nine outputs", nine_outputs, OutputTooLarge, "outputs", json!(8), json!(9)),
        ("too many pixels", |r| resize(r, 12_000, 9_000), OutputTooLarge, "outputs", json!(64 << 20), json!(108_000_000)),
        ("a source of 2000000 columns", |r| source(r, "width", 2_000_000), TooManyPixels, "source.width", json!(1_000_000), json!(2_000_000)),
        ("a source of 2000000 rows", |r| source(r, "height", 2_000_000), TooManyPixels, "source.height", json!(1_000_000), json!(2_000_000)),
        ("a source of too many pixels", square, TooManyPixels, "source", json!(1 << 29), json!(3_600_000_000u64)),
        ("a source of 300 MB", |r| source(r, "bytes", 300_000_000), SourceTooLarge, "source.bytes", json!(256 << 20), json!(300_000_000)),
        ("a source without rows", |r| source(r, "height", 0), InvalidReceipt, "source.height", json!("1 or more"), json!("0")),
    ]
}

fn source(receipt: &mut Value, field: &str, value: u64) {
    receipt["source"][field] = value.into();
}

fn square(receipt: &mut Value) {
    source(receipt, "width", 60_000);
    source(receipt, "height", 60_000);
}

fn nine_outputs(receipt: &mut Value) {
    let output = receipt["outputs"][0].clone();
    let named = |i: usize| {
        let mut output = output.clone();
        output["name"] = format!("o{i}").into();
        output
    };
    receipt["outputs"] = (0..9).map(named).collect();
}

#[test]
fn limits_are_told_by_their_own_figures() {
    for (name, change, code, field, expected, got) in cases() {
        let cropped = cropped();
        let receipt = forge(&cropped.receipt, change);
        check(name, submit(receipt, cropped, None), code, field, (expected, got));
    }
}

#[test]
fn another_source_is_told_by_the_fact_that_differs() {
    let cases: [(&str, Change, (Value, Value)); 4] = [
        ("format", |r| r["source"]["format"] = "gif".into(), (json!("png"), json!("gif"))),
        ("orientation", |r| r["source"]["orientation"] = 3.into(), (json!(1), json!(3))),
        ("frame", |r| r["source"]["frame"] = "first".into(), (json!(null), json!("first"))),
        ("truncated", |r| r["source"]["truncated"] = true.into(), (json!(false), json!(true))),
    ];
    for (name, change, figures) in cases {
        let cropped = cropped();
        let receipt = forge(&cropped.receipt, change);
        let result = submit(receipt, cropped, Some(file()));
        check(name, result, Code::SourceMismatch, &format!("source.{name}"), figures);
    }
}

/// Facts come before what only a plan would refuse: here a crop that lies outside of the true source.
#[test]
fn a_source_of_another_size_is_called_that_and_not_a_bad_crop() {
    let cropped = cropped();
    let receipt = forge(&cropped.receipt, |r| {
        source(r, "width", 400);
        source(r, "height", 300);
        r["view"] = json!({ "zoom": 15, "center": { "x": 0.95, "y": 0.95 }, "rotate": 0, "flip": "none" });
        let size = Size::new(400, 300);
        let view = serde_json::from_value(r["view"].clone()).unwrap();
        let aspect = truecrop_core::view::Aspect::new(20, 10).unwrap();
        let solved = truecrop_core::view::solve(size, aspect, truecrop_core::view::Bounds::Cover, &view);
        let solved = solved.unwrap();
        r["view"] = serde_json::to_value(solved.view).unwrap();
        r["crop"] = serde_json::to_value(solved.crop).unwrap();
    });
    let result = submit(receipt, cropped, Some(file()));
    check("size", result, Code::SourceMismatch, "source.width", (json!(40), json!(400)));
}

/// Headers that were read for one receipt prove nothing of another.
#[test]
fn headers_of_another_receipt_are_refused() {
    let limits = Limits::default();
    let go_on = &mut |_| ControlFlow::Continue(());
    let run = |x: f64, go_on: &mut dyn FnMut(f32) -> ControlFlow<()>| {
        let recipe = recipe(x, 3.0, 20.0, 10.0, output(20, 10));
        crop(Box::new(Cursor::new(file())), &recipe, &limits, go_on).unwrap()
    };
    let (first, second) = (run(4.0, go_on), run(12.0, go_on));
    let headers = SourceHeaders::read(&mut Cursor::new(file()), &first.receipt, &limits);
    let source = Some(SubmittedSource::with_headers(Box::new(Cursor::new(file())), headers));
    let outputs = second.outputs.into_iter().map(|(spec, bytes)| (spec.name().to_owned(), bytes)).collect();
    let submission = Submission { receipt: second.receipt, outputs, source };
    let error = verify(submission, Level::Source, &Policy::default(), &limits).unwrap_err();
    assert_eq!(error.code(), Code::Internal, "{error}");
}

#[test]
fn what_was_made_is_accepted() {
    let made = cropped();
    assert_eq!(submit(made.receipt.clone(), made, Some(file())).unwrap().level(), Level::Source);
}
