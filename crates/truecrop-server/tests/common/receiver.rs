//! A webhook's receiver that is a real server, and answers as it is told.

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use truecrop_server::config::{HumanDuration, Secret, Webhook};

/// How the receiver answers.
#[derive(Clone, Debug)]
pub enum Answer {
    Takes,
    Fails,
    Hangs,
    Redirects(String),
    /// 200, and a body without end.
    NeverEnds,
}

#[derive(Debug)]
pub struct Heard {
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Heard {
    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

type Shared = (Arc<Mutex<VecDeque<Answer>>>, UnboundedSender<Heard>);

/// Answers as it is told, and then takes everything.
pub struct Receiver {
    pub url: String,
    pub answers: Arc<Mutex<VecDeque<Answer>>>,
    heard: UnboundedReceiver<Heard>,
}

async fn receive(State((answers, heard)): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let answer = answers.lock().unwrap().pop_front().unwrap_or(Answer::Takes);
    heard.send(Heard { headers, body }).unwrap();
    match answer {
        Answer::Takes => StatusCode::NO_CONTENT.into_response(),
        Answer::Fails => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Answer::Hangs => std::future::pending().await,
        Answer::Redirects(to) => (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response(),
        Answer::NeverEnds => {
            let piece = Ok::<_, std::convert::Infallible>(Bytes::from_static(&[b' '; 4096]));
            Body::from_stream(futures::stream::repeat(piece)).into_response()
        }
    }
}

impl Receiver {
    pub async fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        let answers = Arc::new(Mutex::new(answers.into_iter().collect()));
        let (sender, heard) = unbounded_channel();
        let shared: Shared = (Arc::clone(&answers), sender);
        let app = axum::Router::new().fallback(receive).with_state(shared);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks/truecrop", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, answers, heard }
    }

    pub async fn next(&mut self) -> Heard {
        tokio::time::timeout(super::binary::PATIENCE, self.heard.recv()).await.unwrap().unwrap()
    }

    pub fn has_heard_nothing(&mut self) -> bool {
        self.heard.try_recv().is_err()
    }
}

pub const SECRETS: [[u8; 32]; 2] = [[1; 32], [2; 32]];

/// The configuration that sends to it.
pub fn webhook(url: &str) -> Webhook {
    let text = |secret: [u8; 32]| Secret(format!("whsec_{}", STANDARD.encode(secret)));
    let duration = |millis| HumanDuration(Duration::from_millis(millis));
    Webhook {
        url: url.to_owned(),
        secrets: SECRETS.map(text).into(),
        timeout: duration(30_000),
        retry_after: duration(1),
        give_up: duration(60_000),
    }
}
