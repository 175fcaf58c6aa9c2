//! Refusals of requests that never reach the application: hyper's own, which have no body, and those of a late head.

use crate::access_log::Entry;
use crate::metrics;
use crate::problem::Problem;
use crate::request_id::RequestId;
use axum::http::StatusCode;

/// The route in the metrics of what never had one.
const NO_ROUTE: &str = "(head)";

/// Its method there.
const METHOD: &str = "OTHER";

/// A problem that takes the place of a refusal that hyper has written.
pub struct OwnRefusal {
    bytes: Vec<u8>,
    done: usize,
}

impl OwnRefusal {
    /// The problem for what hyper was about to write; `None` when that is no refusal.
    pub fn in_place_of(written: &[u8]) -> Option<Self> {
        let line = written.strip_prefix(b"HTTP/1.")?;
        let status = std::str::from_utf8(line.get(2..5)?).ok()?.parse().ok()?;
        let status = StatusCode::from_u16(status).ok().filter(StatusCode::is_client_error)?;
        let (code, detail) = match status {
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => (
                "head-too-large",
                "The head of the request is too large: send fewer and shorter header fields.",
            ),
            StatusCode::URI_TOO_LONG => ("uri-too-long", "The address is too long."),
            _ => ("invalid-request", "This is not a valid HTTP request."),
        };
        Some(Self { bytes: answer(status, code, detail), done: 0 })
    }

    /// What is still to be written.
    pub fn rest(&self) -> &[u8] {
        &self.bytes[self.done..]
    }

    /// So many bytes of it were written.
    pub fn advance(&mut self, bytes: usize) {
        self.done = (self.done + bytes).min(self.bytes.len());
    }
}

/// A whole response for a request without a complete head, after which the connection closes. It is counted and logged.
pub fn answer(status: StatusCode, code: &'static str, detail: &str) -> Vec<u8> {
    metrics::refusal(code);
    metrics::request(NO_ROUTE, METHOD, status.as_u16());
    let id = RequestId::new();
    let mut entry = Entry::begin(&id, METHOD, NO_ROUTE, None);
    entry.answered(status.as_u16());
    let json = id.scope_sync(|| Problem::new(status, code, detail).to_json());
    entry.ended(0, json.len() as u64, true);
    let reason = status.canonical_reason().unwrap_or_default();
    let retry = if status == StatusCode::SERVICE_UNAVAILABLE { "retry-after: 2\r\n" } else { "" };
    let head = format!(
        "HTTP/1.1 {} {reason}\r\ncontent-type: application/problem+json\r\ncontent-length: {}\r\n{retry}\
         x-request-id: {id}\r\ncache-control: no-store\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n",
        status.as_u16(),
        json.len()
    );
    [head, json].concat().into_bytes()
}
