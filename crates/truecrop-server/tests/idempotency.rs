//! Uploads that are sent again with the same Idempotency-Key: on one server and on two, at the same time and after a crash.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use axum::body::Body;
use axum::http::Method;
use common::observed_store::ObservedStore;
use common::tokens::{claims, requires_tokens, takes_tokens, token};
use common::{FORM, TestResponse, TestServer, Upload, form, read_whole, upload};
use futures::FutureExt;
use object_store::ObjectStoreExt;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use truecrop_core::recipe::Format;
use truecrop_core::verify::Level;
use truecrop_server::config::Config;
use truecrop_server::http::App;
use truecrop_server::store::{Ages, Stage, Store};

type Parts = Vec<(String, Vec<u8>)>;

async fn post(app: &App, key: &str, parts: &[(String, Vec<u8>)]) -> TestResponse {
    let head = [("content-type", FORM), ("idempotency-key", key)];
    common::send(app, Method::POST, "/v1/images", &head, form(parts)).await
}

fn two_pictures() -> (Upload, Upload, Parts) {
    let (a, b) =
        (upload("coffee.jpg", &[Format::Jpeg]), upload("cat-alpha.png", &[Format::Png, Format::Webp]));
    let parts = [a.parts_of("avatar", false), b.parts_of("cover", false)].concat();
    (a, b, parts)
}

fn ids(answer: &TestResponse) -> Value {
    let images = answer.json()["images"].clone();
    json!({"avatar": images["avatar"]["id"], "cover": images["cover"]["id"], "main": images["main"]["id"]})
}

fn pictures(server: &TestServer) -> usize {
    server.files().iter().filter(|file| file.ends_with("manifest.json")).count()
}

#[tokio::test]
async fn the_same_upload_gets_the_same_answer() {
    let server = TestServer::new(|_| ()).await;
    let other = App::new(server.app.config().clone()).await.unwrap();
    let (a, b, parts) = two_pictures();
    let first = post(&server.app, "\"key 1\"", &parts).await;
    assert_eq!(first.status, 201);
    // Written otherwise, in another order, with other fields: it is what the pictures are that counts.
    let reordered =
        [b.parts_of("cover", false), vec![("csrf".into(), b"2".into())], a.parts_of("avatar", false)];
    for (app, key, parts) in [
        (&server.app, "\"key 1\"", parts.clone()),
        (&other, "key 1", parts.clone()),
        (&other, "\"key 1\";since=7", reordered.concat()),
    ] {
        let again = post(app, key, &parts).await;
        assert_eq!((again.status.as_u16(), again.json()), (201, first.json()), "{key}");
    }
    assert_eq!(pictures(&server), 2);
    let free = post(&server.app, "another", &parts).await;
    assert_ne!(ids(&free), ids(&first));
}

#[tokio::test]
async fn another_upload_under_the_same_key_is_refused() {
    let server = TestServer::new(|_| ()).await;
    let (a, _, parts) = two_pictures();
    assert_eq!(post(&server.app, "k", &parts).await.status, 201);
    let other = upload("coffee.jpg", &[Format::Webp]);
    for (what, parts) in [
        ("one picture less", a.parts_of("avatar", false)),
        ("another name", [a.parts_of("face", false), parts[2..].to_vec()].concat()),
        ("another picture", [other.parts_of("avatar", false), parts[2..].to_vec()].concat()),
        ("with its source", [a.parts_of("avatar", true), parts[2..].to_vec()].concat()),
    ] {
        let answer = post(&server.app, "k", &parts).await;
        let told = answer.json();
        assert_eq!(
            (answer.status.as_u16(), &told["code"]),
            (422, &json!("idempotency-key-reused")),
            "{what}"
        );
        assert_eq!(pictures(&server), 2, "{what}");
    }
}

#[tokio::test]
async fn keys_belong_to_who_sends_them() {
    let server = TestServer::new(requires_tokens).await;
    let sent = form(&upload("coffee.jpg", &[Format::Jpeg]).parts(false));
    let mut seen = Vec::new();
    // The second token of a person is another one, and it is the same person.
    for (subject, later) in [("ann", 0), ("bob", 0), ("ann", 5)] {
        let mut claims = claims(&json!({}));
        claims["sub"] = subject.into();
        claims["exp"] = (claims["exp"].as_u64().unwrap() + later).into();
        let bearer = format!("Bearer {}", token(&claims));
        let head = [("content-type", FORM), ("idempotency-key", "k"), ("authorization", bearer.as_str())];
        let answer = server.send(Method::POST, "/v1/images", &head, sent.clone()).await;
        assert_eq!(answer.status, 201);
        seen.push(ids(&answer));
    }
    assert_eq!(seen[0], seen[2]);
    assert_ne!(seen[0], seen[1]);
}

#[tokio::test]
async fn keys_that_are_none_are_refused() {
    let server = TestServer::new(|_| ()).await;
    let parts = upload("coffee.jpg", &[Format::Jpeg]).parts(false);
    for key in ["", "\"\"", "\"open", "\"a\" \"b\"", "ä", &"x".repeat(256)] {
        let answer = post(&server.app, key, &parts).await;
        let told = answer.json();
        assert_eq!(
            (answer.status.as_u16(), &told["code"]),
            (400, &json!("invalid-idempotency-key")),
            "{key}"
        );
    }
    assert!(server.files().is_empty());
}

/// On the same server the second is told to wait, and then gets the answer of the first.
#[tokio::test]
async fn a_request_that_still_runs_is_not_begun_again() {
    let parts = upload("coffee.jpg", &[Format::Jpeg]).parts(false);
    let (begun, runs) = tokio::sync::oneshot::channel::<()>();
    let (go_on, waits) = tokio::sync::oneshot::channel::<()>();
    let wait = async move {
        begun.send(()).unwrap();
        waits.await.unwrap();
        Ok(())
    };
    let store = ObservedStore::new().interrupted_before(5, wait.boxed());
    let app = App::with_store(Config::default(), Store::with_backend(Arc::new(store))).await.unwrap();
    let first = {
        let (app, parts) = (app.clone(), parts.clone());
        tokio::spawn(async move { post(&app, "k", &parts).await })
    };
    runs.await.unwrap();
    let second = post(&app, "k", &parts).await;
    assert_eq!((second.status.as_u16(), &second.json()["code"]), (409, &json!("request-running")));
    assert_eq!(second.header("retry-after"), "2");
    go_on.send(()).unwrap();
    let first = first.await.unwrap();
    assert_eq!((first.status.as_u16(), ids(&post(&app, "k", &parts).await)), (201, ids(&first)));
}

/// On another server as well; `request_leases.rs` has those that have died.
#[tokio::test]
async fn a_request_that_runs_on_another_server_is_not_begun_again() {
    let parts = upload("coffee.jpg", &[Format::Jpeg]).parts(false);
    let (begun, runs) = tokio::sync::oneshot::channel::<()>();
    let (go_on, waits) = tokio::sync::oneshot::channel::<()>();
    let wait = async move {
        begun.send(()).unwrap();
        waits.await.unwrap();
        Ok(())
    };
    let observed = ObservedStore::new();
    // In the middle of what is stored.
    let store = observed.interrupted_before(8, wait.boxed());
    let app = App::with_store(Config::default(), Store::with_backend(Arc::new(store))).await.unwrap();
    let other =
        App::with_store(Config::default(), Store::with_backend(Arc::new(observed.clone()))).await.unwrap();
    let first = {
        let (app, parts) = (app.clone(), parts.clone());
        tokio::spawn(async move { post(&app, "k", &parts).await })
    };
    runs.await.unwrap();
    for _ in 0..2 {
        let second = post(&other, "k", &parts).await;
        assert_eq!((second.status.as_u16(), &second.json()["code"]), (409, &json!("request-running")));
        let wait: u64 = second.header("retry-after").parse().unwrap();
        assert!((2..=60).contains(&wait), "{wait}");
    }
    assert_eq!(post(&other, "another", &parts).await.status, 201);
    go_on.send(()).unwrap();
    let first = first.await.unwrap();
    assert_eq!((first.status.as_u16(), ids(&post(&other, "k", &parts).await)), (201, ids(&first)));
}

#[tokio::test]
async fn of_many_at_the_same_time_on_two_servers_all_get_the_same() {
    let server = TestServer::new(|_| ()).await;
    let other = App::new(server.app.config().clone()).await.unwrap();
    let (_, _, parts) = two_pictures();
    for round in 0..5 {
        let key = format!("round {round}");
        let all = (0..8).map(|i| post(if i % 2 == 0 { &server.app } else { &other }, &key, &parts));
        let answers = futures::future::join_all(all).await;
        let last = post(&other, &key, &parts).await;
        let stored: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
        assert!(!stored.is_empty() && stored.iter().all(|answer| ids(answer) == ids(&last)));
        assert!(answers.iter().all(|answer| matches!(answer.status.as_u16(), 201 | 409)));
        assert_eq!(pictures(&server), 2 * (round + 1));
    }
}

async fn end_running(store: &ObservedStore) {
    // Who has left here, unlike who has died, removes it by itself.
    tokio::task::yield_now().await;
    for path in common::uploads::paths(&store.objects).await {
        if path.starts_with("running/") {
            let _ = store.objects.delete(&path.into()).await;
        }
    }
}

/// Whichever operation of the store fails or never ends, the next try stores the form whole, once.
#[tokio::test]
async fn after_a_crash_anywhere_the_same_upload_goes_on() {
    let (_, _, parts) = two_pictures();
    let mut crashed = 0;
    for number in 3.. {
        for dies in [true, false] {
            let failure = object_store::Error::Generic { store: "test", source: "no".into() };
            let reached = Arc::new(tokio::sync::Notify::new());
            let here = Arc::clone(&reached);
            let stop = async move {
                if dies {
                    here.notify_one();
                    std::future::pending().await
                } else {
                    Err(failure)
                }
            };
            let store = ObservedStore::new().interrupted_before(number, stop.boxed());
            let open = async || {
                App::with_store(Config::default(), Store::with_backend(Arc::new(store.clone())))
                    .await
                    .unwrap()
            };
            let app = open().await;
            store.take_operations();
            // A server that dies answers nothing.
            let first = tokio::select! {
                answer = post(&app, "k", &parts) => Some(answer.status.as_u16()),
                () = reached.notified() => None,
            };
            if first == Some(201) {
                assert!(crashed > 30, "{crashed}");
                return;
            }
            crashed += 1;
            // A server that dies leaves word that the request runs, for as long as a request can take.
            end_running(&store).await;
            let second = post(&open().await, "k", &parts).await;
            assert_eq!(second.status, 201, "operation {number}: {}", second.json());
            let opened = Store::with_backend(Arc::new(store.clone()));
            for name in ["avatar", "cover"] {
                let id = second.json()["images"][name]["id"].as_str().unwrap().parse().unwrap();
                assert_eq!(read_whole(&opened, id).await, Ok(Some(Stage::Pending)), "operation {number}");
            }
            let swept = opened.sweep(Duration::MAX, true).await.unwrap();
            assert_eq!((swept.waiting, swept.leftovers), (2, 0), "operation {number}");
            assert_eq!(ids(&post(&open().await, "k", &parts).await), ids(&second));
        }
    }
}

#[tokio::test]
async fn what_became_of_the_upload_since_is_told() {
    let server = TestServer::new(|_| ()).await;
    let parts = upload("coffee.jpg", &[Format::Jpeg]).parts(false);
    let first = post(&server.app, "k", &parts).await;
    let address = format!("/v1/images/{}", first.image()["id"].as_str().unwrap());
    server.send(Method::POST, &format!("{address}/confirm"), &[], Body::empty()).await;
    let kept = post(&server.app, "k", &parts).await;
    assert_eq!(
        (kept.status.as_u16(), ids(&kept), &kept.image()["state"]),
        (201, ids(&first), &json!("kept"))
    );
    server.send(Method::DELETE, &address, &[], Body::empty()).await;
    let ended = post(&server.app, "k", &parts).await;
    assert_eq!((ended.status.as_u16(), &ended.json()["code"]), (410, &json!("upload-ended")));
    assert!(server.files().iter().all(|file| file.starts_with("requests/")), "{:?}", server.files());
}

/// The record of a request names the id of what was deleted: without the tombstone, the same request would bring it back.
#[test]
fn a_tombstone_stays_as_long_as_the_record_of_a_request() {
    for hours in [0, 1, 24, 1000] {
        let ages = Ages::of_pending(Duration::from_secs(hours * 3600));
        assert!(ages.tombstones >= ages.pending.max(ages.leftovers), "{hours}");
    }
}

/// The answer of the first try was lost: the second may use the same token once more, and nobody else may.
#[tokio::test]
async fn a_token_for_one_upload_is_good_for_its_second_try() {
    let server = TestServer::new(takes_tokens).await;
    let mut claims = claims(&json!({"once": true}));
    claims["jti"] = "one".into();
    let bearer = format!("Bearer {}", token(&claims));
    let body = form(&upload("coffee.jpg", &[Format::Jpeg]).parts(false));
    let send = async |key: &str| {
        let head = [("content-type", FORM), ("idempotency-key", key), ("authorization", bearer.as_str())];
        server.send(Method::POST, "/v1/images", &head, body.clone()).await
    };
    let first = send("a").await;
    assert_eq!((first.status.as_u16(), ids(&send("a").await)), (201, ids(&first)));
    let other = send("b").await;
    assert_eq!((other.status.as_u16(), &other.json()["code"]), (401, &json!("token-used")));
    assert_eq!(pictures(&server), 1);
}

/// The record of a request is forgotten with the upload that waited, and a token may live longer.
#[tokio::test]
async fn a_token_for_one_upload_stays_used_when_its_request_is_forgotten() {
    let server = TestServer::new(takes_tokens).await;
    let mut claims = claims(&json!({"once": true}));
    claims["jti"] = "one".into();
    let bearer = format!("Bearer {}", token(&claims));
    let send = async |format| {
        let body = form(&upload("coffee.jpg", &[format]).parts(false));
        let head = [("content-type", FORM), ("idempotency-key", "a"), ("authorization", bearer.as_str())];
        server.send(Method::POST, "/v1/images", &head, body).await
    };
    let first = send(Format::Jpeg).await;
    assert_eq!(first.status, 201);
    let id = first.image()["id"].as_str().unwrap().parse().unwrap();
    server.app.store().confirm(id).await.unwrap();
    let none = Duration::ZERO;
    let all = Ages { pending: none, leftovers: none, tombstones: none };
    server.app.store().sweep_by_age(all, false).await.unwrap();
    assert!(server.files().iter().all(|file| !file.starts_with("requests/")), "{:?}", server.files());
    for (format, status, code) in [
        (Format::Webp, 401, "token-used"),
        (Format::Webp, 401, "token-used"),
        (Format::Jpeg, 422, "idempotency-key-reused"),
    ] {
        let again = send(format).await;
        assert_eq!((again.status.as_u16(), &again.json()["code"]), (status, &json!(code)), "{format:?}");
    }
    assert_eq!(pictures(&server), 1);
}

/// The first try has died before anybody was told of an audit: its time must not count.
#[tokio::test]
async fn an_upload_that_is_sent_again_has_the_whole_time_for_its_audit() {
    let server = TestServer::new(|c| {
        c.level = Level::Committed;
        c.audits.share = 1.0;
    })
    .await;
    let parts = upload("coffee.jpg", &[Format::Jpeg]).parts(false);
    let first = post(&server.app, "k", &parts).await;
    // As if it had died an hour ago, with nothing but its record, and what told the sweep of its audit.
    let (store, id) = (server.folder.path().join("store"), first.image()["id"].as_str().unwrap().to_owned());
    std::fs::remove_dir_all(store.join("pending").join(&id)).unwrap();
    std::fs::create_dir(store.join("pending").join(&id)).unwrap();
    std::fs::write(store.join("pending").join(&id).join("audit-7"), "").unwrap();
    let record = std::fs::read_dir(store.join("requests")).unwrap().next().unwrap().unwrap().path();
    let mut json: Value = serde_json::from_slice(&std::fs::read(&record).unwrap()).unwrap();
    json["created"] = (json["created"].as_u64().unwrap() - 3600).into();
    std::fs::write(&record, json.to_string()).unwrap();

    let second = post(&server.app, "k", &parts).await;
    assert_eq!((second.status.as_u16(), ids(&second)), (201, ids(&first)));
    let told = second.image()["audit"]["deadline"].as_str().unwrap().to_owned();
    let deadline = humantime::parse_rfc3339(&told).unwrap();
    assert!(deadline > std::time::SystemTime::now(), "{told}");
    let swept = server.app.store().sweep(Duration::from_secs(24 * 3600), false).await.unwrap();
    assert_eq!((swept.deleted.len(), swept.waiting), (0, 1));
    assert_eq!(second.image()["audit"]["state"], "waiting");
}

#[tokio::test]
async fn requests_are_forgotten_with_the_uploads_that_wait() {
    let server = TestServer::new(|_| ()).await;
    let parts = upload("coffee.jpg", &[Format::Jpeg]).parts(false);
    post(&server.app, "k", &parts).await;
    let records = || server.files().iter().filter(|file| file.starts_with("requests/")).count();
    server.app.store().sweep(Duration::ZERO, false).await.unwrap();
    assert_eq!(records(), 1, "one may be under way");
    let folder = server.folder.path().join("store/requests");
    for entry in std::fs::read_dir(folder).unwrap() {
        let old = std::time::SystemTime::now() - Duration::from_secs(2 * 3600);
        std::fs::File::options().write(true).open(entry.unwrap().path()).unwrap().set_modified(old).unwrap();
    }
    server.app.store().sweep(Duration::from_secs(3 * 3600), false).await.unwrap();
    assert_eq!(records(), 1, "its upload may still wait");
    server.app.store().sweep(Duration::ZERO, false).await.unwrap();
    assert_eq!(records(), 0);
}
