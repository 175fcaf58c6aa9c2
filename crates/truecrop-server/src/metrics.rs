//! What operators watch, in Prometheus' words.

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use truecrop_core::{Code, Error, Result};

const REQUESTS: &str = "truecrop_http_requests_total";
const VERIFY_SECONDS: &str = "truecrop_verify_seconds";
const VERIFY_BYTES: &str = "truecrop_verify_peak_bytes";
const REFUSALS: &str = "truecrop_refusals_total";
const PENDING: &str = "truecrop_pending_pictures";
const SWEPT: &str = "truecrop_swept_pictures_total";
const SWEEP_TIME: &str = "truecrop_last_sweep_timestamp_seconds";
const RESERVED: &str = "truecrop_memory_reserved_bytes";
const BUDGET: &str = "truecrop_memory_budget_bytes";
const RESIDENT: &str = "truecrop_memory_resident_bytes";
const BUILD: &str = "truecrop_build_info";

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
        .set_buckets_for_metric(Matcher::Full(VERIFY_SECONDS.to_owned()), &seconds)
        .and_then(|b| b.set_buckets_for_metric(Matcher::Full(VERIFY_BYTES.to_owned()), &bytes))
        .map_err(|e| broken(&e))?
        .build_recorder();
    let handle = recorder.handle();
    if metrics::set_global_recorder(recorder).is_ok() {
        let _ = HANDLE.set(handle);
        describe();
    }
    Ok(())
}

fn describe() {
    describe_counter!(REQUESTS, "Requests by route, method and status.");
    describe_histogram!(VERIFY_SECONDS, Unit::Seconds, "Time of verifications.");
    describe_histogram!(VERIFY_BYTES, Unit::Bytes, "Most bytes that a verification held at once.");
    describe_counter!(REFUSALS, "Refused uploads by code.");
    describe_gauge!(PENDING, "Uploads that wait to be confirmed, at the last sweep and since.");
    describe_counter!(SWEPT, "Uploads deleted because nobody confirmed them.");
    describe_gauge!(SWEEP_TIME, Unit::Seconds, "When this process's last sweep ended well, in Unix time.");
    describe_gauge!(RESERVED, Unit::Bytes, "Memory that running verifications have reserved.");
    describe_gauge!(BUDGET, Unit::Bytes, "Memory that all verifications may take together.");
    describe_gauge!(RESIDENT, Unit::Bytes, "Memory that the process holds.");
    describe_gauge!(BUILD, "1, with the engine's version and its pixel contract.");
    let pixels = truecrop_core::PIXELS.to_string();
    gauge!(BUILD, "version" => truecrop_core::ENGINE, "pixels" => pixels).set(1.0);
    counter!(SWEPT).absolute(0);
}

/// The text for a scrape.
pub fn render() -> String {
    if let Some(bytes) = resident() {
        gauge!(RESIDENT).set(bytes);
    }
    HANDLE.get().map(PrometheusHandle::render).unwrap_or_default()
}

/// The process's resident bytes, where the system tells.
fn resident() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024.0)
}

/// One answered request. `route` is the pattern, not the path.
pub fn request(route: &str, method: &str, status: u16) {
    let labels = [("route", route.to_owned()), ("method", method.to_owned()), ("status", status.to_string())];
    counter!(REQUESTS, &labels).increment(1);
}

/// One verification, whatever came of it.
pub fn verification(time: Duration, peak: u64) {
    histogram!(VERIFY_SECONDS).record(time.as_secs_f64());
    histogram!(VERIFY_BYTES).record(peak as f64);
}

/// One refusal.
pub fn refusal(code: &str) {
    counter!(REFUSALS, "code" => code.to_owned()).increment(1);
}

/// The memory reserved now, of the budget.
pub fn reserved(bytes: u64, budget: u64) {
    gauge!(RESERVED).set(bytes as f64);
    gauge!(BUDGET).set(budget as f64);
}

/// One upload more or fewer waits.
pub fn pending(change: f64) {
    gauge!(PENDING).increment(change);
}

/// A sweep's result.
pub fn swept(deleted: usize, waiting: usize) {
    counter!(SWEPT).increment(deleted as u64);
    gauge!(PENDING).set(waiting as f64);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    gauge!(SWEEP_TIME).set(now.as_secs_f64());
}
