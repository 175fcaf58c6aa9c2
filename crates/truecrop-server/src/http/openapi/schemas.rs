//! The schemas of the OpenAPI document: the JSON that `response`, `problem` and the core write.

use serde_json::{Value, json};

/// An upload's id.
pub const ID: &str = "^[a-z2-7]{26}$";

/// The name of an output, or `receipt`.
pub const NAME: &str = "^[a-z0-9_-]{1,32}$";

/// A digest as RFC 9530 writes it.
const DIGEST: &str = "^sha-256=:[A-Za-z0-9+/]{43}=:$";

/// The reference to a schema.
pub fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// A form of one picture, which is called `main`; others have other names.
pub fn form() -> Value {
    let schema = json!({
        "type": "object",
        "properties": {
            "main.receipt": { "type": "string", "description": "The receipt, before the outputs." },
            "main": { "type": "string", "format": "binary", "description": "The only output; main.NAME for each of several." },
            "main.recipe": { "type": "string", "description": "In place of a receipt: the server makes the outputs." },
            "main.source": { "type": "string", "format": "binary", "description": "The photo, where it is needed." },
        },
    });
    json!({ "required": true, "content": { "multipart/form-data": { "schema": schema } } })
}

/// The form of FilePond, whose parts all have the name of its field, such as `filepond`.
pub fn filepond_form() -> Value {
    let file = json!({ "type": "string", "contentMediaType": "application/octet-stream" });
    let schema = json!({
        "type": "object",
        "required": ["filepond"],
        "properties": {
            "filepond": {
                "type": "array",
                "minItems": 1,
                "items": file,
                "description": "The item's metadata as JSON, {\"truecrop\": {\"receipt\" or \"recipe\": ...}}, then its files.",
            },
        },
    });
    json!({ "required": true, "content": { "multipart/form-data": { "schema": schema } } })
}

/// All schemas by their names.
pub fn all() -> Value {
    json!({
        "Problem": problem(),
        "Upload": upload(),
        "Form": {
            "type": "object",
            "required": ["images"],
            "properties": { "images": { "type": "object", "additionalProperties": reference("Upload") } },
        },
        "Limits": {
            "type": "object",
            "required": ["level", "policy", "limits", "upload_bytes", "uploads", "pixels", "engine"],
            "properties": {
                "level": level(),
                "policy": { "type": "object" },
                "limits": { "type": "object", "additionalProperties": { "type": "integer" } },
                "upload_bytes": { "type": "integer" },
                "uploads": { "type": "boolean", "description": "Whether POST /v1/uploads gives addresses in a bucket." },
                "resumable": { "type": "boolean", "description": "Whether it gives addresses of tus." },
                "token_required": { "type": "boolean" },
                "pixels": { "type": "integer" },
                "engine": { "type": "string" },
            },
        },
        "Ids": {
            "type": "object",
            "required": ["ids"],
            "properties": {
                "ids": { "type": "array", "minItems": 1, "maxItems": 100, "items": { "type": "string" } },
            },
            "additionalProperties": false,
        },
        "Confirmations": confirmations(),
        "Announcement": announcement(),
        "Waiting": waiting(),
        "Announced": {
            "type": "object",
            "required": ["id", "state"],
            "properties": {
                "id": { "type": "string", "pattern": ID },
                "state": { "enum": ["waiting", "stored"] },
                "expires_at": { "type": "string", "format": "date-time" },
                "images": { "type": "object", "additionalProperties": reference("Upload") },
            },
        },
        "Document": { "type": "object", "required": ["openapi", "info", "paths"] },
    })
}

fn confirmations() -> Value {
    let each = json!({
        "type": "object",
        "required": ["id", "status"],
        "properties": {
            "id": { "type": "string" },
            "status": { "type": "integer", "description": "As of a confirm of this upload alone." },
            "image": reference("Upload"),
            "problem": reference("Problem"),
        },
    });
    json!({
        "type": "object",
        "required": ["images"],
        "properties": { "images": { "type": "array", "items": each } },
    })
}

fn announcement() -> Value {
    let picture = json!({
        "type": "object",
        "properties": {
            "receipt": { "type": "object", "description": "Either this, which says what the outputs are," },
            "recipe": { "type": "object", "description": "or this: the server makes the outputs of the source." },
            "source": {
                "type": "object",
                "required": ["bytes", "digest"],
                "properties": { "bytes": { "type": "integer", "minimum": 1 }, "digest": digest() },
                "additionalProperties": false,
            },
        },
        "additionalProperties": false,
    });
    json!({
        "type": "object",
        "required": ["images"],
        "properties": { "images": { "type": "object", "minProperties": 1, "additionalProperties": picture } },
        "additionalProperties": false,
    })
}

fn waiting() -> Value {
    let put = json!({
        "type": "object",
        "required": ["method", "url", "headers", "bytes"],
        "properties": {
            "method": { "enum": ["PUT", "PATCH"] },
            "url": { "type": "string" },
            "headers": { "type": "object", "additionalProperties": { "type": "string" } },
            "bytes": { "type": "integer", "minimum": 1 },
        },
    });
    let parts = json!({
        "type": "object",
        "required": ["outputs"],
        "properties": { "outputs": { "type": "object", "additionalProperties": put }, "source": put },
    });
    json!({
        "type": "object",
        "required": ["id", "state", "expires_at", "parts"],
        "properties": {
            "id": { "type": "string", "pattern": ID },
            "state": { "enum": ["waiting"] },
            "expires_at": { "type": "string", "format": "date-time" },
            "parts": { "type": "object", "additionalProperties": parts },
        },
    })
}

fn level() -> Value {
    json!({ "enum": ["result", "committed", "source"] })
}

fn digest() -> Value {
    json!({ "type": "string", "pattern": DIGEST })
}

fn problem() -> Value {
    let text = json!({ "type": "string" });
    json!({
        "type": "object",
        "required": ["type", "title", "status", "code", "detail", "instance"],
        "properties": {
            "type": { "type": "string", "pattern": "^urn:truecrop:problem:[a-z0-9-]+$" },
            "title": text,
            "status": { "type": "integer", "minimum": 400, "maximum": 599 },
            "code": { "type": "string", "pattern": "^[a-z0-9-]+$", "description": "Stable: docs/SERVER.md has them all." },
            "detail": { "type": "string", "description": "What to do." },
            "instance": { "type": "string", "pattern": "^urn:truecrop:request:" },
            "picture": { "type": "string", "description": "The picture's name in the form." },
            "field": text,
            "expected": {},
            "got": {},
        },
        "additionalProperties": false,
    })
}

fn upload() -> Value {
    let (side, time) =
        (json!({ "type": "integer", "minimum": 1 }), json!({ "type": "string", "format": "date-time" }));
    json!({
        "type": "object",
        "required": ["id", "state", "created_at", "level", "receipt", "outputs"],
        "properties": {
            "id": { "type": "string", "pattern": ID },
            "state": { "enum": ["pending", "kept"] },
            "created_at": time,
            "expires_at": time,
            "subject": { "type": "string", "description": "Who uploaded it; in the answer to confirm alone." },
            "audit": {
                "type": "object",
                "required": ["state", "deadline", "source"],
                "properties": {
                    "state": { "enum": ["waiting", "passed", "failed"] },
                    "deadline": time,
                    "source": { "type": "string", "description": "Where the photo is to be sent." },
                },
            },
            "level": level(),
            "receipt": {
                "type": "object",
                "required": ["url", "digest"],
                "properties": { "url": { "type": "string" }, "digest": digest() },
            },
            "outputs": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "required": ["name", "url", "type", "width", "height", "bytes", "digest"],
                    "properties": {
                        "name": { "type": "string", "pattern": NAME },
                        "url": { "type": "string" },
                        "type": { "enum": ["image/jpeg", "image/png", "image/webp"] },
                        "width": side,
                        "height": side,
                        "bytes": side,
                        "digest": digest(),
                    },
                },
            },
            "verdict": { "type": "object", "description": "What verification said; in the answer to the upload alone." },
        },
    })
}
