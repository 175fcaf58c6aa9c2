//! Uploads by way of the store, over a store in memory to which the test puts what a client would.

use super::{TestResponse, Upload, send, upload, upload_of};
use axum::body::Body;
use axum::http::Method;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{Attribute, Attributes, ObjectStore, PutOptions};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use truecrop_core::receipt::Digest;
use truecrop_core::recipe::Format;
use truecrop_core::verify::Level;
use truecrop_server::config::{Config, HumanDuration};
use truecrop_server::http::App;
use truecrop_server::store::{Part, SignPuts, SignedPut, Store};

pub const DAY: Duration = Duration::from_secs(86_400);

/// Gives the path for an address.
#[derive(Debug)]
pub struct Paths;

impl SignPuts for Paths {
    fn sign_put(
        &self,
        path: Path,
        part: Part,
        _: Duration,
    ) -> BoxFuture<'_, object_store::Result<SignedPut>> {
        let headers = vec![("content-type".to_owned(), part.mime)];
        async move { Ok(SignedPut { url: path.to_string(), headers }) }.boxed()
    }
}

pub async fn app(objects: Arc<dyn ObjectStore>, change: impl FnOnce(&mut Config)) -> App {
    let mut config = Config { level: Level::Source, ..Config::default() };
    change(&mut config);
    App::with_store(config, Store::with_backend(objects).with_signer(Arc::new(Paths))).await.unwrap()
}

/// Waits shortly for servers that have died.
pub fn hurried(config: &mut Config) {
    config.admission.longest_wait = Some(HumanDuration(Duration::from_millis(100)));
}

/// A JPEG of a photograph, with its source.
pub fn sent() -> Upload {
    upload("coffee.jpg", &[Format::Jpeg])
}

/// The announcement of an upload called `main`.
pub fn announcement(sent: &Upload) -> Value {
    let receipt: Value = serde_json::from_str(&sent.receipt).unwrap();
    let source = json!({ "bytes": sent.source.len(), "digest": Digest::of(&sent.source).to_string() });
    json!({ "images": { "main": { "receipt": receipt, "source": source } } })
}

pub async fn announce(app: &App, announcement: &Value) -> TestResponse {
    let json = [("content-type", "application/json")];
    send(app, Method::POST, "/v1/uploads", &json, announcement.to_string()).await
}

/// A photo that is longer than what a judgement holds of it, so that it must read some of it twice.
pub fn long() -> Upload {
    let photo = sent().source;
    let comment = [&[0xFF, 0xFE, 0xFF, 0xFF][..], &vec![b' '; 0xFFFD]].concat();
    upload_of([&photo[..2], &comment.repeat(160), &photo[2..]].concat(), &[Format::Jpeg])
}

/// What is told, but for the id of the request.
pub fn told(response: &TestResponse) -> Value {
    let mut told = response.json();
    if let Some(members) = told.as_object_mut() {
        members.remove("instance");
    }
    told
}

pub async fn complete(app: &App, id: &str) -> TestResponse {
    send(app, Method::POST, &format!("/v1/uploads/{id}/complete"), &[], Body::empty()).await
}

/// Puts an object as a client does.
pub async fn put(objects: &InMemory, request: &Value, bytes: &[u8]) {
    let kind = request["headers"]["content-type"].as_str().unwrap().to_owned();
    put_as(objects, request, bytes, &kind).await;
}

pub async fn put_as(objects: &InMemory, request: &Value, bytes: &[u8], kind: &str) {
    let attributes = Attributes::from_iter([(Attribute::ContentType, kind.to_owned())]);
    let path = Path::from(request["url"].as_str().unwrap());
    let options = PutOptions { attributes, ..PutOptions::default() };
    objects.put_opts(&path, bytes.to_vec().into(), options).await.unwrap();
}

/// An announced upload whose parts are in the store.
pub async fn ready(objects: &Arc<InMemory>, sent: &Upload) -> (App, Value) {
    let app = app(Arc::clone(objects) as Arc<dyn ObjectStore>, hurried).await;
    let told = announce(&app, &announcement(sent)).await;
    assert_eq!(told.status, 201, "{}", told.json());
    let told = told.json();
    put(objects, &told["parts"]["main"]["outputs"]["main"], &sent.outputs[0].1).await;
    put(objects, &told["parts"]["main"]["source"], &sent.source).await;
    (app, told)
}

pub async fn paths(objects: &InMemory) -> Vec<String> {
    let objects: Vec<_> = objects.list(None).collect().await;
    let mut paths: Vec<_> = objects.into_iter().map(|o| o.unwrap().location.to_string()).collect();
    paths.sort();
    paths
}
