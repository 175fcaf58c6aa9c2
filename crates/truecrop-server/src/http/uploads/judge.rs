//! Completes an upload: freezes what the client has put, verifies it as the pictures of a form, stores it, and decides.

use super::room::on_disk;
use super::{expired, no_such_upload};
use crate::http::App;
use crate::http::body_meter::BodyMeter;
use crate::http::form::{Claim, First, Picture, Source};
use crate::http::memory_budget::Reservation;
use crate::http::verification::{self, Checked};
use crate::problem::Problem;
use crate::store::{
    Claimed, EventKind, FrozenObject, Id, Intent, IntentPicture, LONGEST_WRITE, Manifest, Mismatch, Outcome,
    Part, Store, StoreError,
};
use axum::http::StatusCode;
use std::time::{Duration, Instant, SystemTime};
use tokio::runtime::Handle;
use truecrop_core::{Code, Error};

/// How often a call looks whether another server has decided.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// What became of an upload whose client, or whose store, says that everything is there.
///
/// # Errors
/// What may be different the next time: `not-uploaded` while parts are missing, `busy`, `store-unavailable`, `timeout`. Also
/// `not-found` and `upload-expired`. Whatever is final is an [`Outcome`].
pub async fn complete(app: &App, id: Id) -> Result<Outcome, Problem> {
    let store = app.store();
    if let Some(outcome) = store.outcome(id).await? {
        return Ok(outcome);
    }
    let Some(intent) = store.intent(id).await? else {
        // It may have been decided, and swept, between the two looks.
        return store.outcome(id).await?.ok_or_else(no_such_upload);
    };
    if intent.has_expired(SystemTime::now()) {
        return Err(expired());
    }
    let place = app.judgements().place(id);
    let _alone = place.alone().await;
    if let Some(outcome) = decided_by_others(app, id).await? {
        return Ok(outcome);
    }
    app.admission().check()?;
    let begun = Instant::now();
    let (own, manifests) = match judge_and_store(app, &intent).await {
        Ok(None) => return store.outcome(id).await?.ok_or_else(no_such_upload),
        Ok(Some(manifests)) => {
            let ids = intent.pictures.iter().zip(&manifests).map(|(p, m)| (p.name.clone(), m.id));
            (Outcome::Stored(ids.collect()), manifests)
        }
        Err(problem) if problem.is_final() => (Outcome::Refused(problem.to_value()), Vec::new()),
        // Parts may be missing because another call has decided.
        Err(problem) => return store.outcome(id).await?.ok_or(problem),
    };
    // The sweep's own decision is removed some time after it.
    let decided = if begun.elapsed() > LONGEST_WRITE {
        Err(StoreError::TooLate)
    } else {
        store.decide(id, own.clone()).await
    };
    // After a failure of the store it may be decided as `own` all the same: then they are needed. Otherwise nobody confirms them.
    let lost = match &decided {
        Ok(other) => *other != own,
        Err(error) => matches!(error, StoreError::TooLate),
    };
    if lost {
        for manifest in &manifests {
            // Nobody has been told its id. What cannot be removed now is swept.
            let _ = store.delete(manifest.id).await;
        }
    }
    let decided = decided?;
    if !lost {
        for manifest in manifests {
            store.happened(EventKind::Accepted, manifest.id);
        }
    }
    // What cannot be removed now is left to the sweep.
    let _ = store.remove_incoming(id).await;
    Ok(decided)
}

/// The outcome, where another call has come to one while this one waited for it. Another server is waited for as well, as long as an upload
/// waits for its turn: what it has copied may also be what it left when it died.
async fn decided_by_others(app: &App, id: Id) -> Result<Option<Outcome>, Problem> {
    let (store, begun) = (app.store(), Instant::now());
    loop {
        if let Some(outcome) = store.outcome(id).await? {
            return Ok(Some(outcome));
        }
        let left = app.admission().longest_wait().saturating_sub(begun.elapsed());
        if left.is_zero() || !store.is_frozen(id).await? {
            return Ok(None);
        }
        tokio::time::sleep(LOOK_AGAIN.min(left)).await;
    }
}

/// `None` when another call has decided meanwhile.
async fn judge_and_store(app: &App, intent: &Intent) -> Result<Option<Vec<Manifest>>, Problem> {
    check_incoming(app, intent).await?;
    let mut copies =
        Copies { store: app.store().clone(), id: intent.id, judgement: Id::random()?, there: true };
    let stored = judge(app, intent, copies.judgement).await;
    copies.there = false;
    // What cannot be removed now is left to the sweep.
    let _ = app.store().remove_frozen(intent.id, copies.judgement).await;
    stored
}

/// The copies of one judgement. Dropped while they are there: the client has left, or the time of the request is over.
struct Copies {
    store: Store,
    id: Id,
    judgement: Id,
    there: bool,
}

impl Drop for Copies {
    fn drop(&mut self) {
        // Others would wait for an outcome that does not come.
        if let (true, Ok(runtime)) = (self.there, Handle::try_current()) {
            let (store, id, judgement) = (self.store.clone(), self.id, self.judgement);
            runtime.spawn(async move { store.remove_frozen(id, judgement).await });
        }
    }
}

async fn judge(app: &App, intent: &Intent, judgement: Id) -> Result<Option<Vec<Manifest>>, Problem> {
    let (pictures, meter) = frozen(app, intent, judgement).await?;
    let failures: Vec<_> = pictures.iter().filter_map(Picture::store_failure).collect();
    let turn = app.admission().turn().await?;
    // The wait may have been long.
    if app.store().outcome(intent.id).await?.is_some() {
        return Ok(None);
    }
    // What this server allows may be less by now than what the announcement was permitted.
    let policy = app.config().policy.and(&intent.policy);
    let checked = verification::check_in_turn(app, turn, pictures, &policy, &meter).await;
    // A source that the store did not give says nothing about the upload.
    if let (Err(_), Some(failure)) = (&checked, failures.iter().find_map(|failure| failure.take())) {
        return Err(failure.into());
    }
    let checked = checked?;
    for (picture, checked) in intent.pictures.iter().zip(&checked) {
        check_announced_source(picture, checked)?;
    }
    crate::http::upload::store_new(app, &checked, &policy, intent.subject.as_deref()).await.map(Some)
}

/// Whether everything is there and as long as announced, by one list: before anything is read or copied.
async fn check_incoming(app: &App, intent: &Intent) -> Result<(), Problem> {
    if app.store().can_receive() {
        let (store, all) = (app.store().clone(), intent.clone());
        on_disk(move || {
            let mut parts = all.pictures.iter().flat_map(IntentPicture::parts);
            parts.try_for_each(|part| store.finish_left(all.id, part).map(drop))
        })
        .await?;
    }
    let there = app.store().incoming(intent.id).await?;
    for picture in &intent.pictures {
        let outputs = picture.outputs.iter().map(|(output, part)| (output_field(picture, output), part));
        let source = picture.source.iter().map(|part| (source_field(&picture.name), part));
        for (field, part) in outputs.chain(source) {
            let of_picture = |problem: Problem| problem.of_picture(&picture.name);
            let bytes = *there.get(&part.file).ok_or_else(|| of_picture(not_uploaded(&field)))?;
            if bytes != part.bytes {
                let (expected, got) = (part.bytes.to_string(), bytes.to_string());
                return Err(of_picture(mismatch(&field, Mismatch { field: "bytes", expected, got })));
            }
        }
    }
    Ok(())
}

fn output_field(picture: &IntentPicture, output: &str) -> String {
    if picture.outputs.len() == 1 { picture.name.clone() } else { format!("{}.{output}", picture.name) }
}

fn source_field(name: &str) -> String {
    format!("{name}.source")
}

/// Whether the picture was made of the source that was announced: nothing else holds that of a recipe.
fn check_announced_source(picture: &IntentPicture, checked: &Checked) -> Result<(), Problem> {
    let used = checked.verified.receipt().source().digest;
    match &picture.source {
        Some(Part { digest: Some(digest), .. }) if *digest != used => {
            let field = source_field(&picture.name);
            let (expected, got) = (digest.to_string(), used.to_string());
            let problem = mismatch(&field, Mismatch { field: "digest", expected, got });
            Err(problem.of_picture(&picture.name))
        }
        _ => Ok(()),
    }
}

/// Every part where no client can change it: outputs in memory that is reserved, sources as copies.
async fn frozen(app: &App, intent: &Intent, judgement: Id) -> Result<(Vec<Picture>, BodyMeter), Problem> {
    let mut held: Option<Reservation> = None;
    let mut pictures = Vec::with_capacity(intent.pictures.len());
    for picture in &intent.pictures {
        let name = &picture.name;
        let sources = picture.source.iter().map(|part| FrozenObject::held_bytes(part.bytes));
        let outputs = picture.outputs.iter().map(|(_, part)| part.bytes);
        let room = app.memory_budget().reserve_for_body(sources.chain(outputs).sum()).await?;
        match &mut held {
            Some(held) => held.merge(room),
            none => *none = Some(room),
        }
        let frozen = freeze(app, intent.id, judgement, picture).await;
        pictures.push(frozen.map_err(|problem| problem.of_picture(name))?);
    }
    Ok((pictures, BodyMeter::holding(held)))
}

async fn freeze(app: &App, id: Id, judgement: Id, picture: &IntentPicture) -> Result<Picture, Problem> {
    let (store, name, limits) = (app.store(), &picture.name, &app.config().limits);
    let mut outputs = Vec::with_capacity(picture.outputs.len());
    for (output, part) in &picture.outputs {
        let field = output_field(picture, output);
        let bytes = store.read_incoming(id, part).await?.ok_or_else(|| not_uploaded(&field))?;
        outputs.push((output.clone(), bytes.map_err(|m| mismatch(&field, m))?.into()));
    }
    let source = match &picture.source {
        None => None,
        Some(part) => Some(Source::Frozen(freeze_source(app, id, judgement, name, part).await?)),
    };
    let claim = match &picture.claim {
        Claimed::Receipt(json) => Claim::from_json(First::Receipt, json.as_bytes(), limits)?,
        Claimed::Recipe(json) => Claim::from_json(First::Recipe, json.as_bytes(), limits)?,
    };
    Ok(Picture { name: name.clone(), claim, outputs, source })
}

async fn freeze_source(
    app: &App,
    id: Id,
    judgement: Id,
    name: &str,
    part: &Part,
) -> Result<FrozenObject, Problem> {
    let field = source_field(name);
    let patience = app.config().request_timeout.0.min(LONGEST_WRITE);
    let frozen = app.store().freeze(id, judgement, part, patience).await?;
    frozen.ok_or_else(|| not_uploaded(&field))?.map_err(|m| mismatch(&field, m))
}

fn not_uploaded(field: &str) -> Problem {
    let detail = "This part is not in the store yet: put it there, then complete the upload.";
    Problem::new(StatusCode::CONFLICT, "not-uploaded", detail).at(field)
}

/// The refusal of a part that is not what was announced.
fn mismatch(field: &str, mismatch: Mismatch) -> Problem {
    not_announced(field, mismatch, "This is not what was announced: announce a new upload.")
}

/// The same with the words for a part that may come again.
pub fn not_announced(field: &str, mismatch: Mismatch, detail: &str) -> Problem {
    let code = if field.ends_with(".source") { Code::SourceMismatch } else { Code::OutputsMismatch };
    let error = Error::new(code, detail).at(format!("{field}.{}", mismatch.field));
    error.figures(mismatch.expected, mismatch.got).into()
}
