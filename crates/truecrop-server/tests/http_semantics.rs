//! HTTP semantics of responses: conditional requests, timeouts, the API key, names of outputs, metrics.
#![cfg(target_os = "linux")] // elsewhere the process has fewer metrics
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use axum::body::Body;
use axum::http::Method;
use common::{FORM, TestServer, Upload, form, upload};
use std::time::Duration;
use truecrop_core::recipe::Format;
use truecrop_server::config::HumanDuration;

/// The address of a stored upload.
async fn stored(server: &TestServer, sent: &Upload) -> String {
    let answer = server.post(&sent.parts(false)).await;
    assert_eq!(answer.status, 201, "{}", answer.json());
    answer.header("location").to_owned()
}

#[tokio::test]
async fn a_picture_that_the_client_has_is_not_sent_again() {
    let server = TestServer::new(|_| ()).await;
    let main = format!("{}/main", stored(&server, &upload("coffee.jpg", &[Format::Jpeg])).await);
    let first = server.get(&main).await;
    let tag = first.header("etag");
    for (known, status) in [
        (tag.to_owned(), 304),
        (format!("W/{tag}"), 304),
        (format!("\"other\", {tag}"), 304),
        ("*".to_owned(), 304),
        ("\"other\"".to_owned(), 200),
        (tag.replace('"', ""), 200),
        (String::new(), 200),
    ] {
        let again = server.send(Method::GET, &main, &[("if-none-match", &known)], Body::empty()).await;
        assert_eq!((again.status.as_u16(), again.body.is_empty()), (status, status == 304), "{known}");
        for name in ["etag", "cache-control"] {
            assert_eq!(again.header(name), first.header(name), "{known}: {name}");
        }
    }
}

#[tokio::test]
async fn an_output_may_be_named_confirm() {
    let server = TestServer::new(|_| ()).await;
    let mut sent =
        upload("coffee.jpg", &[Format::Webp]).forge(|r| r["outputs"][0]["name"] = "confirm".into());
    sent.outputs[0].0 = "confirm".to_owned();
    let got = server.get(&format!("{}/confirm", stored(&server, &sent).await)).await;
    assert_eq!((got.header("content-type"), &got.body), ("image/webp", &sent.outputs[0].1));
}

#[tokio::test]
async fn a_request_without_the_key_is_told_how_to_authenticate() {
    let server = TestServer::new(|c| c.api_key = Some("secret".into())).await;
    let image = stored(&server, &upload("coffee.jpg", &[Format::Jpeg])).await;
    let answer = server.send(Method::DELETE, &image, &[], Body::empty()).await;
    assert_eq!((answer.status.as_u16(), answer.header("www-authenticate")), (401, "Bearer"));
    assert_eq!(answer.json()["code"], "unauthorized");
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_a_problem_and_counted() {
    let server = TestServer::new(|c| c.request_timeout = HumanDuration(Duration::from_millis(200))).await;
    let body = form(&upload("coffee.jpg", &[Format::Jpeg]).parts(false));
    let half = bytes::Bytes::from(body[..body.len() / 2].to_vec());
    let chunks = futures::stream::iter([Ok::<_, std::io::Error>(half)]);
    let body = Body::from_stream(futures::StreamExt::chain(chunks, futures::stream::pending()));
    let answer = server.send(Method::POST, "/v1/images", &[("content-type", FORM)], body).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (408, &"timeout".into()));
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert!(server.files().is_empty());
    let text = String::from_utf8(server.get("/metrics").await.body).unwrap();
    let line = "truecrop_http_requests_total{route=\"/v1/images\",method=\"POST\",status=\"408\"} 1";
    assert!(text.contains(line), "{text}");
    assert!(text.contains("truecrop_memory_reserved_bytes 0\n"), "{text}");
}

#[tokio::test]
async fn every_metric_has_help_and_type_and_is_shown() {
    let server = TestServer::new(|_| ()).await;
    let image = stored(&server, &upload("coffee.jpg", &[Format::Jpeg])).await;
    server.post(&[]).await;
    server.app.store().sweep(Duration::from_secs(3600), false).await.unwrap();
    // As a listener does, which this server has not.
    truecrop_server::metrics::listens("here", &["idle"]);
    let text = String::from_utf8(server.get("/metrics").await.body).unwrap();
    let sources = concat!(include_str!("../src/metrics.rs"), include_str!("../src/process.rs"));
    // `webhooks.rs` looks at those of a webhook, which this server has not.
    let own = |text: &&str| {
        let is_ours = text.starts_with("truecrop_") || text.starts_with("process_");
        is_ours && !text.starts_with("truecrop_webhook_")
    };
    let families: Vec<_> = sources.split('"').filter(own).collect();
    assert!(families.len() > 9);
    for family in families {
        for kind in ["HELP", "TYPE"] {
            assert!(text.contains(&format!("# {kind} {family} ")), "{family} has no {kind} in\n{text}");
        }
    }
    let id = image.rsplit('/').next().unwrap();
    assert!(!text.contains(id), "each id would be a time series of its own");
}
