//! Policy tokens as an application makes them: by hand, so that they can also be wrong.

use super::{FORM, TestResponse, TestServer, form};
use axum::http::Method;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer, SigningKey};
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use std::time::{SystemTime, UNIX_EPOCH};
use truecrop_server::config::{Config, Secret, TokenKey};

pub const SECRET: &str = "a secret of the tests, 32 bytes or more";
pub const OTHER_SECRET: &str = "another secret, which no server has seen";

/// Seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

pub fn private_key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

/// The public key as a configuration has it.
pub fn public_key() -> String {
    URL_SAFE_NO_PAD.encode(private_key().verifying_key().as_bytes())
}

/// A server that takes tokens of two keys: `one` is a secret, `two` a public key.
pub fn takes_tokens(config: &mut Config) {
    let key = |id: &str, secret: Option<&str>, public_key| TokenKey {
        id: id.to_owned(),
        secret: secret.map(|text| Secret(text.to_owned())),
        public_key,
    };
    config.policy_tokens.keys = vec![key("one", Some(SECRET), None), key("two", None, Some(public_key()))];
    config.policy_tokens.audience = Some("uploads".to_owned());
}

/// The same, and each upload needs one.
pub fn requires_tokens(config: &mut Config) {
    takes_tokens(config);
    config.policy_tokens.require = true;
}

/// Claims that are good for ten minutes.
pub fn claims(policy: &Value) -> Value {
    json!({"exp": now() + 600, "aud": "uploads", "truecrop": policy})
}

fn part(json: &Value) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}

pub fn hs256(header: &Value, claims: &Value, secret: &[u8]) -> String {
    let message = format!("{}.{}", part(header), part(claims));
    let mac = Hmac::<Sha256>::new_from_slice(secret).unwrap().chain_update(&message).finalize();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(mac.into_bytes()))
}

pub fn eddsa(header: &Value, claims: &Value) -> String {
    let message = format!("{}.{}", part(header), part(claims));
    let signature = private_key().sign(message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
}

/// A token of the key `one`.
pub fn token(claims: &Value) -> String {
    hs256(&json!({"alg": "HS256", "typ": "JWT", "kid": "one"}), claims, SECRET.as_bytes())
}

/// The same that says which policy.
pub fn token_for(policy: &Value) -> String {
    token(&claims(policy))
}

/// Posts a form with a token in the head.
pub async fn post_with(server: &TestServer, token: &str, parts: &[(String, Vec<u8>)]) -> TestResponse {
    let bearer = format!("Bearer {token}");
    let head = [("content-type", FORM), ("authorization", bearer.as_str())];
    server.send(Method::POST, "/v1/images", &head, form(parts)).await
}

/// A form whose first part is a token.
pub fn after_token(token: &str, parts: &[(String, Vec<u8>)]) -> Vec<(String, Vec<u8>)> {
    let first = vec![("policy".to_owned(), token.as_bytes().to_vec())];
    [first, parts.to_vec()].concat()
}
