//! Tokens that are good for one upload and have been used. Whoever creates `used/{digest}/holder`, where the digest is of the key and the
//! token's id, has used the token, so any number of servers agree; it holds who that was. Before it there is
//! `used/{digest}/until-{time}`, by which the sweep sees in a list when the token expires: it reads none of them.

use super::list::{Group, is_old};
use super::{GRACE, Key, Result, Store, UsedToken};
use bytes::Bytes;
use futures::TryStreamExt;
use object_store::path::Path;
use std::fmt;
use std::time::{Duration, SystemTime};
use truecrop_core::receipt::Digest;
use truecrop_core::{Code, Error};

/// How often a token may be given back while somebody else wants to use it.
const MOST_ROUNDS: usize = 4;

/// Whoever uses a token: a name, and for a request that may be sent again what the store knows of it. Another request of the same name,
/// once the first is forgotten, is another holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Without blanks.
    pub name: String,
    /// That of the request's record.
    pub record: Option<Digest>,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.record.iter().try_for_each(|record| write!(f, " {record}"))
    }
}

impl Store {
    /// Whether somebody else has used a token, by the name alone: for requests of which no more is known yet.
    ///
    /// # Errors
    /// [`StoreError::Failed`](super::StoreError::Failed).
    pub async fn is_used_by_others(&self, token: &UsedToken, name: &str) -> Result<bool> {
        let holder = self.get(&Key::UsedToken(token)).await?;
        Ok(holder.is_some_and(|holder| holder.split(|byte| *byte == b' ').next() != Some(name.as_bytes())))
    }

    /// Uses a token: true for exactly one holder, also when it asks again.
    ///
    /// # Errors
    /// [`StoreError::Failed`](super::StoreError::Failed); then it may be used up all the same.
    pub async fn use_token(&self, token: &UsedToken, holder: &Holder) -> Result<bool> {
        // First, so that no used token is without it.
        self.create(&Key::TokenExpiry(token), Bytes::new()).await?;
        let holder = Bytes::from(holder.to_string());
        for _ in 0..MOST_ROUNDS {
            if self.create(&Key::UsedToken(token), holder.clone()).await? {
                return Ok(true);
            }
            if let Some(by) = self.get(&Key::UsedToken(token)).await? {
                return Ok(by == holder);
            }
            // Its holder has just made it good again.
        }
        Err(Error::new(Code::Io, "A token is used and given back all the time: try again.").into())
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
        let expired = |until: u64| until.saturating_add(GRACE.as_secs()) < seconds;
        let mut tokens = self.groups(&Key::used_tokens());
        while let Some(token) = tokens.try_next().await? {
            // A younger one was good when it was used. Where it came with more than one expiry, the last counts.
            let until = token.objects.iter().filter_map(|object| expiry_of(&object.location)).max();
            if is_old(token.youngest(), limit) && until.is_some_and(expired) {
                self.forget(token).await?;
            }
        }
        Ok(())
    }

    async fn forget(&self, token: Group) -> Result<()> {
        // `holder` comes first in this order, and goes before what tells when it may.
        let mut objects: Vec<Path> = token.objects.into_iter().map(|object| object.location).collect();
        objects.sort_unstable();
        for object in &objects {
            self.remove(object).await?;
        }
        self.remove_empty_folder(&Key::used_tokens().join(token.name));
        Ok(())
    }
}

fn expiry_of(path: &Path) -> Option<u64> {
    path.filename()?.strip_prefix("until-")?.parse().ok()
}
