//! OpenTelemetry traces of the real binary, at a collector that is a real server and reads them with the official protocol: what they hold,
//! whose trace they go on with, and that a collector that is away, hangs or refuses holds nobody up.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use common::binary::{Binary, PATIENCE, connect, connect_and_send, read_to_close};
use common::lambda_runtime::World;
use common::{FORM, form, upload};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use truecrop_core::recipe::Format;

const KEY: &str = "a-key-that-nobody-may-see";
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLER: &str = "b7ad6b7169203331";

/// What no batch may hold.
const SECRETS: [&str; 5] = [KEY, "secret", "coffee", "avatar", "127.0.0.1"];

/// How the collector answers.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Answer {
    Takes,
    Refuses,
    Hangs,
}

struct Batch {
    headers: HeaderMap,
    bytes: Bytes,
}

#[derive(Clone)]
struct Shared {
    answer: Arc<Mutex<Answer>>,
    asked: Arc<AtomicUsize>,
    batches: UnboundedSender<Batch>,
}

struct Collector {
    url: String,
    shared: Shared,
    batches: UnboundedReceiver<Batch>,
    /// Those of the batches that have been looked at.
    spans: Vec<Span>,
}

async fn receive(State(shared): State<Shared>, headers: HeaderMap, bytes: Bytes) -> Response {
    shared.asked.fetch_add(1, Ordering::Relaxed);
    let answer = *shared.answer.lock().unwrap();
    match answer {
        Answer::Takes => {
            let _ = shared.batches.send(Batch { headers, bytes });
            ([("content-type", "application/x-protobuf")], "").into_response()
        }
        Answer::Refuses => StatusCode::FORBIDDEN.into_response(),
        Answer::Hangs => std::future::pending().await,
    }
}

impl Collector {
    async fn new(answer: Answer) -> Self {
        let (sender, batches) = unbounded_channel();
        let shared = Shared { answer: Arc::new(Mutex::new(answer)), asked: Arc::default(), batches: sender };
        let app = axum::Router::new().route("/v1/traces", axum::routing::post(receive));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = app.with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, shared, batches, spans: Vec::new() }
    }

    async fn batch(&mut self) -> (Batch, ExportTraceServiceRequest) {
        let batch = tokio::time::timeout(PATIENCE, self.batches.recv()).await.unwrap().unwrap();
        assert_eq!(batch.headers["content-type"], "application/x-protobuf");
        let text = String::from_utf8_lossy(&batch.bytes);
        let told: Vec<_> = SECRETS.iter().filter(|secret| text.contains(**secret)).collect();
        assert!(told.is_empty(), "{told:?} in {text}");
        let request = ExportTraceServiceRequest::decode(batch.bytes.clone()).unwrap();
        for spans in request.resource_spans.iter().flat_map(|resource| &resource.scope_spans) {
            self.spans.extend(spans.spans.iter().cloned());
        }
        (batch, request)
    }

    /// The span of a request by its id, and those inside it, once it has come.
    async fn trace(&mut self, request_id: &str) -> (Span, Vec<Span>) {
        let is_it =
            |span: &&Span| attributes(span).get("truecrop.request_id").is_some_and(|id| id == request_id);
        let root = loop {
            if let Some(root) = self.spans.iter().find(is_it) {
                break root.clone();
            }
            self.batch().await;
        };
        let inside = self.spans.iter().filter(|span| span.trace_id == root.trace_id && **span != root);
        let inside = inside.cloned().collect();
        (root, inside)
    }
}

fn text(value: Option<&AnyValue>) -> String {
    match value.and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        Some(Value::BoolValue(truth)) => truth.to_string(),
        other => format!("{other:?}"),
    }
}

fn read(attributes: &[KeyValue]) -> BTreeMap<String, String> {
    attributes.iter().map(|pair| (pair.key.clone(), text(pair.value.as_ref()))).collect()
}

fn attributes(span: &Span) -> BTreeMap<String, String> {
    read(&span.attributes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Batches leave soon, and not only every five seconds.
fn soon() -> (&'static str, String) {
    ("OTEL_BSP_SCHEDULE_DELAY", "20".to_owned())
}

fn start(environment: &[(&'static str, String)], config: &str) -> Binary {
    Binary::start_with(tempfile::tempdir().unwrap(), "store", environment, config)
}

fn traced(collector: &Collector, more: &str) -> String {
    format!(
        "api_key = '{KEY}'\n[deadlines]\nshutdown = '1s'\n[traces]\nendpoint = '{}'\n{more}",
        collector.url
    )
}

/// What a request with this id is answered.
fn ask(server: &Binary, id: &str, line: &str, fields: &str, body: &[u8]) -> String {
    let length = body.len();
    let head = format!(
        "{line} HTTP/1.1\r\nHost: secret\r\nConnection: close\r\nX-Request-Id: {id}\r\nContent-Length: {length}\r\n{fields}\r\n"
    );
    read_to_close(&mut connect_and_send(server.address, [head.as_bytes(), body].concat()))
}

/// Uploads a picture; gives its address.
fn post(server: &Binary, id: &str, fields: &str) -> String {
    let body = form(&upload("coffee.jpg", &[Format::Jpeg]).parts_of("avatar", false));
    let fields = format!("Content-Type: {FORM}\r\n{fields}");
    let told = ask(server, id, "POST /v1/images", &fields, &body);
    assert!(told.starts_with("HTTP/1.1 201"), "{told}");
    told.split("location: ").nth(1).unwrap().split('\r').next().unwrap().to_owned()
}

fn caller(sampled: bool) -> String {
    let flags = if sampled { "01" } else { "00" };
    format!("traceparent: 00-{TRACE}-{CALLER}-{flags}\r\ntracestate: vendor=secret\r\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_goes_on_with_the_callers_trace_and_tells_what_it_waited_for() {
    let mut collector = Collector::new(Answer::Takes).await;
    let more = "service_name = 'pictures'\n[traces.headers]\nx-collector-key = 'for the collector'";
    let server = start(&[soon()], &traced(&collector, more));
    let address = post(&server, "first", &caller(true));
    let (batch, request) = collector.batch().await;
    assert_eq!(batch.headers["x-collector-key"], "for the collector");
    let resource = read(&request.resource_spans[0].resource.as_ref().unwrap().attributes);
    assert_eq!(
        (&*resource["service.name"], &*resource["service.version"]),
        ("pictures", truecrop_core::ENGINE)
    );

    let (root, inside) = collector.trace("first").await;
    assert_eq!(
        (&*root.name, root.kind, root.status.clone().unwrap_or_default().code),
        ("POST /v1/images", 2, 0)
    );
    assert_eq!((hex(&root.trace_id), hex(&root.parent_span_id)), (TRACE.to_owned(), CALLER.to_owned()));
    assert_eq!(root.trace_state, "");
    let told = attributes(&root);
    for (name, value) in [
        ("http.request.method", "POST"),
        ("http.route", "/v1/images"),
        ("http.response.status_code", "201"),
        ("network.protocol.version", "1.1"),
        ("url.scheme", "http"),
    ] {
        assert_eq!(told[name], value, "{told:?}");
    }
    for size in ["http.request.body.size", "http.response.body.size"] {
        assert!(told[size].parse::<u64>().unwrap() > 500, "{told:?}");
    }
    let names: BTreeSet<&str> = inside.iter().map(|span| &*span.name).collect();
    assert!(names.iter().eq(&["admission", "body", "store create", "verification"]), "{names:?}");
    for span in &inside {
        assert_eq!(span.parent_span_id, root.span_id, "{span:?}");
        let within = root.start_time_unix_nano <= span.start_time_unix_nano
            && span.start_time_unix_nano <= span.end_time_unix_nano
            && span.end_time_unix_nano <= root.end_time_unix_nano;
        assert!(within, "{span:?} in {root:?}");
    }
    let only = |name: &str| attributes(inside.iter().find(|span| span.name == name).unwrap());
    assert!(only("verification")["truecrop.verify.peak_bytes"].parse::<u64>().unwrap() > 0);
    assert_eq!(only("body")["http.request.body.size"], told["http.request.body.size"]);
    assert_eq!(only("store create")["truecrop.store.operation"], "create");
    // Who knows an id can ask for what it names.
    let id = address.rsplit('/').next().unwrap();
    assert!(!format!("{:?}", collector.spans).contains(id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_tells_whose_fault_it_was() {
    let mut collector = Collector::new(Answer::Takes).await;
    let server = start(&[soon()], &traced(&collector, ""));
    let address = post(&server, "first", "");
    // Without a caller a trace begins here. What a client does wrong is no failure.
    let refused =
        ask(&server, "second", &format!("POST {address}/confirm"), "Authorization: Bearer secret\r\n", b"");
    assert!(refused.starts_with("HTTP/1.1 401"), "{refused}");
    let (root, _) = collector.trace("second").await;
    assert_eq!(
        (&*root.name, root.status.clone().unwrap_or_default().code),
        ("POST /v1/images/{id}/confirm", 0)
    );
    assert_eq!((&*attributes(&root)["truecrop.refusal"], root.parent_span_id.len()), ("unauthorized", 0));
    assert_ne!(hex(&root.trace_id), TRACE);
    // A method that nobody knows, and an address that is none.
    ask(&server, "third", "SECRET /secret", "", b"");
    let (root, _) = collector.trace("third").await;
    assert_eq!((&*root.name, &*attributes(&root)["http.request.method"]), ("HTTP (file)", "_OTHER"));

    // What is stored is damaged: that is a failure, and the log tells of it without what is for traces.
    let picture = server.folder.path().join("store/pending").join(address.rsplit('/').next().unwrap());
    std::fs::write(picture.join("main.jpg"), "another picture").unwrap();
    let told = ask(&server, "fourth", &format!("GET {address}/main"), "", b"");
    assert!(told.starts_with("HTTP/1.1 500"), "{told}");
    let (root, inside) = collector.trace("fourth").await;
    assert_eq!((root.status.clone().unwrap().code, &*attributes(&root)["error.type"]), (2, "500"));
    assert_eq!(attributes(&root)["truecrop.refusal"], "damaged-upload");
    assert!(inside.iter().any(|span| span.name == "store get"), "{inside:?}");
    let line = server.wait_for_log("fourth");
    assert!(!line.contains("http.route") && !line.contains("request{"), "{line}");
    // Who knows an id can ask for what it names.
    let id = address.rsplit('/').next().unwrap();
    assert!(!format!("{:?}", collector.spans).contains(id));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_to_be_traced_is_sent() {
    let mut collector = Collector::new(Answer::Takes).await;
    let server = start(&[soon()], &traced(&collector, "share = 0.0"));
    post(&server, "nobody", "");
    post(&server, "unsampled", &caller(false));
    post(&server, "sampled", &caller(true));
    collector.trace("sampled").await;
    let ids = collector.spans.iter().filter_map(|span| attributes(span).remove("truecrop.request_id"));
    assert_eq!(ids.collect::<Vec<_>>(), ["sampled"]);
    assert!(collector.spans.iter().all(|span| hex(&span.trace_id) == TRACE));
}

/// Also by the environment that other services are configured by.
#[tokio::test(flavor = "multi_thread")]
async fn the_last_spans_are_sent_before_the_process_ends() {
    let mut collector = Collector::new(Answer::Takes).await;
    let environment =
        [("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url.clone()), ("OTEL_SERVICE_NAME", "by name".to_owned())];
    let mut server = start(&environment, "");
    post(&server, "last", "");
    server.terminate();
    assert!(server.ended().unwrap().success());
    let (_, request) = collector.batch().await;
    let resource = read(&request.resource_spans[0].resource.as_ref().unwrap().attributes);
    assert_eq!(resource["service.name"], "by name");
    collector.trace("last").await;
}

/// What a load balancer calls a function with.
fn call(id: &str) -> serde_json::Value {
    let context = json!({ "elb": { "targetGroupArn": "arn:aws:elasticloadbalancing:x:1:targetgroup/x/1" } });
    let headers = json!({ "host": "secret", "x-request-id": id });
    json!({
        "httpMethod": "GET", "path": "/v1/limits", "headers": headers, "queryStringParameters": {},
        "requestContext": context, "body": "", "isBase64Encoded": false
    })
}

/// A function does nothing between two calls, so its spans go before its answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_function_sends_its_spans_before_it_answers() {
    let mut collector = Collector::new(Answer::Takes).await;
    let environment = [("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url.clone())];
    let mut world = World::with("512", &environment).await;
    let answer = world.answer(call("first")).await;
    assert_eq!(answer["statusCode"], 200, "{answer}");
    assert!(!collector.batches.is_empty());
    let (root, _) = collector.trace("first").await;
    assert_eq!((&*root.name, &*attributes(&root)["http.response.status_code"]), ("GET /v1/limits", "200"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_waits_a_second_for_a_collector_that_hangs() {
    let collector = Collector::new(Answer::Hangs).await;
    let environment = [("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url.clone())];
    let mut world = World::with("512", &environment).await;
    // Nothing is sent for it, so it comes at once, and the function has started then.
    world.answer(json!({ "truecrop": "sweep" })).await;
    assert_eq!(collector.shared.asked.load(Ordering::Relaxed), 0);
    let begun = std::time::Instant::now();
    assert_eq!(world.answer(call("first")).await["statusCode"], 200);
    // OpenTelemetry's own library waits for five.
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
}

/// More spans than the queue holds, while nothing is taken: requests are answered, memory stays, and the process ends.
#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_away_hangs_or_refuses_holds_nobody_up() {
    for answer in [Answer::Hangs, Answer::Refuses] {
        let collector = Collector::new(answer).await;
        let mut server = start(&[soon()], &traced(&collector, "timeout = '60s'"));
        let mut stream = connect(server.address);
        let mut ask_often = |rounds: usize| {
            for _ in 0..rounds {
                stream.write_all(b"HEAD /v1/limits HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
                let mut told = Vec::new();
                while !told.ends_with(b"\r\n\r\n") {
                    let mut piece = [0; 4096];
                    let read = stream.read(&mut piece).unwrap();
                    assert!(read > 0, "{answer:?}");
                    told.extend_from_slice(&piece[..read]);
                }
                assert!(told.starts_with(b"HTTP/1.1 200"), "{answer:?}");
            }
        };
        let often = if answer == Answer::Hangs { 3000 } else { 200 };
        ask_often(often);
        let before = server.memory("VmRSS");
        ask_often(2 * often);
        let after = server.memory("VmRSS");
        // In a queue of 100,000 these spans take 7 MB more.
        assert!(after < before + (2 << 20), "{answer:?}: {before} then {after}");
        assert!(collector.shared.asked.load(Ordering::Relaxed) > 0, "{answer:?}");
        if answer == Answer::Refuses {
            server.wait_for_metric("truecrop_trace_batches_total{result=\"failed\"}", |n| n >= 1.0);
            assert!(server.wait_for_log("does not take traces").contains("403"));
        }
        server.terminate();
        assert!(server.ended().unwrap().success(), "{answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_comes_back_is_told_what_happens_from_then_on() {
    let mut collector = Collector::new(Answer::Refuses).await;
    let server = start(&[soon()], &traced(&collector, ""));
    post(&server, "lost", "");
    server.wait_for_log("does not take traces");
    *collector.shared.answer.lock().unwrap() = Answer::Takes;
    // The batch that was under way may have been refused as well.
    tokio::time::sleep(Duration::from_millis(100)).await;
    post(&server, "taken", "");
    collector.trace("taken").await;
    server.wait_for_log("takes traces again");
    server.wait_for_metric("truecrop_trace_batches_total{result=\"taken\"}", |n| n >= 1.0);
}
