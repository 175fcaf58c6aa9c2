//! The real binary as an AWS Lambda function, against a runtime API of our own.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName};
use axum::routing::{get, post};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

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

pub struct World {
    runtime: Runtime,
    answers: UnboundedReceiver<Value>,
    function: Function,
    pub folder: tempfile::TempDir,
    /// The lines of its standard output.
    pub printed: std::sync::mpsc::Receiver<String>,
}

impl World {
    pub async fn new() -> Self {
        Self::with("512", &[]).await
    }

    /// A function of so many megabytes, with more in its environment. `TRUECROP_BIN` may be another build of the binary.
    pub async fn with(megabytes: &str, environment: &[(&str, String)]) -> Self {
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
        let program =
            std::env::var_os("TRUECROP_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_truecrop").into());
        let mut function = Command::new(program)
            .env("AWS_LAMBDA_RUNTIME_API", address)
            .env("AWS_LAMBDA_FUNCTION_NAME", "truecrop")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", megabytes)
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .env("TRUECROP_STORE", folder.path())
            .envs(environment.iter().map(|(name, value)| (*name, value)))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, printed) = std::sync::mpsc::channel();
        let lines = BufReader::new(function.stdout.take().unwrap()).lines();
        std::thread::spawn(move || lines.map_while(Result::ok).all(|line| sender.send(line).is_ok()));
        Self { runtime, answers, function: Function(function), folder, printed }
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.function.0.id()
    }

    /// The function's response to an event.
    pub async fn answer(&mut self, event: Value) -> Value {
        self.runtime.events.lock().unwrap().push_back(event);
        tokio::time::timeout(Duration::from_secs(300), self.answers.recv()).await.unwrap().unwrap()
    }
}

/// The body of a response.
pub fn body(answer: &Value) -> Vec<u8> {
    let text = answer["body"].as_str().unwrap_or_default();
    if answer["isBase64Encoded"] == true { STANDARD.decode(text).unwrap() } else { text.as_bytes().to_vec() }
}
