//! The same routes as an AWS Lambda function.
//!
//! Lambda takes and gives at most 6 MB, base64 included: about 4.4 MB of upload. Configuration comes from the
//! environment: `TRUECROP_STORE`, `TRUECROP_CONFIG`. A function's own folder is gone with it, so a store by URL is
//! wanted; a folder is only good for trying, and is warned about.

use crate::cli::ServeOptions;
use crate::commands::serve::configured;
use crate::http::{self, App};
use crate::print;
use truecrop_core::{Code, Error, Result};

/// Whether this process runs as a Lambda function.
pub fn wanted() -> bool {
    std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_some()
}

/// Answers invocations until the runtime ends it.
///
/// # Errors
/// As `truecrop serve`; [`Code::Io`] when the runtime can not be reached.
pub fn run() -> Result<()> {
    let variable = |name: &str| std::env::var(name).ok();
    let options = ServeOptions {
        store: variable("TRUECROP_STORE"),
        config: variable("TRUECROP_CONFIG").map(Into::into),
        ..ServeOptions::default()
    };
    let config = configured(&options)?;
    print::init_log();
    if !config.store.contains("://") {
        tracing::warn!(
            "the store is a folder of this function: what is uploaded is gone when the function is"
        );
    }
    let failed = |e: &dyn std::fmt::Display| Error::new(Code::Io, format!("Lambda: {e}."));
    let runtime = tokio::runtime::Runtime::new().map_err(|e| failed(&e))?;
    runtime.block_on(async {
        let app = App::new(config).await?;
        lambda_http::run(http::router(app)).await.map_err(|e| failed(&e))
    })
}
