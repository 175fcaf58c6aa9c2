//! Hostile requests, forms and files against the real binary: each gets its answer from the table `hostile.toml`, and after each the
//! server serves an honest client, has nothing of the attack in its store, and holds no more memory than it may.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use common::binary::{Binary, connect, upload_head};
use common::{fixture, form, upload};
use serde::Deserialize;
use serde_json::Value;
use std::io::{Read, Write};
use std::path::Path;
use truecrop_core::recipe::Format;

const MIB: u64 = 1 << 20;
const BUDGET: u64 = 64 * MIB;
const KEY: &str = "the-key";

/// For a pixel of any source.
const ONE_PIXEL: &str = r#"{"truecrop":1,"crop":{"x":0,"y":0,"width":1,"height":1},
    "outputs":[{"name":"main","width":1,"height":1,"format":"png"}]}"#;

#[derive(Deserialize)]
struct Tables {
    requests: Vec<Row>,
    forms: Vec<Row>,
    files: Vec<Row>,
}

/// What is sent, and the status and code of its answer. A picture that is shown has no code.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    what: String,
    #[serde(default)]
    line: String,
    #[serde(default)]
    head: Vec<String>,
    #[serde(default)]
    body: String,
    #[serde(default)]
    parts: Vec<(String, String)>,
    status: u16,
    code: String,
}

impl Row {
    fn request(&self) -> Vec<u8> {
        let fields: String = self.head.iter().map(|field| format!("{}\r\n", expanded(field))).collect();
        let line = expanded(&self.line);
        format!("{line}\r\nHost: x\r\nConnection: close\r\n{fields}\r\n{}", expanded(&self.body)).into_bytes()
    }

    fn form(&self) -> Vec<u8> {
        let content = |text: &str| match text.strip_prefix('@') {
            Some(name) => fixture(name),
            None => expanded(text).into_bytes(),
        };
        let parts = self.parts.iter().map(|(name, text)| (expanded(name), content(text)));
        posted(&parts.collect::<Vec<_>>())
    }

    fn file(&self) -> Vec<u8> {
        let part = |name: &str, bytes| (format!("main.{name}"), bytes);
        posted(&[part("recipe", ONE_PIXEL.into()), part("source", fixture(&self.what))])
    }
}

fn posted(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let body = form(parts);
    [upload_head(body.len()).as_bytes(), &body].concat()
}

/// The text with `<N*text>` written out.
fn expanded(text: &str) -> String {
    let found = text.split_once('<').and_then(|(before, rest)| {
        let (repeated, after) = rest.split_once('>')?;
        let (number, what) = repeated.split_once('*')?;
        Some((before, what.repeat(number.parse().ok()?), after))
    });
    match found {
        Some((before, repeated, after)) => [before, &repeated, &expanded(after)].concat(),
        None => text.to_owned(),
    }
}

/// What the server says until it closes.
fn told(server: &Binary, request: &[u8]) -> String {
    let mut stream = connect(server.address);
    let mut reading = stream.try_clone().unwrap();
    // The answer may come, and the connection end, before everything is sent.
    let sending = std::thread::scope(|scope| {
        let sending = scope.spawn(move || stream.write_all(request));
        let mut answer = Vec::new();
        match reading.read_to_end(&mut answer) {
            Err(error) if error.kind() != std::io::ErrorKind::ConnectionReset => panic!("{error}"),
            _ => {}
        }
        let _ = sending.join();
        answer
    });
    String::from_utf8_lossy(&sending).into_owned()
}

/// The status and the code of an answer.
fn answer(told: &str) -> (u16, String) {
    let status = told.get(9..12).and_then(|status| status.parse().ok()).unwrap_or_default();
    let json: Value =
        serde_json::from_str(told.split_once("\r\n\r\n").unwrap_or_default().1).unwrap_or_default();
    (status, json["code"].as_str().unwrap_or_default().to_owned())
}

/// What is wrong with an answer, whatever it answers.
fn faults(told: &str, folder: &Path) -> Vec<&'static str> {
    let (head, body) = told.split_once("\r\n\r\n").unwrap_or_default();
    let (refused, head) = (!head.starts_with("HTTP/1.1 2"), head.to_ascii_lowercase());
    let rules = [
        ("no problem", refused && !head.contains("content-type: application/problem+json")),
        ("it may be taken for something else", !head.contains("x-content-type-options: nosniff")),
        ("pages of all origins may read it", head.contains("access-control-allow-origin")),
        ("it is a page", head.contains("text/html")),
        ("it names a folder of the machine", body.contains(&*folder.to_string_lossy())),
        ("it tells the key", told.contains(KEY)),
    ];
    rules.into_iter().filter_map(|(fault, found)| found.then_some(fault)).collect()
}

fn delete(server: &Binary, address: &str) {
    let head = format!(
        "DELETE {address} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\nConnection: close\r\n\r\n"
    );
    assert_eq!(answer(&told(server, head.as_bytes())).0, 204);
}

/// The address of what was stored by an answer of 201.
fn location(told: &str) -> String {
    told.split("location: ").nth(1).unwrap().split('\r').next().unwrap().to_owned()
}

/// The files of the store but the tombstones.
fn stored(folder: &Path) -> Vec<String> {
    let (mut files, mut folders) = (Vec::new(), vec![folder.join("store")]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.to_string_lossy().contains("/deleted/") {
                files.push(path.to_string_lossy().into_owned());
            }
        }
    }
    files
}

fn start() -> Binary {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("www")).unwrap();
    std::fs::write(folder.path().join("www/page.html"), "a page").unwrap();
    let limits = format!("[limits]\nmemory = {}\nsource_bytes = {}", 32 * MIB, 16 * MIB);
    let members =
        format!("www = 'www'\napi_key = '{KEY}'\nmemory_budget = {BUDGET}\nupload_bytes = {}", 8 * MIB);
    Binary::start_in(folder, &format!("{members}\n{limits}"))
}

#[test]
fn each_attack_gets_its_answer_and_nothing_else() {
    let tables: Tables = toml::from_str(include_str!("hostile.toml")).unwrap();
    let attacks: Vec<(&Row, Vec<u8>)> = (tables.requests.iter().map(|row| (row, row.request())))
        .chain(tables.forms.iter().map(|row| (row, row.form())))
        .chain(tables.files.iter().map(|row| (row, row.file())))
        .collect();
    assert!(attacks.len() >= 100, "{}", attacks.len());
    let server = start();
    let honest = posted(&upload("coffee.jpg", &[Format::Jpeg]).parts(false));
    let mut wrong = Vec::new();
    for (row, request) in &attacks {
        let told_it = told(&server, request);
        let mut faults = faults(&told_it, server.folder.path());
        if answer(&told_it) != (row.status, row.code.clone()) {
            faults.push("another answer");
        }
        if told_it.starts_with("HTTP/1.1 201") {
            delete(&server, &location(&told_it));
        }
        let told_others = told(&server, &honest);
        if !told_others.starts_with("HTTP/1.1 201") {
            faults.push("others are not served");
        } else {
            delete(&server, &location(&told_others));
        }
        if !stored(server.folder.path()).is_empty() {
            faults.push("something is stored");
        }
        if !faults.is_empty() {
            wrong.push(format!("{}: {faults:?}\n{:.1500}\n", row.what, told_it));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    server.wait_for_metric("truecrop_memory_reserved_bytes", |bytes| bytes == 0.0);
    let most = server.memory("VmHWM");
    assert!(most < BUDGET + 64 * MIB, "{} MiB", most / MIB);
    // None of it was a fault of the server.
    assert_eq!(server.metric("truecrop_refusals_total{code=\"internal\"}"), None);
}
