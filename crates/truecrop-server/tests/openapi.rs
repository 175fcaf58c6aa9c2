//! The OpenAPI document describes the routes that there are, and no others; real answers are what it says.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use axum::body::Body;
use axum::http::Method;
use common::{TestServer, upload};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use truecrop_core::recipe::Format;
use truecrop_server::config::Config;

const METHODS: [&str; 6] = ["get", "head", "post", "put", "patch", "delete"];

/// The routes and methods of the sources: each `.route("PATH", get(...).post(...))`.
fn routes_in(folder: &Path, found: &mut BTreeSet<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            routes_in(&path, found);
            continue;
        }
        let source = std::fs::read_to_string(&path).unwrap();
        for call in source.split(".route(").skip(1) {
            let Some((_, rest)) = call.split_once('"') else { continue };
            let (route, rest) = rest.split_once('"').unwrap();
            let handlers = rest.split(['\n', ';']).next().unwrap();
            let called = |method: &&str| {
                handlers.contains(&format!(" {method}(")) || handlers.contains(&format!(".{method}("))
            };
            let methods = METHODS.into_iter().filter(called);
            found.extend(methods.map(|method| (route.to_owned(), method.to_owned())));
        }
    }
}

#[tokio::test]
async fn the_document_has_every_route_and_no_other() {
    let mut routes = BTreeSet::new();
    routes_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http"), &mut routes);
    // The way to the demo page.
    assert!(routes.remove(&("/".to_owned(), "get".to_owned())));
    let document = truecrop_server::http::openapi::document(&Config::default(), true, true);
    let mut described = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let methods = item.as_object().unwrap().keys().filter(|key| *key != "parameters");
        described.extend(methods.map(|method| (path.clone(), method.clone())));
    }
    assert_eq!(described, routes);
    let operators = TestServer::new(|c| c.admin_listen = Some(([127, 0, 0, 1], 0).into())).await;
    let theirs = operators.get("/openapi.json").await.json();
    // Operators have their own listener for metrics.
    assert!(theirs["paths"]["/metrics"].is_null() && !document["paths"]["/metrics"].is_null());
    for (signs, receives) in [(false, false), (true, false), (false, true)] {
        let document = truecrop_server::http::openapi::document(&Config::default(), signs, receives);
        let has = |path: &str| !document["paths"][path].is_null();
        assert_eq!((has("/v1/uploads"), has("/v1/tus")), (signs || receives, receives));
    }
}

/// Whether an answer's JSON has what its schema requires.
fn fits(document: &Value, schema: &Value, json: &Value) -> bool {
    let schema = match schema["$ref"].as_str() {
        Some(name) => &document["components"]["schemas"][name.rsplit('/').next().unwrap()],
        None => schema,
    };
    let required = schema["required"]
        .as_array()
        .is_none_or(|names| names.iter().all(|name| !json[name.as_str().unwrap()].is_null()));
    let one_of = schema["enum"].as_array().is_none_or(|values| values.contains(json));
    let properties = schema["properties"].as_object().is_none_or(|members| {
        members.iter().all(|(name, schema)| json[name].is_null() || fits(document, schema, &json[name]))
    });
    let items =
        json.as_array().is_none_or(|all| all.iter().all(|item| fits(document, &schema["items"], item)));
    let others = schema["additionalProperties"].is_null()
        || schema["additionalProperties"] == false
        || json.as_object().is_some_and(|all| {
            all.values().all(|value| fits(document, &schema["additionalProperties"], value))
        });
    required && one_of && properties && items && others
}

#[tokio::test]
async fn answers_are_what_the_document_says() {
    let server = TestServer::new(|c| c.api_key = Some("key".to_owned())).await;
    let document = truecrop_server::http::openapi::document(server.app.config(), true, true);
    let json = [("content-type", "application/json"), ("authorization", "Bearer key")];
    let ids = serde_json::json!({ "ids": ["none"] }).to_string();
    let posted = server.post(&upload("coffee.jpg", &[Format::Jpeg, Format::Png]).parts(false)).await;
    let image = posted.header("location").to_owned();
    let key = [("authorization", "Bearer key")];
    let confirm = format!("{image}/confirm");
    let confirmed = server.send(Method::POST, &confirm, &key, Body::empty()).await;
    for (path, method, status, answer) in [
        ("/v1/images", "post", "201", &posted),
        ("/v1/images/{id}", "get", "200", &server.get(&image).await),
        ("/v1/images/{id}/confirm", "post", "200", &confirmed),
        (
            "/v1/images/{id}/confirm",
            "post",
            "401",
            &server.send(Method::POST, &confirm, &[], Body::empty()).await,
        ),
        ("/v1/images/{id}/{name}", "get", "200", &server.get(&format!("{image}/receipt")).await),
        ("/v1/images/{id}/{name}", "get", "404", &server.get(&format!("{image}/none")).await),
        ("/v1/limits", "get", "200", &server.get("/v1/limits").await),
        ("/v1/images", "post", "400", &server.post(&[]).await),
        (
            "/v1/images/confirm",
            "post",
            "200",
            &server.send(Method::POST, "/v1/images/confirm", &json, ids).await,
        ),
        ("/v1/uploads", "post", "400", &server.send(Method::POST, "/v1/uploads", &json, "{}").await),
    ] {
        assert_eq!(answer.status.as_str(), status, "{method} {path}");
        let described = &document["paths"][path][method]["responses"][status]["content"];
        let described = &described[answer.header("content-type")]["schema"];
        assert!(
            !described.is_null() && fits(&document, described, &answer.json()),
            "{path}: {}",
            answer.json()
        );
    }
}
