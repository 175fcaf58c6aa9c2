//! Events that a server could not send are sent by the next one, and a webhook that is dead holds up no sweep: the real binary.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::binary::{Binary, connect_and_send, read_to_close, upload_head};
use common::receiver::{Answer, Receiver, SECRETS};
use common::{form, upload};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tempfile::TempDir;
use truecrop_core::recipe::Format;

/// With two events each: more than are sent at the same time.
const UPLOADS: usize = 3;

fn start(store: &Path, url: &str, ttl: &str) -> Binary {
    let secret = STANDARD.encode(SECRETS[0]);
    let webhook = format!(
        "[webhook]\nurl = '{url}'\nsecrets = ['whsec_{secret}']\ntimeout = '60s'\nretry_after = '5m'"
    );
    let config = format!("request_timeout = '1s'\npending_ttl = '{ttl}'\nsweep_every = '1s'\n{webhook}");
    Binary::start_with(TempDir::new().unwrap(), &store.to_string_lossy(), &[], &config)
}

/// What a request is answered.
fn ask(server: &Binary, request: impl AsRef<[u8]>) -> String {
    read_to_close(&mut connect_and_send(server.address, request))
}

/// Uploads a picture; gives its address.
fn post(server: &Binary) -> String {
    let body = form(&upload("coffee.jpg", &[Format::Jpeg]).parts(false));
    let told = ask(server, [upload_head(body.len()).as_bytes(), &body].concat());
    assert!(told.starts_with("HTTP/1.1 201"), "{told}");
    told.split("location: ").nth(1).unwrap().split('\r').next().unwrap().to_owned()
}

/// As if its server had been away for three hours, so that no try of its own is under way.
fn make_old(event: &Path) {
    let before = SystemTime::now() - Duration::from_secs(3 * 3600);
    std::fs::File::options().write(true).open(event).unwrap().set_modified(before).unwrap();
}

fn outbox(store: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(store.join("outbox"))
        .map_or_else(|_| Vec::new(), |files| files.map(|f| f.unwrap().path()).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_webhook_holds_up_no_sweep_and_its_events_come_after_a_restart() {
    let folder = TempDir::new().unwrap();
    let store = folder.path().join("store");
    // Nobody listens there.
    let server = start(&store, "http://127.0.0.1:9/hooks", "1d");
    for _ in 0..UPLOADS {
        let confirm =
            format!("POST {}/confirm HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", post(&server));
        assert!(ask(&server, confirm).starts_with("HTTP/1.1 200"));
    }
    drop(server);
    let waiting = outbox(&store);
    assert_eq!(waiting.len(), 2 * UPLOADS, "accepted and confirmed: {waiting:?}");
    waiting.iter().for_each(|event| make_old(event));

    // The next one sends them, to a receiver that never answers; meanwhile it sweeps what has come after it began to.
    let mut dead = Receiver::new(vec![Answer::Hangs; 1000]).await;
    let server = start(&store, &dead.url, "1s");
    dead.next().await;
    post(&server);
    server.wait_for_metric("truecrop_uploads_swept_total", |swept| swept >= 1.0);
    drop(server);

    let mut receiver = Receiver::new([]).await;
    let server = start(&store, &receiver.url, "1d");
    let name = |event: &PathBuf| event.file_name().unwrap().to_string_lossy().into_owned();
    let mut missing: BTreeSet<String> = waiting.iter().map(name).collect();
    while !missing.is_empty() {
        // Under the id under which it waits.
        missing.remove(receiver.next().await.header("webhook-id"));
    }
    drop(server);
}
