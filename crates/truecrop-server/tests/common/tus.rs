//! Uploads by tus into a folder, as a client sends them.

use super::uploads::{announce, announcement};
use super::{TestResponse, TestServer, Upload};
use axum::body::Body;
use axum::http::Method;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use truecrop_core::verify::Level;
use truecrop_server::config::Config;

pub const VERSION: (&str, &str) = ("tus-resumable", "1.0.0");
pub const STREAM: (&str, &str) = ("content-type", "application/offset+octet-stream");

pub async fn server(change: impl FnOnce(&mut Config)) -> TestServer {
    TestServer::new(|config| {
        config.level = Level::Source;
        change(config);
    })
    .await
}

pub async fn tus(server: &TestServer, method: Method, url: &str, fields: &[(&str, &str)]) -> TestResponse {
    server.send(method, url, &[&[VERSION], fields].concat(), Body::empty()).await
}

pub async fn append(server: &TestServer, url: &str, offset: usize, bytes: &[u8]) -> TestResponse {
    append_with(server, url, offset, bytes.to_vec(), &[]).await
}

pub async fn append_with(
    server: &TestServer,
    url: &str,
    offset: usize,
    body: impl Into<Body>,
    fields: &[(&str, &str)],
) -> TestResponse {
    let offset = offset.to_string();
    let fields = [&[VERSION, STREAM, ("upload-offset", &offset)], fields].concat();
    server.send(Method::PATCH, url, &fields, body).await
}

pub async fn offset(server: &TestServer, url: &str) -> u64 {
    let head = tus(server, Method::HEAD, url, &[]).await;
    assert_eq!((head.status.as_u16(), head.header("cache-control")), (200, "no-store"));
    head.header("upload-offset").parse().unwrap()
}

/// An announced upload: its id, the addresses of its output and its source.
pub async fn announced(server: &TestServer, sent: &Upload) -> (String, String, String) {
    let told = announce(&server.app, &announcement(sent)).await;
    assert_eq!(told.status, 201, "{}", told.json());
    let told = told.json();
    let parts = &told["parts"]["main"];
    let url = |put: &Value| put["url"].as_str().unwrap().to_owned();
    (told["id"].as_str().unwrap().to_owned(), url(&parts["outputs"]["main"]), url(&parts["source"]))
}

pub fn metadata(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<String> =
        pairs.iter().map(|(key, value)| format!("{key} {}", STANDARD.encode(value))).collect();
    pairs.join(",")
}

pub const RECIPE: &str = r#"{"truecrop":1,"crop":{"x":12.5,"y":8,"width":160,"height":120},
    "outputs":[{"name":"main","width":120,"height":90,"format":"jpeg"}]}"#;

/// Begins an upload whose client knows tus alone.
pub async fn create(server: &TestServer, length: usize, pairs: &[(&str, &str)]) -> TestResponse {
    let (length, metadata) = (length.to_string(), metadata(pairs));
    tus(server, Method::POST, "/v1/tus", &[("upload-length", &length), ("upload-metadata", &metadata)]).await
}
