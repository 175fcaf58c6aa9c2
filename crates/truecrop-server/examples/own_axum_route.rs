//! The check in an axum route of one's own: takes an upload of receipt and outputs, verifies it, answers the verdict. What is
//! done with the pictures (a database, a bucket) is the application's.
//!
//! `cargo run -p truecrop-server --example own_axum_route`, then
//! `curl -F main.receipt=@out.jpg.json -F main=@out.jpg http://127.0.0.1:3000/pictures`

use axum::Router;
use axum::extract::multipart::{MultipartError, MultipartRejection};
use axum::extract::{DefaultBodyLimit, Multipart};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::post;
use serde_json::json;
use truecrop_core::policy::Policy;
use truecrop_core::receipt::Receipt;
use truecrop_core::verify::{Level, Submission, Verdict, verify};
use truecrop_core::{Code, Error, Fault, Limits};

/// What the application allows.
const POLICY: &[u8] = br#"{"maxOutputSide": 1024, "maxOutputs": 3}"#;

/// Bytes of a whole upload: receipt and outputs are small.
const MAX_UPLOAD: usize = 4 << 20;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    axum::serve(listener, app()).await
}

/// The application: one route.
pub fn app() -> Router {
    Router::new().route("/pictures", post(upload)).layer(DefaultBodyLimit::max(MAX_UPLOAD))
}

async fn upload(parts: Result<Multipart, MultipartRejection>) -> Result<Json<Verdict>, Refusal> {
    let limits = Limits::default();
    let (receipt, outputs) = read_parts(parts?, &limits).await?;
    // Checking computes: it belongs on a thread of its own.
    let checked = tokio::task::spawn_blocking(move || {
        let policy = Policy::from_json(POLICY)?;
        verify(Submission { receipt, outputs, source: None }, Level::Result, &policy, &limits)
    });
    let verified = checked.await.map_err(|e| Error::new(Code::Internal, e.to_string()))??;
    // Here the application stores `verified.outputs()`: nothing but what was checked.
    Ok(Json(verified.verdict()))
}

/// The parts of one picture as the element sends them: `NAME.receipt` first, so that nothing else is read after one that is
/// invalid; then `NAME`, or `NAME.OUTPUT` for each of several outputs. Other fields of the form are left alone.
async fn read_parts(
    mut parts: Multipart,
    limits: &Limits,
) -> Result<(Receipt, Vec<(String, Vec<u8>)>), Refusal> {
    let mut picture: Option<(String, Receipt)> = None;
    let mut outputs = Vec::new();
    while let Some(field) = parts.next_field().await? {
        let part = field.name().unwrap_or_default().to_owned();
        let Some((name, receipt)) = &picture else {
            if let Some(name) = part.strip_suffix(".receipt") {
                picture = Some((name.to_owned(), Receipt::from_json(&field.bytes().await?, limits)?));
            }
            continue;
        };
        let only = receipt.outputs().first().filter(|_| part == *name).map(|output| output.name());
        let output = only.or_else(|| part.strip_prefix(name)?.strip_prefix('.'));
        if let Some(output) = output.map(str::to_owned) {
            outputs.push((output, field.bytes().await?.to_vec()));
        }
    }
    let none =
        || Error::new(Code::InvalidReceipt, "The form has no receipt of a picture.").at("main.receipt");
    let (_, receipt) = picture.ok_or_else(none)?;
    Ok((receipt, outputs))
}

/// What did not hold, as problem+json (RFC 9457): the engine's code, sentence, field and figures.
struct Refusal(StatusCode, serde_json::Value);

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        if error.code().fault() == Fault::Environment {
            // Of no use to a client: it belongs in the log.
            eprintln!("{error}");
            let detail = "The server failed: try again later.";
            return Self(StatusCode::INTERNAL_SERVER_ERROR, json!({"code": "internal", "detail": detail}));
        }
        // An error is strings and numbers, which always serialise.
        Self(StatusCode::UNPROCESSABLE_ENTITY, serde_json::to_value(&error).unwrap_or_default())
    }
}

impl From<MultipartError> for Refusal {
    fn from(error: MultipartError) -> Self {
        Self(error.status(), json!({"code": "invalid-multipart", "detail": error.body_text()}))
    }
}

impl From<MultipartRejection> for Refusal {
    fn from(error: MultipartRejection) -> Self {
        Self(error.status(), json!({"code": "invalid-multipart", "detail": error.body_text()}))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, [(header::CONTENT_TYPE, "application/problem+json")], self.1.to_string()).into_response()
    }
}
