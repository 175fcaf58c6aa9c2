//! How pictures are served: some of their bytes, and by others than this server, from a bucket.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use axum::body::Body;
use axum::http::Method;
use common::noise::noise;
use common::{TestServer, Upload, form, upload};
use object_store::memory::InMemory;
use object_store::{Attribute, ObjectStore, ObjectStoreExt};
use std::sync::Arc;
use truecrop_core::recipe::Format;
use truecrop_server::config::Config;
use truecrop_server::http::App;
use truecrop_server::store::Store;

async fn stored(server: &TestServer, sent: &Upload) -> String {
    let answer = server.post(&sent.parts(false)).await;
    assert_eq!(answer.status, 201, "{}", answer.json());
    answer.header("location").to_owned()
}

/// A small picture is read as a whole, a large one is streamed.
#[tokio::test]
async fn a_part_of_a_picture_is_served() {
    let server = TestServer::new(|_| ()).await;
    for (sent, streamed) in [(upload("coffee.jpg", &[Format::Jpeg]), false), (noise(200), true)] {
        let bytes = &sent.outputs[0].1;
        let length = bytes.len();
        assert_eq!(length > 64 << 10, streamed);
        let main = format!("{}/main", stored(&server, &sent).await);
        let whole = server.get(&main).await;
        assert_eq!((whole.header("accept-ranges"), whole.header("content-range")), ("bytes", ""));
        let tag = whole.header("etag").to_owned();
        let ask = async |method: Method, fields: &[(&str, &str)]| {
            server.send(method, &main, fields, Body::empty()).await
        };
        for (range, from, to) in [
            ("bytes=0-0", 0, 1),
            ("bytes=1-9", 1, 10),
            ("bytes=1000-", 1000, length),
            ("bytes=-5", length - 5, length),
            ("bytes=0-99999999", 0, length),
        ] {
            let part = ask(Method::GET, &[("range", range), ("if-range", &tag)]).await;
            assert_eq!((part.status.as_u16(), &part.body[..]), (206, &bytes[from..to]), "{range}");
            let told = format!("bytes {from}-{}/{length}", to - 1);
            assert_eq!(part.header("content-range"), told, "{range}");
            assert_eq!(part.header("content-length"), (to - from).to_string(), "{range}");
            for name in ["etag", "cache-control", "content-type", "repr-digest"] {
                assert_eq!(part.header(name), whole.header(name), "{range}: {name}");
            }
        }
        for fields in [
            &[("range", "bytes=0-0,2-2")][..],
            &[("range", "bytes=9-1")],
            &[("range", "bytes=0-0"), ("if-range", "\"another\"")],
        ] {
            let all = ask(Method::GET, fields).await;
            assert_eq!((all.status.as_u16(), all.body.len()), (200, length), "{fields:?}");
        }
        let head = ask(Method::HEAD, &[("range", "bytes=0-0")]).await;
        assert_eq!((head.status.as_u16(), head.header("content-length")), (200, &*length.to_string()));
        let known = ask(Method::GET, &[("range", "bytes=0-0"), ("if-none-match", &tag)]).await;
        assert_eq!(known.status, 304);
        let beyond = ask(Method::GET, &[("range", &format!("bytes={length}-"))]).await;
        assert_eq!((beyond.status.as_u16(), &beyond.json()["code"]), (416, &"range-not-satisfiable".into()));
        assert_eq!(beyond.header("content-range"), format!("bytes */{length}"));
    }
}

#[tokio::test]
async fn a_bucket_can_serve_what_lies_in_it() {
    let objects = Arc::new(InMemory::new());
    let store = Store::with_backend(Arc::clone(&objects) as Arc<dyn ObjectStore>);
    let app =
        App::with_store(Config::default(), store.with_storage_class(Some("STANDARD_IA"))).await.unwrap();
    let body = form(&upload("coffee.jpg", &[Format::Jpeg, Format::Png, Format::Webp]).parts(false));
    let answer =
        common::send(&app, Method::POST, "/v1/images", &[("content-type", common::FORM)], body).await;
    let location = answer.header("location").to_owned();
    let id = location.rsplit('/').next().unwrap();
    let attributes = async |stage: &str, file: &str| {
        let path = format!("{stage}/{id}/{file}").into();
        let found = objects.get(&path).await.unwrap().attributes;
        let value = |name: Attribute| found.get(&name).map(|value| value.to_string()).unwrap_or_default();
        [value(Attribute::ContentType), value(Attribute::CacheControl), value(Attribute::StorageClass)]
    };
    let (pending, kept) = ("private, no-store", "public, max-age=31536000, immutable");
    let pictures = [("main.jpg", "image/jpeg"), ("extra1.png", "image/png"), ("extra2.webp", "image/webp")];
    for (file, kind) in pictures {
        assert_eq!(attributes("pending", file).await, [kind, pending, ""], "{file}");
    }
    let confirm = common::send(&app, Method::POST, &format!("{location}/confirm"), &[], Body::empty()).await;
    assert_eq!(confirm.status, 200);
    for (file, kind) in pictures {
        assert_eq!(attributes("kept", file).await, [kind, kept, "STANDARD_IA"], "{file}");
    }
    for file in ["receipt.json", "manifest.json"] {
        assert_eq!(attributes("kept", file).await, ["application/json", pending, ""], "{file}");
    }
}

/// The demo is only the first page of a folder that has none of its own.
#[tokio::test]
async fn the_first_page_is_the_folders_own() {
    let cases: [(&[&str], u16, &str); 3] = [
        (&["index.html", "demo/index.html"], 200, ""),
        (&["demo/index.html"], 307, "/demo/"),
        (&["other.html"], 404, ""),
    ];
    for (files, status, location) in cases {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("demo")).unwrap();
        for file in files {
            std::fs::write(folder.path().join(file), "a page").unwrap();
        }
        let server = TestServer::new(|config| config.www = Some(folder.path().to_owned())).await;
        let answer = server.get("/").await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (status, location), "{files:?}");
    }
}
