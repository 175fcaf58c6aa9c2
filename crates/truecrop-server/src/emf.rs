//! Metrics of a function: lines of JSON on standard output that CloudWatch makes metrics of (the embedded metric format). Nobody
//! can ask an instance of a function for its numbers.

use crate::process;
use serde_json::{Value, json};
use std::io::Write;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The namespace in CloudWatch.
const NAMESPACE: &str = "truecrop";

/// The memory budget, where this process writes such lines.
static BUDGET: OnceLock<u64> = OnceLock::new();

/// From now on lines are written.
pub fn start(budget: u64) {
    let _ = BUDGET.set(budget);
}

/// A verification has ended: its peak memory beside what it might take.
pub fn verification(time: Duration, peak: u64) {
    let Some(budget) = BUDGET.get() else { return };
    let metrics = [
        ("VerifySeconds", "Seconds", time.as_secs_f64().into()),
        ("VerifyPeakBytes", "Bytes", peak.into()),
        ("MemoryBudgetBytes", "Bytes", (*budget).into()),
        ("ResidentBytes", "Bytes", process::resident().unwrap_or_default().into()),
    ];
    write(&[], &metrics);
}

/// A request was refused.
pub fn refusal(code: &str) {
    if BUDGET.get().is_some() {
        write(&[("Code", code)], &[("Refusals", "Count", 1.into())]);
    }
}

/// A sweep has ended.
pub fn swept(deleted: u64, waiting: usize) {
    if BUDGET.get().is_some() {
        write(&[], &[("UploadsSwept", "Count", deleted.into()), ("UploadsPending", "Count", waiting.into())]);
    }
}

fn write(dimensions: &[(&str, &str)], metrics: &[(&str, &str, Value)]) {
    let line = line(SystemTime::now(), dimensions, metrics);
    // A line that cannot be written is lost, and the function goes on.
    let _ = std::io::stdout().lock().write_all(format!("{line}\n").as_bytes());
}

fn line(now: SystemTime, dimensions: &[(&str, &str)], metrics: &[(&str, &str, Value)]) -> Value {
    let now = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64;
    let names: Vec<&str> = dimensions.iter().map(|(name, _)| *name).collect();
    let units: Vec<Value> =
        metrics.iter().map(|(name, unit, _)| json!({ "Name": name, "Unit": unit })).collect();
    let mut line = json!({ "_aws": { "Timestamp": now, "CloudWatchMetrics": [
        { "Namespace": NAMESPACE, "Dimensions": [names], "Metrics": units }
    ] } });
    for (name, value) in dimensions {
        line[*name] = (*value).into();
    }
    for (name, _, value) in metrics {
        line[*name] = value.clone();
    }
    line
}
