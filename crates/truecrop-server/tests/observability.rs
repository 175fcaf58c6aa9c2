//! What operators see of the real binary: the access log and what is not in it, the ids of requests, histograms, the metrics of the process.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use common::binary::{Binary, connect_and_send, get, read_to_close, upload_head};
use common::{form, upload};
use serde_json::Value;
use std::io::{Read, Write};
use std::time::{SystemTime, UNIX_EPOCH};
use truecrop_core::recipe::Format;

const KEY: &str = "a-key-that-nobody-may-see";

/// What no line may hold.
const SECRETS: [&str; 6] = [KEY, "secret", "coffee.jpg", "127.0.0.1", "/v1/images/", "avatar"];

/// What a request of these bytes is answered, and its line in the access log.
fn asked(server: &Binary, request: &[u8]) -> (String, Value) {
    let told = read_to_close(&mut connect_and_send(server.address, request));
    (told, line(server))
}

fn line(server: &Binary) -> Value {
    let text = server.access_line();
    // The pattern of a route is no address.
    let shown = text.replace("/v1/images/{id}", "");
    assert!(SECRETS.iter().all(|secret| !shown.contains(secret)), "{text}");
    serde_json::from_str(&text).unwrap()
}

fn head(line: &str, more: &str) -> Vec<u8> {
    format!("{line}\r\nHost: secret\r\nConnection: close\r\n{more}\r\n").into_bytes()
}

fn header<'a>(told: &'a str, name: &str) -> &'a str {
    told.split(&format!("\r\n{name}: ")).nth(1).unwrap_or_default().split('\r').next().unwrap_or_default()
}

#[test]
fn each_request_has_a_line_that_tells_nothing_about_its_client() {
    let server = Binary::start(&format!("api_key = '{KEY}'"));
    let body = form(&upload("coffee.jpg", &[Format::Jpeg]).parts_of("avatar", false));
    let (told, line) = asked(&server, &[upload_head(body.len()).as_bytes(), &body].concat());
    assert!(told.starts_with("HTTP/1.1 201"), "{told}");
    let address = header(&told, "location").to_owned();
    let members: Vec<&str> = line.as_object().unwrap().keys().map(String::as_str).collect();
    let expected =
        ["bytes_in", "bytes_out", "method", "peer", "request_id", "route", "seconds", "status", "time"];
    assert_eq!(members, expected);
    assert_eq!(
        (&line["method"], &line["route"], &line["status"]),
        (&"POST".into(), &"/v1/images".into(), &201.into())
    );
    assert_eq!((&line["peer"], &line["bytes_in"]), (&"loopback".into(), &body.len().into()));
    let sent = told.split_once("\r\n\r\n").unwrap().1.len();
    assert_eq!(
        (&line["bytes_out"], line["request_id"].as_str().unwrap()),
        (&sent.into(), header(&told, "x-request-id"))
    );
    assert!(
        line["seconds"].as_f64().unwrap() > 0.0 && line["time"].as_str().unwrap().ends_with('Z'),
        "{line}"
    );

    let key = format!("Authorization: Bearer {KEY}\r\nCookie: secret\r\nUser-Agent: secret\r\n");
    for (request, route, status) in [
        (head(&format!("GET {address}/avatar?token=secret HTTP/1.1"), ""), "/v1/images/{id}/{name}", 404),
        (head(&format!("HEAD {address}/main HTTP/1.1"), ""), "/v1/images/{id}/{name}", 200),
        (head(&format!("POST {address}/confirm HTTP/1.1"), &key), "/v1/images/{id}/confirm", 200),
        (head(&format!("DELETE {address} HTTP/1.1"), &key), "/v1/images/{id}", 204),
        (head("GET /secret/path?secret HTTP/1.1", &key), "(file)", 404),
        (head("SECRET /v1/limits HTTP/1.1", ""), "/v1/limits", 405),
        (b"secret\r\n\r\n".to_vec(), "(head)", 400),
    ] {
        let (told, line) = asked(&server, &request);
        assert_eq!((&line["route"], &line["status"]), (&route.into(), &status.into()), "{told}");
        assert_eq!(line["cut_off"], Value::Null, "{line}");
        assert_eq!(line["request_id"].as_str().unwrap(), header(&told, "x-request-id"), "{told}");
    }
}

#[test]
fn an_answer_that_its_client_left_is_said_to_be_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("www")).unwrap();
    let large = std::fs::File::create(folder.path().join("www/large.bin")).unwrap();
    large.set_len(256 << 20).unwrap();
    let server = Binary::start_in(folder, "www = 'www'");
    let mut leaves = connect_and_send(server.address, head("GET /large.bin HTTP/1.1", ""));
    leaves.read_exact(&mut [0; 12]).unwrap();
    drop(leaves);
    let line = line(&server);
    assert_eq!((&line["status"], &line["cut_off"]), (&200.into(), &true.into()), "{line}");
    assert!(line["bytes_out"].as_u64().unwrap() < 256 << 20, "{line}");
}

#[test]
fn the_id_of_a_request_is_in_its_answer_its_problem_and_its_line() {
    let server = Binary::start("");
    let ask =
        |given: &str| asked(&server, &head("GET /nowhere HTTP/1.1", &format!("X-Request-Id: {given}\r\n")));
    for (given, taken) in [
        ("f81d4fae-7dec-11d0-a765-00a0c91e6bf6", true),
        ("Root=1-67891233-abcdef012345678912345678", true),
        ("\"quoted\"", false),
        ("{\"a\":1}", false),
        ("two words", false),
        (&"a".repeat(129), false),
    ] {
        let (told, line) = ask(given);
        let id = header(&told, "x-request-id");
        assert_eq!(id == given, taken, "{told}");
        let problem: Value = serde_json::from_str(told.split_once("\r\n\r\n").unwrap().1).unwrap();
        assert_eq!(
            (&problem["instance"], &line["request_id"]),
            (&format!("urn:truecrop:request:{id}").into(), &id.into())
        );
    }
    // What the server itself does wrong is in the log of errors under the same id.
    std::fs::remove_dir_all(server.folder.path().join("store")).unwrap();
    std::fs::write(server.folder.path().join("store"), "no folder").unwrap();
    let body = form(&upload("coffee.jpg", &[Format::Jpeg]).parts(false));
    let (told, _) = asked(&server, &[upload_head(body.len()).as_bytes(), &body].concat());
    assert!(told.starts_with("HTTP/1.1 503"), "{told}");
    server.wait_for_log(header(&told, "x-request-id"));
}

#[test]
fn a_log_that_nobody_reads_holds_nobody_up() {
    let mut server = Binary::start_unread(tempfile::tempdir().unwrap(), "");
    // Far more than the pipe and the server keep.
    let batch = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1000);
    for _ in 0..8 {
        let last = format!("{batch}GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let mut stream = connect_and_send(server.address, "");
        let mut writer = stream.try_clone().unwrap();
        let writing = std::thread::spawn(move || writer.write_all(last.as_bytes()));
        assert_eq!(read_to_close(&mut stream).matches("HTTP/1.1 200").count(), 1001);
        writing.join().unwrap().unwrap();
    }
    server.wait_for_metric("truecrop_access_log_lost_total", |lost| lost > 0.0);
    server.terminate();
    assert_eq!(server.ended().and_then(|status| status.code()), Some(0));
}

#[test]
fn a_server_without_an_access_log_writes_nothing() {
    let mut server = Binary::start("access_log = false");
    assert!(get(server.address, "/livez").starts_with("HTTP/1.1 200"));
    server.terminate();
    assert!(server.ended().is_some());
    assert!(server.access_log_ended());
}

#[test]
fn histograms_and_the_process_are_measured() {
    let server = Binary::start("");
    let body = form(&upload("coffee.jpg", &[Format::Jpeg]).parts(false));
    let told = asked(&server, &[upload_head(body.len()).as_bytes(), &body].concat()).0;
    assert!(told.starts_with("HTTP/1.1 201"), "{told}");
    for (name, least, most) in [
        ("truecrop_http_request_seconds_count{route=\"/v1/images\",method=\"POST\"}", 1.0, 1.0),
        ("truecrop_queue_wait_seconds_count", 1.0, 1.0),
        ("truecrop_verify_seconds_count", 1.0, 1.0),
        // Output, receipt, manifest; the test of the store at the start.
        ("truecrop_store_seconds_count{operation=\"create\"}", 4.0, 6.0),
        ("process_resident_memory_bytes", 1e6, 1e9),
        ("process_open_fds", 5.0, 200.0),
        ("process_max_fds", 64.0, 1e9),
        ("process_threads", 2.0, 1000.0),
        ("process_cpu_seconds_total", 0.0, 60.0),
    ] {
        let value = server.metric(name).unwrap_or(-1.0);
        assert!((least..=most).contains(&value), "{name}: {value}");
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
    let start = server.metric("process_start_time_seconds").unwrap();
    assert!((now - 120.0..=now + 2.0).contains(&start), "{start}, now {now}");
}
