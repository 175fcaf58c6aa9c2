//! The objects that decide: one per stage under the manifest's key, which holds the manifest or the word that the
//! upload has ended, and the tombstone.

use super::{AuditState, Id, Key, Manifest, Result, Stage, Store};
use bytes::Bytes;

/// How an upload has ended before it was confirmed. Whoever creates the word under the manifest's key decides; the tombstone says the same,
/// for as long as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It was deleted, or it was what a crash has left.
    Deleted,
    /// The sweep has ended it: nobody has confirmed it in time, or its audit failed.
    Expired,
}

/// The words that lie under a manifest's key when the upload ended before it reached that stage. Their length tells them from every
/// manifest in a list.
const WORDS: [(End, &[u8]); 2] = [(End::Deleted, br#"{"ended":true}"#), (End::Expired, br#"{"swept":true}"#)];

/// The length of each of them.
pub(super) const WORD_BYTES: u64 = 14;

/// What follows the word in the tombstone of an upload whose audit had failed.
const AUDIT_FAILED: &[u8] = br#"{"audit":false}"#;

impl End {
    fn word(self) -> &'static [u8] {
        WORDS[usize::from(self == End::Expired)].1
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        WORDS.into_iter().find_map(|(end, word)| (bytes == word).then_some(end))
    }
}

/// What a tombstone says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Burial {
    pub(super) end: End,
    pub(super) audit_failed: bool,
}

impl Burial {
    /// What is no word is that of a kept upload, which only a delete ends.
    fn read(bytes: &[u8]) -> Self {
        let (word, audit_failed) = match bytes.strip_suffix(AUDIT_FAILED) {
            Some(word) => (word, true),
            None => (bytes, false),
        };
        Self { end: End::read(word).unwrap_or(End::Deleted), audit_failed }
    }
}

/// The object under a manifest's key.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "one is held at a time, never a list of them")]
pub(super) enum Record {
    /// The upload has reached this stage.
    Reached(Manifest),
    /// It never will: it was deleted or swept before.
    Ended(End),
    /// It has reached this stage, but the manifest cannot be read any more.
    Damaged,
}

impl Store {
    pub(super) async fn record(&self, stage: Stage, id: Id) -> Result<Option<Record>> {
        let Some(bytes) = self.get(&Key::Manifest(stage, id)).await? else { return Ok(None) };
        if let Some(end) = End::read(&bytes) {
            return Ok(Some(Record::Ended(end)));
        }
        Ok(Some(Manifest::from_json(&bytes, id).map_or(Record::Damaged, Record::Reached)))
    }

    /// Decides that the upload never reaches this stage; false when the key is taken already, by whatever it is.
    pub(super) async fn end(&self, stage: Stage, id: Id, how: End) -> Result<bool> {
        self.create(&Key::Manifest(stage, id), Bytes::from_static(how.word())).await
    }

    /// Puts up the tombstone; false when it stands already. It also says that an audit had failed, which nothing else tells once the upload
    /// is gone: whoever sends that may be another process than this one.
    pub(super) async fn bury(&self, id: Id, how: End) -> Result<bool> {
        let mut word = how.word().to_vec();
        if self.audit_state(id).await? == AuditState::Failed {
            word.extend_from_slice(AUDIT_FAILED);
        }
        self.create(&Key::Tombstone(id), word.into()).await
    }

    pub(super) async fn is_buried(&self, id: Id) -> Result<bool> {
        Ok(self.burial(id).await?.is_some())
    }

    /// What the tombstone says.
    pub(super) async fn burial(&self, id: Id) -> Result<Option<Burial>> {
        Ok(self.get(&Key::Tombstone(id)).await?.map(|bytes| Burial::read(&bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_one_length_and_are_read_as_they_were_written() {
        for (end, word) in WORDS {
            assert_eq!((word.len() as u64, End::read(word), end.word()), (WORD_BYTES, Some(end), word));
            for audit_failed in [false, true] {
                let more: &[u8] = if audit_failed { AUDIT_FAILED } else { b"" };
                assert_eq!(Burial::read(&[word, more].concat()), Burial { end, audit_failed });
            }
        }
        assert_eq!(Burial::read(b"damaged"), Burial { end: End::Deleted, audit_failed: false });
    }
}
