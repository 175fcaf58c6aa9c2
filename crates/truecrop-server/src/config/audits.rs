//! Which uploads are asked for their source.

use super::mistakes::Found;
use super::{HumanDuration, Secret};
use serde::Deserialize;
use std::time::Duration;
use truecrop_core::json::Value;

/// Fewest bytes of the key: what it decides must not be guessed.
const LEAST_KEY_BYTES: usize = 32;

/// Audits of uploads at level `committed`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Audits {
    /// The share of them that is asked, 0 to 1. A policy may ask for more.
    pub share: f64,
    /// How long the source is awaited, and no longer than the upload may wait to be confirmed.
    pub deadline: HumanDuration,
    /// Decides who is asked, so that clients cannot know it before: the same on all servers of a store. Without one, each server
    /// makes its own when it starts.
    pub key: Option<Secret>,
}

impl Default for Audits {
    fn default() -> Self {
        Self { share: 0.0, deadline: HumanDuration(Duration::from_secs(900)), key: None }
    }
}

impl Audits {
    pub(super) fn check(&self, found: &mut Found) {
        if !(0.0..=1.0).contains(&self.share) {
            found.add("audits.share", "This is no share.", "0 to 1", Value::from(self.share).to_string());
        }
        if let Some(Secret(key)) = self.key.as_ref().filter(|key| key.0.len() < LEAST_KEY_BYTES) {
            let detail = "A key this short can be guessed: openssl rand -base64 32 gives one.";
            found.add("audits.key", detail, format!("at least {LEAST_KEY_BYTES} bytes"), key.len());
        }
        if self.deadline.0.is_zero() {
            found.add("audits.deadline", "This must not be zero.", "a duration, such as 15m", "0s");
        }
    }
}
