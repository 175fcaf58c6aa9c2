//! The `truecrop` binary: runs a command, or the AWS Lambda function. See `truecrop --help`, README.md and docs/SERVER.md.
#![warn(clippy::print_stdout, clippy::print_stderr)] // they panic on a closed pipe: use `print`

use clap::Parser;
use std::process::ExitCode;
use truecrop_server::cli::{Cli, Command};
use truecrop_server::{allocator, commands, lambda, print};

/// Counts the bytes of each thread, so that the peak memory of every verification is known.
#[global_allocator]
static ALLOCATOR: allocator::CountingAllocator = allocator::CountingAllocator;

fn main() -> ExitCode {
    allocator::return_large_blocks();
    if lambda::is_lambda() {
        return commands::exit_code(lambda::run());
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(answer) => return print::usage(&answer),
    };
    match cli.command {
        Command::Crop(options) => commands::exit_code(commands::crop::run(&options)),
        Command::Verify(options) => commands::exit_code(commands::verify::run(&options)),
        Command::Serve(options) => commands::exit_code(commands::serve::run(&options)),
        Command::Sweep(options) => commands::exit_code(commands::sweep::run(&options)),
        Command::Config(command) => commands::exit_code(commands::config::run(&command)),
        Command::Token(command) => commands::exit_code(commands::token::run(&command)),
        Command::Store(command) => commands::exit_code(commands::store::run(&command)),
    }
}
