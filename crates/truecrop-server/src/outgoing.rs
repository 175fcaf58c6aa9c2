//! The client for requests that the server makes itself: events to the webhook, spans to the collector of traces. It goes to one address
//! of the configuration, follows no redirect, and asks no proxy of the environment.

use axum::body::{Body, Bytes};
use axum::http::{Request, Response};
use futures::StreamExt;
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use std::time::Duration;
use truecrop_core::Result;
#[cfg(feature = "tls")]
use truecrop_core::{Code, Error};

#[cfg(feature = "tls")]
type Connector = hyper_rustls::HttpsConnector<HttpConnector>;
#[cfg(not(feature = "tls"))]
type Connector = HttpConnector;

/// Bytes of an answer that are read, so that its connection can be used again.
const MOST_ANSWER_BYTES: usize = 16 << 10;

/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    hyper: HyperClient<Connector, Body>,
    longest: Duration,
}

impl Client {
    /// A request takes at most so long, from the connection to the end of the answer. `field`: the member of the configuration that has
    /// the address.
    ///
    /// # Errors
    /// [`truecrop_core::Code::Io`] where the system has no certificates.
    pub fn new(longest: Duration, field: &str) -> Result<Self> {
        let mut http = HttpConnector::new();
        http.set_connect_timeout(Some(longest));
        let hyper = HyperClient::builder(TokioExecutor::new()).build(connector(http, field)?);
        Ok(Self { hyper, longest })
    }

    /// The answer, with the first 16 KiB of its body.
    ///
    /// # Errors
    /// Why there is none, for the log.
    pub async fn send(&self, request: Request<Body>) -> std::result::Result<Response<Bytes>, String> {
        let answered = tokio::time::timeout(self.longest, self.answer(request)).await;
        answered.map_err(|_| format!("no answer in {:?}", self.longest))?
    }

    async fn answer(&self, request: Request<Body>) -> std::result::Result<Response<Bytes>, String> {
        let answer = self.hyper.request(request).await.map_err(|e| with_causes(&e))?;
        let (head, body) = answer.into_parts();
        let mut body = Body::new(body).into_data_stream();
        let mut read = Vec::new();
        while let Some(Ok(piece)) = body.next().await {
            if read.len() + piece.len() > MOST_ANSWER_BYTES {
                break;
            }
            read.extend_from_slice(&piece);
        }
        Ok(Response::from_parts(head, read.into()))
    }
}

#[cfg(feature = "tls")]
fn connector(mut http: HttpConnector, field: &str) -> Result<Connector> {
    http.enforce_http(false);
    let builder = hyper_rustls::HttpsConnectorBuilder::new()
        .try_with_platform_verifier()
        .map_err(|e| Error::new(Code::Io, format!("No certificates: {e}.")).at(field))?;
    Ok(builder.https_or_http().enable_http1().wrap_connector(http))
}

#[cfg(not(feature = "tls"))]
fn connector(http: HttpConnector, _: &str) -> Result<Connector> {
    Ok(http)
}

/// The client's own error says little.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    text
}
