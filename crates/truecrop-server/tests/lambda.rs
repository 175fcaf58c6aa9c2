//! The real binary as an AWS Lambda function, against a runtime API of our own.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName};
use axum::routing::{get, post};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::{FORM, form, upload};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use truecrop_core::recipe::Format;

/// The events that the function has not asked for yet, and its responses.
#[derive(Clone)]
struct Runtime {
    events: Arc<Mutex<VecDeque<Value>>>,
    answers: UnboundedSender<Value>,
}

const REQUEST_ID: HeaderName = HeaderName::from_static("lambda-runtime-aws-request-id");
const DEADLINE: HeaderName = HeaderName::from_static("lambda-runtime-deadline-ms");
const ARN: HeaderName = HeaderName::from_static("lambda-runtime-invoked-function-arn");

async fn next(State(runtime): State<Runtime>) -> (HeaderMap, String) {
    loop {
        let event = runtime.events.lock().unwrap().pop_front();
        if let Some(event) = event {
            let head = [
                (REQUEST_ID, "one"),
                (DEADLINE, "9999999999999"),
                (ARN, "arn:aws:lambda:x:1:function:truecrop"),
            ];
            let headers = head.into_iter().map(|(k, v)| (k, v.parse().unwrap())).collect();
            return (headers, event.to_string());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn answered(
    State(runtime): State<Runtime>,
    Path((_, kind)): Path<(String, String)>,
    body: String,
) -> &'static str {
    let answer = serde_json::from_str(&body).unwrap_or_else(|_| json!({ "kind": kind, "body": body }));
    runtime.answers.send(answer).unwrap();
    "{}"
}

/// The process of the function; killed when the test ends.
struct Function(Child);

impl Drop for Function {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct World {
    runtime: Runtime,
    answers: UnboundedReceiver<Value>,
    _function: Function,
    folder: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let (sender, answers) = unbounded_channel();
        let runtime = Runtime { events: Arc::default(), answers: sender };
        let api = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/{kind}", post(answered))
            .layer(axum::extract::DefaultBodyLimit::disable())
            .with_state(runtime.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move { axum::serve(listener, api).await });
        let folder = tempfile::tempdir().unwrap();
        let function = Command::new(env!("CARGO_BIN_EXE_truecrop"))
            .env("AWS_LAMBDA_RUNTIME_API", address)
            .env("AWS_LAMBDA_FUNCTION_NAME", "truecrop")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .env("TRUECROP_STORE", folder.path())
            .spawn()
            .unwrap();
        Self { runtime, answers, _function: Function(function), folder }
    }

    /// An event of API Gateway's HTTP API (payload 2.0), and the function's response.
    async fn invoke(&mut self, method: &str, path: &str, body: &[u8]) -> Value {
        let mut event = json!({
            "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "",
            "headers": { "host": "x.example", "content-type": FORM },
            "requestContext": {
                "accountId": "1", "apiId": "x", "domainName": "x.example", "domainPrefix": "x", "requestId": "one",
                "routeKey": "$default", "stage": "$default", "time": "23/Nov/2026:00:00:00 +0000", "timeEpoch": 1,
                "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "test" }
            },
            "isBase64Encoded": true
        });
        if !body.is_empty() {
            event["body"] = json!(STANDARD.encode(body));
        }
        self.runtime.events.lock().unwrap().push_back(event);
        tokio::time::timeout(Duration::from_secs(30), self.answers.recv()).await.unwrap().unwrap()
    }
}

fn body(answer: &Value) -> Vec<u8> {
    let text = answer["body"].as_str().unwrap_or_default();
    if answer["isBase64Encoded"] == true { STANDARD.decode(text).unwrap() } else { text.as_bytes().to_vec() }
}

#[tokio::test]
async fn a_function_accepts_uploads_and_serves_pictures() {
    let mut world = World::new().await;
    let sent = upload("phone-orientation-6.jpg", &[Format::Jpeg]);
    let answer = world.invoke("POST", "/v1/images", &form(&sent.parts(true))).await;
    let told: Value = serde_json::from_slice(&body(&answer)).unwrap_or_default();
    assert_eq!((&answer["statusCode"], &told["verdict"]["valid"]), (&201.into(), &true.into()), "{answer}");
    let url = told["outputs"][0]["url"].as_str().unwrap().to_owned();
    let picture = world.invoke("GET", &url, &[]).await;
    assert_eq!(picture["isBase64Encoded"], true, "{picture}");
    assert_eq!(body(&picture), sent.outputs[0].1);

    let mut forged = sent.clone();
    forged.outputs[0].1[300] ^= 1;
    let refused = world.invoke("POST", "/v1/images", &form(&forged.parts(false))).await;
    let problem: Value = serde_json::from_slice(&body(&refused)).unwrap_or_default();
    assert_eq!(
        (&refused["statusCode"], &problem["code"]),
        (&422.into(), &"digest-mismatch".into()),
        "{refused}"
    );
    let cut = form(&sent.parts(false));
    let broken = world.invoke("POST", "/v1/images", &cut[..cut.len() / 2]).await;
    assert_eq!(broken["statusCode"], 400, "{broken}");
    let kept: Vec<_> = std::fs::read_dir(world.folder.path().join("pending")).unwrap().collect();
    assert_eq!(kept.len(), 1);
}
