//! The id of a request: what a proxy or a client has given it, or a new one. Answers, problems, the access log and the log of errors
//! carry it, so that one request can be followed through all of them.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use std::fmt;

/// The header field, of requests and of answers.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longest id that is taken from a request.
const LONGEST: usize = 128;

tokio::task_local! {
    static CURRENT: RequestId;
}

/// The id of a request: at most 128 letters, digits and `- _ . : = + /`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// That of a request which has a well-formed one; otherwise a new one.
    pub fn of(headers: &HeaderMap) -> Self {
        let given = headers.get(X_REQUEST_ID).and_then(|value| value.to_str().ok());
        given.and_then(Self::parse).unwrap_or_else(Self::new)
    }

    /// A new one: 128 random bits.
    pub fn new() -> Self {
        let mut bits = [0; 16];
        // Without random bits it is all zeros: a request is not refused for want of a name.
        let _ = getrandom::fill(&mut bits);
        Self(format!("{:032x}", u128::from_be_bytes(bits)))
    }

    /// What comes from outside goes into logs and header fields: anything else than these characters is not taken.
    fn parse(text: &str) -> Option<Self> {
        let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:=+/".contains(&byte);
        let well_formed = (1..=LONGEST).contains(&text.len()) && text.bytes().all(fine);
        well_formed.then(|| Self(text.to_owned()))
    }

    /// As the value of the header field.
    pub fn header(&self) -> HeaderValue {
        HeaderValue::from_str(&self.0).unwrap_or_else(|_| HeaderValue::from_static("-"))
    }

    /// As the `instance` of a problem (RFC 9457).
    pub fn instance(&self) -> String {
        format!("urn:truecrop:request:{}", self.0)
    }

    /// Runs the work of a request, which can ask for the id by [`RequestId::current`].
    pub async fn scope<T>(&self, work: impl Future<Output = T>) -> T {
        CURRENT.scope(self.clone(), work).await
    }

    /// The same for work that waits for nothing.
    pub fn scope_sync<T>(&self, work: impl FnOnce() -> T) -> T {
        CURRENT.sync_scope(self.clone(), work)
    }

    /// The id of the request that this task works for.
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }
}

impl Default for RequestId {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_well_formed_ids_are_taken() {
        let longest = "a".repeat(LONGEST);
        for fine in
            ["0", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "Root=1-67891233-abcdef", "a.b_c:d+e/f", &longest]
        {
            let headers = HeaderMap::from_iter([(X_REQUEST_ID, HeaderValue::from_str(fine).unwrap())]);
            assert_eq!(RequestId::of(&headers).to_string(), fine);
        }
        let longer = "a".repeat(LONGEST + 1);
        for wrong in ["", "a b", "a\tb", "\"", "{}", "é", "a,b", "%0a", &longer] {
            let headers =
                HeaderMap::from_iter([(X_REQUEST_ID, HeaderValue::from_bytes(wrong.as_bytes()).unwrap())]);
            let made = RequestId::of(&headers).to_string();
            assert!(made.len() == 32 && made != wrong, "{wrong}");
            assert_ne!(made, RequestId::of(&headers).to_string());
        }
    }
}
