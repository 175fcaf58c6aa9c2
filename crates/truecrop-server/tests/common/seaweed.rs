//! A bucket of SeaweedFS, a server with the interface of S3 that people run in production. Unlike moto it checks signatures and digests, it is
//! quick, and of several clients that create an object at the same moment it lets one.

use super::binary::PATIENCE;
use super::bucket::{Bucket, exchange, free_port};
use serde_json::json;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::Instant;

/// How each of its parts is called, and what it listens to.
const PARTS: [&str; 4] = ["master", "volume", "filer", "s3"];

impl Bucket {
    /// Starts SeaweedFS with the bucket `pictures`; `None`, and a line that says so, where it is not installed.
    pub fn start_seaweed() -> Option<Self> {
        let program = Self::program("WEED", "seaweedfs/bin/weed")?;
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("s3.json");
        std::fs::write(&config, identities().to_string()).unwrap();
        let mut command = Command::new(program);
        command.args(["server", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3"]);
        command.args([
            "-volume.max=32",
            "-master.volumeSizeLimitMB=256",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
        ]);
        command.arg(format!("-dir={}", folder.path().display()));
        command.arg(format!("-s3.config={}", config.display()));
        let ports = PARTS.map(|_| (free_port(), free_port()));
        for (part, (port, grpc)) in PARTS.iter().zip(ports) {
            command.args([format!("-{part}.port={port}"), format!("-{part}.port.grpc={grpc}")]);
        }
        command.current_dir(folder.path()).stdout(Stdio::null()).stderr(Stdio::null());
        let address = |part: usize| SocketAddr::from(([127, 0, 0, 1], ports[part].0));
        let bucket = Self::of(command.spawn().unwrap(), address(3), Some(folder));
        bucket.wait_until_it_answers();
        bucket.make(address(2));
        Some(bucket)
    }

    /// A bucket is a folder of its filer, which asks for no signature.
    fn make(&self, filer: SocketAddr) {
        let begun = Instant::now();
        loop {
            let made = std::net::TcpStream::connect(filer)
                .is_ok()
                .then(|| exchange(filer, "POST", "/buckets/pictures/", &[], b"").status);
            if made.is_some_and(|status| status < 300) {
                return;
            }
            assert!(begun.elapsed() < 4 * PATIENCE, "SeaweedFS makes no bucket: {made:?}");
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
    }
}

/// Who may do what: the server everything, and who has not signed nothing.
fn identities() -> serde_json::Value {
    let keys = json!([{ "accessKey": "test", "secretKey": "test" }]);
    json!({ "identities": [{ "name": "server", "credentials": keys, "actions": ["Admin"] }] })
}
