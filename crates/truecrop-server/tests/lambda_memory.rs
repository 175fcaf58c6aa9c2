//! A progressive picture of 108 megapixels at level `source`, in a function of 128 MB, whose events come by a runtime API of our own: as a
//! form, as large as an event can be, and with the feature `cloud` by way of a bucket. `TRUECROP_BIN` names the build that is measured: that
//! of the tests is larger and slower.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::lambda_runtime::{World, body};
use common::{FORM, form};
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const WIDTH: u32 = 12_000;
const HEIGHT: u32 = 9_000;

/// Resident memory at most, in bytes.
const MOST_RESIDENT: u64 = 64 << 20;

/// A picture with gradients, edges and this much grain (0 to 255), by `cjpeg -progressive`; kept for the next run.
fn picture(grain: u32, quality: &str) -> Option<PathBuf> {
    let name = format!("108-megapixels-{grain}-{quality}.jpg");
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if file.is_file() {
        return Some(file);
    }
    let part = file.with_extension("part");
    let cjpeg = Command::new("cjpeg")
        .args(["-progressive", "-quality", quality, "-outfile"])
        .arg(&part)
        .stdin(Stdio::piped())
        .spawn();
    let Ok(mut cjpeg) = cjpeg else {
        eprintln!("SKIPPED: cjpeg is not installed (libjpeg-turbo-progs).");
        return None;
    };
    let mut pipe = std::io::BufWriter::new(cjpeg.stdin.take().unwrap());
    write!(pipe, "P6\n{WIDTH} {HEIGHT}\n255\n").unwrap();
    let mut state = 1u32;
    let mut row = vec![0; WIDTH as usize * 3];
    for y in 0..HEIGHT {
        for (x, pixel) in (0u32..).zip(row.chunks_exact_mut(3)) {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let light = (x / 48 + y / 36 + ((x / 640 + y / 480) % 2) * 60) % 200;
            let light = (light + (state >> 24) * grain / 256).min(215);
            pixel.copy_from_slice(&[light as u8, (light + 20) as u8, (light + 40) as u8]);
        }
        pipe.write_all(&row).unwrap();
    }
    drop(pipe.into_inner().unwrap());
    assert!(cjpeg.wait().unwrap().success());
    std::fs::rename(part, &file).unwrap();
    Some(file)
}

/// A member of `/proc/PID/status` in bytes.
fn memory(pid: u32, member: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(&format!("{member}:"))).unwrap();
    line.trim().strip_suffix("kB").unwrap().trim().parse::<u64>().unwrap() << 10
}

/// Milliseconds for which the threads of a process have had a processor.
fn cpu_millis(pid: u32) -> f64 {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let nanos = threads.map(|thread| {
        let times = std::fs::read_to_string(thread.unwrap().path().join("schedstat")).unwrap();
        times.split(' ').next().unwrap().parse::<u64>().unwrap()
    });
    nanos.sum::<u64>() as f64 / 1e6
}

fn request(method: &str, path: &str, kind: &str, body: &[u8]) -> Value {
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "",
        "headers": { "host": "x.example", "content-type": kind },
        "requestContext": {
            "accountId": "1", "apiId": "x", "domainName": "x.example", "domainPrefix": "x", "requestId": "one",
            "routeKey": "$default", "stage": "$default", "time": "23/Nov/2026:00:00:00 +0000", "timeEpoch": 1,
            "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "test" }
        },
        "body": STANDARD.encode(body), "isBase64Encoded": true
    })
}

/// Receipt and output, as a client makes them.
fn cropped(photo: &Path, folder: &Path) -> (Value, Vec<u8>) {
    let program = std::env::var_os("TRUECROP_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_truecrop").into());
    let ended = Command::new(program)
        .args(["crop", "--size", "1024x1024", "-o", "out.jpg", "--receipt", "out.json"])
        .arg(photo)
        .current_dir(folder)
        .status();
    assert!(ended.unwrap().success());
    let receipt = std::fs::read(folder.join("out.json")).unwrap();
    (serde_json::from_slice(&receipt).unwrap(), std::fs::read(folder.join("out.jpg")).unwrap())
}

/// A function of 128 MB that has answered once, and what that took.
async fn function(folder: &Path, environment: Vec<(&'static str, String)>) -> World {
    let config = folder.join("truecrop.toml");
    std::fs::write(&config, "level = 'source'\nrequest_timeout = '10m'\npending_ttl = '1h'").unwrap();
    let mut environment = environment;
    environment.push(("TRUECROP_CONFIG", config.display().to_string()));
    let mut function = World::with("128", &environment).await;
    let limits = function.answer(request("GET", "/v1/limits", "", b"")).await;
    assert_eq!(limits["statusCode"], 200, "{limits}");
    let (start, first) = (cpu_millis(function.pid()), memory(function.pid(), "VmHWM") >> 10);
    println!("start to first answer: {start:.1} ms of processor time, {first} KiB resident");
    function
}

fn check_memory(what: &str, function: &World, source: usize) {
    let most = memory(function.pid(), "VmHWM");
    println!("108 megapixels, {source} bytes, progressive, {what}: at most {} KiB resident", most >> 10);
    assert!(most <= MOST_RESIDENT, "{most} bytes resident");
}

#[tokio::test]
async fn a_function_of_128_mb_proves_a_form_of_108_megapixels() {
    let Some(photo) = picture(9, "75") else { return };
    let folder = tempfile::tempdir().unwrap();
    let (receipt, output) = cropped(&photo, folder.path());
    let source = std::fs::read(&photo).unwrap();
    let parts = [
        ("main.receipt".to_owned(), receipt.to_string().into_bytes()),
        ("main".to_owned(), output),
        ("main.source".to_owned(), source.clone()),
    ];
    let mut function = function(folder.path(), Vec::new()).await;
    let stored = function.answer(request("POST", "/v1/images", FORM, &form(&parts))).await;
    let told: Value = serde_json::from_slice(&body(&stored)).unwrap();
    assert_eq!(
        (&stored["statusCode"], &told["images"]["main"]["level"]),
        (&json!(201), &json!("source")),
        "{told}"
    );
    check_memory("as a form", &function, source.len());
}

#[cfg(feature = "cloud")]
#[tokio::test]
async fn a_function_of_128_mb_proves_a_photo_of_108_megapixels_in_a_bucket() {
    use common::bucket::{Bucket, exchange};
    use truecrop_core::receipt::Digest;
    let (Some(bucket), Some(photo)) = (Bucket::start(), picture(40, "85")) else { return };
    let folder = tempfile::tempdir().unwrap();
    let (receipt, output) = cropped(&photo, folder.path());
    let source = std::fs::read(&photo).unwrap();
    let mut environment = bucket.environment();
    environment.push(("TRUECROP_STORE", "s3://pictures/app".to_owned()));
    let mut function = function(folder.path(), environment).await;
    let promised = json!({ "bytes": source.len(), "digest": Digest::of(&source).to_string() });
    let announcement =
        json!({ "images": { "main": { "receipt": receipt, "source": promised } } }).to_string();
    let announced = request("POST", "/v1/uploads", "application/json", announcement.as_bytes());
    let announced = function.answer(announced).await;
    assert_eq!(announced["statusCode"], 201, "{announced}");
    let announced: Value = serde_json::from_slice(&body(&announced)).unwrap();
    let parts = announced["parts"]["main"].clone();
    for (put, bytes) in [(&parts["outputs"]["main"], &output), (&parts["source"], &source)] {
        let url = put["url"].as_str().unwrap();
        let (_, target) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let headers = put["headers"].as_object().unwrap();
        let headers: Vec<_> = headers.iter().map(|(k, v)| (k.as_str(), v.as_str().unwrap())).collect();
        assert_eq!(exchange(bucket.address, "PUT", &format!("/{target}"), &headers, bytes).status, 200);
    }
    let key = format!("app/incoming/{}/0-source", announced["id"].as_str().unwrap());
    let event =
        json!({ "Records": [{ "eventName": "ObjectCreated:Put", "s3": { "object": { "key": key } } }] });
    let done = function.answer(event).await;
    assert_eq!(done["uploads"][0]["state"], "stored", "{done}");
    check_memory("in a bucket", &function, source.len());
}
