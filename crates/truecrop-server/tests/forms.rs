//! Forms as applications have them: several pictures, other fields, and clients that cannot make pixels.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use axum::body::Body;
use axum::http::Method;
use common::observed_store::ObservedStore;
use common::{FORM, TestServer, Upload, form, upload};
use futures::{FutureExt, TryStreamExt};
use object_store::ObjectStore;
use object_store::path::Path;
use serde_json::json;
use std::sync::Arc;
use truecrop_core::recipe::Format;
use truecrop_core::verify::Level;
use truecrop_server::config::Config;
use truecrop_server::http::App;
use truecrop_server::store::Store;

type Parts = Vec<(String, Vec<u8>)>;

fn field(name: &str, bytes: &[u8]) -> (String, Vec<u8>) {
    (name.to_owned(), bytes.to_vec())
}

/// The recipe of an upload, and its source.
fn recipe_and_source(sent: &Upload, picture: &str) -> Parts {
    let receipt: serde_json::Value = serde_json::from_str(&sent.receipt).unwrap();
    let outputs = receipt["outputs"].as_array().unwrap().iter().map(|output| {
        let mut spec = json!({});
        for member in ["name", "width", "height", "format", "quality"] {
            if let Some(value) = output.get(member) {
                spec[member] = value.clone();
            }
        }
        spec
    });
    let outputs: Vec<_> = outputs.collect();
    let recipe = json!({ "truecrop": 1, "crop": receipt["crop"], "outputs": outputs }).to_string();
    vec![
        field(&format!("{picture}.recipe"), recipe.as_bytes()),
        field(&format!("{picture}.source"), &sent.source),
    ]
}

#[tokio::test]
async fn a_form_with_pictures_and_fields_is_stored_whole() {
    let server = TestServer::new(|_| ()).await;
    let (avatar, cover) =
        (upload("coffee.jpg", &[Format::Jpeg]), upload("cat-alpha.png", &[Format::Png, Format::Webp]));
    let parts = [
        vec![field("title", b"Me"), field("csrf", b"token")],
        avatar.parts_of("user[avatar]", true),
        vec![field("story", "long ".repeat(1000).as_bytes())],
        cover.parts_of("cover", false),
        vec![field("submit", b"")],
    ]
    .concat();
    let answer = server.post(&parts).await;
    let images = answer.json()["images"].clone();
    assert_eq!((answer.status.as_u16(), answer.header("location")), (201, ""), "{}", answer.json());
    let told: Vec<&String> = images.as_object().unwrap().keys().collect();
    assert_eq!(told, ["cover", "user[avatar]"]);
    assert_eq!(images["user[avatar]"]["level"], "source");
    assert_eq!(images["cover"]["level"], "result");
    for (name, sent) in [("user[avatar]", &avatar), ("cover", &cover)] {
        for (output, (_, bytes)) in images[name]["outputs"].as_array().unwrap().iter().zip(&sent.outputs) {
            assert_eq!(&server.get(output["url"].as_str().unwrap()).await.body, bytes);
        }
        let confirm = format!("/v1/images/{}/confirm", images[name]["id"].as_str().unwrap());
        assert_eq!(server.send(Method::POST, &confirm, &[], Body::empty()).await.status, 200);
    }
}

#[tokio::test]
async fn of_several_pictures_all_are_stored_or_none() {
    let server = TestServer::new(|_| ()).await;
    let good = upload("coffee.jpg", &[Format::Jpeg]);
    let mut spoiled = good.parts_of("cover", false);
    spoiled[1].1[300] ^= 1;
    for parts in [
        [good.parts_of("avatar", false), spoiled.clone()].concat(),
        [spoiled, good.parts_of("avatar", false)].concat(),
    ] {
        let answer = server.post(&parts).await;
        let told = answer.json();
        assert_eq!((answer.status.as_u16(), &told["code"]), (422, &json!("digest-mismatch")), "{told}");
        assert_eq!(told["picture"], "cover");
        assert!(server.files().is_empty(), "{:?}", server.files());
    }
}

/// Whichever operation of the store fails.
#[tokio::test]
async fn what_a_failing_store_has_of_a_form_is_removed() {
    let sent = upload("coffee.jpg", &[Format::Jpeg]);
    let body = form(&[sent.parts_of("avatar", false), sent.parts_of("cover", false)].concat());
    // The first three belong to the test of the store at the start.
    for number in 3.. {
        let failure = object_store::Error::Generic { store: "test", source: "no".into() };
        let store = ObservedStore::new().interrupted_before(number, async { Err(failure) }.boxed());
        let opened = Store::with_backend(Arc::new(store.clone()));
        let app = App::with_store(Config::default(), opened).await.unwrap();
        let head = [("content-type", FORM)];
        let answer = common::send(&app, Method::POST, "/v1/images", &head, body.clone()).await;
        if store.take_operations().len() <= number {
            assert_eq!(answer.status, 201);
            assert_eq!(number, 3 + 2 * 3, "outputs, receipt and manifest of two pictures");
            break;
        }
        assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (503, &json!("store-unavailable")));
        let left: Vec<_> = store.objects.list(None).map_ok(|o| o.location).try_collect().await.unwrap();
        let tombstones = left.iter().all(|path: &Path| path.as_ref().starts_with("deleted/"));
        assert!(tombstones, "operation {number} failed: {left:?}");
    }
}

#[tokio::test]
async fn a_recipe_and_its_source_give_the_bytes_that_a_browser_makes() {
    for level in [Level::Result, Level::Source] {
        let server = TestServer::new(|c| c.level = level).await;
        for sent in [
            upload("phone-orientation-6.jpg", &[Format::Jpeg]),
            upload("cat-alpha.png", &[Format::Png, Format::Webp]),
        ] {
            let answer = server.post(&recipe_and_source(&sent, "main")).await;
            let image = answer.image();
            assert_eq!(
                (answer.status.as_u16(), &image["level"]),
                (201, &json!("source")),
                "{}",
                answer.json()
            );
            let receipt = server.get(image["receipt"]["url"].as_str().unwrap()).await;
            assert_eq!(String::from_utf8(receipt.body).unwrap(), sent.receipt);
            for (output, (_, bytes)) in image["outputs"].as_array().unwrap().iter().zip(&sent.outputs) {
                assert_eq!(&server.get(output["url"].as_str().unwrap()).await.body, bytes);
            }
        }
    }
}

#[tokio::test]
async fn forms_that_cannot_be_are_refused_and_leave_nothing() {
    let server = TestServer::new(|c| {
        c.form.pictures = 2;
        c.policy.max_output_side = Some(110);
    })
    .await;
    let open = TestServer::new(|_| ()).await;
    let sent = upload("coffee.jpg", &[Format::Jpeg]);
    let made = recipe_and_source(&sent, "main");
    let many = ["a", "b", "c"].map(|name| sent.parts_of(name, false)).concat();
    let cases: Vec<(&str, &TestServer, Parts, u16, &str)> = vec![
        ("fields alone", &open, vec![field("title", b"x")], 400, "invalid-receipt"),
        ("the old names", &open, vec![field("receipt", sent.receipt.as_bytes())], 400, "invalid-receipt"),
        ("a recipe without a source", &open, made[..1].to_vec(), 422, "source-required"),
        ("a source before its recipe", &open, vec![made[1].clone(), made[0].clone()], 400, "invalid-receipt"),
        (
            "a recipe that is none",
            &open,
            vec![field("main.recipe", b"{}"), made[1].clone()],
            400,
            "invalid-recipe",
        ),
        (
            "a text for a source",
            &open,
            vec![made[0].clone(), field("main.source", b"hello")],
            415,
            "unsupported-format",
        ),
        ("a recipe beyond the policy", &server, made.clone(), 422, "policy-violation"),
        ("more pictures than allowed", &server, many, 413, "too-many-pictures"),
        ("a long field", &open, vec![field("story", &[b'x'; 65_537])], 413, "too-many-bytes"),
        (
            "long fields",
            &open,
            (0..5).map(|i| field(&format!("f{i}"), &[b'x'; 60_000])).collect(),
            413,
            "too-many-bytes",
        ),
    ];
    let mut wrong = Vec::new();
    for (what, server, parts, status, code) in cases {
        let answer = server.post(&parts).await;
        let told = answer.json();
        if (answer.status.as_u16(), &told["code"]) != (status, &json!(code)) || !server.files().is_empty() {
            wrong.push(format!("{what}: {told}, {:?}", server.files()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
