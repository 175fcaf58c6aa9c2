//! Refusals as problem+json (RFC 9457), over HTTP and on standard error. Of a request they have its id, as `instance`. A new refusal of the core gets its HTTP status
//! in `status` here, and a row in docs/SERVER.md; one of the server alone is made by `Problem::new` where it happens.

use crate::metrics;
use crate::request_id::RequestId;
use crate::store::StoreError;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Serialize, Serializer};
use truecrop_core::json::Value;
use truecrop_core::{Code, Error};

/// The code of a store that does not work.
const STORE_UNAVAILABLE: &str = "store-unavailable";

/// The code of a token that was good for one upload, and has been used.
pub const TOKEN_USED: &str = "token-used";

/// The codes of tokens that are not taken.
const REFUSED_TOKENS: [&str; 5] =
    ["invalid-token", "token-expired", "token-not-yet-valid", "wrong-audience", TOKEN_USED];

/// A refusal: `{type, title, status, code, detail, picture?, field?, expected?, got?, errors?}`.
#[derive(Clone, Debug)]
pub struct Problem {
    status: u16,
    code: String,
    detail: String,
    /// The name of the picture that is refused, where a form may hold several.
    picture: Option<String>,
    field: Option<String>,
    expected: Option<Value>,
    got: Option<Value>,
    errors: Vec<Problem>,
    /// Seconds until the client should try again.
    retry_after: Option<u64>,
}

/// The same as it is written, with the id of the request that this task works for.
#[derive(Serialize)]
struct Written<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: String,
    status: u16,
    code: &'a str,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    picture: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    got: Option<&'a Value>,
    #[serde(skip_serializing_if = "<[Problem]>::is_empty")]
    errors: &'a [Problem],
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = Written {
            kind: format!("urn:truecrop:problem:{}", self.code),
            title: self.code.replace('-', " "),
            status: self.status,
            code: &self.code,
            detail: &self.detail,
            instance: RequestId::current().map(|id| id.instance()),
            picture: self.picture.as_deref(),
            field: self.field.as_deref(),
            expected: self.expected.as_ref(),
            got: self.got.as_ref(),
            errors: &self.errors,
        };
        written.serialize(serializer)
    }
}

impl Problem {
    /// A refusal that is not the core's.
    pub fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        Self {
            status: status.as_u16(),
            code: code.to_owned(),
            detail: detail.into(),
            picture: None,
            field: None,
            expected: None,
            got: None,
            errors: Vec::new(),
            retry_after: None,
        }
    }

    /// The same with the single problems of which it consists.
    #[must_use]
    pub fn with_errors(self, errors: Vec<Problem>) -> Self {
        Self { errors, ..self }
    }

    /// 404.
    pub fn not_found(detail: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", detail)
    }

    /// The same; the client is asked to come again after this many seconds.
    #[must_use]
    pub fn retry_after(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// 503: others have reserved the memory, or wait for their turn.
    pub fn busy() -> Self {
        let detail = "The server is busy: try again in a few seconds.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail).retry_after(2)
    }

    /// 503: the store cannot be reached or does not work.
    pub fn store_unavailable() -> Self {
        let detail = "The store cannot be reached at the moment: try again later.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, STORE_UNAVAILABLE, detail).retry_after(10)
    }

    /// The same with the figures.
    #[must_use]
    pub fn figures(self, expected: impl Into<Value>, got: impl Into<Value>) -> Self {
        Self { expected: Some(expected.into()), got: Some(got.into()), ..self }
    }

    /// The same, of the picture of this name.
    #[must_use]
    pub fn of_picture(self, name: &str) -> Self {
        Self { picture: Some(name.to_owned()), ..self }
    }

    /// The same, at this field.
    #[must_use]
    pub fn at(self, field: &str) -> Self {
        Self { field: Some(field.to_owned()), ..self }
    }

    /// Whether the same request must fail again: it is refused for what it is, not for when it came.
    pub fn is_final(&self) -> bool {
        (400..500).contains(&self.status) && ![401, 408, 409].contains(&self.status)
    }

    /// As a JSON value, to be kept: without the id of this request.
    pub fn to_value(&self) -> serde_json::Value {
        let mut value = serde_json::to_value(self).unwrap_or_default();
        if let Some(members) = value.as_object_mut() {
            members.remove("instance");
        }
        value
    }

    /// The JSON.
    pub fn to_json(&self) -> String {
        // Strings and JSON values always serialise.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The status of its answer.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The stable code.
    pub fn code(&self) -> &str {
        &self.code
    }
}

/// The HTTP status of a core error.
fn status(code: Code) -> StatusCode {
    use Code as C;
    match code {
        C::InvalidToken | C::TokenExpired | C::TokenNotYetValid | C::WrongAudience => {
            StatusCode::UNAUTHORIZED
        }
        C::UnsupportedFormat => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        C::SourceTooLarge
        | C::TooManyBytes
        | C::TooManyPixels
        | C::OutputTooLarge
        | C::MaxBytesUnreachable
        | C::TooManyScans
        | C::TooManyItems
        | C::MemoryOverBudget => StatusCode::PAYLOAD_TOO_LARGE,
        C::GeometryMismatch
        | C::ReceiptDigestMismatch
        | C::DigestMismatch
        | C::SourceMismatch
        | C::OutputMismatch
        | C::NotCanonical
        | C::OutputsMismatch
        | C::SourceRequired
        | C::PixelsMismatch
        | C::NotReproducible
        | C::PolicyViolation => StatusCode::UNPROCESSABLE_ENTITY,
        C::Cancelled | C::Io | C::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self {
            field: error.field().map(str::to_owned),
            expected: error.expected().cloned(),
            got: error.got().cloned(),
            ..Self::new(status(error.code()), error.code().as_str(), error.detail())
        }
    }
}

/// The id of the request that this task works for, for the log.
fn current_id() -> Option<String> {
    RequestId::current().map(|id| id.to_string())
}

/// The code of an upload that is no longer what was verified. Its detail is for clients: it says what helps.
const DAMAGED: &str = "damaged-upload";

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Damaged { .. } => {
                tracing::error!(code = DAMAGED, request = current_id(), "{error}");
                let detail = "This upload is no longer what was verified, so it is not served. \
                              Only DELETE helps, and a new upload.";
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, DAMAGED, detail)
            }
            StoreError::TooLate => Self::new(StatusCode::REQUEST_TIMEOUT, "timeout", error.to_string()),
            StoreError::NoRoom => Self::busy(),
            // Not a fault of this server, and the client should come again.
            StoreError::Failed(error) if error.code() == Code::Io => {
                let request = current_id();
                tracing::error!(code = STORE_UNAVAILABLE, request, detail = error.detail(), "request failed");
                Self::store_unavailable()
            }
            StoreError::Failed(error) => error.into(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(mut self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        metrics::refusal(&self.code);
        let for_clients = [StatusCode::SERVICE_UNAVAILABLE, StatusCode::NOT_IMPLEMENTED];
        let says_all = for_clients.contains(&status) || self.code == DAMAGED;
        if status.is_server_error() && !says_all {
            // Details of the server belong in the operator's log, not in the response.
            tracing::error!(code = self.code, request = current_id(), detail = self.detail, "request failed");
            self.detail = "The server failed; its log has the details. Try again later.".to_owned();
            (self.expected, self.got) = (None, None);
        }
        let mut response = (status, self.to_json()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::UNAUTHORIZED {
            // As RFC 6750 asks: the error is named where there was a token.
            let challenge = if REFUSED_TOKENS.contains(&self.code.as_str()) {
                "Bearer error=\"invalid_token\""
            } else {
                "Bearer"
            };
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        let busy = status == StatusCode::SERVICE_UNAVAILABLE;
        if let Some(seconds) = self.retry_after.or(busy.then_some(2)) {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}
