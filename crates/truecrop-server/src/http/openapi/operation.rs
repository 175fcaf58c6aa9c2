//! One operation of the interface, and how the document says it.

use super::schemas;
use crate::config::Config;
use serde_json::{Map, Value, json};

/// One operation: a route and a method.
pub struct Operation {
    pub method: &'static str,
    pub path: &'static str,
    /// Its name, for generated clients.
    pub id: &'static str,
    pub summary: &'static str,
    /// Whether it needs the API key, where the configuration has one.
    pub key: bool,
    /// Header fields that it takes.
    pub fields: &'static [Field],
    /// The form that it takes.
    pub form: Option<fn() -> Value>,
    /// The schema of the JSON that it takes.
    pub json: Option<&'static str>,
    /// Whether it takes a file.
    pub file: bool,
    /// Whether it takes a chunk of a file, as tus does.
    pub chunk: bool,
    /// Its answers beside refusals.
    pub answers: &'static [(u16, Content)],
    /// The statuses of its refusals.
    pub refusals: &'static [u16],
    pub shown: Shown,
}

/// A header field of a request.
pub struct Field {
    pub name: &'static str,
    pub required: bool,
    pub pattern: &'static str,
}

/// Which servers have the operation.
#[derive(Clone, Copy)]
pub enum Shown {
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
pub enum Content {
    Nothing,
    Text,
    /// JSON of this schema.
    Json(&'static str),
    /// A picture, or a receipt.
    Output,
}

pub const PLAIN: Operation = Operation {
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

impl Operation {
    /// As the document says it, for a server of this configuration.
    pub fn written(&self, config: &Config) -> Value {
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
