//! `truecrop serve`: accepts connections until SIGINT or SIGTERM, and sweeps the store periodically.
//!
//! The accept loop is our own, over hyper-util's builder: `axum::serve` has no timeout for the head of a request, so a
//! client could hold a connection by sending one byte a second.

use crate::cli::ServeOptions;
use crate::config::Config;
use crate::http::{self, App};
use crate::print;
use crate::store::Store;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::Semaphore;
use truecrop_core::{Code, Error, Result};

/// Longest time until the head of a request is complete.
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(10);

/// Longest time that requests in progress get at shutdown.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

/// Serves until SIGINT or SIGTERM.
///
/// # Errors
/// [`Code::InvalidOption`] for a configuration that is not valid, [`Code::Io`] for an address or a store that cannot be
/// used.
pub fn run(options: &ServeOptions) -> Result<()> {
    let config = load_config(options)?;
    print::init_log();
    runtime()?.block_on(serve(config))
}

/// The configuration with the command line's options on top.
///
/// # Errors
/// As [`Config::read`].
pub fn load_config(options: &ServeOptions) -> Result<Config> {
    let mut config = Config::read(options.config.as_deref())?;
    config.listen = options.listen.unwrap_or(config.listen);
    if let Some(store) = &options.store {
        config.store.clone_from(store);
    }
    config.www = options.www.clone().or(config.www);
    Ok(config)
}

pub(super) fn runtime() -> Result<Runtime> {
    Runtime::new().map_err(|e| Error::new(Code::Io, format!("The runtime did not start: {e}.")))
}

async fn serve(config: Config) -> Result<()> {
    let listen = config.listen;
    let app = App::new(config).await?;
    let listener = TcpListener::bind(listen)
        .await
        .map_err(|e| Error::new(Code::Io, format!("Cannot listen on {listen}: {e}.")))?;
    let address = listener.local_addr()?;
    tracing::info!("listening on http://{address}");
    let sweeper = tokio::spawn(sweep_periodically(app.store().clone(), app.config().clone()));
    accept(listener, app).await;
    sweeper.abort();
    Ok(())
}

/// Accepts connections until SIGINT or SIGTERM, then waits for the requests in progress.
pub async fn accept(listener: TcpListener, app: App) {
    let slots = Arc::new(Semaphore::new(app.config().connections));
    let router = http::router(app);
    let graceful = GracefulShutdown::new();
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_READ_TIMEOUT);
    let mut shutdown = std::pin::pin!(shutdown_signal());
    loop {
        let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { break };
        let stream = tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                // No file descriptor is left, or the client has closed the connection already: wait a little and go on.
                Err(error) => {
                    tracing::warn!("a connection could not be accepted: {error}");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        let service = TowerToHyperService::new(router.clone());
        let connection = builder.serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection.into_owned());
        tokio::spawn(async move {
            let _slot = slot;
            if let Err(error) = connection.await {
                tracing::debug!("connection: {error}");
            }
        });
    }
    tracing::info!("shutting down: waiting for requests in progress");
    if tokio::time::timeout(DRAIN_TIMEOUT, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not end before the shutdown");
    }
}

async fn shutdown_signal() {
    let interrupt = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    #[cfg(unix)]
    {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut terminate) => tokio::select! { () = interrupt => {}, _ = terminate.recv() => {} },
            Err(_) => interrupt.await,
        }
    }
    #[cfg(not(unix))]
    interrupt.await;
}

async fn sweep_periodically(store: Store, config: Config) {
    let mut clock = tokio::time::interval(config.sweep_every.0.max(Duration::from_secs(1)));
    loop {
        clock.tick().await;
        match store.sweep(config.pending_ttl.0, false).await {
            Ok(swept) if swept.deleted.is_empty() => {}
            Ok(swept) => tracing::info!("swept {} uploads that were never confirmed", swept.deleted.len()),
            Err(error) => tracing::error!("sweep: {error}"),
        }
    }
}
