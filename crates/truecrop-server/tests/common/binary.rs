//! The real binary as a server, with a configuration of its own, and a client that can misbehave.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;
use tempfile::TempDir;

/// Longer than anything takes that the tests wait for: who waits so long waits in vain.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A running server; killed when the test ends.
pub struct Binary {
    child: Child,
    log: Receiver<String>,
    access_log: Receiver<String>,
    pub folder: TempDir,
    pub address: SocketAddr,
    pub admin: SocketAddr,
}

impl Drop for Binary {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Binary {
    /// The binary, or the other build of it that `TRUECROP_BIN` names.
    pub fn program() -> OsString {
        std::env::var_os("TRUECROP_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_truecrop").into())
    }

    /// Starts the server. The configuration is what follows the members that every test needs.
    pub fn start(config: &str) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), config)
    }

    /// The same in a folder that has something in it, such as files to serve.
    pub fn start_in(folder: TempDir, config: &str) -> Self {
        let mut server = Self::start_unread(folder, config);
        server.access_log = lines(server.child.stdout.take().unwrap());
        server
    }

    /// The same with a standard output that nobody reads.
    pub fn start_unread(folder: TempDir, config: &str) -> Self {
        Self::start_unread_with(folder, "store", &[], config)
    }

    /// With another store, and what the environment says of it.
    pub fn start_with(
        folder: TempDir,
        store: &str,
        environment: &[(&'static str, String)],
        config: &str,
    ) -> Self {
        let mut server = Self::start_unread_with(folder, store, environment, config);
        server.access_log = lines(server.child.stdout.take().unwrap());
        server
    }

    fn start_unread_with(
        folder: TempDir,
        store: &str,
        environment: &[(&'static str, String)],
        config: &str,
    ) -> Self {
        let file = folder.path().join("truecrop.toml");
        let all =
            format!("listen = '127.0.0.1:0'\nadmin_listen = '127.0.0.1:0'\nstore = '{store}'\n{config}");
        std::fs::write(&file, all).unwrap();
        // Under a small limit of open files, which the server has to raise.
        let mut child = Command::new("sh")
            .args(["-c", "ulimit -Sn 64 && exec \"$0\" serve --config truecrop.toml"])
            .arg(Self::program())
            .current_dir(folder.path())
            .env("RUST_LOG", "info")
            .envs(environment.iter().map(|(name, value)| (*name, value)))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = lines(child.stderr.take().unwrap());
        let admin = address_in(&log, "answering operators on http://");
        let address = address_in(&log, "listening on http://");
        Self { child, log, access_log: channel().1, folder, address, admin }
    }

    /// The next line of the access log.
    pub fn access_line(&self) -> String {
        self.access_log.recv_timeout(PATIENCE).unwrap()
    }

    /// Whether the access log has ended without another line, once the process has.
    pub fn access_log_ended(&self) -> bool {
        self.access_log.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Disconnected)
    }

    /// Waits for a line of the log with this text.
    pub fn wait_for_log(&self, text: &str) -> String {
        line_with(&self.log, text)
    }

    /// Ends the process at once (SIGKILL).
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    pub fn terminate(&self) {
        let kill = format!("kill -TERM {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Waits for the end of the process.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        for _ in 0..PATIENCE.as_millis() / 10 {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Some(status);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        None
    }

    /// A member of `/proc/PID/status` in bytes, such as `VmRSS`.
    pub fn memory(&self, member: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(&format!("{member}:"))).unwrap();
        line.trim().strip_suffix("kB").unwrap().trim().parse::<u64>().unwrap() * 1024
    }

    /// The value of a metric, with its labels in the name; `None` before it has one.
    pub fn metric(&self, name: &str) -> Option<f64> {
        let text = get(self.admin, "/metrics");
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.map(|value| value.parse().unwrap())
    }

    /// Waits until a metric has a value.
    pub fn wait_for_metric(&self, name: &str, fine: impl Fn(f64) -> bool) {
        for _ in 0..PATIENCE.as_millis() / 20 {
            if self.metric(name).is_some_and(&fine) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("{name} is {:?}", self.metric(name));
    }
}

/// The lines of a pipe, which is read to its end.
fn lines(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        // Who has stopped listening does not stop the reading, or the pipe would fill.
        BufReader::new(pipe).lines().map_while(Result::ok).for_each(|line| drop(sender.send(line)));
    });
    lines
}

fn line_with(log: &Receiver<String>, text: &str) -> String {
    let mut seen = Vec::new();
    while let Ok(line) = log.recv_timeout(PATIENCE) {
        assert!(!line.contains('\u{1b}'), "there are colours in a pipe: {line:?}");
        if line.contains(text) {
            return line;
        }
        seen.push(line);
    }
    panic!("no line with {text:?} in the log:\n{}", seen.join("\n"));
}

fn address_in(log: &Receiver<String>, text: &str) -> SocketAddr {
    let line = line_with(log, text);
    line.rsplit_once("http://").unwrap().1.trim().parse().unwrap()
}

/// A connection on which reads and writes fail when nothing happens for very long.
pub fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// A connection on which these bytes were sent.
pub fn connect_and_send(address: SocketAddr, bytes: impl AsRef<[u8]>) -> TcpStream {
    let mut stream = connect(address);
    stream.write_all(bytes.as_ref()).unwrap();
    stream
}

/// Everything until the server closes. Fails when it does not.
pub fn read_to_close(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Err(error) if error.kind() != std::io::ErrorKind::ConnectionReset => {
            panic!("the connection stays open: {error}; {}", String::from_utf8_lossy(&bytes))
        }
        _ => String::from_utf8_lossy(&bytes).into_owned(),
    }
}

/// The whole response to a request on a connection of its own.
pub fn get(address: SocketAddr, path: &str) -> String {
    let head = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    read_to_close(&mut connect_and_send(address, head))
}

/// The head of an upload of this length.
pub fn upload_head(length: usize) -> String {
    let kind = super::FORM;
    format!(
        "POST /v1/images HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )
}
