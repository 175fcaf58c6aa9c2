//! Tokens that are good for one upload and have been used: `used/{digest}`, of the key and the token's id. Whoever creates the object has
//! used the token, so any number of servers agree; it holds when the token expires, and who has used it.

use super::list::is_old;
use super::{GRACE, Key, Result, Store};
use bytes::Bytes;
use std::fmt;
use std::time::{Duration, SystemTime};
use truecrop_core::receipt::Digest;

/// A token, by the key that signed it and its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedToken {
    digest: Digest,
    expires: u64,
}

impl UsedToken {
    /// `expires`: seconds since 1970.
    pub fn new(key: &str, id: &str, expires: f64) -> Self {
        // The length keeps both apart.
        let text = format!("{}:{key}{id}", key.len());
        // Beyond all times it is rounded to the last one.
        Self { digest: Digest::of(text.as_bytes()), expires: expires.max(0.0).ceil() as u64 }
    }
}

impl fmt::Display for UsedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.digest.bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// When a used token expires, and who has used it.
fn read(record: &[u8]) -> Option<(u64, &str)> {
    let (expires, holder) = std::str::from_utf8(record).ok()?.split_once(' ')?;
    Some((expires.parse().ok()?, holder))
}

impl Store {
    /// Whether somebody else has used a token.
    ///
    /// # Errors
    /// [`StoreError::Failed`](super::StoreError::Failed).
    pub async fn is_used_by_others(&self, token: &UsedToken, holder: &str) -> Result<bool> {
        let record = self.get(&Key::UsedToken(token)).await?;
        Ok(record.is_some_and(|record| read(&record).is_none_or(|(_, by)| by != holder)))
    }

    /// Uses a token: true for exactly one holder, also when it asks again.
    ///
    /// # Errors
    /// [`StoreError::Failed`](super::StoreError::Failed); then it may be used up all the same.
    pub async fn use_token(&self, token: &UsedToken, holder: &str) -> Result<bool> {
        let record = Bytes::from(format!("{} {holder}", token.expires));
        Ok(self.create(&Key::UsedToken(token), record).await?
            || !self.is_used_by_others(token, holder).await?)
    }

    /// Makes a token good again: for its only holder, when nothing was stored.
    ///
    /// # Errors
    /// [`StoreError::Failed`](super::StoreError::Failed).
    pub async fn release_token(&self, token: &UsedToken) -> Result<()> {
        self.remove(&Key::UsedToken(token).path()).await.map(drop)
    }

    /// Forgets tokens that have expired for longer than clocks differ.
    pub(super) async fn sweep_used_tokens(&self, now: SystemTime) -> Result<()> {
        let limit = now.checked_sub(GRACE);
        let seconds = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs();
        let expired = |expires: u64| expires.saturating_add(GRACE.as_secs()) < seconds;
        for object in self.list(&Key::used_tokens()).await? {
            // A younger one was good when it was used.
            if !is_old(object.last_modified.into(), limit) {
                continue;
            }
            let record = self.get_path(&object.location).await?;
            if record.is_some_and(|record| read(&record).is_some_and(|(expires, _)| expired(expires))) {
                self.remove(&object.location).await?;
            }
        }
        Ok(())
    }
}
