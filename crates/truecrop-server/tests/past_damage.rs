//! One object of the store that cannot be read, whichever it is, stops nothing but what it belongs to: uploads are announced, events are
//! sent, and the sweep goes on to the end.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use axum::http::Method;
use common::receiver::{Receiver, webhook};
use common::uploads::{announce, announcement, sent};
use common::{TestServer, upload};
use serde_json::json;
use std::path::Path;
use std::time::Duration;
use truecrop_core::recipe::Format;
use truecrop_core::verify::Level;
use truecrop_server::store::Ages;

/// An id before, and one behind, most others.
const IDS: [&str; 2] = ["aaaaaaaaaaaaaaaaaaaaaaaaaa", "7777777777777777777777777y"];

/// The files of an upload or a request that are damaged, `{}` for its id. Some stand where no such object is.
const DAMAGED: &[&[&str]] = &[
    &["intents/{}", "incoming/{}/0-0.partial"],
    &["intents/{}", "outcomes/{}", "incoming/{}/0-0"],
    &["outcomes/{}"],
    &["outcomes/{}", "frozen/{}/{}/0-source"],
    &["pending/{}/manifest.json", "pending/{}/main.jpg", "pending/{}/audit-1"],
    &["pending/{}/manifest.json", "outbox/upload-accepted-{}"],
    &["pending/{}/manifest.json", "kept/{}/manifest.json"],
    &["pending/{}/audit", "pending/{}/audit-1"],
    &["kept/{}/manifest.json", "outbox/upload-confirmed-{}"],
    &["kept/{}/manifest.json", "outbox/upload-expired-{}"],
    &["kept/{}/manifest.json", "outbox/audit-failed-{}", "pending/{}/audit"],
    &["outbox/upload-confirmed-{}"],
    &["outbox/upload-{}", "outbox/x"],
    &["requests/{}", "running/{}/0", "running/{}/x"],
    &["used/{}/holder", "used/{}/until-x"],
    &["deleted/{}", "deleted/not-an-id"],
    &["pending/not-an-id/manifest.json", "kept/x", "intents/x", "incoming/x/y/z", "frozen/x", "outcomes/x"],
];

fn write(store: &Path, path: &str) {
    let file = store.join(path);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, "{ this is no json").unwrap();
}

#[tokio::test]
async fn damage_stops_nothing_but_what_it_belongs_to() {
    for damaged in DAMAGED {
        let mut receiver = Receiver::new([]).await;
        // Nothing sends by itself: what is sent was found in the outbox.
        let server = TestServer::new(|config| {
            config.webhook = Some(webhook(&receiver.url));
            config.level = Level::Result;
        })
        .await;
        let store = server.app.store();
        let stored = server.post(&upload("coffee.jpg", &[Format::Jpeg]).parts(false)).await;
        assert_eq!(stored.status, 201, "{}", stored.json());
        let id = stored.image()["id"].as_str().unwrap().to_owned();
        for (path, id) in damaged.iter().flat_map(|path| IDS.map(|id| (path, id))) {
            write(&server.folder.path().join("store"), &path.replace("{}", id));
        }
        let announced = announce(&server.app, &announcement(&sent())).await;
        assert_eq!(announced.status, 201, "{damaged:?}: {}", announced.json());
        server.app.webhooks().unwrap().resend_older(Duration::ZERO).await.unwrap();
        // Also an event that is damaged itself may be sent, and says which it is.
        while receiver.next().await.json()["data"]["id"] != json!(id) {}

        let none = Duration::ZERO;
        let swept =
            store.sweep_by_age(Ages { pending: none, leftovers: none, tombstones: none }, false).await;
        let swept = swept.unwrap_or_else(|e| panic!("{damaged:?}: {e}"));
        assert!(swept.deleted.iter().any(|swept| swept.to_string() == id), "{damaged:?}: {swept:?}");
        let ended = store.sweep_incoming_by_age(none, none, false).await;
        assert!(ended.unwrap_or_else(|e| panic!("{damaged:?}: {e}")) >= 1, "{damaged:?}");
        let path = format!("/v1/uploads/{}", announced.json()["id"].as_str().unwrap());
        let told = server.send(Method::GET, &path, &[], "").await;
        assert!([404, 410].contains(&told.status.as_u16()), "{damaged:?}: {}", told.json());
    }
}
