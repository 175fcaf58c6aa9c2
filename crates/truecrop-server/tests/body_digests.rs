//! Content-Digest and Repr-Digest of requests and answers, over the real router.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use axum::body::{Body, Bytes};
use axum::http::Method;
use common::{FORM, TestServer, form, upload};
use truecrop_core::receipt::Digest;
use truecrop_core::recipe::Format;

/// A body in pieces of a length, without a Content-Length.
fn in_pieces(body: &[u8], length: usize) -> Body {
    let pieces: Vec<_> =
        body.chunks(length).map(|piece| Ok::<_, std::io::Error>(Bytes::copy_from_slice(piece))).collect();
    Body::from_stream(futures::stream::iter(pieces))
}

/// What it is; field and digest; body; status and code.
type Case<'a> = (&'a str, &'a str, &'a str, &'a [u8], u16, &'a str);

#[tokio::test]
async fn a_body_is_stored_only_as_it_was_promised() {
    let server = TestServer::new(|_| ()).await;
    let body = form(&upload("coffee.jpg", &[Format::Jpeg]).parts(false));
    let mut behind = body.clone();
    behind.extend_from_slice(b"what no parser of forms reads");
    let right = Digest::of(&body).to_string();
    let wrong = Digest::of(b"another").to_string();
    let (mismatched, invalid) = ("digest-mismatched-values", "digest-invalid-values");
    let cases: [Case; 8] = [
        ("right", "content-digest", &right, &body, 201, ""),
        ("right, of the representation", "repr-digest", &right, &body, 201, ""),
        ("wrong", "content-digest", &wrong, &body, 400, mismatched),
        ("wrong, of the representation", "repr-digest", &wrong, &body, 400, mismatched),
        ("no digest", "content-digest", "sha-256=7", &body, 400, invalid),
        ("of an unknown kind", "content-digest", "crc=:AAAA:", &body, 201, ""),
        ("more behind the form", "content-digest", &right, &behind, 400, mismatched),
        ("less", "content-digest", &right, &body[..body.len() - 2], 400, mismatched),
    ];
    for (what, field, digest, body, status, code) in cases {
        for length in [7, 1000, 1 << 20] {
            let before = server.files().len();
            let head = [("content-type", FORM), (field, digest)];
            let answer = server.send(Method::POST, "/v1/images", &head, in_pieces(body, length)).await;
            let told = answer.json();
            assert_eq!(answer.status.as_u16(), status, "{what} {length}: {told}");
            assert_eq!(told["code"].as_str().unwrap_or_default(), code, "{what} {length}");
            assert_eq!(server.files().len() > before, answer.status == 201, "{what} {length}");
        }
    }
}

#[tokio::test]
async fn answers_say_what_they_are() {
    let server = TestServer::new(|_| ()).await;
    let image = server.post(&upload("coffee.jpg", &[Format::Jpeg]).parts(false)).await.image();
    for address in [&image["outputs"][0]["url"], &image["receipt"]["url"]] {
        let answer = server.get(address.as_str().unwrap()).await;
        assert_eq!(answer.header("repr-digest"), Digest::of(&answer.body).to_string());
    }
}
