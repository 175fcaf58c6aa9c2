//! Sends one event: to the address of the configuration, and nowhere else. No redirect is followed, no proxy of the environment is asked,
//! and of the answer only the status counts.

use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode, Uri, header};
use futures::StreamExt;
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use std::time::Duration;
use truecrop_core::{Code, Error, Result};

#[cfg(feature = "tls")]
type Connector = hyper_rustls::HttpsConnector<HttpConnector>;
#[cfg(not(feature = "tls"))]
type Connector = HttpConnector;

/// Bytes of an answer that are read, so that its connection can be used again.
const MOST_ANSWER_BYTES: usize = 16 << 10;

/// Cheap to clone.
#[derive(Clone)]
pub struct Client {
    hyper: HyperClient<Connector, Body>,
    uri: Uri,
    longest: Duration,
}

/// What an event is sent with.
pub struct Signed {
    /// Its id.
    pub id: String,
    /// Seconds since 1970, of this try.
    pub timestamp: u64,
    /// Of all secrets.
    pub signature: String,
}

impl Client {
    /// For one address; a try takes at most so long.
    ///
    /// # Errors
    /// [`Code::InvalidOption`] for what is no address, [`Code::Io`] where the system has no certificates.
    pub fn new(url: &str, longest: Duration) -> Result<Self> {
        let uri = url
            .parse()
            .map_err(|_| Error::new(Code::InvalidOption, "This is no address.").at("webhook.url"))?;
        let mut http = HttpConnector::new();
        http.set_connect_timeout(Some(longest));
        let hyper = HyperClient::builder(TokioExecutor::new()).build(connector(http)?);
        Ok(Self { hyper, uri, longest })
    }

    /// Sends an event once.
    ///
    /// # Errors
    /// Why it has not arrived, for the log.
    pub async fn send(&self, signed: &Signed, body: Bytes) -> std::result::Result<(), String> {
        let request = Request::post(self.uri.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, concat!("truecrop/", env!("CARGO_PKG_VERSION")))
            .header("webhook-id", &signed.id)
            .header("webhook-timestamp", signed.timestamp)
            .header("webhook-signature", &signed.signature)
            .body(Body::from(body))
            .map_err(|e| e.to_string())?;
        let status = tokio::time::timeout(self.longest, self.answer(request)).await;
        match status.map_err(|_| format!("no answer in {:?}", self.longest))?? {
            status if status.is_success() => Ok(()),
            status => Err(format!("it answered {status}")),
        }
    }

    async fn answer(&self, request: Request<Body>) -> std::result::Result<StatusCode, String> {
        let answer = self.hyper.request(request).await.map_err(|e| with_causes(&e))?;
        let status = answer.status();
        let mut body = Body::new(answer.into_body()).into_data_stream();
        let mut read = 0;
        while let Some(Ok(piece)) = body.next().await {
            read += piece.len();
            if read > MOST_ANSWER_BYTES {
                break;
            }
        }
        Ok(status)
    }
}

#[cfg(feature = "tls")]
fn connector(mut http: HttpConnector) -> Result<Connector> {
    http.enforce_http(false);
    let builder = hyper_rustls::HttpsConnectorBuilder::new()
        .try_with_platform_verifier()
        .map_err(|e| Error::new(Code::Io, format!("No certificates: {e}.")).at("webhook.url"))?;
    Ok(builder.https_or_http().enable_http1().wrap_connector(http))
}

#[cfg(not(feature = "tls"))]
fn connector(http: HttpConnector) -> Result<Connector> {
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
