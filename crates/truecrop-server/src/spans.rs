//! The spans. Names and attributes are those of OpenTelemetry's semantic conventions for HTTP where these have one; the others begin with `truecrop.`.
//!
//! Nothing that a client has chosen is in them but the ids of its trace and of its request: no address, query, token, or name of a picture
//! or file. So `url.path`, which the conventions ask for, is missing: addresses hold ids that are secrets.

use crate::request_id::RequestId;
use axum::http::{HeaderMap, StatusCode, Version};
use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::TraceContextExt;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::field::Empty;
use tracing::{Span, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// The target of all spans here, by which the log leaves them aside.
pub const TARGET: &str = "truecrop::trace";

/// W3C Trace Context: the trace that a request belongs to.
const TRACEPARENT: &str = "traceparent";

/// A request of this method on this route, both as labels of metrics have them.
pub fn request(
    method: &'static str,
    route: &str,
    version: Version,
    headers: &HeaderMap,
    id: &RequestId,
) -> Span {
    let span = info_span!(
        target: TARGET, "request",
        otel.kind = "server",
        otel.name = format!("{} {route}", if method == "OTHER" { "HTTP" } else { method }),
        otel.status_code = Empty,
        http.request.method = if method == "OTHER" { "_OTHER" } else { method },
        http.route = route,
        url.scheme = "http",
        network.protocol.version = if version == Version::HTTP_10 { "1.0" } else { "1.1" },
        http.response.status_code = Empty,
        http.request.body.size = Empty,
        http.response.body.size = Empty,
        "error.type" = Empty,
        truecrop.request_id = %id,
        truecrop.refusal = Empty,
        truecrop.cut_off = Empty,
    );
    if !span.is_disabled()
        && let Some(caller) = caller(headers)
    {
        // Fails only for spans that have begun.
        let _ = span.set_parent(caller);
    }
    span
}

/// The head of a request's answer is made.
pub fn answered(span: &Span, status: StatusCode) {
    span.record("http.response.status_code", status.as_u16());
    // What a client did wrong is no failure of a server.
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR").record("error.type", status.as_str());
    }
}

/// A request is over: the bytes of its body and of its answer, and whether that is whole.
pub fn ended(span: &Span, bytes_in: u64, bytes_out: u64, whole: bool) {
    span.record("http.request.body.size", bytes_in).record("http.response.body.size", bytes_out);
    if !whole {
        span.record("truecrop.cut_off", true);
    }
}

/// The request that is worked on is refused with this code.
pub fn refused(code: &str) {
    Span::current().record("truecrop.refusal", code);
}

/// From the first look at a request's body to its end.
pub fn body() -> Span {
    inside(|| info_span!(target: TARGET, "body", http.request.body.size = Empty))
}

/// An upload waits for its turn to be verified, or for memory.
pub fn admission(waits_for: &'static str) -> Span {
    inside(|| info_span!(target: TARGET, "admission", truecrop.waits_for = waits_for))
}

/// One picture is verified, or made.
pub fn verification() -> Span {
    inside(|| {
        info_span!(
            target: TARGET, "verification",
            otel.status_code = Empty, "error.type" = Empty, truecrop.verify.peak_bytes = Empty,
        )
    })
}

/// One request to the store: `operation` is one of few words.
pub fn store(operation: &'static str) -> Span {
    inside(|| {
        info_span!(
            target: TARGET, "store",
            otel.kind = "client", otel.name = format!("store {operation}"), otel.status_code = Empty, "error.type" = Empty,
            truecrop.store.operation = operation,
        )
    })
}

/// What the span is of has failed, by a word of few.
pub fn failed(span: &Span, why: &str) {
    span.record("otel.status_code", "ERROR").record("error.type", why);
}

/// Only inside of a request: the thousands of steps of a sweep are no traces.
fn inside(begin: impl FnOnce() -> Span) -> Span {
    if Span::current().is_none() { Span::none() } else { begin() }
}

/// The trace of who asks. Of `tracestate`, which others may have filled with anything, nothing is taken.
fn caller(headers: &HeaderMap) -> Option<Context> {
    let mut fields = headers.get_all(TRACEPARENT).iter();
    // Two of them tell nothing.
    let (Some(traceparent), None) = (fields.next(), fields.next()) else { return None };
    let caller = TraceContextPropagator::new()
        .extract_with_context(&Context::new(), &Only(traceparent.to_str().ok()?));
    caller.has_active_span().then_some(caller)
}

/// A `traceparent` alone.
struct Only<'a>(&'a str);

impl Extractor for Only<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        (key == TRACEPARENT).then_some(self.0)
    }

    fn keys(&self) -> Vec<&str> {
        vec![TRACEPARENT]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn only_a_trace_that_is_well_formed_and_alone_is_gone_on_with() {
        let right = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        for (fields, taken) in [
            (vec![right], true),
            (vec!["cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-later"], true),
            (vec![], false),
            (vec![right, right], false),
            (vec!["00-00000000000000000000000000000000-b7ad6b7169203331-01"], false),
            (vec!["00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01"], false),
            (vec!["00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01"], false),
            (vec!["ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"], false),
            (vec!["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331"], false),
            (vec!["the-key"], false),
            (vec![""], false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("tracestate", HeaderValue::from_static("vendor=secret"));
            for text in &fields {
                headers.append(TRACEPARENT, HeaderValue::from_str(text).unwrap());
            }
            let caller = caller(&headers);
            assert_eq!(caller.is_some(), taken, "{fields:?}");
            let state = caller.map(|caller| caller.span().span_context().trace_state().header());
            assert_eq!(state.unwrap_or_default(), "", "{fields:?}");
        }
    }
}
