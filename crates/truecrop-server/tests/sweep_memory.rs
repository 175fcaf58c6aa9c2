//! A sweep of a store with hundreds of thousands of entries: what it holds at once is bounded, and it finds what there is to remove all
//! the same, also for tombstones beyond those that it holds.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, ObjectStoreExt,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use truecrop_server::allocator::{CountingAllocator, peak_of};
use truecrop_server::store::Store;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Uploads that wait, and those that have put objects into the bucket.
const MANY: u128 = 100_000;

/// Entries of each other folder.
const SOME: u128 = 20_000;

/// More than a sweep holds at once.
const TOMBSTONES: u128 = 300_000;

/// As a sweep may hold: 262,144 ids of 16 bytes while their list grows, and some pages.
const MOST_BYTES: u64 = 8 << 20;

/// An id as the store writes it.
fn id(number: u128) -> String {
    let letter = |digit: u128| char::from(b"abcdefghijklmnopqrstuvwxyz234567"[digit as usize]);
    (0..26).rev().map(|place| letter((number >> (5 * place)) & 31)).collect()
}

/// What each folder lists beside what is really there: the entry of this number.
fn entries(folder: &str, number: u128) -> Vec<String> {
    // No upload is in two stages.
    let (pending, kept) = (id(1_000_000 + number), id(2_000_000 + number));
    let upload =
        |stage: &str, id: &str| ["main.jpg", "manifest.json"].map(|file| format!("{stage}/{id}/{file}"));
    match folder {
        "pending" => upload("pending", &pending).into(),
        "kept" => upload("kept", &kept).into(),
        "used" => vec![format!("used/{kept}/holder"), format!("used/{kept}/until-99999999999")],
        "incoming" | "running" => vec![format!("{folder}/{kept}/0")],
        "frozen" => vec![format!("frozen/{kept}/{pending}/0-source")],
        "outbox" => vec![format!("outbox/upload-accepted-{kept}")],
        _ => vec![format!("{folder}/{}", id(number))],
    }
}

/// Lists far more than there is, without ever holding it.
#[derive(Clone, Debug)]
struct Endless(Arc<InMemory>);

impl std::fmt::Display for Endless {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Endless")
    }
}

#[async_trait]
impl ObjectStore for Endless {
    async fn put_opts(&self, location: &Path, payload: PutPayload, opts: PutOptions) -> Result<PutResult> {
        self.0.put_opts(location, payload, opts).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        opts: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.0.put_multipart_opts(location, opts).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.0.get_opts(location, options).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.0.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let there = self.0.list(prefix);
        let folder = prefix.map(ToString::to_string).unwrap_or_default();
        if folder.contains('/') || folder == "self-test" {
            return there;
        }
        let many = match folder.as_str() {
            "deleted" => TOMBSTONES,
            "pending" | "incoming" => MANY,
            _ => SOME,
        };
        let now = SystemTime::now();
        let listed = (0..many).flat_map(move |number| entries(&folder, number)).map(move |path| {
            let location = Path::from(path);
            Ok(ObjectMeta { location, last_modified: now.into(), size: 500, e_tag: None, version: None })
        });
        there.chain(stream::iter(listed)).boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.0.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.0.copy_opts(from, to, options).await
    }
}

#[test]
fn a_sweep_of_any_size_holds_little_and_misses_nothing() {
    let objects = Arc::new(InMemory::new());
    let store = Store::with_backend(Arc::new(Endless(Arc::clone(&objects))));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    // Of uploads that have ended, whose deletes have stopped midway: the first tombstone, and one that comes later than those that are held.
    let left: Vec<String> = [0, TOMBSTONES - 1]
        .iter()
        .flat_map(|number| ["pending", "kept"].map(|stage| format!("{stage}/{}/main.jpg", id(*number))))
        .collect();
    runtime.block_on(async {
        for path in &left {
            objects.put(&Path::from(path.as_str()), "a picture".into()).await.unwrap();
        }
    });
    let (swept, held) = peak_of(|| {
        runtime.block_on(async {
            let swept = store.sweep(DAY, false).await.unwrap();
            assert_eq!(store.sweep_incoming(DAY, false).await.unwrap(), 0);
            swept
        })
    });
    assert!(held < MOST_BYTES, "{} KiB", held >> 10);
    assert_eq!((swept.waiting as u128, swept.deleted.len(), swept.leftovers), (MANY, 0, 0));
    let there = runtime.block_on(objects.list(None).collect::<Vec<_>>());
    assert!(there.is_empty(), "{there:?}");
}
