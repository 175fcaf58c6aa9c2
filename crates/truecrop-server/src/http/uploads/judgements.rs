//! Which uploads this server judges: one judgement of each at a time. A client that completes an upload often, or beside the event of its
//! bucket, makes the server copy and decode its source once; the others wait and are told the outcome.

use crate::store::Id;
use std::collections::HashMap;
use std::sync::{Arc, Mutex as SyncMutex, PoisonError};
use tokio::sync::{Mutex, MutexGuard};

type Places = HashMap<Id, Arc<Mutex<()>>>;

/// Cheap to clone.
#[derive(Clone, Default)]
pub struct Judgements(Arc<SyncMutex<Places>>);

/// A call that judges an upload, or waits to.
pub struct Place {
    all: Judgements,
    id: Id,
    own: Arc<Mutex<()>>,
}

impl Judgements {
    fn with<T>(&self, work: impl FnOnce(&mut Places) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A place among the calls for one upload.
    pub fn place(&self, id: Id) -> Place {
        let own = self.with(|places| Arc::clone(places.entry(id).or_default()));
        Place { all: self.clone(), id, own }
    }
}

impl Place {
    /// Waits until no other call judges this upload.
    pub async fn alone(&self) -> MutexGuard<'_, ()> {
        self.own.lock().await
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.all.with(|places| {
            // The list's own and this one: nobody else waits.
            if Arc::strong_count(&self.own) == 2 {
                places.remove(&self.id);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_call_at_a_time_and_nothing_is_left() {
        let judgements = Judgements::default();
        let id = Id::random().unwrap();
        let (first, second) = (judgements.place(id), judgements.place(id));
        let alone = first.alone().await;
        let mut waiting = Box::pin(second.alone());
        assert!(futures::poll!(&mut waiting).is_pending());
        let other = judgements.place(Id::random().unwrap());
        drop(other.alone().await);
        drop(other);
        assert_eq!(judgements.with(|places| places.len()), 1);
        // Who leaves while it waits, and who ends: in either order.
        drop(waiting);
        drop(alone);
        drop(second);
        assert_eq!(judgements.with(|places| places.len()), 1);
        drop(first);
        assert_eq!(judgements.with(|places| places.len()), 0);
    }
}
