//! What ends an audit beside confirm, delete and sweep: each of them inside each other one, at every operation of the store. There is
//! one outcome, and everybody was told what is true.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use common::observed_store::ObservedStore;
use common::{read_whole, upload};
use futures::FutureExt;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use truecrop_core::Limits;
use truecrop_core::policy::Policy;
use truecrop_core::receipt::Receipt;
use truecrop_core::recipe::Format;
use truecrop_core::verify::{Level, Submission, Verified, verify};
use truecrop_server::store::{About, AuditState, Confirmed, Deleted, Id, Settlement, Stage, Store};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Call {
    Prove,
    Disprove,
    Confirm,
    Delete,
    /// After the deadline.
    Sweep,
}

const CALLS: [Call; 5] = [Call::Prove, Call::Disprove, Call::Confirm, Call::Delete, Call::Sweep];

/// What a call was told.
#[derive(Clone, Debug, PartialEq)]
enum Told {
    Audit(Option<AuditState>),
    Confirm(Box<Confirmed>),
    Delete(Deleted),
    Swept(bool),
}

async fn run(store: &Store, call: Call, id: Id) -> Told {
    match call {
        Call::Prove => Told::Audit(store.settle_audit(id, Settlement::Proved(Level::Source)).await.unwrap()),
        Call::Disprove => Told::Audit(store.settle_audit(id, Settlement::Disproved).await.unwrap()),
        Call::Confirm => Told::Confirm(Box::new(store.confirm(id).await.unwrap())),
        Call::Delete => Told::Delete(store.delete(id).await.unwrap()),
        Call::Sweep => {
            let swept = store.sweep(Duration::from_secs(24 * 3600), false).await.unwrap();
            Told::Swept(swept.deleted.contains(&id))
        }
    }
}

fn verified() -> Verified {
    let upload = upload("coffee.jpg", &[Format::Jpeg]);
    let receipt = Receipt::from_json(upload.receipt.as_bytes(), &Limits::default()).unwrap();
    let submission = Submission { receipt, outputs: upload.outputs, source: None };
    verify(submission, Level::Committed, &Policy::default(), &Limits::default()).unwrap()
}

/// A store with one upload whose audit is late, and what happened before.
async fn start(verified: &Verified, proved: bool) -> (ObservedStore, Id) {
    let objects = ObservedStore::new();
    let store = Store::with_backend(Arc::new(objects.clone()));
    let mut about = About::new(Duration::from_secs(3600)).unwrap();
    about.audit = Some(1);
    store.put_about(verified, &about).await.unwrap();
    if proved {
        assert!(store.settle_audit(about.id, Settlement::Proved(Level::Source)).await.unwrap().is_some());
    }
    (objects, about.id)
}

fn confirmed(told: &Told) -> Option<Level> {
    let Told::Confirm(confirmed) = told else { return None };
    match confirmed.as_ref() {
        Confirmed::Now(manifest) | Confirmed::Already(manifest) => Some(manifest.level),
        _ => None,
    }
}

async fn check(store: &Store, id: Id, proved: bool, told: &[Told], case: &str) {
    let stage = read_whole(store, id).await.unwrap();
    let states: Vec<AuditState> =
        told.iter().filter_map(|told| if let Told::Audit(state) = told { *state } else { None }).collect();
    assert!(states.windows(2).all(|pair| pair[0] == pair[1]), "an audit ends once: {case}");
    let passed = proved || states.contains(&AuditState::Passed(Level::Source));
    if let Some(level) = told.iter().find_map(confirmed) {
        assert!(passed && level == Level::Source, "only what was proved is kept: {case}");
        let deleted = told.iter().any(|told| matches!(told, Told::Delete(Deleted::Kept)));
        assert_eq!(stage, (!deleted).then_some(Stage::Kept), "{case}");
    } else {
        assert_ne!(stage, Some(Stage::Kept), "{case}");
    }
    let tried = told.iter().any(|told| matches!(told, Told::Swept(true) | Told::Delete(_)));
    let ended = told
        .iter()
        .any(|told| matches!(told, Told::Swept(true) | Told::Delete(Deleted::Pending | Deleted::Kept)));
    // A sweep may complete a delete, which then has not deleted it itself.
    assert!(if stage.is_none() { tried } else { !ended }, "{case}");
    assert!(!(passed && told.contains(&Told::Swept(true))), "what was proved is not late: {case}");
}

#[tokio::test]
async fn an_audit_has_one_end_whatever_runs_beside_it() {
    let verified = verified();
    let mut orders = 0;
    for proved in [false, true] {
        for outer in CALLS {
            for inner in CALLS {
                for number in 0.. {
                    let (objects, id) = start(&verified, proved).await;
                    let beside = Store::with_backend(Arc::new(objects.clone()));
                    let inside = Arc::new(Mutex::new(None));
                    let answer = Arc::clone(&inside);
                    let other = beside.clone();
                    let interruption = async move {
                        let told = run(&other, inner, id).await;
                        *answer.lock().unwrap() = Some(told);
                        Ok(())
                    };
                    let interrupted = objects.interrupted_before(number, interruption.boxed());
                    let outside = run(&Store::with_backend(Arc::new(interrupted)), outer, id).await;
                    let inside = inside.lock().unwrap().take();
                    let done = inside.is_none();
                    let told: Vec<Told> = [Some(outside), inside].into_iter().flatten().collect();
                    let case = format!(
                        "{inner:?} before operation {number} of {outer:?}, proved {proved}: {told:?}"
                    );
                    check(&beside, id, proved, &told, &case).await;
                    if done {
                        break;
                    }
                    orders += 1;
                }
            }
        }
    }
    assert!(orders > 200, "{orders}");
}
