//! What applies to every answer: it is counted, and a refusal of the framework becomes a problem.

use super::problem::Problem;
use crate::metrics;
use axum::extract::{MatchedPath, Request};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Counts each answer by the pattern of its route, never by anything that a client can choose: each value of a label
/// is a time series of its own.
pub async fn finish(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("(file)", MatchedPath::as_str).to_owned();
    let method = label(request.method());
    let response = as_problem(next.run(request).await);
    metrics::request(&route, method, response.status().as_u16());
    response
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
