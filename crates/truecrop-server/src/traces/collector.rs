//! Sends batches of spans to the collector, for OpenTelemetry's own thread, which knows no runtime: it waits for a task of ours.

use crate::config::{self, Secret};
use crate::metrics;
use crate::outgoing::Client;
use async_trait::async_trait;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Response, header};
use opentelemetry_http::{HttpClient, HttpError};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::runtime::Handle;
use truecrop_core::{Code, Error, Result};

/// The collector of the configuration.
pub struct Collector {
    client: Client,
    headers: HeaderMap,
    runtime: Handle,
    /// It has not taken the last batch, and the log has said so.
    away: AtomicBool,
}

impl Collector {
    /// # Errors
    /// [`Code::InvalidOption`] for header fields that are none, [`Code::Io`] where the system has no certificates.
    pub fn new(traces: &config::Traces, runtime: Handle) -> Result<Self> {
        let mut headers = HeaderMap::new();
        let agent = concat!("truecrop/", env!("CARGO_PKG_VERSION"));
        headers.insert(header::USER_AGENT, HeaderValue::from_static(agent));
        for (name, Secret(value)) in &traces.headers {
            let (name, value) =
                (HeaderName::from_bytes(name.as_bytes()).ok(), HeaderValue::from_str(value).ok());
            let Some((name, value)) = name.zip(value) else {
                return Err(Error::new(Code::InvalidOption, "This is no header field.").at("traces.headers"));
            };
            headers.insert(name, value);
        }
        let client = Client::new(traces.timeout.0, "traces.endpoint")?;
        Ok(Self { client, headers, runtime, away: AtomicBool::new(false) })
    }

    /// Counts a try, and says when the collector goes away or is back: not each time, because it may be away for days.
    fn tell(&self, failure: Option<&str>) {
        metrics::spans_sent(if failure.is_some() { "failed" } else { "taken" });
        let was_away = self.away.swap(failure.is_some(), Ordering::Relaxed);
        match failure {
            Some(why) if !was_away => {
                tracing::warn!(why, "the collector does not take traces: spans are lost until it does");
            }
            None if was_away => tracing::info!("the collector takes traces again"),
            _ => {}
        }
    }
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, mut request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        request.headers_mut().extend(self.headers.clone());
        let (client, request) = (self.client.clone(), request.map(Body::from));
        let sent = self.runtime.spawn(async move { client.send(request).await }).await;
        let answer = sent.map_err(|_| "the process ends".to_owned()).and_then(|answer| answer);
        let status = answer.as_ref().ok().map(Response::status).filter(|status| !status.is_success());
        let refusal = status.map(|status| format!("it answered {status}"));
        self.tell(answer.as_ref().err().or(refusal.as_ref()).map(String::as_str));
        Ok(answer?)
    }
}

/// Without header fields, which may be keys.
impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Collector")
    }
}
