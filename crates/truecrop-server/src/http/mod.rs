//! HTTP: the routes, and what every answer carries.

mod answer;
mod gate;
mod images;
pub mod problem;
mod tally;
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
use gate::Gate;
use problem::Problem;
use std::sync::Arc;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::{RequestBodyTimeoutLayer, TimeoutLayer};
use truecrop_core::Result;

/// What the demo page may do: nothing from elsewhere, no inline code or style.
const PAGE_POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; \
     img-src 'self' blob:; form-action 'self'; base-uri 'none'; frame-ancestors 'self'";

/// What every request shares. Cheap to clone.
#[derive(Clone)]
pub struct App {
    shared: Arc<Shared>,
}

struct Shared {
    config: Config,
    store: Store,
    gate: Gate,
}

impl App {
    /// Opens the store, tries it, and starts recording.
    ///
    /// # Errors
    /// As [`Store::open`] and [`Store::probe`].
    pub async fn new(config: Config) -> Result<Self> {
        let store = Store::open(&config.store)?;
        Self::with_store(config, store).await
    }

    /// The same over a store that is already open.
    ///
    /// # Errors
    /// As [`Store::probe`].
    pub async fn with_store(config: Config, store: Store) -> Result<Self> {
        metrics::install()?;
        store.probe().await?;
        let gate = Gate::new(config.memory_budget);
        Ok(Self { shared: Arc::new(Shared { config, store, gate }) })
    }

    /// How it works.
    pub fn config(&self) -> &Config {
        &self.shared.config
    }

    /// Where pictures are kept.
    pub fn store(&self) -> &Store {
        &self.shared.store
    }

    fn gate(&self) -> &Gate {
        &self.shared.gate
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
        .route("/metrics", get(scrape))
        // Parts are counted one by one in `upload`.
        .layer(DefaultBodyLimit::disable())
        .layer(cors(app.config()))
        .with_state(app.clone());
    let all = match &app.config().www {
        Some(folder) => api.merge(pages(folder)),
        None => api.fallback(|| async { Problem::not_found("There is nothing here.") }),
    };
    all.layer(RequestBodyTimeoutLayer::new(time))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, time))
        .layer(middleware::from_fn(record))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
}

/// Static files, with the page's security policy.
fn pages(folder: &std::path::Path) -> Router {
    let policy = SetResponseHeaderLayer::overriding(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(PAGE_POLICY),
    );
    let fresh =
        SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    let files = Router::new().fallback_service(ServeDir::new(folder)).layer(policy).layer(fresh);
    Router::new().route("/", get(|| async { Redirect::temporary("/demo/") })).fallback_service(files)
}

/// Pages of other origins may upload where the configuration names them.
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

/// Counts each answer by its route's pattern. The timeout's answer becomes a problem like all other refusals.
async fn record(request: Request, next: Next) -> Response {
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

async fn scrape() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics::render())
}

/// What a widget must respect.
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
