//! `truecrop config check`: says what is wrong with a configuration, or that nothing is.

use super::serve::load_config;
use crate::cli::ConfigCommand;
use crate::print;
use crate::problem::Problem;

/// Checks the configuration that `truecrop serve` would use with the same options and environment.
///
/// # Errors
/// All mistakes of the configuration.
pub fn run(command: &ConfigCommand) -> Result<(), Problem> {
    let ConfigCommand::Check(options) = command;
    load_config(options)?;
    Ok(print::json(&serde_json::json!({ "valid": true }))?)
}
