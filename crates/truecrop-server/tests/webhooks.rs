//! What the application hears of uploads, by a receiver that is a real server: signed, sent again until it is taken, also after a crash;
//! and a receiver that hangs, redirects, or never ends its answer.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use axum::body::Body;
use axum::http::Method;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::observed_store::ObservedStore;
use common::receiver::{Answer, Heard, Receiver, SECRETS, webhook};
use common::{TestServer, form, upload};
use futures::FutureExt;
use hmac::{Hmac, Mac};
use serde_json::json;
use sha2::Sha256;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use truecrop_core::recipe::Format;
use truecrop_core::verify::Level;
use truecrop_server::config::{Config, HumanDuration};
use truecrop_server::http::App;
use truecrop_server::store::Store;

/// A server that tells this receiver.
async fn server(receiver: &Receiver, change: impl FnOnce(&mut Config)) -> TestServer {
    let server = TestServer::new(|config| {
        config.webhook = Some(webhook(&receiver.url));
        change(config);
    })
    .await;
    tokio::spawn(server.app.webhooks().unwrap().clone().run());
    server
}

async fn post(server: &TestServer) -> String {
    let stored = server.post(&upload("coffee.jpg", &[Format::Jpeg]).parts(false)).await;
    assert_eq!(stored.status, 201, "{}", stored.json());
    stored.image()["id"].as_str().unwrap().to_owned()
}

/// Checks what is promised of every event: Standard Webhooks, with both secrets.
fn check_signed(heard: &Heard) {
    let (id, time) = (heard.header("webhook-id"), heard.header("webhook-timestamp"));
    let seconds: u64 = time.parse().unwrap();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    assert!(now.abs_diff(seconds) < 60, "{seconds}");
    let signed = SECRETS.map(|secret| {
        let mac = Hmac::<Sha256>::new_from_slice(&secret).unwrap();
        let mac = mac.chain_update(format!("{id}.{time}.")).chain_update(&heard.body).finalize();
        format!("v1,{}", STANDARD.encode(mac.into_bytes()))
    });
    assert_eq!(heard.header("webhook-signature"), signed.join(" "));
    assert_eq!(heard.header("content-type"), "application/json");
}

async fn outbox_is_empty(server: &TestServer) {
    for _ in 0..1000 {
        if server.files().iter().all(|file| !file.starts_with("outbox/")) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{:?}", server.files());
}

#[tokio::test]
async fn the_application_hears_of_each_step_of_an_upload() {
    let mut receiver = Receiver::new([]).await;
    let server = server(&receiver, |config| {
        config.level = Level::Committed;
        config.audits.share = 0.0;
    })
    .await;
    let id = post(&server).await;
    let accepted = receiver.next().await;
    check_signed(&accepted);
    let told = accepted.json();
    assert_eq!((&told["type"], &told["data"]["id"]), (&json!("upload.accepted"), &json!(id)));
    let shown = server.get(&format!("/v1/images/{id}")).await.json();
    for member in ["created_at", "expires_at", "level"] {
        assert_eq!(told["data"][member], shown[member], "{member}");
    }
    assert_eq!(told["data"]["outputs"][0]["digest"], shown["outputs"][0]["digest"]);
    assert!(humantime::parse_rfc3339(told["timestamp"].as_str().unwrap()).is_ok());

    for _ in 0..2 {
        server.send(Method::POST, &format!("/v1/images/{id}/confirm"), &[], Body::empty()).await;
    }
    let confirmed = receiver.next().await;
    check_signed(&confirmed);
    assert_eq!(confirmed.json()["type"], "upload.confirmed");
    assert_ne!(confirmed.header("webhook-id"), accepted.header("webhook-id"));

    // Of what FilePond sends, too.
    let sent = upload("coffee.jpg", &[Format::Jpeg]);
    let metadata = json!({ "truecrop": { "receipt": sent.receipt } }).to_string().into_bytes();
    let parts = [metadata, sent.outputs[0].1.clone()].map(|bytes| ("avatar".to_owned(), bytes));
    let kind = [("content-type", common::FORM)];
    let stored = server.send(Method::POST, "/v1/filepond", &kind, form(&parts)).await;
    let id = String::from_utf8(stored.body).unwrap();
    assert_eq!(receiver.next().await.json()["data"]["id"], id.as_str());
    server.send(Method::DELETE, "/v1/filepond", &[], id).await;

    let other = post(&server).await;
    assert_eq!(receiver.next().await.json()["type"], "upload.accepted");
    server.app.store().sweep(Duration::ZERO, false).await.unwrap();
    let expired = receiver.next().await;
    check_signed(&expired);
    assert_eq!(expired.json()["type"], "upload.expired");
    assert_eq!(
        (&expired.json()["data"]["id"], &expired.json()["data"]["level"]),
        (&json!(other), &json!("committed"))
    );
    outbox_is_empty(&server).await;
    assert!(receiver.has_heard_nothing(), "one event for each step");
}

#[tokio::test]
async fn an_audit_that_fails_is_told_whoever_finds_it() {
    let mut receiver = Receiver::new([]).await;
    let server = server(&receiver, |config| {
        config.level = Level::Committed;
        config.audits.share = 1.0;
        config.audits.deadline = HumanDuration(Duration::from_secs(1));
    })
    .await;
    let id = post(&server).await;
    assert_eq!(receiver.next().await.json()["type"], "upload.accepted");
    tokio::time::sleep(Duration::from_millis(2100)).await;
    server.app.store().sweep(Duration::from_secs(24 * 3600), false).await.unwrap();
    let mut told = [receiver.next().await.json(), receiver.next().await.json()];
    told.sort_by_key(|event| event["type"].to_string());
    let kinds = told.each_ref().map(|event| event["type"].as_str().unwrap());
    assert_eq!(kinds, ["audit.failed", "upload.expired"]);
    assert!(told.iter().all(|event| event["data"]["id"] == json!(id)));
    outbox_is_empty(&server).await;
}

#[tokio::test]
async fn what_is_not_taken_is_sent_again_under_the_same_id() {
    let mut receiver = Receiver::new([Answer::Fails, Answer::Redirects("/elsewhere".to_owned())]).await;
    let server = server(&receiver, |_| ()).await;
    post(&server).await;
    let tries = [receiver.next().await, receiver.next().await, receiver.next().await];
    for heard in &tries {
        check_signed(heard);
        assert_eq!(heard.header("webhook-id"), tries[0].header("webhook-id"));
        assert_eq!(heard.body, tries[0].body);
    }
    outbox_is_empty(&server).await;
    assert!(receiver.has_heard_nothing());
    let metrics = String::from_utf8(server.get("/metrics").await.body).unwrap();
    for (result, count) in [("failed", 2), ("delivered", 1)] {
        let line =
            format!("truecrop_webhook_events_total{{event=\"upload.accepted\",result=\"{result}\"}} {count}");
        assert!(metrics.contains(&line), "{metrics}");
    }
    for family in ["truecrop_webhook_events_total counter", "truecrop_webhook_seconds histogram"] {
        assert!(metrics.contains(&format!("# TYPE {family}\n")), "{family} in\n{metrics}");
    }
}

#[tokio::test]
async fn a_redirect_leads_nowhere() {
    let mut elsewhere = Receiver::new([]).await;
    let redirects = vec![Answer::Redirects(elsewhere.url.clone()); 4];
    let mut receiver = Receiver::new(redirects).await;
    let server = server(&receiver, |_| ()).await;
    post(&server).await;
    for _ in 0..4 {
        receiver.next().await;
    }
    assert!(elsewhere.has_heard_nothing());
    assert!(server.files().iter().any(|file| file.starts_with("outbox/upload-accepted-")));
    // The sweep tries again, and now it is taken.
    server.app.webhooks().unwrap().resend_older(Duration::ZERO).await.unwrap();
    receiver.next().await;
    outbox_is_empty(&server).await;
    assert!(elsewhere.has_heard_nothing());
}

/// Neither keeps an upload waiting, nor the events of others for longer than a try takes.
#[tokio::test]
async fn a_receiver_that_hangs_or_never_ends_holds_nobody_up() {
    let mut receiver = Receiver::new([Answer::Hangs, Answer::NeverEnds]).await;
    let server = server(&receiver, |config| {
        let webhook = config.webhook.as_mut().unwrap();
        webhook.timeout = HumanDuration(Duration::from_millis(300));
    })
    .await;
    post(&server).await;
    let first = receiver.next().await;
    // What never ends has its status, and that counts.
    let again = receiver.next().await;
    assert_eq!(first.header("webhook-id"), again.header("webhook-id"));
    outbox_is_empty(&server).await;
    assert!(receiver.has_heard_nothing());
    let answers = Arc::clone(&receiver.answers);
    answers.lock().unwrap().extend(vec![Answer::Hangs; 40]);
    for _ in 0..3 {
        post(&server).await;
    }
}

/// The server dies between a step and its event: the sweep of another one sends it. What has not happened is never sent.
#[tokio::test]
async fn a_crash_loses_no_event_and_makes_none() {
    let parts = upload("coffee.jpg", &[Format::Jpeg]).parts(false);
    let head = [("content-type", common::FORM)];
    let mut receiver = Receiver::new([]).await;
    let config = Config { webhook: Some(webhook(&receiver.url)), ..Config::default() };
    let open = async |store: ObservedStore| {
        App::with_store(config.clone(), Store::with_backend(Arc::new(store))).await.unwrap()
    };
    let (mut written, mut sent) = (0, 0);
    // The self-test takes three; then output, receipt, event, manifest.
    for number in 3..8 {
        let reached = Arc::new(tokio::sync::Notify::new());
        let here = Arc::clone(&reached);
        let dies = async move {
            here.notify_one();
            std::future::pending().await
        };
        let observed = ObservedStore::new();
        let app = open(observed.interrupted_before(number, dies.boxed())).await;
        let stored = tokio::select! {
            answer = common::send(&app, Method::POST, "/v1/images", &head, form(&parts)) => answer.status == 201,
            () = reached.notified() => false,
        };
        drop(app);
        let paths = common::uploads::paths(&observed.objects).await;
        let event = paths.iter().any(|path| path.starts_with("outbox/"));
        // It is written before the upload is there: so none is there without.
        let there = paths.iter().any(|path| path.ends_with("manifest.json"));
        assert!(event || !there, "{number}: {paths:?}");
        assert_eq!(stored, there, "{number}");
        let other = open(observed.clone()).await;
        other.webhooks().unwrap().resend_older(Duration::ZERO).await.unwrap();
        assert_eq!(receiver.has_heard_nothing(), !there, "{number}: {paths:?}");
        (written, sent) = (written + usize::from(event), sent + usize::from(there));
        let left = common::uploads::paths(&observed.objects).await;
        let waits = left.iter().any(|path| path.starts_with("outbox/"));
        assert_eq!(waits, event && !there, "it may happen yet: {left:?}");
    }
    assert_eq!((written, sent), (2, 1));
}

#[tokio::test]
async fn what_nobody_takes_is_given_up() {
    let mut receiver = Receiver::new(vec![Answer::Fails; 4]).await;
    let server = server(&receiver, |config| {
        config.webhook.as_mut().unwrap().give_up = HumanDuration(Duration::from_secs(3600));
    })
    .await;
    post(&server).await;
    for _ in 0..4 {
        receiver.next().await;
    }
    let folder = server.folder.path().join("store/outbox");
    let event = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    let old = SystemTime::now() - Duration::from_secs(2 * 3600);
    std::fs::File::options().write(true).open(event).unwrap().set_modified(old).unwrap();
    server.app.webhooks().unwrap().resend_older(Duration::ZERO).await.unwrap();
    outbox_is_empty(&server).await;
    assert!(receiver.has_heard_nothing());
}

/// The server dies after it has written an event, and what ended the upload is forgotten before the event is sent.
#[tokio::test]
async fn the_end_of_an_upload_is_told_when_nothing_of_it_is_left_and_never_of_one_that_is_kept() {
    for kind in ["upload-expired", "audit-failed"] {
        let mut receiver = Receiver::new([]).await;
        let server = server(&receiver, |_| ()).await;
        let (store, folder) = (server.app.store(), server.folder.path().join("store"));
        let (kept, ended) = (post(&server).await, post(&server).await);
        receiver.next().await;
        receiver.next().await;
        outbox_is_empty(&server).await;
        store.confirm(kept.parse().unwrap()).await.unwrap();
        receiver.next().await;
        outbox_is_empty(&server).await;
        for id in [&kept, &ended] {
            std::fs::create_dir_all(folder.join("outbox")).unwrap();
            std::fs::write(folder.join(format!("outbox/{kind}-{id}")), "{}").unwrap();
        }
        server.app.webhooks().unwrap().resend_older(Duration::ZERO).await.unwrap();
        assert!(receiver.has_heard_nothing(), "{kind}");
        assert!(!folder.join(format!("outbox/{kind}-{kept}")).exists(), "{kind}");
        store.delete(ended.parse().unwrap()).await.unwrap();
        std::fs::remove_file(folder.join(format!("deleted/{ended}"))).unwrap();
        server.app.webhooks().unwrap().resend_older(Duration::ZERO).await.unwrap();
        assert!(!receiver.has_heard_nothing(), "{kind}");
        outbox_is_empty(&server).await;
    }
}
