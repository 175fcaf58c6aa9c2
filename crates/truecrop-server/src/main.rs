//! The `truecrop` binary: see `truecrop --help`, README.md and docs/SERVER.md.

use clap::Parser;
use std::process::ExitCode;
use truecrop_server::cli::{Cli, Command};
use truecrop_server::{commands, lambda, memory};

/// Counts each thread's bytes, so that every verification's peak is known.
#[global_allocator]
static ALLOCATOR: memory::Counting = memory::Counting;

fn main() -> ExitCode {
    if lambda::wanted() {
        return commands::end(lambda::run());
    }
    commands::end(match Cli::parse().command {
        Command::Crop(options) => commands::crop::run(&options),
        Command::Verify(options) => commands::verify::run(&options),
        Command::Serve(options) => commands::serve::run(&options),
        Command::Sweep(options) => commands::sweep::run(&options),
    })
}
