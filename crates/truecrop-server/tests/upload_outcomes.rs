//! Whatever happens between two steps of completing an upload, there is one outcome, everybody is told the same, and nothing is
//! left.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use axum::body::Body;
use axum::http::Method;
use common::observed_store::ObservedStore;
use common::uploads::{DAY, app, complete, hurried, long, paths, put, ready, sent};
use common::{TestResponse, Upload, send};
use futures::FutureExt;
use object_store::memory::InMemory;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use truecrop_server::http::App;
use truecrop_server::store::Id;

/// What happens between two steps of completing.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Meanwhile {
    /// The client replaces its output.
    Overwritten,
    /// The client replaces its source.
    SourceOverwritten,
    /// Another server completes it.
    Completed,
    /// The client gives up.
    Cancelled,
    /// A sweep takes it for one that has expired.
    Swept,
    /// The server dies, or the client leaves.
    Died,
    /// The store fails.
    Failed,
}

use Meanwhile::{Cancelled, Completed, Died, Failed, Overwritten, SourceOverwritten, Swept};

/// Completes an upload with something in between, before the operation of this number; false when there are fewer.
async fn complete_with(sent: &Upload, meanwhile: Meanwhile, number: usize) -> bool {
    let objects = Arc::new(InMemory::new());
    let (other, told) = ready(&objects, sent).await;
    let id = told["id"].as_str().unwrap().to_owned();
    let (happened, mut happens) = tokio::sync::mpsc::unbounded_channel::<Value>();
    let (between, parts, upload) = (Arc::clone(&objects), told["parts"]["main"].clone(), id.clone());
    let (app_between, source) = (other.clone(), sent.source.clone());
    // A thread of a call that has died goes on until it can.
    let released = Arc::new(tokio::sync::Notify::new());
    let release = Arc::clone(&released);
    let interruption = async move {
        let mut spoiled = source;
        spoiled[300] ^= 1;
        let answer = match meanwhile {
            Overwritten => {
                put(&between, &parts["outputs"]["main"], b"another picture").await;
                Value::Null
            }
            SourceOverwritten => {
                put(&between, &parts["source"], &spoiled).await;
                Value::Null
            }
            Completed => common::uploads::told(&complete(&app_between, &upload).await),
            Cancelled => {
                let path = format!("/v1/uploads/{upload}");
                json!(send(&app_between, Method::DELETE, &path, &[], Body::empty()).await.status.as_u16())
            }
            Swept => {
                let swept = app_between.store().sweep_incoming_by_age(Duration::ZERO, DAY, false).await;
                json!(swept.unwrap())
            }
            Died | Failed => Value::Null,
        };
        happened.send(answer).unwrap();
        match meanwhile {
            Died => release.notified().await,
            Failed => {}
            _ => return Ok(()),
        }
        Err(object_store::Error::Generic { store: "test", source: "away".into() })
    };
    let observed = ObservedStore { objects: Arc::clone(&objects), hook: Default::default() };
    // The self-test of the application comes first.
    let app_operations = 3;
    let interrupted = observed.interrupted_before(app_operations + number, interruption.boxed());
    let app = app(Arc::new(interrupted), hurried).await;
    let first = match meanwhile {
        Died => tokio::select! {
            answer = complete(&app, &id) => Some(answer),
            _ = happens.recv() => None,
        },
        _ => Some(complete(&app, &id).await),
    };
    released.notify_one();
    let between = happens.try_recv().ok();
    let reached = between.is_some() || first.is_none();
    check_outcome(&objects, &other, &id, sent, meanwhile, first.filter(|_| reached), between).await;
    reached
}

/// There is one outcome, everybody is told the same, and nothing else is left.
async fn check_outcome(
    objects: &InMemory,
    app: &App,
    id: &str,
    sent: &Upload,
    meanwhile: Meanwhile,
    first: Option<TestResponse>,
    between: Option<Value>,
) {
    let last = complete(app, id).await;
    let (status, told) = (last.status.as_u16(), common::uploads::told(&last));
    let code = told["code"].as_str().unwrap_or_default();
    let right = match meanwhile {
        Overwritten => status == 200 || code == "outputs-mismatch",
        SourceOverwritten => status == 200 || code == "source-mismatch",
        Completed | Died | Failed => status == 200,
        Cancelled => status == 200 || code == "upload-cancelled",
        Swept => status == 200 || code == "upload-expired" || code == "not-found",
    };
    assert!(right, "{meanwhile:?}: {told}");
    if let Some(first) = first {
        let unfinished = meanwhile == Failed && first.status == 503;
        assert!(
            common::uploads::told(&first) == told || unfinished,
            "{meanwhile:?}: {} but {told}",
            first.json()
        );
    }
    match (meanwhile, between) {
        (Completed, Some(answer)) => assert_eq!(answer, told),
        (Cancelled, Some(answer)) => assert_eq!(answer == 204, status != 200, "{answer} but {told}"),
        _ => {}
    }
    let mut kept = Vec::new();
    if status == 200 {
        let picture = &told["images"]["main"];
        let url = picture["outputs"][0]["url"].as_str().unwrap();
        let served = send(app, Method::GET, url, &[], Body::empty()).await;
        assert_eq!(served.body, sent.outputs[0].1, "{meanwhile:?}");
        let picture: Id = picture["id"].as_str().unwrap().parse().unwrap();
        app.store().confirm(picture).await.unwrap();
        kept = ["main.jpg", "manifest.json", "receipt.json"].map(|f| format!("kept/{picture}/{f}")).into();
    }
    for _ in 0..3 {
        let store = app.store();
        store.sweep_incoming_by_age(Duration::ZERO, Duration::ZERO, false).await.unwrap();
        let none = Duration::ZERO;
        let all = truecrop_server::store::Ages { pending: none, leftovers: none, tombstones: none };
        store.sweep_by_age(all, false).await.unwrap();
    }
    assert_eq!(paths(objects).await, kept, "{meanwhile:?}");
}

#[tokio::test]
async fn whatever_happens_while_it_is_completed_there_is_one_outcome() {
    let sent = sent();
    for meanwhile in [Overwritten, SourceOverwritten, Completed, Cancelled, Swept, Died, Failed] {
        let mut number = 0;
        while complete_with(&sent, meanwhile, number).await {
            number += 1;
        }
        assert!(number > 10, "{meanwhile:?} at {number} places only");
    }
}

#[tokio::test]
async fn a_source_that_is_replaced_while_it_is_read_is_judged_as_it_was() {
    let sent = long();
    let observed = ObservedStore::new();
    let (_, told) = ready(&observed.objects, &sent).await;
    let watched = app(Arc::new(observed.clone()), |_| ()).await;
    let self_test = observed.take_operations().len();
    assert_eq!(complete(&watched, told["id"].as_str().unwrap()).await.status, 200);
    let operations = observed.take_operations();
    let copy = operations.iter().position(|operation| operation.starts_with("copy")).unwrap();
    let reads = operations.iter().filter(|operation| operation.starts_with("get frozen")).count();
    assert!(reads as u64 > sent.source.len() as u64 >> 19, "{operations:#?}");
    for after in [2, reads / 2, reads - 1] {
        let objects = Arc::new(InMemory::new());
        let (_, told) = ready(&objects, &sent).await;
        let source = told["parts"]["main"]["source"].clone();
        let client = Arc::clone(&objects);
        let replace = async move {
            put(&client, &source, b"another file").await;
            Ok(())
        };
        let observed = ObservedStore { objects, hook: Default::default() };
        let interrupted = observed.interrupted_before(self_test + copy + after, replace.boxed());
        let app = app(Arc::new(interrupted), |_| ()).await;
        let stored = complete(&app, told["id"].as_str().unwrap()).await;
        assert_eq!(stored.status, 200, "{after}: {}", stored.json());
    }
}
