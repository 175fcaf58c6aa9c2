//! What a policy token says: the payload of a JWT (RFC 7519), whose signature others have checked or cannot check. The server checks
//! it; a page reads it to guide the person.
//!
//! This module has no clock: whoever calls says what time it is.

use super::Policy;
use crate::error::{Code, Error, Result};
use crate::json;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;

/// Most bytes of a token, with its signature. It has to fit into the head of a request.
pub const MOST_TOKEN_BYTES: usize = 8 << 10;

/// Most bytes of `sub`, of `jti`, and of each `aud`.
pub const MOST_CLAIM_BYTES: usize = 256;

/// The claims of a token that truecrop reads. Others, such as `iss` and `iat`, are left alone.
///
/// # Guarantees
/// The times are finite, the texts are not empty and have at most [`MOST_CLAIM_BYTES`], the policy has no mistakes, and there is a
/// `jti` where the policy says `once`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Claims {
    exp: f64,
    #[serde(default)]
    nbf: Option<f64>,
    #[serde(default)]
    aud: Option<Audience>,
    #[serde(default)]
    sub: Option<String>,
    #[serde(default)]
    jti: Option<String>,
    truecrop: Policy,
}

/// What a server expects of a token.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// Seconds since 1970.
    pub now: f64,
    /// By how many seconds the clocks of who made the token and of the server may differ.
    pub leeway: f64,
    /// A token that expires later than in so many seconds is not taken.
    pub longest: f64,
    /// The name of this server. A token for others is not taken, and with a name nor one for nobody.
    pub audience: Option<&'a str>,
}

impl Claims {
    /// Reads the payload of a token.
    ///
    /// ```
    /// use truecrop_core::Code;
    /// use truecrop_core::policy::{Claims, Expected};
    ///
    /// let claims = Claims::from_json(br#"{"exp": 2000, "truecrop": {"aspects": ["1:1"], "maxPictures": 1}}"#)?;
    /// assert_eq!(claims.policy().max_pictures, Some(1));
    /// let expected = Expected { now: 1990.0, leeway: 0.0, longest: 3600.0, audience: None };
    /// assert!(claims.check(&expected).is_ok());
    /// let late = claims.check(&Expected { now: 2000.0, ..expected }).unwrap_err();
    /// assert_eq!(late.code(), Code::TokenExpired);
    /// # Ok::<(), truecrop_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Code::InvalidToken`], with the claim at fault.
    pub fn from_json(payload: &[u8]) -> Result<Self> {
        if payload.len() > MOST_TOKEN_BYTES {
            let detail = "The token is too long: leave out of it what truecrop does not read.";
            return Err(invalid("token", detail).figures(MOST_TOKEN_BYTES, payload.len()));
        }
        let claims: Self = json::from_slice(payload)
            .map_err(|e| invalid("token", format!("The claims of the token cannot be read: {e}.")))?;
        claims.check_shape()?;
        Ok(claims)
    }

    fn check_shape(&self) -> Result<()> {
        let audiences = self.aud.iter().flat_map(|aud| aud.0.iter().map(|aud| ("aud", aud)));
        let texts = [("sub", &self.sub), ("jti", &self.jti)];
        let texts = texts.into_iter().filter_map(|(name, text)| Some((name, text.as_ref()?)));
        for (name, text) in texts.chain(audiences) {
            if text.is_empty() || text.len() > MOST_CLAIM_BYTES {
                let detail = "This claim is empty, or too long.";
                return Err(
                    invalid(name, detail).figures(format!("1 to {MOST_CLAIM_BYTES} bytes"), text.len())
                );
            }
        }
        if self.truecrop.once == Some(true) && self.jti.is_none() {
            let detail = "A token that is good for one upload needs a jti of its own.";
            return Err(invalid("jti", detail));
        }
        match self.truecrop.mistakes().into_iter().next() {
            Some(mistake) => {
                let field = format!("truecrop.{}", mistake.field().unwrap_or_default());
                let figure = |value: Option<&json::Value>| value.cloned().unwrap_or(json::Value::Null);
                let (expected, got) = (figure(mistake.expected()), figure(mistake.got()));
                Err(invalid(field, mistake.detail()).figures(expected, got))
            }
            None => Ok(()),
        }
    }

    /// Whether the token is good at this time and for this server.
    ///
    /// # Errors
    /// [`Code::TokenExpired`], [`Code::TokenNotYetValid`], [`Code::WrongAudience`]; [`Code::InvalidToken`] for a token that is good
    /// for too long.
    pub fn check(&self, expected: &Expected<'_>) -> Result<()> {
        let Expected { now, leeway, longest, audience } = *expected;
        if self.exp + leeway <= now {
            let detail = "The permission to upload has expired: ask the application for a new one.";
            return Err(Error::new(Code::TokenExpired, detail).at("exp").figures(now.floor(), self.exp));
        }
        if let Some(begin) = self.nbf.filter(|begin| *begin - leeway > now) {
            let detail = "The permission to upload is not good yet: try again later.";
            return Err(Error::new(Code::TokenNotYetValid, detail).at("nbf").figures(now.floor(), begin));
        }
        if self.exp - now > longest + leeway {
            let detail = "The token is good for longer than this server takes: let it expire sooner.";
            return Err(invalid("exp", detail).figures((now + longest).floor(), self.exp));
        }
        let names = self.aud.as_ref().map_or(&[][..], |aud| &aud.0);
        let meant = match audience {
            Some(own) => names.iter().any(|name| name == own),
            None => self.aud.is_none(),
        };
        if !meant {
            let detail = "The token is not for this server.";
            return Err(Error::new(Code::WrongAudience, detail)
                .at("aud")
                .figures(audience.map(String::from), names.to_vec()));
        }
        Ok(())
    }

    /// What the token allows.
    pub fn policy(&self) -> &Policy {
        &self.truecrop
    }

    /// From this second since 1970 on it is not good any more.
    pub fn expires(&self) -> f64 {
        self.exp
    }

    /// Who uploads, in the application's words.
    pub fn subject(&self) -> Option<&str> {
        self.sub.as_deref()
    }

    /// The token's own id.
    pub fn id(&self) -> Option<&str> {
        self.jti.as_deref()
    }
}

fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Error {
    Error::new(Code::InvalidToken, detail).at(field)
}

/// One text or a list of them.
#[derive(Clone, Debug, PartialEq)]
struct Audience(Vec<String>);

impl<'de> Deserialize<'de> for Audience {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct OneOrMany;

        impl<'de> Visitor<'de> for OneOrMany {
            type Value = Audience;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or an array of strings")
            }

            fn visit_str<E>(self, text: &str) -> std::result::Result<Audience, E> {
                Ok(Audience(vec![text.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> std::result::Result<Audience, A::Error> {
                let mut names = Vec::new();
                while let Some(name) = items.next_element()? {
                    names.push(name);
                }
                Ok(Audience(names))
            }
        }

        deserializer.deserialize_any(OneOrMany)
    }
}
