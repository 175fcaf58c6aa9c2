//! Names of objects that are digests of what others have chosen: the key of a request, the id of a token. So they are of one length, fit
//! into a path, and tell nobody what they stand for.

use std::fmt;
use truecrop_core::receipt::Digest;

/// A request, by who sends it and the key that they gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RequestKey(Digest);

impl RequestKey {
    /// That of this caller and this key.
    pub fn new(caller: &str, key: &str) -> Self {
        Self(digest_of(caller, key))
    }
}

impl fmt::Display for RequestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

/// A token, by the key that signed it and its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedToken {
    digest: Digest,
    expires: u64,
}

impl UsedToken {
    /// `expires`: seconds since 1970.
    pub fn new(key: &str, id: &str, expires: f64) -> Self {
        // Beyond all times it is rounded to the last one.
        Self { digest: digest_of(key, id), expires: expires.max(0.0).ceil() as u64 }
    }

    /// Seconds since 1970.
    pub(super) fn expires(&self) -> u64 {
        self.expires
    }
}

impl fmt::Display for UsedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.digest, f)
    }
}

/// The length keeps both apart.
fn digest_of(first: &str, second: &str) -> Digest {
    Digest::of(format!("{}:{first}{second}", first.len()).as_bytes())
}

fn write_hex(digest: &Digest, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    digest.bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}
