//! The real binary, and clients that say nothing, stop in the middle, or do not read. None of them keeps others out, holds the
//! server for ever, or keeps it from ending.
#![cfg(unix)]
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use common::binary::{Binary, connect, connect_and_send, get, read_to_close, upload_head};
use common::{form, upload};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;
use truecrop_core::recipe::Format;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

#[test]
fn silent_connections_keep_nobody_out_and_do_not_delay_the_end() {
    let mut server = Binary::start("connections = 24");
    let fill = || -> Vec<TcpStream> {
        let all: [&[u8]; 3] = [b"", &PREFACE[..9], b"GET /healthz HTTP/1.1\r\nHo"];
        (0..72).map(|i| connect_and_send(server.address, all[i % 3])).collect()
    };
    let _silent = fill();
    for _ in 0..3 {
        assert!(get(server.address, "/healthz").starts_with("HTTP/1.1 200"));
    }
    let _again = fill();
    server.terminate();
    assert_eq!(server.ended().and_then(|status| status.code()), Some(0));
}

/// Does something wrong on a connection and gives what the server says until it closes.
type Client = fn(SocketAddr) -> String;

/// What the client does; how the server's last words begin; the reason in the metrics, if it closes by itself.
const CLIENTS: &[(&str, Client, &str, &str)] = &[
    ("sends nothing", |a| read_to_close(&mut connect(a)), "", "first-byte"),
    (
        "sends half a head",
        |a| said_to(a, b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: "),
        "HTTP/1.1 408",
        "head",
    ),
    ("sends half an HTTP/2 preface", |a| said_to(a, &PREFACE[..9]), "HTTP/1.1 408", "head"),
    ("sends an HTTP/2 preface", |a| said_to(a, PREFACE), "HTTP/1.1 505", ""),
    (
        "sends no further request",
        |a| said_to(a, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"),
        "HTTP/1.1 200",
        "idle",
    ),
    ("sends half a body", |a| said_to(a, upload_head(1000).as_bytes()), "HTTP/1.1 408", ""),
    ("sends a byte of the body now and then", drip, "HTTP/1.1 408", ""),
    ("does not read its answer", do_not_read, "HTTP/1.1 200", "answer"),
];

fn said_to(address: SocketAddr, bytes: &[u8]) -> String {
    read_to_close(&mut connect_and_send(address, bytes))
}

/// Never silent, and far too slow.
fn drip(address: SocketAddr) -> String {
    let mut stream = connect_and_send(address, upload_head(100_000));
    let mut answers = stream.try_clone().unwrap();
    let drip = std::thread::spawn(move || {
        while stream.write_all(b"-").is_ok() {
            std::thread::sleep(Duration::from_millis(100));
        }
    });
    let told = read_to_close(&mut answers);
    drip.join().unwrap();
    told
}

/// More than the buffers of both systems hold is on its way to a client that takes the first bytes only.
fn do_not_read(address: SocketAddr) -> String {
    let mut stream = connect_and_send(address, "GET /large.bin HTTP/1.1\r\nHost: x\r\n\r\n");
    let mut first = [0; 12];
    stream.read_exact(&mut first).unwrap();
    // Reset, or the rest of what the system had taken: either way the connection ends.
    std::thread::sleep(Duration::from_secs(2));
    read_to_close(&mut stream);
    String::from_utf8_lossy(&first).into_owned()
}

#[test]
fn every_wait_for_a_client_has_a_deadline() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("www")).unwrap();
    let large = std::fs::File::create(folder.path().join("www/large.bin")).unwrap();
    large.set_len(256 << 20).unwrap();
    let limits = "first_byte = '1s'\nhead = '1s'\nbody = '1s'\nanswer = '1s'\nidle = '1s'\n";
    let server = Binary::start_in(folder, &format!("www = 'www'\n[deadlines]\n{limits}"));
    std::thread::scope(|scope| {
        for (what, client, told, _) in CLIENTS {
            let address = server.address;
            scope.spawn(move || {
                let said = client(address);
                assert!(said.starts_with(told) && said.is_empty() == told.is_empty(), "{what}: {said}");
                let problem = said.contains("content-type: application/problem+json");
                assert_eq!(problem, told.contains(" 4") || told.contains(" 505"), "{what}: {said}");
            });
        }
    });
    let name = |reason: &str| {
        format!("truecrop_connections_closed_total{{listener=\"public\",reason=\"{reason}\"}}")
    };
    for reason in ["first-byte", "head", "answer", "idle", "full", "shutdown"] {
        let expected = CLIENTS.iter().filter(|(_, _, _, why)| *why == reason).count();
        server.wait_for_metric(&name(reason), |count| count == expected as f64);
    }
    server.wait_for_metric("truecrop_connections{listener=\"public\"}", |open| open == 0.0);
    server.wait_for_metric("truecrop_memory_reserved_bytes", |bytes| bytes == 0.0);
}

#[test]
fn operators_are_answered_while_every_connection_is_taken() {
    let server = Binary::start("connections = 2");
    // Requests that have begun keep their places.
    let _held = [(); 2].map(|()| connect_and_send(server.address, upload_head(1000)));
    server.wait_for_metric("truecrop_connections{listener=\"public\"}", |open| open == 2.0);
    let _waits = connect_and_send(server.address, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    for path in ["/livez", "/readyz", "/healthz", "/metrics"] {
        assert!(get(server.admin, path).starts_with("HTTP/1.1 200"), "{path}");
    }
    assert!(get(server.admin, "/v1/limits").starts_with("HTTP/1.1 404"));
}

#[test]
fn the_listener_for_everyone_shows_no_metrics_once_operators_have_their_own() {
    let server = Binary::start("");
    for (path, status) in [("/metrics", 404), ("/healthz", 200), ("/readyz", 200), ("/v1/limits", 200)] {
        let told = get(server.address, path);
        assert!(told.starts_with(&format!("HTTP/1.1 {status}")), "{path}: {told}");
    }
}

#[test]
fn a_request_in_progress_ends_before_the_server_does() {
    let mut server = Binary::start("");
    let body = form(&upload("coffee.jpg", &[Format::Jpeg]).parts(false));
    let (first, rest) = body.split_at(body.len() / 2);
    let mut running = connect_and_send(server.address, upload_head(body.len()));
    running.write_all(first).unwrap();
    let mut idle = connect_and_send(server.address, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    let mut answer = [0; 12];
    idle.read_exact(&mut answer).unwrap();
    let mut silent = connect(server.address);
    server.wait_for_metric("truecrop_connections{listener=\"public\"}", |open| open == 3.0);
    server.wait_for_metric("truecrop_memory_reserved_bytes", |bytes| bytes > 0.0);

    server.terminate();
    let told = read_to_close(&mut idle);
    assert!(told.ends_with("ok\n"), "{told:?}");
    assert_eq!(read_to_close(&mut silent), "");
    // The listener was closed before them, and load balancers are told so.
    assert!(TcpStream::connect(server.address).is_err());
    let ready = get(server.admin, "/readyz");
    assert!(ready.starts_with("HTTP/1.1 503") && ready.contains("shutting-down"), "{ready}");

    running.write_all(rest).unwrap();
    let told = read_to_close(&mut running);
    assert!(told.starts_with("HTTP/1.1 201"), "{told}");
    assert_eq!(server.ended().and_then(|status| status.code()), Some(0));
}

#[test]
fn the_server_ends_even_when_a_request_does_not() {
    let mut server = Binary::start("[deadlines]\nshutdown = '200ms'");
    let _running = connect_and_send(server.address, upload_head(1000));
    server.wait_for_metric("truecrop_connections{listener=\"public\"}", |open| open == 1.0);
    server.terminate();
    server.wait_for_log("1 requests did not end before the shutdown");
    assert_eq!(server.ended().and_then(|status| status.code()), Some(0));
}

/// A line that is too short is worse than a refusal: the system drops who comes, and resets some that believe they are connected.
#[test]
#[cfg(target_os = "linux")]
fn many_may_wait_to_be_accepted() {
    const WAITING: usize = 1500;
    let system = std::fs::read_to_string("/proc/sys/net/core/somaxconn").unwrap();
    truecrop_server::connections::raise_limit();
    if system.trim().parse::<usize>().unwrap() < WAITING {
        eprintln!("not tested: the system's own line is shorter");
        return;
    }
    let server = Binary::start("connections = 1");
    let _taken = connect_and_send(server.address, upload_head(1000));
    server.wait_for_metric("truecrop_connections{listener=\"public\"}", |open| open == 1.0);
    let waiting: Vec<_> = (0..WAITING)
        .map(|_| TcpStream::connect_timeout(&server.address, Duration::from_secs(10)))
        .take_while(Result::is_ok)
        .collect();
    assert_eq!(waiting.len(), WAITING);
}
