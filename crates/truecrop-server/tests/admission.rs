//! The real binary with more uploads than it can verify at once: they wait in line, for a bounded time, and who would wait in vain
//! is told so before it sends its body.
#![cfg(unix)]
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use common::binary::{Binary, connect_and_send, read_to_close, upload_head};
use common::{FORM, fixture, form, upload};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use truecrop_core::recipe::Format;

/// A form of pictures that the server has to make: seconds of work.
fn slow_form() -> Vec<u8> {
    let output = r#"{"name":"main","width":900,"height":900,"format":"png"}"#;
    let recipe =
        format!(r#"{{"truecrop":1,"crop":{{"x":0,"y":0,"width":200,"height":200}},"outputs":[{output}]}}"#);
    let source = fixture("coffee.jpg");
    let parts = |i: usize| {
        [(format!("p{i}.recipe"), recipe.clone().into_bytes()), (format!("p{i}.source"), source.clone())]
    };
    form(&(0..4).flat_map(parts).collect::<Vec<_>>())
}

fn send_whole(address: SocketAddr, body: &[u8]) -> TcpStream {
    let mut stream = connect_and_send(address, upload_head(body.len()));
    stream.write_all(body).unwrap();
    stream
}

/// What the server says to a head that asks whether to send the body.
fn ask(address: SocketAddr, length: usize) -> String {
    let head = format!(
        "POST /v1/images HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\nContent-Length: {length}\r\n\
         Expect: 100-continue\r\nConnection: close\r\n\r\n"
    );
    let mut stream = connect_and_send(address, head);
    let mut first = [0; 12];
    stream.read_exact(&mut first).unwrap();
    let first = String::from_utf8_lossy(&first).into_owned();
    if first.ends_with("100") { first } else { first + &read_to_close(&mut stream) }
}

fn seconds_to_wait(told: &str) -> u64 {
    assert!(told.starts_with("HTTP/1.1 503") && told.contains("\"code\":\"busy\""), "{told}");
    let rest = told.split("retry-after: ").nth(1).unwrap();
    rest.split('\r').next().unwrap().parse().unwrap()
}

#[test]
fn beyond_the_line_an_upload_is_refused_before_its_body() {
    let server = Binary::start("[admission]\nverifications = 1\nqueue = 1");
    let slow = slow_form();
    let mut running = send_whole(server.address, &slow);
    server.wait_for_metric("truecrop_verifications_running", |running| running == 1.0);
    let honest = form(&upload("coffee.jpg", &[Format::Jpeg]).parts(false));
    assert_eq!(ask(server.address, honest.len()), "HTTP/1.1 100", "one may wait");
    let mut waiting = send_whole(server.address, &honest);
    server.wait_for_metric("truecrop_queue_uploads", |waiting| waiting == 1.0);

    let told = ask(server.address, honest.len());
    assert!((2..=60).contains(&seconds_to_wait(&told)), "{told}");
    // A body whose end cannot be known before is refused at its end, or as soon as the server knows.
    let mut late = connect_and_send(server.address, upload_head(honest.len()));
    let _ = late.write_all(&honest);
    seconds_to_wait(&read_to_close(&mut late));
    assert_eq!(server.metric("truecrop_busy_total{reason=\"queue\"}"), Some(2.0));

    // Who was let in is served.
    for accepted in [&mut running, &mut waiting] {
        let told = read_to_close(accepted);
        assert!(told.starts_with("HTTP/1.1 201"), "{told}");
    }
    server.wait_for_metric("truecrop_verifications_running", |running| running == 0.0);
    assert_eq!(server.metric("truecrop_queue_uploads"), Some(0.0));
    assert_eq!(ask(server.address, honest.len()), "HTTP/1.1 100");
}

#[test]
fn nobody_waits_longer_than_is_allowed() {
    let server = Binary::start("[admission]\nverifications = 1\nlongest_wait = '100ms'");
    let mut running = send_whole(server.address, &slow_form());
    server.wait_for_metric("truecrop_verifications_running", |running| running == 1.0);
    let honest = form(&upload("coffee.jpg", &[Format::Jpeg]).parts(false));
    seconds_to_wait(&read_to_close(&mut send_whole(server.address, &honest)));
    // The first one still had the turn when the second one gave up.
    assert_eq!(server.metric("truecrop_verifications_running"), Some(1.0));
    assert!(read_to_close(&mut running).starts_with("HTTP/1.1 201"));
    // Turns take long here: who comes while one runs need not even ask.
    let mut running = send_whole(server.address, &slow_form());
    server.wait_for_metric("truecrop_verifications_running", |running| running == 1.0);
    seconds_to_wait(&ask(server.address, honest.len()));
    assert!(read_to_close(&mut running).starts_with("HTTP/1.1 201"));
}

#[test]
fn a_body_without_room_is_refused_before_it_comes() {
    let limits = "upload_bytes = 8388608\n[limits]\nmemory = 16777216\nsource_bytes = 8388608";
    let server = Binary::start(&format!("memory_budget = 16777216\n{limits}"));
    let mib = 1 << 20;
    // Of 16 MiB, bodies may have 12.
    assert_eq!(ask(server.address, 12 * mib), "HTTP/1.1 100");
    let told = ask(server.address, 12 * mib + 1);
    assert!(told.starts_with("HTTP/1.1 413") && told.contains("memory-over-budget"), "{told}");
    // Two clients hold some 5 MiB each, and do not go on.
    let part = |bytes: usize| {
        let head = "--frontier\r\nContent-Disposition: form-data; name=\"main.recipe\"\r\n\r\n{\"truecrop\":1,\"crop\":\
                    {\"x\":0,\"y\":0,\"width\":9,\"height\":9},\"outputs\":[{\"name\":\"main\",\"width\":9,\"height\":9,\
                    \"format\":\"png\"}]}\r\n--frontier\r\nContent-Disposition: form-data; name=\"main.source\"\r\n\r\n";
        [head.as_bytes(), &vec![7; bytes]].concat()
    };
    let hold = |_| {
        let mut stream = connect_and_send(server.address, upload_head(8 * mib));
        stream.write_all(&part(5 * mib)).unwrap();
        stream
    };
    let held: Vec<TcpStream> = (0..2).map(hold).collect();
    server.wait_for_metric("truecrop_memory_reserved_bytes", |bytes| bytes > (10 * mib) as f64);
    seconds_to_wait(&ask(server.address, 2 * mib));
    let honest = form(&upload("coffee.jpg", &[Format::Jpeg]).parts(false));
    let told = read_to_close(&mut send_whole(server.address, &honest));
    assert!(told.starts_with("HTTP/1.1 201"), "small ones have room: {told}");
    drop(held);
    server.wait_for_metric("truecrop_memory_reserved_bytes", |bytes| bytes == 0.0);
    assert_eq!(ask(server.address, 12 * mib), "HTTP/1.1 100");
}
