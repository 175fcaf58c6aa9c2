//! `truecrop token` by the real binary, and a server that takes what it makes.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use common::tokens::{SECRET, private_key, public_key};
use common::{FORM, TestServer, form, upload};
use ed25519_dalek::pkcs8::EncodePrivateKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use truecrop_core::recipe::Format;
use truecrop_server::config::Config;

const POLICY: &str = r#"{"aspects": ["4:3"], "maxPictures": 1}"#;

fn truecrop(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_truecrop"));
    command.args(args).current_dir(folder).stdin(Stdio::null()).env_remove("TRUECROP_CONFIG");
    command.output().unwrap()
}

/// A folder with a configuration of two keys, a private key and a policy.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let config = format!(
        "[policy]\nformats = ['jpeg']\n[policy_tokens]\nrequire = true\naudience = 'uploads'\n\
         [[policy_tokens.keys]]\nid = 'one'\nsecret = '{SECRET}'\n[[policy_tokens.keys]]\nid = 'two'\npublic_key = '{}'\n",
        public_key()
    );
    let pem = private_key().to_pkcs8_pem(LineEnding::LF).unwrap();
    for (name, text) in [("truecrop.toml", config.as_str()), ("key.pem", &pem), ("policy.json", POLICY)] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

#[tokio::test]
async fn what_it_makes_is_taken_and_checked() {
    let folder = folder();
    let common = ["--config", "truecrop.toml", "--policy", "policy.json", "--subject", "user 7"];
    for (more, key) in [
        (&["--once"][..], "one"),
        (&["--key", "one"], "one"),
        (&["--key", "two", "--private-key", "key.pem"], "two"),
    ] {
        let made = truecrop(folder.path(), &[&["token", "make"], &common[..], more].concat());
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        std::fs::write(folder.path().join("token"), &made.stdout).unwrap();
        let checked = truecrop(folder.path(), &["token", "check", "--config", "truecrop.toml", "token"]);
        let told: Value = serde_json::from_slice(&checked.stdout).unwrap();
        assert_eq!(
            (&told["valid"], &told["key"], &told["subject"]),
            (&json!(true), &json!(key), &json!("user 7"))
        );
        assert_eq!(
            (&told["policy"]["aspects"], &told["policy"]["formats"]),
            (&json!(["4:3"]), &json!(["jpeg"]))
        );
        assert_eq!(told["id"].is_string(), more == ["--once"]);

        let config = Config::read(Some(&folder.path().join("truecrop.toml"))).unwrap();
        let server = TestServer::new(|c| *c = Config { store: c.store.clone(), ..config }).await;
        let bearer = format!("Bearer {}", String::from_utf8_lossy(&made.stdout).trim());
        let head = [("content-type", FORM), ("authorization", bearer.as_str())];
        let body = form(&upload("coffee.jpg", &[Format::Jpeg]).parts(false));
        assert_eq!(server.send(axum::http::Method::POST, "/v1/images", &head, body).await.status, 201);
    }
}

#[test]
fn what_cannot_be_made_or_is_not_taken_is_refused() {
    let folder = folder();
    std::fs::write(folder.path().join("wrong.json"), r#"{"aspect": ["1:1"]}"#).unwrap();
    std::fs::write(folder.path().join("hello"), "hello").unwrap();
    let make = ["token", "make", "--config", "truecrop.toml"];
    let old = truecrop(folder.path(), &[&make[..], &["--expires-in", "0s"]].concat());
    std::fs::write(folder.path().join("old"), &old.stdout).unwrap();
    let other = truecrop(folder.path(), &[&make[..], &["--audience", "others"]].concat());
    std::fs::write(folder.path().join("other"), &other.stdout).unwrap();
    let check = |file| vec!["token", "check", "--config", "truecrop.toml", file];
    for (args, code) in [
        ([&make[..], &["--policy", "wrong.json"]].concat(), "invalid-option"),
        ([&make[..], &["--key", "two"]].concat(), "invalid-option"),
        ([&make[..], &["--key", "three"]].concat(), "invalid-option"),
        ([&make[..], &["--key", "two", "--private-key", "policy.json"]].concat(), "invalid-option"),
        ([&make[..], &["--subject", ""]].concat(), "invalid-token"),
        (vec!["token", "make"], "invalid-option"),
        (check("hello"), "invalid-token"),
        (check("other"), "wrong-audience"),
        (check("missing"), "io"),
    ] {
        let output = truecrop(folder.path(), &args);
        let told: Value = serde_json::from_slice(&output.stderr).unwrap_or_default();
        assert_eq!((output.status.code(), &told["code"]), (Some(1), &json!(code)), "{args:?}: {told}");
        assert!(output.stdout.is_empty(), "{args:?}");
    }
    // Clocks may differ by 30 seconds.
    assert_eq!(truecrop(folder.path(), &check("old")).status.code(), Some(0));
}
