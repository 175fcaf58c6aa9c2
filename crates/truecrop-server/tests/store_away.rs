//! The real binary whose store goes away and comes back: clients are told to come again, load balancers to turn elsewhere.
#![cfg(unix)]
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use common::binary::{Binary, connect_and_send, get, read_to_close, upload_head};
use common::{form, upload};
use std::io::Write;
use truecrop_core::recipe::Format;

fn post(server: &Binary) -> String {
    let body = form(&upload("coffee.jpg", &[Format::Jpeg]).parts(false));
    let mut stream = connect_and_send(server.address, upload_head(body.len()));
    stream.write_all(&body).unwrap();
    read_to_close(&mut stream)
}

/// Waits until `/readyz` answers with this status: the last answer is believed for a few seconds.
fn wait_for_ready(server: &Binary, status: u16) -> String {
    for _ in 0..600 {
        let told = get(server.admin, "/readyz");
        if told.starts_with(&format!("HTTP/1.1 {status}")) {
            return told;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("/readyz is never {status}");
}

#[test]
fn a_store_that_is_away_is_not_a_fault_of_the_server() {
    let server = Binary::start("");
    let (store, away) = (server.folder.path().join("store"), server.folder.path().join("away"));
    assert!(post(&server).starts_with("HTTP/1.1 201"));
    std::fs::rename(&store, &away).unwrap();
    // A file in its place, so that nothing can be read or written there.
    std::fs::write(&store, "").unwrap();
    let id = "aaaaaaaaaaaaaaaaaaaaaaaaaa";
    for told in
        [post(&server), get(server.address, &format!("/v1/images/{id}")), wait_for_ready(&server, 503)]
    {
        let unavailable = told.contains("\"code\":\"store-unavailable\"") && told.contains("retry-after: 10");
        assert!(told.starts_with("HTTP/1.1 503") && unavailable, "{told}");
        // Paths of the machine are for its log.
        assert!(!told.contains("store/"), "{told}");
    }
    // The process itself is well.
    assert!(get(server.admin, "/livez").starts_with("HTTP/1.1 200"));

    std::fs::remove_file(&store).unwrap();
    std::fs::rename(&away, &store).unwrap();
    wait_for_ready(&server, 200);
    assert!(post(&server).starts_with("HTTP/1.1 201"));
}
