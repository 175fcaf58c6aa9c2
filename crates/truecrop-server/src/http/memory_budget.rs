//! The memory budget: uploads and verifications reserve their bytes before they take them, so that many at the same
//! time cannot exceed it together.

use super::problem::Problem;
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
}

/// Memory that stays reserved until this is dropped.
pub struct Reservation {
    permits: OwnedSemaphorePermit,
}

impl Reservation {
    /// Gives back what is above this many bytes.
    pub fn shrink_to(&mut self, bytes: u64) {
        let keep = usize::try_from(bytes.div_ceil(STEP)).unwrap_or(usize::MAX);
        drop(self.permits.split(self.permits.num_permits().saturating_sub(keep)));
    }

    /// Adds another reservation to this one.
    pub fn merge(&mut self, other: Reservation) {
        self.permits.merge(other.permits);
    }
}

impl MemoryBudget {
    /// A budget of this many bytes, rounded down to whole steps.
    pub fn new(bytes: u64) -> Self {
        let permits = usize::try_from(bytes / STEP).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        Self { permits: Arc::new(Semaphore::new(permits)), bytes: permits as u64 * STEP }
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
        if bytes > self.bytes {
            let detail = "Checking this upload takes more memory than the server may use.";
            let error = Error::new(Code::MemoryOverBudget, detail).at("memory_budget");
            return Err(error.figures(self.bytes, bytes).into());
        }
        let permits = u32::try_from(bytes.div_ceil(STEP)).unwrap_or(u32::MAX);
        let acquired =
            tokio::time::timeout(MAX_WAIT, Arc::clone(&self.permits).acquire_many_owned(permits)).await;
        match acquired {
            Ok(Ok(permits)) => Ok(Reservation { permits }),
            _ => Err(Problem::busy()),
        }
    }
}
