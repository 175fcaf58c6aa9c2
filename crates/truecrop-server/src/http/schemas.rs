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
            "required": ["level", "policy", "limits", "upload_bytes", "pixels", "engine"],
            "properties": {
                "level": level(),
                "policy": { "type": "object" },
                "limits": { "type": "object", "additionalProperties": { "type": "integer" } },
                "upload_bytes": { "type": "integer" },
                "pixels": { "type": "integer" },
                "engine": { "type": "string" },
            },
        },
        "Document": { "type": "object", "required": ["openapi", "info", "paths"] },
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
