//! What calls a function besides HTTP: objects that came into the bucket, directly or through a queue, and the clock.
//!
//! An event may come twice, late, or before the others of its upload: completing an upload again changes nothing, and one whose parts
//! are missing yet waits for the event of the last. So an event only fails when trying again may help.

use crate::http::{App, uploads};
use crate::problem::Problem;
use crate::store::{GRACE, Id, Outcome, Store, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use truecrop_core::{Code, Error};

/// A notification of S3, or the messages of a queue.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Records {
    records: Vec<Record>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Record {
    #[serde(rename_all = "camelCase")]
    Message {
        message_id: String,
        body: String,
    },
    Object {
        s3: Named,
    },
}

#[derive(Deserialize)]
struct Named {
    object: ObjectKey,
}

#[derive(Deserialize)]
struct ObjectKey {
    key: String,
}

/// An event of EventBridge, or one of our own.
#[derive(Deserialize)]
struct Notice {
    /// `{"truecrop": "sweep"}`, for schedules that send what they are told.
    truecrop: Option<String>,
    #[serde(rename = "detail-type")]
    kind: Option<String>,
    detail: Option<Value>,
}

/// The messages that are to come again.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BatchAnswer {
    batch_item_failures: Vec<FailedItem>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FailedItem {
    item_identifier: String,
}

/// What an event came to.
///
/// # Errors
/// What may succeed when the event comes again; [`Code::InvalidOption`] for one that nobody here sends.
pub async fn handle(app: &App, event: &str) -> Result<Value, Problem> {
    if let Ok(Records { records }) = serde_json::from_str(event) {
        return handle_records(app, records).await;
    }
    let notice: Notice = serde_json::from_str(event).map_err(|_| unknown())?;
    match (notice.truecrop.as_deref(), notice.kind.as_deref(), notice.detail) {
        (Some("sweep"), _, _) | (None, Some("Scheduled Event"), _) => sweep(app).await,
        (None, Some("Object Created"), Some(detail)) => {
            let Named { object } = serde_json::from_value(detail).map_err(|_| unknown())?;
            // EventBridge does not encode keys.
            complete(app, &object.key).await.map(|done| json!({ "uploads": [done] }))
        }
        // S3 sends one when notifications are set up.
        _ if event.contains("s3:TestEvent") => Ok(json!({ "uploads": [] })),
        _ => Err(unknown()),
    }
}

async fn handle_records(app: &App, records: Vec<Record>) -> Result<Value, Problem> {
    let (mut uploads, mut failures, mut is_queue) = (Vec::new(), Vec::new(), false);
    for record in records {
        match record {
            Record::Object { s3 } => uploads.push(complete(app, &decoded(&s3.object.key)).await?),
            Record::Message { message_id, body } => {
                is_queue = true;
                // Each by itself: one that fails does not bring the others again.
                if let Err(problem) = Box::pin(handle(app, &body)).await {
                    tracing::warn!(message = message_id, code = problem.code(), "a message is to come again");
                    failures.push(FailedItem { item_identifier: message_id });
                }
            }
        }
    }
    if is_queue {
        let answer = BatchAnswer { batch_item_failures: failures };
        return serde_json::to_value(answer).map_err(|e| Error::new(Code::Internal, e.to_string()).into());
    }
    Ok(json!({ "uploads": uploads }))
}

/// Completes the upload of an object, if it is of one.
async fn complete(app: &App, key: &str) -> Result<Value, Problem> {
    let Some(id) = upload_of(key) else {
        return Ok(json!({ "state": "ignored" }));
    };
    // As a request: what takes longer comes again.
    let longest = app.config().request_timeout.0;
    let completed = tokio::time::timeout(longest, uploads::complete(app, id)).await;
    let state = match completed.unwrap_or_else(|_| Err(StoreError::TooLate.into())) {
        Ok(Outcome::Stored(_)) => "stored",
        Ok(Outcome::Refused(_)) => "refused",
        Ok(Outcome::Cancelled) => "cancelled",
        Ok(Outcome::Expired) => "expired",
        Err(problem) => match problem.code() {
            "not-uploaded" => "waiting",
            "upload-expired" => "expired",
            "not-found" => "unknown",
            _ => return Err(problem),
        },
    };
    tracing::info!(upload = id.to_string(), state, "an object came");
    Ok(json!({ "id": id, "state": state }))
}

/// The upload that an object belongs to: `PREFIX/incoming/ID/FILE`.
fn upload_of(key: &str) -> Option<Id> {
    let mut parts = key.rsplit('/');
    let (_file, id, folder) = (parts.next()?, parts.next()?, parts.next()?);
    (folder == "incoming").then(|| id.parse().ok())?
}

/// A key as S3 notifies of it, which is encoded as a query is.
fn decoded(key: &str) -> String {
    let mut bytes = Vec::with_capacity(key.len());
    let mut rest = key.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = |digits: &[u8]| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
        let encoded = tail.get(..2).filter(|_| *first == b'%').and_then(hex);
        bytes.push(encoded.unwrap_or(if *first == b'+' { b' ' } else { *first }));
        rest = if encoded.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn sweep(app: &App) -> Result<Value, Problem> {
    let (store, config): (&Store, _) = (app.store(), app.config());
    let mut swept = store.sweep(config.pending_ttl.0, false).await?;
    swept.uploads = store.sweep_incoming(config.uploads.ttl.0 + GRACE, false).await?;
    tracing::info!(deleted = swept.deleted.len(), uploads = swept.uploads, "swept");
    if let Some(webhooks) = app.webhooks() {
        webhooks.resend().await?;
    }
    serde_json::to_value(swept).map_err(|e| Error::new(Code::Internal, e.to_string()).into())
}

fn unknown() -> Problem {
    let detail =
        "This is neither a request, nor an event of S3, of a queue of such events, or of a schedule.";
    Error::new(Code::InvalidOption, detail).at("event").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_upload_is_told_by_the_key() {
        let id = "aaaaaaaaaaaaaaaaaaaaaaaaab";
        for (key, expected) in [
            (format!("incoming/{id}/0-0"), true),
            (format!("some/prefix/incoming/{id}/0-source"), true),
            (format!("a+b%2Fincoming%2F{id}/0-0"), true),
            (format!("incoming/{id}"), false),
            (format!("frozen/{id}/{id}/0-0"), false),
            (format!("pending/{id}/main.jpg"), false),
            ("incoming/../0-0".to_owned(), false),
            ("incoming/%zz/%".to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(upload_of(&decoded(&key)).is_some(), expected, "{key}");
        }
    }
}
