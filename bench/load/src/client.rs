//! Honest clients: each uploads, reads the answer, and uploads again, until the time is over.

use crate::upload::FORM;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

type Sender = SendRequest<Full<Bytes>>;
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What became of the uploads.
#[derive(Default)]
pub struct Tally {
    /// How long each took that was stored, in order.
    pub times: Vec<Duration>,
    /// How many were told to come again.
    pub busy: u64,
    /// How many got another answer, or none.
    pub failed: u64,
}

impl Tally {
    /// The time within which this share of the uploads was stored.
    pub fn quantile(&self, share: f64) -> Duration {
        let last = self.times.len().saturating_sub(1);
        self.times.get((last as f64 * share).round() as usize).copied().unwrap_or_default()
    }

    fn add(&mut self, other: Self) {
        self.times.extend(other.times);
        self.busy += other.busy;
        self.failed += other.failed;
    }
}

/// Uploads by so many clients at once, for this long.
pub async fn load(address: SocketAddr, clients: usize, body: &Bytes, time: Duration) -> Tally {
    let end = Instant::now() + time;
    let mut all: JoinSet<Tally> = (0..clients).map(|_| client(address, body.clone(), end)).collect();
    let mut tally = Tally::default();
    while let Some(one) = all.join_next().await {
        tally.add(one.unwrap_or_default());
    }
    tally.times.sort_unstable();
    tally
}

async fn client(address: SocketAddr, body: Bytes, end: Instant) -> Tally {
    let mut tally = Tally::default();
    let mut connection = None;
    while Instant::now() < end {
        let begun = Instant::now();
        match upload(&mut connection, address, &body).await {
            // What ends after the end does not count.
            Ok(None) if Instant::now() < end => tally.times.push(begun.elapsed()),
            Ok(None) => {}
            Ok(Some(wait)) => {
                tally.busy += 1;
                let rest = end.saturating_duration_since(Instant::now());
                tokio::time::sleep(wait.min(rest)).await;
            }
            Err(error) => {
                if tally.failed == 0 {
                    eprintln!("an upload failed: {}", causes(&*error));
                }
                (tally.failed, connection) = (tally.failed + 1, None);
            }
        }
    }
    tally
}

/// An error with what it came of.
fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Uploads; how long to wait if the server is busy.
async fn upload(
    connection: &mut Option<Sender>,
    address: SocketAddr,
    body: &Bytes,
) -> Result<Option<Duration>, Failure> {
    let sender = match connection {
        Some(open) if !open.is_closed() => open,
        _ => connection.insert(connect(address).await?),
    };
    sender.ready().await?;
    let request = Request::post("/v1/images").header(header::HOST, "load").header(header::CONTENT_TYPE, FORM);
    let answer = sender.send_request(request.body(Full::new(body.clone()))?).await?;
    let (head, body) = answer.into_parts();
    let text = body.collect().await?.to_bytes();
    match head.status {
        StatusCode::CREATED => Ok(None),
        StatusCode::SERVICE_UNAVAILABLE => {
            let told =
                head.headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
            Ok(Some(Duration::from_secs(told.unwrap_or(1))))
        }
        status => Err(format!("{status}: {}", String::from_utf8_lossy(&text)).into()),
    }
}

async fn connect(address: SocketAddr) -> Result<Sender, Failure> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}
