//! Tests of the wasm rim (`src/`) that run in Node and in a browser's worker.

use truecrop::Session;
use wasm_bindgen::{JsCast, JsValue};

/// A real photograph, small.
pub const PHOTO: &[u8] = include_bytes!("../fixtures/phone-orientation-6.jpg");

/// A member of a thrown error, as text.
pub fn member(error: &JsValue, name: &str) -> String {
    js_sys::Reflect::get(error, &name.into()).unwrap().as_string().unwrap_or_default()
}

/// Files that are refused, with the code.
pub fn refused() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    vec![
        ("no bytes", Vec::new(), "empty-source"),
        ("text", b"hello, this is not a picture".to_vec(), "unsupported-format"),
        ("HEIC", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec(), "unsupported-format"),
        ("a JPEG's first bytes", PHOTO[..40].to_vec(), "damaged-source"),
    ]
}

/// One output: its receipt and its bytes.
pub fn render(session: &Session) -> (String, Vec<u8>) {
    render_when(session, None, || ())
}

/// The same; with `digest_later`, and what happens between the last step and the end.
pub fn render_when(
    session: &Session,
    digest_later: Option<bool>,
    before_end: impl FnOnce(),
) -> (String, Vec<u8>) {
    let view = r#"{"zoom":1.5,"center":{"x":0.4,"y":0.6},"rotate":0,"flip":"none"}"#;
    let solved = session.solve(view, 64, 48, false).unwrap();
    let crop = js_sys::Reflect::get(&js_sys::JSON::parse(&solved).unwrap(), &"crop".into()).unwrap();
    let crop = String::from(js_sys::JSON::stringify(&crop).unwrap());
    let outputs = r#"[{"name":"main","width":64,"height":48,"format":"jpeg","quality":80}]"#;
    let recipe = format!(r#"{{"truecrop":1,"crop":{crop},"outputs":{outputs}}}"#);
    let mut job = session.render(&recipe, digest_later).unwrap();
    let mut steps = 0;
    while !job.advance(32).unwrap() {
        steps += 1;
        assert!((0.0..=1.0).contains(&job.progress()) && steps < 100_000);
    }
    before_end();
    let rendered = job.finish().unwrap();
    assert_eq!(
        (rendered.count(), rendered.name(0), rendered.media_type(0)),
        (1, "main".into(), "image/jpeg".into())
    );
    assert!(job.finish().is_err(), "a result is taken once");
    (rendered.receipt(), rendered.bytes(0).to_vec())
}

/// A session's whole life.
pub fn check_session(session: Session) {
    let facts = js_sys::JSON::parse(&session.facts().unwrap()).unwrap();
    let side = |name: &str| js_sys::Reflect::get(&facts, &name.into()).unwrap().as_f64().unwrap();
    let mut proxy = session.proxy(100).unwrap();
    while !proxy.advance(16).unwrap() {}
    let raster = proxy.take_raster().unwrap();
    assert_eq!(raster.width.max(raster.height), 100);
    assert_eq!(raster.width > raster.height, side("width") > side("height"));
    assert_eq!(raster.take().length(), raster.width * raster.height * 4);
    let (receipt, bytes) = render(&session);
    assert!(receipt.contains(r#""truecrop":1"#) && bytes.starts_with(&[0xff, 0xd8]));
    assert_eq!(render(&session), (receipt, bytes), "the same again, byte for byte");
    let error = session.render("{}", None).err().unwrap();
    assert_eq!(member(&error, "code"), "invalid-recipe");
    assert!(error.dyn_ref::<js_sys::Error>().is_some());
}
