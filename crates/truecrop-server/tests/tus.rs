//! Resumable uploads by tus into a folder: what has come when a client goes away, and that nothing is stored that does not hold.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use axum::body::{Body, Bytes};
use axum::http::Method;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::tus::{
    RECIPE, STREAM, VERSION, announced, append, append_with, create, metadata, offset, server, tus,
};
use common::uploads::{announce, announcement, complete, sent};
use common::{TestServer, Upload};
use futures::SinkExt;
use futures::channel::mpsc;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::convert::Infallible;
use std::time::Duration;
use truecrop_core::verify::Level;
use truecrop_server::config::HumanDuration;
use truecrop_server::http::App;

#[tokio::test]
async fn an_announced_upload_comes_in_pieces_and_is_judged_as_any_other() {
    let (server, sent) = (server(|_| ()).await, sent());
    let told = announce(&server.app, &announcement(&sent)).await.json();
    let put = &told["parts"]["main"]["source"];
    assert_eq!((&put["method"], &put["bytes"]), (&json!("PATCH"), &json!(sent.source.len())));
    let given_up = format!("/v1/uploads/{}", told["id"].as_str().unwrap());
    assert_eq!(server.send(Method::DELETE, &given_up, &[], Body::empty()).await.status, 204);
    let (id, output, source) = announced(&server, &sent).await;
    let early = complete(&server.app, &id).await;
    assert_eq!((early.status.as_u16(), &early.json()["code"]), (409, &json!("not-uploaded")));
    assert_eq!(append(&server, &output, 0, &sent.outputs[0].1).await.status, 204);
    let mut at = 0;
    for piece in sent.source.chunks(sent.source.len() / 3) {
        assert_eq!(offset(&server, &source).await, at as u64);
        let answer = append(&server, &source, at, piece).await;
        at += piece.len();
        assert_eq!((answer.status.as_u16(), answer.header("upload-offset")), (204, &*at.to_string()));
        assert!(answer.header("upload-expires").ends_with(" GMT"));
    }
    // The last piece has judged it; completing tells the same.
    let files = server.files();
    assert_eq!(files.iter().filter(|file| file.starts_with("pending/")).count(), 3, "{files:?}");
    let done = complete(&server.app, &id).await;
    assert_eq!((done.status.as_u16(), &done.json()["state"]), (200, &json!("stored")), "{}", done.json());
    let image = &done.json()["images"]["main"];
    assert_eq!(image["level"], "source");
    let served = server.get(image["outputs"][0]["url"].as_str().unwrap()).await;
    assert_eq!(served.body, sent.outputs[0].1);
    // An answer was lost: the client finds that everything has come.
    assert_eq!(offset(&server, &source).await, sent.source.len() as u64);
    assert_eq!(append(&server, &source, sent.source.len(), b"").await.status, 204);
    assert!(server.files().iter().all(|file| !file.starts_with("incoming/") && !file.starts_with("frozen/")));
    for folder in ["incoming", "frozen"] {
        let left = std::fs::read_dir(server.folder.path().join("store").join(folder)).unwrap().count();
        assert_eq!(left, 0, "{folder}");
    }
}

#[tokio::test]
async fn a_client_that_knows_tus_alone_sends_a_crop_or_a_photo() {
    let (server, sent) = (server(|config| config.level = Level::Result).await, sent());
    let crop = &sent.outputs[0].1;
    let pairs = [("avatar.receipt", &*sent.receipt), ("filename", "holiday.jpg")];
    let created = create(&server, crop.len(), &pairs).await;
    assert_eq!(created.status, 201, "{}", created.json());
    let url = created.header("location").to_owned();
    assert_eq!(append(&server, &url, 0, crop).await.status, 204);
    let id = url.split('/').nth(3).unwrap().to_owned();
    let by_receipt = complete(&server.app, &id).await.json();
    let fields = metadata(&[("avatar.recipe", RECIPE)]);
    let length = sent.source.len().to_string();
    let fields = [VERSION, STREAM, ("upload-length", &length), ("upload-metadata", &fields)];
    let created = server.send(Method::POST, "/v1/tus", &fields, sent.source.clone()).await;
    assert_eq!(
        (created.status.as_u16(), created.header("upload-offset")),
        (201, &*length),
        "{}",
        created.json()
    );
    let id = created.header("location").split('/').nth(3).unwrap().to_owned();
    let by_recipe = complete(&server.app, &id).await.json();
    let digest = |told: &Value| told["images"]["avatar"]["outputs"][0]["digest"].clone();
    assert!(digest(&by_receipt).is_string());
    assert_eq!(digest(&by_receipt), digest(&by_recipe), "{by_receipt} {by_recipe}");
    assert_eq!(by_recipe["images"]["avatar"]["level"], "source");
    // The name of a file says something of a person: nothing keeps it.
    let kept = server
        .files()
        .into_iter()
        .map(|f| std::fs::read(server.folder.path().join("store").join(f)).unwrap());
    assert!(kept.into_iter().all(|bytes| !bytes.windows(7).any(|w| w == b"holiday")));
}

#[tokio::test]
async fn a_part_that_is_not_what_was_announced_is_thrown_away_and_may_come_again() {
    let (server, sent) = (server(|_| ()).await, sent());
    let (id, output, source) = announced(&server, &sent).await;
    let mut forged = sent.source.clone();
    forged[300] ^= 1;
    let refused = append(&server, &source, 0, &forged).await;
    let problem = refused.json();
    assert_eq!((refused.status.as_u16(), &problem["code"]), (422, &json!("source-mismatch")), "{problem}");
    assert_eq!((&problem["field"], &problem["picture"]), (&json!("main.source.digest"), &json!("main")));
    assert_eq!(offset(&server, &source).await, 0);
    assert_eq!(append(&server, &source, 0, &sent.source).await.status, 204);
    assert_eq!(append(&server, &output, 0, &sent.outputs[0].1).await.status, 204);
    assert_eq!(complete(&server.app, &id).await.status, 200);
}

#[tokio::test]
async fn a_source_that_does_not_give_the_outputs_is_refused_for_good() {
    let (server, sent) = (server(|_| ()).await, sent());
    // An honest picture of another photo, with this one's receipt of its source.
    let other = common::upload("rocket.jpg", &[truecrop_core::recipe::Format::Jpeg]);
    let facts: Value = serde_json::from_str::<Value>(&sent.receipt).unwrap()["outputs"].clone();
    let forged = other.forge(|receipt| receipt["outputs"] = facts);
    let forged = Upload { outputs: sent.outputs.clone(), ..forged };
    let (id, output, source) = announced(&server, &forged).await;
    assert_eq!(append(&server, &output, 0, &forged.outputs[0].1).await.status, 204);
    let refused = append(&server, &source, 0, &forged.source).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["code"]), (422, &json!("output-mismatch")));
    let again = complete(&server.app, &id).await;
    assert_eq!((again.status.as_u16(), &again.json()["code"]), (422, &json!("output-mismatch")));
    assert_eq!(tus(&server, Method::HEAD, &source, &[]).await.status, 422);
    assert!(server.files().iter().all(|file| file.starts_with("intents/") || file.starts_with("outcomes/")));
}

#[tokio::test]
async fn a_chunk_with_a_checksum_is_taken_whole_or_not_at_all() {
    let (server, sent) = (server(|_| ()).await, sent());
    let (_, _, source) = announced(&server, &sent).await;
    let (first, rest) = sent.source.split_at(10_000);
    let sha256 = |bytes: &[u8]| format!("sha256 {}", STANDARD.encode(Sha256::digest(bytes)));
    let sum = sha256(first);
    let wrong = append_with(&server, &source, 0, rest[..10_000].to_vec(), &[("upload-checksum", &sum)]).await;
    assert_eq!((wrong.status.as_u16(), &wrong.json()["code"]), (460, &json!("checksum-mismatch")));
    assert_eq!(offset(&server, &source).await, 0);
    // One that breaks off cannot be checked.
    let (mut sender, body) = mpsc::channel::<Result<Bytes, std::io::Error>>(4);
    sender.send(Ok(Bytes::copy_from_slice(&first[..5000]))).await.unwrap();
    sender.send(Err(std::io::ErrorKind::ConnectionReset.into())).await.unwrap();
    drop(sender);
    let cut = append_with(&server, &source, 0, Body::from_stream(body), &[("upload-checksum", &sum)]).await;
    assert_eq!((cut.status.as_u16(), offset(&server, &source).await), (400, 0));
    let right = append_with(&server, &source, 0, first.to_vec(), &[("upload-checksum", &sum)]).await;
    assert_eq!((right.status.as_u16(), offset(&server, &source).await), (204, 10_000));
    let sum = sha256(rest);
    let last = append_with(&server, &source, 10_000, rest.to_vec(), &[("upload-checksum", &sum)]).await;
    assert_eq!(last.status, 204, "{}", last.json());
}

/// A client that sends so many pieces of a photo, and then goes away or says no more.
async fn pieces(
    photo: &[u8],
    from: usize,
    number: usize,
) -> (mpsc::Sender<Result<Bytes, Infallible>>, Body, usize) {
    let (mut sender, body) = mpsc::channel(64);
    let all: Vec<&[u8]> = photo[from..].chunks(7000).take(number).collect();
    for piece in &all {
        sender.send(Ok(Bytes::copy_from_slice(piece))).await.unwrap();
    }
    (sender, Body::from_stream(body), from + all.iter().map(|piece| piece.len()).sum::<usize>())
}

#[tokio::test]
async fn what_has_come_stays_wherever_the_client_or_the_server_stops() {
    let (server, sent) = (server(|_| ()).await, sent());
    let (id, output, source) = announced(&server, &sent).await;
    let mut at = 0;
    for number in 1..=3 {
        // The server's work is dropped once it has taken these.
        let (sender, body, end) = pieces(&sent.source, at, number).await;
        {
            let request = append_with(&server, &source, at, body, &[]);
            tokio::pin!(request);
            let taken = async {
                let file = server.folder.path().join("store/incoming").join(&id).join("0-source.partial");
                while std::fs::metadata(&file).map_or(0, |meta| meta.len()) < end as u64 {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            };
            tokio::select! {
                answer = &mut request => panic!("{}", answer.json()),
                () = taken => {}
            }
        }
        drop(sender);
        at = end;
        assert_eq!(offset(&server, &source).await, at as u64, "{number}");
    }
    // A client whose connection ends in the middle.
    let (mut sender, body) = mpsc::channel::<Result<Bytes, std::io::Error>>(4);
    sender.send(Ok(Bytes::copy_from_slice(&sent.source[at..at + 3000]))).await.unwrap();
    sender.send(Err(std::io::ErrorKind::ConnectionReset.into())).await.unwrap();
    assert_eq!(append_with(&server, &source, at, Body::from_stream(body), &[]).await.status, 400);
    at += 3000;
    assert_eq!(offset(&server, &source).await, at as u64);
    assert_eq!(append(&server, &source, at, &sent.source[at..]).await.status, 204);
    assert_eq!(append(&server, &output, 0, &sent.outputs[0].1).await.status, 204);
    assert_eq!(complete(&server.app, &id).await.status, 200);
}

#[tokio::test]
async fn a_new_request_takes_over_from_one_that_stalls() {
    let (server, sent) = (server(|_| ()).await, sent());
    let (id, output, source) = announced(&server, &sent).await;
    let (_stalls, body, end) = pieces(&sent.source, 0, 2).await;
    let file = server.folder.path().join("store/incoming").join(&id).join("0-source.partial");
    let later = async {
        while std::fs::metadata(&file).map_or(0, |meta| meta.len()) < end as u64 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let at = offset(&server, &source).await as usize;
        append(&server, &source, at, &sent.source[at..]).await
    };
    let (first, second) = tokio::join!(append_with(&server, &source, 0, body, &[]), later);
    assert_eq!((first.status.as_u16(), &first.json()["code"]), (423, &json!("upload-locked")));
    assert_eq!(second.status, 204, "{}", second.json());
    // Many at once for the same bytes: each byte is taken once.
    let crop = &sent.outputs[0].1;
    let all = futures::future::join_all((0..8).map(|_| append(&server, &output, 0, crop))).await;
    let statuses: Vec<u16> = all.iter().map(|answer| answer.status.as_u16()).collect();
    assert!(
        statuses.contains(&204) && statuses.iter().all(|s| [204, 409, 410, 423].contains(s)),
        "{statuses:?}"
    );
    assert_eq!(complete(&server.app, &id).await.status, 200);
}

#[tokio::test]
async fn another_server_of_the_folder_waits_for_who_writes_and_then_goes_on() {
    let (server, sent) = (server(|_| ()).await, sent());
    let folder = tempfile::tempdir().unwrap();
    let other = TestServer { folder, app: App::new(server.app.config().clone()).await.unwrap() };
    let (id, output, source) = announced(&server, &sent).await;
    let (stalls, body, end) = pieces(&sent.source, 0, 2).await;
    let file = server.folder.path().join("store/incoming").join(&id).join("0-source.partial");
    let later = async {
        while std::fs::metadata(&file).map_or(0, |meta| meta.len()) < end as u64 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(offset(&other, &source).await, end as u64);
        let locked = append(&other, &source, end, &sent.source[end..]).await;
        assert_eq!((locked.status.as_u16(), &locked.json()["code"]), (423, &json!("upload-locked")));
        // The client of the first server has gone.
        drop(stalls);
    };
    let (first, ()) = tokio::join!(append_with(&server, &source, 0, body, &[]), later);
    assert_eq!((first.status.as_u16(), first.header("upload-offset")), (204, &*end.to_string()));
    assert_eq!(append(&other, &source, end, &sent.source[end..]).await.status, 204);
    assert_eq!(append(&server, &output, 0, &sent.outputs[0].1).await.status, 204);
    assert_eq!(complete(&other.app, &id).await.status, 200);
}

#[tokio::test]
async fn an_upload_ends_by_its_client_or_with_its_time() {
    let (server, sent) = (server(|_| ()).await, sent());
    let (id, output, source) = announced(&server, &sent).await;
    assert_eq!(append(&server, &source, 0, &sent.source[..999]).await.status, 204);
    let override_it = [VERSION, ("x-http-method-override", "DELETE")];
    let ended = server.send(Method::POST, &source, &override_it, Body::empty()).await;
    assert_eq!((ended.status.as_u16(), ended.header("tus-resumable")), (204, "1.0.0"));
    for answer in [
        tus(&server, Method::HEAD, &source, &[]).await,
        append(&server, &source, 999, &sent.source[999..]).await,
        append(&server, &output, 0, &sent.outputs[0].1).await,
        complete(&server.app, &id).await,
    ] {
        assert_eq!(answer.status, 410, "{}", answer.json());
    }
    assert_eq!(server.files(), [format!("intents/{id}"), format!("outcomes/{id}")]);
    assert_eq!(tus(&server, Method::DELETE, &source, &[]).await.status, 204);

    let short =
        common::tus::server(|config| config.uploads.ttl = HumanDuration(Duration::from_secs(1))).await;
    let (id, _, source) = announced(&short, &sent).await;
    assert_eq!(append(&short, &source, 0, &sent.source[..999]).await.status, 204);
    while tus(&short, Method::HEAD, &source, &[]).await.status == 200 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let late = append(&short, &source, 999, &sent.source[999..]).await;
    assert_eq!((late.status.as_u16(), &late.json()["code"]), (410, &json!("upload-expired")));
    assert!(short.files().iter().any(|file| file.starts_with("incoming/")));
    // The next that begins finds it, or a sweep.
    announced(&short, &sent).await;
    assert!(!short.files().iter().any(|file| file.starts_with(&format!("incoming/{id}"))));
    let swept = short.app.store().sweep_incoming_by_age(Duration::ZERO, Duration::ZERO, false).await.unwrap();
    assert_eq!(swept, 1);
    short.app.store().sweep_incoming_by_age(Duration::ZERO, Duration::ZERO, false).await.unwrap();
    assert_eq!(short.files(), Vec::<String>::new());
}

#[tokio::test]
async fn a_part_whose_writer_died_at_its_end_is_ended_by_who_comes_next() {
    let sent = sent();
    for by_head in [true, false] {
        let server = server(|_| ()).await;
        let (id, output, source) = announced(&server, &sent).await;
        assert_eq!(append(&server, &output, 0, &sent.outputs[0].1).await.status, 204);
        let partial = server.folder.path().join("store/incoming").join(&id).join("0-source.partial");
        let mut damaged = sent.source.clone();
        damaged[300] ^= 1;
        std::fs::write(&partial, damaged).unwrap();
        if by_head {
            assert_eq!(offset(&server, &source).await, 0);
        }
        let early = complete(&server.app, &id).await;
        assert_eq!((early.status.as_u16(), &early.json()["code"]), (409, &json!("not-uploaded")));
        assert_eq!(offset(&server, &source).await, 0);
        std::fs::write(&partial, &sent.source).unwrap();
        if by_head {
            assert_eq!(offset(&server, &source).await, sent.source.len() as u64);
            // It was judged as with its last chunk.
            let files = server.files();
            assert!(files.iter().any(|file| file.starts_with("outcomes/")), "{files:?}");
        }
        let done = complete(&server.app, &id).await;
        assert_eq!((done.status.as_u16(), &done.json()["state"]), (200, &json!("stored")));
    }
}

#[tokio::test]
async fn who_gives_an_upload_up_stops_who_writes_it() {
    let (server, sent) = (server(|_| ()).await, sent());
    let (id, _, source) = announced(&server, &sent).await;
    let (_stalls, body, end) = pieces(&sent.source, 0, 2).await;
    let file = server.folder.path().join("store/incoming").join(&id).join("0-source.partial");
    let given_up = async {
        while std::fs::metadata(&file).map_or(0, |meta| meta.len()) < end as u64 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        server.send(Method::DELETE, &format!("/v1/uploads/{id}"), &[], Body::empty()).await
    };
    let (written, given_up) = tokio::join!(append_with(&server, &source, 0, body, &[]), given_up);
    assert_eq!((written.status.as_u16(), given_up.status.as_u16()), (423, 204));
    assert!(server.files().iter().all(|file| !file.starts_with("incoming/")));
}
