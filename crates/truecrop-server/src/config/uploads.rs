//! Uploads by way of the store.

use super::HumanDuration;
use serde::Deserialize;
use std::time::Duration;

/// For how long a client may put objects into the store, and complete the upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UploadTerms {
    /// From the announcement to the end of its addresses.
    pub ttl: HumanDuration,
    /// Most uploads that may wait for parts, where these come to a folder.
    pub unfinished: usize,
    /// Most bytes that these may have announced together: they lie on the server's disk.
    pub unfinished_bytes: u64,
}

/// Longest time for which S3 takes an address.
pub(super) const LONGEST_ADDRESS: Duration = Duration::from_secs(7 * 24 * 3600);

impl Default for UploadTerms {
    fn default() -> Self {
        Self { ttl: HumanDuration(Duration::from_secs(3600)), unfinished: 1000, unfinished_bytes: 16 << 30 }
    }
}
