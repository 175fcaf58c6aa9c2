//! Uploads by way of the store: a client is given addresses at which it may create objects, and says when it has. Then the
//! objects are judged, and pictures that hold are put into the store as any others.
//!
//! ```text
//! intents/<upload>                      what was announced: each object's length, type and digest, and until when
//! incoming/<upload>/<file>              what the client has put there; nothing here is ever believed or served
//! incoming/<upload>/<file>.partial      of a folder: what has come of it yet, where it comes to the server itself
//! frozen/<upload>/<judgement>/<file>    a copy for one judgement, where no client can write
//! outcomes/<upload>                     what became of it
//! ```
//!
//! # One outcome
//!
//! Several judgements may run at once, of objects that the client may replace meanwhile where the store lets it. Each has
//! a place of its own: copies under an id of its own, and pictures that [`Store::put`] gives new ids, which nobody knows yet.
//! The outcome decides, by one create: *stored*, with the ids of the pictures; *refused*, with the reason; *cancelled* by
//! the client; *expired*, by the sweep. Who loses removes the pictures that it has put (if it dies, nobody confirms them, and
//! they are swept as any others) and gives the answer of who won.
//!
//! # Removing
//!
//! Once there is an outcome, nobody needs what is incoming or frozen, whoever finds it. Addresses stay valid until the
//! upload expires, so a client may still put an object: the sweep removes that too. An intent goes when it is older than
//! every address and judgement of it; its outcome goes later than that, as tombstones do.

mod frozen;
mod intent;
mod received;
mod sign;
mod sweep;

pub use frozen::{Failure, FrozenObject, Mismatch};
pub use intent::{Claimed, Intent, IntentPicture, Outcome, Part};
pub use received::{Opened, PartialPart};
#[cfg(feature = "cloud")]
pub(super) use sign::{BucketSigner, open_bucket};
pub use sign::{SignPuts, SignedPut};

use super::{Id, Key, Result, Store, StoreError};
use object_store::ObjectMeta;
use std::collections::BTreeMap;
use std::time::Duration;
use truecrop_core::{Code, Error};

impl Store {
    /// Whether clients can be given addresses to put objects to.
    pub fn can_sign(&self) -> bool {
        self.signer.is_some()
    }

    /// Keeps what was announced. Before any address is given away.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn announce(&self, intent: &Intent) -> Result<()> {
        if self.create(&Key::Intent(intent.id), intent.to_json()?.into()).await? {
            return Ok(());
        }
        // The store's client has asked twice after a lost answer, unless ids of 128 random bits are the same.
        match self.intent(intent.id).await? {
            Some(own) if own == *intent => Ok(()),
            _ => Err(StoreError::TooLate),
        }
    }

    /// An address at which a part may be created, and the header fields that the client must send there.
    ///
    /// # Errors
    /// [`StoreError::Failed`]; [`Code::InvalidOption`] where nothing can be signed ([`Store::can_sign`]).
    pub async fn sign(&self, id: Id, part: &Part, valid: Duration) -> Result<SignedPut> {
        let no_signer = || Error::new(Code::InvalidOption, "This store cannot sign addresses.").at("store");
        let signer = self.signer.as_ref().ok_or_else(no_signer)?;
        signer
            .sign_put(Key::Incoming(id, &part.file).path(), part.clone(), valid)
            .await
            .map_err(super::failed)
    }

    /// What was announced; `None` when there is no such upload.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Failed`].
    pub async fn intent(&self, id: Id) -> Result<Option<Intent>> {
        let Some(bytes) = self.get(&Key::Intent(id)).await? else { return Ok(None) };
        let read = Intent::from_json(&bytes, id);
        read.map(Some).ok_or_else(|| StoreError::damaged(id, "What was announced cannot be read."))
    }

    /// What became of an upload; `None` while nothing is decided.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Failed`].
    pub async fn outcome(&self, id: Id) -> Result<Option<Outcome>> {
        let Some(bytes) = self.get(&Key::Outcome(id)).await? else { return Ok(None) };
        let read = serde_json::from_slice(&bytes).ok();
        read.map(Some).ok_or_else(|| StoreError::damaged(id, "What became of this upload cannot be read."))
    }

    /// Decides what becomes of an upload, unless that is decided already. Gives what was decided.
    ///
    /// # Errors
    /// As [`Store::outcome`].
    pub async fn decide(&self, id: Id, outcome: Outcome) -> Result<Outcome> {
        let json = serde_json::to_vec(&outcome).map_err(|e| Error::new(Code::Internal, e.to_string()))?;
        if self.create(&Key::Outcome(id), json.into()).await? {
            return Ok(outcome);
        }
        self.outcome(id).await?.ok_or(StoreError::TooLate)
    }

    /// What has come of an upload: the length of each file.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn incoming(&self, id: Id) -> Result<BTreeMap<String, u64>> {
        let objects = self.list(&Key::incoming().join(id.to_string())).await?;
        let named = |object: ObjectMeta| Some((object.location.filename()?.to_owned(), object.size));
        Ok(objects.into_iter().filter_map(named).collect())
    }

    /// Whether a judgement of an upload has copies: it runs, or has died.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn is_frozen(&self, id: Id) -> Result<bool> {
        Ok(!self.list(&Key::frozen().join(id.to_string())).await?.is_empty())
    }

    /// Removes the copies of one judgement.
    ///
    /// # Errors
    /// [`StoreError::Failed`]; then the sweep does it.
    pub async fn remove_frozen(&self, id: Id, judgement: Id) -> Result<()> {
        let copies = Key::frozen().join(id.to_string()).join(judgement.to_string());
        for object in self.list(&copies).await? {
            self.remove(&object.location).await?;
        }
        self.remove_empty_folders(id, Some(judgement));
        Ok(())
    }

    /// Removes what is incoming and frozen of an upload that has its outcome.
    ///
    /// # Errors
    /// [`StoreError::Failed`]; then the sweep does it.
    pub async fn remove_incoming(&self, id: Id) -> Result<()> {
        for folder in [Key::incoming(), Key::frozen()] {
            for object in self.list(&folder.join(id.to_string())).await? {
                self.remove(&object.location).await?;
            }
        }
        self.remove_empty_folders(id, None);
        Ok(())
    }
}
