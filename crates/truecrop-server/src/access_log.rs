//! The access log: a line of JSON on standard output for each request.
//!
//! It has nothing that a client chose but its request id: no address, query, token, name of a picture or file. Lines are written by a
//! thread of their own, so that who does not read them holds no request up; when too many wait, lines are lost and counted.

use crate::metrics;
use crate::request_id::RequestId;
use serde::Serialize;
use std::io::Write;
use std::net::IpAddr;
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant, SystemTime};

/// Most lines that wait to be written.
const WAITING: usize = 4096;

/// Most bytes that are written at once.
const AT_ONCE: usize = 64 << 10;

/// How long the end of the process waits for the last lines.
const LAST_LINES: Duration = Duration::from_secs(1);

static WRITER: OnceLock<SyncSender<Message>> = OnceLock::new();

enum Message {
    Line(String),
    /// Answered when everything before it is written.
    Flush(SyncSender<()>),
}

/// Where a request came from. An extension of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

impl Peer {
    /// The kind of the address, which is all that is written down of it.
    fn kind(self) -> &'static str {
        match self.0.to_canonical() {
            ip if ip.is_loopback() => "loopback",
            IpAddr::V4(ip) if ip.is_private() || ip.is_link_local() => "private",
            IpAddr::V6(ip) if ip.is_unique_local() || ip.is_unicast_link_local() => "private",
            _ => "public",
        }
    }
}

/// A request, written to the log when this is dropped.
pub struct Entry {
    begun: Instant,
    line: Line,
}

#[derive(Serialize)]
struct Line {
    time: String,
    request_id: String,
    method: &'static str,
    route: String,
    /// Missing when the client left before it was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    bytes_in: u64,
    bytes_out: u64,
    seconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    peer: Option<&'static str>,
    /// The client did not get the whole answer.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    cut_off: bool,
}

impl Entry {
    /// A request that begins now. `route` is the pattern, not the path.
    pub fn begin(id: &RequestId, method: &'static str, route: &str, peer: Option<Peer>) -> Self {
        let line = Line {
            time: humantime::format_rfc3339_millis(SystemTime::now()).to_string(),
            request_id: id.to_string(),
            method,
            route: route.to_owned(),
            status: None,
            bytes_in: 0,
            bytes_out: 0,
            seconds: 0.0,
            peer: peer.map(Peer::kind),
            cut_off: true,
        };
        Self { begun: Instant::now(), line }
    }

    /// How long the request takes so far.
    pub fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// The head of the answer is made.
    pub fn answered(&mut self, status: u16) {
        self.line.status = Some(status);
    }

    /// The request is over: the bytes of its body and of its answer, and whether that is whole.
    pub fn ended(&mut self, bytes_in: u64, bytes_out: u64, whole: bool) {
        (self.line.bytes_in, self.line.bytes_out, self.line.cut_off) = (bytes_in, bytes_out, !whole);
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let Some(writer) = WRITER.get() else { return };
        self.line.seconds = (self.begun.elapsed().as_secs_f64() * 1e6).round() / 1e6;
        let Ok(mut line) = serde_json::to_string(&self.line) else { return };
        line.push('\n');
        if writer.try_send(Message::Line(line)).is_err() {
            metrics::access_line_lost();
        }
    }
}

/// Starts the log. Without this nothing is written. A second call changes nothing.
pub fn start() {
    WRITER.get_or_init(|| {
        let (sender, lines) = sync_channel(WAITING);
        std::thread::spawn(move || write_all(&lines));
        sender
    });
}

/// Waits a little until all lines are written.
pub fn flush() {
    let Some(writer) = WRITER.get() else { return };
    let (done, written) = sync_channel(1);
    if writer.try_send(Message::Flush(done)).is_ok() {
        let _ = written.recv_timeout(LAST_LINES);
    }
}

/// Writes lines, as many at once as wait.
fn write_all(lines: &Receiver<Message>) {
    let (mut text, mut flushed) = (String::new(), Vec::<SyncSender<()>>::new());
    while let Ok(first) = lines.recv() {
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                Message::Line(line) => text.push_str(&line),
                Message::Flush(done) => flushed.push(done),
            }
            next = if text.len() < AT_ONCE { lines.try_recv().ok() } else { None };
        }
        let mut out = std::io::stdout().lock();
        // A reader that has gone is no failure of the server.
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        text.clear();
        for done in flushed.drain(..) {
            let _ = done.try_send(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Peer;

    #[test]
    fn of_an_address_only_its_kind_is_told() {
        for (address, kind) in [
            ("127.0.0.1", "loopback"),
            ("::1", "loopback"),
            ("::ffff:127.0.0.1", "loopback"),
            ("10.1.2.3", "private"),
            ("169.254.1.1", "private"),
            ("::ffff:192.168.0.1", "private"),
            ("fd00::1", "private"),
            ("fe80::1", "private"),
            ("203.0.113.7", "public"),
            ("2001:db8::1", "public"),
        ] {
            assert_eq!(Peer(address.parse().unwrap()).kind(), kind, "{address}");
        }
    }
}
