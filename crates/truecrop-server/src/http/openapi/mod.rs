//! The OpenAPI document of the interface, at `/openapi.json`: made of tables of operations, and of the constants and the configuration
//! of this server. A test holds the tables to the routes, and schemathesis the answers to the document (`npm test -- openapi`).

mod operation;
mod own_routes;
mod protocol_routes;
mod schemas;

use super::App;
use crate::config::Config;
use axum::extract::State;
use axum::response::Json;
use operation::{Operation, Shown};
use serde_json::{Map, Value, json};

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
    for operation in own_routes::OPERATIONS.iter().chain(protocol_routes::OPERATIONS).filter(shown) {
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
