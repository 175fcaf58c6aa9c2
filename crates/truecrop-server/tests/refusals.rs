//! Uploads that are refused, each with its code and field; and that nothing of them is stored.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use common::{FORM, TestServer, form, upload};
use serde_json::json;
use truecrop_core::recipe::Format;

#[tokio::test]
async fn bodies_that_are_not_a_valid_form_are_refused() {
    let server = TestServer::new(|c| c.upload_bytes = 1000).await;
    let good = form(&upload("coffee.jpg", &[Format::Jpeg]).parts(false));
    let cases: [(&str, &str, Body, u16, &str); 5] = [
        ("no form", "application/json", Body::from("{}"), 400, "invalid-multipart"),
        ("no boundary", "multipart/form-data", Body::from(good.clone()), 400, "invalid-multipart"),
        ("cut short", FORM, Body::from(good[..good.len() - 40].to_vec()), 400, "invalid-multipart"),
        ("more than a picture may have", FORM, Body::from(good.clone()), 413, "too-many-bytes"),
        (
            "no length, and more than a picture may have",
            FORM,
            Body::from_stream(futures::stream::iter([Ok::<_, std::io::Error>(good)])),
            413,
            "too-many-bytes",
        ),
    ];
    for (what, kind, body, status, code) in cases {
        let answer = server.send(Method::POST, "/v1/images", &[("content-type", kind)], body).await;
        assert_eq!((answer.status.as_u16(), answer.json()["code"].as_str()), (status, Some(code)), "{what}");
        assert!(server.files().is_empty(), "{what}");
    }
}

#[tokio::test]
async fn an_upload_beyond_all_memory_is_refused_for_good() {
    let server = TestServer::new(|c| c.memory_budget = 100_000).await;
    let answer = server.post(&upload("coffee.jpg", &[Format::Jpeg]).parts(false)).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (413, &json!("memory-over-budget")));
    assert!(server.files().is_empty());
}

#[tokio::test]
async fn unknown_addresses_are_not_found() {
    let server = TestServer::new(|_| ()).await;
    let id = "aaaaaaaaaaaaaaaaaaaaaaaaaa";
    for path in [
        "/v1/images/..%2f..%2fetc%2fpasswd".to_owned(),
        format!("/v1/images/{id}"),
        format!("/v1/images/{id}/main"),
        format!("/v1/images/{id}/..%2f..%2fmanifest.json"),
        "/nowhere".to_owned(),
    ] {
        let answer = server.get(&path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()["code"].as_str()),
            (404, Some("not-found")),
            "{path}"
        );
    }
    let confirm = server.send(Method::POST, &format!("/v1/images/{id}/confirm"), &[], Body::empty()).await;
    assert_eq!(confirm.status, StatusCode::NOT_FOUND);
}
