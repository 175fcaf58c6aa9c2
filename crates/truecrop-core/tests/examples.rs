//! The examples do what their heads say: a file is cropped, the upload is verified, and a spoiled one is refused.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Cargo builds the examples with the tests, in the folder beside the one of this test.
fn example(name: &str) -> Command {
    let test = std::env::current_exe().unwrap();
    let target: &Path = test.parent().unwrap().parent().unwrap();
    let path = target.join("examples").join(name).with_extension(std::env::consts::EXE_EXTENSION);
    assert!(path.is_file(), "{} is not built: run cargo test without a filter of targets", path.display());
    Command::new(path)
}

fn run(command: &mut Command) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    (status.code(), String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned())
}

#[test]
fn a_file_is_cropped_verified_and_refused_when_spoiled() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("examples");
    std::fs::create_dir_all(&folder).unwrap();
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/coffee.jpg");
    let (out, spoiled) = (folder.join("out.jpg"), folder.join("spoiled.jpg"));
    let receipt = folder.join("out.jpg.json");

    let (code, text) = run(example("crop_file").arg(source).arg(&out).arg("64x64"));
    assert_eq!(code, Some(0), "{text}");

    let verify = |file: &Path, more: &[&str]| {
        run(example("verify_upload").arg(&receipt).arg(format!("main={}", file.display())).args(more))
    };
    let (code, text) = verify(&out, &[]);
    assert!(code == Some(0) && text.contains("level Result"), "{text}");
    let (code, text) = verify(&out, &["--source", source]);
    assert!(code == Some(0) && text.contains("level Source"), "{text}");

    let mut bytes = std::fs::read(&out).unwrap();
    let last = bytes.len() - 9;
    bytes[last] ^= 1;
    std::fs::write(&spoiled, bytes).unwrap();
    let (code, text) = verify(&spoiled, &[]);
    assert!(code == Some(1) && text.contains("digest-mismatch"), "{text}");

    let (code, text) = run(example("crop_file").arg(source).arg(&out).arg("0x64"));
    assert!(code == Some(1) && text.contains("invalid-view"), "{text}");
    let (code, text) = run(&mut example("crop_file"));
    assert!(code == Some(2) && text.contains("usage"), "{text}");
}
