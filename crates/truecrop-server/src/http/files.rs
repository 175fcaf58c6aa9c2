//! Static files, such as the demo page.

use crate::problem::Problem;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use std::io::{Error, ErrorKind};
use std::path::Path;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;
use truecrop_core::Code;

/// Pages may load nothing from other origins and have no inline code or style. Where a bundler leaves the worker's file behind, the
/// worker comes from a Blob.
const PAGE_POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; style-src 'self'; \
     img-src 'self' blob:; form-action 'self'; base-uri 'none'; frame-ancestors 'self'";

/// The files of a folder, with the security policy of the demo page.
pub fn routes(folder: &Path) -> Router {
    let policy = SetResponseHeaderLayer::overriding(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(PAGE_POLICY),
    );
    let fresh =
        SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    let files = ServeDir::new(folder);
    let serve = move |request: Request| serve(files.clone(), request);
    let files = Router::new().fallback(serve).layer(policy).layer(fresh);
    if has_only_demo(folder) {
        return Router::new()
            .route("/", get(|| async { Redirect::temporary("/demo/") }))
            .fallback_service(files);
    }
    files
}

/// Whether the folder is what the npm package's `dist` is: the demo, and no page of its own at the top.
fn has_only_demo(folder: &Path) -> bool {
    !folder.join("index.html").exists() && folder.join("demo/index.html").exists()
}

async fn serve(mut files: ServeDir, request: Request) -> Response {
    match files.try_call(request).await {
        Ok(response) => response.map(Body::new),
        Err(error) if is_absent(&error) => {
            Problem::not_found("There is nothing at this address.").into_response()
        }
        Err(error) => {
            let detail = format!("A file cannot be read: {error}.");
            Problem::from(truecrop_core::Error::new(Code::Io, detail)).into_response()
        }
    }
}

/// Whether there is no file of the name that was asked for, or none can have it: a part of it is too long, or has a zero
/// byte.
fn is_absent(error: &Error) -> bool {
    let kind = error.kind();
    let impossible = matches!(kind, ErrorKind::InvalidFilename | ErrorKind::InvalidInput);
    impossible || matches!(kind, ErrorKind::NotFound | ErrorKind::NotADirectory)
}
