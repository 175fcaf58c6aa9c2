//! The real binary under load: what is resident stays under the budget and 64 MiB, and comes back down.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use common::binary::{Binary, connect_and_send, read_to_close, upload_head};
use common::form;
use common::noise::noise;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

const MIB: u64 = 1 << 20;
const BUDGET: u64 = 16 * MIB;

#[test]
fn neither_uploads_nor_clients_that_do_not_read_take_more_than_the_budget() {
    let limits = "upload_bytes = 8388608\n[limits]\nmemory = 16777216\nsource_bytes = 8388608";
    let server = Binary::start(&format!("memory_budget = {BUDGET}\n{limits}"));
    let body = form(&noise(560).parts(false));
    assert!(body.len() > 900_000);
    let address = server.address;
    // All at once: some have to be told to come again, and then do.
    let picture = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..8).map(|_| scope.spawn(|| upload(address, &body))).collect();
        clients.into_iter().map(|client| client.join().unwrap()).next_back().unwrap()
    });
    assert!(server.memory("VmHWM") < BUDGET + 64 * MIB, "uploads: {}", server.memory("VmHWM") / MIB);
    // Each answer has begun; nobody reads on.
    let request = format!("GET {picture} HTTP/1.1\r\nHost: x\r\n\r\n");
    let stalled: Vec<_> = (0..128)
        .map(|_| {
            let mut stream = connect_and_send(server.address, &request);
            let mut first = [0; 12];
            stream.read_exact(&mut first).unwrap();
            assert_eq!(&first, b"HTTP/1.1 200");
            stream
        })
        .collect();
    assert!(server.memory("VmHWM") < BUDGET + 64 * MIB, "readers: {}", server.memory("VmHWM") / MIB);
    // Others are served as before.
    upload(address, &body);
    drop(stalled);
    server.wait_for_metric("truecrop_memory_reserved_bytes", |bytes| bytes == 0.0);
    server.wait_for_metric("truecrop_memory_resident_bytes", |bytes| bytes < (48 * MIB) as f64);
    assert!(server.memory("VmHWM") < BUDGET + 64 * MIB, "all: {}", server.memory("VmHWM") / MIB);
}

/// Uploads until the server has room, and gives the address of the picture.
fn upload(address: SocketAddr, body: &[u8]) -> String {
    loop {
        let mut stream = connect_and_send(address, upload_head(body.len()));
        // A server without room may stop reading.
        let _ = stream.write_all(body);
        let told = read_to_close(&mut stream);
        if told.starts_with("HTTP/1.1 201") {
            let json: serde_json::Value =
                serde_json::from_str(told.split("\r\n\r\n").nth(1).unwrap()).unwrap();
            return json["images"]["main"]["outputs"][0]["url"].as_str().unwrap().to_owned();
        }
        assert!(told.is_empty() || told.starts_with("HTTP/1.1 503"), "{told}");
        std::thread::sleep(Duration::from_millis(100));
    }
}
