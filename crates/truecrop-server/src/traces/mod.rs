//! OpenTelemetry traces: each request is a span, with what it waited for and did inside it, and they go to a collector by OTLP over HTTP.
//!
//! Off without `[traces]` in the configuration. `spans.rs` beside this folder has the spans, `collector` sends them. Between both there is the queue of
//! OpenTelemetry's own library: 2,048 spans; when it is full, because the collector is away or slow, further spans are dropped. So no
//! request ever waits for a collector.

mod collector;

use crate::config::Config;
use crate::spans;
use collector::Collector;
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use std::time::Duration;
use tokio::runtime::Handle;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::{Layer, Registry};
use truecrop_core::{Code, Error, Result};

/// What the path of OTLP is below the address of a collector.
const PATH: &str = "/v1/traces";

/// Longest time for which a function's answer waits for the collector: the caller waits too.
const LONGEST_FLUSH: Duration = Duration::from_secs(1);

/// What makes spans of what happens.
pub type TraceLayer = Box<dyn Layer<Registry> + Send + Sync>;

/// Sends spans until [`Traces::end`]. Cheap to clone.
#[derive(Clone)]
pub struct Traces {
    provider: SdkTracerProvider,
}

impl Traces {
    /// Begins, where the configuration names a collector. Batches are sent by tasks of this runtime.
    ///
    /// # Errors
    /// [`Code::InvalidOption`] for a configuration that was not checked; [`Code::Io`] where the system has no certificates.
    pub fn start(config: &Config, runtime: &Handle) -> Result<Option<Self>> {
        let Some(traces) = &config.traces else { return Ok(None) };
        let refused = |e: &dyn std::fmt::Display| {
            Error::new(Code::InvalidOption, format!("Traces cannot be sent: {e}.")).at("traces.endpoint")
        };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Collector::new(traces, runtime.clone())?)
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("{}{PATH}", traces.endpoint.trim_end_matches('/')))
            .with_timeout(traces.timeout.0)
            .build()
            .map_err(|e| refused(&e))?;
        let resource = Resource::builder()
            .with_service_name(traces.service_name.clone())
            .with_attribute(KeyValue::new("service.version", truecrop_core::ENGINE))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            // Who asks by `traceparent` has decided already.
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(traces.share))))
            .with_resource(resource)
            .build();
        Ok(Some(Self { provider }))
    }

    /// For the log's subscriber, beside what writes the log: spans of `spans`, and nothing else.
    pub fn layer(&self) -> TraceLayer {
        let layer = tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer("truecrop"))
            .with_context_activation(false)
            .with_location(false)
            .with_target(false)
            .with_threads(false)
            .with_tracked_inactivity(false);
        layer.with_filter(filter_fn(|of| of.target() == spans::TARGET)).boxed()
    }

    /// Sends what has ended until now: for functions, which do nothing between two calls. Takes a second at most.
    pub async fn flush(&self) {
        let provider = self.provider.clone();
        // It waits for 5 seconds, after which a batch may still be under way.
        let flush = tokio::task::spawn_blocking(move || provider.force_flush());
        // What is not taken until then goes on with the next call, or is lost, of which the log tells.
        let _ = tokio::time::timeout(LONGEST_FLUSH, flush).await;
    }

    /// Sends the last spans, within this time. The runtime must still run.
    pub fn end(self, within: Duration) {
        // What is not taken by then is dropped, and the log has said so.
        let _ = self.provider.shutdown_with_timeout(within);
    }
}
