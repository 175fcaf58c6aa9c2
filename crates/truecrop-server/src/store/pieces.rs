//! Reading an object in pieces, so that a client that reads slowly holds one piece of it and not the whole.

use super::{Key, Store, failed};
use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use truecrop_core::Result;

/// An object that is read while it is sent.
pub struct Pieces {
    /// Bytes of the whole object.
    pub length: u64,
    /// Its bytes, in order. Each piece is read when it is asked for.
    pub stream: BoxStream<'static, Result<Bytes>>,
}

impl Store {
    /// An object in pieces; `None` when it does not exist.
    ///
    /// # Errors
    /// [`truecrop_core::Code::Io`], also from the stream.
    pub async fn read(&self, key: &Key<'_>) -> Result<Option<Pieces>> {
        use object_store::ObjectStoreExt;
        match self.objects.get(&key.path()).await {
            Ok(found) => {
                let length = found.meta.size;
                let stream = found.into_stream().map_err(|e| failed(&e)).boxed();
                Ok(Some(Pieces { length, stream }))
            }
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed(&error)),
        }
    }
}
