//! Every order of the store's operations, when put, confirm, delete, get and sweep run side by side and die at any of
//! them: exactly one outcome, and nothing half visible. What must hold is in `world`.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

#[path = "../common/mod.rs"]
mod common;
mod states;
mod world;

use futures::FutureExt;
use object_store::ObjectStore;
use object_store::memory::InMemory;
use states::{Choice, visit_all};
use std::rc::Rc;
use std::sync::Arc;
use truecrop_core::Limits;
use truecrop_core::policy::Policy;
use truecrop_core::receipt::Receipt;
use truecrop_core::recipe::Format;
use truecrop_core::verify::{Level, Submission, Verified, verify};
use truecrop_server::store::Store;
use world::Call::{Confirm, Delete, Get, Put, Sweep, SweepLeftovers};
use world::{Call, DAY, Seen, Start, World};

fn verified() -> Verified {
    let upload = common::upload("coffee.jpg", &[Format::Jpeg]);
    let receipt = Receipt::from_json(upload.receipt.as_bytes(), &Limits::default()).unwrap();
    let submission = Submission { receipt, outputs: upload.outputs, source: None };
    verify(submission, Level::Result, &Policy::default(), &Limits::default()).unwrap()
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum From {
    Nothing,
    Pending,
    Kept,
    /// A confirm died after it had created the manifest.
    Confirmed,
}

fn start(from: From) -> Start {
    let (objects, verified) = (Arc::new(InMemory::new()), Arc::new(verified()));
    let store = Store::with_backend(Arc::clone(&objects) as Arc<dyn ObjectStore>);
    let mut id = None;
    if from != From::Nothing {
        id = Some(store.put(&verified, DAY).now_or_never().unwrap().unwrap().id);
    }
    if from == From::Kept {
        store.confirm(id.unwrap()).now_or_never().unwrap().unwrap();
    }
    let mut start = Start { objects, verified, id, ends: Rc::default() };
    if from == From::Confirmed {
        let mut world = World::new(&start, &[Confirm]);
        while world.take(Choice::Step(0), None) != Seen::Kept {}
        start.objects = world.into_objects();
    }
    start
}

const PAIRS: &[(From, &[Call])] = &[
    (From::Nothing, &[Put, SweepLeftovers]),
    (From::Nothing, &[Put, Sweep]),
    (From::Pending, &[Confirm, Get]),
    (From::Pending, &[Confirm, Confirm]),
    (From::Pending, &[Confirm, Delete]),
    (From::Pending, &[Confirm, Sweep]),
    (From::Pending, &[Confirm, SweepLeftovers]),
    (From::Pending, &[Delete, Delete]),
    (From::Pending, &[Delete, Get]),
    (From::Pending, &[Delete, Sweep]),
    (From::Pending, &[Sweep, Sweep]),
    (From::Pending, &[Sweep, Get]),
    (From::Kept, &[Delete, Delete]),
    (From::Kept, &[Delete, Get]),
    (From::Kept, &[Delete, Confirm]),
    (From::Kept, &[Delete, Sweep]),
    (From::Confirmed, &[Confirm, Delete]),
    (From::Confirmed, &[Confirm, Sweep]),
    (From::Confirmed, &[Delete, Sweep]),
    (From::Confirmed, &[Delete, Get]),
];

/// How many states of each scenario: `TRUECROP_INTERLEAVINGS=all` for all, which takes minutes.
fn most() -> usize {
    match std::env::var("TRUECROP_INTERLEAVINGS") {
        Ok(value) if value == "all" => usize::MAX,
        Ok(value) => value.parse().unwrap(),
        Err(_) => 400,
    }
}

fn run(scenarios: &[(From, &[Call])], deaths: bool) {
    let most = most();
    for (from, calls) in scenarios {
        let time = std::time::Instant::now();
        let (states, complete) = visit_all(&start(*from), calls, deaths, most);
        println!("{from:?} {calls:?}: {states} states in {:.1?}, complete: {complete}", time.elapsed());
        assert!(complete || most < usize::MAX);
    }
}

#[test]
fn two_calls_at_once_have_one_outcome() {
    run(PAIRS, false);
}

#[test]
fn two_calls_of_which_any_dies_at_any_time_have_one_outcome() {
    run(PAIRS, true);
}

const TRIPLES: &[(From, &[Call])] = &[
    (From::Pending, &[Confirm, Delete, Get]),
    (From::Pending, &[Confirm, Delete, Sweep]),
    (From::Pending, &[Confirm, Confirm, Delete]),
    (From::Pending, &[Confirm, Delete, Delete]),
    (From::Pending, &[Confirm, Sweep, Get]),
    (From::Confirmed, &[Confirm, Delete, Get]),
];

#[test]
fn three_calls_at_once_have_one_outcome() {
    run(TRIPLES, false);
}
