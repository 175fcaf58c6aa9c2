//! The objects that decide: one per stage under the manifest's key, which holds the manifest or the word that the
//! upload has ended, and the tombstone.

use super::{Id, Key, Manifest, Result, Stage, Store};
use bytes::Bytes;

/// What lies under a manifest's key when the upload ended before it reached that stage. Its length tells it from
/// every manifest in a list.
pub(super) const ENDED: &[u8] = br#"{"ended":true}"#;

/// The object under a manifest's key.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "one is held at a time, never a list of them")]
pub(super) enum Record {
    /// The upload has reached this stage.
    Reached(Manifest),
    /// It never will: it was deleted or swept before.
    Ended,
    /// It has reached this stage, but the manifest cannot be read any more.
    Damaged,
}

impl Store {
    pub(super) async fn record(&self, stage: Stage, id: Id) -> Result<Option<Record>> {
        let Some(bytes) = self.get(&Key::Manifest(stage, id)).await? else { return Ok(None) };
        if bytes == ENDED {
            return Ok(Some(Record::Ended));
        }
        Ok(Some(Manifest::from_json(&bytes, id).map_or(Record::Damaged, Record::Reached)))
    }

    /// Decides that the upload never reaches this stage; false when the key is taken already, by whatever it is.
    pub(super) async fn end(&self, stage: Stage, id: Id) -> Result<bool> {
        self.create(&Key::Manifest(stage, id), Bytes::from_static(ENDED)).await
    }

    /// Puts up the tombstone; false when it stands already.
    pub(super) async fn bury(&self, id: Id) -> Result<bool> {
        self.create(&Key::Tombstone(id), Bytes::from_static(ENDED)).await
    }

    pub(super) async fn is_buried(&self, id: Id) -> Result<bool> {
        Ok(self.get(&Key::Tombstone(id)).await?.is_some())
    }
}
