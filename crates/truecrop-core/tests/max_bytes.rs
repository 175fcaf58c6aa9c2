//! Outputs within `maxBytes`, from the recipe to what verification says of them.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use common::forge;
use std::fs;
use std::io::Cursor;
use std::ops::ControlFlow;
use truecrop_core::geometry::{Crop, Size};
use truecrop_core::policy::Policy;
use truecrop_core::receipt::Receipt;
use truecrop_core::recipe::{Format, OutputSpec, Recipe};
use truecrop_core::verify::{Level, Submission, SubmittedSource, verify};
use truecrop_core::{Code, Limits, Result, pipeline};

fn photo() -> Vec<u8> {
    fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/coffee.jpg")).unwrap()
}

fn run(format: Format, quality: Option<u8>, max_bytes: Option<u32>) -> Result<pipeline::Cropped> {
    let mut output = OutputSpec::new("main", Size::new(180, 120), format)?;
    if let Some(quality) = quality {
        output = output.with_quality(quality)?;
    }
    if let Some(bytes) = max_bytes {
        output = output.with_max_bytes(bytes)?;
    }
    let recipe = Recipe::new(Crop::from_pixels(10.0, 20.0, 360.0, 240.0)?, vec![output])?;
    let source = Box::new(Cursor::new(photo()));
    pipeline::crop(source, &recipe, &Limits::default(), &mut |_| ControlFlow::Continue(()))
}

fn size_at(format: Format, quality: u8) -> u32 {
    run(format, Some(quality), None).unwrap().outputs[0].1.len() as u32
}

fn verified(receipt: &Receipt, output: &[u8], level: Level) -> Result<()> {
    let limits = Limits::default();
    let receipt = Receipt::from_json(receipt.to_json()?.as_bytes(), &limits)?;
    let source = (level == Level::Source)
        .then(|| SubmittedSource::new(Box::new(Cursor::new(photo())), &receipt, &limits));
    let outputs = vec![("main".to_owned(), output.to_vec())];
    verify(Submission { receipt, outputs, source }, level, &Policy::default(), &limits).map(drop)
}

#[test]
fn the_highest_quality_that_fits_is_used() {
    // quality asked for; the quality whose file just fits, and bytes less than that; the quality that is used
    let cases = [
        (None, 100, 0, None),
        (None, 85, 0, None),
        (None, 84, 0, Some(84)),
        (None, 84, 1, Some(83)),
        (Some(100), 89, 0, Some(89)),
        (Some(100), 90, 1, Some(89)),
        (Some(30), 20, 0, Some(20)),
        (Some(30), 1, 0, Some(1)),
        (Some(1), 1, 0, None),
    ];
    // A WebP without a quality would be lossless.
    let both = cases.into_iter().flat_map(|(asked, fits, less, used)| {
        [(Format::Jpeg, asked), (Format::Webp, asked.or(Some(85)))]
            .map(|(f, asked)| (f, asked, fits, less, used))
    });
    for (format, asked, fits, less, used) in both {
        let name = format!("{format:?}, {asked:?} asked, {fits} fits, less {less}");
        let most = size_at(format, fits) - less;
        let made = run(format, asked, Some(most)).unwrap();
        let facts = &made.receipt.outputs()[0];
        // Low qualities can make the same file: then the higher one is used.
        let same = used.filter(|used| size_at(format, *used) == facts.bytes() as u32);
        assert!(
            facts.used_quality() == used || same.is_some() && facts.used_quality() >= used,
            "{name}: {facts:?}"
        );
        assert_eq!((facts.quality(), facts.max_bytes()), (Some(asked.unwrap_or(85)), Some(most)), "{name}");
        let output = &made.outputs[0].1;
        assert!(output.len() as u32 <= most, "{name}");
        let plain = run(format, facts.used_quality().or(facts.quality()), None).unwrap();
        assert!(plain.outputs[0].1 == *output, "{name}: not the file of that quality");
        for level in [Level::Result, Level::Committed, Level::Source] {
            verified(&made.receipt, output, level).unwrap_or_else(|e| panic!("{name}, {level:?}: {e}"));
        }
    }
}

#[test]
fn what_no_quality_reaches_is_refused_with_the_figures() {
    let lossless = |format| run(format, None, None).unwrap().outputs[0].1.len() as u32;
    let cases = [
        (Format::Jpeg, size_at(Format::Jpeg, 1)),
        (Format::Png, lossless(Format::Png)),
        (Format::Webp, lossless(Format::Webp)),
    ];
    for (format, least) in cases {
        run(format, None, Some(least)).unwrap_or_else(|e| panic!("{format:?}: {e}"));
        for most in [least - 1, 1] {
            let error = run(format, None, Some(most)).unwrap_err();
            assert_eq!(
                (error.code(), error.field()),
                (Code::MaxBytesUnreachable, Some("outputs[0].maxBytes"))
            );
            let figures = (error.expected().unwrap(), error.got().unwrap());
            assert_eq!(figures, (&most.into(), &least.into()), "{format:?}");
        }
    }
}

/// A lossy WebP that no quality makes small enough.
#[test]
fn a_lossy_webp_ends_at_quality_1() {
    let least = size_at(Format::Webp, 1);
    let made = run(Format::Webp, Some(80), Some(least)).unwrap();
    verified(&made.receipt, &made.outputs[0].1, Level::Source).unwrap();
    let error = run(Format::Webp, Some(80), Some(least - 1)).unwrap_err();
    assert_eq!((error.code(), error.got()), (Code::MaxBytesUnreachable, Some(&least.into())));
}

#[test]
fn a_receipt_cannot_claim_another_target() {
    let good = run(Format::Jpeg, Some(95), Some(size_at(Format::Jpeg, 60))).unwrap();
    let used = good.receipt.outputs()[0].used_quality().unwrap();
    let lower = run(Format::Jpeg, Some(used - 1), None).unwrap();
    type Change = fn(&mut serde_json::Value);
    // What, the change, the level, the code.
    let cases: [(&str, Change, Level, Code); 6] = [
        (
            "no target",
            |o| drop(o.as_object_mut().unwrap().remove("maxBytes")),
            Level::Result,
            Code::InvalidReceipt,
        ),
        (
            "a target that was missed",
            |o| o["maxBytes"] = (o["bytes"].as_u64().unwrap() - 1).into(),
            Level::Result,
            Code::InvalidReceipt,
        ),
        (
            "a quality above the one that was asked for",
            |o| o["usedQuality"] = 96.into(),
            Level::Result,
            Code::InvalidReceipt,
        ),
        ("quality 0", |o| o["usedQuality"] = 0.into(), Level::Result, Code::InvalidReceipt),
        (
            "another quality than was used",
            |o| o["usedQuality"] = 50.into(),
            Level::Result,
            Code::NotCanonical,
        ),
        (
            "more room than there was",
            |o| o["maxBytes"] = 4_000_000.into(),
            Level::Source,
            Code::OutputMismatch,
        ),
    ];
    for (what, change, level, code) in cases {
        let receipt = forge(&good.receipt, |r| change(&mut r["outputs"][0]));
        let error = verified(&receipt, &good.outputs[0].1, level).unwrap_err();
        assert_eq!(error.code(), code, "{what}: {error}");
    }
    // A lower quality than was possible: only the source shows it.
    let facts = &lower.receipt.outputs()[0];
    let receipt = forge(&good.receipt, |r| {
        let o = &mut r["outputs"][0];
        o["usedQuality"] = (used - 1).into();
        o["bytes"] = facts.bytes().into();
        o["digest"] = facts.digest().to_string().into();
    });
    verified(&receipt, &lower.outputs[0].1, Level::Result).unwrap();
    let error = verified(&receipt, &lower.outputs[0].1, Level::Source).unwrap_err();
    assert_eq!(error.code(), Code::OutputMismatch);
}
