//! Uploads by way of the store: what is stored, what is refused and when, and how they end.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use axum::body::Body;
use axum::http::Method;
use common::send;
use common::uploads::{DAY, announce, announcement, app, complete, paths, put, put_as, ready, sent};
use object_store::ObjectStore;
use object_store::memory::InMemory;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use truecrop_core::receipt::Digest;
use truecrop_server::config::{Config, HumanDuration};
use truecrop_server::http::App;
use truecrop_server::store::Store;

#[tokio::test]
async fn an_upload_is_stored_once_everything_is_there_and_holds() {
    let (objects, sent) = (Arc::new(InMemory::new()), sent());
    let app = app(Arc::clone(&objects) as Arc<dyn ObjectStore>, |_| ()).await;
    let told = announce(&app, &announcement(&sent)).await;
    let (location, told) = (told.header("location").to_owned(), told.json());
    let id = told["id"].as_str().unwrap();
    assert_eq!((location, &told["state"]), (format!("/v1/uploads/{id}"), &json!("waiting")));
    let parts = &told["parts"]["main"];
    assert_eq!(parts["outputs"]["main"]["bytes"], sent.outputs[0].1.len());
    assert_eq!(parts["outputs"]["main"]["headers"]["content-type"], "image/jpeg");
    assert_eq!(parts["source"]["headers"]["content-type"], "application/octet-stream");

    let early = complete(&app, id).await;
    assert_eq!((early.status.as_u16(), &early.json()["field"]), (409, &json!("main")));
    put(&objects, &parts["outputs"]["main"], &sent.outputs[0].1).await;
    let early = complete(&app, id).await;
    assert_eq!((early.status.as_u16(), &early.json()["field"]), (409, &json!("main.source")));
    put(&objects, &parts["source"], &sent.source).await;

    let stored = complete(&app, id).await;
    assert_eq!(stored.status, 200, "{}", stored.json());
    let picture = stored.json()["images"]["main"].clone();
    assert_eq!((&picture["state"], &picture["level"]), (&json!("pending"), &json!("source")));
    assert_eq!(complete(&app, id).await.json(), stored.json());
    let status = send(&app, Method::GET, &format!("/v1/uploads/{id}"), &[], Body::empty()).await;
    assert_eq!(status.json(), stored.json());
    // Neither source nor what came is left.
    let left = paths(&objects).await;
    assert!(left.iter().all(|path| !path.starts_with("incoming") && !path.starts_with("frozen")), "{left:?}");
    let url = picture["outputs"][0]["url"].as_str().unwrap();
    let served = send(&app, Method::GET, url, &[], Body::empty()).await;
    assert_eq!(served.body, sent.outputs[0].1);

    let cancelled = send(&app, Method::DELETE, &format!("/v1/uploads/{id}"), &[], Body::empty()).await;
    assert_eq!((cancelled.status.as_u16(), &cancelled.json()["code"]), (409, &json!("already-stored")));
    let picture = format!("/v1/images/{}", picture["id"].as_str().unwrap());
    send(&app, Method::DELETE, &picture, &[], Body::empty()).await;
    let ended = complete(&app, id).await;
    assert_eq!((ended.status.as_u16(), &ended.json()["code"]), (410, &json!("upload-ended")));
}

#[tokio::test]
async fn a_recipe_and_a_source_are_enough() {
    let (objects, sent) = (Arc::new(InMemory::new()), sent());
    let app = app(Arc::clone(&objects) as Arc<dyn ObjectStore>, |_| ()).await;
    let receipt: Value = serde_json::from_str(&sent.receipt).unwrap();
    let output = json!({ "name": "main", "width": 120, "height": 90, "format": "jpeg" });
    let recipe = json!({ "truecrop": 1, "crop": receipt["crop"], "outputs": [output] });
    let mut announced = announcement(&sent);
    announced["images"]["main"].as_object_mut().unwrap().remove("receipt");
    announced["images"]["main"]["recipe"] = recipe;
    let told = announce(&app, &announced).await.json();
    let id = told["id"].as_str().unwrap();
    put(&objects, &told["parts"]["main"]["source"], &sent.source).await;
    let stored = complete(&app, id).await;
    assert_eq!(stored.status, 200, "{}", stored.json());
    let url = stored.json()["images"]["main"]["outputs"][0]["url"].as_str().unwrap().to_owned();
    assert_eq!(send(&app, Method::GET, &url, &[], Body::empty()).await.body, sent.outputs[0].1);

    // Another photo of the same length: only the digest tells.
    let told = announce(&app, &announced).await.json();
    let mut other = sent.source.clone();
    *other.last_mut().unwrap() ^= 1;
    put(&objects, &told["parts"]["main"]["source"], &other).await;
    let refused = complete(&app, told["id"].as_str().unwrap()).await;
    assert_eq!(refused.json()["field"], "main.source.digest", "{}", refused.json());
}

#[tokio::test]
async fn what_no_bytes_could_make_right_is_refused_before_any_is_sent() {
    let objects = Arc::new(InMemory::new());
    let app = app(Arc::clone(&objects) as Arc<dyn ObjectStore>, |config| config.upload_bytes = 1 << 20).await;
    let good = announcement(&sent());
    let with = |change: &dyn Fn(&mut Value)| {
        let mut changed = good.clone();
        change(&mut changed["images"]["main"]);
        changed
    };
    let forged = sent().forge(|receipt| receipt["outputs"][0]["bytes"] = (2 << 20).into());
    let enlarged = sent().forge(|receipt| receipt["crop"]["x"] = 5000.0.into());
    let cases = [
        ("no json", json!("images"), 400, "invalid-upload"),
        ("no picture", json!({ "images": {} }), 400, "invalid-upload"),
        ("an unknown member", json!({ "images": {}, "more": 1 }), 400, "invalid-upload"),
        ("neither receipt nor recipe", json!({ "images": { "main": {} } }), 400, "invalid-upload"),
        ("both", with(&|main| main["recipe"] = json!({})), 400, "invalid-upload"),
        ("an empty name", json!({ "images": { "": good["images"]["main"] } }), 400, "invalid-receipt"),
        (
            "a spoiled receipt",
            with(&|main| main["receipt"]["crop"]["x"] = json!(99)),
            422,
            "geometry-mismatch",
        ),
        (
            "a foreign receipt",
            with(&|main| main["source"]["digest"] = json!(Digest::of(b"x").to_string())),
            422,
            "source-mismatch",
        ),
        ("a length that lies", with(&|main| main["source"]["bytes"] = json!(7)), 422, "source-mismatch"),
        (
            "no digest",
            with(&|main| main["source"]["digest"] = json!("sha-256=:AA==:")),
            400,
            "invalid-upload",
        ),
        (
            "no source",
            with(&|main| drop(main.as_object_mut().unwrap().remove("source"))),
            422,
            "source-required",
        ),
        ("outputs that are too long", announcement(&forged), 413, "too-many-bytes"),
        ("a crop outside of the picture", announcement(&enlarged), 422, "geometry-mismatch"),
    ];
    for (what, announced, status, code) in cases {
        let refused = announce(&app, &announced).await;
        let told = (refused.status.as_u16(), refused.json()["code"].as_str().unwrap_or_default().to_owned());
        assert_eq!(told, (status, code.to_owned()), "{what}: {}", refused.json());
    }
    assert_eq!(paths(&objects).await, Vec::<String>::new());
    let twice = good.to_string().replace("\"truecrop\":1", "\"truecrop\":1,\"truecrop\":1");
    let refused = send(&app, Method::POST, "/v1/uploads", &[], twice).await;
    assert_eq!(refused.json()["code"], "invalid-receipt", "{}", refused.json());
}

#[tokio::test]
async fn what_is_not_as_announced_is_refused_for_good() {
    let sent = sent();
    let jpeg = &sent.outputs[0].1;
    let flipped = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        bytes[300] ^= 1;
        bytes
    };
    let longer = |bytes: &[u8]| [bytes, b"x"].concat();
    type Case<'a> = (&'a str, &'a str, Vec<u8>, &'a str, &'a str, Option<&'a str>);
    let cases: [Case<'_>; 6] = [
        ("a length that lies", "main", longer(jpeg), "image/jpeg", "outputs-mismatch", Some("main.bytes")),
        ("a type that lies", "main", jpeg.clone(), "text/html", "outputs-mismatch", Some("main.type")),
        ("a digest that lies", "main", flipped(jpeg), "image/jpeg", "digest-mismatch", None),
        (
            "a longer source",
            "source",
            longer(&sent.source),
            "application/octet-stream",
            "source-mismatch",
            Some("main.source.bytes"),
        ),
        (
            "a source with a type",
            "source",
            sent.source.clone(),
            "image/svg+xml",
            "source-mismatch",
            Some("main.source.type"),
        ),
        (
            "another source",
            "source",
            flipped(&sent.source),
            "application/octet-stream",
            "source-mismatch",
            None,
        ),
    ];
    for (what, part, bytes, kind, code, field) in cases {
        let objects = Arc::new(InMemory::new());
        let (app, told) = ready(&objects, &sent).await;
        let (id, parts) = (told["id"].as_str().unwrap(), &told["parts"]["main"]);
        let put = if part == "source" { &parts["source"] } else { &parts["outputs"]["main"] };
        put_as(&objects, put, &bytes, kind).await;
        let refused = complete(&app, id).await;
        let problem = common::uploads::told(&refused);
        assert_eq!((refused.status.as_u16(), &problem["code"]), (422, &json!(code)), "{what}: {problem}");
        assert_eq!(problem["picture"], "main", "{what}");
        if let Some(field) = field {
            assert_eq!(problem["field"], field, "{what}");
        }
        // Nothing is left, and the right bytes come too late.
        let left = paths(&objects).await;
        assert_eq!(left, [format!("intents/{id}"), format!("outcomes/{id}")], "{what}");
        put_as(&objects, &parts["outputs"]["main"], jpeg, "image/jpeg").await;
        put_as(&objects, &parts["source"], &sent.source, "application/octet-stream").await;
        assert_eq!(common::uploads::told(&complete(&app, id).await), problem, "{what}");
    }
}

#[tokio::test]
async fn an_upload_ends_with_its_time() {
    let (objects, sent) = (Arc::new(InMemory::new()), sent());
    let app = app(Arc::clone(&objects) as Arc<dyn ObjectStore>, |config| {
        config.uploads.ttl = HumanDuration(Duration::ZERO);
    })
    .await;
    let told = announce(&app, &announcement(&sent)).await.json();
    let id = told["id"].as_str().unwrap();
    put(&objects, &told["parts"]["main"]["source"], &sent.source).await;
    let late = complete(&app, id).await;
    assert_eq!((late.status.as_u16(), &late.json()["code"]), (410, &json!("upload-expired")));
    let store = app.store();
    assert_eq!(store.sweep_incoming(DAY, false).await, Ok(0));
    assert_eq!(store.sweep_incoming(Duration::ZERO, true).await, Ok(1));
    assert_eq!(store.sweep_incoming(Duration::ZERO, false).await, Ok(1));
    assert_eq!(paths(&objects).await, [format!("outcomes/{id}")]);
    assert_eq!(complete(&app, id).await.json()["code"], "upload-expired");
    // The address is valid for some more time: what comes by it goes again.
    put(&objects, &told["parts"]["main"]["source"], &sent.source).await;
    assert_eq!(store.sweep_incoming_by_age(DAY, Duration::ZERO, false).await, Ok(0));
    assert_eq!(paths(&objects).await, Vec::<String>::new());
    assert_eq!(complete(&app, id).await.status, 404);
}

#[tokio::test]
async fn a_store_without_addresses_says_what_to_do() {
    let store = Store::with_backend(Arc::new(InMemory::new()));
    let app = App::with_store(Config::default(), store).await.unwrap();
    let refused = announce(&app, &announcement(&sent())).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["code"]), (501, &json!("uploads-unsupported")));
    assert!(refused.json()["detail"].as_str().unwrap().contains("POST /v1/images"), "{}", refused.json());
    // A bucket takes the parts itself.
    let app = common::uploads::app(Arc::new(InMemory::new()), |_| ()).await;
    let fields =
        [("tus-resumable", "1.0.0"), ("upload-length", "9"), ("upload-metadata", "main.recipe e30=")];
    let refused = send(&app, Method::POST, "/v1/tus", &fields, Body::empty()).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["code"]), (501, &json!("uploads-unsupported")));
    assert!(refused.json()["detail"].as_str().unwrap().contains("POST /v1/uploads"), "{}", refused.json());
}
