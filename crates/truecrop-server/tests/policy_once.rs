//! Policy tokens that are good for one upload: used once whatever happens, and not used up by what is refused or fails.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use axum::http::Method;
use common::stepped_store::SteppedStore;
use common::tokens::{after_token, claims, now, post_with, requires_tokens, token, token_for};
use common::{FORM, TestServer, Upload, form, upload};
use futures::FutureExt;
use futures::future::BoxFuture;
use object_store::memory::InMemory;
use serde_json::json;
use std::sync::Arc;
use truecrop_core::recipe::Format;
use truecrop_server::config::Config;
use truecrop_server::http::App;
use truecrop_server::store::{Holder, Store, UsedToken};

fn once() -> String {
    let mut claims = claims(&json!({"once": true}));
    claims["jti"] = "only-this".into();
    token(&claims)
}

fn pictures(server: &TestServer) -> usize {
    server.files().iter().filter(|file| file.ends_with("manifest.json")).count()
}

#[tokio::test]
async fn a_token_for_one_upload_is_good_for_one() {
    let server = TestServer::new(requires_tokens).await;
    let other = App::new(server.app.config().clone()).await.unwrap();
    let sent = upload("coffee.jpg", &[Format::Jpeg]);
    // A refused picture does not use it up.
    let mut spoiled = sent.clone();
    spoiled.outputs[0].1[300] ^= 1;
    assert_eq!(post_with(&server, &once(), &spoiled.parts(false)).await.status, 422);
    // Of many at the same time, on two servers, one goes through.
    let bearer = format!("Bearer {}", once());
    let head = [("content-type", FORM), ("authorization", bearer.as_str())];
    let body = form(&sent.parts(false));
    let all = (0..8).map(|i| {
        let app = if i % 2 == 0 { &server.app } else { &other };
        common::send(app, Method::POST, "/v1/images", &head, body.clone())
    });
    let answers = futures::future::join_all(all).await;
    let stored = answers.iter().filter(|answer| answer.status == 201).count();
    let used = answers.iter().filter(|answer| answer.json()["code"] == "token-used").count();
    assert_eq!((stored, used, pictures(&server)), (1, 7, 1));
    let again = server.post(&after_token(&once(), &sent.parts(false))).await;
    assert_eq!((again.status.as_u16(), &again.json()["code"]), (401, &json!("token-used")));
    // Another expiry does not make it another token, another id does.
    let mut later = claims(&json!({"once": true}));
    (later["jti"], later["exp"]) = (json!("only-this"), json!(now() + 900));
    assert_eq!(post_with(&server, &token(&later), &sent.parts(false)).await.status, 401);
    let mut another = claims(&json!({"once": true}));
    another["jti"] = "another".into();
    assert_eq!(post_with(&server, &token(&another), &sent.parts(false)).await.status, 201);
}

#[tokio::test]
async fn a_server_may_take_each_token_once() {
    let server = TestServer::new(|c| {
        requires_tokens(c);
        c.policy.once = Some(true);
    })
    .await;
    let sent = upload("coffee.jpg", &[Format::Jpeg]).parts(false);
    let without = post_with(&server, &token_for(&json!({})), &sent).await;
    assert_eq!((without.status.as_u16(), &without.json()["field"]), (401, &json!("jti")));
    let mut claims = claims(&json!({}));
    claims["jti"] = "x".into();
    assert_eq!(post_with(&server, &token(&claims), &sent).await.status, 201);
    assert_eq!(post_with(&server, &token(&claims), &sent).await.status, 401);
}

#[tokio::test]
async fn used_tokens_are_forgotten_once_they_have_expired() {
    let server = TestServer::new(requires_tokens).await;
    let sent = upload("coffee.jpg", &[Format::Jpeg]).parts(false);
    assert_eq!(post_with(&server, &once(), &sent).await.status, 201);
    let folder = server.folder.path().join("store/used");
    // Of what age, when it expires, whether it stays.
    let rows: [(u64, &[u64], bool); 5] = [
        (0, &[now() - 4000], true),
        (2, &[now() - 3000], true),
        (2, &[now() + 3000], true),
        (2, &[now() - 4000], false),
        // The same token with two expiries: the later counts.
        (2, &[now() - 4000, now() + 3000], true),
    ];
    for (i, (hours, expiries, _)) in rows.iter().enumerate() {
        let token = folder.join(i.to_string());
        std::fs::create_dir(&token).unwrap();
        let names = expiries.iter().map(|time| format!("until-{time}"));
        for name in names.chain(["holder".to_owned()]) {
            std::fs::write(token.join(&name), "somebody").unwrap();
            let time = std::time::SystemTime::now() - std::time::Duration::from_secs(hours * 3600);
            std::fs::File::options().write(true).open(token.join(name)).unwrap().set_modified(time).unwrap();
        }
    }
    server.app.store().sweep(std::time::Duration::ZERO, false).await.unwrap();
    for (i, (_, _, stays)) in rows.iter().enumerate() {
        let left = std::fs::read_dir(folder.join(i.to_string())).map_or(0, Iterator::count);
        assert_eq!(left > 0, *stays, "row {i}");
    }
    assert_eq!(post_with(&server, &once(), &sent).await.json()["code"], "token-used");
}

/// There may be a million of them: the sweep sees in its list which have expired.
#[tokio::test]
async fn the_sweep_reads_no_used_token() {
    use common::observed_store::ObservedStore;
    use std::sync::Arc;
    use truecrop_server::store::Store;
    let (observed, mut config) = (ObservedStore::new(), Config::default());
    requires_tokens(&mut config);
    let app = App::with_store(config, Store::with_backend(Arc::new(observed.clone()))).await.unwrap();
    let body = form(&upload("coffee.jpg", &[Format::Jpeg]).parts(false));
    for number in 0..3 {
        let mut claims = claims(&json!({"once": true}));
        claims["jti"] = number.to_string().into();
        let bearer = format!("Bearer {}", token(&claims));
        let head = [("content-type", FORM), ("authorization", bearer.as_str())];
        let answer = common::send(&app, Method::POST, "/v1/images", &head, body.clone()).await;
        assert_eq!(answer.status, 201);
    }
    observed.take_operations();
    app.store().sweep(std::time::Duration::from_secs(3600), false).await.unwrap();
    let of_tokens: Vec<_> = observed.take_operations().into_iter().filter(|o| o.contains(" used")).collect();
    assert_eq!(of_tokens, ["list used"]);
}

/// Whichever operation of the store fails, the token is good again or its upload is stored.
#[tokio::test]
async fn a_failing_store_does_not_use_up_a_token() {
    use common::observed_store::ObservedStore;
    use futures::FutureExt;
    use std::sync::Arc;
    use truecrop_server::store::Store;
    let sent: Upload = upload("coffee.jpg", &[Format::Jpeg]);
    let (mut good_again, mut config) = (0, Config::default());
    requires_tokens(&mut config);
    let bearer = format!("Bearer {}", once());
    let head = [("content-type", FORM), ("authorization", bearer.as_str())];
    // The first three belong to the test of the store at the start.
    for number in 3..10 {
        let failure = object_store::Error::Generic { store: "test", source: "no".into() };
        let store = ObservedStore::new().interrupted_before(number, async { Err(failure) }.boxed());
        let app = App::with_store(config.clone(), Store::with_backend(Arc::new(store))).await.unwrap();
        let post = async || {
            common::send(&app, Method::POST, "/v1/images", &head, form(&sent.parts(false))).await.status
        };
        let first = post().await;
        let second = post().await;
        assert_eq!(second == 201, first != 201, "operation {number}: {first} {second}");
        good_again += usize::from(first != 201);
    }
    assert_eq!(good_again, 6, "the look, the expiry, the token, output, receipt, manifest");
}

/// Uses a token twice at the same moment, on two servers, in the order that `turns` tells: true is the first one's turn. The first may give it
/// back. What both were told, and whose turn each step could have been.
fn used_at_once(turns: &[bool], gives_back: bool) -> ([Option<bool>; 2], Vec<[bool; 2]>) {
    let objects = Arc::new(InMemory::new());
    let views = [(); 2].map(|()| SteppedStore::new(Arc::clone(&objects)));
    let [first, second] = views.clone().map(|view| Store::with_backend(Arc::new(view)));
    let token = UsedToken::new("one", "only-this", now() as f64);
    let holder = |name: &str| Holder { name: name.to_owned(), record: None };
    let (token, a, b) = (&token, holder("a"), holder("b"));
    let mut calls: [BoxFuture<'_, bool>; 2] = [
        async move {
            let used = first.use_token(token, &a).await.unwrap();
            if used && gives_back {
                first.release_token(token).await.unwrap();
            }
            used
        }
        .boxed(),
        async move { second.use_token(token, &b).await.unwrap() }.boxed(),
    ];
    let (mut told, mut open) = ([None; 2], Vec::new());
    let mut turns = turns.iter().copied();
    while told.contains(&None) {
        let may = told.map(|told| told.is_none());
        open.push(may);
        let next = usize::from(!turns.next().unwrap_or(may[0]));
        let next = if may[next] { next } else { 1 - next };
        views[next].allow();
        told[next] = (&mut calls[next]).now_or_never();
    }
    (told, open)
}

/// Every order of the steps of two servers.
#[test]
fn two_servers_at_the_same_moment_use_a_token_once_in_every_order() {
    for gives_back in [false, true] {
        let (mut orders, mut both) = (0, 0);
        let mut waiting = vec![Vec::new()];
        while let Some(turns) = waiting.pop() {
            let (told, open) = used_at_once(&turns, gives_back);
            orders += 1;
            let used = told.map(|told| told == Some(true));
            both += usize::from(used == [true, true]);
            let right = if gives_back { used[0] || used[1] } else { used[0] != used[1] };
            assert!(right, "{told:?} by {turns:?}, {gives_back}");
            // The same up to a later step, and there the other one's turn.
            for (step, may) in open.iter().enumerate().skip(turns.len()) {
                if *may == [true, true] {
                    waiting.push([&turns[..], &vec![true; step - turns.len()], &[false]].concat());
                }
            }
        }
        assert!(orders >= 6 && (both > 0) == gives_back, "{orders} orders, {both}, {gives_back}");
    }
}
