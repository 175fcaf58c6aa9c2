//! The metrics that `/metrics` shows to Prometheus. A new one has its name, its help text in `describe` and its
//! function here, and a line in docs/SERVER.md.

use crate::spans;
use crate::{emf, process};
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tracing::Span;
use truecrop_core::{Code, Error, Result};

const REQUESTS: &str = "truecrop_http_requests_total";
const REQUEST_SECONDS: &str = "truecrop_http_request_seconds";
const STORE_SECONDS: &str = "truecrop_store_seconds";
const LINES_LOST: &str = "truecrop_access_log_lost_total";
const VERIFY_SECONDS: &str = "truecrop_verify_seconds";
const VERIFY_BYTES: &str = "truecrop_verify_peak_bytes";
const REFUSALS: &str = "truecrop_refusals_total";
const STORED: &str = "truecrop_uploads_stored_total";
const CONFIRMED: &str = "truecrop_uploads_confirmed_total";
const DELETED: &str = "truecrop_uploads_deleted_total";
const AUDITS: &str = "truecrop_audits_total";
const SWEPT: &str = "truecrop_uploads_swept_total";
const PENDING: &str = "truecrop_uploads_pending";
const SWEEP_TIME: &str = "truecrop_last_sweep_timestamp_seconds";
const RESERVED: &str = "truecrop_memory_reserved_bytes";
const BUDGET: &str = "truecrop_memory_budget_bytes";
const RESIDENT: &str = "truecrop_memory_resident_bytes";
const CONNECTIONS: &str = "truecrop_connections";
const CLOSED: &str = "truecrop_connections_closed_total";
const WAITING: &str = "truecrop_queue_uploads";
const RUNNING: &str = "truecrop_verifications_running";
const QUEUE_SECONDS: &str = "truecrop_queue_wait_seconds";
const BUSY: &str = "truecrop_busy_total";
const WEBHOOKS: &str = "truecrop_webhook_events_total";
const WEBHOOK_SECONDS: &str = "truecrop_webhook_seconds";
const WEBHOOK_OUTBOX: &str = "truecrop_webhook_outbox_events";
const RECEIVED: &str = "truecrop_tus_received_bytes_total";
const RECEIVING: &str = "truecrop_uploads_unfinished";
const RECEIVING_BYTES: &str = "truecrop_uploads_unfinished_bytes";
const SPANS: &str = "truecrop_trace_batches_total";
const BUILD: &str = "truecrop_build_info";

/// The label of the listener for everyone.
pub const PUBLIC: &str = "public";

/// The label of the listener for operators.
pub const ADMIN: &str = "admin";

/// Why an upload was refused as `busy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Busy {
    /// As many uploads as may wait did so already.
    Queue,
    /// It waited in vain for its turn, or would have.
    Wait,
    /// Other uploads have reserved the memory.
    Memory,
}

impl Busy {
    /// Every reason.
    const ALL: [Busy; 3] = [Busy::Queue, Busy::Wait, Busy::Memory];

    fn as_str(self) -> &'static str {
        match self {
            Busy::Queue => "queue",
            Busy::Wait => "wait",
            Busy::Memory => "memory",
        }
    }
}

static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();

/// Starts recording; a second call in one process changes nothing.
///
/// # Errors
/// [`Code::Internal`] for buckets that the recorder refuses; these are fixed, so it never does.
pub fn install() -> Result<()> {
    if HANDLE.get().is_some() {
        return Ok(());
    }
    let broken = |e: &dyn std::fmt::Display| Error::new(Code::Internal, format!("Metrics: {e}."));
    let seconds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
    let bytes: Vec<f64> = (20..=30).map(|power| f64::from(1u32 << power)).collect();
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &seconds)
        .and_then(|b| b.set_buckets_for_metric(Matcher::Full(VERIFY_BYTES.to_owned()), &bytes))
        .map_err(|e| broken(&e))?
        .build_recorder();
    let handle = recorder.handle();
    if metrics::set_global_recorder(recorder).is_ok() {
        let _ = HANDLE.set(handle);
        describe();
        process::describe();
    }
    Ok(())
}

fn describe() {
    describe_counter!(REQUESTS, "Answered requests by route, method and status.");
    describe_histogram!(
        REQUEST_SECONDS,
        Unit::Seconds,
        "Time from the head of a request to that of its answer, by route and method."
    );
    describe_histogram!(STORE_SECONDS, Unit::Seconds, "Duration of one request to the store.");
    describe_counter!(LINES_LOST, "Lines of the access log that nobody read in time.");
    describe_histogram!(VERIFY_SECONDS, Unit::Seconds, "Duration of a verification.");
    describe_histogram!(VERIFY_BYTES, Unit::Bytes, "Peak memory of a verification.");
    describe_counter!(REFUSALS, "Refused requests, by the code of the problem.");
    describe_counter!(STORED, "Uploads that this process has stored as pending.");
    describe_counter!(CONFIRMED, "Pending uploads that this process has confirmed.");
    describe_counter!(
        DELETED,
        "Uploads that DELETE has removed in this process, by the stage that they were in."
    );
    describe_counter!(AUDITS, "Audits: uploads that were asked for their source, and how that ended.");
    describe_counter!(SWEPT, "Pending uploads that this process has swept because nobody confirmed them.");
    describe_gauge!(
        PENDING,
        "Uploads in the store that waited to be confirmed when this process last swept."
    );
    describe_gauge!(SWEEP_TIME, Unit::Seconds, "Unix time at which this process last completed a sweep.");
    describe_gauge!(RESERVED, Unit::Bytes, "Memory reserved for uploads and their verifications.");
    describe_gauge!(BUDGET, Unit::Bytes, "Memory that all uploads and verifications may reserve together.");
    describe_gauge!(RESIDENT, Unit::Bytes, "Resident memory of the process.");
    describe_gauge!(CONNECTIONS, "Open connections, by listener.");
    describe_counter!(CLOSED, "Connections that the server has closed, by listener and reason.");
    describe_gauge!(WAITING, "Uploads that wait to be verified.");
    describe_gauge!(RUNNING, "Uploads that are being verified.");
    describe_histogram!(QUEUE_SECONDS, Unit::Seconds, "How long uploads waited to be verified.");
    describe_counter!(BUSY, "Uploads that were refused as busy, by what was short.");
    describe_counter!(WEBHOOKS, "Tries to send an event to the webhook, by event and result.");
    describe_histogram!(WEBHOOK_SECONDS, Unit::Seconds, "Duration of one try to send an event.");
    describe_gauge!(
        WEBHOOK_OUTBOX,
        "Events in the store that the webhook had not taken when this process last swept."
    );
    describe_counter!(RECEIVED, Unit::Bytes, "Bytes of parts that have come to this process by tus.");
    describe_gauge!(
        RECEIVING,
        "Uploads to a folder that waited for parts when this process was last asked to begin one."
    );
    describe_gauge!(RECEIVING_BYTES, Unit::Bytes, "The bytes that these have announced.");
    describe_counter!(SPANS, "Tries to send a batch of spans to the collector of traces, by result.");
    describe_gauge!(BUILD, "Always 1; the labels are the version and the pixel contract of the engine.");
    let pixels = truecrop_core::PIXELS.to_string();
    gauge!(BUILD, "version" => truecrop_core::ENGINE, "pixels" => pixels).set(1.0);
    begin();
}

/// Shown from the start, so that rates see the first event.
fn begin() {
    for total in [STORED, CONFIRMED, SWEPT] {
        counter!(total).absolute(0);
    }
    for why in Busy::ALL {
        counter!(BUSY, "reason" => why.as_str()).absolute(0);
    }
    queue(0, 0);
    counter!(LINES_LOST).absolute(0);
    counter!(RECEIVED).absolute(0);
    receiving(0, 0);
    for result in ["taken", "failed"] {
        counter!(SPANS, "result" => result).absolute(0);
    }
    for result in ["asked", "passed", "failed", "late"] {
        counter!(AUDITS, "result" => result).absolute(0);
    }
    for stage in ["pending", "kept"] {
        counter!(DELETED, "stage" => stage).absolute(0);
    }
}

/// The text for a scrape.
pub fn render() -> String {
    if let Some(bytes) = process::resident() {
        gauge!(RESIDENT).set(bytes as f64);
    }
    process::collect();
    HANDLE.get().map(PrometheusHandle::render).unwrap_or_default()
}

/// A request was answered. `route` is the pattern, not the path.
pub fn request(route: &str, method: &str, status: u16) {
    let labels = [("route", route.to_owned()), ("method", method.to_owned()), ("status", status.to_string())];
    counter!(REQUESTS, &labels).increment(1);
}

/// The time from a request's head to that of its answer.
pub fn answered(route: &str, method: &'static str, time: Duration) {
    let labels = [("route", route.to_owned()), ("method", method.to_owned())];
    histogram!(REQUEST_SECONDS, &labels).record(time.as_secs_f64());
}

/// A line of the access log was lost.
pub fn access_line_lost() {
    counter!(LINES_LOST).increment(1);
}

/// Measures one request to the store, and traces it, until it is dropped.
pub struct StoreTimer(&'static str, Instant, Span);

/// A request to the store begins: `operation` is one of few words.
pub fn store_timer(operation: &'static str) -> StoreTimer {
    StoreTimer(operation, Instant::now(), spans::store(operation))
}

impl StoreTimer {
    /// The store has failed.
    pub fn failed(&self) {
        spans::failed(&self.2, "store-unavailable");
    }
}

impl Drop for StoreTimer {
    fn drop(&mut self) {
        histogram!(STORE_SECONDS, "operation" => self.0).record(self.1.elapsed().as_secs_f64());
    }
}

/// A verification has ended, in success or refusal.
pub fn verification(time: Duration, peak: u64) {
    histogram!(VERIFY_SECONDS).record(time.as_secs_f64());
    histogram!(VERIFY_BYTES).record(peak as f64);
    emf::verification(time, peak);
}

/// An upload has got its turn to be verified after this wait.
pub fn turn_waited(time: Duration) {
    histogram!(QUEUE_SECONDS).record(time.as_secs_f64());
}

/// The uploads that wait to be verified, and those that are being verified.
pub fn queue(waiting: usize, running: usize) {
    gauge!(WAITING).set(waiting as f64);
    gauge!(RUNNING).set(running as f64);
}

/// An upload was refused because something was short.
pub fn busy(why: Busy) {
    counter!(BUSY, "reason" => why.as_str()).increment(1);
}

/// A batch of spans was sent to the collector of traces: `taken` or `failed`.
pub fn spans_sent(result: &'static str) {
    counter!(SPANS, "result" => result).increment(1);
}

/// Bytes of a part have come.
pub fn received(bytes: u64) {
    counter!(RECEIVED).increment(bytes);
}

/// The uploads that wait for parts, and the bytes that they have announced.
pub fn receiving(uploads: usize, bytes: u64) {
    gauge!(RECEIVING).set(uploads as f64);
    gauge!(RECEIVING_BYTES).set(bytes as f64);
}

/// A request was refused.
pub fn refusal(code: &str) {
    counter!(REFUSALS, "code" => code.to_owned()).increment(1);
    spans::refused(code);
    emf::refusal(code);
}

/// The memory that is reserved now, and the budget.
pub fn reserved(bytes: u64, budget: u64) {
    gauge!(RESERVED).set(bytes as f64);
    gauge!(BUDGET).set(budget as f64);
}

/// An upload was stored as pending.
pub fn stored() {
    counter!(STORED).increment(1);
}

/// An upload was asked for its source (`asked`), or an audit has ended: `passed`, `failed` or `late`.
pub fn audit(result: &'static str) {
    counter!(AUDITS, "result" => result).increment(1);
}

/// An event was sent to the webhook: `delivered`, `failed`, or `given_up` for good.
pub fn webhook(event: &'static str, result: &'static str) {
    counter!(WEBHOOKS, "event" => event, "result" => result).increment(1);
}

/// The events that wait in the store.
pub fn webhook_outbox(waiting: usize) {
    gauge!(WEBHOOK_OUTBOX).set(waiting as f64);
}

/// Measures one try to send an event, until it is dropped.
pub struct WebhookTimer(Instant);

/// A try to send an event begins.
pub fn webhook_timer() -> WebhookTimer {
    WebhookTimer(Instant::now())
}

impl Drop for WebhookTimer {
    fn drop(&mut self) {
        histogram!(WEBHOOK_SECONDS).record(self.0.elapsed().as_secs_f64());
    }
}

/// A pending upload was confirmed.
pub fn confirmed() {
    counter!(CONFIRMED).increment(1);
}

/// An upload was deleted that was in this stage: `pending` or `kept`.
pub fn deleted(stage: &'static str) {
    counter!(DELETED, "stage" => stage).increment(1);
}

/// A sweep has ended: the uploads that it deleted, and those that it left waiting.
///
/// Only this sets the number of pending uploads, from the store's own list: several servers share a store, so no sum of
/// what one of them did would be true.
pub fn swept(deleted: u64, waiting: usize) {
    counter!(SWEPT).increment(deleted);
    gauge!(PENDING).set(waiting as f64);
    emf::swept(deleted, waiting);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    gauge!(SWEEP_TIME).set(now.as_secs_f64());
}

/// A listener begins: for these reasons it may close connections.
pub fn listens(listener: &'static str, reasons: &[&'static str]) {
    connections(listener, 0);
    for reason in reasons {
        counter!(CLOSED, "listener" => listener, "reason" => *reason).absolute(0);
    }
}

/// The connections that are open now.
pub fn connections(listener: &'static str, open: usize) {
    gauge!(CONNECTIONS, "listener" => listener).set(open as f64);
}

/// The server has closed a connection that its client would have left open.
pub fn connection_closed(listener: &'static str, reason: &'static str) {
    counter!(CLOSED, "listener" => listener, "reason" => reason).increment(1);
}
