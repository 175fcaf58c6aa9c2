//! Verification that is given up midway ends soon, with a code of its own, and says nothing about the upload.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

use std::cell::Cell;
use std::io::Cursor;
use std::ops::ControlFlow;
use std::path::Path;
use std::rc::Rc;
use truecrop_core::geometry::{Crop, Size};
use truecrop_core::pipeline::crop;
use truecrop_core::policy::Policy;
use truecrop_core::receipt::Receipt;
use truecrop_core::recipe::{Format, OutputSpec, Recipe};
use truecrop_core::verify::{self, Level, Submission, SubmittedSource};
use truecrop_core::{Code, Limits};

struct Sent {
    source: Vec<u8>,
    receipt: Receipt,
    outputs: Vec<(String, Vec<u8>)>,
}

fn sent(fixture: &str) -> Sent {
    let source =
        std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures").join(fixture))
            .unwrap();
    let outputs = ["a", "b"].map(|name| OutputSpec::new(name, Size::new(64, 64), Format::Jpeg).unwrap());
    let recipe = Recipe::new(Crop::from_pixels(3.0, 30.0, 100.0, 100.0).unwrap(), outputs.into()).unwrap();
    let go_on = &mut |_| ControlFlow::Continue(());
    let made = crop(Box::new(Cursor::new(source.clone())), &recipe, &Limits::default(), go_on).unwrap();
    let outputs = made.outputs.into_iter().map(|(spec, bytes)| (spec.name().to_owned(), bytes)).collect();
    Sent { source, receipt: made.receipt, outputs }
}

#[derive(Clone, Copy, Debug)]
enum Work {
    Verify,
    Make,
    Audit,
}

/// What the work ends with when it is given up at the question of this number, and how often it asked.
fn given_up_at(sent: &Sent, work: Work, number: u32) -> (Option<Code>, u32) {
    let (limits, policy) = (Limits::default(), Policy::default());
    let asked = Rc::new(Cell::new(0));
    let counted = Rc::clone(&asked);
    let given_up = move || {
        counted.set(counted.get() + 1);
        counted.get() >= number
    };
    let reader = Box::new(Cursor::new(sent.source.clone()));
    let source = SubmittedSource::new(reader, &sent.receipt, &limits).until(given_up);
    let receipt = sent.receipt.clone();
    let refusal = match work {
        Work::Verify => {
            let submission = Submission { receipt, outputs: sent.outputs.clone(), source: Some(source) };
            verify::verify(submission, Level::Source, &policy, &limits).err()
        }
        Work::Make => verify::make(source, &policy, &limits).err(),
        Work::Audit => verify::audit(&receipt, source, &limits).err(),
    };
    (refusal.map(|error| error.code()), asked.get())
}

#[test]
fn work_that_is_given_up_ends_soon() {
    for fixture in ["coffee.jpg", "coffee-progressive.jpg", "cat-adam7.png", "cat.webp", "cat.gif"] {
        let sent = sent(fixture);
        for work in [Work::Verify, Work::Make, Work::Audit] {
            let (refusal, all) = given_up_at(&sent, work, u32::MAX);
            assert_eq!(refusal, None, "{fixture} {work:?}");
            assert!(all > 5, "{fixture} {work:?} asks {all} times");
            for number in 1..=all {
                let (refusal, asked) = given_up_at(&sent, work, number);
                assert_eq!(refusal, Some(Code::Cancelled), "{fixture} {work:?}, {number} of {all}");
                // The reads that a decoder tries once more, and each stage's own look.
                assert!(asked <= number + 8, "{fixture} {work:?}, {number} of {all}: {asked}");
            }
        }
    }
}
