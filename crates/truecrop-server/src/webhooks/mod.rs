//! Tells the application what becomes of uploads, by signed requests to one address (Standard Webhooks). `store::outbox` keeps what is to
//! be sent; here it is sent, a few times at once, and later by each sweep until the receiver has taken it.

mod client;
mod sign;

use crate::config::Webhook;
use crate::metrics;
use crate::store::{Event, Store, StoreError};
use client::{Client, Signed};
use futures::StreamExt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::mpsc::Receiver;
use tokio::sync::{Mutex, Semaphore};
use tokio::task::JoinSet;
use truecrop_core::{Code, Error, Result};

/// Tries before an event is left to the sweep.
const TRIES: u32 = 4;

/// Each pause is so many times the one before.
const LONGER: u32 = 4;

/// Events that are sent at the same time.
const AT_ONCE: usize = 4;

/// Events that are tried again between sweeps; further ones wait for the next.
const MOST_RETRIED: usize = 1024;

/// Events that one sweep sends.
const MOST_RESENT: usize = 10_000;

/// After so many failures in a row the receiver is left alone until the next sweep.
const MOST_FAILURES: usize = 5;

/// How an event was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sent {
    /// The receiver has taken it, now or before, or nobody is to hear it any more.
    Done,
    /// What it tells of may happen yet.
    Early,
    /// It has not.
    Failed,
}

/// Sends events. Cheap to clone.
#[derive(Clone)]
pub struct Webhooks {
    shared: Arc<Shared>,
}

struct Shared {
    store: Store,
    client: Client,
    secrets: Vec<Vec<u8>>,
    retry_after: Duration,
    timeout: Duration,
    give_up: Duration,
    places: Semaphore,
    happened: Mutex<Receiver<Event>>,
}

impl Webhooks {
    /// Gives the store that keeps what happens, and what sends it.
    ///
    /// # Errors
    /// [`Code::InvalidOption`] for a configuration that was not checked; [`Code::Io`] where the system has no certificates.
    pub fn new(webhook: &Webhook, store: Store) -> Result<(Store, Self)> {
        let (store, happened) = store.with_outbox();
        let secrets = webhook.secrets.iter().map(Webhook::secret_bytes).collect::<Option<Vec<_>>>();
        let none = || Error::new(Code::InvalidOption, "This is no secret.").at("webhook.secrets");
        let shared = Shared {
            store: store.clone(),
            client: Client::new(&webhook.url, webhook.timeout.0)?,
            secrets: secrets.filter(|secrets| !secrets.is_empty()).ok_or_else(none)?,
            retry_after: webhook.retry_after.0,
            timeout: webhook.timeout.0,
            give_up: webhook.give_up.0,
            places: Semaphore::new(AT_ONCE),
            happened: Mutex::new(happened),
        };
        Ok((store, Self { shared: Arc::new(shared) }))
    }

    /// Sends what happens in this process, for ever.
    pub async fn run(self) {
        let mut happened = self.shared.happened.lock().await;
        let mut under_way = JoinSet::new();
        loop {
            tokio::select! {
                event = happened.recv() => match event {
                    // The rest is in the outbox.
                    Some(_) if under_way.len() >= MOST_RETRIED => {}
                    Some(event) => drop(under_way.spawn(self.clone().try_often(event))),
                    None => return,
                },
                Some(_) = under_way.join_next() => {}
            }
        }
    }

    /// Sends what has happened until now, once: for functions, which do nothing between two calls.
    pub async fn send_waiting(&self) {
        let mut happened = self.shared.happened.lock().await;
        while let Ok(event) = happened.try_recv() {
            if self.send(event).await == Sent::Failed {
                // The sweep tries again.
                return;
            }
        }
    }

    async fn try_often(self, event: Event) {
        let mut pause = self.shared.retry_after;
        for attempt in 1..=TRIES {
            if self.send(event).await == Sent::Done || attempt == TRIES {
                return;
            }
            tokio::time::sleep(pause).await;
            pause *= LONGER;
        }
    }

    /// Sends what lies in the outbox for longer than the tries of this process take, such as what crashes have left; drops what is too old, or
    /// has not happened. The sweep calls this.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn resend(&self) -> Result<()> {
        let pauses = self.shared.retry_after * (0..TRIES - 1).map(|n| LONGER.pow(n)).sum();
        self.resend_older(pauses + self.shared.timeout * TRIES).await
    }

    /// The same for events of this age.
    ///
    /// # Errors
    /// As [`Webhooks::resend`].
    pub async fn resend_older(&self, age: Duration) -> Result<()> {
        let events = self.shared.store.events(age, MOST_RESENT).await?;
        let all = events.len();
        let mut sent = futures::stream::iter(events)
            .map(|(event, age)| self.resend_one(event, age))
            .buffer_unordered(AT_ONCE);
        let (mut done, mut failures) = (0, 0);
        while let Some(one) = sent.next().await {
            match one {
                Sent::Done => (done, failures) = (done + 1, 0),
                Sent::Early => {}
                Sent::Failed => failures += 1,
            }
            if failures >= MOST_FAILURES {
                break;
            }
        }
        metrics::webhook_outbox(all - done);
        Ok(())
    }

    /// What one event finds wrong holds up no other.
    async fn resend_one(&self, event: Event, age: Duration) -> Sent {
        let store = &self.shared.store;
        let forgotten = match store.has_happened(event, age).await {
            Ok(None) => return Sent::Early,
            Ok(Some(true)) if age <= self.shared.give_up => return self.send(event).await,
            Ok(Some(happened)) => {
                if happened {
                    metrics::webhook(event.kind.as_str(), "given_up");
                }
                store.forget_event(event).await
            }
            Err(error) => Err(error),
        };
        let Err(error) = forgotten else { return Sent::Done };
        tracing::warn!(event = event.to_string(), "an event stays in the outbox: {error}");
        // A store that fails is left alone soon.
        if matches!(error, StoreError::Damaged { .. }) { Sent::Early } else { Sent::Failed }
    }

    /// Sends an event once, if nobody has.
    async fn send(&self, event: Event) -> Sent {
        let Shared { store, client, secrets, places, .. } = &*self.shared;
        let Ok(_place) = places.acquire().await else { return Sent::Failed };
        let body = match store.event(event).await {
            Ok(Some(body)) => body,
            Ok(None) => return Sent::Done,
            Err(_) => return Sent::Failed,
        };
        let id = event.to_string();
        let timestamp = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let signature = sign::signature(secrets, &id, timestamp, &body);
        let timer = metrics::webhook_timer();
        let sent = client.send(&Signed { id, timestamp, signature }, body).await;
        drop(timer);
        if let Err(why) = sent {
            metrics::webhook(event.kind.as_str(), "failed");
            tracing::warn!(event = event.to_string(), why, "the webhook has not taken an event");
            return Sent::Failed;
        }
        metrics::webhook(event.kind.as_str(), "delivered");
        // What cannot be removed now is sent again: the receiver knows its id.
        let _ = store.forget_event(event).await;
        Sent::Done
    }
}
