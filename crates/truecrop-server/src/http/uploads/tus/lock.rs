//! One writer at a time for each part. Who comes later is the same client on a new connection, mostly while the old one has not been
//! found dead yet: so it stops the earlier one, which keeps what has come, and goes on.

use crate::http::App;
use crate::http::uploads::room::on_disk;
use crate::problem::Problem;
use crate::store::{Id, Opened, Part, PartialPart};
use axum::http::StatusCode;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// How often a lock is tried, and how long each time waits for the next: writers of this server stop at once; those of another server
/// are found dead by it.
const ATTEMPTS: usize = 40;
const PAUSE: Duration = Duration::from_millis(50);

type Key = (Id, String);

/// Who writes parts in this process.
#[derive(Clone, Default)]
pub struct Writers(Arc<Mutex<HashMap<Key, Arc<Notify>>>>);

/// A writer, until it is dropped.
pub struct Writer {
    writers: Writers,
    key: Key,
    stop: Arc<Notify>,
}

impl Writers {
    fn with<T>(&self, work: impl FnOnce(&mut HashMap<Key, Arc<Notify>>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn begin(&self, key: Key) -> Writer {
        let stop = Arc::new(Notify::new());
        self.with(|all| all.insert(key.clone(), Arc::clone(&stop)));
        Writer { writers: self.clone(), key, stop }
    }

    /// Asks whoever writes this part to stop; false when nobody does in this process.
    fn interrupt(&self, id: Id, file: &str) -> bool {
        let writer = self.with(|all| all.get(&(id, file.to_owned())).cloned());
        writer.inspect(|stop| stop.notify_one()).is_some()
    }

    /// Asks all who write parts of an upload to stop.
    pub fn interrupt_all(&self, id: Id) {
        self.with(|all| all.iter().filter(|((of, _), _)| *of == id).for_each(|(_, stop)| stop.notify_one()));
    }

    /// The same for a part, and waits until it has, or for a while.
    pub async fn stop(&self, id: Id, file: &str) {
        for _ in 0..ATTEMPTS {
            if !self.interrupt(id, file) {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

impl Writer {
    /// Waits until somebody else wants to write.
    pub async fn stopped(&self) {
        self.stop.notified().await;
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.writers.with(|all| {
            if all.get(&self.key).is_some_and(|stop| Arc::ptr_eq(stop, &self.stop)) {
                all.remove(&self.key);
            }
        });
    }
}

/// What a request finds that wants to write a part.
pub enum Locked {
    /// It writes, and nobody else does.
    Mine(Writer, PartialPart),
    /// Everything has come.
    Whole,
    /// Its upload has ended.
    Gone,
}

/// A part to be written by this request alone.
///
/// # Errors
/// `upload-locked` while somebody else writes it.
pub async fn lock(app: &App, id: Id, part: &Part) -> Result<Locked, Problem> {
    for _ in 0..ATTEMPTS {
        let (store, wanted) = (app.store().clone(), part.clone());
        match on_disk(move || store.open_partial(id, &wanted)).await? {
            Opened::Partial(partial) => {
                return Ok(Locked::Mine(app.writers().begin((id, part.file.clone())), partial));
            }
            Opened::Whole => return Ok(Locked::Whole),
            Opened::Gone => return Ok(Locked::Gone),
            Opened::Locked => {
                app.writers().interrupt(id, &part.file);
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    let detail = "Another request still writes this part: try again in a few seconds.";
    Err(Problem::new(StatusCode::LOCKED, "upload-locked", detail).retry_after(1))
}
