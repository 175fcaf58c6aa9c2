//! The command line of the real binary: exit codes, problem JSON, files.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use common::fixture_path;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

fn truecrop(folder: &Path, args: &[&str]) -> Output {
    let binary = env!("CARGO_BIN_EXE_truecrop");
    Command::new(binary).args(args).current_dir(folder).env_remove("TRUECROP_STORE").output().unwrap()
}

fn problem(output: &Output) -> Value {
    serde_json::from_slice(&output.stderr).unwrap_or_default()
}

#[test]
fn crops_of_the_command_line_verify() {
    let folder = tempfile::tempdir().unwrap();
    let source = fixture_path("phone-orientation-6.jpg");
    let source = source.to_str().unwrap();
    let crops: [&[&str]; 9] = [
        &["--size", "120x90", "--crop", "-40,-30,120,90", "--background", "#ff0000"],
        &["--size", "60x60", "--crop", "250.5,400,300,300", "--rotate", "12", "--background", "#ff0000"],
        &["--size", "200x150"],
        &["--size", "200x200", "--zoom", "2.5", "--center", "0.5,0.25", "--format", "png"],
        &["--size", "64x64", "--crop", "10.5,20.25,100,100", "--flip", "horizontal", "--quality", "60"],
        &["--size", "300x225", "--quality", "97", "--max-bytes", "9000"],
        &["--size", "90x60", "--rotate", "-33.3", "--background", "#102030"],
        &[
            "--size",
            "90x60",
            "--rotate",
            "725",
            "--zoom",
            "0.4",
            "--background",
            "transparent",
            "--format",
            "webp",
        ],
        &["--size", "1x1", "--zoom", "100000", "--format", "png"],
    ];
    for args in crops {
        let all = [&["crop", source][..], args, &["-o", "out", "--receipt", "out.json"]].concat();
        let made = truecrop(folder.path(), &all);
        assert!(made.status.success(), "{args:?}: {}", String::from_utf8_lossy(&made.stderr));
        let scalar =
            [&all[..all.len() - 4], &["--simd", "scalar", "-o", "plain", "--receipt", "plain.json"]].concat();
        assert!(truecrop(folder.path(), &scalar).status.success(), "{args:?}");
        let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
        assert!(
            read("out") == read("plain") && read("out.json") == read("plain.json"),
            "{args:?}: --simd changes bytes"
        );
        let verify = ["verify", "--receipt", "out.json", "--output", "main=out"];
        for (more, level) in [(&[][..], "result"), (&["--source", source][..], "source")] {
            let verified = truecrop(folder.path(), &[&verify[..], more].concat());
            assert_eq!(
                verified.status.code(),
                Some(0),
                "{args:?}: {}",
                String::from_utf8_lossy(&verified.stderr)
            );
            let verdict: Value = serde_json::from_slice(&verified.stdout).unwrap();
            assert_eq!((&verdict["valid"], &verdict["level"]), (&true.into(), &level.into()));
        }
    }
}

/// HEIC is as any other format: verified from its source, byte for byte.
#[test]
#[cfg(feature = "heic")]
fn a_crop_of_a_heic_verifies() {
    let folder = tempfile::tempdir().unwrap();
    let source = fixture_path("heic/grid-irot-3.heic");
    let source = source.to_str().unwrap();
    let crop = ["crop", source, "--size", "40x60", "--zoom", "1.5", "-o", "out", "--receipt", "out.json"];
    let made = truecrop(folder.path(), &crop);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let verify = ["verify", "--receipt", "out.json", "--output", "main=out", "--source", source];
    let verified = truecrop(folder.path(), &verify);
    let verdict: Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!((&verdict["valid"], &verdict["level"]), (&true.into(), &"source".into()), "{verdict}");
    let receipt: Value =
        serde_json::from_slice(&std::fs::read(folder.path().join("out.json")).unwrap()).unwrap();
    let source = &receipt["source"];
    let facts = ["format", "width", "height", "decoder"].map(|name| source[name].to_string());
    assert_eq!(facts, [r#""heic""#, "101", "150", r#""core""#]);
}

#[test]
fn a_recipe_makes_several_files() {
    let folder = tempfile::tempdir().unwrap();
    let recipe = r#"{"truecrop":1,"crop":{"x":0,"y":0,"width":300,"height":200},"outputs":[
        {"name":"large","width":300,"height":200,"format":"webp"},{"name":"small","width":30,"height":20,"format":"jpeg"}]}"#;
    std::fs::write(folder.path().join("recipe.json"), recipe).unwrap();
    let source = fixture_path("coffee.jpg");
    let crop = ["crop", source.to_str().unwrap(), "--recipe", "recipe.json"];
    let lacking = truecrop(folder.path(), &[&crop[..], &["-o", "large=a.webp"]].concat());
    assert_eq!((lacking.status.code(), &problem(&lacking)["code"]), (Some(1), &"invalid-option".into()));
    let both = ["-o", "large=a.webp", "-o", "small=b.jpg", "--receipt", "r.json"];
    assert!(truecrop(folder.path(), &[&crop[..], &both].concat()).status.success());
    let verify = ["verify", "--receipt", "r.json", "--output", "large=a.webp", "--output", "small=b.jpg"];
    assert!(truecrop(folder.path(), &verify).status.success());
}

#[test]
fn each_file_that_was_tampered_with_is_refused_with_its_code() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    std::fs::copy(fixture_path("coffee.jpg"), file("source.jpg")).unwrap();
    let crop = ["crop", "source.jpg", "--size", "90x60", "-o", "out.jpg", "--receipt", "r.json"];
    assert!(truecrop(folder.path(), &crop).status.success());
    std::fs::write(file("wide.json"), r#"{"aspects":["16:9"]}"#).unwrap();
    std::fs::write(file("typo.json"), r#"{"aspect":"16:9"}"#).unwrap();
    let verify = ["verify", "--receipt", "r.json", "--output", "main=out.jpg"];
    let source: &[&str] = &["--source", "source.jpg"];
    // The file, bytes in it, the bytes that replace them, more arguments, the expected code.
    type Case<'a> = (&'a str, &'a [u8], &'a [u8], &'a [&'a str], &'a str);
    let cases: [Case; 9] = [
        ("out.jpg", b"\xFF\xD8", b"\xFE\xD8", source, "digest-mismatch"),
        ("r.json", b"{\"", b"[\"", source, "invalid-receipt"),
        ("r.json", b"\"engine\":\"0", b"\"engine\":\"1", source, "receipt-digest-mismatch"),
        ("r.json", b"\"pixels\":", b"\"pixels\":9", source, "pixels-mismatch"),
        ("source.jpg", b"\xFF\xD8", b"\xFE\xD8", source, "source-mismatch"),
        ("source.jpg", b"", b"", &["--output", "more=out.jpg"], "outputs-mismatch"),
        ("source.jpg", b"", b"", &["--source", "out.jpg"], "source-mismatch"),
        ("source.jpg", b"", b"", &["--policy", "wide.json"], "policy-violation"),
        ("source.jpg", b"", b"", &["--policy", "typo.json"], "invalid-option"),
    ];
    for (name, from, to, more, code) in cases {
        let good = std::fs::read(file(name)).unwrap();
        let at = (0..good.len()).find(|at| good[*at..].starts_with(from)).unwrap();
        let bad = [&good[..at], to, &good[at + from.len()..]].concat();
        std::fs::write(file(name), bad).unwrap();
        let refused = truecrop(folder.path(), &[&verify[..], more].concat());
        let told = problem(&refused);
        assert_eq!(
            (refused.status.code(), &told["code"]),
            (Some(1), &code.into()),
            "{name} {more:?}: {told}"
        );
        assert!(refused.stdout.is_empty(), "{name} {more:?}");
        std::fs::write(file(name), good).unwrap();
        let again = truecrop(folder.path(), &[&verify[..], source].concat());
        assert!(again.status.success(), "{name} {more:?}");
    }
}

#[test]
fn refusals_exit_with_1_and_wrong_usage_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| fixture_path(name).to_str().unwrap().to_owned();
    let (coffee, text, heic, alpha) =
        (path("coffee.jpg"), path("not-a-picture.txt"), path("not-supported.heic"), path("cat-alpha.png"));
    let cases: [(&[&str], i32, &str); 15] = [
        (&["crop", &coffee, "--size", "10x10", "-o", "no/such/folder/out.jpg"], 1, "io"),
        (&["crop", "nowhere.jpg", "--size", "10x10", "-o", "out.jpg"], 1, "io"),
        (&["crop", &text, "--size", "10x10", "-o", "out.jpg"], 1, "unsupported-format"),
        (&["crop", &heic, "--size", "10x10", "-o", "out.jpg"], 1, "unsupported-format"),
        (&["crop", &alpha, "--size", "10x10", "-o", "out.jpg"], 1, "background-required"),
        (
            &["crop", &coffee, "--size", "10x10", "--crop", "9999,0,10,10", "-o", "out.jpg"],
            1,
            "crop-outside-source",
        ),
        (&["crop", &coffee, "--size", "60000x10", "-o", "out.jpg"], 1, "output-too-large"),
        (
            &["crop", &coffee, "--size", "90x60", "--max-bytes", "300", "-o", "out.jpg"],
            1,
            "max-bytes-unreachable",
        ),
        (
            &["crop", &coffee, "--size", "90x60", "--format", "webp", "--max-bytes", "900", "-o", "out.jpg"],
            1,
            "max-bytes-unreachable",
        ),
        (&["crop", &coffee, "--size", "90x60", "--max-bytes", "0", "-o", "out.jpg"], 2, ""),
        (&["verify", "--receipt", "nowhere.json", "--output", "main=out.jpg"], 1, "io"),
        (&["crop", &coffee, "-o", "out.jpg"], 2, ""),
        (&["crop", &coffee, "--size", "big", "-o", "out.jpg"], 2, ""),
        (&["crop", &coffee, "--size", "10x10", "--quality", "101", "-o", "out.jpg"], 2, ""),
        (&["fly"], 2, ""),
    ];
    for (args, exit, code) in cases {
        let output = truecrop(folder.path(), args);
        let json = problem(&output);
        assert_eq!(output.status.code(), Some(exit), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(json["code"].as_str().unwrap_or_default(), code, "{args:?}: {json}");
        assert!(!folder.path().join("out.jpg").exists(), "{args:?} left a file");
    }
}

#[test]
fn a_refused_output_is_named_as_in_a_recipe() {
    let folder = tempfile::tempdir().unwrap();
    let coffee = fixture_path("coffee.jpg").to_str().unwrap().to_owned();
    let png = ["crop", &coffee, "--size", "9x9", "--format", "png", "--quality", "5", "-o", "out.png"];
    let wide = ["crop", &coffee, "--size", "60000x9", "-o", "out.jpg"];
    for (args, field) in [(&png[..], "outputs[0].quality"), (&wide, "outputs[0].width")] {
        let json = problem(&truecrop(folder.path(), args));
        assert_eq!(json["field"].as_str(), Some(field), "{args:?}: {json}");
    }
}

#[test]
fn sweep_prints_what_it_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let swept = truecrop(folder.path(), &["sweep", "--older-than", "24h", "--store", "store"]);
    let told: Value = serde_json::from_slice(&swept.stdout).unwrap();
    assert_eq!((swept.status.code(), &told["waiting"]), (Some(0), &0.into()));
    let url = truecrop(folder.path(), &["sweep", "--older-than", "24h", "--store", "gopher://bucket"]);
    assert_eq!((url.status.code(), &problem(&url)["code"]), (Some(1), &"invalid-option".into()));
}

/// A picture whose profile cannot be applied is cropped all the same, and told of: on standard error and in the receipt.
#[test]
fn a_profile_that_is_left_aside_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let plain = std::fs::read(fixture_path("coffee.jpg")).unwrap();
    let profile = b"ICC_PROFILE\0\x01\x01nonsense";
    let length = (profile.len() as u16 + 2).to_be_bytes();
    let file = [&plain[..2], &[0xFF, 0xE2], &length, profile, &plain[2..]].concat();
    std::fs::write(folder.path().join("aside.jpg"), file).unwrap();
    let source = fixture_path("coffee.jpg");
    let cases = [
        ("aside.jpg", "truecrop: the picture's colour profile was left aside", Some("profile")),
        (source.to_str().unwrap(), "", None),
    ];
    for (source, said, ignored) in cases {
        let made = truecrop(
            folder.path(),
            &["crop", source, "--size", "8x8", "-o", "out.jpg", "--receipt", "r.json"],
        );
        let told = String::from_utf8_lossy(&made.stderr);
        assert_eq!(
            (made.status.code(), told.lines().count()),
            (Some(0), usize::from(ignored.is_some())),
            "{told}"
        );
        assert!(told.starts_with(said), "{told}");
        let receipt: Value =
            serde_json::from_slice(&std::fs::read(folder.path().join("r.json")).unwrap()).unwrap();
        assert_eq!(receipt["source"]["ignored"][0].as_str(), ignored, "{source}");
        let verify = ["verify", "--receipt", "r.json", "--output", "main=out.jpg", "--source", source];
        assert!(truecrop(folder.path(), &verify).status.success(), "{source}");
    }
}

/// A gain map is kept where it is asked for; else it is told of. Both are verified, from the outputs alone and with the source.
#[test]
fn a_gain_map_is_kept_or_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let source = fixture_path("hdr/both.jpg");
    let source = source.to_str().unwrap();
    let asked: [&[&str]; 2] = [&["--hdr", "keep"], &[]];
    for hdr in asked {
        let crop = ["crop", source, "--size", "64x48", "-o", "out.jpg", "--receipt", "r.json"];
        let made = truecrop(folder.path(), &[&crop[..], hdr].concat());
        let told = String::from_utf8_lossy(&made.stderr);
        assert_eq!(made.status.code(), Some(0), "{told}");
        assert_eq!(told.contains("gain map (HDR) was left aside"), hdr.is_empty(), "{told}");
        let receipt: Value =
            serde_json::from_slice(&std::fs::read(folder.path().join("r.json")).unwrap()).unwrap();
        assert_eq!(receipt["outputs"][0]["map"].is_object(), !hdr.is_empty());
        let verify = ["verify", "--receipt", "r.json", "--output", "main=out.jpg"];
        assert!(truecrop(folder.path(), &verify).status.success(), "{hdr:?}");
        assert!(truecrop(folder.path(), &[&verify[..], &["--source", source]].concat()).status.success());
    }
    let refused =
        truecrop(folder.path(), &["crop", source, "--size", "8x8", "--hdr", "keep", "-o", "out.png"]);
    assert_eq!(problem(&refused)["field"].as_str(), Some("outputs[0].hdr"));
}

#[test]
fn a_mask_is_made_and_proved_and_refused_where_it_cannot_be() {
    let folder = tempfile::tempdir().unwrap();
    let source = fixture_path("coffee.jpg");
    let source = source.to_str().unwrap();
    for out in ["out.png", "out.webp"] {
        let crop = ["crop", source, "--size", "64x48", "--mask", "ellipse", "-o", out, "--receipt", "r.json"];
        let made = truecrop(folder.path(), &crop);
        assert_eq!(made.status.code(), Some(0), "{}", String::from_utf8_lossy(&made.stderr));
        let receipt: Value =
            serde_json::from_slice(&std::fs::read(folder.path().join("r.json")).unwrap()).unwrap();
        assert_eq!(receipt["outputs"][0]["mask"], "ellipse");
        let output = format!("main={out}");
        let verify = ["verify", "--receipt", "r.json", "--output", &output];
        assert!(truecrop(folder.path(), &verify).status.success(), "{out}");
        assert!(truecrop(folder.path(), &[&verify[..], &["--source", source]].concat()).status.success());
    }
    let refused =
        truecrop(folder.path(), &["crop", source, "--size", "8x8", "--mask", "ellipse", "-o", "out.jpg"]);
    assert_eq!(problem(&refused)["field"].as_str(), Some("outputs[0].mask"));
}
