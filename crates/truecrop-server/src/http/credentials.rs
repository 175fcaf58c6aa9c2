//! What a request brings to say who sends it: the header field `Authorization`.

use super::App;
use crate::problem::Problem;
use axum::http::{HeaderMap, StatusCode, header};
use truecrop_core::receipt::Digest;

/// Refuses a request without the API key, where the configuration has one.
///
/// # Errors
/// `unauthorized`.
pub fn authorise(app: &App, headers: &HeaderMap) -> Result<(), Problem> {
    if app.config().api_key.is_none() || has_api_key(app, headers) {
        return Ok(());
    }
    let detail = "Send the application's API key: Authorization: Bearer KEY.";
    Err(Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", detail))
}

/// Whether the request has the API key of the configuration.
pub fn has_api_key(app: &App, headers: &HeaderMap) -> bool {
    // Digests are compared, so that the time that it takes tells nothing about the key.
    let same = |given: &str, key: &str| Digest::of(given.as_bytes()) == Digest::of(key.as_bytes());
    match (bearer(headers), &app.config().api_key) {
        (Some(given), Some(key)) => same(given, key),
        _ => false,
    }
}

/// The credentials of the scheme `Bearer`, whose case does not matter (RFC 9110, 11.1).
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, credentials) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| credentials.trim_start_matches(' '))
}
