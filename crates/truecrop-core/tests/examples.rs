//! The examples do what their heads say: a file is cropped, the upload is verified, and a spoiled one is refused.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::SystemTime;

/// A program of `examples/`. Cargo builds them with the tests, into the folder beside the one of this test, unless targets are
/// named (`--test examples`): this test refuses to run what an earlier build, or one of another checkout, left there.
fn example(name: &str) -> Command {
    let test = std::env::current_exe().unwrap();
    let folder = test.parent().unwrap().parent().unwrap().join("examples");
    let binary = folder.join(name).with_extension(std::env::consts::EXE_EXTENSION);
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name).with_extension("rs");
    let built_from = sources(&folder.join(name).with_extension("d"));
    let built = modified(&binary);
    let fresh = built_from.contains(&source) && built_from.iter().all(|file| modified(file) <= built);
    assert!(fresh, "{name} is not built, or not anew: run cargo build -p truecrop-core --examples");
    Command::new(binary)
}

fn modified(file: &Path) -> Option<SystemTime> {
    std::fs::metadata(file).ok()?.modified().ok()
}

/// The sources that a binary was built from: after the colon, with a backslash before each space of a path.
fn sources(dep_info: &Path) -> Vec<PathBuf> {
    let Ok(text) = std::fs::read_to_string(dep_info) else { return Vec::new() };
    let (_, paths) = text.split_once(": ").unwrap();
    let paths = paths.trim_end().replace("\\ ", "\0");
    paths.split(' ').map(|path| path.replace('\0', " ").into()).collect()
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

    // A source that is not the receipt's.
    let (code, text) = verify(&out, &["--source", out.to_str().unwrap()]);
    assert!(code == Some(1) && text.contains("source-mismatch"), "{text}");
    // A forgotten file name must not prove less than was meant.
    let (code, text) = verify(&out, &["--source"]);
    assert!(code == Some(2) && text.contains("usage"), "{text}");

    let window = folder.join("window.bmp");
    let (code, text) = run(example("image_window").arg(source).arg(&window).arg("48"));
    assert!(code == Some(0) && text.contains("48 x 48"), "{text}");

    let crop = |source: &str, size: &str| run(example("crop_file").arg(source).arg(&spoiled).arg(size));
    let (code, text) = crop(source, "0x64");
    assert!(code == Some(1) && text.contains("width: ") && text.contains("invalid-recipe"), "{text}");
    let (code, text) = crop(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"), "64x64");
    assert!(code == Some(1) && text.contains("unsupported-format"), "{text}");
    let (code, text) = crop("missing.jpg", "64x64");
    assert!(code == Some(1) && text.contains("missing.jpg"), "{text}");
    let (code, text) = crop(source, "64");
    assert!(code == Some(2) && text.contains("usage"), "{text}");
}
