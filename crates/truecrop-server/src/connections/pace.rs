//! The least rate at which bytes must move while the other side is waited for.
//!
//! Only waiting counts: while the server itself is busy, or waits for memory, the clock stands still. And each window
//! counts alone: a client that was quick at first gains no right to be slow afterwards.

use std::time::Duration;
use tokio::time::Instant;

/// Waiting and bytes since the last window was filled.
#[derive(Clone, Debug)]
pub struct Pace {
    window: Duration,
    least: u64,
    waited: Duration,
    moved: u64,
    since: Option<Instant>,
}

impl Pace {
    /// In each `window` of waiting, at least `rate` bytes per second must move.
    pub fn new(window: Duration, rate: u64) -> Self {
        let least = (window.as_secs_f64() * rate as f64).ceil().max(1.0);
        Self { window, least: least as u64, waited: Duration::ZERO, moved: 0, since: None }
    }

    /// The other side is waited for, from now on unless it was before.
    pub fn wait(&mut self, now: Instant) {
        self.since.get_or_insert(now);
    }

    /// Bytes have moved, and the wait is over.
    pub fn moved(&mut self, bytes: u64, now: Instant) {
        if let Some(since) = self.since.take() {
            self.waited += now.saturating_duration_since(since);
        }
        self.moved = self.moved.saturating_add(bytes);
        if self.moved >= self.least {
            (self.waited, self.moved) = (Duration::ZERO, 0);
        }
    }

    /// When the other side will be too slow; `None` while it is not waited for.
    pub fn deadline(&self) -> Option<Instant> {
        self.since.map(|since| since + self.window.saturating_sub(self.waited))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    #[test]
    fn only_waiting_counts_and_each_window_counts_alone() {
        let start = Instant::now();
        let mut pace = Pace::new(seconds(10), 100);
        assert_eq!(pace.deadline(), None);
        pace.wait(start);
        pace.wait(start + seconds(3));
        assert_eq!(pace.deadline(), Some(start + seconds(10)));
        // Too little to fill the window: the four seconds of waiting remain.
        pace.moved(999, start + seconds(4));
        assert_eq!(pace.deadline(), None);
        pace.wait(start + seconds(100));
        assert_eq!(pace.deadline(), Some(start + seconds(106)));
        // One byte more fills it. A million more are no credit for the next.
        for bytes in [1, 1_000_000] {
            pace.moved(bytes, start + seconds(105));
            pace.wait(start + seconds(200));
            assert_eq!(pace.deadline(), Some(start + seconds(210)));
        }
    }
}
