//! FilePond's server API: what its client sends is stored, shown and taken back as by every other way, under the same rules.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use axum::body::Body;
use axum::http::Method;
use common::tokens::{claims, requires_tokens, takes_tokens, token};
use common::{TestResponse, TestServer, Upload, upload};
use serde_json::{Value, json};
use truecrop_core::recipe::Format;
use truecrop_core::verify::Level;
use truecrop_server::config::Config;

const RECIPE: &str = r#"{"truecrop":1,"crop":{"x":12.5,"y":8,"width":160,"height":120},
    "outputs":[{"name":"main","width":120,"height":90,"format":"jpeg"}]}"#;

/// The parts of a form as FilePond makes it: all have the name of its field.
fn item(metadata: &Value, files: &[&[u8]]) -> Vec<(String, Vec<u8>)> {
    let first = metadata.to_string().into_bytes();
    let files = files.iter().map(|file| file.to_vec());
    [first].into_iter().chain(files).map(|bytes| ("avatar".to_owned(), bytes)).collect()
}

fn by_receipt(sent: &Upload) -> Value {
    json!({ "crop": { "other": "plugins" }, "truecrop": { "zoom": 2, "receipt": sent.receipt } })
}

fn by_recipe() -> Value {
    json!({ "truecrop": { "recipe": serde_json::from_str::<Value>(RECIPE).unwrap() } })
}

async fn process(server: &TestServer, parts: &[(String, Vec<u8>)], fields: &[(&str, &str)]) -> TestResponse {
    let fields = [&[("content-type", common::FORM)], fields].concat();
    server.send(Method::POST, "/v1/filepond", &fields, common::form(parts)).await
}

fn text(response: &TestResponse) -> String {
    String::from_utf8(response.body.clone()).unwrap()
}

async fn revert(server: &TestServer, id: &str, fields: &[(&str, &str)]) -> TestResponse {
    server.send(Method::DELETE, "/v1/filepond", fields, id.to_owned()).await
}

async fn server(change: impl FnOnce(&mut Config)) -> TestServer {
    TestServer::new(change).await
}

#[tokio::test]
async fn an_item_is_stored_shown_and_taken_back() {
    let (server, sent) = (server(|_| ()).await, upload("coffee.jpg", &[Format::Jpeg]));
    let crop = &sent.outputs[0].1;
    let stored = process(&server, &item(&by_receipt(&sent), &[crop]), &[]).await;
    assert_eq!((stored.status.as_u16(), stored.header("content-type")), (201, "text/plain; charset=utf-8"));
    let id = text(&stored);
    assert_eq!(stored.header("location"), format!("/v1/images/{id}"));
    for asked in ["load", "restore"] {
        let shown = server.get(&format!("/v1/filepond?{asked}={id}")).await;
        assert_eq!((shown.status.as_u16(), &shown.body), (200, crop), "{asked}");
        let name = format!("inline; filename=\"{id}-main.jpg\"");
        assert_eq!(
            (shown.header("content-type"), shown.header("content-disposition")),
            ("image/jpeg", &*name)
        );
    }
    for _ in 0..2 {
        assert_eq!(revert(&server, &id, &[]).await.status, 204);
        assert_eq!(server.get(&format!("/v1/filepond?load={id}")).await.status, 404);
    }
    assert_eq!(server.files(), Vec::<String>::new());
}

#[tokio::test]
async fn the_photo_alone_gives_the_same_picture_in_one_piece_and_in_chunks() {
    let (server, sent) = (server(|_| ()).await, upload("coffee.jpg", &[Format::Jpeg]));
    let whole = text(&process(&server, &item(&by_recipe(), &[&sent.source]), &[]).await);
    assert_eq!(server.get(&format!("/v1/filepond?load={whole}")).await.body, sent.outputs[0].1);
    let length = sent.source.len().to_string();
    let begun = process(&server, &item(&by_recipe(), &[]), &[("upload-length", &length)]).await;
    assert_eq!(begun.status, 201, "{}", text(&begun));
    let id = text(&begun);
    let url = format!("/v1/filepond?patch={id}");
    let mut at = 0;
    // The last one is empty: FilePond sends that where the length is a multiple of a chunk's.
    for piece in sent.source.chunks(sent.source.len().div_ceil(3)).chain([&[][..]]) {
        let told = server.send(Method::HEAD, &url, &[], Body::empty()).await;
        assert_eq!((told.status.as_u16(), told.header("upload-offset")), (200, &*at.to_string()));
        let offset = at.to_string();
        let fields = [
            ("content-type", "application/offset+octet-stream"),
            ("upload-offset", &*offset),
            ("upload-length", &*length),
            ("upload-name", "holiday.jpg"),
        ];
        let answer = server.send(Method::PATCH, &url, &fields, piece.to_vec()).await;
        assert_eq!(answer.status, 204, "{}", text(&answer));
        at += piece.len();
    }
    let told = server.get(&format!("/v1/uploads/{id}")).await.json();
    assert_eq!(told["images"]["avatar"]["level"], "source", "{told}");
    assert_eq!(server.get(&format!("/v1/filepond?load={id}")).await.body, sent.outputs[0].1);
    assert_eq!(revert(&server, &id, &[]).await.status, 204);
    assert_eq!(server.get(&format!("/v1/filepond?load={id}")).await.status, 404);
    assert_eq!(server.get(&format!("/v1/filepond?load={whole}")).await.status, 200);
}

#[tokio::test]
async fn what_does_not_hold_is_refused_and_nothing_is_stored() {
    let server = server(|config| config.policy.max_output_side = Some(100)).await;
    let other = TestServer::new(|config| config.level = Level::Source).await;
    let sent = upload("coffee.jpg", &[Format::Jpeg]);
    let crop = &sent.outputs[0].1;
    let mut spoiled = crop.clone();
    spoiled[300] ^= 1;
    let good = by_receipt(&sent);
    let both = json!({ "truecrop": { "receipt": sent.receipt, "recipe": {} } });
    let crops: &[&[u8]] = &[crop];
    type Parts = Vec<(String, Vec<u8>)>;
    let cases: Vec<(&str, &TestServer, Parts, u16, &str)> = vec![
        ("no part", &other, vec![], 400, "invalid-receipt"),
        ("no metadata", &other, item(&json!({}), crops), 400, "invalid-receipt"),
        (
            "metadata that is a picture",
            &other,
            vec![("avatar".to_owned(), crop.clone())],
            400,
            "invalid-receipt",
        ),
        ("receipt and recipe", &other, item(&both, crops), 400, "invalid-receipt"),
        (
            "a receipt of nothing",
            &other,
            item(&json!({ "truecrop": { "receipt": "{}" } }), crops),
            400,
            "invalid-receipt",
        ),
        ("a recipe alone", &other, item(&by_recipe(), &[]), 422, "source-required"),
        ("no source at level source", &other, item(&good, crops), 422, "source-required"),
        ("a spoiled picture", &other, item(&good, &[&spoiled, &sent.source]), 422, "digest-mismatch"),
        ("another photo", &other, item(&good, &[crop, crop]), 422, "source-mismatch"),
        ("a file too many", &other, item(&good, &[crop, &sent.source, crop]), 422, "outputs-mismatch"),
        ("what the policy forbids", &server, item(&good, crops), 422, "policy-violation"),
    ];
    for (what, server, parts, status, code) in cases {
        let refused = process(server, &parts, &[]).await;
        let told = (refused.status.as_u16(), refused.json()["code"].as_str().unwrap_or_default().to_owned());
        assert_eq!(told, (status, code.to_owned()), "{what}: {}", text(&refused));
        assert_eq!(server.files(), Vec::<String>::new(), "{what}");
    }
    for (asked, status, code) in [
        ("?fetch=http://169.254.169.254/latest/meta-data/", 501, "fetch-unsupported"),
        ("?load=../../truecrop.toml", 404, "not-found"),
        ("?load=", 404, "not-found"),
        ("?patch=aaaaaaaaaaaaaaaaaaaaaaaaaa", 404, "not-found"),
        ("", 404, "not-found"),
    ] {
        let refused = server.get(&format!("/v1/filepond{asked}")).await;
        assert_eq!((refused.status.as_u16(), &refused.json()["code"]), (status, &json!(code)), "{asked}");
    }
    for id in ["", "x", "../../kept", &"a".repeat(1000)] {
        assert_eq!(revert(&server, id, &[]).await.status, 404, "{id}");
    }
}

#[tokio::test]
async fn only_who_uploaded_a_picture_takes_it_back_while_it_is_pending() {
    let server = TestServer::new(|config| {
        config.api_key = Some("the-key".to_owned());
        takes_tokens(config);
    })
    .await;
    let sent = upload("coffee.jpg", &[Format::Jpeg]);
    let bearer = |subject: &str| {
        let mut claims = claims(&json!({}));
        claims["sub"] = subject.into();
        format!("Bearer {}", token(&claims))
    };
    let (ada, eve, key) = (bearer("ada"), bearer("eve"), "Bearer the-key".to_owned());
    let store = async || {
        let stored =
            process(&server, &item(&by_receipt(&sent), &[&sent.outputs[0].1]), &[("authorization", &ada)])
                .await;
        assert_eq!(stored.status, 201, "{}", text(&stored));
        text(&stored)
    };
    let id = store().await;
    assert_eq!(revert(&server, &id, &[]).await.status, 401);
    assert_eq!(revert(&server, &id, &[("authorization", &eve)]).await.status, 401);
    assert_eq!(revert(&server, &id, &[("authorization", &ada)]).await.status, 204);
    let id = store().await;
    let confirm = format!("/v1/images/{id}/confirm");
    assert_eq!(
        server.send(Method::POST, &confirm, &[("authorization", &key)], Body::empty()).await.status,
        200
    );
    assert_eq!(revert(&server, &id, &[("authorization", &ada)]).await.status, 401);
    // Confirmed between the look and the delete.
    assert!(!server.app.store().delete_pending(id.parse().unwrap()).await.unwrap());
    assert_eq!(server.get(&format!("/v1/filepond?load={id}")).await.status, 200);
    assert_eq!(revert(&server, &id, &[("authorization", &key)]).await.status, 204);
}

#[tokio::test]
async fn an_item_needs_the_permission_that_a_form_needs() {
    let server = server(requires_tokens).await;
    let sent = upload("coffee.jpg", &[Format::Jpeg]);
    let parts = item(&by_receipt(&sent), &[&sent.outputs[0].1]);
    let length = sent.source.len().to_string();
    for (parts, fields) in
        [(parts.clone(), vec![]), (item(&by_recipe(), &[]), vec![("upload-length", &*length)])]
    {
        let without = process(&server, &parts, &fields).await;
        assert_eq!((without.status.as_u16(), &without.json()["code"]), (401, &json!("token-required")));
    }
    // As the first part, too, for pages that cannot set header fields.
    let first = ("policy".to_owned(), token(&claims(&json!({}))).into_bytes());
    let stored = process(&server, &[vec![first], parts].concat(), &[]).await;
    assert_eq!(stored.status, 201, "{}", text(&stored));
}
