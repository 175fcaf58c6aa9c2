//! Sends one event: to the address of the configuration, and nowhere else. Of the answer only the status counts.

use crate::outgoing;
use axum::body::{Body, Bytes};
use axum::http::{Request, Uri, header};
use std::time::Duration;
use truecrop_core::{Code, Error, Result};

/// Cheap to clone.
#[derive(Clone)]
pub struct Client {
    client: outgoing::Client,
    uri: Uri,
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
        Ok(Self { client: outgoing::Client::new(longest, "webhook.url")?, uri })
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
        match self.client.send(request).await?.status() {
            status if status.is_success() => Ok(()),
            status => Err(format!("it answered {status}")),
        }
    }
}
