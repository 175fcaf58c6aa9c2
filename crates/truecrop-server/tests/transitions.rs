//! Confirm and delete: what they ask the store, who of several at once did it, and what the metrics say about it.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use axum::body::Body;
use axum::http::Method;
use common::observed_store::ObservedStore;
use common::{FORM, World, form, upload};
use std::sync::Arc;
use std::time::Duration;
use truecrop_core::recipe::Format;
use truecrop_server::config::Config;
use truecrop_server::http::{App, router};
use truecrop_server::store::Store;

/// The application over an observed store, with one pending upload: its address.
async fn observed() -> (App, ObservedStore, String) {
    let objects = ObservedStore::new();
    let app =
        App::with_store(Config::default(), Store::with_backend(Arc::new(objects.clone()))).await.unwrap();
    let body = form(&upload("coffee.jpg", &[Format::Jpeg]).parts(false));
    let answer = common::send(&app, Method::POST, "/v1/images", &[("content-type", FORM)], body).await;
    objects.take_operations();
    (app, objects, answer.header("location").to_owned())
}

fn manifests(operations: &[String]) -> usize {
    operations.iter().filter(|o| o.starts_with("get ") && o.ends_with("manifest.json")).count()
}

#[tokio::test]
async fn confirm_and_delete_look_a_manifest_up_no_more_often_than_they_must() {
    let (app, objects, image) = observed().await;
    let confirm = format!("{image}/confirm");
    // What is asked, its status, the most look-ups of a manifest.
    let cases = [
        ("the first confirm", Method::POST, &confirm, 200, 1),
        ("the second confirm", Method::POST, &confirm, 200, 2),
        ("the first delete", Method::DELETE, &image, 204, 0),
        ("the second delete", Method::DELETE, &image, 204, 0),
        ("a confirm that comes too late", Method::POST, &confirm, 404, 2),
    ];
    for (what, method, path, status, most) in cases {
        let answer = common::send(&app, method, path, &[], Body::empty()).await;
        let operations = objects.take_operations();
        assert_eq!(answer.status, status, "{what}");
        assert!(manifests(&operations) <= most, "{what}: {operations:#?}");
    }
}

/// The value of a metric's line, 0 where it has none.
async fn metric(app: &App, line: &str) -> f64 {
    let text = common::send(app, Method::GET, "/metrics", &[], Body::empty()).await.body;
    let text = String::from_utf8(text).unwrap();
    text.lines().find_map(|l| l.strip_prefix(line)?.strip_prefix(' ')?.parse().ok()).unwrap_or(0.0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_at_once_confirm_an_upload_once() {
    let world = World::new(|_| ()).await;
    let parts = upload("coffee.jpg", &[Format::Png]).parts(false);
    for round in 1..=20 {
        let confirm = format!("{}/confirm", world.post(&parts).await.header("location"));
        let clients: Vec<_> = (0..8)
            .map(|_| {
                let (app, confirm) = (world.app.clone(), confirm.clone());
                tokio::spawn(async move {
                    common::send(&app, Method::POST, &confirm, &[], Body::empty()).await.status
                })
            })
            .collect();
        for client in clients {
            assert_eq!(client.await.unwrap(), 200);
        }
        assert_eq!(metric(&world.app, "truecrop_uploads_confirmed_total").await, f64::from(round));
    }
    world.app.store().sweep(Duration::from_secs(3600), false).await.unwrap();
    assert_eq!(metric(&world.app, "truecrop_uploads_pending").await, 0.0);
}
