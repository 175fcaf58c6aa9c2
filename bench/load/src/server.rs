//! The server that is measured: the real binary over an empty folder, with a budget of its own.

use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use truecrop_core::verify::Level;

/// Bytes that uploads may hold together.
const BUDGET: u64 = 512 << 20;

/// How long the server may take to start.
const START: Duration = Duration::from_secs(30);

/// A running server, killed when this is dropped.
pub struct Server {
    process: Child,
    address: SocketAddr,
    _folder: TempDir,
}

impl Server {
    /// Starts the binary.
    pub async fn start(binary: &str, level: Level) -> Result<Self, Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let level = if level == Level::Source { "source" } else { "result" };
        let limits = "[limits]\nmemory = 268435456\nsource_bytes = 134217728\n";
        let config = format!(
            "listen = '127.0.0.1:0'\nstore = 'store'\nlevel = '{level}'\nmemory_budget = {BUDGET}\n\
             upload_bytes = 33554432\n{limits}"
        );
        std::fs::write(folder.path().join("truecrop.toml"), config)?;
        let mut process = Command::new(std::path::absolute(binary)?)
            .args(["serve", "--config", "truecrop.toml"])
            .current_dir(folder.path())
            .env("RUST_LOG", "info")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("{binary}: {error}"))?;
        let log = process.stderr.take().ok_or("the server has no log")?;
        let mut lines = BufReader::new(log).lines();
        let address = tokio::time::timeout(START, async {
            while let Some(line) = lines.next_line().await? {
                if let Some((_, address)) = line.split_once("listening on http://") {
                    return Ok(address.trim().parse()?);
                }
            }
            Err(Box::<dyn std::error::Error>::from("the server did not start"))
        })
        .await??;
        // Who writes a log that nobody reads may have to wait.
        tokio::spawn(async move { while matches!(lines.next_line().await, Ok(Some(_))) {} });
        Ok(Self { process, address, _folder: folder })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A member of `/proc/PID/status`, such as `VmRSS`; 0 where the system does not tell.
    pub fn mebibytes(&self, member: &str) -> f64 {
        let read = || {
            let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()?)).ok()?;
            let line = status.lines().find_map(|line| line.strip_prefix(member)?.strip_prefix(':'))?;
            line.split_ascii_whitespace().next()?.parse::<f64>().ok()
        };
        read().unwrap_or(0.0) / 1024.0
    }
}
