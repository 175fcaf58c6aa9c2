//! Confirm, delete, get and sweep at random against a real store, at the same time: a folder, and with the feature
//! `cloud` a bucket. `interleavings` tries every order; this one has the real operations, with their threads, hard
//! links and folders that come and go.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use common::{read_whole, upload};
use futures::StreamExt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use truecrop_core::Limits;
use truecrop_core::policy::Policy;
use truecrop_core::receipt::Receipt;
use truecrop_core::recipe::Format;
use truecrop_core::verify::{Level, Submission, Verified, verify};
use truecrop_server::store::{Ages, Confirmed, Deleted, Id, Stage, Store, StoreError};

const DAY: Duration = Duration::from_secs(86_400);

/// Uploads at the same time.
const AT_ONCE: usize = 16;

fn verified() -> Verified {
    let upload = upload("coffee.jpg", &[Format::Jpeg]);
    let receipt = Receipt::from_json(upload.receipt.as_bytes(), &Limits::default()).unwrap();
    let submission = Submission { receipt, outputs: upload.outputs, source: None };
    verify(submission, Level::Result, &Policy::default(), &Limits::default()).unwrap()
}

/// How many uploads: a few in every run, more by `TRUECROP_RACES`.
fn rounds(few: usize) -> usize {
    std::env::var("TRUECROP_RACES").map_or(few, |n| n.parse().unwrap())
}

fn random(below: usize) -> usize {
    (RandomState::new().build_hasher().finish() % below as u64) as usize
}

/// Lets others run for a moment of random length.
async fn pause() {
    for _ in 0..random(12) {
        tokio::task::yield_now().await;
    }
}

/// What became of uploads.
#[derive(Debug, Default)]
struct Tally {
    kept: usize,
    deleted: usize,
    swept: usize,
    confirmed_then_deleted: usize,
}

/// One upload: confirmed and read by some, deleted by others, or not, from two servers.
async fn race(
    servers: [Store; 2],
    verified: Arc<Verified>,
    tally: Arc<std::sync::Mutex<Tally>>,
) -> Option<Id> {
    let id = match servers[0].put(&verified, DAY).await {
        Ok(manifest) => manifest.id,
        // The sweep of any age was quicker: nobody has seen this upload.
        Err(StoreError::TooLate) => return None,
        Err(error) => panic!("put: {error}"),
    };
    let confirms = 1 + random(2);
    let deletes = random(3);
    let server = |n: usize| servers[n % 2].clone();
    let confirms = futures::future::join_all((0..confirms).map(|n| {
        let store = server(n);
        tokio::spawn(async move {
            pause().await;
            store.confirm(id).await.unwrap()
        })
    }));
    let deletes = futures::future::join_all((0..deletes).map(|n| {
        let store = server(n + 1);
        tokio::spawn(async move {
            pause().await;
            let deleted = store.delete(id).await.unwrap();
            assert_eq!(read_whole(&store, id).await, Ok(None), "served after its deletion");
            deleted
        })
    }));
    let reader = server(0);
    let reads = tokio::spawn(async move {
        let mut gone = false;
        for _ in 0..6 {
            pause().await;
            let seen = read_whole(&reader, id).await.unwrap();
            assert!(!gone || seen.is_none(), "it came back");
            gone = seen.is_none();
        }
    });
    let (confirms, deletes, reads) = futures::future::join3(confirms, deletes, reads).await;
    reads.unwrap();
    let confirms: Vec<_> = confirms.into_iter().map(Result::unwrap).collect();
    let deletes: Vec<_> = deletes.into_iter().map(Result::unwrap).collect();
    let now = confirms.iter().filter(|c| matches!(c, Confirmed::Now(_))).count();
    let ended = deletes.iter().filter(|d| **d != Deleted::Absent).count();
    assert!(now <= 1 && ended <= 1, "{confirms:?} {deletes:?}");
    let kept = now == 1 && deletes.is_empty();
    assert_eq!(read_whole(&servers[1], id).await, Ok(kept.then_some(Stage::Kept)));
    let mut tally = tally.lock().unwrap();
    tally.kept += usize::from(kept);
    tally.deleted += ended;
    tally.swept += usize::from(now == 0 && ended == 0);
    tally.confirmed_then_deleted += usize::from(deletes.contains(&Deleted::Kept));
    kept.then_some(id)
}

/// Races on two stores that are the same place; at the end only what was confirmed and never deleted is there.
async fn races(servers: [Store; 2], uploads: usize) -> Tally {
    let (verified, tally, ended) = (Arc::new(verified()), Arc::default(), Arc::new(AtomicBool::new(false)));
    let sweepers: Vec<_> = servers
        .iter()
        .map(|store| {
            let (store, ended) = (store.clone(), Arc::clone(&ended));
            tokio::spawn(async move {
                while !ended.load(Ordering::Relaxed) {
                    // Every age, down to nothing; but tombstones outlive what runs.
                    let pending = if random(8) == 0 { Duration::ZERO } else { DAY };
                    let leftovers = if random(8) == 0 { Duration::ZERO } else { DAY };
                    let ages = Ages { pending, leftovers, tombstones: DAY };
                    store.sweep_by_age(ages, false).await.unwrap();
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            })
        })
        .collect();
    let races = futures::stream::iter(0..uploads).map(|_| {
        let race = race(servers.clone(), Arc::clone(&verified), Arc::clone(&tally));
        async { tokio::spawn(race).await.unwrap() }
    });
    let kept: Vec<Id> = races.buffer_unordered(AT_ONCE).filter_map(|id| async move { id }).collect().await;
    ended.store(true, Ordering::Relaxed);
    for sweeper in sweepers {
        sweeper.await.unwrap();
    }
    let all = Ages { pending: Duration::ZERO, leftovers: Duration::ZERO, tombstones: Duration::ZERO };
    for _ in 0..3 {
        servers[0].sweep_by_age(all, false).await.unwrap();
    }
    let mut sound = Vec::new();
    let checked = servers[1].check(Duration::ZERO, |finding| {
        sound.push(finding.path.clone());
        Ok(())
    });
    let checked = checked.await.unwrap();
    assert!(checked.is_sound(), "{checked:?}");
    assert_eq!((checked.kept, checked.pending, checked.deleted), (kept.len(), 0, 0));
    let mut kept: Vec<_> = kept.iter().map(|id| format!("kept/{id}")).collect();
    kept.sort_unstable();
    sound.sort_unstable();
    assert_eq!(sound, kept);
    Arc::try_unwrap(tally).unwrap().into_inner().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn random_races_on_a_folder_have_one_outcome() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("store").to_string_lossy().into_owned();
    let uploads = rounds(150);
    let tally = races([Store::open(&place).unwrap(), Store::open(&place).unwrap()], uploads).await;
    println!("{uploads} uploads: {tally:?}");
    // Not one file more than what is kept.
    let mut files = 0;
    let mut folders = vec![folder.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files += 1 }
        }
    }
    assert_eq!(files, 3 * tally.kept);
}

/// `TRUECROP_S3=s3://bucket/prefix`, with the AWS variables of the environment.
#[cfg(feature = "cloud")]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn random_races_on_a_bucket_have_one_outcome() {
    let Ok(place) = std::env::var("TRUECROP_S3") else { return };
    let place = format!("{place}/{}", Id::random().unwrap());
    let uploads = rounds(150);
    let tally = races([Store::open(&place).unwrap(), Store::open(&place).unwrap()], uploads).await;
    println!("{uploads} uploads: {tally:?}");
}
