//! `truecrop serve`: serves until SIGINT or SIGTERM, and sweeps the store periodically.

use crate::cli::ServeOptions;
use crate::config::{self, Config, Deadlines, HumanDuration};
use crate::connections::{self, Settings, shutdown_signal};
use crate::http::{self, App};
use crate::problem::Problem;
use crate::store::GRACE;
use crate::traces::Traces;
use crate::webhooks::Webhooks;
use crate::{access_log, metrics, print};
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use truecrop_core::{Code, Error, Result};

/// Most connections of operators at the same time.
const ADMIN_CONNECTIONS: usize = 64;

/// Most connections that wait to be accepted; the system may have a lower bound of its own.
const BACKLOG: u32 = 4096;

/// How long work on other threads may still run when everything else has ended.
const LAST_WORK: Duration = Duration::from_secs(1);

/// Serves until SIGINT or SIGTERM.
///
/// # Errors
/// All mistakes of the configuration; [`Code::Io`] for an address or a store that cannot be used.
pub fn run(options: &ServeOptions) -> Result<(), Problem> {
    let config = load_config(options)?;
    let runtime = runtime()?;
    let traces = Traces::start(&config, runtime.handle())?;
    print::init_log(traces.as_ref().map(Traces::layer));
    if config.access_log {
        access_log::start();
    }
    let ended = runtime.block_on(serve(config));
    if let Some(traces) = traces {
        traces.end(*ended.as_ref().unwrap_or(&LAST_WORK));
    }
    // A runtime that is dropped waits for every thread, and a thread may wait for the store for ever.
    runtime.shutdown_timeout(LAST_WORK);
    access_log::flush();
    ended?;
    Ok(())
}

/// The configuration with the command line's options on top.
///
/// # Errors
/// As [`Config::load`].
pub fn load_config(options: &ServeOptions) -> config::Result<Config> {
    Config::load(options.config.as_deref(), |config| set_options(config, options))
}

/// Sets what the command line, or the environment, says.
pub fn set_options(config: &mut Config, options: &ServeOptions) {
    config.listen = options.listen.unwrap_or(config.listen);
    config.admin_listen = options.admin_listen.or(config.admin_listen);
    if let Some(store) = &options.store {
        config.store.clone_from(store);
    }
    config.www = options.www.clone().or(config.www.take());
    if let Some(endpoint) = options.otlp_endpoint.as_ref().filter(|endpoint| !endpoint.is_empty()) {
        config.traces.get_or_insert_default().endpoint.clone_from(endpoint);
    }
    let name = options.service_name.as_ref().filter(|name| !name.is_empty());
    if let (Some(traces), Some(name)) = (&mut config.traces, name) {
        traces.service_name.clone_from(name);
    }
}

pub(super) fn runtime() -> Result<Runtime> {
    Runtime::new().map_err(|e| Error::new(Code::Io, format!("The runtime did not start: {e}.")))
}

/// Gives what is left of the time to end.
async fn serve(config: Config) -> Result<Duration> {
    let (listen, admin_listen) = (config.listen, config.admin_listen);
    connections::raise_limit();
    let app = App::new(config).await?;
    let listener = bind(listen, "listen")?;
    let admin = match admin_listen {
        Some(address) => Some(bind(address, "admin_listen")?),
        None => None,
    };
    if let Some(admin) = &admin {
        tracing::info!("answering operators on http://{}", admin.local_addr()?);
    }
    tracing::info!("listening on http://{}", listener.local_addr()?);
    let sweeper = tokio::spawn(sweep_periodically(app.clone()));
    let every = app.config().sweep_every.0;
    let senders = app.webhooks().map(|webhooks| {
        let again = resend_periodically(webhooks.clone(), every);
        [tokio::spawn(webhooks.clone().run()), tokio::spawn(again)]
    });
    let (end_admin, admin_ends) = oneshot::channel::<()>();
    let admin = admin.map(|listener| tokio::spawn(accept_admin(listener, app.clone(), admin_ends)));
    let left = accept(listener, app).await;
    // The listener of operators to the last, so that they see the end.
    drop(end_admin);
    if let Some(admin) = admin {
        let _ = admin.await;
    }
    sweeper.abort();
    // What is not sent yet stays in the outbox.
    for sender in senders.into_iter().flatten() {
        sender.abort();
    }
    Ok(left.max(LAST_WORK))
}

fn bind(address: SocketAddr, field: &str) -> Result<TcpListener> {
    listener(address).map_err(|e| Error::new(Code::Io, format!("Cannot listen on {address}: {e}.")).at(field))
}

/// Serves the API until SIGINT or SIGTERM, then waits for the requests in progress. Gives what is left of the time that these have.
pub async fn accept(listener: TcpListener, app: App) -> Duration {
    let config = app.config();
    let settings =
        Settings { name: metrics::PUBLIC, connections: config.connections, deadlines: config.deadlines };
    let signal = shutdown_signal();
    let router = http::router(app.clone());
    let shutdown = config.deadlines.shutdown.0;
    let ends = Arc::new(OnceLock::new());
    let told = Arc::clone(&ends);
    let end = async move {
        match signal {
            Ok(signal) => signal.await,
            Err(error) => {
                tracing::warn!("signals end the server at once: {error}");
                std::future::pending().await
            }
        }
        app.readiness().end();
        let _ = told.set(Instant::now());
        tracing::info!("shutting down: waiting for requests in progress");
    };
    connections::serve(listener, router, settings, end).await;
    ends.get().map_or(Duration::ZERO, |ends: &Instant| shutdown.saturating_sub(ends.elapsed()))
}

async fn accept_admin(listener: TcpListener, app: App, ends: oneshot::Receiver<()>) {
    let shutdown = HumanDuration(Duration::from_secs(1));
    let deadlines = Deadlines { shutdown, ..app.config().deadlines };
    let settings = Settings { name: metrics::ADMIN, connections: ADMIN_CONNECTIONS, deadlines };
    let end = async {
        let _ = ends.await;
    };
    connections::serve(listener, http::admin_router(app), settings, end).await;
}

/// As [`TcpListener::bind`], with a longer line of connections that nobody has accepted yet: when it is full, the system resets
/// clients that believe they are connected.
fn listener(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A new server may begin while connections of the one before it still end. On Windows the same word means another thing.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

async fn sweep_periodically(app: App) {
    let (store, config) = (app.store(), app.config());
    let mut clock = clock(config.sweep_every.0);
    loop {
        clock.tick().await;
        match store.sweep(config.pending_ttl.0, false).await {
            Ok(swept) if swept.deleted.is_empty() => {}
            Ok(swept) => tracing::info!("swept {} uploads that were never confirmed", swept.deleted.len()),
            Err(error) => tracing::error!("sweep: {error}"),
        }
        match store.sweep_incoming(config.uploads.ttl.0 + GRACE, false).await {
            Ok(0) => {}
            Ok(ended) => tracing::info!("ended {ended} uploads that were never completed"),
            Err(error) => tracing::error!("sweep: {error}"),
        }
    }
}

/// A slow receiver holds up no sweep.
async fn resend_periodically(webhooks: Webhooks, every: Duration) {
    let mut clock = clock(every);
    loop {
        clock.tick().await;
        if let Err(error) = webhooks.resend().await {
            tracing::error!("webhook: {error}");
        }
    }
}

/// Ticks at once and then as often; after work that took longer, no more than once.
fn clock(every: Duration) -> tokio::time::Interval {
    let mut clock = tokio::time::interval(every.max(Duration::from_secs(1)));
    clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    clock
}
