//! The real binary as an AWS Lambda function: events of the bucket, directly and through a queue, and of the clock. The store is a
//! folder, into which the test puts what a client would.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use common::lambda_runtime::World;
use common::uploads::sent;
use common::{FORM, Upload, form};
use serde_json::{Value, json};
use std::time::{Duration, SystemTime};
use truecrop_core::receipt::Digest;
use truecrop_server::store::{Claimed, Id, Intent, IntentPicture, Outcome, Part, Store};

/// An upload whose parts are in the store, but for those of these names.
async fn upload(world: &World, sent: &Upload, missing: &[&str]) -> Id {
    let part = |file: &str, bytes: &[u8], mime: &str| Part {
        file: file.to_owned(),
        bytes: bytes.len() as u64,
        mime: mime.to_owned(),
        digest: Some(Digest::of(bytes)),
    };
    let jpeg = &sent.outputs[0].1;
    let picture = IntentPicture {
        name: "main".to_owned(),
        claim: Claimed::Receipt(sent.receipt.clone()),
        outputs: vec![("main".to_owned(), part("0-0", jpeg, "image/jpeg"))],
        source: Some(part("0-source", &sent.source, "application/octet-stream")),
    };
    let intent = Intent::new(vec![picture], SystemTime::now(), Duration::from_secs(3600)).unwrap();
    store(world).announce(&intent).await.unwrap();
    for (file, bytes) in [("0-0", jpeg), ("0-source", &sent.source)] {
        if !missing.contains(&file) {
            put(world, intent.id, file, bytes);
        }
    }
    intent.id
}

fn store(world: &World) -> Store {
    Store::open(&world.folder.path().to_string_lossy()).unwrap()
}

fn put(world: &World, id: Id, file: &str, bytes: &[u8]) {
    let folder = world.folder.path().join(format!("incoming/{id}"));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(file), bytes).unwrap();
}

/// What S3 sends of new objects.
fn created(keys: &[String]) -> Value {
    let record = |key: &String| {
        json!({
            "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "us-east-1", "eventName": "ObjectCreated:Put",
            "s3": { "s3SchemaVersion": "1.0", "bucket": { "name": "pictures" }, "object": { "key": key, "size": 1 } }
        })
    };
    json!({ "Records": keys.iter().map(record).collect::<Vec<_>>() })
}

fn message(id: &str, body: &str) -> Value {
    json!({ "messageId": id, "receiptHandle": "x", "body": body, "eventSource": "aws:sqs", "attributes": {} })
}

#[tokio::test]
async fn an_object_that_comes_completes_its_upload_once_all_are_there() {
    let mut world = World::new().await;
    let sent = sent();
    let id = upload(&world, &sent, &["0-source"]).await;
    // With a prefix, and as S3 writes it.
    let event = created(&[format!("some+app/incoming/{id}/0-0")]);
    let waiting = world.answer(event.clone()).await;
    assert_eq!(waiting["uploads"], json!([{ "id": id, "state": "waiting" }]), "{waiting}");
    put(&world, id, "0-source", &sent.source);
    for _ in 0..2 {
        let stored = world.answer(created(&[format!("app/incoming/{id}/0-source")])).await;
        assert_eq!(stored["uploads"], json!([{ "id": id, "state": "stored" }]), "{stored}");
    }
    let Some(Outcome::Stored(pictures)) = store(&world).outcome(id).await.unwrap() else {
        panic!("not stored")
    };
    assert!(store(&world).find(pictures["main"]).await.unwrap().is_some());

    // By EventBridge, and what is no upload.
    let id = upload(&world, &sent, &[]).await;
    let key = format!("incoming/{id}/0-0");
    let notice = json!({ "source": "aws.s3", "detail-type": "Object Created", "detail": { "object": { "key": key } } });
    assert_eq!(world.answer(notice).await["uploads"][0]["state"], "stored");
    let others = ["pending/x/main.jpg".to_owned(), format!("incoming/{}/0-0", Id::random().unwrap())];
    let ignored = world.answer(created(&others)).await;
    let states: Vec<_> = ignored["uploads"].as_array().unwrap().iter().map(|done| &done["state"]).collect();
    assert_eq!(states, ["ignored", "unknown"]);
    let tried = world.answer(json!({ "Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "x" })).await;
    assert_eq!(tried, json!({ "uploads": [] }));
}

#[tokio::test]
async fn of_a_queue_only_what_may_succeed_later_comes_again() {
    let mut world = World::new().await;
    let sent = sent();
    let mut spoiled = sent.clone();
    spoiled.outputs[0].1[300] ^= 1;
    let (good, bad) = (upload(&world, &sent, &[]).await, upload(&world, &sent, &["0-0"]).await);
    put(&world, bad, "0-0", &spoiled.outputs[0].1);
    let event = |id: Id| created(&[format!("incoming/{id}/0-source")]).to_string();
    let (damaged, damaged_event) =
        (Id::random().unwrap(), |id| created(&[format!("incoming/{id}/0-0")]).to_string());
    std::fs::create_dir_all(world.folder.path().join("outcomes")).unwrap();
    std::fs::write(world.folder.path().join(format!("outcomes/{damaged}")), "?").unwrap();
    let messages = [
        message("good", &event(good)),
        message("refused", &event(bad)),
        message("damaged", &damaged_event(damaged)),
        message("nonsense", "nonsense"),
    ];
    let answer = world.answer(json!({ "Records": messages })).await;
    let failed =
        json!({ "batchItemFailures": [{ "itemIdentifier": "damaged" }, { "itemIdentifier": "nonsense" }] });
    assert_eq!(answer, failed);
    assert!(matches!(store(&world).outcome(good).await, Ok(Some(Outcome::Stored(_)))));
    assert!(matches!(store(&world).outcome(bad).await, Ok(Some(Outcome::Refused(_)))));
}

#[tokio::test]
async fn the_clock_sweeps_and_what_nobody_sends_fails() {
    let mut world = World::new().await;
    for event in [
        json!({ "source": "aws.events", "detail-type": "Scheduled Event", "detail": {}, "time": "2026-11-27T00:00:00Z" }),
        json!({ "truecrop": "sweep" }),
    ] {
        let swept = world.answer(event).await;
        assert_eq!(
            (&swept["waiting"], &swept["uploads"], &swept["dry_run"]),
            (&json!(0), &json!(0), &json!(false)),
            "{swept}"
        );
    }
    for event in [json!({ "hello": 1 }), json!({ "truecrop": "dance" }), json!("text"), json!(null)] {
        let failed = world.answer(event.clone()).await;
        assert_eq!(failed["errorType"], "invalid-option", "{event}: {failed}");
    }
}

#[tokio::test]
async fn a_verification_tells_its_memory_as_a_metric() {
    let mut world = World::new().await;
    let body = form(&sent().parts(true));
    let event = json!({
        "version": "2.0", "routeKey": "$default", "rawPath": "/v1/images", "rawQueryString": "",
        "headers": { "host": "x.example", "content-type": FORM },
        "requestContext": { "stage": "$default", "http": { "method": "POST", "path": "/v1/images" } },
        "isBase64Encoded": true,
        "body": base64::Engine::encode(&base64::engine::general_purpose::STANDARD, body)
    });
    let answer = world.answer(event).await;
    assert_eq!(answer["statusCode"], 201, "{answer}");
    let printed = world.printed.recv_timeout(Duration::from_secs(30)).unwrap();
    let line: Value = serde_json::from_str(&printed).unwrap();
    let told = &line["_aws"]["CloudWatchMetrics"][0];
    assert_eq!((&told["Namespace"], &told["Dimensions"]), (&json!("truecrop"), &json!([[]])), "{line}");
    for metric in told["Metrics"].as_array().unwrap() {
        assert!(line[metric["Name"].as_str().unwrap()].as_f64().unwrap() > 0.0, "{metric} {line}");
    }
    // Of 512 MB, which the runtime of this test gives.
    assert_eq!(line["MemoryBudgetBytes"], 448 << 20);
}
