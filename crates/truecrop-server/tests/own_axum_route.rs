//! The example `own_axum_route`: a good upload is answered by its verdict, every other one by the problem.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;
#[path = "../examples/own_axum_route.rs"]
#[allow(dead_code)] // its `main` listens on a fixed port
mod example;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use common::{FORM, form, upload};
use tower::ServiceExt;
use truecrop_core::recipe::Format;

async fn post(parts: &[(String, Vec<u8>)]) -> (u16, serde_json::Value) {
    let request = Request::post("/pictures").header("content-type", FORM).body(Body::from(form(parts)));
    answer(request.unwrap()).await
}

async fn answer(request: Request<Body>) -> (u16, serde_json::Value) {
    let response = example::app().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let kind = if status == 200 { "application/json" } else { "application/problem+json" };
    assert_eq!(response.headers()["content-type"], kind);
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}

#[tokio::test]
async fn the_example_answers_by_verdict_or_problem() {
    let good = upload("coffee.jpg", &[Format::Jpeg]).parts(false);
    let (status, verdict) = post(&good).await;
    assert_eq!((status, &verdict["valid"]), (200, &true.into()), "{verdict}");

    let mut spoiled = good.clone();
    spoiled[1].1.push(0);
    let (status, problem) = post(&spoiled).await;
    assert_eq!((status, &problem["code"]), (422, &"digest-mismatch".into()), "{problem}");

    let (status, problem) = post(&good[1..]).await;
    assert_eq!((status, &problem["code"]), (422, &"invalid-receipt".into()), "{problem}");

    let mut long = good.clone();
    long[1].1.resize(5 << 20, 0);
    let (status, problem) = post(&long).await;
    assert_eq!((status, &problem["code"]), (413, &"invalid-multipart".into()), "{problem}");

    let (status, problem) = answer(Request::post("/pictures").body(Body::from("no form")).unwrap()).await;
    assert_eq!((status, &problem["code"]), (400, &"invalid-multipart".into()), "{problem}");
}
