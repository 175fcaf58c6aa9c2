//! The thin native side of truecrop. It moves bytes between HTTP, files, the store and the core; it has no image
//! arithmetic of its own.
#![warn(clippy::print_stdout, clippy::print_stderr)] // they panic when nobody reads: see `print`

pub mod allocator;
pub mod cli;
pub mod commands;
pub mod config;
pub mod http;
pub mod lambda;
pub mod metrics;
pub mod print;
pub mod store;

/// Counts in unit tests as the binary does.
#[cfg(test)]
#[global_allocator]
static ALLOCATOR: allocator::CountingAllocator = allocator::CountingAllocator;
