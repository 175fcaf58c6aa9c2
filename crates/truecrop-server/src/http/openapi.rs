//! The OpenAPI document of the interface, at `/openapi.json`: made here from one table, and from the constants and the configuration
//! of this server. A test holds the table to the routes, and schemathesis the answers to the document (`npm test -- openapi`).

use super::App;
use super::openapi_protocols;
use super::schemas;
use crate::config::Config;
use axum::extract::State;
use axum::response::Json;
use serde_json::{Map, Value, json};

/// One operation: a route and a method.
pub(super) struct Operation {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    /// Its name, for generated clients.
    pub(super) id: &'static str,
    pub(super) summary: &'static str,
    /// Whether it needs the API key, where the configuration has one.
    pub(super) key: bool,
    /// Header fields that it takes.
    pub(super) fields: &'static [Field],
    /// The form that it takes.
    pub(super) form: Option<fn() -> Value>,
    /// The schema of the JSON that it takes.
    pub(super) json: Option<&'static str>,
    /// Whether it takes a file.
    pub(super) file: bool,
    /// Whether it takes a chunk of a file, as tus does.
    pub(super) chunk: bool,
    /// Its answers beside refusals.
    pub(super) answers: &'static [(u16, Content)],
    /// The statuses of its refusals.
    pub(super) refusals: &'static [u16],
    pub(super) shown: Shown,
}

/// A header field of a request.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) required: bool,
    pub(super) pattern: &'static str,
}

/// Which servers have the operation.
#[derive(Clone, Copy)]
pub(super) enum Shown {
    Always,
    /// Those whose operators have no listener of their own.
    WithoutAdminListener,
    /// Those whose store gives clients addresses to put to.
    WhereStoreTakesParts,
    /// Those whose store is a folder.
    WhereStoreIsFolder,
}

/// What an answer holds.
#[derive(Clone, Copy)]
pub(super) enum Content {
    Nothing,
    Text,
    /// JSON of this schema.
    Json(&'static str),
    /// A picture, or a receipt.
    Output,
}

pub(super) const PLAIN: Operation = Operation {
    method: "get",
    path: "",
    id: "",
    summary: "",
    key: false,
    fields: &[],
    form: None,
    json: None,
    file: false,
    chunk: false,
    answers: &[(200, Content::Text)],
    refusals: &[],
    shown: Shown::Always,
};

const OPERATIONS: &[Operation] = &[
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

/// `GET /openapi.json`.
pub async fn serve(State(app): State<App>) -> Json<Value> {
    Json(document(app.config(), app.store().can_sign(), app.store().can_receive()))
}

/// The document for a server of this configuration, whose store gives clients addresses to put to (`signs`) or is a folder, to which they
/// can send parts (`receives`).
pub fn document(config: &Config, signs: bool, receives: bool) -> Value {
    let mut paths = Map::new();
    let shown = |operation: &&Operation| match operation.shown {
        Shown::Always => true,
        Shown::WithoutAdminListener => config.admin_listen.is_none(),
        Shown::WhereStoreTakesParts => signs || receives,
        Shown::WhereStoreIsFolder => receives,
    };
    for operation in OPERATIONS.iter().chain(openapi_protocols::OPERATIONS).filter(shown) {
        let path = paths
            .entry(operation.path)
            .or_insert_with(|| json!({ "parameters": parameters(operation.path) }));
        path[operation.method] = operation.written(config);
    }
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "truecrop",
            "version": truecrop_core::ENGINE,
            "description": "Checks and stores cropped pictures. Every refusal is a problem (RFC 9457). \
                            Parts of a form, levels and codes are described in docs/SERVER.md.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "paths": paths,
        "components": { "schemas": schemas::all() },
    });
    if config.api_key.is_some() {
        document["components"]["securitySchemes"] = json!({ "key": { "type": "http", "scheme": "bearer" } });
    }
    document
}

/// The parts of a path that are chosen.
fn parameters(path: &str) -> Vec<Value> {
    let known = [("id", schemas::ID), ("name", schemas::NAME), ("part", "^[0-9]+-(source|[0-9]+)$")];
    let used = known.into_iter().filter(|(name, _)| path.contains(&format!("{{{name}}}")));
    let parameter = |(name, pattern): (&str, &str)| {
        let schema = json!({ "type": "string", "pattern": pattern });
        json!({ "name": name, "in": "path", "required": true, "schema": schema })
    };
    used.map(parameter).collect()
}

impl Operation {
    fn written(&self, config: &Config) -> Value {
        let mut answers = Map::new();
        for (status, content) in self.answers {
            answers.insert(status.to_string(), content.answer());
        }
        let key = self.key && config.api_key.is_some();
        for status in self.refusals.iter().copied().chain(key.then_some(401)) {
            let content = json!({ "application/problem+json": { "schema": schemas::reference("Problem") } });
            answers.insert(status.to_string(), json!({ "description": "A problem.", "content": content }));
        }
        let mut written = json!({ "operationId": self.id, "summary": self.summary, "responses": answers });
        if !self.fields.is_empty() {
            let field = |field: &Field| {
                let schema = json!({ "type": "string", "pattern": field.pattern });
                json!({ "name": field.name, "in": "header", "required": field.required, "schema": schema })
            };
            written["parameters"] = self.fields.iter().map(field).collect();
        }
        if let Some(form) = self.form {
            written["requestBody"] = form();
            written["responses"]["201"]["headers"] = json!({
                "Location": { "description": "The address of the only picture.", "schema": { "type": "string" } },
            });
        }
        if let Some(schema) = self.json {
            let content = json!({ "application/json": { "schema": schemas::reference(schema) } });
            written["requestBody"] = json!({ "required": true, "content": content });
        }
        if self.file {
            written["requestBody"] =
                json!({ "required": true, "content": { "application/octet-stream": {} } });
        }
        if self.chunk {
            let content = json!({ "application/offset+octet-stream": {} });
            written["requestBody"] = json!({ "required": false, "content": content });
        }
        if key {
            written["security"] = json!([{ "key": [] }]);
        }
        written
    }
}

impl Content {
    fn answer(self) -> Value {
        let text = json!({ "schema": { "type": "string" } });
        let bytes = json!({});
        let content = match self {
            Content::Nothing => return json!({ "description": "Done, or nothing to send." }),
            Content::Text => json!({ "text/plain": text }),
            Content::Json(schema) => json!({ "application/json": { "schema": schemas::reference(schema) } }),
            Content::Output => json!({
                "image/jpeg": bytes,
                "image/png": bytes,
                "image/webp": bytes,
                "application/json": { "schema": { "type": "object" } },
            }),
        };
        json!({ "description": "Done.", "content": content })
    }
}
