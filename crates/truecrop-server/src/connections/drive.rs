//! One connection, from its acceptance to its end.

use super::activity::{Order, Phase, Reason};
use super::refusal;
use super::registry::Place;
use super::service::WatchedService;
use super::stream::WatchedStream;
use crate::access_log::Peer;
use axum::Router;
use axum::http::StatusCode;
use hyper::server::conn::http1::{Builder, Connection};
use hyper_util::rt::TokioIo;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

/// Bytes of a connection's buffers, one for each direction. The head of a request must fit too.
const BUFFER: usize = 16 << 10;

/// How long the server still reads after its last answer. A socket that is closed with unread bytes in it is reset, and the
/// client may never see the answer that told it to stop.
const LINGER: Duration = Duration::from_secs(1);

type Http1 = Connection<TokioIo<WatchedStream>, WatchedService>;

/// Serves one connection. HTTP/1 only: a proxy in front speaks HTTP/2 to browsers, and here it would be many more
/// ways to keep a server waiting.
pub async fn drive(stream: TcpStream, router: Router, place: Place) {
    let activity = Arc::clone(place.activity());
    let peer = stream.peer_addr().ok().map(|address| Peer(address.ip()));
    let service = WatchedService::new(router, Arc::clone(&activity), peer);
    let io = TokioIo::new(WatchedStream::new(stream, activity));
    // The registry has the deadlines, so hyper needs none of its own.
    let mut builder = Builder::new();
    let builder = builder.header_read_timeout(None).max_buf_size(BUFFER);
    let mut connection = builder.serve_connection(io, service);
    let ended = run(&mut connection, &place).await;
    let stream = connection.into_parts().io.into_inner().into_inner();
    match ended {
        Ended::Closed(reason, phase) => close(stream, reason, phase, &place),
        Ended::ByItself => linger(stream, &place).await,
        Ended::Http2 => {
            let detail = "This server speaks HTTP/1.1: put a proxy in front of it for HTTP/2.";
            let status = StatusCode::HTTP_VERSION_NOT_SUPPORTED;
            let _ = stream.try_write(&refusal::answer(status, "http-version-not-supported", detail));
            linger(stream, &place).await;
        }
    }
}

/// How hyper's part ended.
enum Ended {
    ByItself,
    Http2,
    Closed(Reason, Phase),
}

async fn run(connection: &mut Http1, place: &Place) -> Ended {
    loop {
        tokio::select! {
            biased;
            order = place.activity().ordered() => match order {
                Order::Finish => finish(connection),
                Order::Close(reason, phase) => return Ended::Closed(reason, phase),
            },
            result = &mut *connection => return match result {
                Ok(()) => Ended::ByItself,
                Err(error) if error.is_parse_version_h2() => Ended::Http2,
                Err(error) => {
                    tracing::debug!("connection: {error}");
                    Ended::ByItself
                }
            },
        }
    }
}

/// Takes no further request.
fn finish(connection: &mut Http1) {
    Pin::new(connection).graceful_shutdown();
}

/// Closes now. Only who has begun a request is told why: an answer to nothing would be taken for that to the next request.
fn close(stream: TcpStream, reason: Reason, phase: Phase, place: &Place) {
    tracing::debug!(reason = reason.as_str(), "connection closed by the server");
    place.closed(reason);
    match (phase, reason) {
        (Phase::Head, Reason::Head) => {
            let detail = "The head of the request did not arrive in time.";
            let _ = stream.try_write(&refusal::answer(StatusCode::REQUEST_TIMEOUT, "timeout", detail));
        }
        (Phase::Head, _) => {
            let detail = "The server has no room for this connection: try again in a few seconds.";
            let _ = stream.try_write(&refusal::answer(StatusCode::SERVICE_UNAVAILABLE, "busy", detail));
        }
        // What the client does not read must not stay in the system's buffers either.
        (Phase::Request | Phase::Flushing, _) => {
            let _ = stream.set_zero_linger();
        }
        (Phase::Silent | Phase::Idle, _) => {}
    }
}

/// Reads what the client still sends, for a short while.
async fn linger(mut stream: TcpStream, place: &Place) {
    let drain = async {
        let mut sink = [0; 4096];
        while matches!(stream.read(&mut sink).await, Ok(1..)) {}
    };
    tokio::select! {
        _ = tokio::time::timeout(LINGER, drain) => {}
        // Its place is needed, or the server ends.
        _ = place.activity().ordered() => {}
    }
}
