//! The whole life of an upload; clients of a listening server that misbehave, and many at the same time.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use axum::body::Body;
use axum::http::Method;
use common::{FORM, TestServer, form, upload};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use truecrop_core::recipe::Format;
use truecrop_server::allocator;
use truecrop_server::commands::serve::accept;

#[global_allocator]
static ALLOCATOR: allocator::CountingAllocator = allocator::CountingAllocator;

const GET: Method = Method::GET;
const POST: Method = Method::POST;
const DELETE: Method = Method::DELETE;

#[tokio::test]
async fn an_upload_lives_from_pending_to_kept_to_gone() {
    let server = TestServer::new(|_| ()).await;
    let sent = upload("phone-orientation-6.jpg", &[Format::Jpeg, Format::Png, Format::Webp]);
    let answer = server.post(&sent.parts(true)).await;
    let told = answer.image();
    assert_eq!(answer.status, 201, "{told}");
    let id = told["id"].as_str().unwrap().to_owned();
    assert_eq!(answer.header("location"), format!("/v1/images/{id}"));
    assert_eq!((&told["state"], &told["level"]), (&"pending".into(), &"source".into()));
    assert_eq!(told["verdict"]["valid"], true);
    assert_eq!(server.files().len(), 5, "{:?}", server.files());
    check_outputs(&server, &told, &sent.outputs, "private, no-store").await;

    let confirm = format!("/v1/images/{id}/confirm");
    for _ in 0..2 {
        let kept = server.send(POST, &confirm, &[], Body::empty()).await;
        assert_eq!((kept.status.as_u16(), &kept.json()["state"]), (200, &"kept".into()));
    }
    assert!(server.files().iter().all(|file| file.starts_with("kept/")), "{:?}", server.files());
    check_outputs(&server, &told, &sent.outputs, "public, max-age=31536000, immutable").await;
    let receipt = server.get(&format!("/v1/images/{id}/receipt")).await;
    assert_eq!(receipt.body, sent.receipt.as_bytes());

    for _ in 0..2 {
        let gone = server.send(DELETE, &format!("/v1/images/{id}"), &[], Body::empty()).await;
        assert_eq!(gone.status, 204);
    }
    assert!(server.files().is_empty(), "{:?}", server.files());
    assert_eq!(server.get(&format!("/v1/images/{id}")).await.status, 404);
    assert_eq!(server.send(POST, &confirm, &[], Body::empty()).await.status, 404);
}

/// Each output is served byte for byte, with headers that make a browser treat it as a picture only.
async fn check_outputs(
    server: &TestServer,
    told: &serde_json::Value,
    outputs: &[(String, Vec<u8>)],
    cache: &str,
) {
    for (stored, (name, bytes)) in told["outputs"].as_array().unwrap().iter().zip(outputs) {
        let url = stored["url"].as_str().unwrap();
        let answer = server.get(url).await;
        assert_eq!((&stored["name"], &answer.body), (&name.as_str().into(), bytes));
        assert_eq!(answer.header("content-type"), stored["type"].as_str().unwrap());
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("content-security-policy"), "default-src 'none'; sandbox");
        assert!(answer.header("content-disposition").starts_with("inline; filename="));
        assert_eq!(answer.header("repr-digest"), stored["digest"].as_str().unwrap());
        assert_eq!(answer.header("cache-control"), cache);
        let again = server.send(GET, url, &[("if-none-match", answer.header("etag"))], Body::empty()).await;
        assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
    }
}

#[tokio::test]
async fn the_sweep_deletes_unconfirmed_uploads_and_nothing_else() {
    let server = TestServer::new(|_| ()).await;
    let sent = upload("coffee.jpg", &[Format::Jpeg]).parts(false);
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(server.post(&sent).await.image()["id"].as_str().unwrap().to_owned());
    }
    server.send(POST, &format!("/v1/images/{}/confirm", ids[0]), &[], Body::empty()).await;
    let store = server.app.store();
    let hour = Duration::from_secs(3600);
    let early = store.sweep(hour, false).await.unwrap();
    assert_eq!((early.deleted.len(), early.waiting), (0, 2));
    let dry = store.sweep(Duration::ZERO, true).await.unwrap();
    assert_eq!((dry.deleted.len(), dry.dry_run), (2, true));
    assert_eq!(server.files().len(), 9);
    // A staging file, as a crash leaves it.
    let leftover = server.folder.path().join("store/pending").join(&ids[1]).join("main.jpg#7");
    std::fs::write(&leftover, b"half").unwrap();
    let (a, b) = tokio::join!(store.sweep(Duration::ZERO, false), store.sweep(Duration::ZERO, false));
    assert_eq!(a.unwrap().deleted.len().max(b.unwrap().deleted.len()), 2);
    assert!(
        server.files().iter().all(|file| file.starts_with(&format!("kept/{}", ids[0]))),
        "{:?}",
        server.files()
    );
    assert_eq!(server.get(&format!("/v1/images/{}", ids[0])).await.json()["state"], "kept");
    assert_eq!(server.get(&format!("/v1/images/{}", ids[1])).await.status, 404);
}

#[tokio::test]
async fn the_api_key_and_the_allowed_origins_are_enforced() {
    let server = TestServer::new(|c| {
        c.api_key = Some("secret".into());
        c.allow_origins = vec!["https://app.example".into()];
    })
    .await;
    let sent = form(&upload("coffee.jpg", &[Format::Jpeg]).parts(false));
    let origin = ("origin", "https://app.example");
    let answer = server.send(POST, "/v1/images", &[("content-type", FORM), origin], sent).await;
    assert_eq!((answer.status.as_u16(), answer.header("access-control-allow-origin")), (201, origin.1));
    let image = format!("/v1/images/{}", answer.image()["id"].as_str().unwrap());
    let confirm = format!("{image}/confirm");
    // The case of the scheme does not matter, that of the key does.
    for (key, confirmed) in [
        ("", 401),
        ("Bearer wrong", 401),
        ("Bearer Secret", 401),
        ("secret", 401),
        ("Basic secret", 401),
        ("Bearer", 401),
        ("Bearer secret", 200),
        ("bearer secret", 200),
        ("BEARER  secret", 200),
    ] {
        let answer = server.send(POST, &confirm, &[("authorization", key)], Body::empty()).await;
        assert_eq!(answer.status.as_u16(), confirmed, "{key}");
    }
    assert_eq!(server.send(DELETE, &image, &[], Body::empty()).await.status, 401);
    let ask = [("origin", "https://evil.example"), ("access-control-request-method", "POST")];
    let preflight = server.send(Method::OPTIONS, "/v1/images", &ask, Body::empty()).await;
    assert_eq!(preflight.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn a_body_may_arrive_in_chunks_of_any_size_and_without_a_length() {
    let server = TestServer::new(|_| ()).await;
    let sent = form(&upload("coffee.jpg", &[Format::Jpeg]).parts(true));
    for size in [1, 7, 4096, sent.len()] {
        let pieces: Vec<_> = sent.chunks(size).map(|piece| Ok::<_, std::io::Error>(piece.to_vec())).collect();
        let body = Body::from_stream(futures::stream::iter(pieces));
        let answer = server.send(POST, "/v1/images", &[("content-type", FORM)], body).await;
        assert_eq!(answer.status, 201, "{size}: {}", answer.json());
    }
}

/// The address of a server that listens on a free port.
async fn listening(server: &TestServer) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(accept(listener, server.app.clone()));
    address
}

fn head(length: usize) -> String {
    format!(
        "POST /v1/images HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )
}

async fn answer(mut stream: TcpStream) -> String {
    let mut text = Vec::new();
    let _ = stream.read_to_end(&mut text).await;
    String::from_utf8_lossy(&text).into_owned()
}

#[tokio::test]
async fn clients_that_stop_midway_leave_nothing() {
    let server = TestServer::new(|_| ()).await;
    let address = listening(&server).await;
    let body = form(&upload("coffee.jpg", &[Format::Jpeg]).parts(true));
    for share in [1, 3, 7, 9] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(head(body.len()).as_bytes()).await.unwrap();
        stream.write_all(&body[..body.len() * share / 10]).await.unwrap();
        drop(stream);
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(server.files().is_empty(), "{:?}", server.files());
    // And the server works as before.
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head(body.len()).as_bytes()).await.unwrap();
    stream.write_all(&body).await.unwrap();
    assert!(answer(stream).await.starts_with("HTTP/1.1 201"));
}

#[tokio::test]
async fn a_head_that_never_ends_is_timed_out() {
    let second = truecrop_server::config::HumanDuration(Duration::from_secs(1));
    let server = TestServer::new(|c| c.deadlines.head = second).await;
    let mut stream = TcpStream::connect(listening(&server).await).await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ").await.unwrap();
    let start = Instant::now();
    let told = tokio::time::timeout(Duration::from_secs(20), answer(stream)).await;
    assert!(told.is_ok_and(|text| !text.contains("200 OK")), "still open after {:?}", start.elapsed());
}

#[tokio::test]
async fn a_body_that_never_arrives_is_timed_out() {
    let second = truecrop_server::config::HumanDuration(Duration::from_secs(1));
    let server = TestServer::new(|c| c.request_timeout = second).await;
    let mut stream = TcpStream::connect(listening(&server).await).await.unwrap();
    stream.write_all(head(1000).as_bytes()).await.unwrap();
    let told = tokio::time::timeout(Duration::from_secs(10), answer(stream)).await.unwrap();
    assert!(told.starts_with("HTTP/1.1 4"), "{told}");
    assert!(server.files().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_uploads_at_once_share_the_memory_budget() {
    let server = TestServer::new(|c| c.memory_budget = 6 << 20).await;
    let address = listening(&server).await;
    let body = form(&upload("coffee.jpg", &[Format::Png]).parts(true));
    let clients: Vec<_> = (0..24)
        .map(|_| {
            let body = body.clone();
            tokio::spawn(async move {
                let mut stream = TcpStream::connect(address).await.unwrap();
                stream.write_all(head(body.len()).as_bytes()).await.unwrap();
                let _ = stream.write_all(&body).await;
                answer(stream).await
            })
        })
        .collect();
    let mut stored = 0;
    for client in clients {
        let told = client.await.unwrap();
        let busy = told.starts_with("HTTP/1.1 503") && told.contains("retry-after: ");
        stored += usize::from(told.starts_with("HTTP/1.1 201"));
        assert!(busy || told.starts_with("HTTP/1.1 201"), "{told}");
    }
    assert!(stored > 0);
    assert_eq!(server.files().len(), stored * 3);
}

#[tokio::test]
async fn metrics_show_what_happens() {
    let server = TestServer::new(|_| ()).await;
    assert_eq!(server.get("/healthz").await.body, b"ok\n");
    server.post(&upload("coffee.jpg", &[Format::Jpeg]).parts(true)).await;
    server.post(&[]).await;
    server.app.store().sweep(Duration::from_secs(3600), false).await.unwrap();
    let text = String::from_utf8(server.get("/metrics").await.body).unwrap();
    for line in [
        "truecrop_http_requests_total{route=\"/v1/images\",method=\"POST\",status=\"201\"}",
        "truecrop_refusals_total{code=\"invalid-receipt\"}",
        "truecrop_verify_seconds_bucket",
        "truecrop_verify_peak_bytes_sum",
        "truecrop_uploads_pending",
        "truecrop_uploads_swept_total",
        "truecrop_memory_reserved_bytes",
        "truecrop_memory_budget_bytes",
        "truecrop_memory_resident_bytes",
        "truecrop_build_info",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    // This test has the counting allocator: a verification that made the outputs again held some memory.
    let peak = text.lines().find_map(|line| line.strip_prefix("truecrop_verify_peak_bytes_sum ")).unwrap();
    assert!(peak.parse::<f64>().unwrap() > 100_000.0, "{peak}");
}
