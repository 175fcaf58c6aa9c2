//! The commands that README.md, docs/SERVER.md and docs/OPERATIONS.md show are run, in their order, against a real server.
#![cfg(unix)]
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use common::binary::Binary;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const DOCS: [&str; 3] = ["README.md", "docs/SERVER.md", "docs/OPERATIONS.md"];

/// Commands that are not run here: they build, install, or ask for what this machine does not have.
const LEFT_OUT: [&str; 8] =
    ["cargo ", "sudo ", "npm ", "aws ", "podman ", "cp ", "zip ", "function/bootstrap "];

/// Commands that are run as they are.
const AS_THEY_ARE: [&str; 4] = ["sed ", "(umask ", "mkdir ", "KEY="];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The lines of a page's blocks of this language, without comments; a line that ends with a backslash goes on.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let text = std::fs::read_to_string(repository().join(page)).unwrap();
    let mut lines = Vec::new();
    let mut rest = text.as_str();
    while let Some((_, begins)) = rest.split_once(&format!("```{language}\n")) {
        let (block, behind) = begins.split_once("\n```").unwrap();
        let joined = block.replace("\\\n", " ");
        lines.extend(joined.lines().map(|line| line.split("  #").next().unwrap().trim().to_owned()));
        rest = behind;
    }
    lines.retain(|line| !line.is_empty());
    lines
}

/// What the commands need, and what they have come to.
struct Shell {
    server: Binary,
    /// The last upload's id.
    id: String,
}

impl Shell {
    fn new() -> Self {
        let server = Binary::start("");
        let folder = server.folder.path();
        std::fs::copy(repository().join("tests/fixtures/coffee.jpg"), folder.join("photo.jpg")).unwrap();
        std::fs::create_dir(folder.join("pictures")).unwrap();
        std::fs::create_dir(folder.join("ops")).unwrap();
        for file in ["ops/truecrop.toml", "ops/lambda.toml"] {
            std::fs::copy(repository().join(file), folder.join(file)).unwrap();
        }
        Self { server, id: String::new() }
    }

    /// Runs a command, and gives what it prints. It must succeed.
    fn run(&self, command: &str) -> String {
        let binary = Path::new(env!("CARGO_BIN_EXE_truecrop")).parent().unwrap();
        let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
        let output = Command::new("sh")
            .args(["-c", command])
            .current_dir(self.server.folder.path())
            .env("PATH", path)
            .env("KEY", "a-key-that-is-longer-than-thirty-two-bytes")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command}\n{printed}{error}");
        printed
    }

    /// A command of the docs, with the addresses and the id of this run.
    fn run_line(&mut self, line: &str) {
        if LEFT_OUT.iter().any(|word| line.starts_with(word)) {
            return;
        }
        if line.starts_with("truecrop serve") {
            // the server runs already: this asks whether there are such options
            self.run(&format!("{line} --help"));
        } else if AS_THEY_ARE.iter().any(|word| line.starts_with(word)) {
            self.run(line);
        } else if line.starts_with("truecrop ") {
            self.run(
                &line.replace("/etc/truecrop.toml", "truecrop.toml").replace(" truecrop.toml", " docs.toml"),
            );
        } else if let Some(asked) = line.strip_prefix("curl ") {
            let address = self.server.address.to_string();
            let asked = asked
                .replace("127.0.0.1:8080", &address)
                .replace("127.0.0.1:8081", &self.server.admin.to_string());
            let printed = self.run(&format!(
                "curl -sS --fail-with-body {}",
                asked.replace("/ID", &format!("/{}", self.id))
            ));
            if let Some((_, id)) = printed.split_once("\"id\":\"") {
                self.id = id.split('"').next().unwrap().to_owned();
            }
        } else {
            panic!("does this command work? {line}");
        }
    }
}

#[test]
fn commands_of_the_docs_work() {
    if Command::new("curl").arg("--version").output().is_err() {
        eprintln!("not tried: curl is not here");
        return;
    }
    let mut shell = Shell::new();
    for page in DOCS {
        let toml = if page == "docs/OPERATIONS.md" {
            std::fs::read_to_string(repository().join("ops/truecrop.toml"))
                .unwrap()
                .replace("/var/lib/truecrop", "pictures")
                .replace("change-this-key-before-use", "a-key-that-is-longer-than-thirty-two-bytes")
        } else {
            let text = blocks("docs/SERVER.md", "toml").join("\n");
            text.replace("\"dist\"", "\"pictures\"")
                .replace("whsec_...", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
                .replace("\"...\"", "\"a-key-that-is-longer-than-thirty-two-bytes\"")
        };
        std::fs::write(shell.server.folder.path().join("docs.toml"), toml).unwrap();
        let lines = blocks(page, "sh");
        assert!(!lines.is_empty(), "{page} shows no command");
        lines.iter().for_each(|line| shell.run_line(line));
    }
}
