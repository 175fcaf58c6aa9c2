//! `truecrop serve`: the accept loop, its timeouts, and the sweep beside it.
//!
//! `axum::serve` has no timeout for a request's head, so that a client could hold a connection with one byte a second;
//! hence the loop of our own over hyper-util's builder.

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

/// Time for a request's head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// Time for requests under way when the server is told to end.
const DRAIN: Duration = Duration::from_secs(10);

/// Serves until it is told to end.
///
/// # Errors
/// [`Code::InvalidOption`] for the configuration, [`Code::Io`] for the address or the store.
pub fn run(options: &ServeOptions) -> Result<()> {
    let config = configured(options)?;
    print::init_log();
    runtime()?.block_on(serve(config))
}

/// The configuration with the command line's options on top.
///
/// # Errors
/// As [`Config::read`].
pub fn configured(options: &ServeOptions) -> Result<Config> {
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
        .map_err(|e| Error::new(Code::Io, format!("{listen} can not be listened on: {e}.")))?;
    let address = listener.local_addr()?;
    tracing::info!("listening on http://{address}");
    let sweeper = tokio::spawn(sweep_now_and_then(app.store().clone(), app.config().clone()));
    accept(listener, app).await;
    sweeper.abort();
    Ok(())
}

/// Takes connections until SIGINT or SIGTERM, then lets requests under way end.
pub async fn accept(listener: TcpListener, app: App) {
    let room = Arc::new(Semaphore::new(app.config().connections));
    let router = http::router(app);
    let graceful = GracefulShutdown::new();
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    let mut told = std::pin::pin!(told_to_end());
    loop {
        let Ok(place) = Arc::clone(&room).acquire_owned().await else { break };
        let stream = tokio::select! {
            () = &mut told => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                // Out of file handles, or a peer that was gone at once: wait a little and go on.
                Err(error) => {
                    tracing::warn!("a connection could not be taken: {error}");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        let service = TowerToHyperService::new(router.clone());
        let connection = builder.serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection.into_owned());
        tokio::spawn(async move {
            let _place = place;
            if let Err(error) = connection.await {
                tracing::debug!("connection: {error}");
            }
        });
    }
    tracing::info!("ending: waiting for requests under way");
    if tokio::time::timeout(DRAIN, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not end in time");
    }
}

async fn told_to_end() {
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

async fn sweep_now_and_then(store: Store, config: Config) {
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
