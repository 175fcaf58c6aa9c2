//! Where the application hears what becomes of uploads.

use super::mistakes::Found;
use super::{HumanDuration, Secret};
use crate::store::LONGEST_EVENT;
use axum::http::Uri;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use std::net::IpAddr;
use std::time::Duration;

/// What begins a secret, as Standard Webhooks writes it.
const SECRET_PREFIX: &str = "whsec_";

/// Bytes of a secret, as Standard Webhooks has it.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// Most secrets: more than one only while they change.
const MOST_SECRETS: usize = 4;

/// The webhook.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Webhook {
    /// `https://`, or `http://` on this machine.
    pub url: String,
    /// `whsec_` and base64. Each event is signed with all of them.
    pub secrets: Vec<Secret>,
    /// Longest duration of one try, from the connection to the end of the answer.
    pub timeout: HumanDuration,
    /// The first pause between two tries; each further one is four times as long.
    pub retry_after: HumanDuration,
    /// What could not be sent for so long is dropped.
    pub give_up: HumanDuration,
}

impl Default for Webhook {
    /// Without an address and a secret, which are needed.
    fn default() -> Self {
        let seconds = |seconds| HumanDuration(Duration::from_secs(seconds));
        Self {
            url: String::new(),
            secrets: Vec::new(),
            timeout: seconds(10),
            retry_after: seconds(5),
            give_up: seconds(3 * 24 * 3600),
        }
    }
}

impl Webhook {
    /// The bytes of a secret; `None` for what is none.
    pub fn secret_bytes(secret: &Secret) -> Option<Vec<u8>> {
        let bytes = STANDARD.decode(secret.0.strip_prefix(SECRET_PREFIX)?).ok()?;
        SECRET_BYTES.contains(&bytes.len()).then_some(bytes)
    }

    pub(super) fn check(&self, found: &mut Found) {
        if let Some((detail, expected)) = url_mistake(&self.url) {
            // An address may hold a password.
            found.add("webhook.url", detail, expected, "something else");
        }
        for (field, duration, most) in [
            ("webhook.timeout", self.timeout, Duration::from_secs(60)),
            ("webhook.retry_after", self.retry_after, Duration::from_secs(600)),
            ("webhook.give_up", self.give_up, LONGEST_EVENT),
        ] {
            if duration.0.is_zero() || duration.0 > most {
                let (most, got) = (humantime::format_duration(most), humantime::format_duration(duration.0));
                let detail = "This is no time to wait for.";
                found.add(field, detail, format!("more than 0s, at most {most}"), got.to_string());
            }
        }
        if self.secrets.is_empty() || self.secrets.len() > MOST_SECRETS {
            let detail =
                "Without a secret nobody can tell whether an event is true; more than a few are of no use.";
            found.add("webhook.secrets", detail, format!("1 to {MOST_SECRETS}"), self.secrets.len());
        }
        for (i, secret) in self.secrets.iter().enumerate() {
            if Self::secret_bytes(secret).is_none() {
                let detail = "This is no secret: echo whsec_$(openssl rand -base64 32) makes one.";
                let (least, most) = (SECRET_BYTES.start(), SECRET_BYTES.end());
                let expected = format!("{SECRET_PREFIX} and base64 of {least} to {most} bytes");
                found.add(format!("webhook.secrets[{i}]"), detail, expected, "something else");
            }
        }
    }
}

/// What is wrong with an address, and what is right.
fn url_mistake(url: &str) -> Option<(&'static str, &'static str)> {
    let https = "https://HOST/PATH, or http:// on this machine";
    let Ok(uri) = url.parse::<Uri>() else { return Some(("This is no address.", https)) };
    let host = uri.host().unwrap_or_default();
    let with_user = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
    match uri.scheme_str() {
        _ if host.is_empty() || with_user => Some(("This is not the address of a host alone.", https)),
        Some("https") if cfg!(feature = "tls") => None,
        Some("https") => {
            let detail = "This build knows no TLS: build it with --features tls.";
            Some((detail, "http:// on this machine, or a build with TLS"))
        }
        Some("http") if is_loopback(host) => None,
        Some("http") => Some(("Whoever is on the way could read and change what is sent: use https.", https)),
        _ => Some(("No event can be sent this way.", https)),
    }
}

/// Whether a host, as addresses have it, is this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || address.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_https_or_on_this_machine() {
        for (url, right) in [
            ("http://127.0.0.1:9000/hooks", true),
            ("http://127.8.0.1/", true),
            ("http://[::1]:9000/hooks?x=y", true),
            ("http://localhost/hooks", true),
            ("https://app.example/hooks", cfg!(feature = "tls")),
            ("http://app.example/hooks", false),
            ("http://127.0.0.1.app.example/", false),
            ("http://169.254.169.254/latest", false),
            ("http://user@127.0.0.1/", false),
            ("https://user:password@app.example/", false),
            ("http://app.example@127.0.0.1/", false),
            ("ftp://127.0.0.1/", false),
            ("/hooks", false),
            ("127.0.0.1:9000", false),
            ("", false),
        ] {
            assert_eq!(url_mistake(url).is_none(), right, "{url}: {:?}", url_mistake(url));
        }
    }

    #[test]
    fn a_secret_has_its_prefix_and_length() {
        let secret = |bytes: usize| format!("whsec_{}", STANDARD.encode(vec![7; bytes]));
        for (text, right) in [
            (secret(24), true),
            (secret(64), true),
            (secret(23), false),
            (secret(65), false),
            (STANDARD.encode([7; 32]), false),
            ("whsec_not base64".to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(Webhook::secret_bytes(&Secret(text.clone())).is_some(), right, "{text}");
        }
    }
}
