//! A store in memory with calls that run side by side, and what must hold at each moment and at the end.

use crate::common::read_whole;
use crate::common::stepped_store::{Kind, SteppedStore};
use crate::states::Choice;
use futures::FutureExt;
use futures::future::BoxFuture;
use object_store::ObjectStore;
use object_store::memory::InMemory;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use truecrop_core::verify::Verified;
use truecrop_server::store::{Ages, Confirmed, Deleted, Id, Stage, Store, StoreError};

pub const DAY: Duration = Duration::from_secs(86_400);

/// A call of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    Put,
    Confirm,
    Delete,
    Get,
    /// Ends every pending upload, and fences whatever has no manifest.
    Sweep,
    /// Fences whatever has no manifest, and leaves pending uploads alone.
    SweepLeftovers,
}

/// How a call ended.
#[derive(Debug)]
enum Outcome {
    Put(Result<Id, StoreError>),
    Confirm(Confirmed),
    Delete(Deleted),
    Get(bool),
    Sweep,
}

/// What a client that looks at one moment sees; in the order in which an upload may go through them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Seen {
    NotYet,
    Pending,
    Kept,
    Gone,
}

/// Where a run starts.
#[derive(Clone)]
pub struct Start {
    pub objects: Arc<InMemory>,
    pub verified: Arc<Verified>,
    pub id: Option<Id>,
    /// What calls have left at their end, and was tried already.
    pub ends: Rc<RefCell<HashSet<u64>>>,
}

struct Running {
    call: Call,
    store: SteppedStore,
    /// `None` once it has ended, or died.
    future: Option<BoxFuture<'static, Outcome>>,
    outcome: Option<Outcome>,
    /// A hash of everything that the store has told it.
    learnt: u64,
    /// Its last operation was a write.
    can_die: bool,
    /// What was visible at some moment while it ran.
    during: Vec<Seen>,
}

impl Running {
    fn has_begun(&self) -> bool {
        !self.during.is_empty()
    }

    fn see(&mut self, seen: Seen) {
        if self.during.last() != Some(&seen) {
            self.during.push(seen);
        }
    }
}

pub struct World {
    start: Start,
    objects: Arc<InMemory>,
    running: Vec<Running>,
    /// What is visible now.
    seen: Seen,
    /// Each object: its path without ids that differ from run to run, and how many sweeps had read the clock when it
    /// was created.
    ages: BTreeMap<String, (String, usize)>,
    clocks: usize,
    /// For messages.
    steps: Vec<String>,
}

impl World {
    pub fn new(start: &Start, calls: &[Call]) -> Self {
        let objects = Arc::new(start.objects.fork());
        let running = calls.iter().map(|call| {
            let store = SteppedStore::new(Arc::clone(&objects));
            let future = begin(*call, Store::with_backend(Arc::new(store.clone())), start);
            let (future, during) = (Some(future), Vec::new());
            Running { call: *call, store, future, outcome: None, learnt: 0, can_die: false, during }
        });
        let (running, seen) = (running.collect(), Seen::NotYet);
        let (ages, steps) = (BTreeMap::new(), Vec::new());
        let mut world = Self { start: start.clone(), objects, running, seen, ages, clocks: 0, steps };
        world.seen = world.look();
        world.age_new_objects();
        for call in 0..calls.len() {
            // To its first operation.
            world.poll(call);
        }
        world
    }

    pub fn into_objects(self) -> Arc<InMemory> {
        self.objects
    }

    fn store(&self) -> Store {
        Store::with_backend(Arc::clone(&self.objects) as Arc<dyn ObjectStore>)
    }

    fn poll(&mut self, call: usize) {
        let running = &mut self.running[call];
        let Some(future) = &mut running.future else { return };
        if let Poll::Ready(outcome) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            (running.future, running.outcome) = (None, Some(outcome));
        }
    }

    pub fn choices(&self, deaths: bool) -> Vec<Choice> {
        let lives = |call: &usize| self.running[*call].future.is_some();
        let steps = (0..self.running.len()).filter(lives).map(Choice::Step);
        // To die after a read is the same as to die before it.
        let dies = |call: &usize| deaths && lives(call) && self.running[*call].can_die;
        let kills = (0..self.running.len()).filter(dies).map(Choice::Kill);
        steps.chain(kills).collect()
    }

    /// Makes a choice, and gives what is visible afterwards: it is looked for unless it is known.
    pub fn take(&mut self, choice: Choice, known: Option<Seen>) -> Seen {
        match choice {
            Choice::Kill(call) => {
                self.steps.push(format!("{:?} {call} dies", self.running[call].call));
                self.running[call].future = None;
            }
            Choice::Step(call) => self.step(call, known),
        }
        self.seen
    }

    fn step(&mut self, call: usize, known: Option<Seen>) {
        let operation = self.running[call].store.next().unwrap();
        self.steps
            .push(format!("{:?} {call}: {:?} {}", self.running[call].call, operation.kind, operation.path));
        // What it can learn from this: the objects at or under that path, and how old they are.
        let learnt = self.ages.iter().filter(|(path, _)| path.starts_with(&operation.path));
        let learnt: Vec<_> = learnt.map(|(_, known)| known).collect();
        let learnt = hash(&(self.running[call].learnt, learnt, self.clocks));
        let running = &mut self.running[call];
        running.learnt = learnt;
        running.can_die = operation.kind == Kind::Write;
        let (first, before) = (!running.has_begun(), self.seen);
        if first {
            running.see(before);
        }
        self.running[call].store.allow();
        self.poll(call);
        if operation.kind == Kind::Write {
            self.clocks += usize::from(operation.path.starts_with("self-test"));
            self.age_new_objects();
            self.seen = known.unwrap_or_else(|| self.look());
            assert!(self.seen >= before, "{before:?} then {:?}; {:#?}", self.seen, self.steps);
        }
        let seen = self.seen;
        for running in
            self.running.iter_mut().filter(|running| running.has_begun() && running.future.is_some())
        {
            running.see(seen);
        }
        self.running[call].see(seen);
    }

    fn age_new_objects(&mut self) {
        let paths = self.paths();
        self.ages.retain(|path, _| paths.contains(path));
        for path in paths {
            let known = (self.known(&path), self.clocks);
            self.ages.entry(path).or_insert(known);
        }
    }

    /// Everything on which depends what can still happen, and whether it is right.
    pub fn state(&self) -> u64 {
        let objects: Vec<_> = self.ages.values().collect();
        let calls = self.running.iter().map(|running| {
            let lives = running.future.is_some();
            let counts = lives || running.outcome.is_some();
            counts.then_some((lives, running.learnt, &running.during))
        });
        hash(&(objects, self.seen, self.clocks, calls.collect::<Vec<_>>()))
    }

    /// A path without ids that differ from run to run.
    fn known(&self, path: &str) -> String {
        let is_new = |part: &&str| part.parse::<Id>().is_ok_and(|other| Some(other) != self.start.id);
        match path.split('/').find(is_new) {
            Some(new) => path.replace(new, "new"),
            None => path.to_owned(),
        }
    }

    /// What is visible now; and what is visible is whole.
    fn look(&self) -> Seen {
        let Some(id) = self.start.id else { return Seen::NotYet };
        match look(&self.store(), id) {
            Ok(Some(Stage::Pending)) => Seen::Pending,
            Ok(Some(Stage::Kept)) => Seen::Kept,
            Ok(None) => Seen::Gone,
            Err(error) => panic!("half visible: {error}; {:#?}", self.steps),
        }
    }

    fn paths(&self) -> Vec<String> {
        use futures::StreamExt;
        let objects: Vec<_> = self.objects.list(None).collect().now_or_never().unwrap();
        objects.into_iter().map(|object| object.unwrap().location.to_string()).collect()
    }

    fn check_outcome(&self, running: &Running) {
        let Some(outcome) = &running.outcome else { return };
        let during = &running.during;
        let right = match outcome {
            Outcome::Put(_) | Outcome::Sweep => true,
            Outcome::Confirm(Confirmed::Absent) | Outcome::Get(false) => during.contains(&Seen::Gone),
            Outcome::Confirm(_) => during.contains(&Seen::Kept),
            Outcome::Get(true) => during.iter().any(|seen| *seen != Seen::Gone),
            // And nothing comes after that.
            Outcome::Delete(_) => during.last() == Some(&Seen::Gone),
        };
        assert!(right, "{outcome:?} but {during:?}; {:#?}", self.steps);
    }

    /// After a put: either it is there and whole, or nobody can see it.
    fn check_put(&self, put: &Result<Id, StoreError>) {
        let swept = self.running.iter().any(|r| r.call == Call::Sweep);
        let ids = self.paths().into_iter().filter_map(|path| path.split('/').nth(1)?.parse::<Id>().ok());
        let visible: Vec<Id> = ids.filter(|id| look(&self.store(), *id).unwrap().is_some()).collect();
        match put {
            Ok(id) if !swept => assert!(visible.contains(id), "{id} was swept; {:#?}", self.steps),
            Ok(id) => assert!(visible.iter().all(|other| other == id), "{:#?}", self.steps),
            Err(error) => {
                assert_eq!((error, visible), (&StoreError::TooLate, Vec::new()), "{:#?}", self.steps);
            }
        }
    }

    /// What a client may do afterwards, and what is left when the sweep has run at last.
    fn check_end(&self, last: Seen, then: Option<Call>) {
        let world = Self::new(&Start { objects: Arc::clone(&self.objects), ..self.start.clone() }, &[]);
        let store = world.store();
        let mut kept = last == Seen::Kept;
        match (then, world.start.id) {
            (Some(Call::Confirm), Some(id)) => {
                kept = last != Seen::Gone;
                let confirmed = store.confirm(id).now_or_never().unwrap().unwrap();
                assert_eq!(confirmed != Confirmed::Absent, kept, "{:#?}", self.steps);
            }
            (Some(Call::Delete), Some(id)) => {
                kept = false;
                store.delete(id).now_or_never().unwrap().unwrap();
                assert_eq!(look(&store, id), Ok(None), "{:#?}", self.steps);
            }
            _ => {}
        }
        let ages = Ages { pending: Duration::ZERO, leftovers: Duration::ZERO, tombstones: Duration::ZERO };
        for _ in 0..3 {
            store.sweep_by_age(ages, false).now_or_never().unwrap().unwrap();
        }
        let files = if kept { vec!["main.jpg", "manifest.json", "receipt.json"] } else { Vec::new() };
        let expected: Vec<_> =
            files.into_iter().map(|file| format!("kept/{}/{file}", world.start.id.unwrap())).collect();
        assert_eq!(world.paths(), expected, "then {then:?}: {:#?}", self.steps);
    }

    /// What must hold once nothing runs any more.
    pub fn end(&self) {
        for running in &self.running {
            self.check_outcome(running);
            if let Some(Outcome::Put(put)) = &running.outcome {
                self.check_put(put);
            }
        }
        let outcomes = || self.running.iter().filter_map(|running| running.outcome.as_ref());
        let now = outcomes().filter(|o| matches!(o, Outcome::Confirm(Confirmed::Now(_)))).count();
        let deleted = outcomes().filter(|o| matches!(o, Outcome::Delete(d) if *d != Deleted::Absent)).count();
        let last = self.seen;
        let alone = self.running.iter().all(|r| r.outcome.is_some() && r.call != Call::Sweep);
        let gone = usize::from(last == Seen::Gone);
        assert!(now <= 1 && deleted <= gone && (!alone || deleted == gone), "{:#?}", self.steps);
        let paths: Vec<_> = self.ages.values().map(|(known, _)| known).collect();
        if !self.start.ends.borrow_mut().insert(hash(&(paths, last))) {
            return;
        }
        for then in [None, Some(Call::Confirm), Some(Call::Delete)] {
            self.check_end(last, then);
        }
    }
}

fn begin(call: Call, store: Store, start: &Start) -> BoxFuture<'static, Outcome> {
    let (id, verified) = (start.id, Arc::clone(&start.verified));
    let sweep = |pending| Ages { pending, leftovers: Duration::ZERO, tombstones: Duration::MAX };
    async move {
        match call {
            Call::Put => Outcome::Put(store.put(&verified, DAY).await.map(|manifest| manifest.id)),
            Call::Confirm => Outcome::Confirm(store.confirm(id.unwrap()).await.unwrap()),
            Call::Delete => Outcome::Delete(store.delete(id.unwrap()).await.unwrap()),
            Call::Get => Outcome::Get(read_whole(&store, id.unwrap()).await.unwrap().is_some()),
            Call::Sweep | Call::SweepLeftovers => {
                let pending = if call == Call::Sweep { Duration::ZERO } else { Duration::MAX };
                store.sweep_by_age(sweep(pending), false).await.unwrap();
                Outcome::Sweep
            }
        }
    }
    .boxed()
}

/// The same in a single moment.
fn look(store: &Store, id: Id) -> Result<Option<Stage>, StoreError> {
    read_whole(store, id).now_or_never().unwrap()
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
