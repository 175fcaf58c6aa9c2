//! A store that records its operations, and can run something else before one of them, or make it fail.

use super::hooked_store::{Hook, HookedStore, Operation};
use futures::FutureExt;
use futures::future::BoxFuture;
use object_store::Result;
use object_store::path::Path;
use std::sync::{Arc, Mutex};

/// Clones share the record.
pub type ObservedStore = HookedStore<Observer>;

type Interruption = BoxFuture<'static, Result<()>>;

#[derive(Clone, Default)]
pub struct Observer(Arc<Mutex<Record>>);

#[derive(Default)]
struct Record {
    operations: Vec<String>,
    interruption: Option<(usize, Interruption)>,
}

impl Hook for Observer {
    fn before(&self, operation: Operation, path: Path) -> BoxFuture<'static, Result<()>> {
        let mut record = self.0.lock().unwrap();
        let number = record.operations.len();
        record.operations.push(format!("{operation:?} {path}").to_lowercase());
        let due = record.interruption.take_if(|(at, _)| *at == number);
        due.map_or_else(|| async { Ok(()) }.boxed(), |(_, interruption)| interruption)
    }
}

impl ObservedStore {
    pub fn new() -> Self {
        Self { objects: Arc::default(), hook: Observer::default() }
    }

    /// The operations since this was called last, such as `get pending/<id>/manifest.json`.
    pub fn take_operations(&self) -> Vec<String> {
        std::mem::take(&mut self.hook.0.lock().unwrap().operations)
    }

    /// The same objects, with something that runs to its end before the operation of this number (from 0). Where it gives an
    /// error, that is the operation's.
    pub fn interrupted_before(&self, operation: usize, by: Interruption) -> Self {
        let record = Record { interruption: Some((operation, by)), ..Record::default() };
        Self { objects: Arc::clone(&self.objects), hook: Observer(Arc::new(Mutex::new(record))) }
    }
}
