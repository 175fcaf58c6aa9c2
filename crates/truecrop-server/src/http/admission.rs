//! Admission: how many uploads are verified at the same time, how many may wait for that, and for how long.
//!
//! A verification keeps a processor busy. More of them than there are processors make each one slower and hold more memory,
//! so the others wait in line. An upload that would wait in vain is refused before its body is read.

use crate::metrics::{self, Busy};
use crate::problem::Problem;
use crate::spans;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::Instrument;

/// The last turn counts by an eighth in the usual duration of a turn.
const LAST_COUNTS: u64 = 8;

/// Clients are told to come again after this many seconds, at least and at most.
const RETRY_AFTER: (u64, u64) = (2, 60);

/// The turns that uploads take to be verified. Cheap to clone.
#[derive(Clone)]
pub struct Admission {
    shared: Arc<Shared>,
}

struct Shared {
    turns: Arc<Semaphore>,
    /// Most turns at the same time.
    most: usize,
    /// Most uploads that wait.
    queue: usize,
    longest_wait: Duration,
    waiting: AtomicUsize,
    running: AtomicUsize,
    /// The usual duration of a turn, in microseconds.
    usual: AtomicU64,
}

/// The right to verify one upload, given back when this is dropped.
pub struct Turn {
    shared: Arc<Shared>,
    begun: Instant,
    _permit: OwnedSemaphorePermit,
}

/// A place in the line, given back when this is dropped.
struct Place<'a>(&'a Shared);

impl Admission {
    /// At most `most` turns at the same time (at least one), and `queue` uploads that wait for at most `longest_wait`.
    pub fn new(most: usize, queue: usize, longest_wait: Duration) -> Self {
        let most = most.clamp(1, Semaphore::MAX_PERMITS);
        let shared = Shared {
            turns: Arc::new(Semaphore::new(most)),
            most,
            queue,
            longest_wait,
            waiting: AtomicUsize::new(0),
            running: AtomicUsize::new(0),
            usual: AtomicU64::new(0),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Longest time that an upload waits for its turn, or in its turn for memory.
    pub fn longest_wait(&self) -> Duration {
        self.shared.longest_wait
    }

    /// Whether an upload that begins now would get a turn. It reserves nothing: a client that sends nothing more takes no
    /// place from others.
    ///
    /// # Errors
    /// `busy` while the line is full, or so long that the wait would be in vain.
    pub fn check(&self) -> Result<(), Problem> {
        let shared = &self.shared;
        if shared.turns.available_permits() > 0 {
            return Ok(());
        }
        if shared.waiting.load(Ordering::Relaxed) >= shared.queue {
            return Err(shared.busy(Busy::Queue));
        }
        if shared.expected_wait() > shared.longest_wait {
            return Err(shared.busy(Busy::Wait));
        }
        Ok(())
    }

    /// Waits in line for a turn.
    ///
    /// # Errors
    /// `busy` when the line is full, or when the wait was in vain.
    pub async fn turn(&self) -> Result<Turn, Problem> {
        let (shared, begun) = (&self.shared, Instant::now());
        let permit = match Arc::clone(&shared.turns).try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => self.wait().instrument(spans::admission("turn")).await?,
        };
        metrics::turn_waited(begun.elapsed());
        shared.running.fetch_add(1, Ordering::Relaxed);
        shared.show();
        Ok(Turn { shared: Arc::clone(shared), begun: Instant::now(), _permit: permit })
    }

    async fn wait(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let shared = &*self.shared;
        let place = shared.enter()?;
        let turn = Arc::clone(&shared.turns).acquire_owned();
        let waited = tokio::time::timeout(shared.longest_wait, turn).await;
        drop(place);
        match waited {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(shared.busy(Busy::Wait)),
        }
    }
}

impl Shared {
    fn enter(&self) -> Result<Place<'_>, Problem> {
        let more = |waiting| (waiting < self.queue).then_some(waiting + 1);
        match self.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more) {
            Ok(_) => {
                self.show();
                Ok(Place(self))
            }
            Err(_) => Err(self.busy(Busy::Queue)),
        }
    }

    /// How long who comes now will wait, by the usual duration of a turn.
    fn expected_wait(&self) -> Duration {
        let before = self.waiting.load(Ordering::Relaxed) as u64 + 1;
        let usual = self.usual.load(Ordering::Relaxed);
        Duration::from_micros(usual.saturating_mul(before) / self.most as u64)
    }

    fn busy(&self, why: Busy) -> Problem {
        metrics::busy(why);
        let (least, most) = RETRY_AFTER;
        let wait = self.expected_wait().as_millis().div_ceil(1000);
        Problem::busy().retry_after(u64::try_from(wait).unwrap_or(most).clamp(least, most))
    }

    fn show(&self) {
        metrics::queue(self.waiting.load(Ordering::Relaxed), self.running.load(Ordering::Relaxed));
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
        self.0.show();
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let took = u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        let average = |usual: u64| match usual {
            0 => Some(took.max(1)),
            usual => Some(usual - usual / LAST_COUNTS + took / LAST_COUNTS),
        };
        let _ = self.shared.usual.fetch_update(Ordering::Relaxed, Ordering::Relaxed, average);
        self.shared.running.fetch_sub(1, Ordering::Relaxed);
        self.shared.show();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Longer than any test.
    const LONG: Duration = Duration::from_secs(3600);

    #[tokio::test]
    async fn no_more_than_the_line_holds_are_taken_in() {
        let admission = Admission::new(2, 1, LONG);
        let first = admission.turn().await.unwrap();
        let second = admission.turn().await.unwrap();
        admission.check().unwrap();
        let other = admission.clone();
        let third = tokio::spawn(async move { other.turn().await });
        while admission.check().is_ok() {
            tokio::task::yield_now().await;
        }
        assert_eq!(admission.turn().await.err().unwrap().code(), "busy");
        drop(first);
        let third = third.await.unwrap().unwrap();
        admission.check().unwrap();
        drop((second, third));
        assert!(admission.turn().await.is_ok());
    }

    #[tokio::test]
    async fn a_wait_ends_and_leaves_its_place() {
        let admission = Admission::new(1, 1, Duration::from_millis(20));
        let turn = admission.turn().await.unwrap();
        for _ in 0..3 {
            // Were the place not given back, the line would be full, and the wait would not begin.
            let begun = Instant::now();
            assert_eq!(admission.turn().await.err().unwrap().code(), "busy");
            assert!(begun.elapsed() >= Duration::from_millis(20));
        }
        drop(turn);
        assert!(admission.turn().await.is_ok());
    }

    #[tokio::test]
    async fn who_leaves_the_line_leaves_no_place_taken() {
        let admission = Admission::new(1, 1, LONG);
        let _turn = admission.turn().await.unwrap();
        let mut waiting = Box::pin(admission.turn());
        assert!(futures::poll!(&mut waiting).is_pending());
        assert!(admission.check().is_err());
        drop(waiting);
        admission.check().unwrap();
    }

    #[tokio::test]
    async fn nobody_is_let_in_to_wait_in_vain() {
        let admission = Admission::new(2, 100, Duration::from_secs(10));
        let _running = (admission.turn().await.unwrap(), admission.turn().await.unwrap());
        for (usual, waiting, fine) in [
            (Duration::ZERO, 99, true),
            (Duration::from_millis(200), 99, true),
            (Duration::from_millis(202), 99, false),
            (Duration::from_secs(20), 0, true),
            (Duration::from_secs(21), 0, false),
        ] {
            admission.shared.usual.store(usual.as_micros() as u64, Ordering::Relaxed);
            admission.shared.waiting.store(waiting, Ordering::Relaxed);
            assert_eq!(admission.check().is_ok(), fine, "{usual:?}, {waiting}");
        }
        admission.shared.waiting.store(0, Ordering::Relaxed);
    }
}
