//! Confirm, delete and sweep, alone and at the same time: what they ask the store, what they report, what is counted.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use axum::body::Body;
use axum::http::Method;
use axum::response::IntoResponse;
use common::observed_store::ObservedStore;
use common::{FORM, TestServer, form, upload};
use futures::FutureExt;
use std::sync::Arc;
use std::time::Duration;
use truecrop_core::recipe::Format;
use truecrop_server::config::Config;
use truecrop_server::http::App;
use truecrop_server::problem::Problem;
use truecrop_server::store::{Confirmed, Deleted, Id, Key, Stage, Store, StoreError};

const HOUR: Duration = Duration::from_secs(3600);

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
        ("the first delete", Method::DELETE, &image, 204, 1),
        ("the second delete", Method::DELETE, &image, 204, 3),
        ("a confirm that comes too late", Method::POST, &confirm, 404, 2),
    ];
    for (what, method, path, status, most) in cases {
        let answer = common::send(&app, method, path, &[], Body::empty()).await;
        let operations = objects.take_operations();
        assert_eq!(answer.status, status, "{what}");
        assert!(manifests(&operations) <= most, "{what}: {operations:#?}");
    }
}

#[tokio::test]
async fn a_confirm_without_memory_changes_nothing() {
    let (app, objects, image) = observed().await;
    let (store, id) = (app.store(), id(&image));
    let largest = store.find(id).await.unwrap().unwrap().1.outputs[0].bytes;
    objects.take_operations();
    let full = |bytes| {
        assert_eq!(bytes, largest);
        std::future::ready(Err::<(), _>(StoreError::NoRoom))
    };
    assert_eq!(store.confirm_within(id, full).await, Err(StoreError::NoRoom));
    let operations = objects.take_operations();
    assert!(operations.iter().all(|operation| operation.starts_with("get ")), "{operations:#?}");
    assert_eq!(store.find(id).await.unwrap().unwrap().0, Stage::Pending);
    let told = Problem::from(StoreError::NoRoom).into_response();
    assert_eq!((told.status().as_u16(), &told.headers()["retry-after"]), (503, &"2".parse().unwrap()));
    assert!(matches!(store.confirm(id).await, Ok(Confirmed::Now(_))));
}

/// The value of a metric's line, 0 where it has none.
async fn metric(app: &App, line: &str) -> f64 {
    let text = common::send(app, Method::GET, "/metrics", &[], Body::empty()).await.body;
    let text = String::from_utf8(text).unwrap();
    text.lines().find_map(|l| l.strip_prefix(line)?.strip_prefix(' ')?.parse().ok()).unwrap_or(0.0)
}

fn id(image: &str) -> Id {
    image.rsplit('/').next().unwrap().parse().unwrap()
}

/// Confirms an upload, and runs something else before the n-th operation of that confirm, for every n. Gives what
/// each confirm did, and its application.
async fn confirms_interrupted_by<F: Future<Output = ()> + Send + 'static>(
    interruption: impl Fn(Store, Id) -> F,
) -> Vec<(Confirmed, App, Id)> {
    let mut confirms = Vec::new();
    for n in 0.. {
        let (app, objects, image) = observed().await;
        let other = interruption(app.store().clone(), id(&image)).map(Ok);
        let interrupted = objects.interrupted_before(n, other.boxed());
        let confirmed = Store::with_backend(Arc::new(interrupted.clone())).confirm(id(&image)).await.unwrap();
        if interrupted.take_operations().len() <= n {
            break;
        }
        confirms.push((confirmed, app, id(&image)));
    }
    assert!(confirms.len() > 8);
    confirms
}

#[tokio::test]
async fn a_confirm_inside_a_confirm_never_hides_the_upload() {
    let confirms = confirms_interrupted_by(|store, id| async move {
        // The one inside is first, or the one around it has created the manifest already.
        assert_ne!(store.confirm(id).await.unwrap(), Confirmed::Absent);
    })
    .await;
    let by_the_one_around = confirms.iter().filter(|(c, ..)| matches!(c, Confirmed::Now(_))).count();
    let by_the_one_inside = confirms.iter().filter(|(c, ..)| matches!(c, Confirmed::Already(_))).count();
    assert_eq!(by_the_one_around + by_the_one_inside, confirms.len());
    let counted = metric(&confirms[0].1, "truecrop_uploads_confirmed_total").await;
    // And one for the last round, in which nothing was interrupted.
    assert_eq!(counted, (confirms.len() + 1) as f64);
}

#[tokio::test]
async fn a_sweep_inside_a_confirm_leaves_all_or_nothing() {
    let confirms = confirms_interrupted_by(|store, _| async move {
        store.sweep(Duration::ZERO, false).await.unwrap();
    })
    .await;
    for (confirmed, app, id) in confirms {
        let kept = app.store().find(id).await.unwrap();
        match confirmed {
            Confirmed::Now(manifest) => {
                let file = manifest.outputs[0].file.clone();
                assert_eq!(kept, Some((Stage::Kept, manifest)));
                assert!(app.store().get(&Key::Output(Stage::Kept, id, &file)).await.unwrap().is_some());
            }
            other => assert_eq!((other, kept), (Confirmed::Absent, None)),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_at_once_confirm_an_upload_once() {
    let server = TestServer::new(|_| ()).await;
    let parts = upload("coffee.jpg", &[Format::Png]).parts(false);
    for round in 1..=20 {
        let confirm = format!("{}/confirm", server.post(&parts).await.header("location"));
        let clients: Vec<_> = (0..8)
            .map(|_| {
                let (app, confirm) = (server.app.clone(), confirm.clone());
                tokio::spawn(async move {
                    common::send(&app, Method::POST, &confirm, &[], Body::empty()).await.status
                })
            })
            .collect();
        for client in clients {
            assert_eq!(client.await.unwrap(), 200);
        }
        assert_eq!(metric(&server.app, "truecrop_uploads_confirmed_total").await, f64::from(round));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_deletes_at_once_one_deleted_the_upload() {
    let server = TestServer::new(|_| ()).await;
    let parts = upload("coffee.jpg", &[Format::Png]).parts(false);
    for (round, stage) in (1..=20).flat_map(|round| [(round, Stage::Pending), (round, Stage::Kept)]) {
        let id = id(server.post(&parts).await.header("location"));
        let wanted = match stage {
            Stage::Pending => Deleted::Pending,
            Stage::Kept => Deleted::Kept,
        };
        if stage == Stage::Kept {
            server.app.store().confirm(id).await.unwrap();
        }
        let deletes: Vec<_> = (0..8)
            .map(|_| {
                let store = server.app.store().clone();
                tokio::spawn(async move { store.delete(id).await.unwrap() })
            })
            .collect();
        let mut told = Vec::new();
        for delete in deletes {
            told.push(delete.await.unwrap());
        }
        told.retain(|deleted| *deleted != Deleted::Absent);
        assert_eq!(told, [wanted]);
        let counter = format!("truecrop_uploads_deleted_total{{stage=\"{}\"}}", stage.as_str());
        assert_eq!(metric(&server.app, &counter).await, f64::from(round));
    }
}

#[tokio::test]
async fn the_number_of_pending_uploads_is_that_of_the_store() {
    let server = TestServer::new(|_| ()).await;
    let parts = upload("coffee.jpg", &[Format::Jpeg]).parts(false);
    let first = server.post(&parts).await.header("location").to_owned();
    server.post(&parts).await;
    // Another server on the same store, which has done nothing yet, confirms and deletes.
    let other = App::with_store(Config::default(), server.app.store().clone()).await.unwrap();
    let pending = async || {
        other.store().sweep(HOUR, false).await.unwrap();
        metric(&other, "truecrop_uploads_pending").await
    };
    assert_eq!(pending().await, 2.0);
    for _ in 0..2 {
        let confirm = format!("{first}/confirm");
        assert_eq!(common::send(&other, Method::POST, &confirm, &[], Body::empty()).await.status, 200);
        assert_eq!(pending().await, 1.0);
    }
    // Objects without a manifest are no upload.
    let fragment = server.folder.path().join("store/pending").join("a".repeat(26));
    std::fs::create_dir(&fragment).unwrap();
    std::fs::write(fragment.join("main.jpg"), b"half").unwrap();
    assert_eq!(pending().await, 1.0);
    other.store().sweep(Duration::ZERO, false).await.unwrap();
    assert_eq!(metric(&other, "truecrop_uploads_pending").await, 0.0);
    assert_eq!(metric(&other, "truecrop_uploads_swept_total").await, 1.0);
}

#[tokio::test]
async fn several_uploads_are_confirmed_each_by_itself() {
    let server = TestServer::new(|config| config.api_key = Some("secret".to_owned())).await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let answer = server.post(&upload("coffee.jpg", &[Format::Jpeg]).parts(false)).await;
        ids.push(answer.image()["id"].as_str().unwrap().to_owned());
    }
    let unknown = Id::random().unwrap().to_string();
    let all = [ids[0].as_str(), &unknown, &ids[1], "nonsense", &ids[0]];
    let confirm = |body: String, key: &'static str| {
        let app = server.app.clone();
        async move {
            let headers = [("authorization", key), ("content-type", "application/json")];
            common::send(&app, Method::POST, "/v1/images/confirm", &headers, body).await
        }
    };
    let body = serde_json::json!({ "ids": all }).to_string();
    assert_eq!(confirm(body.clone(), "Bearer other").await.status, 401);
    for _ in 0..2 {
        let answer = confirm(body.clone(), "Bearer secret").await;
        let images = answer.json()["images"].clone();
        let told: Vec<_> = (0..5).map(|i| (images[i]["id"].clone(), images[i]["status"].clone())).collect();
        let expected =
            all.iter().zip([200, 404, 200, 404, 200]).map(|(id, status)| ((*id).into(), status.into()));
        assert_eq!(told, expected.collect::<Vec<_>>(), "{images}");
        assert_eq!(images[0]["image"]["state"], "kept");
        assert_eq!(images[1]["problem"]["code"], "not-found");
    }
    let many: Vec<_> = (0..101).map(|_| unknown.clone()).collect();
    for body in [
        "{}".to_owned(),
        serde_json::json!({ "ids": [] }).to_string(),
        serde_json::json!({ "ids": many }).to_string(),
    ] {
        assert_eq!(confirm(body, "Bearer secret").await.status, 400);
    }
    assert_eq!(confirm(" ".repeat(20_000), "Bearer secret").await.status, 413);
}
