//! How often an upload by way of the store is judged: once, however many ask for it at the same time, here and on another server; not at
//! all while something is missing; and no longer than somebody waits for it.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use axum::http::Method;
use common::observed_store::ObservedStore;
use common::uploads::{announce, announcement, app, complete, long, put, ready, sent, told};
use futures::FutureExt;
use object_store::memory::InMemory;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use truecrop_server::config::Config;

fn count(operations: &[String], of: &str) -> usize {
    operations.iter().filter(|operation| operation.starts_with(of)).count()
}

fn observed(objects: &Arc<InMemory>) -> ObservedStore {
    ObservedStore { objects: Arc::clone(objects), hook: Default::default() }
}

/// Operations that the application's own test of the store takes.
const SELF_TEST: usize = 3;

#[tokio::test]
async fn many_completes_of_an_upload_judge_it_once() {
    let objects = Arc::new(InMemory::new());
    let (_, announced) = ready(&objects, &sent()).await;
    let id = announced["id"].as_str().unwrap();
    let watched = observed(&objects);
    let app = app(Arc::new(watched.clone()), |_| ()).await;
    let answers = futures::future::join_all((0..8).map(|_| complete(&app, id))).await;
    let first = told(&answers[0]);
    assert_eq!(answers[0].status, 200, "{first}");
    assert!(answers.iter().all(|answer| told(answer) == first));
    let operations = watched.take_operations();
    assert_eq!((count(&operations, "copy"), count(&operations, "put outcomes")), (1, 1), "{operations:#?}");
    assert_eq!(count(&operations, "put pending"), 3, "{operations:#?}");
}

#[tokio::test]
async fn nothing_is_read_or_copied_while_a_part_is_missing_or_of_another_length() {
    let (objects, sent) = (Arc::new(InMemory::new()), sent());
    let watched = observed(&objects);
    let app = app(Arc::new(watched.clone()), |_| ()).await;
    let announced = announce(&app, &announcement(&sent)).await.json();
    let (id, parts) = (announced["id"].as_str().unwrap(), &announced["parts"]["main"]);
    let untouched = async |field: &str, code: &str| {
        watched.take_operations();
        let refused = complete(&app, id).await;
        assert_eq!((&refused.json()["code"], &refused.json()["field"]), (&json!(code), &json!(field)));
        let operations = watched.take_operations();
        let touched = count(&operations, "copy") + count(&operations, "get incoming");
        assert_eq!(touched, 0, "{operations:#?}");
    };
    untouched("main", "not-uploaded").await;
    put(&objects, &parts["outputs"]["main"], &sent.outputs[0].1).await;
    untouched("main.source", "not-uploaded").await;
    put(&objects, &parts["source"], &sent.source[1..]).await;
    untouched("main.source.bytes", "source-mismatch").await;
}

/// The second sees the copy of the first, and waits for what it decides.
#[tokio::test]
async fn two_servers_do_not_judge_an_upload_twice() {
    let objects = Arc::new(InMemory::new());
    let (_, announced) = ready(&objects, &sent()).await;
    let id = announced["id"].as_str().unwrap().to_owned();
    let (reached, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (here, go_on) = (Arc::clone(&reached), Arc::clone(&release));
    let stop = async move {
        here.notify_one();
        go_on.notified().await;
        Ok(())
    };
    // outcome, intent, the two looks for others, the list, the output, the copy: then its head.
    let first =
        app(Arc::new(observed(&objects).interrupted_before(SELF_TEST + 7, stop.boxed())), |_| ()).await;
    let watched = observed(&objects);
    let second = app(Arc::new(watched.clone()), |_| ()).await;
    let complete_in = |app: &truecrop_server::http::App| {
        let (app, id) = (app.clone(), id.clone());
        tokio::spawn(async move { complete(&app, &id).await })
    };
    let first = complete_in(&first);
    reached.notified().await;
    let copies =
        common::uploads::paths(&objects).await.into_iter().filter(|path| path.starts_with("frozen/"));
    assert_eq!(copies.count(), 1);
    watched.take_operations();
    let second = complete_in(&second);
    let mut seen = Vec::new();
    while count(&seen, "list frozen") < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
        seen.extend(watched.take_operations());
    }
    release.notify_one();
    let (first, second) = (first.await.unwrap(), second.await.unwrap());
    assert_eq!((first.status.as_u16(), told(&first)), (200, told(&second)));
    seen.extend(watched.take_operations());
    assert_eq!((count(&seen, "copy"), count(&seen, "put pending")), (0, 0), "{seen:#?}");
}

/// The client leaves while its source is read: the thread stops, and others get its turn.
#[tokio::test]
async fn a_judgement_that_nobody_waits_for_ends() {
    let (objects, sent) = (Arc::new(InMemory::new()), long());
    let (_, announced) = ready(&objects, &sent).await;
    let id = announced["id"].as_str().unwrap().to_owned();
    let blocks = sent.source.len() >> 19;
    let (reached, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (here, go_on) = (Arc::clone(&reached), Arc::clone(&release));
    let stop = async move {
        here.notify_one();
        go_on.notified().await;
        Ok(())
    };
    let watched = observed(&objects).interrupted_before(SELF_TEST + 12, stop.boxed());
    let one_turn = |config: &mut Config| config.admission.verifications = 1;
    let app = app(Arc::new(watched.clone()), one_turn).await;
    let client = {
        let (app, id) = (app.clone(), id.clone());
        tokio::spawn(async move { complete(&app, &id).await })
    };
    reached.notified().await;
    let before = watched.take_operations();
    assert!(count(&before, "get frozen") < blocks / 2, "{before:#?}");
    client.abort();
    assert!(client.await.is_err_and(|ended| ended.is_cancelled()));
    release.notify_one();
    // Another one gets the only turn.
    let form = common::form(&common::uploads::sent().parts(true));
    let head = [("content-type", common::FORM)];
    let other = common::send(&app, Method::POST, "/v1/images", &head, form).await;
    assert_eq!(other.status, 201, "{}", other.json());
    let after = watched.take_operations();
    assert!(count(&after, "get frozen") <= 1, "{after:#?}");
    // And the upload itself is judged when somebody asks again.
    let again: Value = told(&complete(&app, &id).await);
    assert_eq!(again["state"], "stored", "{again}");
}
