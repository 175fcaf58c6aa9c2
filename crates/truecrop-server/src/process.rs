//! The metrics that Prometheus expects of every process, where the system tells them: on Linux, from `/proc`.
//!
//! Own code, because the crate for it brings generators of bindings for systems where the server would otherwise need no C compiler.

use metrics::{Unit, counter, describe_counter, describe_gauge, gauge};

const RESIDENT: &str = "process_resident_memory_bytes";
const VIRTUAL: &str = "process_virtual_memory_bytes";
const OPEN: &str = "process_open_fds";
const MOST_OPEN: &str = "process_max_fds";
const PROCESSOR: &str = "process_cpu_seconds_total";
const START: &str = "process_start_time_seconds";
const THREADS: &str = "process_threads";

/// Their help texts.
pub fn describe() {
    describe_gauge!(RESIDENT, Unit::Bytes, "Resident memory size in bytes.");
    describe_gauge!(VIRTUAL, Unit::Bytes, "Virtual memory size in bytes.");
    describe_gauge!(OPEN, "Number of open file descriptors.");
    describe_gauge!(MOST_OPEN, "Maximum number of open file descriptors.");
    describe_counter!(PROCESSOR, Unit::Seconds, "Total user and system CPU time spent, in whole seconds.");
    describe_gauge!(START, Unit::Seconds, "Start time of the process since unix epoch in seconds.");
    describe_gauge!(THREADS, "Number of threads.");
}

/// Reads them all; what the system does not tell stays away.
pub fn collect() {
    if let Some(kib) = status("VmRSS:") {
        gauge!(RESIDENT).set((kib << 10) as f64);
    }
    if let Some(kib) = status("VmSize:") {
        gauge!(VIRTUAL).set((kib << 10) as f64);
    }
    if let Some(threads) = status("Threads:") {
        gauge!(THREADS).set(threads as f64);
    }
    if let Ok(open) = std::fs::read_dir("/proc/self/fd") {
        // The folder itself is one of them.
        gauge!(OPEN).set(open.count().saturating_sub(1) as f64);
    }
    ticks();
}

/// The process's resident bytes.
pub fn resident() -> Option<u64> {
    status("VmRSS:").map(|kib| kib << 10)
}

/// A number of `/proc/self/status`.
fn status(member: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(member))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

/// What the kernel counts in ticks of its clock.
#[cfg(target_os = "linux")]
fn ticks() {
    use rustix::process::{Resource, getrlimit};
    if let Some(most) = getrlimit(Resource::Nofile).current {
        gauge!(MOST_OPEN).set(most as f64);
    }
    let second = rustix::param::clock_ticks_per_second();
    let Ok(stat) = std::fs::read_to_string("/proc/self/stat") else { return };
    // The name of the process stands in brackets, and may hold anything: what counts comes after it, from the third field on.
    let Some((_, rest)) = stat.rsplit_once(')') else { return };
    let fields: Vec<u64> = rest.split_ascii_whitespace().map(|field| field.parse().unwrap_or(0)).collect();
    let field = |number: usize| fields.get(number - 3).copied().unwrap_or(0);
    counter!(PROCESSOR).absolute((field(14) + field(15)) / second);
    let booted = std::fs::read_to_string("/proc/stat").ok();
    let booted = booted.as_deref().and_then(|stat| stat.lines().find_map(|line| line.strip_prefix("btime ")));
    if let Some(booted) = booted.and_then(|seconds| seconds.trim().parse::<f64>().ok()) {
        gauge!(START).set(booted + field(22) as f64 / second as f64);
    }
}

#[cfg(not(target_os = "linux"))]
fn ticks() {}
