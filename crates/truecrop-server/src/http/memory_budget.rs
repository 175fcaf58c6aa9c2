//! The memory budget: uploads and verifications reserve their bytes before they take them, so that many at the same
//! time cannot exceed it together.
//!
//! Bodies take at most a part of it. Otherwise uploads that are still coming could hold all of it, and none that has come could be
//! verified and give its bytes back.

use crate::metrics::{self, Busy};
use crate::problem::Problem;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use truecrop_core::{Code, Error};

/// Bytes of one permit.
const STEP: u64 = 4096;

/// How long an upload waits for memory before it is refused.
const MAX_WAIT: Duration = Duration::from_secs(2);

/// The memory that uploads and verifications may reserve together.
pub struct MemoryBudget {
    permits: Arc<Semaphore>,
    bytes: u64,
    /// Of these, what bodies may hold.
    for_bodies: Arc<Semaphore>,
    body_bytes: u64,
}

/// Memory that stays reserved until this is dropped.
pub struct Reservation {
    permits: OwnedSemaphorePermit,
    /// The same again of what bodies may hold, if it is of a body.
    for_bodies: Option<OwnedSemaphorePermit>,
}

impl Reservation {
    /// Gives back what is above this many bytes.
    pub fn shrink_to(&mut self, bytes: u64) {
        let keep = usize::try_from(bytes.div_ceil(STEP)).unwrap_or(usize::MAX);
        drop(self.permits.split(self.permits.num_permits().saturating_sub(keep)));
    }

    /// Adds another reservation to this one. Either both are of bodies, or none is.
    pub fn merge(&mut self, other: Reservation) {
        self.permits.merge(other.permits);
        if let (Some(all), Some(more)) = (&mut self.for_bodies, other.for_bodies) {
            all.merge(more);
        }
    }
}

impl MemoryBudget {
    /// A budget of this many bytes, of which bodies may hold `body_bytes`; both are rounded down to whole steps.
    pub fn new(bytes: u64, body_bytes: u64) -> Self {
        let (permits, bytes) = semaphore(bytes);
        let (for_bodies, body_bytes) = semaphore(body_bytes.min(bytes));
        Self { permits, bytes, for_bodies, body_bytes }
    }

    /// The whole budget, in bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The bytes that are reserved now.
    pub fn reserved(&self) -> u64 {
        self.bytes - self.permits.available_permits() as u64 * STEP
    }

    /// Reserves this many bytes, and waits a little while others hold them.
    ///
    /// # Errors
    /// `memory-over-budget` for more than the whole budget, `busy` when the wait was in vain.
    pub async fn reserve(&self, bytes: u64) -> Result<Reservation, Problem> {
        self.reserve_within(bytes, MAX_WAIT).await
    }

    /// The same with another longest wait.
    ///
    /// # Errors
    /// As [`MemoryBudget::reserve`].
    pub async fn reserve_within(&self, bytes: u64, wait: Duration) -> Result<Reservation, Problem> {
        at_most(self.bytes, bytes)?;
        let permits = acquire(&self.permits, bytes, wait).await?;
        Ok(Reservation { permits, for_bodies: None })
    }

    /// The same for bytes of a body.
    ///
    /// # Errors
    /// As [`MemoryBudget::reserve`], of what bodies may hold.
    pub async fn reserve_for_body(&self, bytes: u64) -> Result<Reservation, Problem> {
        at_most(self.body_bytes, bytes)?;
        let for_bodies = acquire(&self.for_bodies, bytes, MAX_WAIT).await?;
        let permits = acquire(&self.permits, bytes, MAX_WAIT).await?;
        Ok(Reservation { permits, for_bodies: Some(for_bodies) })
    }

    /// Whether a body of this length has room now. It reserves nothing.
    ///
    /// # Errors
    /// `memory-over-budget` when it never has, `busy` while others hold what it needs.
    pub fn check_body(&self, bytes: u64) -> Result<(), Problem> {
        at_most(self.body_bytes, bytes)?;
        if bytes.div_ceil(STEP) <= self.for_bodies.available_permits() as u64 {
            return Ok(());
        }
        Err(busy())
    }
}

fn semaphore(bytes: u64) -> (Arc<Semaphore>, u64) {
    let permits = usize::try_from(bytes / STEP).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
    (Arc::new(Semaphore::new(permits)), permits as u64 * STEP)
}

fn at_most(most: u64, bytes: u64) -> Result<(), Problem> {
    if bytes <= most {
        return Ok(());
    }
    let detail = "Checking this upload takes more memory than the server may use.";
    Err(Error::new(Code::MemoryOverBudget, detail).at("memory_budget").figures(most, bytes).into())
}

async fn acquire(of: &Arc<Semaphore>, bytes: u64, wait: Duration) -> Result<OwnedSemaphorePermit, Problem> {
    let permits = u32::try_from(bytes.div_ceil(STEP)).unwrap_or(u32::MAX);
    match tokio::time::timeout(wait, Arc::clone(of).acquire_many_owned(permits)).await {
        Ok(Ok(permits)) => Ok(permits),
        _ => Err(busy()),
    }
}

fn busy() -> Problem {
    metrics::busy(Busy::Memory);
    Problem::busy()
}
