//! The HTTP API: its routes, and what applies to every request (timeouts, CORS, headers, metrics).

mod body_meter;
mod images;
mod memory_budget;
pub mod problem;
mod response;
mod upload;

use crate::config::Config;
use crate::metrics;
use crate::store::Store;
use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Json, Redirect, Response};
use axum::routing::{get, post};
use memory_budget::MemoryBudget;
use problem::Problem;
use std::sync::Arc;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::{RequestBodyTimeoutLayer, TimeoutLayer};
use truecrop_core::Result;

/// The demo page may load nothing from other origins and has no inline code or style.
const PAGE_POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; \
     img-src 'self' blob:; form-action 'self'; base-uri 'none'; frame-ancestors 'self'";

/// What all requests share. Cheap to clone.
#[derive(Clone)]
pub struct App {
    shared: Arc<Shared>,
}

struct Shared {
    config: Config,
    store: Store,
    memory_budget: MemoryBudget,
}

impl App {
    /// Opens and tests the store, and starts the metrics.
    ///
    /// # Errors
    /// As [`Store::open`] and [`Store::self_test`].
    pub async fn new(config: Config) -> Result<Self> {
        let store = Store::open(&config.store)?;
        Self::with_store(config, store).await
    }

    /// The same over a store that is already open.
    ///
    /// # Errors
    /// As [`Store::self_test`].
    pub async fn with_store(config: Config, store: Store) -> Result<Self> {
        metrics::install()?;
        store.self_test().await?;
        let memory_budget = MemoryBudget::new(config.memory_budget);
        Ok(Self { shared: Arc::new(Shared { config, store, memory_budget }) })
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.shared.config
    }

    /// Where uploads are stored.
    pub fn store(&self) -> &Store {
        &self.shared.store
    }

    fn memory_budget(&self) -> &MemoryBudget {
        &self.shared.memory_budget
    }
}

/// All routes.
pub fn router(app: App) -> Router {
    let time = app.config().request_timeout.0;
    let api = Router::new()
        .route("/v1/images", post(upload::upload))
        .route("/v1/images/{id}", get(images::metadata).delete(images::delete))
        .route("/v1/images/{id}/confirm", post(images::confirm).get(images::output_named_confirm))
        .route("/v1/images/{id}/{name}", get(images::output))
        .route("/v1/limits", get(limits))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/metrics", get(metrics_text))
        // `body_meter` and `upload` bound the body and each part.
        .layer(DefaultBodyLimit::disable())
        .layer(cors(app.config()))
        .with_state(app.clone());
    let all = match &app.config().www {
        Some(folder) => api.merge(static_files(folder)),
        None => api.fallback(|| async { Problem::not_found("There is nothing at this address.") }),
    };
    all.layer(RequestBodyTimeoutLayer::new(time))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, time))
        .layer(middleware::from_fn(count_requests))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
}

/// Static files, with the security policy of the demo page.
fn static_files(folder: &std::path::Path) -> Router {
    let policy = SetResponseHeaderLayer::overriding(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(PAGE_POLICY),
    );
    let fresh =
        SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    let files = Router::new().fallback_service(ServeDir::new(folder)).layer(policy).layer(fresh);
    Router::new().route("/", get(|| async { Redirect::temporary("/demo/") })).fallback_service(files)
}

/// Lets pages of other origins upload, where the configuration names them.
fn cors(config: &Config) -> CorsLayer {
    let origins: Vec<HeaderValue> = config.allow_origins.iter().filter_map(|o| o.parse().ok()).collect();
    let allowed =
        if config.allow_origins.iter().any(|o| o == "*") { AllowOrigin::any() } else { origins.into() };
    CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers([header::CONTENT_TYPE, header::AUTHORIZATION])
        .expose_headers([
            header::LOCATION,
            header::ETAG,
            header::RETRY_AFTER,
            HeaderName::from_static("repr-digest"),
        ])
}

/// Counts each response by the pattern of its route, and makes a problem of the timeout's empty response.
async fn count_requests(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("(file)", MatchedPath::as_str).to_owned();
    let method = request.method().as_str().to_owned();
    let response = match next.run(request).await {
        late if late.status() == StatusCode::REQUEST_TIMEOUT => {
            Problem::new(late.status(), "timeout", "The request took too long: try again.").into_response()
        }
        response => response,
    };
    metrics::request(&route, &method, response.status().as_u16());
    response
}

/// `GET /metrics`.
async fn metrics_text(State(app): State<App>) -> impl IntoResponse {
    let budget = app.memory_budget();
    metrics::reserved(budget.reserved(), budget.bytes());
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics::render())
}

/// `GET /v1/limits`: what an upload must respect.
async fn limits(State(app): State<App>) -> impl IntoResponse {
    let config = app.config();
    Json(serde_json::json!({
        "level": config.level,
        "policy": config.policy,
        "limits": config.limits,
        "upload_bytes": config.upload_bytes,
        "pixels": truecrop_core::PIXELS,
        "engine": truecrop_core::ENGINE,
    }))
}
