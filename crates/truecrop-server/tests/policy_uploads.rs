//! Policy tokens of uploads by way of the store: the announcement needs the permission, and what is stored keeps to it.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use axum::http::Method;
use common::tokens::{claims, requires_tokens, token};
use common::uploads::{announcement, app, complete, paths, put, sent};
use common::{TestResponse, send};
use object_store::ObjectStore;
use object_store::memory::InMemory;
use serde_json::{Value, json};
use std::sync::Arc;
use truecrop_core::verify::Level;
use truecrop_server::http::App;

async fn announce(app: &App, token: Option<&str>, announced: &Value) -> TestResponse {
    let bearer = format!("Bearer {}", token.unwrap_or_default());
    let mut head = vec![("content-type", "application/json")];
    head.extend(token.map(|_| ("authorization", bearer.as_str())));
    send(app, Method::POST, "/v1/uploads", &head, announced.to_string()).await
}

fn token_of(policy: &Value, more: &Value) -> String {
    let mut claims = claims(policy);
    for (name, value) in more.as_object().unwrap() {
        claims[name] = value.clone();
    }
    token(&claims)
}

#[tokio::test]
async fn what_is_announced_keeps_to_its_token() {
    let (objects, sent) = (Arc::new(InMemory::new()), sent());
    let app = app(Arc::clone(&objects) as Arc<dyn ObjectStore>, |c| {
        requires_tokens(c);
        c.level = Level::Result;
        c.audits.share = 1.0;
    })
    .await;
    let with_source = announcement(&sent);
    let mut without = with_source.clone();
    without["images"]["main"].as_object_mut().unwrap().remove("source");
    let mut two = with_source.clone();
    two["images"]["cover"] = two["images"]["main"].clone();
    let once = || token_of(&json!({"once": true}), &json!({"jti": "a"}));
    let none = json!({});
    let rows: Vec<(&str, Option<String>, &Value, u16, &str)> = vec![
        ("no token", None, &with_source, 401, "token-required"),
        ("no good token", Some("x".into()), &with_source, 401, "invalid-token"),
        (
            "outside",
            Some(token_of(&json!({"formats": ["png"]}), &none)),
            &with_source,
            422,
            "policy-violation",
        ),
        ("two", Some(token_of(&json!({"maxPictures": 1}), &none)), &two, 413, "too-many-pictures"),
        ("level", Some(token_of(&json!({"level": "source"}), &none)), &without, 422, "source-required"),
        ("long", Some(token_of(&json!({"maxSourceBytes": 9}), &none)), &with_source, 422, "policy-violation"),
        ("once", Some(once()), &with_source, 201, ""),
        ("twice", Some(once()), &with_source, 401, "token-used"),
    ];
    for (what, token, announced, status, code) in rows {
        let answer = announce(&app, token.as_deref(), announced).await;
        let told = answer.json();
        let got = (answer.status.as_u16(), told["code"].as_str().unwrap_or_default());
        assert_eq!(got, (status, code), "{what}: {told}");
        let announced = paths(&objects).await.iter().filter(|path| path.starts_with("intents/")).count();
        assert_eq!(announced, usize::from(code.is_empty() || what == "twice"), "{what}");
    }
}

/// The level of the token counts when the upload is judged, however much later that is.
#[tokio::test]
async fn what_is_stored_keeps_to_the_token_of_its_announcement() {
    let (objects, sent) = (Arc::new(InMemory::new()), sent());
    let app = app(Arc::clone(&objects) as Arc<dyn ObjectStore>, |c| {
        requires_tokens(c);
        c.level = Level::Result;
    })
    .await;
    let mut announced = announcement(&sent);
    announced["images"]["main"].as_object_mut().unwrap().remove("source");
    let token = token_of(&json!({"level": "committed", "audit": 1}), &json!({"sub": "user 7"}));
    let told = announce(&app, Some(&token), &announced).await.json();
    put(&objects, &told["parts"]["main"]["outputs"]["main"], &sent.outputs[0].1).await;
    let stored = complete(&app, told["id"].as_str().unwrap()).await;
    let image = stored.json()["images"]["main"].clone();
    assert_eq!(
        (&image["level"], &image["audit"]["state"]),
        (&json!("committed"), &json!("waiting")),
        "{}",
        stored.json()
    );
    let proved =
        send(&app, Method::POST, image["audit"]["source"].as_str().unwrap(), &[], sent.source.clone()).await;
    assert_eq!(proved.json()["level"], "source");
    let confirm = format!("/v1/images/{}/confirm", image["id"].as_str().unwrap());
    let kept = send(&app, Method::POST, &confirm, &[], "").await;
    assert_eq!((&kept.json()["level"], &kept.json()["subject"]), (&json!("source"), &json!("user 7")));
}
