//! The HTTP API: its routes, and what applies to every request (timeouts, CORS, headers, metrics).
//!
//! | file | what |
//! | --- | --- |
//! | this one | the routes, and what all requests share ([`App`]) |
//! | `answers`, `counted` | every request: it is counted and logged, and its answer has its id |
//! | `upload` | one upload of a form, from its head to its answer |
//! | `credentials`, `permission` | who asks, and what they may upload |
//! | `idempotency` | the same upload sent again |
//! | `body_meter`, `body_digest` | the bounds of a body, and its digests |
//! | `form` | the parts of a form |
//! | `admission`, `memory_budget` | whose turn it is, and whether there is memory |
//! | `verification`, `wanted` | the work itself, and whether somebody still waits for it |
//! | `images`, `upload_id`, `ranges`, `response` | one stored upload: what it is, its pictures, confirm, delete |
//! | `confirm_many`, `audit` | several at once; the source of one that has promised it |
//! | `uploads`, `filepond`, `spool` | uploads in parts: by way of the bucket, by tus, by FilePond |
//! | `health`, `files`, `openapi` | what operators ask; static files; the document of this interface |

mod admission;
mod answers;
mod audit;
mod body_digest;
mod body_meter;
mod confirm_many;
mod counted;
mod credentials;
mod filepond;
mod files;
mod form;
mod health;
mod idempotency;
mod images;
mod memory_budget;
pub mod openapi;
mod permission;
mod ranges;
mod response;
mod spool;
mod upload;
mod upload_id;
pub mod uploads;
mod verification;
mod wanted;

pub use response::Mount;

use crate::config::Config;
use crate::metrics;
use crate::problem::Problem;
use crate::request_id::X_REQUEST_ID;
use crate::store::Store;
use crate::tokens::Keys;
use crate::webhooks::Webhooks;
use admission::Admission;
use audit::AuditKey;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse, Json};
use axum::routing::{get, post};
use health::Readiness;
use idempotency::Running;
use memory_budget::MemoryBudget;
use std::sync::Arc;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;
use truecrop_core::Result;
use uploads::tus::{self, Writers};
use uploads::{Judgements, Room};

/// What all requests share. Cheap to clone.
#[derive(Clone)]
pub struct App {
    shared: Arc<Shared>,
}

struct Shared {
    config: Config,
    keys: Keys,
    store: Store,
    memory_budget: MemoryBudget,
    admission: Admission,
    readiness: Readiness,
    running: Running,
    judgements: Judgements,
    webhooks: Option<Webhooks>,
    audit_key: AuditKey,
    room: Room,
    writers: Writers,
}

impl App {
    /// Opens and tests the store, and starts the metrics.
    ///
    /// # Errors
    /// As [`Store::open`] and [`Store::self_test`].
    pub async fn new(config: Config) -> Result<Self> {
        let store = Store::open(&config.store)?.with_storage_class(config.storage_class.as_deref());
        Self::with_store(config, store).await
    }

    /// The same over a store that is already open.
    ///
    /// # Errors
    /// As [`Store::self_test`].
    pub async fn with_store(config: Config, store: Store) -> Result<Self> {
        metrics::install()?;
        let keys = Keys::new(&config.policy_tokens)?;
        store.self_test().await?;
        let (store, webhooks) = match &config.webhook {
            Some(webhook) => {
                let (store, webhooks) = Webhooks::new(webhook, store)?;
                (store, Some(webhooks))
            }
            None => (store, None),
        };
        let memory_budget = MemoryBudget::new(config.memory_budget, config.body_budget());
        let bounds = config.admission;
        let wait = bounds.longest_wait(config.request_timeout);
        let admission = Admission::new(bounds.verifications, bounds.queue, wait);
        let (readiness, running, judgements) = Default::default();
        let audit_key = AuditKey::new(config.audits.key.as_ref().map(|key| key.0.as_str()))?;
        let (room, writers) = (Room::default(), Writers::default());
        let shared = Shared {
            config,
            keys,
            store,
            memory_budget,
            admission,
            readiness,
            running,
            judgements,
            webhooks,
            audit_key,
            room,
            writers,
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.shared.config
    }

    /// Where uploads are stored.
    pub fn store(&self) -> &Store {
        &self.shared.store
    }

    /// What tells the application what becomes of uploads; `None` where nobody is to hear it.
    pub fn webhooks(&self) -> Option<&Webhooks> {
        self.shared.webhooks.as_ref()
    }

    /// Whether this server can take requests.
    pub fn readiness(&self) -> &Readiness {
        &self.shared.readiness
    }

    fn admission(&self) -> &Admission {
        &self.shared.admission
    }

    fn keys(&self) -> &Keys {
        &self.shared.keys
    }

    fn audit_key(&self) -> &AuditKey {
        &self.shared.audit_key
    }

    fn running(&self) -> &Running {
        &self.shared.running
    }

    fn judgements(&self) -> &Judgements {
        &self.shared.judgements
    }

    fn room(&self) -> &Room {
        &self.shared.room
    }

    fn writers(&self) -> &Writers {
        &self.shared.writers
    }

    fn memory_budget(&self) -> &MemoryBudget {
        &self.shared.memory_budget
    }
}

/// All routes for everyone. Those of operators are among them unless they have a listener of their own.
pub fn router(app: App) -> Router {
    let time = app.config().request_timeout.0;
    let api = Router::new()
        .route("/v1/images", post(upload::upload))
        .route("/v1/images/confirm", post(confirm_many::confirm_many))
        .route("/v1/images/{id}", get(images::metadata).delete(images::delete))
        .route("/v1/images/{id}/confirm", post(images::confirm).get(images::output_named_confirm))
        .route("/v1/images/{id}/source", post(audit::source).get(images::no_output))
        .route("/v1/images/{id}/{name}", get(images::output))
        .route("/v1/limits", get(limits))
        .merge(uploads::routes())
        .merge(filepond::routes())
        .route("/openapi.json", get(openapi::serve))
        .merge(health::routes(app.config().admin_listen.is_none()))
        // `body_meter` and `upload` bound the body and each part.
        .layer(DefaultBodyLimit::disable())
        .with_state(app.clone());
    let parts = tus::routes().merge(filepond::chunk_routes()).with_state(app.clone());
    let all = match &app.config().www {
        Some(folder) => api.merge(files::routes(folder)),
        None => api.fallback(nothing_here),
    };
    all.layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, time))
        .merge(parts)
        .layer(cors(app.config()))
        .layer(middleware::from_fn_with_state(app, tus::discovery))
        .layer(middleware::from_fn(answers::finish))
        .layer(no_sniff())
}

/// The routes of operators, for a listener of their own.
pub fn admin_router(app: App) -> Router {
    let routes = health::routes(true).fallback(nothing_here).with_state(app);
    routes.layer(middleware::from_fn(answers::finish_unlogged)).layer(no_sniff())
}

async fn nothing_here() -> Problem {
    Problem::not_found("There is nothing at this address.")
}

fn no_sniff() -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    )
}

/// Lets pages of other origins upload, where the configuration names them.
fn cors(config: &Config) -> CorsLayer {
    let origins: Vec<HeaderValue> = config.allow_origins.iter().filter_map(|o| o.parse().ok()).collect();
    let allowed =
        if config.allow_origins.iter().any(|o| o == "*") { AllowOrigin::any() } else { origins.into() };
    let [content_digest, repr_digest] = body_digest::FIELDS;
    let allowed_headers = [
        header::CONTENT_TYPE,
        header::AUTHORIZATION,
        X_REQUEST_ID,
        idempotency::FIELD,
        content_digest,
        repr_digest,
        HeaderName::from_static("upload-name"),
    ];
    let exposed = [
        header::LOCATION,
        header::ETAG,
        header::RETRY_AFTER,
        X_REQUEST_ID,
        HeaderName::from_static("repr-digest"),
        header::CONTENT_DISPOSITION,
    ];
    CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
        .allow_headers(allowed_headers.into_iter().chain(tus::REQUEST_FIELDS).collect::<Vec<_>>())
        .expose_headers(exposed.into_iter().chain(tus::RESPONSE_FIELDS).collect::<Vec<_>>())
}

/// `GET /v1/limits`: what an upload must respect.
async fn limits(State(app): State<App>) -> impl IntoResponse {
    let config = app.config();
    Json(serde_json::json!({
        "level": config.level,
        "policy": config.policy,
        "limits": config.limits,
        "upload_bytes": config.upload_bytes,
        "uploads": app.store().can_sign(),
        "resumable": app.store().can_receive(),
        "token_required": config.policy_tokens.require,
        "pixels": truecrop_core::PIXELS,
        "engine": truecrop_core::ENGINE,
    }))
}
