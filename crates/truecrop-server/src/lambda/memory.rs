//! The memory of a function: its budget follows what AWS gives it.

use crate::config::Config;

/// What the process takes beside the budget.
const REST: u64 = 64 << 20;

/// Least budget, also in a function that is too small for it.
const LEAST: u64 = 16 << 20;

/// The bytes that a function of so many megabytes may reserve.
pub fn budget_of(megabytes: u64) -> u64 {
    (megabytes << 20).saturating_sub(REST).max(LEAST)
}

/// Lowers the budget, and what has to fit into it, to a function of so many megabytes.
pub fn fit(config: &mut Config, megabytes: u64) {
    config.memory_budget = config.memory_budget.min(budget_of(megabytes));
    config.limits.memory = config.limits.memory.min(config.memory_budget);
    config.upload_bytes = config.upload_bytes.min(config.body_budget());
    config.limits.source_bytes = config.limits.source_bytes.min(config.body_budget());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_of_any_size_has_a_configuration_that_makes_sense() {
        for megabytes in [0, 128, 512, 1769, 10_240] {
            let mut config = Config::default();
            fit(&mut config, megabytes);
            assert!(config.check().is_ok(), "{megabytes}: {:?}", config.check());
            assert!(config.memory_budget <= Config::default().memory_budget);
        }
        assert_eq!(budget_of(128), 64 << 20);
    }
}
