//! The real binary with configurations that make no sense: every mistake is named, all at once, before anything listens.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn truecrop(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_truecrop"));
    command.args(args).current_dir(folder).stdin(Stdio::null());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TRUECROP_")) {
        command.env_remove(name);
    }
    command.output().unwrap()
}

/// The fields of the mistakes that a command has printed.
fn fields(output: &Output) -> BTreeSet<String> {
    let problem: Value = serde_json::from_slice(&output.stderr).unwrap_or_default();
    let one = vec![problem.clone()];
    let errors = problem["errors"].as_array().unwrap_or(&one);
    for error in errors {
        // Each says what is wrong, what is right, and what was found.
        let says = |member: &str| !error[member].is_null();
        assert!(says("detail") && says("expected") && says("got"), "{error}");
    }
    errors.iter().filter_map(|error| error["field"].as_str()).map(str::to_owned).collect()
}

/// A configuration, and the fields of its mistakes.
const ROWS: &[(&str, &[&str])] = &[
    (
        "connections = 0\nmemory_budget = 0",
        &[
            "connections",
            "memory_budget",
            "upload_bytes",
            "limits.source_bytes",
            "limits.memory",
            "limits.json_bytes",
        ],
    ),
    (
        "upload_bytes = 0\n[limits]\noutputs = 0\noutput_side = 0\njson_bytes = 0",
        &["upload_bytes", "limits.outputs", "limits.output_side", "limits.json_bytes"],
    ),
    ("memory_budget = 33554432", &["upload_bytes", "limits.source_bytes", "limits.memory"]),
    ("upload_bytes = 3000000000", &["upload_bytes"]),
    ("upload_bytes = 1700000000", &["upload_bytes"]),
    (
        "[admission]\nverifications = 0\nlongest_wait = '0s'",
        &["admission.verifications", "admission.longest_wait"],
    ),
    ("request_timeout = '5s'\n[admission]\nlongest_wait = '6s'", &["admission.longest_wait"]),
    ("[admission]\nqueues = 5", &["admission.queues"]),
    ("[webhook]\ntimeout = '2m'", &["webhook.url", "webhook.secrets", "webhook.timeout"]),
    (
        "[webhook]\nurl = 'http://10.0.0.1/hooks'\nsecrets = ['secret', 'whsec_c2hvcnQ=']\nurls = 1",
        &["webhook.url", "webhook.secrets[0]", "webhook.secrets[1]", "webhook.urls"],
    ),
    (
        "[webhook]\nurl = 'http://127.0.0.1/hooks'\nsecrets = []\nretry_after = '0s'\ngive_up = '99d'",
        &["webhook.secrets", "webhook.retry_after", "webhook.give_up"],
    ),
    ("[traces]\nshare = 0.5", &["traces.endpoint"]),
    (
        "[traces]\nendpoint = '127.0.0.1:4318'\nservice_name = ' '\nshare = nan\ntimeout = '2m'\nprotocol = 'grpc'",
        &["traces.endpoint", "traces.service_name", "traces.share", "traces.timeout", "traces.protocol"],
    ),
    (
        "[traces]\nendpoint = 'http://collector:4318'\nheaders = { 'x y' = 'v', key = \"a\\u0007b\" }",
        &["traces.endpoint", "traces.headers"],
    ),
    ("[traces]\nendpoint = 'http://127.0.0.1:4318'\nheaders = ['key']", &["traces.headers"]),
    (
        "request_timeout = '0s'\npending_ttl = '0s'\nsweep_every = '0s'",
        &["request_timeout", "pending_ttl", "sweep_every"],
    ),
    ("pending_ttl = '10s'", &["pending_ttl"]),
    ("[uploads]\nttl = '8d'", &["uploads.ttl"]),
    ("[uploads]\nttl = '0s'", &["uploads.ttl"]),
    ("pending_ttl = '1000y'", &["pending_ttl"]),
    (
        "[deadlines]\nfirst_byte = '0s'\nidle = '0s'\nleast_rate = 0",
        &["deadlines.first_byte", "deadlines.idle", "deadlines.least_rate"],
    ),
    ("api_key = ''", &["api_key"]),
    ("api_key = 'a key'", &["api_key"]),
    ("api_key = 7", &["api_key"]),
    ("api_key = 'change-this-key-before-use'", &["api_key"]),
    ("listen = '0.0.0.0:8080'", &["listen"]),
    ("listen = '[::]:8080'", &["listen"]),
    ("listen = '127.0.0.1:80'\nadmin_listen = '127.0.0.1:80'", &["admin_listen"]),
    ("listen = 'localhost:8080'", &["listen"]),
    (
        "allow_origins = ['https://a.example/', 'https://b.example', 'b.example', '*']",
        &["allow_origins[0]", "allow_origins[2]", "allow_origins"],
    ),
    ("www = 'missing'\nstore = 'truecrop.toml'", &["www", "store"]),
    ("store = ''", &["store"]),
    ("storage_class = 'STANDARD_IA'", &["storage_class"]),
    ("storage_class = 'two words'", &["storage_class"]),
    ("store = 'gopher://x/y'", &["store"]),
    (
        "[policy]\nminCropSide = nan\nmaxUpscale = -1.0\naspects = []\nformats = []",
        &["policy.minCropSide", "policy.maxUpscale", "policy.aspects", "policy.formats"],
    ),
    (
        "[policy]\nminCropSide = inf\nmaxOutputSide = 0\nmaxOutputs = 0\nmaxOutputBytes = 0",
        &["policy.minCropSide", "policy.maxOutputSide", "policy.maxOutputs", "policy.maxOutputBytes"],
    ),
    ("[policy]\nminOutputSide = 100\nmaxOutputSide = 99", &["policy.minOutputSide"]),
    (
        "[policy]\nsizes = []\nminQuality = 0\nmaxPictures = 0",
        &["policy.sizes", "policy.minQuality", "policy.maxPictures"],
    ),
    (
        "[audits]\nshare = 1.5\nkey = 'short'\ndeadline = '0s'",
        &["audits.share", "audits.key", "audits.deadline"],
    ),
    ("[audits]\nshare = nan", &["audits.share"]),
    ("[policy_tokens]\nrequire = true", &["policy_tokens.keys"]),
    (
        "[policy_tokens]\naudience = ''\nleeway = '1h'\nlongest = '0s'\nkeys = []\nissuer = 'x'",
        &["policy_tokens.audience", "policy_tokens.leeway", "policy_tokens.longest", "policy_tokens.issuer"],
    ),
    (
        "[[policy_tokens.keys]]\nid = ''\nsecret = 'short'\n[[policy_tokens.keys]]\nid = ''\npublic_key = 'AAAA'\n\
         [[policy_tokens.keys]]\nid = 'c'",
        &[
            "policy_tokens.keys[0].id",
            "policy_tokens.keys[0].secret",
            "policy_tokens.keys[1].id",
            "policy_tokens.keys[1].public_key",
            "policy_tokens.keys[2]",
        ],
    ),
    ("[[policy_tokens.keys]]\nid = 'a'\nsecret = 7", &["policy_tokens.keys"]),
    (
        "level = 'all'\nconections = 5\nconnections = 0\n[policy]\naspect = ['1:1']\naspects = ['0:1']",
        &["level", "conections", "connections", "policy.aspect", "policy.aspects"],
    ),
];

/// Of the configurations that are to be edited.
const EXAMPLE_KEY: &str = "change-this-key-before-use";

#[test]
fn every_mistake_is_named_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for (text, expected) in ROWS {
        std::fs::write(folder.path().join("truecrop.toml"), text).unwrap();
        let output = truecrop(folder.path(), &["config", "check", "--config", "truecrop.toml"]);
        let expected: BTreeSet<_> = expected.iter().map(|&field| field.to_owned()).collect();
        if (output.status.code(), fields(&output)) != (Some(1), expected) {
            wrong.push(format!("{text}\n{}", String::from_utf8_lossy(&output.stderr)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_server_with_a_mistake_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    // If it did listen, this test would never end: nothing else ends the server.
    for args in [
        &["serve", "--listen", "0.0.0.0:0"][..],
        &["serve", "--listen", "127.0.0.1:0", "--www", "missing"],
        &["config", "check", "--listen", "0.0.0.0:0"],
    ] {
        let output = truecrop(folder.path(), args);
        assert_eq!((output.status.code(), fields(&output).len()), (Some(1), 1), "{args:?}");
        assert!(!folder.path().join("truecrop-store").exists(), "{args:?}");
    }
}

/// Also not those that OpenTelemetry's own library reads from the environment.
#[test]
fn header_fields_do_not_go_to_a_collector_elsewhere_without_tls() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = "http://10.0.0.1:4318";
    for (name, value, endpoint, right) in [
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-api-key=secret", elsewhere, false),
        ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "x-api-key=secret", elsewhere, false),
        ("OTEL_EXPORTER_OTLP_HEADERS", "", elsewhere, true),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-api-key=secret", "http://127.0.0.1:4318", true),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_truecrop"));
        command.args(["config", "check", "--otlp-endpoint", endpoint]).current_dir(folder.path());
        let output = command.env(name, value).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.success(), right, "{name}={value}, {endpoint}: {told}");
        assert!(right || fields(&output) == ["traces.endpoint".to_owned()].into(), "{name}: {told}");
        assert!(!told.contains("secret"), "{told}");
    }
}

#[test]
fn what_is_right_is_said_to_be_right() {
    let folder = tempfile::tempdir().unwrap();
    let long = "a".repeat(40);
    for text in [
        String::new(),
        format!("listen = '0.0.0.0:8080'\nadmin_listen = '127.0.0.1:8081'\napi_key = '{long}'"),
        "listen = '0.0.0.0:8080'\npublic_without_key = true".to_owned(),
        "allow_origins = ['https://a.example', 'http://localhost:8080']".to_owned(),
        "allow_origins = ['*']\nwww = '.'\nstore = 'new/folder'".to_owned(),
        "[policy]\nminCropSide = 0.5\nmaxUpscale = 2.0\n[deadlines]\nidle = '5s'\n[limits]\n".to_owned(),
        include_str!("../../../ops/truecrop.toml").replace(EXAMPLE_KEY, &long),
        include_str!("../../../ops/lambda.toml").replace(EXAMPLE_KEY, &long),
    ] {
        std::fs::write(folder.path().join("truecrop.toml"), &text).unwrap();
        let output = truecrop(folder.path(), &["config", "check", "--config", "truecrop.toml"]);
        let told: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let problem = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), &told["valid"]), (Some(0), &true.into()), "{text}: {problem}");
    }
    assert!(!folder.path().join("new").exists(), "a check makes nothing");
}

#[test]
fn the_examples_do_not_start_before_their_key_is_changed() {
    let folder = tempfile::tempdir().unwrap();
    for text in [include_str!("../../../ops/truecrop.toml"), include_str!("../../../ops/lambda.toml")] {
        assert!(text.contains(EXAMPLE_KEY));
        std::fs::write(folder.path().join("truecrop.toml"), text).unwrap();
        let output = truecrop(folder.path(), &["config", "check", "--config", "truecrop.toml"]);
        assert_eq!((output.status.code(), fields(&output)), (Some(1), ["api_key".to_owned()].into()));
    }
}

#[test]
fn no_key_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    for text in [
        "api_key = ['topsecret']",
        "[audits]\nkey = ['topsecret']",
        "[audits]\nkey = 'topsecret'",
        "[policy_tokens]\nkeys = 'topsecret'",
        "[[policy_tokens.keys]]\nid = 'a'\nsecret = ['topsecret']",
        "[[policy_tokens.keys]]\nid = 'a'\nsecret = 'topsecret'",
        "[[policy_tokens.keys]]\nid = 'a'\npublic_key = 'topsecret'",
        // members that nobody knows, and a text that does not end
        "[[policy_token.keys]]\nid = 'a'\nsecret = 'topsecret'",
        "[audit]\nkey = 'topsecret'",
        "api_keys = 'topsecret'",
        "api_key = 'topsecret",
    ] {
        std::fs::write(folder.path().join("truecrop.toml"), text).unwrap();
        let output = truecrop(folder.path(), &["config", "check", "--config", "truecrop.toml"]);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(1) && !told.contains("topsecret"), "{text}: {told}");
    }
}
