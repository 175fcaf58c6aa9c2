//! Completes an upload: freezes what the client has put, verifies it as the pictures of a form, stores it, and decides.

use super::{expired, no_such_upload};
use crate::http::App;
use crate::http::body_meter::BodyMeter;
use crate::http::form::{Claim, First, Picture, Source};
use crate::http::memory_budget::Reservation;
use crate::http::problem::Problem;
use crate::http::verification::{self, Checked};
use crate::store::{
    Claimed, FrozenObject, Id, Intent, IntentPicture, LONGEST_WRITE, Manifest, Mismatch, Outcome, Part,
    StoreError,
};
use axum::http::StatusCode;
use std::time::{Instant, SystemTime};
use truecrop_core::{Code, Error};

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
    app.admission().check()?;
    let begun = Instant::now();
    let (own, manifests) = match judge_and_store(app, &intent).await {
        Ok(manifests) => {
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
        for manifest in manifests {
            // Nobody has been told its id. What cannot be removed now is swept.
            let _ = store.delete(manifest.id).await;
        }
    }
    let decided = decided?;
    // What cannot be removed now is left to the sweep.
    let _ = store.remove_incoming(id).await;
    Ok(decided)
}

async fn judge_and_store(app: &App, intent: &Intent) -> Result<Vec<Manifest>, Problem> {
    let judgement = Id::random()?;
    let stored = judge(app, intent, judgement).await;
    // What cannot be removed now is left to the sweep.
    let _ = app.store().remove_frozen(intent.id, judgement).await;
    stored
}

async fn judge(app: &App, intent: &Intent, judgement: Id) -> Result<Vec<Manifest>, Problem> {
    let (pictures, meter) = frozen(app, intent, judgement).await?;
    let failures: Vec<_> = pictures.iter().filter_map(Picture::store_failure).collect();
    // What this server allows may be less by now than what the announcement was permitted.
    let policy = app.config().policy.and(&intent.policy);
    let checked = verification::check_all(app, pictures, &policy, &meter).await;
    // A source that the store did not give says nothing about the upload.
    if let (Err(_), Some(failure)) = (&checked, failures.iter().find_map(|failure| failure.take())) {
        return Err(failure.into());
    }
    let checked = checked?;
    for (picture, checked) in intent.pictures.iter().zip(&checked) {
        check_announced_source(picture, checked)?;
    }
    crate::http::upload::store_new(app, &checked, &policy, intent.subject.as_deref()).await
}

/// Whether the picture was made of the source that was announced: nothing else holds that of a recipe.
fn check_announced_source(picture: &IntentPicture, checked: &Checked) -> Result<(), Problem> {
    let used = checked.verified.receipt().source().digest;
    match &picture.source {
        Some(part) if part.digest != used => {
            let field = format!("{}.source", picture.name);
            let (expected, got) = (part.digest.to_string(), used.to_string());
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
        let field = if picture.outputs.len() == 1 { name.clone() } else { format!("{name}.{output}") };
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
    let field = format!("{name}.source");
    let patience = app.config().request_timeout.0.min(LONGEST_WRITE);
    let frozen = app.store().freeze(id, judgement, part, patience).await?;
    frozen.ok_or_else(|| not_uploaded(&field))?.map_err(|m| mismatch(&field, m))
}

fn not_uploaded(field: &str) -> Problem {
    let detail = "This part is not in the store yet: put it there, then complete the upload.";
    Problem::new(StatusCode::CONFLICT, "not-uploaded", detail).at(field)
}

fn mismatch(field: &str, mismatch: Mismatch) -> Problem {
    let code = if field.ends_with(".source") { Code::SourceMismatch } else { Code::OutputsMismatch };
    let error = Error::new(code, "This is not what was announced: announce a new upload.");
    error.at(format!("{field}.{}", mismatch.field)).figures(mismatch.expected, mismatch.got).into()
}
