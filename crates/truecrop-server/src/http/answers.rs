//! What applies to every answer: it is counted, logged and has its request's id; a refusal of the framework becomes a problem.

use super::counted::{CountedIn, CountedOut};
use crate::access_log::{Entry, Peer};
use crate::metrics;
use crate::problem::Problem;
use crate::request_id::{RequestId, X_REQUEST_ID};
use crate::spans;
use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::http::{Method, StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use tracing::Instrument;

/// Counts, times, logs and traces each answer by the pattern of its route, never by anything that a client can choose: each value of a
/// label is a time series of its own.
pub async fn finish(request: Request, next: Next) -> Response {
    let (id, route) = (RequestId::of(request.headers()), route_of(&request));
    let (method, peer) = (request.method().clone(), request.extensions().get::<Peer>().copied());
    // Written also when the client leaves before it is answered.
    let mut entry = Entry::begin(&id, label(&method), &route, peer);
    let span = spans::request(label(&method), &route, request.version(), request.headers(), &id);
    let bytes_in = Arc::new(AtomicU64::new(0));
    let request = request.map(|body| Body::new(CountedIn::new(body, Arc::clone(&bytes_in))));
    let response = answer(&id, &route, request, next).instrument(span.clone()).await;
    metrics::answered(&route, label(&method), entry.elapsed());
    entry.answered(response.status().as_u16());
    spans::answered(&span, response.status());
    CountedOut::in_answer(response, &method, entry, span, bytes_in)
}

/// The same for the listener of operators: what asks there every few seconds is not logged.
pub async fn finish_unlogged(request: Request, next: Next) -> Response {
    let (id, route) = (RequestId::of(request.headers()), route_of(&request));
    answer(&id, &route, request, next).await
}

async fn answer(id: &RequestId, route: &str, request: Request, next: Next) -> Response {
    let method = label(request.method());
    let answered = async {
        match malformed(&request) {
            Some(problem) => problem.into_response(),
            None => as_problem(next.run(request).await),
        }
    };
    let mut response = id.scope(answered).await;
    response.headers_mut().insert(X_REQUEST_ID, id.header());
    metrics::request(route, method, response.status().as_u16());
    response
}

/// What hyper lets through and HTTP does not (RFC 9112, sections 3.2 and 3.2.3). A request without one host is read by each proxy in its own way.
fn malformed(request: &Request) -> Option<Problem> {
    let detail = if request.uri().path().is_empty() && request.method() != Method::CONNECT {
        "This is the address of a host, and not of anything there."
    } else if request.extensions().get::<Peer>().is_some()
        && request.version() == Version::HTTP_11
        && request.headers().get_all(header::HOST).iter().count() != 1
    {
        "A request has one Host."
    } else {
        return None;
    };
    Some(Problem::new(StatusCode::BAD_REQUEST, "invalid-request", detail))
}

fn route_of(request: &Request) -> String {
    request.extensions().get::<MatchedPath>().map_or("(file)", MatchedPath::as_str).to_owned()
}

/// The method, or `OTHER`: a client may send any word.
fn label(method: &Method) -> &'static str {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    known.into_iter().find(|name| *name == method.as_str()).unwrap_or("OTHER")
}

/// Gives a refusal that is no problem yet (the framework's) the same form as all others; its header fields stay.
fn as_problem(response: Response) -> Response {
    let status = response.status();
    let problem =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|v| v == "application/problem+json");
    if problem || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let (code, detail) = match status {
        StatusCode::NOT_FOUND => ("not-found", "There is nothing at this address."),
        StatusCode::METHOD_NOT_ALLOWED => ("method-not-allowed", "This address does not take this method."),
        StatusCode::REQUEST_TIMEOUT => ("timeout", "The request took too long: try again."),
        StatusCode::PRECONDITION_FAILED => ("precondition-failed", "The file is another one by now."),
        StatusCode::PAYLOAD_TOO_LARGE => ("too-many-bytes", "The body is longer than allowed."),
        StatusCode::RANGE_NOT_SATISFIABLE => ("range-not-satisfiable", "The file does not have these bytes."),
        status if status.is_server_error() => ("internal", "The server failed."),
        _ => ("invalid-request", "This request cannot be understood."),
    };
    let mut refused = Problem::new(status, code, detail).into_response();
    for (name, value) in response.headers() {
        if *name != header::CONTENT_TYPE && *name != header::CONTENT_LENGTH {
            refused.headers_mut().append(name, value.clone());
        }
    }
    refused
}
