//! Looks through a whole store: is every upload still what was verified, and what does not belong to any?

use super::list::{Listed, is_old};
use super::{Ages, Id, Key, Result, Stage, Store, StoreError};
use futures::TryStreamExt;
use futures::future::ready;
use serde::Serialize;
use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

/// What a check says about one upload or file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// An upload that is what was verified.
    Sound,
    /// An upload that is not: it is not served, and only deleting it helps.
    Damaged,
    /// Objects of an upload under way, or that ends just now; the sweep looks after them.
    Unfinished,
    /// Objects that a crash has left.
    Orphan,
    /// A staging file that a crash has left.
    Staging,
    /// A file that truecrop has not put there. It is left alone.
    Unknown,
}

impl State {
    /// Whether an operator should do something.
    pub fn is_wrong(self) -> bool {
        !matches!(self, State::Sound | State::Unfinished)
    }
}

/// One upload or file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// What it is.
    pub state: State,
    /// The folder or file in the store.
    pub path: String,
    /// What is wrong, where more is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// The summary of a check.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// Confirmed uploads.
    pub kept: usize,
    /// Uploads that wait to be confirmed.
    pub pending: usize,
    /// Tombstones.
    pub deleted: usize,
    /// Uploads of both stages that are damaged.
    pub damaged: usize,
    /// Uploads under way.
    pub unfinished: usize,
    /// What crashes have left.
    pub orphans: usize,
    /// Staging files.
    pub staging: usize,
    /// Files of others.
    pub unknown: usize,
    /// What was removed before.
    pub repaired: usize,
}

impl Checked {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.damaged + self.orphans + self.staging + self.unknown == 0
    }

    fn count(&mut self, stage: Option<Stage>, state: State) {
        match state {
            State::Sound => {}
            State::Damaged => self.damaged += 1,
            State::Unfinished => self.unfinished += 1,
            State::Orphan => self.orphans += 1,
            State::Staging => self.staging += 1,
            State::Unknown => self.unknown += 1,
        }
        match stage.filter(|_| matches!(state, State::Sound | State::Damaged)) {
            Some(Stage::Pending) => self.pending += 1,
            Some(Stage::Kept) => self.kept += 1,
            None => {}
        }
    }
}

impl Store {
    /// Removes what crashes have left and is older than this: objects and staging files of no upload.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn repair(&self, older_than: Duration) -> Result<usize> {
        Ok(self.sweep_by_age(Ages::of_leftovers(older_than), false).await?.leftovers)
    }

    /// Reads everything, and calls `each` for every upload and for everything that belongs to none. What is younger
    /// than this may be under way, and is not wrong.
    ///
    /// # Errors
    /// [`StoreError::Failed`], and those of `each`.
    pub async fn check(
        &self,
        older_than: Duration,
        mut each: impl FnMut(&Finding) -> truecrop_core::Result<()>,
    ) -> Result<Checked> {
        let limit = SystemTime::now().checked_sub(older_than);
        let tombstones: BTreeSet<Id> =
            self.tombstones().try_filter_map(|group| ready(Ok(group.id()))).try_collect().await?;
        let mut checked = Checked { deleted: tombstones.len(), ..Checked::default() };
        let mut tell = |checked: &mut Checked, stage, finding: Finding| {
            checked.count(stage, finding.state);
            each(&finding)
        };
        let (mut kept, mut pending) = (Vec::new(), Vec::new());
        // Pending first: what is confirmed meanwhile is then found in kept.
        let mut strangers = self.for_each_upload(Stage::Pending, |id, l| pending.push((id, l))).await?;
        strangers.extend(self.for_each_upload(Stage::Kept, |id, l| kept.push((id, l))).await?);
        let confirmed: BTreeSet<Id> =
            kept.iter().filter(|(_, listed)| listed.is_manifest()).map(|(id, _)| *id).collect();
        for (stage, uploads) in [(Stage::Kept, kept), (Stage::Pending, pending)] {
            for (id, listed) in uploads.into_iter().filter(|(id, _)| !tombstones.contains(id)) {
                if stage == Stage::Pending && confirmed.contains(&id) {
                    continue;
                }
                for finding in self.check_upload(stage, id, listed, limit).await? {
                    tell(&mut checked, Some(stage), finding)?;
                }
            }
        }
        for stranger in strangers {
            let finding = Finding { state: State::Unknown, path: stranger.to_string(), detail: None };
            tell(&mut checked, None, finding)?;
        }
        let mut staging = Vec::new();
        if let Some(limit) = limit {
            self.old_staging_files(limit, |file| staging.push(file.display().to_string()));
        }
        for path in staging {
            tell(&mut checked, None, Finding { state: State::Staging, path, detail: None })?;
        }
        Ok(checked)
    }

    /// What lies in one upload's folder: the upload itself, and files that its manifest does not name. Nothing when it
    /// has ended meanwhile.
    async fn check_upload(
        &self,
        stage: Stage,
        id: Id,
        listed: Listed,
        limit: Option<SystemTime>,
    ) -> Result<Vec<Finding>> {
        let path = Key::folder(stage, id).to_string();
        let found = |state, detail| Ok(vec![Finding { state, path: path.clone(), detail }]);
        if !listed.is_manifest() {
            let waits = stage == Stage::Kept && matches!(self.find(id).await, Ok(Some(_)) | Err(_));
            let old = is_old(listed.time, limit) && listed.manifest.is_none() && !waits;
            return found(if old { State::Orphan } else { State::Unfinished }, None);
        }
        let (now, manifest) = match self.find(id).await {
            Ok(Some(upload)) => upload,
            Ok(None) => return Ok(Vec::new()),
            Err(StoreError::Damaged { detail, .. }) => return found(State::Damaged, Some(detail)),
            Err(error) => return Err(error),
        };
        let mut damage = Vec::new();
        let receipt = self.read_receipt(now, &manifest).await.map(|_| ());
        damage.extend(damage_of(receipt)?);
        for output in &manifest.outputs {
            let read = async {
                match self.read_output(now, id, output).await? {
                    Some((_, content)) => content.into_stream().try_for_each(|_| async { Ok(()) }).await,
                    None => Ok(()),
                }
            };
            damage.extend(damage_of(read.await)?);
        }
        let state = if damage.is_empty() { State::Sound } else { State::Damaged };
        let detail = (!damage.is_empty()).then(|| damage.join(" "));
        let mut findings = vec![Finding { state, path: path.clone(), detail }];
        let names = ["manifest.json", "receipt.json", "audit"];
        for object in self.list(&Key::folder(now, id)).await? {
            let name = object.location.filename().unwrap_or_default();
            let known = names.contains(&name) || Key::deadline_in(name).is_some();
            if !known && manifest.outputs.iter().all(|o| o.file != name) {
                findings.push(Finding {
                    state: State::Unknown,
                    path: object.location.to_string(),
                    detail: None,
                });
            }
        }
        Ok(findings)
    }
}

/// The sentence of a damage; other errors end the check.
fn damage_of(read: Result<()>) -> Result<Option<String>> {
    match read {
        Ok(()) => Ok(None),
        Err(StoreError::Damaged { detail, .. }) => Ok(Some(detail)),
        Err(error) => Err(error),
    }
}
