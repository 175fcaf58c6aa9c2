//! The rim in Node: sessions over bytes, typed errors. Run by `wasm-pack test --node`.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used)]

mod rim;

use truecrop::{Session, convert_from, engine_version, solve_view};
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
fn a_session_over_bytes_makes_proxy_outputs_and_receipt() {
    rim::check_session(Session::from_bytes(rim::PHOTO.into(), None).unwrap());
}

#[wasm_bindgen_test]
fn refusals_are_errors_with_code_fault_and_figures() {
    for (name, bytes, code) in rim::refused() {
        let error = Session::from_bytes(bytes[..].into(), None).err().unwrap();
        assert_eq!(rim::member(&error, "code"), code, "{name}");
        assert_eq!(rim::member(&error, "name"), "TruecropError", "{name}");
        assert!(!rim::member(&error, "message").is_empty(), "{name}");
    }
}

#[wasm_bindgen_test]
fn a_limit_is_kept() {
    let limits = Some(r#"{"source_pixels":100}"#.to_owned());
    let error = Session::from_bytes(rim::PHOTO.into(), limits).err().unwrap();
    assert_eq!(rim::member(&error, "code"), "too-many-pixels");
    assert_eq!(rim::member(&error, "fault"), "limit");
}

#[wasm_bindgen_test]
fn geometry_needs_no_session() {
    let view = r#"{"zoom":2,"center":{"x":0,"y":0},"rotate":0,"flip":"none"}"#;
    let solved = solve_view(200, 100, view, 1, 1, false).unwrap();
    assert!(solved.contains(r#""crop":{"x":0,"y":0,"width":50,"height":50}"#), "{solved}");
    let data = r#"{"x":1,"y":2,"width":30,"height":40}"#;
    assert!(convert_from("cropperjs", data, 200, 100).unwrap().contains(r#""x":1,"#));
    assert_eq!(rim::member(&convert_from("other", data, 200, 100).unwrap_err(), "code"), "invalid-option");
    assert!(!engine_version().is_empty());
}
