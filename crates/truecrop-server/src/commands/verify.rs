//! `truecrop verify`: checks a receipt and its outputs as the server does, from files.

use super::{open, read};
use crate::cli::VerifyOptions;
use crate::print;
use truecrop_core::policy::Policy;
use truecrop_core::receipt::Receipt;
use truecrop_core::verify::{Level, Submission, SubmittedSource, verify};
use truecrop_core::{Limits, Result};

/// Verifies, and prints the verdict.
///
/// # Errors
/// Those of [`verify`]; [`truecrop_core::Code::Io`] for files.
pub fn run(options: &VerifyOptions) -> Result<()> {
    let policy = match &options.policy {
        Some(file) => Policy::from_json(&read(file)?)?,
        None => Policy::default(),
    };
    let outputs: Result<Vec<_>> =
        options.outputs.iter().map(|(name, file)| Ok((name.clone(), read(file)?))).collect();
    let limits = Limits::default();
    let receipt = Receipt::from_json(&read(&options.receipt)?, &limits)?;
    let source = options.source.as_deref().map(open).transpose()?;
    let source = source.map(|reader| SubmittedSource::new(reader, &receipt, &limits));
    let submission = Submission { receipt, outputs: outputs?, source };
    let verified = verify(submission, Level::Result, &policy, &limits)?;
    print::json(&verified.verdict())
}
