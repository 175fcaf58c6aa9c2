//! The native side of truecrop: the server, the AWS Lambda function and the command line. It moves bytes between HTTP,
//! files, the store and the core, and has no image arithmetic of its own.
//!
//! Each module uses only modules above it: first what everything reports to, then what is kept and configured, then HTTP, then the
//! commands. A test holds this order (`tests/structure`).
#![warn(clippy::print_stdout, clippy::print_stderr)] // they panic on a closed pipe: use `print`

pub mod allocator;
pub mod request_id;
pub mod spans;
mod process;
pub mod emf;
pub mod metrics;
pub mod access_log;

pub mod store;
pub mod problem;
pub mod jws_algorithms;
pub mod config;
pub mod tokens;
mod outgoing;
pub mod traces;
pub mod webhooks;

pub mod connections;
pub mod http;

pub mod print;
pub mod cli;
pub mod commands;
pub mod lambda;

/// Unit tests measure memory as the binary does.
#[cfg(test)]
#[global_allocator]
static ALLOCATOR: allocator::CountingAllocator = allocator::CountingAllocator;
