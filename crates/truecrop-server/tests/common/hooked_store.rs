//! A store in memory that calls a hook before each of its operations.

use async_trait::async_trait;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use futures::{StreamExt, TryFutureExt, TryStreamExt};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use std::sync::Arc;

/// What the store is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Put,
    Get,
    Delete,
    List,
    Copy,
}

/// Hears of each operation before it happens, and may wait, or make it fail.
pub trait Hook: Clone + Send + Sync + 'static {
    fn before(&self, operation: Operation, path: Path) -> BoxFuture<'static, Result<()>>;
}

/// Cheap to clone; clones share the objects.
#[derive(Clone)]
pub struct HookedStore<H> {
    pub objects: Arc<InMemory>,
    pub hook: H,
}

impl<H> std::fmt::Debug for HookedStore<H> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HookedStore")
    }
}

impl<H> std::fmt::Display for HookedStore<H> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HookedStore")
    }
}

#[async_trait]
impl<H: Hook> ObjectStore for HookedStore<H> {
    async fn put_opts(&self, location: &Path, payload: PutPayload, opts: PutOptions) -> Result<PutResult> {
        self.hook.before(Operation::Put, location.clone()).await?;
        self.objects.put_opts(location, payload, opts).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        opts: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.hook.before(Operation::Put, location.clone()).await?;
        self.objects.put_multipart_opts(location, opts).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.hook.before(Operation::Get, location.clone()).await?;
        self.objects.get_opts(location, options).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let hook = self.hook.clone();
        let begun = locations.and_then(move |path| {
            let before = hook.before(Operation::Delete, path.clone());
            async move { before.await.map(|()| path) }
        });
        self.objects.delete_stream(begun.boxed())
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let (objects, prefix) = (Arc::clone(&self.objects), prefix.cloned().unwrap_or_default());
        let before = self.hook.before(Operation::List, prefix.clone());
        let listing = async move { before.await.map(|()| objects.list(Some(&prefix))) };
        listing.try_flatten_stream().boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.hook.before(Operation::List, prefix.cloned().unwrap_or_default()).await?;
        self.objects.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.hook.before(Operation::Copy, to.clone()).await?;
        self.objects.copy_opts(from, to, options).await
    }
}
