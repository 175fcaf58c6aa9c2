//! `truecrop sweep`: deletes uploads that were never confirmed, and prints which.

use super::serve::runtime;
use crate::cli::SweepOptions;
use crate::config::Config;
use crate::print;
use crate::problem::Problem;
use crate::store::{GRACE, Store};
use crate::webhooks::Webhooks;
use truecrop_core::Result;

/// Sweeps, and prints what was deleted, or would be.
///
/// # Errors
/// What of the configuration cannot be read; [`truecrop_core::Code::Io`] when the store fails.
pub fn run(options: &SweepOptions) -> Result<(), Problem> {
    let mut config = Config::read(options.config.as_deref())?;
    if let Some(store) = &options.store {
        config.store.clone_from(store);
    }
    let swept: Result<()> = runtime()?.block_on(async {
        let mut store = Store::open(&config.store)?;
        let mut webhooks = None;
        if let Some(webhook) = config.webhook.as_ref().filter(|_| !options.dry_run) {
            let (with_outbox, sender) = Webhooks::new(webhook, store)?;
            (store, webhooks) = (with_outbox, Some(sender));
        }
        let mut swept = store.sweep(options.older_than, options.dry_run).await?;
        swept.uploads = store.sweep_incoming(config.uploads.ttl.0 + GRACE, options.dry_run).await?;
        print::json(&swept)?;
        if let Some(webhooks) = webhooks {
            crate::metrics::install()?;
            webhooks.send_waiting().await;
            webhooks.resend().await?;
        }
        Ok(())
    });
    Ok(swept?)
}
