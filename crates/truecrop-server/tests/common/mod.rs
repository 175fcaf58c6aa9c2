//! For all tests: the real application over an empty store, real uploads, and requests to it.
#![allow(dead_code, clippy::unwrap_used)] // each test file uses a part of it

pub mod binary;
pub mod bucket;
pub mod hooked_store;
pub mod lambda_runtime;
pub mod noise;
pub mod observed_store;
pub mod receiver;
pub mod seaweed;
pub mod stepped_store;
pub mod tokens;
pub mod tus;
pub mod uploads;

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use std::io::Cursor;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tower::ServiceExt;
use truecrop_core::geometry::{Crop, Size};
use truecrop_core::receipt::Receipt;
use truecrop_core::recipe::{Format, OutputSpec, Recipe};
use truecrop_core::{Limits, pipeline};
use truecrop_server::config::Config;
use truecrop_server::http::{App, router};
use truecrop_server::store::{Id, Stage, Store, StoreError};

/// A photograph of the fixtures.
pub fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(fixture_path(name)).unwrap()
}

pub fn fixture_path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures").join(name)
}

/// An upload as a browser sends it.
#[derive(Clone)]
pub struct Upload {
    pub receipt: String,
    pub outputs: Vec<(String, Vec<u8>)>,
    pub source: Vec<u8>,
}

/// A crop of a photograph of the fixtures, made by the engine.
pub fn upload(source: &str, formats: &[Format]) -> Upload {
    upload_of(fixture(source), formats)
}

/// The same of any file.
pub fn upload_of(source: Vec<u8>, formats: &[Format]) -> Upload {
    let name = |i: usize| if i == 0 { "main".to_owned() } else { format!("extra{i}") };
    let specs =
        formats.iter().enumerate().map(|(i, f)| OutputSpec::new(name(i), Size::new(120, 90), *f).unwrap());
    let recipe = Recipe::new(Crop::from_pixels(12.5, 8.0, 160.0, 120.0).unwrap(), specs.collect()).unwrap();
    let go_on = &mut |_| ControlFlow::Continue(());
    let cropped =
        pipeline::crop(Box::new(Cursor::new(source.clone())), &recipe, &Limits::default(), go_on).unwrap();
    let outputs = cropped.outputs.into_iter().map(|(spec, bytes)| (spec.name().to_owned(), bytes)).collect();
    Upload { receipt: cropped.receipt.to_json().unwrap(), outputs, source }
}

impl Upload {
    /// The upload with a change in the receipt, and with the digest that fits it.
    pub fn forge(mut self, change: impl FnOnce(&mut serde_json::Value)) -> Self {
        let mut json = serde_json::from_str(&self.receipt).unwrap();
        change(&mut json);
        let read = |json: &serde_json::Value| {
            Receipt::from_json(json.to_string().as_bytes(), &Limits::default()).unwrap()
        };
        json["digest"] = read(&json).digest_of_content().unwrap().to_string().into();
        self.receipt = read(&json).to_json().unwrap();
        self
    }

    /// The parts in their order, with the source as the last, of a picture called `main`.
    pub fn parts(&self, source: bool) -> Vec<(String, Vec<u8>)> {
        self.parts_of("main", source)
    }

    /// The same of a picture of this name.
    pub fn parts_of(&self, picture: &str, source: bool) -> Vec<(String, Vec<u8>)> {
        let receipt = (format!("{picture}.receipt"), self.receipt.clone().into_bytes());
        let part = |output: &str| match self.outputs.len() {
            1 => picture.to_owned(),
            _ => format!("{picture}.{output}"),
        };
        let outputs = self.outputs.iter().map(|(name, bytes)| (part(name), bytes.clone()));
        let source = source.then(|| (format!("{picture}.source"), self.source.clone()));
        [receipt].into_iter().chain(outputs).chain(source).collect()
    }
}

pub const FORM: &str = "multipart/form-data; boundary=frontier";

/// The body of a form.
pub fn form(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, bytes) in parts {
        body.extend_from_slice(
            format!("--frontier\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"f\"\r\n\r\n")
                .as_bytes(),
        );
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--frontier--\r\n");
    body
}

/// The application and its store.
pub struct TestServer {
    pub folder: TempDir,
    pub app: App,
}

pub struct TestResponse {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl TestResponse {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// What the answer to a form tells of the picture `main`.
    pub fn image(&self) -> serde_json::Value {
        self.json()["images"]["main"].clone()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }
}

/// The application's response to a request.
pub async fn send(
    app: &App,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> TestResponse {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(body.into()).unwrap();
    let response = router(app.clone()).oneshot(request).await.unwrap();
    let (head, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    TestResponse { status: head.status, headers: head.headers, body }
}

impl TestServer {
    pub async fn new(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store").to_string_lossy().into_owned();
        let mut config = Config { store, ..Config::default() };
        change(&mut config);
        Self { folder, app: App::new(config).await.unwrap() }
    }

    /// Every file of the store but the tombstones, as paths in it.
    pub fn files(&self) -> Vec<String> {
        let store = self.folder.path().join("store");
        let mut files = Vec::new();
        let mut folders = vec![store.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.push(path.strip_prefix(&store).unwrap().to_string_lossy().into_owned());
                }
            }
        }
        files.retain(|file| !file.starts_with("deleted/"));
        files.sort();
        files
    }

    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> TestResponse {
        send(&self.app, method, path, headers, body).await
    }

    pub async fn post(&self, parts: &[(String, Vec<u8>)]) -> TestResponse {
        self.send(Method::POST, "/v1/images", &[("content-type", FORM)], form(parts)).await
    }

    pub async fn get(&self, path: &str) -> TestResponse {
        self.send(Method::GET, path, &[], Body::empty()).await
    }
}

/// Reads a whole upload as a client does.
pub async fn read_whole(store: &Store, id: Id) -> Result<Option<Stage>, StoreError> {
    let Some((mut stage, manifest)) = store.find(id).await? else { return Ok(None) };
    for output in &manifest.outputs {
        let Some((now, content)) = store.read_output(stage, id, output).await? else { return Ok(None) };
        content.bytes().await?;
        stage = now;
    }
    let receipt = store.read_receipt(stage, &manifest).await?;
    Ok(receipt.map(|_| stage))
}
