//! The operations of the protocols of other projects: tus and FilePond.

use super::operation::{Content, Field, Operation, PLAIN, Shown};
use super::schemas;

const RESUMABLE: Field = Field { name: "Tus-Resumable", required: true, pattern: "^1\\.0\\.0$" };
const OFFSET: Field = Field { name: "Upload-Offset", required: true, pattern: "^[0-9]{1,18}$" };
const LENGTH: Field = Field { name: "Upload-Length", required: true, pattern: "^[0-9]{1,18}$" };
const METADATA: Field =
    Field { name: "Upload-Metadata", required: true, pattern: "^[A-Za-z0-9._-]+ [A-Za-z0-9+/=]+$" };
const OVERRIDE: Field =
    Field { name: "X-HTTP-Method-Override", required: true, pattern: "^(PATCH|HEAD|DELETE)$" };

const PART: &str = "/v1/tus/{id}/{part}";

/// Refusals of a chunk: those of tus, and with the last one those of the whole upload.
const OF_CHUNK: &[u16] = &[400, 401, 404, 408, 409, 410, 412, 413, 415, 422, 423, 460, 500, 501, 503];

/// The same of a request that names its method: another one is refused.
const OF_OVERRIDDEN: &[u16] =
    &[400, 401, 404, 405, 408, 409, 410, 412, 413, 415, 422, 423, 460, 500, 501, 503];

pub const OPERATIONS: &[Operation] = &[
    Operation {
        method: "post",
        path: "/v1/tus",
        id: "tus_create",
        summary: "Begins an upload of tus: a picture whose metadata says what it is.",
        fields: &[RESUMABLE, LENGTH, METADATA],
        answers: &[(201, Content::Nothing)],
        refusals: OF_CHUNK,
        shown: Shown::WhereStoreIsFolder,
        ..PLAIN
    },
    Operation {
        method: "head",
        path: PART,
        id: "tus_offset",
        summary: "How much of a part has come.",
        fields: &[RESUMABLE],
        answers: &[(200, Content::Nothing)],
        refusals: OF_CHUNK,
        shown: Shown::WhereStoreIsFolder,
        ..PLAIN
    },
    Operation {
        method: "patch",
        path: PART,
        id: "tus_append",
        summary: "Appends a chunk to a part. With the last one, the upload is judged.",
        fields: &[RESUMABLE, OFFSET],
        chunk: true,
        answers: &[(204, Content::Nothing)],
        refusals: OF_CHUNK,
        shown: Shown::WhereStoreIsFolder,
        ..PLAIN
    },
    Operation {
        method: "delete",
        path: PART,
        id: "tus_terminate",
        summary: "Gives up the upload of a part.",
        fields: &[RESUMABLE],
        answers: &[(204, Content::Nothing)],
        refusals: OF_CHUNK,
        shown: Shown::WhereStoreIsFolder,
        ..PLAIN
    },
    Operation {
        method: "post",
        path: PART,
        id: "tus_overridden",
        summary: "Any of these, for clients that cannot send such requests.",
        fields: &[RESUMABLE, OVERRIDE],
        chunk: true,
        answers: &[(200, Content::Nothing), (204, Content::Nothing)],
        refusals: OF_OVERRIDDEN,
        shown: Shown::WhereStoreIsFolder,
        ..PLAIN
    },
    Operation {
        method: "post",
        path: "/v1/filepond",
        id: "filepond_process",
        summary: "FilePond's process: the metadata of an item, then its files.",
        form: Some(schemas::filepond_form),
        answers: &[(201, Content::Text)],
        refusals: &[400, 401, 408, 409, 410, 413, 415, 422, 500, 501, 503],
        ..PLAIN
    },
    Operation {
        path: "/v1/filepond",
        id: "filepond_show",
        summary: "FilePond's load and restore: ?load=ID, ?restore=ID.",
        answers: &[(200, Content::Output), (206, Content::Output), (304, Content::Nothing)],
        refusals: &[400, 404, 408, 416, 500, 501, 503],
        ..PLAIN
    },
    Operation {
        method: "patch",
        path: "/v1/filepond",
        id: "filepond_chunk",
        summary: "FilePond's chunks: ?patch=ID.",
        answers: &[(204, Content::Nothing)],
        refusals: OF_CHUNK,
        ..PLAIN
    },
    Operation {
        method: "delete",
        path: "/v1/filepond",
        id: "filepond_revert",
        summary: "FilePond's revert: takes back a picture that nobody has confirmed.",
        answers: &[(204, Content::Nothing)],
        refusals: &[400, 401, 404, 408, 409, 500, 503],
        ..PLAIN
    },
];
