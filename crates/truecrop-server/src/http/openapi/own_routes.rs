//! The operations of the server's own interface.

use super::operation::{Content, Operation, PLAIN, Shown};
use super::schemas;

/// A new route needs a row here: a test holds this table to the routes.
pub const OPERATIONS: &[Operation] = &[
    Operation {
        method: "post",
        path: "/v1/images",
        id: "upload",
        summary: "Uploads a form of pictures, which are verified and stored as pending: all or none.",
        form: Some(schemas::form),
        answers: &[(201, Content::Json("Form"))],
        refusals: &[400, 401, 408, 409, 410, 413, 415, 422, 500, 503],
        ..PLAIN
    },
    Operation {
        path: "/v1/images/{id}",
        id: "metadata",
        summary: "Describes an upload.",
        answers: &[(200, Content::Json("Upload"))],
        refusals: &[400, 404, 408, 500, 503],
        ..PLAIN
    },
    Operation {
        method: "delete",
        path: "/v1/images/{id}",
        id: "delete",
        summary: "Deletes an upload, or makes sure that there is none.",
        key: true,
        answers: &[(204, Content::Nothing)],
        refusals: &[400, 404, 408, 500, 503],
        ..PLAIN
    },
    Operation {
        method: "post",
        path: "/v1/images/{id}/confirm",
        id: "confirm",
        summary: "Keeps a pending upload. Again: the same.",
        key: true,
        answers: &[(200, Content::Json("Upload"))],
        refusals: &[400, 404, 408, 409, 500, 503],
        ..PLAIN
    },
    Operation {
        method: "post",
        path: "/v1/images/{id}/source",
        id: "send_source",
        summary: "The photo of an upload that is audited.",
        file: true,
        answers: &[(200, Content::Json("Upload"))],
        refusals: &[400, 404, 408, 409, 410, 413, 415, 422, 500, 503],
        ..PLAIN
    },
    Operation {
        path: "/v1/images/{id}/source",
        id: "output_named_source",
        summary: "Nothing: no output is called source.",
        answers: &[],
        refusals: &[404],
        ..PLAIN
    },
    Operation {
        path: "/v1/images/{id}/{name}",
        id: "output",
        summary: "An output of an upload, or a range of its bytes, or the receipt.",
        answers: &[(200, Content::Output), (206, Content::Output), (304, Content::Nothing)],
        refusals: &[400, 404, 408, 416, 500, 503],
        ..PLAIN
    },
    Operation {
        path: "/v1/images/{id}/confirm",
        id: "output_named_confirm",
        summary: "The output that is called confirm, if there is one.",
        answers: &[(200, Content::Output), (206, Content::Output), (304, Content::Nothing)],
        refusals: &[400, 404, 408, 416, 500, 503],
        ..PLAIN
    },
    Operation {
        method: "post",
        path: "/v1/images/confirm",
        id: "confirm_many",
        summary: "Keeps several pending uploads, each by itself.",
        key: true,
        json: Some("Ids"),
        answers: &[(200, Content::Json("Confirmations"))],
        refusals: &[400, 408, 413, 500, 503],
        ..PLAIN
    },
    Operation {
        method: "post",
        path: "/v1/uploads",
        id: "announce",
        summary: "Announces pictures, and gives addresses in the store to put them to.",
        json: Some("Announcement"),
        answers: &[(201, Content::Json("Waiting"))],
        refusals: &[400, 401, 408, 413, 415, 422, 500, 501, 503],
        shown: Shown::WhereStoreTakesParts,
        ..PLAIN
    },
    Operation {
        path: "/v1/uploads/{id}",
        id: "announced",
        summary: "What became of an announced upload.",
        answers: &[(200, Content::Json("Announced"))],
        refusals: &[400, 404, 408, 410, 413, 415, 422, 500, 503],
        shown: Shown::WhereStoreTakesParts,
        ..PLAIN
    },
    Operation {
        method: "delete",
        path: "/v1/uploads/{id}",
        id: "cancel",
        summary: "Gives up an announced upload.",
        answers: &[(204, Content::Nothing)],
        refusals: &[400, 404, 408, 409, 500, 503],
        shown: Shown::WhereStoreTakesParts,
        ..PLAIN
    },
    Operation {
        method: "post",
        path: "/v1/uploads/{id}/complete",
        id: "complete",
        summary: "Judges what was put, and stores it as pending: all or none. Again: the same.",
        answers: &[(200, Content::Json("Announced"))],
        refusals: &[400, 404, 408, 409, 410, 413, 415, 422, 500, 503],
        shown: Shown::WhereStoreTakesParts,
        ..PLAIN
    },
    Operation {
        path: "/v1/limits",
        id: "limits",
        summary: "What an upload must respect.",
        answers: &[(200, Content::Json("Limits"))],
        ..PLAIN
    },
    Operation {
        path: "/openapi.json",
        id: "openapi",
        summary: "This document.",
        answers: &[(200, Content::Json("Document"))],
        ..PLAIN
    },
    Operation { path: "/livez", id: "livez", summary: "Whether the process answers.", ..PLAIN },
    Operation { path: "/healthz", id: "healthz", summary: "The same.", ..PLAIN },
    Operation {
        path: "/readyz",
        id: "readyz",
        summary: "Whether this server can take requests.",
        refusals: &[503],
        ..PLAIN
    },
    Operation {
        path: "/metrics",
        id: "metrics",
        summary: "What operators watch, for Prometheus.",
        shown: Shown::WithoutAdminListener,
        ..PLAIN
    },
];
