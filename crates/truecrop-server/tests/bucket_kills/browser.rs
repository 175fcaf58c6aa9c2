//! A real browser among the clients: `tests/e2e/bucket-client.mjs`, with what `npm test` has built for it.

use crate::common::{Upload, fixture, fixture_path};
use crate::world::{World, lock};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::io::{BufRead, BufReader, Lines};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

/// The photo that the person picks.
const PHOTO: &str = "phone-orientation-6.jpg";

pub struct Browser {
    child: Child,
    /// Closed to end it.
    input: Mutex<Option<ChildStdin>>,
    lines: Mutex<Lines<BufReader<ChildStdout>>>,
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What browsers load of the server, if there is to be one: `TRUECROP_BROWSER=1`.
pub fn pages() -> Option<String> {
    std::env::var_os("TRUECROP_BROWSER")?;
    Some(repository().join("dist").canonicalize().unwrap().display().to_string())
}

impl Browser {
    /// Opens a page of the first server, and gives what its element has made.
    pub fn start(servers: [SocketAddr; 2]) -> (Self, Upload) {
        let mut child = Command::new("node")
            .arg(repository().join("tests/e2e/bucket-client.mjs"))
            .args(servers.map(|server| format!("http://{server}")))
            .arg(fixture_path(PHOTO))
            .current_dir(repository())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = Mutex::new(child.stdin.take());
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let made: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        let output = STANDARD.decode(made["output"].as_str().unwrap()).unwrap();
        let receipt = made["receipt"].as_str().unwrap().to_owned();
        let outputs = vec![("main".to_owned(), output)];
        let upload = Upload { receipt, outputs, source: fixture(PHOTO) };
        (Self { child, input, lines: Mutex::new(lines) }, upload)
    }

    /// The back end of its application: hears of what was stored, and decides, until the browser ends.
    pub fn serve(&self, world: &World, which: usize) {
        for line in lock(&self.lines).by_ref() {
            if !world.runs() {
                self.end();
            }
            let told: Value = serde_json::from_str(&line.unwrap()).unwrap();
            if told["stored"].is_null() {
                let code = told["failed"].as_str().unwrap();
                let known = ["unreachable", "busy", "timeout", "upload-ended", "not-found"];
                assert!(known.contains(&code), "the browser was told {code}");
                world.count("uploads of the browser that failed");
            } else {
                world.count("uploads of the browser");
                world.stored(&told["stored"], which);
            }
        }
    }

    pub fn end(&self) {
        drop(lock(&self.input).take());
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.end();
        let _ = self.child.wait();
    }
}
