//! Which policy tokens are taken.

use super::HumanDuration;
use super::mistakes::Found;
use crate::jws_algorithms::{LEAST_SECRET_BYTES, public_key};
use serde::Deserialize;
use std::fmt;
use std::time::Duration;
use truecrop_core::policy::MOST_CLAIM_BYTES;

/// Most that clocks may differ: used tokens are remembered for longer than that.
const MOST_LEEWAY: Duration = Duration::from_secs(600);

/// What is expected of policy tokens. Without keys none is read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PolicyTokens {
    /// Whether each upload needs one, or the `api_key`.
    pub require: bool,
    /// The name of this server, which a token has to have in `aud`.
    pub audience: Option<String>,
    /// By how much the clocks of the application and of the server may differ.
    pub leeway: HumanDuration,
    /// A token that is good for longer than this is not taken.
    pub longest: HumanDuration,
    /// The keys, each with an id, which a token names in `kid`.
    pub keys: Vec<TokenKey>,
}

impl Default for PolicyTokens {
    fn default() -> Self {
        Self {
            require: false,
            audience: None,
            leeway: HumanDuration(Duration::from_secs(30)),
            longest: HumanDuration(Duration::from_secs(24 * 3600)),
            keys: Vec::new(),
        }
    }
}

/// One key: with a `secret` tokens are HS256, with a `public_key` EdDSA.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenKey {
    /// As tokens name it.
    pub id: String,
    /// Shared with the application.
    #[serde(default)]
    pub secret: Option<Secret>,
    /// Of Ed25519: PEM, or the 32 bytes in base64url.
    #[serde(default)]
    pub public_key: Option<String>,
}

/// A text that is on no screen and in no log.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

impl PolicyTokens {
    pub(super) fn check(&self, found: &mut Found) {
        if self.require && self.keys.is_empty() {
            let detail = "Without a key no token can be checked, so nobody could upload.";
            found.add("policy_tokens.keys", detail, "at least one key", "none");
        }
        if let Some(audience) =
            self.audience.as_ref().filter(|name| name.is_empty() || name.len() > MOST_CLAIM_BYTES)
        {
            let detail = "No token can name this.";
            found.add(
                "policy_tokens.audience",
                detail,
                format!("1 to {MOST_CLAIM_BYTES} bytes"),
                audience.len(),
            );
        }
        for (field, duration, most) in [
            ("policy_tokens.leeway", self.leeway, MOST_LEEWAY),
            ("policy_tokens.longest", self.longest, Duration::from_secs(366 * 24 * 3600)),
        ] {
            if duration.0 > most {
                let (most, got) = (humantime::format_duration(most), humantime::format_duration(duration.0));
                found.add(field, "This is too long.", format!("at most {most}"), got.to_string());
            }
        }
        if self.longest.0.is_zero() {
            found.add("policy_tokens.longest", "This must not be zero.", "a duration, such as 1h", "0s");
        }
        for (i, key) in self.keys.iter().enumerate() {
            key.check(&format!("policy_tokens.keys[{i}]"), found);
            if self.keys[..i].iter().any(|other| other.id == key.id) {
                let detail = "Another key has this id.";
                found.add(format!("policy_tokens.keys[{i}].id"), detail, "an id of its own", key.id.as_str());
            }
        }
    }
}

impl TokenKey {
    /// What a key is, is in no message.
    fn check(&self, at: &str, found: &mut Found) {
        if self.id.is_empty() || self.id.len() > MOST_CLAIM_BYTES {
            found.add(
                format!("{at}.id"),
                "Tokens have to name this key.",
                format!("1 to {MOST_CLAIM_BYTES} bytes"),
                self.id.len(),
            );
        }
        match (&self.secret, &self.public_key) {
            (Some(Secret(secret)), None) if secret.len() < LEAST_SECRET_BYTES => {
                let detail = "A secret this short can be guessed: openssl rand -base64 32 gives one.";
                found.add(
                    format!("{at}.secret"),
                    detail,
                    format!("at least {LEAST_SECRET_BYTES} bytes"),
                    secret.len(),
                );
            }
            (None, Some(text)) if public_key(text).is_none() => {
                let detail = "This is no Ed25519 public key: openssl pkey -pubout writes one.";
                found.add(
                    format!("{at}.public_key"),
                    detail,
                    "PEM, or 32 bytes in base64url",
                    "something else",
                );
            }
            (Some(_), None) | (None, Some(_)) => {}
            (both, _) => {
                let got = if both.is_some() { "both" } else { "neither" };
                found.add(at, "A key is a secret or a public key.", "secret or public_key", got);
            }
        }
    }
}
