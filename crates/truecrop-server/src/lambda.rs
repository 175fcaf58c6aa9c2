//! The same HTTP API as an AWS Lambda function.
//!
//! Requests and responses have at most 6 MB with their base64: about 4.4 MB of upload. The configuration comes from the
//! environment: `TRUECROP_STORE`, `TRUECROP_CONFIG`. The store should be a URL: a folder of a function disappears with
//! it, which is good enough for a trial only, so it is warned about.

use crate::cli::ServeOptions;
use crate::commands::serve::load_config;
use crate::http::{self, App};
use crate::print;
use truecrop_core::{Code, Error, Result};

/// Whether this process runs as a Lambda function.
pub fn is_lambda() -> bool {
    std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_some()
}

/// Handles invocations until the Lambda runtime ends the process.
///
/// # Errors
/// As `truecrop serve`; [`Code::Io`] when the Lambda runtime cannot be reached.
pub fn run() -> Result<()> {
    let variable = |name: &str| std::env::var(name).ok();
    let options = ServeOptions {
        store: variable("TRUECROP_STORE"),
        config: variable("TRUECROP_CONFIG").map(Into::into),
        ..ServeOptions::default()
    };
    let config = load_config(&options)?;
    print::init_log();
    if !config.store.contains("://") {
        tracing::warn!("the store is a folder of this function: uploads are lost when the function ends");
    }
    let failed = |e: &dyn std::fmt::Display| Error::new(Code::Io, format!("Lambda: {e}."));
    let runtime = tokio::runtime::Runtime::new().map_err(|e| failed(&e))?;
    runtime.block_on(async {
        let app = App::new(config).await?;
        lambda_http::run(http::router(app)).await.map_err(|e| failed(&e))
    })
}
