//! What a bucket says about an object when something else than this server serves it, such as a CDN: its type, how long it may be
//! cached, the class that it is stored in. Folders keep no such thing.

use super::{Key, Stage, Store};
use object_store::{Attribute, Attributes};
use truecrop_core::recipe::Format;

/// A kept picture never changes: its address never shows another one.
pub const KEPT: &str = "public, max-age=31536000, immutable";

/// A pending one may soon be gone, and receipts are for their owners.
pub const NOT_CACHED: &str = "private, no-store";

impl Store {
    /// The same store; kept pictures are put in this class of a bucket.
    #[must_use]
    pub fn with_storage_class(self, class: Option<&str>) -> Self {
        Self { storage_class: class.map(Into::into), ..self }
    }

    /// The attributes of a new object.
    pub(super) fn attributes(&self, key: &Key<'_>) -> Attributes {
        if self.folder.is_some() {
            return Attributes::new();
        }
        let (kind, caching) = match key {
            Key::Output(stage, _, file) => (picture_type(file), cache_control(*stage)),
            Key::Receipt(..) | Key::Manifest(..) => ("application/json", NOT_CACHED),
            _ => return Attributes::new(),
        };
        let mut attributes = Attributes::from_iter([
            (Attribute::ContentType, kind.to_owned()),
            (Attribute::CacheControl, caching.to_owned()),
        ]);
        // Classes for rare use ask for a least time: what is only pending stays in the bucket's own.
        if let (Key::Output(Stage::Kept, ..), Some(class)) = (key, &self.storage_class) {
            attributes.insert(Attribute::StorageClass, class.to_string().into());
        }
        attributes
    }
}

/// How long a picture in this stage may be cached.
pub fn cache_control(stage: Stage) -> &'static str {
    match stage {
        Stage::Kept => KEPT,
        Stage::Pending => NOT_CACHED,
    }
}

fn picture_type(file: &str) -> &'static str {
    let formats = [Format::Jpeg, Format::Png, Format::Webp];
    let ending = file.rsplit_once('.').map_or("", |(_, ending)| ending);
    let format = formats.into_iter().find(|format| format.extension() == ending);
    format.map_or("application/octet-stream", Format::mime)
}
