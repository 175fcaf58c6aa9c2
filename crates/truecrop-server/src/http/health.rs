//! What operators and load balancers ask: whether the process lives, whether it can take requests, its metrics.
//!
//! With `admin_listen` these have a listener of their own, which answers while all connections of the first are taken.

use super::App;
use crate::metrics;
use crate::problem::Problem;
use crate::store::Store;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// How long the answer of a store that works is believed. Each test writes and deletes an object.
const BELIEVED: Duration = Duration::from_secs(5);

/// The same for a store that does not work.
const DISBELIEVED: Duration = Duration::from_secs(1);

/// Longest time that a store may take for the test.
const PROBE_TIMEOUT: Duration = Duration::from_secs(5);

/// Whether this server can take requests.
#[derive(Default)]
pub struct Readiness {
    ending: AtomicBool,
    last: Mutex<Option<(Instant, bool)>>,
}

impl Readiness {
    /// The server ends: from now on it is not ready, so that load balancers turn to another one.
    pub fn end(&self) {
        self.ending.store(true, Ordering::Relaxed);
    }

    /// Whether the store works, from a test that is a few seconds old at most. Any number of callers share one test.
    async fn store_works(&self, store: &Store) -> bool {
        let mut last = self.last.lock().await;
        if let Some((time, works)) = *last
            && time.elapsed() < if works { BELIEVED } else { DISBELIEVED }
        {
            return works;
        }
        let works = match tokio::time::timeout(PROBE_TIMEOUT, store.probe()).await {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                tracing::error!("not ready: {error}");
                false
            }
            Err(_) => {
                tracing::error!("not ready: the store did not answer in time");
                false
            }
        };
        *last = Some((Instant::now(), works));
        works
    }
}

/// The routes of health; `metrics`: those of Prometheus too.
pub fn routes(metrics: bool) -> Router<App> {
    let routes = Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/livez", get(|| async { "ok\n" }))
        .route("/readyz", get(readyz));
    if metrics { routes.route("/metrics", get(metrics_text)) } else { routes }
}

/// `GET /readyz`.
async fn readyz(State(app): State<App>) -> Result<&'static str, Problem> {
    let readiness = app.readiness();
    if readiness.ending.load(Ordering::Relaxed) {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        return Err(Problem::new(status, "shutting-down", "This server ends: use another one."));
    }
    if readiness.store_works(app.store()).await { Ok("ready\n") } else { Err(Problem::store_unavailable()) }
}

/// `GET /metrics`.
async fn metrics_text(State(app): State<App>) -> impl IntoResponse {
    let budget = app.memory_budget();
    metrics::reserved(budget.reserved(), budget.bytes());
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics::render())
}
