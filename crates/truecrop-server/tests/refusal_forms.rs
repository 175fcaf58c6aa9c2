//! Every refusal is a problem, whoever makes it: the application, the framework, or the parser of HTTP. And no request fails the
//! server by its form, or gives the metrics a series of its own.
#![cfg(unix)]
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use common::binary::{Binary, PATIENCE, connect_and_send, get, read_to_close};
use std::collections::BTreeSet;
use std::time::Duration;

fn start() -> Binary {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("www")).unwrap();
    std::fs::write(folder.path().join("www/page.html"), "a page").unwrap();
    Binary::start_in(folder, "www = 'www'")
}

/// A request line and more header fields; the status and the code of the answer.
type Row = (String, &'static str, u16, &'static str);

fn rows() -> Vec<Row> {
    let (id, long) = ("aaaaaaaaaaaaaaaaaaaaaaaaaa", "a".repeat(256));
    let row = |line: String, more, status, code| (line, more, status, code);
    vec![
        row("GET / HTTP/1.1".into(), "", 404, "not-found"),
        row("GET /nowhere HTTP/1.1".into(), "", 404, "not-found"),
        row("GET /page.html/deeper HTTP/1.1".into(), "", 404, "not-found"),
        row(format!("GET /{long} HTTP/1.1"), "", 404, "not-found"),
        row(format!("GET /{}/x HTTP/1.1", "%61".repeat(256)), "", 404, "not-found"),
        row(format!("GET /{} HTTP/1.1", "a/".repeat(3000)), "", 404, "not-found"),
        row("GET /a%00b HTTP/1.1".into(), "", 404, "not-found"),
        row("GET /%ff%fe HTTP/1.1".into(), "", 404, "not-found"),
        row(format!("GET /v1/images/{long} HTTP/1.1"), "", 404, "not-found"),
        row(format!("GET /v1/images/{long}/main HTTP/1.1"), "", 404, "not-found"),
        row(format!("GET /v1/images/{id}/{long} HTTP/1.1"), "", 404, "not-found"),
        row(format!("POST /v1/images/{long}/confirm HTTP/1.1"), "", 404, "not-found"),
        row(format!("DELETE /v1/images/{long} HTTP/1.1"), "", 404, "not-found"),
        row(format!("GET /v1/images/{id}/a%00b HTTP/1.1"), "", 404, "not-found"),
        row(format!("GET /v1/images/{id}/%ff HTTP/1.1"), "", 400, "invalid-request"),
        row("DELETE /v1/limits HTTP/1.1".into(), "", 405, "method-not-allowed"),
        row("POST /page.html HTTP/1.1".into(), "", 405, "method-not-allowed"),
        row("GET /page.html HTTP/1.1".into(), "Range: bytes=99-\r\n", 416, "range-not-satisfiable"),
        row("POST /v1/images HTTP/1.1".into(), "Content-Length: 99999999999\r\n", 413, "too-many-bytes"),
        row("no request at all".into(), "", 400, "invalid-request"),
        row("GET / HTTP/1.1".into(), "No colon\r\n", 400, "invalid-request"),
        row(format!("GET / HTTP/1.1\r\nX-Long: {}", "a".repeat(40_000)), "", 431, "head-too-large"),
        row(format!("GET /{} HTTP/1.1", "a".repeat(40_000)), "", 431, "head-too-large"),
    ]
}

#[test]
fn every_refusal_is_a_problem() {
    let server = start();
    let mut wrong = Vec::new();
    for (line, more, status, code) in rows() {
        let request = format!("{line}\r\nHost: x\r\nConnection: close\r\n{more}\r\n");
        let told = read_to_close(&mut connect_and_send(server.address, request));
        let (head, body) = told.split_once("\r\n\r\n").unwrap_or_default();
        let json: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
        let kind = head.contains("content-type: application/problem+json\r\n");
        let fine = head.starts_with(&format!("HTTP/1.1 {status} ")) && json["status"] == status;
        // Who may not use a method is told which ones there are.
        let allow = status != 405 || head.contains("allow: GET,HEAD");
        if !(fine && kind && allow && json["code"] == code && head.contains("content-length: ")) {
            wrong.push(format!("{:.60} should be {status} {code}:\n{told}", line));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_client_cannot_add_series_to_the_metrics() {
    let server = start();
    let series = || -> BTreeSet<String> {
        let text = get(server.admin, "/metrics");
        let lines = text.lines().filter(|line| line.starts_with("truecrop_"));
        lines.filter_map(|line| line.rsplit_once(' ')).map(|(name, _)| name.to_owned()).collect()
    };
    let ask = |i: usize| {
        for line in [
            format!("M{i} /v1/limits HTTP/1.1"),
            format!("M{i} /v1/images/{i} HTTP/1.1"),
            format!("GET /v1/images/{i} HTTP/1.1"),
            format!("GET /v1/images/{i}/name-{i} HTTP/1.1"),
            format!("GET /file-{i} HTTP/1.1"),
            format!("GET / HTTP/1.{i}"),
        ] {
            let request = format!("{line}\r\nHost: x-{i}\r\nConnection: close\r\n\r\n");
            read_to_close(&mut connect_and_send(server.address, request));
        }
    };
    // What the first sweep and the requests of operators add comes a little later than the answers.
    let settled = || {
        let mut last = series();
        for _ in 0..PATIENCE.as_millis() / 50 {
            std::thread::sleep(Duration::from_millis(50));
            let now = series();
            if now == last && now.contains("truecrop_last_sweep_timestamp_seconds") {
                return now;
            }
            last = now;
        }
        panic!("the metrics do not settle: {last:?}");
    };
    ask(2);
    let before = settled();
    assert!(before.iter().any(|name| name.contains("method=\"OTHER\"")), "{before:?}");
    (3..23).for_each(ask);
    assert_eq!(settled(), before);
}
