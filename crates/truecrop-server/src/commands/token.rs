//! `truecrop token`: makes and checks policy tokens, for scripts and for trying things out. An application makes its own, with any
//! library for JWT (docs/POLICY.md).

use super::read;
use crate::cli::{CheckTokenOptions, MakeTokenOptions, TokenCommand};
use crate::config::{Config, PolicyTokens, Secret};
use crate::problem::Problem;
use crate::store::Id;
use crate::tokens::{Keys, Signing, sign};
use crate::{jws_algorithms, print};
use serde_json::{Value, json};
use std::io::Read;
use std::path::Path;
use std::time::SystemTime;
use truecrop_core::policy::{Claims, MOST_TOKEN_BYTES, Policy};
use truecrop_core::{Code, Error, Result};

/// Runs a command.
///
/// # Errors
/// Those of the configuration, of the policy, of a key, and of a token that is not taken.
pub fn run(command: &TokenCommand) -> Result<(), Problem> {
    match command {
        TokenCommand::Make(options) => make(options),
        TokenCommand::Check(options) => check(options),
    }
}

fn make(options: &MakeTokenOptions) -> Result<(), Problem> {
    let config = Config::load(options.config.as_deref(), |_| ())?.policy_tokens;
    let claims = claims(options, config.audience.as_deref())?;
    // As every reader will read them.
    Claims::from_json(claims.to_string().as_bytes())?;
    let token = match &options.private_key {
        Some(file) => {
            let pem = read(file)?;
            let key = jws_algorithms::private_key(&String::from_utf8_lossy(&pem));
            let key =
                key.ok_or_else(|| wrong("private-key", "This is no Ed25519 private key in PEM (PKCS #8)."))?;
            sign(&claims, options.key.as_deref(), &Signing::Private(&key))?
        }
        None => {
            let (id, Secret(secret)) = secret(&config, options.key.as_deref())?;
            sign(&claims, Some(id), &Signing::Secret(secret))?
        }
    };
    Ok(print::bytes(format!("{token}\n").as_bytes())?)
}

/// The key's id and secret.
fn secret<'a>(config: &'a PolicyTokens, id: Option<&str>) -> Result<(&'a str, &'a Secret)> {
    let wanted = config.keys.iter().filter(|key| id.is_none_or(|id| key.id == id));
    let mut secrets = wanted.filter_map(|key| Some((key.id.as_str(), key.secret.as_ref()?)));
    let detail = "The configuration has no such key with a secret: name another one, or give --private-key.";
    secrets.next().ok_or_else(|| wrong("key", detail))
}

fn claims(options: &MakeTokenOptions, audience: Option<&str>) -> Result<Value> {
    let mut policy = match &options.policy {
        Some(file) => Policy::from_json(&read(file)?)?,
        None => Policy::default(),
    };
    if options.once {
        policy.once = Some(true);
    }
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let policy = serde_json::to_value(&policy).map_err(|e| Error::new(Code::Internal, e.to_string()))?;
    let mut claims = json!({
        "iat": now,
        "exp": now.saturating_add(options.expires_in.as_secs()),
        "truecrop": policy,
    });
    if options.once {
        claims["jti"] = Id::random()?.to_string().into();
    }
    let audience = options.audience.as_deref().or(audience);
    for (name, text) in [("aud", audience), ("sub", options.subject.as_deref())] {
        if let Some(text) = text {
            claims[name] = text.into();
        }
    }
    if let Some(later) = options.not_before {
        claims["nbf"] = now.saturating_add(later.as_secs()).into();
    }
    Ok(claims)
}

fn check(options: &CheckTokenOptions) -> Result<(), Problem> {
    let config = Config::load(options.config.as_deref(), |_| ())?;
    let token = String::from_utf8_lossy(&read_token(&options.token)?).trim().to_owned();
    let permit = Keys::new(&config.policy_tokens)?.check(&token, SystemTime::now())?;
    let claims = &permit.claims;
    let expires = claims.expires();
    Ok(print::json(&json!({
        "valid": true,
        "key": permit.key,
        "expires": expires,
        "subject": claims.subject(),
        "id": claims.id(),
        // With what the server itself allows.
        "policy": config.policy.and(claims.policy()),
    }))?)
}

/// A file or standard input, no further than a token may go.
fn read_token(path: &Path) -> Result<Vec<u8>> {
    if path != Path::new("-") {
        return read(path);
    }
    let mut bytes = Vec::new();
    std::io::stdin().take(2 * MOST_TOKEN_BYTES as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn wrong(field: &str, detail: &str) -> Error {
    Error::new(Code::InvalidOption, detail).at(field)
}
