//! Uploads by way of a bucket: the real binary, a real server with the interface of S3, and a client that has nothing but the
//! addresses. moto does not check signatures, so a client can lie here about everything.
#![cfg(feature = "cloud")]
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use common::binary::Binary;
use common::bucket::{Bucket, Reply, exchange};
use common::{Upload, upload, upload_of};
use serde_json::{Value, json};
use std::net::SocketAddr;
use truecrop_core::receipt::Digest;
use truecrop_core::recipe::Format;

/// The binary at level `source` on a bucket.
fn serve(bucket: &Bucket, config: &str) -> Binary {
    let config = format!("level = 'source'\nsweep_every = '1h'\n{config}");
    let folder = tempfile::tempdir().unwrap();
    Binary::start_with(folder, "s3://pictures/app", &bucket.environment(), &config)
}

fn post(server: &Binary, target: &str, body: &str) -> Reply {
    exchange(server.address, "POST", target, &[("Content-Type", "application/json")], body.as_bytes())
}

fn announce(server: &Binary, sent: &Upload) -> Value {
    let receipt: Value = serde_json::from_str(&sent.receipt).unwrap();
    let source = json!({ "bytes": sent.source.len(), "digest": Digest::of(&sent.source).to_string() });
    let told = post(
        server,
        "/v1/uploads",
        &json!({ "images": { "main": { "receipt": receipt, "source": source } } }).to_string(),
    );
    assert_eq!(told.status, 201, "{}", told.text());
    told.json()
}

/// Puts bytes where an answer says, with the header fields that it names, and others instead of them.
fn put(bucket: &Bucket, request: &Value, bytes: &[u8], instead: Option<&[(&str, &str)]>) -> Reply {
    let url = request["url"].as_str().unwrap();
    let (host, target) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    assert_eq!(host.parse::<SocketAddr>().unwrap(), bucket.address);
    let headers = request["headers"].as_object().unwrap();
    let own: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
    exchange(bucket.address, "PUT", &format!("/{target}"), instead.unwrap_or(&own), bytes)
}

fn put_all(bucket: &Bucket, told: &Value, sent: &Upload) {
    let parts = &told["parts"]["main"];
    for (request, bytes) in
        [(&parts["outputs"]["main"], &sent.outputs[0].1), (&parts["source"], &sent.source)]
    {
        let answer = put(bucket, request, bytes, None);
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}

fn complete(server: &Binary, told: &Value) -> Reply {
    post(server, &format!("/v1/uploads/{}/complete", told["id"].as_str().unwrap()), "")
}

#[test]
fn an_upload_goes_from_its_addresses_to_a_kept_picture() {
    let Some(bucket) = Bucket::start() else { return };
    let server = serve(&bucket, "");
    let sent = upload("phone-orientation-6.jpg", &[Format::Jpeg]);
    let told = announce(&server, &sent);
    for request in [&told["parts"]["main"]["outputs"]["main"], &told["parts"]["main"]["source"]] {
        let signed = "X-Amz-SignedHeaders=content-type%3Bhost%3Bif-none-match%3Bx-amz-checksum-sha256";
        assert!(request["url"].as_str().unwrap().contains(signed), "{request}");
        assert_eq!(request["headers"]["if-none-match"], "*");
    }
    put_all(&bucket, &told, &sent);
    // Only created, never replaced.
    let again = put(&bucket, &told["parts"]["main"]["outputs"]["main"], b"other", None);
    assert_eq!(again.status, 412, "{}", again.text());

    let stored = complete(&server, &told);
    assert_eq!(stored.status, 200, "{}", stored.text());
    assert_eq!(complete(&server, &told).json(), stored.json());
    let picture = &stored.json()["images"]["main"];
    assert_eq!((&picture["level"], &picture["state"]), (&json!("source"), &json!("pending")));
    // What comes by the same address afterwards changes nothing.
    put(&bucket, &told["parts"]["main"]["outputs"]["main"], b"other", Some(&[]));
    let id = picture["id"].as_str().unwrap();
    assert_eq!(post(&server, &format!("/v1/images/{id}/confirm"), "").status, 200);
    let url = picture["outputs"][0]["url"].as_str().unwrap();
    assert_eq!(exchange(server.address, "GET", url, &[], b"").body, sent.outputs[0].1);

    // From another server on the same bucket, too; and what was kept is all that is left of it.
    let other = serve(&bucket, "");
    assert_eq!(exchange(other.address, "GET", url, &[], b"").body, sent.outputs[0].1);
    let sources = bucket.keys().into_iter().filter(|key| key.contains("frozen") || key.ends_with("source"));
    assert_eq!(sources.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn a_client_that_lies_to_the_bucket_is_refused() {
    let Some(bucket) = Bucket::start() else { return };
    let server = serve(&bucket, "");
    let sent = upload("coffee.jpg", &[Format::Jpeg]);
    let jpeg = &sent.outputs[0].1;
    let mut flipped = jpeg.clone();
    flipped[300] ^= 1;
    let mut other_source = sent.source.clone();
    other_source[300] ^= 1;
    let (jpeg_type, any) = ([("Content-Type", "image/jpeg")], [("Content-Type", "application/octet-stream")]);
    let html = [("Content-Type", "text/html")];
    type Lie<'a> = (&'a str, bool, &'a [u8], &'a [(&'a str, &'a str)], &'a str);
    let cases: [Lie<'_>; 5] = [
        ("a length", false, &jpeg[..jpeg.len() - 1], &jpeg_type, "outputs-mismatch"),
        ("a type", false, jpeg, &html, "outputs-mismatch"),
        ("a digest", false, &flipped, &jpeg_type, "digest-mismatch"),
        ("the length of the source", true, &sent.source[1..], &any, "source-mismatch"),
        ("the source", true, &other_source, &any, "source-mismatch"),
    ];
    for (what, of_source, bytes, headers, code) in cases {
        let told = announce(&server, &sent);
        put_all(&bucket, &told, &sent);
        let parts = &told["parts"]["main"];
        let request = if of_source { &parts["source"] } else { &parts["outputs"]["main"] };
        // Replaces the true one, as moto lets everybody.
        assert_eq!(put(&bucket, request, bytes, Some(headers)).status, 200, "{what}");
        let refused = complete(&server, &told);
        assert_eq!(
            (refused.status, &refused.json()["code"]),
            (422, &json!(code)),
            "{what}: {}",
            refused.text()
        );
        let again = complete(&server, &told);
        assert_eq!((again.status, &again.json()["code"]), (422, &json!(code)), "{what}: {}", again.text());
    }
    assert!(bucket.keys().iter().all(|key| !key.contains("/pending/")), "{:?}", bucket.keys());
}

#[test]
fn an_address_ends_and_so_does_its_upload() {
    let Some(bucket) = Bucket::start() else { return };
    let server = serve(&bucket, "[uploads]\nttl = '1s'");
    let sent = upload("coffee.jpg", &[Format::Jpeg]);
    let told = announce(&server, &sent);
    assert!(told["parts"]["main"]["source"]["url"].as_str().unwrap().contains("X-Amz-Expires=1&"));
    std::thread::sleep(std::time::Duration::from_millis(2100));
    let late = complete(&server, &told);
    assert_eq!((late.status, &late.json()["code"]), (410, &json!("upload-expired")), "{}", late.text());
}

/// A photo with much in it that is no picture.
fn padded(jpeg: &[u8], megabytes: usize) -> Vec<u8> {
    let comment = [&[0xFF, 0xFE, 0xFF, 0xFF][..], &vec![b' '; 0xFFFD]].concat();
    [&jpeg[..2], &comment.repeat(megabytes * 16), &jpeg[2..]].concat()
}

#[test]
fn a_source_is_read_by_ranges_and_never_held() {
    let Some(bucket) = Bucket::start() else { return };
    let server = serve(&bucket, "");
    let small = upload("coffee-progressive.jpg", &[Format::Jpeg]);
    let told = announce(&server, &small);
    put_all(&bucket, &told, &small);
    assert_eq!(complete(&server, &told).status, 200);
    let before = server.memory("VmHWM");

    let sent = upload_of(padded(&small.source, 48), &[Format::Jpeg]);
    let told = announce(&server, &sent);
    put_all(&bucket, &told, &sent);
    let stored = complete(&server, &told);
    assert_eq!(
        (stored.status, &stored.json()["images"]["main"]["level"]),
        (200, &json!("source")),
        "{}",
        stored.text()
    );
    let more = server.memory("VmHWM").saturating_sub(before);
    println!("a source of {} MiB took {} MiB more than a small one", sent.source.len() >> 20, more >> 20);
    assert!(more < 24 << 20, "{more} bytes");
}
