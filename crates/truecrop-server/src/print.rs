//! Everything that the binary prints: reports and pictures on standard output, problems and the log on standard error.
//!
//! The reader of a pipe may close it at any time, as in `truecrop verify ... | head -0`. That is no failure of the
//! command: the rest of the output is dropped, and the exit code still says whether the work succeeded. Clippy forbids
//! `println!` and `eprintln!` in this crate, because they panic on a closed pipe.

use crate::problem::Problem;
use crate::spans;
use crate::traces::TraceLayer;
use serde::Serialize;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::process::ExitCode;
use tracing_subscriber::filter::{FilterExt, filter_fn};
use tracing_subscriber::layer::{Filter, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};
use truecrop_core::probe::Ignored;
use truecrop_core::{Code, Error, Result};

/// Prints bytes on standard output.
///
/// # Errors
/// [`Code::Io`] when they cannot be written; a closed pipe is no error.
pub fn bytes(bytes: &[u8]) -> Result<()> {
    let mut out = io::stdout().lock();
    unless_closed(out.write_all(bytes).and_then(|()| out.flush()))
}

/// Prints a value on standard output, as JSON in several lines.
///
/// # Errors
/// As [`bytes`](fn@bytes).
pub fn json<T: Serialize>(value: &T) -> Result<()> {
    let mut json = serde_json::to_vec_pretty(value).map_err(|e| Error::new(Code::Internal, e.to_string()))?;
    json.push(b'\n');
    bytes(&json)
}

/// Prints problem JSON on standard error. If that fails, only the exit code tells of the problem.
pub fn problem(problem: &Problem) {
    let _ = writeln!(io::stderr(), "{}", problem.to_json());
}

/// Says on standard error what the picture does not show of its source. The command has done its work all the same.
pub fn left_aside(what: Ignored) {
    let sentence = match what {
        Ignored::Checksum => "the checksum of the picture's data is wrong: some of it may be damaged",
        Ignored::GainMap => {
            "the picture's gain map (HDR) was left aside: --hdr keep keeps a map, unless it is damaged or of a kind that cannot be kept"
        }
        Ignored::Pages => "the file has further pages: only the first one was used",
        Ignored::Profile => {
            "the picture's colour profile was left aside: the engine cannot apply it, so colours may differ"
        }
    };
    let _ = writeln!(io::stderr(), "truecrop: {sentence}.");
}

/// Prints what clap answers instead of a command: help and version on standard output, wrong usage on standard error.
pub fn usage(answer: &clap::Error) -> ExitCode {
    let printed = unless_closed(answer.print());
    match printed {
        Err(error) if !answer.use_stderr() => {
            problem(&error.into());
            ExitCode::FAILURE
        }
        _ => u8::try_from(answer.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from),
    }
}

/// Starts the log on standard error; the environment variable `RUST_LOG` selects its lines. Lines that cannot be
/// written are lost, and the server goes on. `traces`: what makes spans of what happens.
pub fn init_log(traces: Option<TraceLayer>) {
    // A journal or a file shows colours as letters.
    let log = fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    // Otherwise tracing reports a line that it cannot write by `eprintln!`.
    let log = log.log_internal_errors(false).with_filter(selected());
    // A second call, as in tests, changes nothing.
    let _ = tracing_subscriber::registry().with(traces).with(log).try_init();
}

/// The same as lines of JSON, for services that read them.
pub fn init_json_log(traces: Option<TraceLayer>) {
    let log = fmt::layer().json().flatten_event(true).with_writer(io::stderr).log_internal_errors(false);
    let _ = tracing_subscriber::registry().with(traces).with(log.with_filter(selected())).try_init();
}

/// What `RUST_LOG` selects, without spans that are for traces alone.
fn selected<S: tracing::Subscriber>() -> impl Filter<S> {
    let chosen = EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    chosen.and(filter_fn(|of| of.target() != spans::TARGET))
}

fn unless_closed(result: io::Result<()>) -> Result<()> {
    match result {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Error::new(Code::Io, format!("Standard output: {error}.")))
        }
        _ => Ok(()),
    }
}
