//! The native side of truecrop: the server, the AWS Lambda function and the command line. It moves bytes between HTTP,
//! files, the store and the core, and has no image arithmetic of its own.
#![warn(clippy::print_stdout, clippy::print_stderr)] // they panic on a closed pipe: use `print`

pub mod access_log;
pub mod allocator;
pub mod cli;
pub mod commands;
pub mod config;
pub mod connections;
pub mod emf;
pub mod http;
pub mod lambda;
pub mod metrics;
pub mod print;
mod process;
pub mod store;
pub mod tokens;
pub mod webhooks;

/// Unit tests measure memory as the binary does.
#[cfg(test)]
#[global_allocator]
static ALLOCATOR: allocator::CountingAllocator = allocator::CountingAllocator;
