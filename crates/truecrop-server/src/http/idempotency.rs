//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07): a client that has heard no answer sends the same upload again, and
//! gets the answer that it missed, with the same ids. The store decides, so it may ask any server.

use super::App;
use super::permission::Permission;
use super::verification::Checked;
use crate::problem::Problem;
use crate::store::{About, Lease, Leased, Manifest, RequestKey, RequestRecord, Stage, Store};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use sfv::{BareItem, Item, Parser};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;
use truecrop_core::receipt::Digest;

/// The field.
pub const FIELD: HeaderName = HeaderName::from_static("idempotency-key");

/// Longest key.
const MOST_BYTES: usize = 255;

/// What a request may still ask of the store when its time is over, and by how much clocks differ.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// The keys of requests that this server works on.
#[derive(Clone, Default)]
pub struct Running(Arc<Mutex<HashSet<RequestKey>>>);

/// Seconds after which a client asks again, at least and at most.
const RETRY_AFTER: (u64, u64) = (2, 60);

/// A request with a key, for as long as it runs.
pub struct Keyed {
    key: RequestKey,
    running: Running,
    /// What tells the other servers of the store.
    lease: Option<(Store, Lease)>,
}

impl Drop for Keyed {
    fn drop(&mut self) {
        self.running.with(|keys| keys.remove(&self.key));
        // The client has left, or the time of the request is over.
        if let (Some((store, lease)), Ok(runtime)) = (self.lease.take(), Handle::try_current()) {
            runtime.spawn(async move { store.end_lease(lease).await });
        }
    }
}

impl Running {
    fn with<T>(&self, work: impl FnOnce(&mut HashSet<RequestKey>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A request's key, where it has one.
    ///
    /// # Errors
    /// `invalid-idempotency-key`; `request-running` while the same request runs here.
    pub fn begin(&self, headers: &HeaderMap, permission: &Permission) -> Result<Option<Keyed>, Problem> {
        let Some(text) = key_of(headers)? else { return Ok(None) };
        let key = RequestKey::new(&permission.caller(), &text);
        if self.with(|keys| keys.insert(key)) {
            return Ok(Some(Keyed { key, running: self.clone(), lease: None }));
        }
        Err(still_running(Duration::ZERO))
    }
}

impl Keyed {
    /// The key, with who sent it.
    pub fn key(&self) -> RequestKey {
        self.key
    }

    /// Tells the other servers that this request runs.
    ///
    /// # Errors
    /// `request-running` while it runs on one of them, or has not ended there for as long as a request can take; those of the store.
    pub async fn lease(&mut self, app: &App) -> Result<(), Problem> {
        let longest = app.config().request_timeout.0.saturating_add(LAST_WORDS);
        match app.store().take_lease(self.key, longest).await? {
            Leased::Taken(lease) => self.lease = Some((app.store().clone(), lease)),
            Leased::Held(left) => return Err(still_running(left)),
        }
        Ok(())
    }

    /// Tells them that it has ended. What cannot be removed now counts until a request would have ended.
    pub async fn end(mut self) {
        if let Some((store, lease)) = self.lease.take() {
            let _ = store.end_lease(lease).await;
        }
    }

    /// What was known of this request before, or is from now on.
    ///
    /// # Errors
    /// `idempotency-key-reused` for a key of another request; those of the store.
    pub async fn record(&self, app: &App, checked: &[Checked]) -> Result<RequestRecord, Problem> {
        let content = content(checked);
        let new = RequestRecord::new(content, checked.iter().map(|picture| picture.name.as_str()))?;
        let record = app.store().begin_request(&self.key, new).await?;
        if record.is_of(content) {
            return Ok(record);
        }
        let detail = "This Idempotency-Key belongs to another upload: give each upload a key of its own.";
        Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency-key-reused", detail))
    }
}

fn still_running(left: Duration) -> Problem {
    let detail = "A request with this Idempotency-Key runs at this moment: try again in a few seconds.";
    let (least, most) = RETRY_AFTER;
    let problem = Problem::new(StatusCode::CONFLICT, "request-running", detail);
    problem.retry_after(left.as_secs().clamp(least, most))
}

/// What became of a picture of this request before: `None` when it is still to be stored.
///
/// # Errors
/// `upload-ended`; those of the store.
pub async fn stored_before(app: &App, about: &About) -> Result<Option<(Stage, Manifest)>, Problem> {
    if let Some(found) = app.store().find(about.id).await? {
        return Ok(Some(found));
    }
    if app.store().has_ended(about.id).await? {
        let detail =
            "The upload of this Idempotency-Key was stored, and has been deleted since: use another key.";
        return Err(Problem::new(StatusCode::GONE, "upload-ended", detail));
    }
    Ok(None)
}

/// What is sent, however the form around it is written: names and receipts, which name the digests of everything else.
fn content(checked: &[Checked]) -> Digest {
    let mut pictures: Vec<_> = checked
        .iter()
        .map(|picture| {
            let verified = &picture.verified;
            (picture.name.as_str(), verified.receipt().digest().to_string(), verified.level())
        })
        .collect();
    pictures.sort_unstable();
    // Texts always serialise.
    Digest::of(&serde_json::to_vec(&pictures).unwrap_or_default())
}

/// The key: a string of structured fields, `"..."`, or the bare text that many clients send.
fn key_of(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let lines: Vec<&[u8]> = headers.get_all(FIELD).iter().map(|value| value.as_bytes()).collect();
    let key = match lines.as_slice() {
        [] => return Ok(None),
        [line] if line.starts_with(b"\"") => match Parser::new(line).parse::<Item>() {
            Ok(Item { bare_item: BareItem::String(text), .. }) => Some(text.as_str().to_owned()),
            _ => None,
        },
        [line] => std::str::from_utf8(line).ok().map(|text| text.trim().to_owned()),
        _ => None,
    };
    let fits = |key: &String| {
        (1..=MOST_BYTES).contains(&key.len()) && key.bytes().all(|b| (b' '..=b'~').contains(&b))
    };
    match key.filter(fits) {
        Some(key) => Ok(Some(key)),
        None => {
            let detail = format!(
                "An Idempotency-Key is one text of 1 to {MOST_BYTES} ASCII characters, such as a UUID."
            );
            Err(Problem::new(StatusCode::BAD_REQUEST, "invalid-idempotency-key", detail))
        }
    }
}
