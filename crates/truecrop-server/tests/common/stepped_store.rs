//! A store that stops before each operation, so that a test can run calls side by side in any order.

use super::hooked_store::{Hook, HookedStore, Operation};
use futures::FutureExt;
use futures::future::BoxFuture;
use object_store::Result;
use object_store::memory::InMemory;
use object_store::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

/// One call's view of shared objects. Each poll of the call makes the operation at which it has stopped, and goes on
/// to the next one.
pub type SteppedStore = HookedStore<Steps>;

/// What an operation does to the objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Read,
    Write,
    List,
}

/// An operation that a call is about to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub kind: Kind,
    pub path: String,
}

#[derive(Clone, Default)]
pub struct Steps(Arc<Mutex<Option<Step>>>);

impl Hook for Steps {
    fn before(&self, operation: Operation, path: Path) -> BoxFuture<'static, Result<()>> {
        let kind = match operation {
            Operation::Get => Kind::Read,
            Operation::List => Kind::List,
            Operation::Put | Operation::Delete | Operation::Copy => Kind::Write,
        };
        let steps = self.clone();
        async move {
            if kind != Kind::Write && path.as_ref().starts_with("self-test") {
                // Nobody else touches these, so it does not matter when they are read.
                return Ok(());
            }
            *steps.0.lock().unwrap() = Some(Step { kind, path: path.to_string() });
            Stop(false).await;
            *steps.0.lock().unwrap() = None;
            Ok(())
        }
        .boxed()
    }
}

impl SteppedStore {
    pub fn new(objects: Arc<InMemory>) -> Self {
        Self { objects, hook: Steps::default() }
    }

    /// The operation at which the call has stopped.
    pub fn next(&self) -> Option<Step> {
        self.hook.0.lock().unwrap().clone()
    }
}

/// Pending once.
struct Stop(bool);

impl Future for Stop {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}
