//! The real binary when standard output or standard error is a closed pipe: commands end quietly, and a server goes on.
#![cfg(unix)]
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use common::fixture_path;
use std::io::{PipeWriter, Read, Write, pipe};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

fn truecrop(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_truecrop"));
    command.args(args).current_dir(folder).env_remove("TRUECROP_STORE").stdin(Stdio::null());
    command
}

/// The writing end of a pipe whose reading end is closed already, so that the first write fails.
fn closed_pipe() -> PipeWriter {
    pipe().unwrap().1
}

/// A folder with a picture `source.jpg`, its crop `out.jpg` and the receipt `r.json`.
fn cropped() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(fixture_path("coffee.jpg"), folder.path().join("source.jpg")).unwrap();
    let crop = ["crop", "source.jpg", "--size", "90x60", "-o", "out.jpg", "--receipt", "r.json"];
    assert!(truecrop(folder.path(), &crop).status().unwrap().success());
    folder
}

const VERIFY: &[&str] = &["verify", "--receipt", "r.json", "--output", "main=out.jpg"];
const SWEEP: &[&str] = &["sweep", "--older-than", "24h", "--store", "store"];
const CROP: &[&str] =
    &["crop", "source.jpg", "--size", "90x60", "--format", "jpeg", "-o", "-", "--receipt", "again.json"];
const REFUSED: &[&str] = &["verify", "--receipt", "nowhere.json", "--output", "main=out.jpg"];

#[test]
fn closed_standard_output_ends_each_command_quietly_with_the_status_of_its_work() {
    let folder = cropped();
    let cases =
        [(VERIFY, 0), (SWEEP, 0), (CROP, 0), (&["--help"], 0), (&["crop", "--help"], 0), (&["--version"], 0)];
    for (args, status) in cases {
        let Output { status: ended, stderr, .. } =
            truecrop(folder.path(), args).stdout(closed_pipe()).stderr(Stdio::piped()).output().unwrap();
        assert_eq!((ended.code(), String::from_utf8_lossy(&stderr).as_ref()), (Some(status), ""), "{args:?}");
    }
    // What does not go to the pipe is written all the same.
    assert!(folder.path().join("again.json").exists());
}

#[test]
fn closed_standard_error_does_not_change_the_status() {
    let folder = cropped();
    let cases: [(&[&str], i32); 4] = [(REFUSED, 1), (&["fly"], 2), (&["crop"], 2), (VERIFY, 0)];
    for (args, status) in cases {
        let ended =
            truecrop(folder.path(), args).stdout(Stdio::null()).stderr(closed_pipe()).status().unwrap();
        assert_eq!(ended.code(), Some(status), "{args:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn standard_output_that_is_full_is_an_error() {
    let folder = cropped();
    for args in [VERIFY, CROP, &["--help"]] {
        let full = std::fs::File::create("/dev/full").unwrap();
        let output = truecrop(folder.path(), args).stdout(full).stderr(Stdio::piped()).output().unwrap();
        let problem: serde_json::Value = serde_json::from_slice(&output.stderr).unwrap_or_default();
        assert_eq!((output.status.code(), &problem["code"]), (Some(1), &"io".into()), "{args:?}");
    }
}

/// Killed when the test ends.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn get(address: SocketAddr, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    Some(text)
}

#[test]
fn a_server_whose_log_nobody_reads_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let listen = address.to_string();
    let serve = ["serve", "--listen", &listen, "--store", "store"];
    // The log's first line is written before the first connection is taken.
    let mut server =
        Server(truecrop(folder.path(), &serve).stdout(Stdio::null()).stderr(closed_pipe()).spawn().unwrap());
    let mut answer = None;
    for _ in 0..200 {
        assert_eq!(server.0.try_wait().unwrap(), None, "the server ended");
        answer = get(address, "/healthz");
        if answer.is_some() {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(answer.unwrap().starts_with("HTTP/1.1 200"));
}
