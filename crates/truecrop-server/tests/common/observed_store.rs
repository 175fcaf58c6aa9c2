//! A store in memory that records its operations, and can run something else before one of them.

use async_trait::async_trait;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use std::sync::{Arc, Mutex};

type Interruption = BoxFuture<'static, ()>;

/// Cheap to clone; clones share the objects and the record.
#[derive(Clone)]
pub struct ObservedStore {
    objects: Arc<InMemory>,
    record: Arc<Mutex<Record>>,
}

#[derive(Default)]
struct Record {
    operations: Vec<String>,
    interruption: Option<(usize, Interruption)>,
}

impl ObservedStore {
    pub fn new() -> Self {
        Self { objects: Arc::default(), record: Arc::default() }
    }

    /// The operations since this was called last, such as `get pending/<id>/manifest.json`.
    pub fn take_operations(&self) -> Vec<String> {
        std::mem::take(&mut self.record.lock().unwrap().operations)
    }

    /// The same objects, with something that runs to its end before the operation of this number (from 0).
    pub fn interrupted_before(&self, operation: usize, by: Interruption) -> Self {
        let record = Record { interruption: Some((operation, by)), ..Record::default() };
        Self { objects: Arc::clone(&self.objects), record: Arc::new(Mutex::new(record)) }
    }

    async fn begin(&self, operation: &str, path: &Path) {
        let due = {
            let mut record = self.record.lock().unwrap();
            let number = record.operations.len();
            record.operations.push(format!("{operation} {path}"));
            record.interruption.take_if(|(at, _)| *at == number)
        };
        if let Some((_, interruption)) = due {
            interruption.await;
        }
    }
}

impl std::fmt::Debug for ObservedStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ObservedStore")
    }
}

impl std::fmt::Display for ObservedStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ObservedStore")
    }
}

#[async_trait]
impl ObjectStore for ObservedStore {
    async fn put_opts(&self, location: &Path, payload: PutPayload, opts: PutOptions) -> Result<PutResult> {
        self.begin("put", location).await;
        self.objects.put_opts(location, payload, opts).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        opts: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.begin("put", location).await;
        self.objects.put_multipart_opts(location, opts).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.begin("get", location).await;
        self.objects.get_opts(location, options).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let store = self.clone();
        let begun = locations.then(move |location| {
            let store = store.clone();
            async move {
                if let Ok(path) = &location {
                    store.begin("delete", path).await;
                }
                location
            }
        });
        self.objects.delete_stream(begun.boxed())
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let (store, prefix) = (self.clone(), prefix.cloned());
        let listing = async move {
            store.begin("list", prefix.as_ref().unwrap_or(&Path::default())).await;
            store.objects.list(prefix.as_ref())
        };
        listing.flatten_stream().boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.begin("list", prefix.unwrap_or(&Path::default())).await;
        self.objects.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.begin("copy", from).await;
        self.objects.copy_opts(from, to, options).await
    }
}
