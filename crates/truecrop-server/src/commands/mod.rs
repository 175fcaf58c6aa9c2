//! The commands, one file each, and what they share: files, and the exit code.

pub mod config;
pub mod crop;
pub mod serve;
pub mod store;
pub mod sweep;
pub mod token;
pub mod verify;

use crate::print;
use crate::problem::Problem;
use std::fs::File;
use std::io::{BufReader, Write};
use std::path::Path;
use std::process::ExitCode;
use truecrop_core::{Code, Error, Reader, Result};

/// The exit code of a command; a refusal is printed on standard error as problem JSON.
pub fn exit_code(result: Result<(), impl Into<Problem>>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(refused) => {
            print::problem(&refused.into());
            ExitCode::FAILURE
        }
    }
}

/// Opens a file for the engine.
fn open(path: &Path) -> Result<Reader> {
    let file = File::open(path).map_err(|e| io(path, &e))?;
    Ok(Box::new(BufReader::with_capacity(64 << 10, file)))
}

/// Reads a small file.
fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|e| io(path, &e))
}

/// Writes a file, whole or not at all; `-` is standard output.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if path == Path::new("-") {
        return print::bytes(bytes);
    }
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut part = tempfile::NamedTempFile::new_in(folder).map_err(|e| io(path, &e))?;
    part.write_all(bytes).map_err(|e| io(path, &e))?;
    set_default_mode(part.as_file()).map_err(|e| io(path, &e))?;
    part.persist(path).map_err(|e| io(path, &e.error))?;
    Ok(())
}

/// Makes a temporary file, which is private, as readable as other new files are.
#[cfg(unix)]
fn set_default_mode(file: &File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn set_default_mode(_: &File) -> std::io::Result<()> {
    Ok(())
}

fn io(path: &Path, error: &std::io::Error) -> Error {
    Error::new(Code::Io, format!("{}: {error}.", path.display()))
}
