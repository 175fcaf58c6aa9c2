//! A store that stops before each operation, so that a test can run calls side by side in any order.

use super::hooked_store::{Hook, HookedStore, Operation};
use futures::FutureExt;
use futures::future::BoxFuture;
use object_store::Result;
use object_store::memory::InMemory;
use object_store::path::Path;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::Poll;

/// One call's view of shared objects. Each poll of the call that is allowed an operation makes the one at which it has stopped, and goes on
/// to the next one. Of operations that a call makes side by side, the first that it began is made first.
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
pub struct Steps(Arc<Mutex<Waiting>>);

/// Operations that have stopped, in their order, each with a number of its own.
#[derive(Default)]
struct Waiting {
    steps: VecDeque<(usize, Step)>,
    begun: usize,
    /// Whether the next poll makes one.
    allowed: bool,
}

impl Waiting {
    fn stop(&mut self, step: Step) -> usize {
        self.begun += 1;
        self.steps.push_back((self.begun, step));
        self.begun
    }

    fn go_on(&mut self, number: usize) -> Poll<()> {
        if self.allowed && self.steps.front().is_some_and(|(first, _)| *first == number) {
            self.allowed = false;
            self.steps.pop_front();
            return Poll::Ready(());
        }
        Poll::Pending
    }
}

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
            let number = steps.0.lock().unwrap().stop(Step { kind, path: path.to_string() });
            poll_fn(|_| steps.0.lock().unwrap().go_on(number)).await;
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
        self.hook.0.lock().unwrap().steps.front().map(|(_, step)| step.clone())
    }

    /// Allows the next poll one operation.
    pub fn allow(&self) {
        self.hook.0.lock().unwrap().allowed = true;
    }
}
