//! A bucket of a real server with the interface of S3 (moto; `seaweed` has another), and plain HTTP to it and to the binary.
//!
//! They are not part of the repository: `npm test -- bucket` installs them and runs these tests. Without them they say that they
//! were skipped; with `TRUECROP_BUCKET=1` they fail instead.

use super::binary::{PATIENCE, connect};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A running server; killed when the test ends.
pub struct Bucket {
    child: Child,
    pub address: SocketAddr,
    /// What it keeps, unless that is in memory.
    folder: Option<TempDir>,
}

impl Drop for Bucket {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Bucket {
    /// Starts moto with the bucket `pictures`; `None`, and a line that says so, where it is not installed.
    pub fn start() -> Option<Self> {
        let program = Self::program("MOTO_SERVER", "moto/bin/moto_server")?;
        let port = free_port();
        let child = Command::new(program)
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let bucket = Self::of(child, SocketAddr::from(([127, 0, 0, 1], port)), None);
        bucket.wait_until_it_answers();
        assert_eq!(exchange(bucket.address, "PUT", "/pictures", &[], b"").status, 200);
        Some(bucket)
    }

    /// A server of buckets: what the environment names, or what is installed below `.tools`.
    pub(super) fn program(variable: &str, installed: &str) -> Option<PathBuf> {
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools").join(installed);
        let program = std::env::var_os(variable).map_or(own, Into::into);
        if program.is_file() {
            return Some(program);
        }
        assert!(std::env::var_os("TRUECROP_BUCKET").is_none(), "there is no {}", program.display());
        eprintln!("SKIPPED: there is no bucket to test with. npm test -- bucket installs one.");
        None
    }

    pub(super) fn of(child: Child, address: SocketAddr, folder: Option<TempDir>) -> Self {
        Self { child, address, folder }
    }

    pub(super) fn wait_until_it_answers(&self) {
        let begun = Instant::now();
        while TcpStream::connect(self.address).is_err() {
            assert!(begun.elapsed() < 4 * PATIENCE, "the bucket does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Whether it checks signatures, and the digests of what is put: moto does neither.
    pub fn checks(&self) -> bool {
        self.folder.is_some()
    }

    /// The environment by which the binary finds it.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("AWS_ENDPOINT", format!("http://{}", self.address)),
            ("AWS_ALLOW_HTTP", "true".to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ]
    }

    /// The keys of everything in it.
    pub fn keys(&self) -> Vec<String> {
        let list = exchange(self.address, "GET", "/pictures?list-type=2", &[], b"").text();
        let keys = list.split("<Key>").skip(1).filter_map(|rest| rest.split_once("</Key>"));
        keys.map(|(key, _)| key.to_owned()).collect()
    }
}

/// Free a moment ago.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A response.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// One request on a connection of its own.
pub fn exchange(
    address: SocketAddr,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Reply {
    let stream = connect(address);
    try_exchange(stream, address, method, target, headers, body).unwrap()
}

/// The same with a server that may end at any moment; `None` when it has not answered whole.
pub fn exchange_with_mortal(
    address: SocketAddr,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Option<Reply> {
    let stream = TcpStream::connect(address).ok()?;
    let reply = try_exchange(stream, address, method, target, headers, body)?;
    let length = reply.head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    length.is_none_or(|length| length == reply.body.len()).then_some(reply)
}

fn try_exchange(
    mut stream: TcpStream,
    address: SocketAddr,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Option<Reply> {
    let mut head = format!("{method} {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    head += &format!("Content-Length: {}\r\n", body.len());
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    // A large source is judged for a while, by a binary that is not optimised.
    stream.set_read_timeout(Some(8 * PATIENCE)).ok()?;
    stream.write_all((head + "\r\n").as_bytes()).ok()?;
    // A server may refuse before it has read everything.
    let _ = stream.write_all(body);
    let mut all = Vec::new();
    let _ = stream.read_to_end(&mut all);
    let end = all.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&all[..end]).into_owned();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Reply { status, head, body: all[end + 4..].to_vec() })
}
