//! Connections: the accept loop, and a deadline for everything that a client may keep the server waiting for.
//!
//! ```text
//! listener > accept > registry (a place, or the longest waiting one gives up its own) > drive > hyper > router
//! ```
//!
//! | file | what |
//! | --- | --- |
//! | this one | the accept loop, and the shutdown |
//! | `registry` | all open connections: their number, the deadlines, the orders to close |
//! | `activity` | what one connection is doing, and since when |
//! | `stream`, `service` | tell the activity what passes the socket, and where requests begin and answers end |
//! | `pace` | the least rate of bodies and answers |
//! | `drive` | one connection from its acceptance to its end |
//! | `refusal` | problems for requests that never reach the router |
//! | `signal`, `open_files` | the signals that end a server; its limit of open files |
//!
//! The loop is our own: `axum::serve` has no timeout for the head of a request, and hyper's has none for a client
//! that sends nothing at all or does not read.

mod activity;
mod drive;
mod open_files;
pub mod pace;
mod refusal;
mod registry;
mod service;
mod signal;
mod stream;

pub use open_files::raise_limit;
pub use signal::shutdown_signal;

use crate::config::Deadlines;
use axum::Router;
use registry::{Place, Registry};
use std::future::Future;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

/// How a listener is served.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The label of its metrics.
    pub name: &'static str,
    /// Most connections at the same time.
    pub connections: usize,
    /// How long clients may keep it waiting.
    pub deadlines: Deadlines,
}

/// Serves until `end` is ready. Then it closes the listener, ends connections that wait for a request at once, gives
/// running requests their time, and returns.
pub async fn serve(listener: TcpListener, router: Router, settings: Settings, end: impl Future<Output = ()>) {
    let registry = Registry::new(settings.name, settings.connections, settings.deadlines);
    tokio::select! {
        () = end => {}
        () = registry.watch() => {}
        () = accept(&listener, &router, &registry) => {}
    }
    // Before anything else, so that clients and load balancers turn to another server at once.
    close(listener, &router, &registry);
    let cut_off = tokio::select! {
        cut_off = registry.shut_down() => cut_off,
        () = registry.watch() => 0,
    };
    if cut_off > 0 {
        tracing::warn!("{cut_off} requests did not end before the shutdown");
    }
}

async fn accept(listener: &TcpListener, router: &Router, registry: &Registry) {
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            // No file descriptor is left, or the client has closed the connection already: go on a little later.
            Err(error) => {
                tracing::warn!("a connection could not be accepted: {error}");
                registry.close_longest_waiting();
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        begin(stream, router, registry.enter_when_free().await);
    }
}

/// Closes the listener. Connections that the system has taken already are served, because their clients cannot know better.
fn close(listener: TcpListener, router: &Router, registry: &Registry) {
    let Ok(listener) = listener.into_std() else { return };
    // It does not block, so the first error is that there are no more.
    while let Ok((stream, _)) = listener.accept() {
        let Some(place) = registry.enter() else { break };
        if let Ok(stream) = stream.set_nonblocking(true).and_then(|()| TcpStream::from_std(stream)) {
            begin(stream, router, place);
        }
    }
}

fn begin(stream: TcpStream, router: &Router, place: Place) {
    // Small answers leave at once.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!("TCP_NODELAY: {error}");
    }
    tokio::spawn(drive::drive(stream, router.clone(), place));
}
