//! Uploads at level `committed` that are asked for their source: proved, disproved, too late, and by whom they are chosen.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use axum::body::Body;
use axum::http::Method;
use common::tokens::{post_with, takes_tokens, token_for};
use common::{TestResponse, TestServer, Upload, fixture, upload};
use serde_json::{Value, json};
use std::time::Duration;
use truecrop_core::recipe::Format;
use truecrop_core::verify::Level;
use truecrop_server::config::{Config, HumanDuration};

fn asks_everybody(config: &mut Config) {
    config.level = Level::Committed;
    config.audits.share = 1.0;
}

/// Stores a picture, and gives its address and what was answered.
async fn stored(server: &TestServer, sent: &Upload) -> (String, Value) {
    let answer = server.post(&sent.parts(false)).await;
    assert_eq!(answer.status, 201, "{}", answer.json());
    (answer.header("location").to_owned(), answer.image())
}

async fn send_source(server: &TestServer, address: &str, source: Vec<u8>) -> TestResponse {
    server.send(Method::POST, &format!("{address}/source"), &[], source).await
}

async fn confirm(server: &TestServer, address: &str) -> TestResponse {
    server.send(Method::POST, &format!("{address}/confirm"), &[], Body::empty()).await
}

fn told(answer: &TestResponse) -> (u16, Value) {
    (answer.status.as_u16(), answer.json()["code"].clone())
}

/// An upload that shows another part of the photo than its receipt says. Without the source, everything about it is right.
fn lie() -> Upload {
    let (honest, other) = (upload("coffee.jpg", &[Format::Jpeg]), upload("hubble.jpg", &[Format::Jpeg]));
    let facts: Value = serde_json::from_str(&other.receipt).unwrap();
    let mut lie = honest.forge(|receipt| {
        for member in ["bytes", "digest"] {
            receipt["outputs"][0][member] = facts["outputs"][0][member].clone();
        }
    });
    lie.outputs = other.outputs;
    lie
}

#[tokio::test]
async fn an_upload_is_kept_once_its_source_has_proved_it() {
    let server = TestServer::new(asks_everybody).await;
    let sent = upload("coffee.jpg", &[Format::Jpeg]);
    let (address, image) = stored(&server, &sent).await;
    assert_eq!((&image["level"], &image["audit"]["state"]), (&json!("committed"), &json!("waiting")));
    assert_eq!(image["audit"]["source"], format!("{address}/source"));
    let deadline = humantime::parse_rfc3339(image["audit"]["deadline"].as_str().unwrap()).unwrap();
    assert!(deadline > std::time::SystemTime::now());
    assert_eq!(told(&confirm(&server, &address).await), (409, json!("audit-pending")));
    // Another file is no proof against the upload: the right one may follow.
    let wrong = send_source(&server, &address, fixture("cat.webp")).await;
    assert_eq!(told(&wrong), (422, json!("source-mismatch")));
    assert_eq!(server.get(&address).await.json()["audit"]["state"], "waiting");
    for _ in 0..2 {
        let proved = send_source(&server, &address, sent.source.clone()).await;
        assert_eq!(proved.status, 200, "{}", proved.json());
        assert_eq!(
            (&proved.json()["level"], &proved.json()["audit"]["state"]),
            (&json!("source"), &json!("passed"))
        );
    }
    for _ in 0..2 {
        let kept = confirm(&server, &address).await;
        assert_eq!((kept.status.as_u16(), &kept.json()["level"]), (200, &json!("source")));
    }
    assert_eq!(told(&send_source(&server, &address, sent.source.clone()).await), (409, json!("no-audit")));
    let left = server.files();
    assert!(left.len() == 3 && left.iter().all(|file| file.starts_with("kept/")), "{left:?}");
}

#[tokio::test]
async fn an_upload_that_its_source_disproves_is_never_kept() {
    let server = TestServer::new(asks_everybody).await;
    let lie = lie();
    let (address, _) = stored(&server, &lie).await;
    let disproved = send_source(&server, &address, lie.source.clone()).await;
    assert_eq!(told(&disproved), (422, json!("output-mismatch")));
    assert_eq!(server.get(&address).await.json()["audit"]["state"], "failed");
    assert_eq!(told(&confirm(&server, &address).await), (409, json!("audit-failed")));
    assert_eq!(told(&send_source(&server, &address, lie.source).await), (409, json!("audit-failed")));
    let metrics = String::from_utf8(server.get("/metrics").await.body).unwrap();
    assert!(metrics.contains("truecrop_audits_total{result=\"failed\"} 1"), "{metrics}");
}

#[tokio::test]
async fn an_upload_whose_source_does_not_come_is_swept_after_the_deadline() {
    let server = TestServer::new(|c| {
        asks_everybody(c);
        c.audits.deadline = HumanDuration(Duration::from_secs(1));
    })
    .await;
    let sent = upload("coffee.jpg", &[Format::Jpeg]);
    let (late, _) = stored(&server, &sent).await;
    let (proved, _) = stored(&server, &sent).await;
    assert_eq!(send_source(&server, &proved, sent.source.clone()).await.status, 200);
    let long = Duration::from_secs(24 * 3600);
    assert!(server.app.store().sweep(long, false).await.unwrap().deleted.is_empty(), "not late yet");
    tokio::time::sleep(Duration::from_millis(2100)).await;
    assert_eq!(told(&send_source(&server, &late, sent.source.clone()).await), (410, json!("audit-late")));
    assert_eq!(told(&confirm(&server, &late).await), (409, json!("audit-pending")));
    // A repair ends no upload, also none that is late.
    assert_eq!(server.app.store().repair(Duration::ZERO).await.unwrap(), 0);
    assert_eq!(server.get(&late).await.json()["audit"]["state"], "waiting");
    let would = server.app.store().sweep(long, true).await.unwrap();
    let swept = server.app.store().sweep(long, false).await.unwrap();
    assert_eq!((would.deleted.len(), swept.deleted.len(), swept.waiting), (1, 1, 1));
    assert_eq!(server.get(&late).await.status, 404);
    assert_eq!(confirm(&server, &proved).await.status, 200);
}

/// A receipt as a page makes it of what only the browser can decode.
fn decoded_by_the_browser() -> Upload {
    upload("coffee.jpg", &[Format::Jpeg]).forge(|receipt| {
        receipt["source"]["decoder"] = "platform".into();
        receipt["source"]["format"] = "avif".into();
    })
}

/// Where audits could not prove anything, such pictures are taken on request only.
#[tokio::test]
async fn what_the_browser_decoded_is_taken_where_the_policy_says_so() {
    let sent = decoded_by_the_browser();
    let cases = [
        (Level::Result, None, json!({}), true),
        (Level::Result, Some(false), json!({}), false),
        (Level::Result, None, json!({"allowPlatform": false}), false),
        (Level::Result, None, json!({"level": "committed"}), false),
        (Level::Result, None, json!({"level": "committed", "allowPlatform": true}), false),
        (Level::Result, Some(true), json!({"level": "committed", "allowPlatform": true}), true),
        (Level::Committed, None, json!({}), false),
        (Level::Committed, Some(true), json!({}), true),
        (Level::Committed, Some(false), json!({"allowPlatform": true}), false),
        (Level::Committed, Some(true), json!({"allowPlatform": false}), false),
    ];
    for (level, own, token, taken) in cases {
        let server = TestServer::new(|c| {
            takes_tokens(c);
            c.level = level;
            c.policy.allow_platform = own;
        })
        .await;
        let answer = post_with(&server, &token_for(&token), &sent.parts(false)).await;
        let what = format!("{level:?}, {own:?}, {token}");
        assert_eq!(answer.status.as_u16(), if taken { 201 } else { 422 }, "{what}");
        if !taken {
            assert_eq!(answer.json()["code"], "policy-violation", "{what}");
            assert_eq!(answer.json()["field"], "source.decoder", "{what}");
        }
    }
}

/// Of what only the browser can decode, the promise alone can be called in.
#[tokio::test]
async fn a_source_that_only_the_browser_can_decode_is_held_to_its_digest() {
    let server = TestServer::new(|c| {
        asks_everybody(c);
        c.policy.allow_platform = Some(true);
    })
    .await;
    let sent = decoded_by_the_browser();
    let (address, _) = stored(&server, &sent).await;
    assert_eq!(
        told(&send_source(&server, &address, fixture("cat.webp")).await),
        (422, json!("source-mismatch"))
    );
    let passed = send_source(&server, &address, sent.source).await;
    assert_eq!((passed.status.as_u16(), &passed.json()["level"]), (200, &json!("committed")));
    assert_eq!(confirm(&server, &address).await.json()["level"], "committed");
}

#[tokio::test]
async fn who_is_asked_follows_from_level_share_and_policy() {
    let sent = upload("coffee.jpg", &[Format::Jpeg]);
    let cases = [
        ("all at committed", Level::Committed, 1.0, json!({}), false, true),
        ("none", Level::Committed, 0.0, json!({}), false, false),
        ("all, by the token", Level::Committed, 0.0, json!({"audit": 1}), false, true),
        (
            "level and share by the token",
            Level::Result,
            0.0,
            json!({"audit": 1, "level": "committed"}),
            false,
            true,
        ),
        ("a token does not ask for less", Level::Committed, 1.0, json!({"audit": 0}), false, true),
        ("nobody at result", Level::Result, 1.0, json!({}), false, false),
        ("who has sent it", Level::Committed, 1.0, json!({}), true, false),
    ];
    for (what, level, share, policy, with_source, asked) in cases {
        let server = TestServer::new(|c| {
            takes_tokens(c);
            c.level = level;
            c.audits.share = share;
        })
        .await;
        let answer = post_with(&server, &token_for(&policy), &sent.parts(with_source)).await;
        assert_eq!((answer.status.as_u16(), answer.image()["audit"].is_object()), (201, asked), "{what}");
    }
}

#[tokio::test]
async fn nobody_is_asked_for_the_source_of_what_is_not_there() {
    let server = TestServer::new(asks_everybody).await;
    let sent = upload("coffee.jpg", &[Format::Jpeg]);
    let nowhere = format!("/v1/images/{}", "a".repeat(26));
    assert_eq!(told(&send_source(&server, &nowhere, sent.source.clone()).await), (404, json!("not-found")));
    let (address, _) = stored(&server, &sent).await;
    server.send(Method::DELETE, &address, &[], Body::empty()).await;
    assert_eq!(told(&send_source(&server, &address, sent.source).await), (404, json!("not-found")));
    assert!(server.files().is_empty());
}
