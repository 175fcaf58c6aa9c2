//! What is no request of tus, or cannot be taken, gets its answer from the table `tus.toml`; and how much may wait.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use axum::body::Body;
use axum::http::Method;
use common::tokens::{claims, requires_tokens, token, token_for};
use common::tus::{RECIPE, announced, append, append_with, create, metadata, offset, server, tus};
use common::uploads::{announce, announcement, complete, sent};
use serde::Deserialize;
use serde_json::json;
use truecrop_core::verify::Level;
use truecrop_server::config::Config;

#[derive(Deserialize)]
struct Table {
    rows: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    what: String,
    method: String,
    url: String,
    head: Vec<String>,
    body: String,
    status: u16,
    code: String,
}

#[tokio::test]
async fn what_is_no_request_of_tus_is_refused() {
    let table: Table = toml::from_str(include_str!("tus.toml")).unwrap();
    assert!(table.rows.len() > 30, "{}", table.rows.len());
    let (server, sent) = (server(|_| ()).await, sent());
    let (_, output, source) = announced(&server, &sent).await;
    let stands_for = [
        ("<receipt>", metadata(&[("main.receipt", &sent.receipt)])),
        ("<recipe>", metadata(&[("main.recipe", RECIPE)])),
        ("<length>", sent.outputs[0].1.len().to_string()),
    ];
    let written =
        |text: &str| stands_for.iter().fold(text.to_owned(), |text, (name, it)| text.replace(name, it));
    for Row { what, method, url, head, body, status, code } in table.rows {
        let url = match &*url {
            "output" => output.clone(),
            "nowhere" => format!("/v1/tus/{}/0-0", "a".repeat(26)),
            "other-part" => format!("{output}9"),
            "climbing" => output.replace("0-0", "..%2f..%2f0-0"),
            url => url.to_owned(),
        };
        let head: Vec<String> = head.iter().map(|field| written(field)).collect();
        let fields: Vec<(&str, &str)> = head.iter().map(|field| field.split_once(": ").unwrap()).collect();
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let answer = server.send(method, &url, &fields, body).await;
        let told = (answer.status.as_u16(), answer.json()["code"].as_str().unwrap_or_default().to_owned());
        assert_eq!(told, (status, code), "{what}: {}", answer.json());
        if status == 412 {
            assert_eq!(answer.header("tus-version"), "1.0.0", "{what}");
        }
    }
    assert_eq!((offset(&server, &output).await, offset(&server, &source).await), (0, 0));
    // More than was announced, stated or not.
    let longer = [&sent.outputs[0].1[..], b"x"].concat();
    let stated = longer.len().to_string();
    let refused = append_with(&server, &output, 0, longer.clone(), &[("content-length", &stated)]).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["code"]), (413, &json!("too-many-bytes")));
    assert_eq!(offset(&server, &output).await, 0);
    let refused = append(&server, &output, 0, &longer).await;
    assert_eq!(refused.status, 413, "{}", refused.json());
    assert_eq!(offset(&server, &output).await, 0, "a chunk that is too long is one piece here");
}

#[tokio::test]
async fn options_tell_what_there_is_and_pages_of_other_origins_may_use_it() {
    let server = server(|config| config.allow_origins = vec!["https://app.example".to_owned()]).await;
    let asked = [("origin", "https://app.example"), ("access-control-request-method", "PATCH")];
    let told = server.send(Method::OPTIONS, "/v1/tus", &asked, Body::empty()).await;
    assert_eq!((told.status.as_u16(), told.header("tus-version")), (200, "1.0.0"));
    assert_eq!(told.header("tus-extension"), "creation,creation-with-upload,expiration,checksum,termination");
    assert_eq!(told.header("tus-checksum-algorithm"), "sha1,sha256");
    assert_eq!(told.header("tus-max-size"), Config::default().limits.source_bytes.to_string());
    assert!(told.header("access-control-allow-methods").contains("PATCH"));
    for field in ["tus-resumable", "upload-offset", "upload-length", "upload-metadata", "upload-checksum"] {
        assert!(told.header("access-control-allow-headers").contains(field), "{field}");
    }
    let refused = tus(&server, Method::HEAD, "/v1/tus/x/y", &[asked[0]]).await;
    assert_eq!((refused.status.as_u16(), refused.header("tus-resumable")), (404, "1.0.0"));
    for field in ["location", "upload-offset", "upload-length", "upload-expires", "tus-resumable"] {
        assert!(refused.header("access-control-expose-headers").contains(field), "{field}");
    }
}

#[tokio::test]
async fn uploads_that_wait_for_parts_are_bounded_together() {
    let sent = sent();
    let few = server(|config| config.uploads.unfinished = 2).await;
    let (_, _, first) = announced(&few, &sent).await;
    announced(&few, &sent).await;
    let full = announce(&few.app, &announcement(&sent)).await;
    assert_eq!((full.status.as_u16(), &full.json()["code"]), (503, &json!("uploads-full")));
    assert_eq!(full.header("retry-after"), "60");
    assert_eq!(create(&few, sent.source.len(), &[("main.recipe", RECIPE)]).await.status, 503);
    assert_eq!(tus(&few, Method::DELETE, &first, &[]).await.status, 204);
    announced(&few, &sent).await;

    let bytes = (sent.source.len() + sent.outputs[0].1.len()) as u64;
    let small = server(|config| config.uploads.unfinished_bytes = 2 * bytes - 1).await;
    announced(&small, &sent).await;
    assert_eq!(announce(&small.app, &announcement(&sent)).await.json()["code"], "uploads-full");
    // Another server of the same folder, or this one when it has started again, counts what is there.
    let config = Config { store: small.app.config().store.clone(), ..small.app.config().clone() };
    let again = truecrop_server::http::App::new(config).await.unwrap();
    assert_eq!(announce(&again, &announcement(&sent)).await.json()["code"], "uploads-full");
}

#[tokio::test]
async fn who_begins_an_upload_needs_the_permission_that_a_form_needs() {
    let server = server(|config| {
        requires_tokens(config);
        config.level = Level::Result;
    })
    .await;
    let sent = sent();
    let crop = &sent.outputs[0].1;
    let described = metadata(&[("main.receipt", &sent.receipt)]);
    let length = crop.len().to_string();
    let begin = async |token: Option<String>| {
        let bearer = token.map(|token| format!("Bearer {token}"));
        let mut fields = vec![("upload-length", &*length), ("upload-metadata", &*described)];
        fields.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
        tus(&server, Method::POST, "/v1/tus", &fields).await
    };
    let without = begin(None).await;
    assert_eq!((without.status.as_u16(), &without.json()["code"]), (401, &json!("token-required")));
    let forbidden = begin(Some(token_for(&json!({ "formats": ["png"] })))).await;
    assert_eq!((forbidden.status.as_u16(), &forbidden.json()["code"]), (422, &json!("policy-violation")));
    let mut once = claims(&json!({ "once": true }));
    (once["jti"], once["sub"]) = (json!("only-this"), json!("ada"));
    let begun = begin(Some(token(&once))).await;
    assert_eq!(begun.status, 201, "{}", begun.json());
    assert_eq!(begin(Some(token(&once))).await.json()["code"], "token-used");
    // The address needs no token any more.
    let url = begun.header("location").to_owned();
    assert_eq!(append(&server, &url, 0, crop).await.status, 204);
    let stored = complete(&server.app, url.split('/').nth(3).unwrap()).await.json();
    let id = stored["images"]["main"]["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(server.app.store().find(id).await.unwrap().unwrap().1.subject.as_deref(), Some("ada"));
}
