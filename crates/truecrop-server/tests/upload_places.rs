//! The bound of uploads that wait for parts counts those that do: a client that leaves while its upload is announced, at whatever moment,
//! leaves no place taken that nobody can give back.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use axum::body::Body;
use axum::http::Method;
use common::tokens::{claims, requires_tokens, token};
use common::uploads::{announcement, sent};
use common::{TestResponse, TestServer, send};
use serde_json::json;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;
use truecrop_core::verify::Level;

/// An announcement with a token of its own that is good for one upload, so that it has every step that there is.
async fn announce(server: &TestServer, number: usize) -> TestResponse {
    let mut claims = claims(&json!({ "once": true }));
    claims["jti"] = format!("token {number}").into();
    let bearer = format!("Bearer {}", token(&claims));
    let head = [("content-type", "application/json"), ("authorization", &*bearer)];
    send(&server.app, Method::POST, "/v1/uploads", &head, announcement(&sent()).to_string()).await
}

/// Works on something until it has waited so often, and then leaves it; whether it came to its end. Work for the disk has one thread, which
/// is busy whenever something is given to it: so each step waits.
async fn leave_after<T>(waits: usize, work: impl Future<Output = T>) -> Option<T> {
    let (mut work, mut left) = (pin!(work), waits);
    let busy = || std::thread::sleep(Duration::from_millis(2));
    poll_fn(|context| match (tokio::task::spawn_blocking(busy), work.as_mut().poll(context)).1 {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending if left == 0 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

/// The ids of what is in a folder of the store.
fn ids(server: &TestServer, folder: &str) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(server.folder.path().join("store").join(folder)) else {
        return Vec::new();
    };
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_client_that_leaves_at_any_moment_leaves_no_place_taken() {
    let runtime = tokio::runtime::Builder::new_current_thread().max_blocking_threads(1).enable_all().build();
    runtime.unwrap().block_on(leave_at_any_moment());
}

async fn leave_at_any_moment() {
    let (mut phases, mut with_folder) = (0, 0);
    for waits in 0.. {
        let server = TestServer::new(|config| {
            requires_tokens(config);
            config.level = Level::Result;
            config.uploads.unfinished = 1;
        })
        .await;
        if let Some(told) = leave_after(waits, announce(&server, 1)).await {
            assert_eq!(told.status, 201, "{}", told.json());
            phases = waits;
            break;
        }
        // What a thread does for the disk goes on to its end. An upload that was announced to its end waits for its parts, as any other.
        let mut told = announce(&server, 2).await;
        for number in 3..200 {
            if told.status == 201 {
                break;
            }
            assert_eq!(told.json()["code"], "uploads-full", "after {waits} waits");
            let waiting = ids(&server, "incoming");
            assert!(waiting.len() <= 1, "{waiting:?}");
            for id in waiting {
                with_folder += 1;
                let head = [("authorization", "")];
                let given_up =
                    server.send(Method::DELETE, &format!("/v1/uploads/{id}"), &head, Body::empty()).await;
                assert_eq!(given_up.status, 204, "{}", given_up.json());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
            told = announce(&server, number).await;
        }
        assert_eq!(told.status, 201, "after {waits} waits: {}", told.json());
        assert_eq!(ids(&server, "incoming").len(), 1, "after {waits} waits");
    }
    // Reading the body, the token, the folder, the intent: a client can leave in each.
    assert!(phases > 3 && with_folder > 0, "{phases} phases, {with_folder} of them with a folder");
}
