//! Memory is reserved before a verification starts, so that many at once can not pass the budget together.

use super::problem::Problem;
use crate::metrics;
use axum::http::StatusCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use truecrop_core::{Code, Error};

/// Reserved in these steps.
const STEP: u64 = 4096;

/// How long an upload waits for memory.
const PATIENCE: Duration = Duration::from_secs(2);

/// The memory that verifications may take together.
pub struct Gate {
    steps: Arc<Semaphore>,
    budget: u64,
}

/// Memory that is reserved until this is dropped.
pub struct Reserved {
    permit: Option<OwnedSemaphorePermit>,
    steps: Arc<Semaphore>,
    budget: u64,
}

impl Gate {
    pub fn new(budget: u64) -> Self {
        let steps = usize::try_from(budget / STEP).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        let budget = steps as u64 * STEP;
        metrics::reserved(0, budget);
        Self { steps: Arc::new(Semaphore::new(steps)), budget }
    }

    /// Waits a little for this many bytes.
    pub async fn reserve(&self, bytes: u64) -> Result<Reserved, Problem> {
        if bytes > self.budget {
            let detail = "This upload takes more memory to check than the server has for all.";
            let error = Error::new(Code::MemoryOverBudget, detail).at("memory_budget");
            return Err(error.figures(self.budget, bytes).into());
        }
        let steps = u32::try_from(bytes.div_ceil(STEP)).unwrap_or(u32::MAX);
        let permit = tokio::time::timeout(PATIENCE, Arc::clone(&self.steps).acquire_many_owned(steps)).await;
        let Ok(Ok(permit)) = permit else {
            return Err(Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "busy",
                "The server is busy: try again soon.",
            ));
        };
        let reserved = Reserved { permit: Some(permit), steps: Arc::clone(&self.steps), budget: self.budget };
        reserved.report();
        Ok(reserved)
    }
}

impl Reserved {
    fn report(&self) {
        metrics::reserved(self.budget - self.steps.available_permits() as u64 * STEP, self.budget);
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        self.permit = None;
        self.report();
    }
}
