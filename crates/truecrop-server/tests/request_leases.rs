//! Requests whose server has died: one of those who come later takes each over, and nothing is left.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use common::observed_store::ObservedStore;
use std::sync::Arc;
use std::time::Duration;
use truecrop_server::store::{Ages, Leased, RequestKey, Store};

#[tokio::test]
async fn a_dead_request_is_taken_over_by_one_and_leaves_nothing() {
    let observed = ObservedStore::new();
    let store = Store::with_backend(Arc::new(observed.clone()));
    let (key, hour) = (RequestKey::new("anyone", "k"), Duration::from_secs(3600));
    // Its holder dies: it never ends it.
    assert!(matches!(store.take_lease(key, hour).await.unwrap(), Leased::Taken(_)), "nobody holds it");
    let Leased::Held(left) = store.take_lease(key, hour).await.unwrap() else { panic!("it is held") };
    assert!(!left.is_zero() && left <= hour);
    // Each of these takes the ones before for dead. No two hold the same.
    let all = (0..8).map(|_| store.take_lease(key, Duration::ZERO));
    let taken = futures::future::join_all(all).await.into_iter().filter_map(|leased| match leased.unwrap() {
        Leased::Taken(lease) => Some(format!("{lease:?}")),
        Leased::Held(_) => None,
    });
    let mut taken: Vec<_> = taken.collect();
    let count = taken.len();
    taken.sort();
    taken.dedup();
    assert!(count > 0 && taken.len() == count, "{taken:?}");
    let Leased::Taken(last) = store.take_lease(key, Duration::ZERO).await.unwrap() else {
        panic!("it is dead")
    };
    store.end_lease(last).await.unwrap();
    assert!(matches!(store.take_lease(key, hour).await.unwrap(), Leased::Taken(_)), "it has ended");
    // What the dead have left goes with the sweep, but never beside one that may live.
    let ages = |leftovers| Ages { pending: hour, leftovers, tombstones: hour };
    store.sweep_by_age(ages(hour), false).await.unwrap();
    assert!(matches!(store.take_lease(key, hour).await.unwrap(), Leased::Held(_)));
    store.sweep_by_age(ages(Duration::ZERO), false).await.unwrap();
    assert_eq!(common::uploads::paths(&observed.objects).await, Vec::<String>::new());
}
