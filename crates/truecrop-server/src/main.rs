//! The `truecrop` binary: see `truecrop --help`, README.md and docs/SERVER.md.
#![warn(clippy::print_stdout, clippy::print_stderr)] // they panic when nobody reads: see `print`

use clap::Parser;
use std::process::ExitCode;
use truecrop_server::cli::{Cli, Command};
use truecrop_server::{allocator, commands, lambda, print};

/// Counts each thread's bytes, so that every verification's peak is known.
#[global_allocator]
static ALLOCATOR: allocator::CountingAllocator = allocator::CountingAllocator;

fn main() -> ExitCode {
    if lambda::wanted() {
        return commands::end(lambda::run());
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(answer) => return print::usage(&answer),
    };
    commands::end(match cli.command {
        Command::Crop(options) => commands::crop::run(&options),
        Command::Verify(options) => commands::verify::run(&options),
        Command::Serve(options) => commands::serve::run(&options),
        Command::Sweep(options) => commands::sweep::run(&options),
    })
}
