//! The whole life of uploads by way of a bucket, on two servers that are killed (SIGKILL) at random moments: from the presigned PUT to the
//! sweep. No confirmed picture is lost, nothing half is visible, nothing unverified is served, and after a sweep nothing is left over.
//! A few kills in each run of the stage `bucket`, more by `TRUECROP_KILLS`.
#![cfg(feature = "cloud")]
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use common::binary::Binary;
use common::bucket::{Bucket, Reply, exchange, exchange_with_mortal};
use common::{Upload, upload};
use futures::StreamExt;
use object_store::ObjectStore;
use object_store::aws::AmazonS3Builder;
use object_store::prefix::PrefixStore;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use truecrop_core::receipt::Digest;
use truecrop_core::recipe::Format;
use truecrop_server::store::{Ages, Id, Store};

/// Clients at the same time.
const CLIENTS: usize = 4;

/// Uploads that nobody has confirmed in this time may go, while the servers run.
const CONFIG: &str = "level = 'source'\nsweep_every = '2s'\npending_ttl = '20s'\nrequest_timeout = '20s'\n\
                      access_log = false\n[admission]\nlongest_wait = '5s'";

/// What is known of a picture that somebody was told of.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    /// It may be there, or be swept.
    Pending,
    /// Somebody was told that it is kept.
    Confirmed,
    /// Somebody has begun to delete it.
    Deleted,
}

struct World {
    bucket: Bucket,
    /// Where the two servers listen now.
    servers: Mutex<[SocketAddr; 2]>,
    sent: [Upload; 2],
    /// Which upload each picture is of, and its fate.
    pictures: Mutex<BTreeMap<String, (usize, Fate)>>,
    ended: AtomicBool,
    lies: AtomicUsize,
    reads: AtomicUsize,
    unanswered: AtomicUsize,
}

fn random(below: usize) -> usize {
    (RandomState::new().build_hasher().finish() % below as u64) as usize
}

impl World {
    /// Asks one of the servers; `None` when it was killed meanwhile.
    fn ask(&self, method: &str, target: &str, body: &str) -> Option<Reply> {
        let address = self.servers.lock().unwrap()[random(2)];
        let head = [("Content-Type", "application/json")];
        let reply = exchange_with_mortal(address, method, target, &head, body.as_bytes());
        if reply.is_none() {
            self.unanswered.fetch_add(1, Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(20));
        }
        reply
    }

    /// Asks until a server has an answer that stays.
    fn ask_until_answered(&self, method: &str, target: &str, body: &str) -> Reply {
        loop {
            match self.ask(method, target, body) {
                Some(reply) if ![408, 500, 503].contains(&reply.status) => return reply,
                _ => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    fn put(&self, request: &Value, bytes: &[u8]) {
        let url = request["url"].as_str().unwrap();
        let (_, target) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let headers = request["headers"].as_object().unwrap();
        // moto compares no digest, so a lie arrives.
        let own = headers.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap()));
        let own: Vec<_> = own.filter(|(name, _)| !name.starts_with("x-amz")).collect();
        assert_eq!(exchange(self.bucket.address, "PUT", &format!("/{target}"), &own, bytes).status, 200);
    }

    /// One upload of one client, and what it was told.
    fn upload(&self) {
        let which = random(2);
        let sent = &self.sent[which];
        let receipt: Value = serde_json::from_str(&sent.receipt).unwrap();
        let source = json!({ "bytes": sent.source.len(), "digest": Digest::of(&sent.source).to_string() });
        let announcement = json!({ "images": { "main": { "receipt": receipt, "source": source } } });
        let announced = self.ask_until_answered("POST", "/v1/uploads", &announcement.to_string());
        assert_eq!(announced.status, 201, "{}", announced.text());
        let (announced, parts) = (announced.json(), announced.json()["parts"]["main"].clone());
        let lies = random(6) == 0;
        let (mut output, mut source) = (sent.outputs[0].1.clone(), sent.source.clone());
        if lies {
            let spoiled = if random(2) == 0 { &mut output } else { &mut source };
            spoiled[300] ^= 1;
        }
        self.put(&parts["outputs"]["main"], &output);
        if random(12) == 0 {
            // It never completes.
            return;
        }
        self.put(&parts["source"], &source);
        let target = format!("/v1/uploads/{}/complete", announced["id"].as_str().unwrap());
        let completed = self.ask_until_answered("POST", &target, "");
        if lies {
            assert_eq!(completed.status, 422, "{}", completed.text());
            self.lies.fetch_add(1, Ordering::Relaxed);
            return;
        }
        // The sweep may have been quicker than the answer.
        assert!(
            completed.status == 200 || completed.json()["code"] == "upload-ended",
            "{}",
            completed.text()
        );
        if completed.status == 200 {
            let id = completed.json()["images"]["main"]["id"].as_str().unwrap().to_owned();
            self.pictures.lock().unwrap().insert(id.clone(), (which, Fate::Pending));
            self.decide(&id, which);
        }
    }

    fn decide(&self, id: &str, which: usize) {
        let set = |fate| self.pictures.lock().unwrap().insert(id.to_owned(), (which, fate));
        if random(8) == 0 {
            return;
        }
        let confirmed = self.ask_until_answered("POST", &format!("/v1/images/{id}/confirm"), "");
        assert!([200, 404].contains(&confirmed.status), "{}", confirmed.text());
        if confirmed.status == 200 {
            set(Fate::Confirmed);
            if random(8) == 0 {
                set(Fate::Deleted);
                assert_eq!(self.ask_until_answered("DELETE", &format!("/v1/images/{id}"), "").status, 204);
            }
        }
    }

    /// Reads a picture at random: the right bytes, or nothing; and nothing only if it may be gone.
    fn read(&self) {
        let all: Vec<_> =
            self.pictures.lock().unwrap().iter().map(|(id, known)| (id.clone(), *known)).collect();
        if all.is_empty() {
            return std::thread::sleep(Duration::from_millis(50));
        }
        let (id, (which, before)) = &all[random(all.len())];
        let Some(reply) = self.ask("GET", &format!("/v1/images/{id}/main"), "") else { return };
        let (_, now) = self.pictures.lock().unwrap()[id];
        self.reads.fetch_add(1, Ordering::Relaxed);
        match reply.status {
            200 => assert!(reply.body == self.sent[*which].outputs[0].1, "{id} is another picture"),
            404 => assert!(*before != Fate::Confirmed || now != Fate::Confirmed, "{id} is lost"),
            503 => {}
            status => panic!("{id}: {status}, {}", reply.text()),
        }
    }
}

fn start(world: &Bucket) -> Binary {
    Binary::start_with(tempfile::tempdir().unwrap(), "s3://pictures/app", &world.environment(), CONFIG)
}

/// The bucket as a server sees it.
fn objects(bucket: &Bucket) -> Arc<dyn ObjectStore> {
    let s3 = AmazonS3Builder::new()
        .with_endpoint(format!("http://{}", bucket.address))
        .with_allow_http(true)
        .with_region("us-east-1")
        .with_access_key_id("test")
        .with_secret_access_key("test")
        .with_bucket_name("pictures")
        .build();
    Arc::new(PrefixStore::new(s3.unwrap(), "app"))
}

async fn sweep_all(store: &Store) {
    let none = Duration::ZERO;
    for _ in 0..3 {
        store.sweep_incoming_by_age(none, none, false).await.unwrap();
        store.sweep_by_age(Ages { pending: none, leftovers: none, tombstones: none }, false).await.unwrap();
    }
}

#[test]
fn two_servers_that_are_killed_lose_no_confirmed_picture() {
    let Some(bucket) = Bucket::start() else { return };
    let kills = std::env::var("TRUECROP_KILLS").map_or(4, |kills| kills.parse().unwrap());
    let mut servers = [start(&bucket), start(&bucket)];
    let world = World {
        servers: Mutex::new([servers[0].address, servers[1].address]),
        sent: [upload("coffee.jpg", &[Format::Jpeg]), upload("coffee-progressive.jpg", &[Format::Jpeg])],
        bucket,
        pictures: Mutex::default(),
        ended: AtomicBool::new(false),
        lies: AtomicUsize::new(0),
        reads: AtomicUsize::new(0),
        unanswered: AtomicUsize::new(0),
    };
    let begun = Instant::now();
    let running = || !world.ended.load(Ordering::Relaxed);
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                while running() {
                    world.upload();
                }
            });
        }
        scope.spawn(|| {
            while running() {
                world.read();
            }
        });
        let threads = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for _ in 0..kills {
                std::thread::sleep(Duration::from_millis(random(900) as u64));
                let victim = random(2);
                servers[victim].kill();
                servers[victim] = start(&world.bucket);
                world.servers.lock().unwrap()[victim] = servers[victim].address;
            }
        }));
        world.ended.store(true, Ordering::Relaxed);
        threads.unwrap();
    });
    let pictures = world.pictures.lock().unwrap().clone();
    let confirmed: BTreeSet<_> =
        pictures.iter().filter(|(_, (_, fate))| *fate == Fate::Confirmed).map(|(id, _)| id.clone()).collect();
    for id in &confirmed {
        for server in &servers {
            let reply = exchange(server.address, "GET", &format!("/v1/images/{id}/main"), &[], b"");
            assert_eq!(reply.status, 200, "{id} is lost: {}", reply.text());
            assert!(reply.body == world.sent[pictures[id].0].outputs[0].1, "{id} is another picture");
        }
    }
    // The servers sweep too, so they end first.
    servers.iter_mut().for_each(Binary::kill);
    let objects = objects(&world.bucket);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let left: BTreeSet<String> = runtime.block_on(async {
        sweep_all(&Store::with_backend(Arc::clone(&objects))).await;
        objects.list(None).map(|object| object.unwrap().location.to_string()).collect().await
    });
    let kept: BTreeSet<_> =
        left.iter().filter_map(|path| path.strip_prefix("kept/")?.split('/').next()).collect();
    let files =
        |id: &str| ["main.jpg", "manifest.json", "receipt.json"].map(|file| format!("kept/{id}/{file}"));
    let whole: BTreeSet<_> = kept.iter().flat_map(|id| files(id)).collect();
    assert_eq!(left, whole, "something is left over, or half there");
    assert!(kept.iter().all(|id| id.parse::<Id>().is_ok()));
    assert!(confirmed.iter().all(|id| kept.contains(id.as_str())), "a confirmed picture is lost");
    let deleted = pictures.iter().filter(|(_, (_, fate))| *fate == Fate::Deleted);
    for (id, _) in deleted.clone() {
        assert!(!kept.contains(id.as_str()), "{id} was deleted");
    }
    println!(
        "{kills} kills in {:.0} s: {} pictures stored, {} confirmed, {} deleted, {} lies refused, {} reads, {} requests cut off",
        begun.elapsed().as_secs_f64(),
        pictures.len(),
        confirmed.len(),
        deleted.count(),
        world.lies.load(Ordering::Relaxed),
        world.reads.load(Ordering::Relaxed),
        world.unanswered.load(Ordering::Relaxed),
    );
    assert!(!confirmed.is_empty());
}
