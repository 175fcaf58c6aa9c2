//! All open connections of a listener: their number is bounded, and those that are overdue are closed.

use super::activity::{Activity, Reason};
use crate::config::Deadlines;
use crate::metrics;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// The open connections. Cheap to clone.
#[derive(Clone)]
pub struct Registry {
    shared: Arc<Shared>,
}

struct Shared {
    listener: &'static str,
    most: usize,
    deadlines: Deadlines,
    open: Mutex<Open>,
    left: Notify,
}

#[derive(Default)]
struct Open {
    next: u64,
    connections: HashMap<u64, Arc<Activity>>,
}

/// The place of one connection, given back when this is dropped.
pub struct Place {
    registry: Registry,
    number: u64,
    activity: Arc<Activity>,
}

impl Registry {
    /// For at most this many connections; `listener` is the label of its metrics.
    pub fn new(listener: &'static str, most: usize, deadlines: Deadlines) -> Self {
        metrics::listens(listener, &Reason::ALL.map(Reason::as_str));
        let (open, left) = (Mutex::default(), Notify::new());
        Self { shared: Arc::new(Shared { listener, most, deadlines, open, left }) }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.shared.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn show(&self, open: &Open) {
        metrics::connections(self.shared.listener, open.connections.len());
    }

    /// A place for a new connection, when there is one.
    pub fn enter(&self) -> Option<Place> {
        let mut open = self.open();
        if open.connections.len() >= self.shared.most {
            return None;
        }
        let activity = Arc::new(Activity::new(&self.shared.deadlines));
        open.next += 1;
        let number = open.next;
        open.connections.insert(number, Arc::clone(&activity));
        self.show(&open);
        Some(Place { registry: self.clone(), number, activity })
    }

    /// A place for a new connection. While all are taken, the connection that has waited longest for a request gives up
    /// its own, so that clients that say nothing cannot keep others out.
    pub async fn enter_when_free(&self) -> Place {
        loop {
            let left = self.shared.left.notified();
            if let Some(place) = self.enter() {
                return place;
            }
            self.close_longest_waiting();
            // The time is for the case that none waits now.
            let _ = tokio::time::timeout(Duration::from_millis(100), left).await;
        }
    }

    /// Closes the connection that has waited longest for a request, if one waits.
    pub fn close_longest_waiting(&self) {
        let open = self.open();
        let waiting = open.connections.values().filter_map(|a| Some((a.waiting_since()?, a)));
        if let Some((_, activity)) = waiting.min_by_key(|(since, _)| *since) {
            activity.close(Reason::Full);
        }
    }

    /// Closes overdue connections, for ever.
    pub async fn watch(&self) {
        let limits = &self.shared.deadlines;
        let all = [limits.first_byte, limits.head, limits.answer, limits.idle];
        let shortest = all.iter().map(|limit| limit.0).min().unwrap_or_default();
        let every = (shortest / 10).clamp(Duration::from_millis(10), Duration::from_secs(1));
        loop {
            tokio::time::sleep(every).await;
            let now = Instant::now();
            for activity in self.open().connections.values() {
                if let Some(reason) = activity.overdue(limits, now) {
                    activity.close(reason);
                }
            }
        }
    }

    /// Ends all connections: those that wait for a request at once, the others after their answer, or when the deadline
    /// of the shutdown has passed. Gives the number of those that were cut off.
    pub async fn shut_down(&self) -> usize {
        let deadline = Instant::now() + self.shared.deadlines.shutdown.0;
        loop {
            let left = self.shared.left.notified();
            let open = self.connections();
            if open.is_empty() {
                return 0;
            }
            if Instant::now() >= deadline {
                open.iter().for_each(|activity| activity.close(Reason::Shutdown));
                return open.len();
            }
            open.iter().for_each(|activity| activity.finish());
            // The time is for connections that have come between two requests since.
            let soon = deadline.min(Instant::now() + Duration::from_millis(100));
            let _ = tokio::time::timeout_at(soon, left).await;
        }
    }

    fn connections(&self) -> Vec<Arc<Activity>> {
        self.open().connections.values().cloned().collect()
    }
}

impl Place {
    /// What the connection is doing.
    pub fn activity(&self) -> &Arc<Activity> {
        &self.activity
    }

    /// The server has closed the connection.
    pub fn closed(&self, reason: Reason) {
        metrics::connection_closed(self.registry.shared.listener, reason.as_str());
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.registry.open();
        open.connections.remove(&self.number);
        self.registry.show(&open);
        drop(open);
        self.registry.shared.left.notify_one();
    }
}
