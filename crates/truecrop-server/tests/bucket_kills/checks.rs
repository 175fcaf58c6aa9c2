//! What must hold while the servers are killed, and at the end.

use crate::common::binary::Binary;
use crate::common::bucket::{Bucket, Reply, exchange};
use crate::world::{Ask, Fate, Picture, World, random};
use futures::StreamExt;
use object_store::ObjectStore;
use object_store::aws::AmazonS3Builder;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use truecrop_server::store::{Ages, Store};

/// Confirmed pictures that are asked for after each kill.
const SPOTS: usize = 20;

fn get(target: String) -> Ask<'static> {
    Ask { method: "GET", target, headers: Vec::new(), body: Vec::new() }
}

/// Reads a picture at random: the right bytes, or nothing; and nothing only if it may be gone.
pub fn read(world: &World) {
    let all = world.pictures();
    let Some((id, before)) = all.iter().nth(random(all.len().max(1))) else {
        return std::thread::sleep(Duration::from_millis(50));
    };
    let part = ["/main", "/receipt", ""][random(3)];
    let Some(reply) = world.ask(&get(format!("/v1/images/{id}{part}"))) else { return };
    world.count("reads");
    match reply.status {
        200 => {
            assert!(before.fate < Fate::Deleted, "{id} is served after its 204");
            holds(world, id, *before, part, &reply);
        }
        404 => {
            let now = world.picture(id);
            assert!(before.fate != Fate::Confirmed || now.fate != Fate::Confirmed, "{id} is lost");
        }
        408 | 503 => {}
        status => panic!("{id}{part}: {status}, {}", reply.text()),
    }
}

/// Whether an answer is that of this picture.
fn holds(world: &World, id: &str, before: Picture, part: &str, reply: &Reply) {
    let sent = &world.honest[before.which];
    match part {
        "/main" => assert!(reply.body == sent.outputs[0].1, "{id} is another picture"),
        "/receipt" => assert_eq!(reply.text(), sent.receipt, "{id} has another receipt"),
        _ => {
            let told = reply.json();
            assert_eq!(told["level"], "source", "{told}");
            assert_eq!(told["outputs"].as_array().unwrap().len(), sent.outputs.len(), "{told}");
            assert!(before.fate != Fate::Confirmed || told["state"] == "kept", "{told}");
        }
    }
}

/// A server that was just started has what others have confirmed.
pub fn spot_check(world: &World, server: SocketAddr) {
    let confirmed: Vec<_> =
        world.pictures().into_iter().filter(|(_, picture)| picture.fate == Fate::Confirmed).collect();
    for _ in 0..SPOTS.min(confirmed.len()) {
        let (id, picture) = &confirmed[random(confirmed.len())];
        let reply = exchange(server, "GET", &format!("/v1/images/{id}/main"), &[], b"");
        match reply.status {
            200 => holds(world, id, *picture, "/main", &reply),
            404 => assert!(world.picture(id).fate > Fate::Confirmed, "{id} is lost after a kill"),
            503 | 408 => {}
            status => panic!("{id}: {status}, {}", reply.text()),
        }
        world.count("looked for after a kill");
    }
}

/// By several clients at once, because there are many.
pub fn everything_confirmed_is_served(world: &World, servers: [SocketAddr; 2]) {
    let confirmed: Vec<_> =
        world.pictures().into_iter().filter(|(_, picture)| picture.fate == Fate::Confirmed).collect();
    std::thread::scope(|scope| {
        for share in confirmed.chunks(confirmed.len().div_ceil(8).max(1)) {
            scope.spawn(|| share.iter().for_each(|(id, picture)| is_served(world, servers, id, *picture)));
        }
    });
}

fn is_served(world: &World, servers: [SocketAddr; 2], id: &str, picture: Picture) {
    for part in ["/main", ["/receipt", ""][random(2)]] {
        let reply = exchange(servers[random(2)], "GET", &format!("/v1/images/{id}{part}"), &[], b"");
        assert_eq!(reply.status, 200, "{id} is lost: {}", reply.text());
        holds(world, id, picture, part, &reply);
    }
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

async fn paths(objects: &Arc<dyn ObjectStore>) -> BTreeSet<String> {
    objects.list(None).map(|object| object.unwrap().location.to_string()).collect().await
}

/// Whatever id the bucket knows, also one that no client was ever told: what is served under it is an honest picture.
pub fn nothing_unverified_is_served(world: &World, server: SocketAddr) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let all = runtime.block_on(paths(&objects(&world.bucket)));
    let stages = ["pending/", "kept/"];
    let ids = all.iter().filter_map(|path| stages.iter().find_map(|stage| path.strip_prefix(stage)));
    let ids: BTreeSet<_> = ids.filter_map(|path| path.split('/').next()).collect();
    let known = world.pictures();
    for id in ids.into_iter().filter(|id| !known.contains_key(*id)) {
        let reply = exchange(server, "GET", &format!("/v1/images/{id}/main"), &[], b"");
        let honest = world.honest.iter().any(|sent| reply.body == sent.outputs[0].1);
        assert!(reply.status == 404 || reply.status == 200 && honest, "{id}: {}", reply.status);
        world.count("ids that nobody was told");
    }
}

async fn sweep_all(store: &Store) {
    let none = Duration::ZERO;
    for _ in 0..3 {
        store.sweep_incoming_by_age(none, none, false).await.unwrap();
        store.sweep_by_age(Ages { pending: none, leftovers: none, tombstones: none }, false).await.unwrap();
    }
}

/// Sweeps everything that may go. What stays are kept pictures, whole, which somebody wanted; gives their number.
pub fn nothing_is_left_over(world: &World) -> usize {
    let objects = objects(&world.bucket);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (left, manifests) = runtime.block_on(async {
        sweep_all(&Store::with_backend(Arc::clone(&objects))).await;
        let left = paths(&objects).await;
        let mut manifests = BTreeMap::new();
        for id in left.iter().filter_map(|path| path.strip_prefix("kept/")?.strip_suffix("/manifest.json")) {
            let path = Path::from(format!("kept/{id}/manifest.json"));
            let bytes = objects.get_opts(&path, Default::default()).await.unwrap().bytes().await.unwrap();
            manifests.insert(id.to_owned(), serde_json::from_slice::<Value>(&bytes).unwrap());
        }
        (left, manifests)
    });
    let known = world.pictures();
    let whole: BTreeSet<_> =
        manifests.keys().flat_map(|id| files(world, id, known.get(id).copied())).collect();
    assert_eq!(left, whole, "something is left over, or half there");
    for (id, picture) in &known {
        let kept = manifests.contains_key(id);
        assert!(!kept || picture.asked, "{id} is kept, and nobody has asked for that");
        assert!(kept || picture.fate != Fate::Confirmed, "{id} is lost");
        assert!(!kept || picture.fate != Fate::Deleted, "{id} was deleted");
    }
    every_byte_is_sound(world, manifests.len());
    manifests.len()
}

/// The objects of a kept upload.
fn files(world: &World, id: &str, picture: Option<Picture>) -> Vec<String> {
    let picture = picture.unwrap_or_else(|| panic!("{id} is kept, and nobody was told of it"));
    let extra = (world.honest[picture.which].outputs.len() > 1).then_some("extra1.png");
    let files = ["main.jpg", "manifest.json", "receipt.json"].into_iter().chain(extra);
    files.map(|file| format!("kept/{id}/{file}")).collect()
}

/// The operator's own check of the bucket agrees.
fn every_byte_is_sound(world: &World, kept: usize) {
    let output = Command::new(Binary::program())
        .args(["store", "check", "--json", "--store", "s3://pictures/app"])
        .envs(world.bucket.environment())
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(printed.matches("\"state\":\"sound\"").count(), kept, "{printed}");
}
