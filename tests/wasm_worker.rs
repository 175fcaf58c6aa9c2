//! The rim in a browser's dedicated worker, where files are read lazily. Run by `wasm-pack test --headless --chrome`.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used)]

mod rim;

use truecrop::Session;
use truecrop_core::receipt::Digest;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

fn blob(bytes: &[u8]) -> web_sys::Blob {
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes));
    web_sys::Blob::new_with_u8_array_sequence(&parts).unwrap()
}

#[wasm_bindgen_test]
fn a_session_over_a_blob_makes_proxy_outputs_and_receipt() {
    rim::check_session(Session::from_blob(blob(rim::PHOTO), None).unwrap());
}

#[wasm_bindgen_test]
fn a_blob_and_its_bytes_give_the_same_outputs() {
    let from_blob = rim::render(&Session::from_blob(blob(rim::PHOTO), None).unwrap());
    let from_bytes = rim::render(&Session::from_bytes(rim::PHOTO.into(), None).unwrap());
    assert_eq!(from_blob, from_bytes);
    let preloaded = Session::from_blob(blob(rim::PHOTO), None).unwrap();
    preloaded.preload(rim::PHOTO.into()).unwrap();
    assert_eq!(from_blob, rim::render(&preloaded));
    let error = preloaded.preload(rim::PHOTO[1..].into()).err().unwrap();
    assert_eq!(rim::member(&error, "code"), "invalid-option");
}

#[wasm_bindgen_test]
fn a_digest_may_come_while_the_picture_is_made() {
    let session = Session::from_blob(blob(rim::PHOTO), None).unwrap();
    let given = || session.set_digest(Digest::of(rim::PHOTO).bytes()).unwrap();
    let later = rim::render_when(&session, Some(true), given);
    assert_eq!(later, rim::render(&Session::from_blob(blob(rim::PHOTO), None).unwrap()));
}

#[wasm_bindgen_test]
fn refusals_are_errors_with_code_fault_and_figures() {
    for (name, bytes, code) in rim::refused() {
        let error = Session::from_blob(blob(&bytes), None).err().unwrap();
        assert_eq!(rim::member(&error, "code"), code, "{name}");
    }
}
