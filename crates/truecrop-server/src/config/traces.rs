//! Where OpenTelemetry's traces go.

use super::mistakes::Found;
use super::webhook::is_loopback;
use super::{HumanDuration, Secret};
use axum::http::{HeaderName, HeaderValue, Uri};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::time::Duration;
use truecrop_core::json::Value;

/// Longest time that one batch of spans may take.
const LONGEST: Duration = Duration::from_secs(60);

/// A collector of traces.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Traces {
    /// A collector that takes OTLP over HTTP, such as `http://127.0.0.1:4318`. Spans go to `/v1/traces` below it.
    pub endpoint: String,
    /// Sent with each batch: what the collector knows its clients by.
    pub headers: BTreeMap<String, Secret>,
    /// The name of this service in the traces.
    pub service_name: String,
    /// The share of requests that are traced, 0 to 1, where the caller says nothing about it.
    pub share: f64,
    /// Longest duration of one try to send a batch.
    pub timeout: HumanDuration,
}

/// Where OpenTelemetry's own library finds further header fields.
const HEADER_VARIABLES: [&str; 2] = ["OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"];

impl Default for Traces {
    /// Without an address, which is needed.
    fn default() -> Self {
        Self {
            endpoint: String::new(),
            headers: BTreeMap::new(),
            service_name: "truecrop".to_owned(),
            share: 1.0,
            timeout: HumanDuration(Duration::from_secs(10)),
        }
    }
}

impl Traces {
    pub(super) fn check(&self, found: &mut Found) {
        let is_set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let with_headers = !self.headers.is_empty() || HEADER_VARIABLES.iter().any(is_set);
        if let Some((detail, expected)) = endpoint_mistake(&self.endpoint, with_headers) {
            // An address may hold a password.
            found.add("traces.endpoint", detail, expected, "something else");
        }
        for (name, Secret(value)) in &self.headers {
            if HeaderName::from_bytes(name.as_bytes()).is_err() || HeaderValue::from_str(value).is_err() {
                let detail = "This cannot be sent as a header field.";
                found.add(
                    "traces.headers",
                    detail,
                    "a name and a value of ASCII characters",
                    "something else",
                );
            }
        }
        if self.service_name.trim().is_empty() {
            found.add("traces.service_name", "A service needs a name.", "a name", "");
        }
        if !(0.0..=1.0).contains(&self.share) {
            found.add("traces.share", "This is no share.", "0 to 1", Value::from(self.share).to_string());
        }
        if self.timeout.0.is_zero() || self.timeout.0 > LONGEST {
            let (most, got) =
                (humantime::format_duration(LONGEST), humantime::format_duration(self.timeout.0));
            let detail = "This is no time to wait for.";
            found.add("traces.timeout", detail, format!("more than 0s, at most {most}"), got.to_string());
        }
    }
}

/// What is wrong with an address, and what is right. Spans hold nothing secret, so they may go to a collector nearby without TLS;
/// header fields may be keys.
fn endpoint_mistake(endpoint: &str, with_headers: bool) -> Option<(&'static str, &'static str)> {
    let right = "http://HOST:4318 or https://HOST, with a path if it has one";
    let Ok(uri) = endpoint.parse::<Uri>() else { return Some(("This is no address.", right)) };
    let host = uri.host().unwrap_or_default();
    let with_user = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
    match uri.scheme_str() {
        _ if host.is_empty() || with_user => Some(("This is not the address of a host alone.", right)),
        _ if uri.query().is_some() => Some(("This address has a query.", right)),
        Some("https") if cfg!(feature = "tls") => None,
        Some("https") => {
            let detail = "This build knows no TLS: build it with --features tls.";
            Some((detail, "http://, or a build with TLS"))
        }
        Some("http") if with_headers && !is_loopback(host) => {
            let detail = "Whoever is on the way could read the header fields: use https.";
            Some((
                detail,
                "https://HOST, or http:// on this machine, or no headers, also in OTEL_EXPORTER_OTLP_HEADERS",
            ))
        }
        Some("http") => None,
        _ => Some(("Spans are sent over HTTP only.", right)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_an_address_over_http_and_keys_go_over_tls() {
        for (endpoint, with_headers, right) in [
            ("http://127.0.0.1:4318", true, true),
            ("http://localhost:4318/", true, true),
            ("http://[::1]:4318", true, true),
            ("http://otel-collector:4318", false, true),
            ("http://otel-collector:4318", true, false),
            ("http://10.0.0.1:4318/otlp", false, true),
            ("https://collector.example/otlp", true, cfg!(feature = "tls")),
            ("http://user:password@127.0.0.1:4318", false, false),
            ("http://127.0.0.1:4318/?key=secret", false, false),
            ("grpc://127.0.0.1:4317", false, false),
            ("127.0.0.1:4318", false, false),
            ("localhost", false, false),
            ("/v1/traces", false, false),
            ("", false, false),
        ] {
            let mistake = endpoint_mistake(endpoint, with_headers);
            assert_eq!(mistake.is_none(), right, "{endpoint}, {with_headers}: {mistake:?}");
        }
    }
}
