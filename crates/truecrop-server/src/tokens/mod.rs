//! Policy tokens: permissions to upload that an application signs (JWT), so that its pages need no account here. docs/POLICY.md is the
//! normative text. This module checks and makes signatures; what the claims say is read by the core, as a page reads them.

use crate::config::{PolicyTokens, TokenKey};
use crate::jws_algorithms;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::de::IgnoredAny;
use std::time::{Duration, SystemTime};
use truecrop_core::policy::{Claims, Expected, MOST_TOKEN_BYTES};
use truecrop_core::{Code, Error, Result};

/// A token that holds: its signature, its time, and that it is for this server.
#[derive(Clone, Debug, PartialEq)]
pub struct Permit {
    /// The id of the key that it was signed with.
    pub key: String,
    /// What it says.
    pub claims: Claims,
}

/// The keys that tokens are signed with, and what is expected of a token.
pub struct Keys {
    keys: Vec<Key>,
    audience: Option<String>,
    leeway: Duration,
    longest: Duration,
}

struct Key {
    id: String,
    /// The only one that this key is good for, whatever a token says.
    algorithm: Algorithm,
    decoding: DecodingKey,
}

impl Keys {
    /// The keys of a configuration.
    ///
    /// # Errors
    /// [`Code::InvalidOption`] for a key that is none; `config check` says so before.
    pub fn new(config: &PolicyTokens) -> Result<Self> {
        jws_algorithms::install();
        let keys = config.keys.iter().map(Key::new).collect::<Result<_>>()?;
        let (leeway, longest) = (config.leeway.0, config.longest.0);
        Ok(Self { keys, audience: config.audience.clone(), leeway, longest })
    }

    /// Whether there are none: then no token is read.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Checks a token as it is at this time.
    ///
    /// # Errors
    /// [`Code::InvalidToken`], with what is wrong as its field: `token`, `alg`, `kid`, `crit`, `signature` or a claim; and those of
    /// [`Claims::check`].
    pub fn check(&self, token: &str, now: SystemTime) -> Result<Permit> {
        if token.len() > MOST_TOKEN_BYTES {
            return Err(invalid("token", "The token is too long.").figures(MOST_TOKEN_BYTES, token.len()));
        }
        let header = jsonwebtoken::decode_header(token).map_err(|e| refused(&e))?;
        if header.crit.is_some() {
            return Err(invalid("crit", "The token asks for an extension that this server does not know."));
        }
        let key = self.key(header.kid.as_deref())?;
        let mut validation = Validation::new(key.algorithm);
        // The core checks the claims, as it does for a page.
        validation.required_spec_claims.clear();
        (validation.validate_exp, validation.validate_aud) = (false, false);
        jsonwebtoken::decode::<IgnoredAny>(token, &key.decoding, &validation).map_err(|e| refused(&e))?;
        let claims = Claims::from_json(&payload(token)?)?;
        let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        let (leeway, longest) = (self.leeway.as_secs_f64(), self.longest.as_secs_f64());
        claims.check(&Expected { now, leeway, longest, audience: self.audience.as_deref() })?;
        Ok(Permit { key: key.id.clone(), claims })
    }

    /// The key that a token names. A token that names none means the only one.
    fn key(&self, id: Option<&str>) -> Result<&Key> {
        let found = match (id, self.keys.as_slice()) {
            (None, [only]) => Some(only),
            (None, _) => None,
            (Some(id), keys) => keys.iter().find(|key| key.id == id),
        };
        found.ok_or_else(|| invalid("kid", "The token does not name a key of this server."))
    }
}

impl Key {
    fn new(config: &TokenKey) -> Result<Self> {
        let wrong = |detail| Error::new(Code::InvalidOption, detail).at("policy_tokens.keys");
        let (algorithm, decoding) = match (&config.secret, &config.public_key) {
            (Some(secret), None) => (Algorithm::HS256, DecodingKey::from_secret(secret.0.as_bytes())),
            (None, Some(text)) => {
                let key = jws_algorithms::public_key(text)
                    .ok_or_else(|| wrong("This is no Ed25519 public key."))?;
                (Algorithm::EdDSA, DecodingKey::from_ed_der(key.as_bytes()))
            }
            _ => return Err(wrong("A key has a secret or a public_key.")),
        };
        Ok(Self { id: config.id.clone(), algorithm, decoding })
    }
}

/// What a token is signed with.
pub enum Signing<'a> {
    /// HS256.
    Secret(&'a str),
    /// EdDSA.
    Private(&'a SigningKey),
}

/// Signs claims.
///
/// # Errors
/// [`Code::Internal`], never by what the claims are.
pub fn sign(claims: &serde_json::Value, key_id: Option<&str>, signing: &Signing<'_>) -> Result<String> {
    jws_algorithms::install();
    let (algorithm, key) = match signing {
        Signing::Secret(secret) => (Algorithm::HS256, EncodingKey::from_secret(secret.as_bytes())),
        Signing::Private(key) => (Algorithm::EdDSA, EncodingKey::from_ed_der(&key.to_bytes())),
    };
    let header = Header { kid: key_id.map(str::to_owned), ..Header::new(algorithm) };
    jsonwebtoken::encode(&header, claims, &key)
        .map_err(|e| Error::new(Code::Internal, format!("The token was not signed: {e}.")))
}

/// The bytes of the middle part, which the signature covers.
fn payload(token: &str) -> Result<Vec<u8>> {
    let part = token.split('.').nth(1).unwrap_or_default();
    URL_SAFE_NO_PAD.decode(part).map_err(|_| invalid("token", "This is no token."))
}

fn refused(error: &jsonwebtoken::errors::Error) -> Error {
    match error.kind() {
        ErrorKind::InvalidSignature => invalid("signature", "The token was not signed with this key."),
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName | ErrorKind::UnsupportedAlgorithm => {
            invalid("alg", "The key of this token is for another algorithm.")
        }
        _ => invalid("token", "This is no token: three parts in base64url, separated by dots."),
    }
}

fn invalid(field: &str, detail: &str) -> Error {
    Error::new(Code::InvalidToken, detail).at(field)
}
