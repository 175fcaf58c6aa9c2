//! How many uploads are verified at once, and how many may wait.

use super::HumanDuration;
use serde::Deserialize;
use std::time::Duration;

/// The bounds of verification. Memory has its own: `memory_budget`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdmissionLimits {
    /// Most uploads that are verified at the same time: as many as there are processors by default.
    pub verifications: usize,
    /// Most uploads that wait to be verified.
    pub queue: usize,
    /// How long an upload waits for its turn: a quarter of `request_timeout` by default.
    pub longest_wait: Option<HumanDuration>,
}

impl Default for AdmissionLimits {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, Into::into);
        Self { verifications: processors, queue: 256, longest_wait: None }
    }
}

impl AdmissionLimits {
    /// How long an upload waits for its turn.
    pub fn longest_wait(&self, request_timeout: HumanDuration) -> Duration {
        self.longest_wait.map_or(request_timeout.0 / 4, |wait| wait.0)
    }
}
