//! Whether the store works now, for the readiness of a server.

use super::{Store, failed};
use truecrop_core::{Error, Result};

impl Store {
    /// Tests the store as at the start of a server. A folder must still be there: the store would make it anew, and an
    /// empty folder in the place of a lost disk is no store that works.
    ///
    /// # Errors
    /// As [`Store::self_test`].
    pub async fn probe(&self) -> Result<()> {
        if let Some(folder) = &self.folder {
            let found = tokio::fs::metadata(folder).await.map_err(failed).map_err(Error::from)?;
            if !found.is_dir() {
                return Err(failed("its folder is not a folder any more").into());
            }
        }
        self.self_test().await
    }
}
