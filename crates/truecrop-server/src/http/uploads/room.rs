//! Begins an upload that was announced, within bounds: parts that come to the server lie on its disk until the upload is judged, so how many
//! uploads may wait for parts, and how many bytes they have announced together, is bounded. What waits is what has a folder in the store,
//! so the bounds hold for all servers of the folder and after a restart.

use crate::http::App;
use crate::http::permission::Permission;
use crate::metrics;
use crate::problem::Problem;
use crate::store::{self, Id, Intent, IntentPicture, Outcome, StoreError};
use axum::http::StatusCode;
use std::collections::BTreeMap;
use std::time::SystemTime;
use tokio::runtime::Handle;
use tokio::sync::Mutex;
use truecrop_core::{Code, Error};

/// Seconds after which room may have come free.
const RETRY_AFTER: u64 = 60;

/// What is known of the uploads that wait for parts: what was announced never changes.
#[derive(Default)]
pub struct Room(Mutex<BTreeMap<Id, Waiting>>);

#[derive(Clone, Copy)]
struct Waiting {
    /// Announced.
    bytes: u64,
    ends: SystemTime,
    /// It begins just now, and may have no folder yet.
    begins: bool,
}

/// Announces an upload for somebody who may.
///
/// # Errors
/// `uploads-full` where parts come to this server and too many are awaited; `token-used`; those of the store.
pub async fn begin(
    app: &App,
    permission: &Permission,
    pictures: Vec<IntentPicture>,
) -> Result<Intent, Problem> {
    let mut intent = Intent::new(pictures, SystemTime::now(), app.config().uploads.ttl.0)?;
    intent.policy = permission.policy().clone();
    intent.subject = permission.subject().map(str::to_owned);
    let place = take_room(app, &intent).await?;
    announce(app, permission, &intent).await?;
    if let Some(place) = place {
        place.has_begun().await;
    }
    Ok(intent)
}

/// The place of an upload that begins. Dropped before it has begun: it was refused, or the client has left.
struct Place {
    app: App,
    id: Id,
    begins: bool,
}

impl Place {
    async fn has_begun(mut self) {
        if let Some(waiting) = self.app.room().0.lock().await.get_mut(&self.id) {
            waiting.begins = false;
        }
        self.begins = false;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // If it has a folder all the same, the next that begins finds that.
        if let (true, Ok(runtime)) = (self.begins, Handle::try_current()) {
            let (app, id) = (self.app.clone(), self.id);
            runtime.spawn(async move { app.room().0.lock().await.remove(&id) });
        }
    }
}

async fn announce(app: &App, permission: &Permission, intent: &Intent) -> Result<(), Problem> {
    // What was permitted when it was announced is permitted until it ends.
    permission.spend(app).await?;
    let announced = async {
        app.store().announce(intent).await?;
        if app.store().can_receive() {
            let (store, id) = (app.store().clone(), intent.id);
            on_disk(move || store.begin_receiving(id)).await?;
        }
        Ok(())
    };
    let announced: Result<(), Problem> = announced.await;
    if announced.is_err() {
        permission.give_back(app).await;
    }
    announced
}

/// A place for an upload where parts come to this server. Refuses one beyond the bounds. Uploads that have expired are ended now rather
/// than by the next sweep.
async fn take_room(app: &App, intent: &Intent) -> Result<Option<Place>, Problem> {
    if !app.store().can_receive() {
        return Ok(None);
    }
    let mut known = app.room().0.lock().await;
    let store = app.store().clone();
    let ids = on_disk(move || store.receiving()).await?;
    let now = SystemTime::now();
    let mut waiting: BTreeMap<Id, Waiting> =
        known.iter().filter(|(_, w)| w.begins && w.ends > now).map(|(id, w)| (*id, *w)).collect();
    for id in ids {
        let found = match known.get(&id) {
            Some(found) => *found,
            None => match app.store().intent(id).await {
                Ok(Some(intent)) => Waiting { bytes: intent.bytes(), ends: intent.ends(), begins: false },
                Ok(None) => continue,
                // Nobody can send its parts any more. The sweep ends it by its age.
                Err(StoreError::Damaged { .. }) => Waiting { bytes: 0, ends: intent.ends(), begins: false },
                Err(error) => return Err(error.into()),
            },
        };
        if found.ends > now {
            waiting.insert(id, found);
            continue;
        }
        match app.store().decide(id, Outcome::Expired).await {
            Ok(_) => app.store().remove_incoming(id).await?,
            Err(damaged @ StoreError::Damaged { .. }) => tracing::warn!("{damaged}"),
            Err(error) => return Err(error.into()),
        }
    }
    let sum = waiting.values().fold(0u64, |sum, waiting| sum.saturating_add(waiting.bytes));
    metrics::receiving(waiting.len(), sum);
    let (terms, bytes) = (&app.config().uploads, intent.bytes());
    let full = waiting.len() >= terms.unfinished || sum.saturating_add(bytes) > terms.unfinished_bytes;
    if !full {
        waiting.insert(intent.id, Waiting { bytes, ends: intent.ends(), begins: true });
    }
    *known = waiting;
    if full {
        let detail =
            "Too many uploads wait for their parts: try again later, or send a form to POST /v1/images.";
        let refused = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "uploads-full", detail);
        return Err(refused.retry_after(RETRY_AFTER));
    }
    Ok(Some(Place { app: app.clone(), id: intent.id, begins: true }))
}

/// Work on the folder of the store, on a thread that may wait for the disk.
///
/// # Errors
/// Those of the work.
pub async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> store::Result<T> + Send + 'static,
) -> Result<T, Problem> {
    let ended = tokio::task::spawn_blocking(work).await;
    Ok(ended.map_err(|e| Error::new(Code::Internal, format!("A part could not be written: {e}.")))??)
}
