//! Addresses at which a client may create one object, without the credentials of the store.
//!
//! For S3 the signature binds the header fields that the client must send: `If-None-Match: *`, so that nothing is replaced;
//! the type; and the SHA-256, which S3 compares with the bytes before it stores them. So no other bytes, of whatever length,
//! can be put. A store that ignores some of these loses nothing but time: what it has taken is judged all the same.

use super::Part;
use futures::future::BoxFuture;
use object_store::path::Path;
use std::fmt::Debug;
use std::time::Duration;

/// A request that the client may make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedPut {
    /// Where to.
    pub url: String,
    /// The header fields that it must have, with exactly these values.
    pub headers: Vec<(String, String)>,
}

/// Signs requests for a store.
pub trait SignPuts: Debug + Send + Sync + 'static {
    /// Allows whoever has the answer to create the object at this path of the store, once, for so long.
    fn sign_put(
        &self,
        path: Path,
        part: Part,
        valid: Duration,
    ) -> BoxFuture<'_, object_store::Result<SignedPut>>;
}

#[cfg(feature = "cloud")]
pub use bucket::{BucketSigner, open_bucket};

#[cfg(feature = "cloud")]
mod bucket {
    use super::{Part, SignPuts, SignedPut};
    use futures::FutureExt;
    use futures::future::BoxFuture;
    use object_store::aws::{AmazonS3, AmazonS3Builder};
    use object_store::path::Path;
    use object_store::signer::{HeaderName, HeaderValue, Method, SignedUrlOptions, Signer};
    use object_store::{ObjectStoreScheme, Result};
    use std::time::Duration;
    use truecrop_core::receipt::Digest;
    use url::Url;

    /// The bucket of an address and the path in it, with what the environment says; `None` for another kind of store.
    pub fn open_bucket(url: &Url) -> Result<Option<(AmazonS3, Path)>> {
        let (scheme, path) = ObjectStoreScheme::parse(url)?;
        if scheme != ObjectStoreScheme::AmazonS3 {
            return Ok(None);
        }
        let from_environment = |builder: AmazonS3Builder, (name, value): (String, String)| match name
            .to_ascii_lowercase()
            .parse()
        {
            Ok(key) => builder.with_config(key, value),
            Err(_) => builder,
        };
        let builder = AmazonS3Builder::new().with_url(url.as_str());
        Ok(Some((std::env::vars().fold(builder, from_environment).build()?, path)))
    }

    /// A digest as S3 writes it.
    fn base64_of(digest: &Digest) -> String {
        digest.to_string().trim_start_matches("sha-256=").trim_matches(':').to_owned()
    }

    /// Signs for a bucket of S3, or of another store with its interface.
    #[derive(Debug)]
    pub struct BucketSigner {
        bucket: AmazonS3,
        prefix: Path,
    }

    impl BucketSigner {
        /// For the objects below this path.
        pub fn new(bucket: AmazonS3, prefix: Path) -> Self {
            Self { bucket, prefix }
        }
    }

    impl SignPuts for BucketSigner {
        fn sign_put(&self, path: Path, part: Part, valid: Duration) -> BoxFuture<'_, Result<SignedPut>> {
            async move {
                let full = self.prefix.parts().chain(path.parts()).collect();
                let headers = [
                    ("content-type", part.mime),
                    ("if-none-match", "*".to_owned()),
                    // What is announced for a bucket has a digest.
                    ("x-amz-checksum-sha256", part.digest.as_ref().map(base64_of).unwrap_or_default()),
                ];
                let mut options = SignedUrlOptions::new();
                for (name, value) in &headers {
                    let value = HeaderValue::from_str(value)
                        .map_err(|e| object_store::Error::Generic { store: "S3", source: Box::new(e) })?;
                    options = options.with_signed_header(HeaderName::from_static(name), value);
                }
                let url = self.bucket.signed_url_opts(Method::PUT, &full, valid, &options).await?;
                let headers = headers.map(|(name, value)| (name.to_owned(), value)).into();
                Ok(SignedPut { url: url.into(), headers })
            }
            .boxed()
        }
    }
}
