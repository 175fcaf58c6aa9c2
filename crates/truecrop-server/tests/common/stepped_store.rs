//! A store in memory that stops before each operation, so that a test can run calls side by side in any order.

use async_trait::async_trait;
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

/// What an operation does to the objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Read,
    Write,
    List,
}

/// An operation that a call is about to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    pub kind: Kind,
    pub path: String,
}

/// One call's view of shared objects. Each poll of the call makes the operation at which it has stopped, and goes on
/// to the next one.
#[derive(Clone)]
pub struct SteppedStore {
    objects: Arc<InMemory>,
    next: Arc<Mutex<Option<Operation>>>,
}

impl SteppedStore {
    pub fn new(objects: Arc<InMemory>) -> Self {
        Self { objects, next: Arc::default() }
    }

    /// The operation at which the call has stopped.
    pub fn next(&self) -> Option<Operation> {
        self.next.lock().unwrap().clone()
    }

    async fn stop(&self, kind: Kind, path: &Path) {
        if kind != Kind::Write && path.as_ref().starts_with("self-test") {
            // Nobody else touches these, so it does not matter when they are read.
            return;
        }
        *self.next.lock().unwrap() = Some(Operation { kind, path: path.to_string() });
        Stop(false).await;
        *self.next.lock().unwrap() = None;
    }
}

/// Pending once.
struct Stop(bool);

impl Future for Stop {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl std::fmt::Debug for SteppedStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SteppedStore")
    }
}

impl std::fmt::Display for SteppedStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SteppedStore")
    }
}

#[async_trait]
impl ObjectStore for SteppedStore {
    async fn put_opts(&self, location: &Path, payload: PutPayload, opts: PutOptions) -> Result<PutResult> {
        self.stop(Kind::Write, location).await;
        self.objects.put_opts(location, payload, opts).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        opts: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.stop(Kind::Write, location).await;
        self.objects.put_multipart_opts(location, opts).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.stop(Kind::Read, location).await;
        self.objects.get_opts(location, options).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let store = self.clone();
        let stopped = locations.then(move |location| {
            let store = store.clone();
            async move {
                if let Ok(path) = &location {
                    store.stop(Kind::Write, path).await;
                }
                location
            }
        });
        self.objects.delete_stream(stopped.boxed())
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let (store, prefix) = (self.clone(), prefix.cloned().unwrap_or_default());
        let listing = async move {
            store.stop(Kind::List, &prefix).await;
            store.objects.list(Some(&prefix))
        };
        listing.flatten_stream().boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.stop(Kind::List, &prefix.cloned().unwrap_or_default()).await;
        self.objects.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.stop(Kind::Write, to).await;
        self.objects.copy_opts(from, to, options).await
    }
}
