//! Uploads that are refused, each with its code and field; and that nothing of them is stored.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use common::{FORM, TestServer, Upload, fixture, form, upload};
use serde_json::json;
use truecrop_core::policy::Policy;
use truecrop_core::recipe::Format;
use truecrop_core::verify::Level;
use truecrop_server::config::Config;

type Parts = Vec<(String, Vec<u8>)>;

fn named(name: &str, bytes: &[u8]) -> (String, Vec<u8>) {
    (name.to_owned(), bytes.to_vec())
}

/// The parts with one bit of one of them flipped.
fn flipped(upload: &Upload, part: usize, at: impl Fn(usize) -> usize) -> Parts {
    let mut parts = upload.parts(true);
    let bytes = &mut parts[part].1;
    let at = at(bytes.len());
    bytes[at] ^= 1;
    parts
}

/// A forged receipt whose only output is these bytes.
fn with_output(upload: &Upload, bytes: Vec<u8>) -> Parts {
    let digest = truecrop_core::receipt::Digest::of(&bytes).to_string();
    let length = bytes.len();
    let mut forged = upload.clone().forge(|receipt| {
        receipt["outputs"][0]["bytes"] = json!(length);
        receipt["outputs"][0]["digest"] = json!(digest);
    });
    forged.outputs = vec![("main".to_owned(), bytes)];
    forged.parts(false)
}

fn changed(upload: &Upload, change: impl FnOnce(&mut serde_json::Value)) -> Parts {
    upload.clone().forge(change).parts(false)
}

/// The JPEG with a segment after its first two bytes, as cameras write it.
fn with_segment(jpeg: &[u8], marker: u8) -> Vec<u8> {
    [&jpeg[..2], &[0xFF, marker, 0, 6, b'E', b'x', b'i', b'f'], &jpeg[2..]].concat()
}

fn receipt_text(upload: &Upload, from: &str, to: &str) -> Parts {
    assert!(upload.receipt.contains(from), "{from}");
    let changed = Upload { receipt: upload.receipt.replacen(from, to, 1), ..upload.clone() };
    changed.parts(false)
}

/// The only output under another name.
fn renamed(upload: &Upload, name: &str) -> Parts {
    let mut parts = receipt_text(upload, "\"name\":\"main\"", &format!("\"name\":{}", json!(name)));
    parts[1].0 = name.to_owned();
    parts
}

#[tokio::test]
async fn forgeries_are_refused_each_with_its_code_and_leave_nothing() {
    let jpeg = upload("phone-orientation-6.jpg", &[Format::Jpeg]);
    let png = upload("coffee.jpg", &[Format::Png]);
    let webp = upload("coffee.jpg", &[Format::Webp]);
    let both = upload("coffee.jpg", &[Format::Jpeg, Format::Png]);
    let picture = &jpeg.outputs[0].1;
    let main = |parts: &Parts| parts[1].clone();
    let behind = |bytes: &[u8]| [bytes, b"<script>"].concat();
    let pixels = format!("\"pixels\":{}", truecrop_core::PIXELS);
    // Name of the case, parts; expected status, code and field.
    let cases: Vec<(&str, Parts, u16, &str, &str)> = vec![
        ("a byte of the picture", flipped(&jpeg, 1, |n| n / 2), 422, "digest-mismatch", "outputs[0].digest"),
        ("a byte of the source", flipped(&jpeg, 2, |n| n / 2), 422, "source-mismatch", "source.digest"),
        (
            "another source",
            [jpeg.parts(false), vec![named("source", &fixture("coffee.jpg"))]].concat(),
            422,
            "source-mismatch",
            "source.bytes",
        ),
        (
            "a byte of the receipt",
            receipt_text(&jpeg, "\"source\":{\"bytes\":3", "\"source\":{\"bytes\":2"),
            422,
            "receipt-digest-mismatch",
            "digest",
        ),
        ("a moved crop", changed(&jpeg, |r| r["crop"]["x"] = json!(14.5)), 422, "geometry-mismatch", "crop"),
        (
            "another zoom",
            changed(&jpeg, |r| r["view"]["zoom"] = json!(1.25)),
            422,
            "geometry-mismatch",
            "crop",
        ),
        (
            "another size",
            changed(&jpeg, |r| r["outputs"][0]["width"] = json!(240)),
            422,
            "not-canonical",
            "outputs[0]",
        ),
        (
            "both sides twice as long",
            changed(&jpeg, |r| {
                r["outputs"][0]["width"] = json!(240);
                r["outputs"][0]["height"] = json!(180);
            }),
            422,
            "not-canonical",
            "outputs[0]",
        ),
        (
            "another quality",
            changed(&jpeg, |r| r["outputs"][0]["quality"] = json!(50)),
            422,
            "not-canonical",
            "outputs[0]",
        ),
        (
            "a quality that was not used",
            changed(&jpeg, |r| r["outputs"][0]["usedQuality"] = json!(50)),
            400,
            "invalid-receipt",
            "outputs[0].usedQuality",
        ),
        (
            "a lower quality than was used",
            changed(&jpeg, |r| {
                r["outputs"][0]["maxBytes"] = json!(1_000_000);
                r["outputs"][0]["usedQuality"] = json!(50);
            }),
            422,
            "not-canonical",
            "outputs[0]",
        ),
        (
            "more bytes than asked for",
            changed(&jpeg, |r| r["outputs"][0]["maxBytes"] = json!(100)),
            400,
            "invalid-receipt",
            "outputs[0].bytes",
        ),
        (
            "an impossible orientation",
            changed(&jpeg, |r| r["source"]["orientation"] = json!(9)),
            400,
            "invalid-receipt",
            "source.orientation",
        ),
        (
            "a source without pixels",
            changed(&jpeg, |r| r["source"]["width"] = json!(0)),
            400,
            "invalid-receipt",
            "source.width",
        ),
        (
            "a source beyond the limits",
            changed(&jpeg, |r| r["source"]["width"] = json!(4_000_000_000u32)),
            413,
            "too-many-pixels",
            "source.width",
        ),
        (
            "another pixel contract",
            changed(&jpeg, |r| r["pixels"] = json!(77)),
            422,
            "pixels-mismatch",
            "pixels",
        ),
        (
            "a crop outside",
            changed(&jpeg, |r| r["crop"]["x"] = json!(100_000)),
            422,
            "geometry-mismatch",
            "crop",
        ),
        ("a script behind a JPEG", with_output(&jpeg, behind(picture)), 422, "not-canonical", "outputs[0]"),
        (
            "a script behind a PNG",
            with_output(&png, behind(&png.outputs[0].1)),
            422,
            "not-canonical",
            "outputs[0]",
        ),
        (
            "a script behind a WebP",
            with_output(&webp, behind(&webp.outputs[0].1)),
            422,
            "not-canonical",
            "outputs[0]",
        ),
        (
            "EXIF in a JPEG",
            with_output(&jpeg, with_segment(picture, 0xE1)),
            422,
            "not-canonical",
            "outputs[0]",
        ),
        (
            "a comment in a JPEG",
            with_output(&jpeg, with_segment(picture, 0xFE)),
            422,
            "not-canonical",
            "outputs[0]",
        ),
        (
            "a JPEG of another encoder",
            with_output(&jpeg, fixture("coffee.jpg")),
            422,
            "not-canonical",
            "outputs[0]",
        ),
        (
            "a cut JPEG",
            with_output(&jpeg, picture[..picture.len() / 2].to_vec()),
            422,
            "not-canonical",
            "outputs[0]",
        ),
        (
            "a PNG called JPEG",
            with_output(&jpeg, png.outputs[0].1.clone()),
            422,
            "not-canonical",
            "outputs[0]",
        ),
        ("no bytes at all", with_output(&jpeg, Vec::new()), 422, "not-canonical", "outputs[0]"),
        ("no picture", vec![jpeg.parts(false)[0].clone()], 422, "outputs-mismatch", "main"),
        ("one of two missing", both.parts(false)[..2].to_vec(), 422, "outputs-mismatch", "extra1"),
        (
            "two that changed places",
            vec![
                both.parts(false)[0].clone(),
                named("main", &both.outputs[1].1),
                named("extra1", &both.outputs[0].1),
            ],
            422,
            "digest-mismatch",
            "outputs[0].bytes",
        ),
        (
            "a picture twice",
            [jpeg.parts(false), vec![main(&jpeg.parts(false))]].concat(),
            422,
            "outputs-mismatch",
            "main",
        ),
        (
            "a part that nobody named",
            [jpeg.parts(false), vec![named("more", b"x")]].concat(),
            422,
            "outputs-mismatch",
            "more",
        ),
        (
            "a part behind the source",
            [jpeg.parts(true), vec![named("main2", b"x")]].concat(),
            422,
            "outputs-mismatch",
            "main2",
        ),
        (
            "the picture first",
            vec![main(&jpeg.parts(false)), jpeg.parts(false)[0].clone()],
            400,
            "invalid-receipt",
            "receipt",
        ),
        ("a receipt that is no JSON", vec![named("receipt", b"{nonsense")], 400, "invalid-receipt", ""),
        ("an empty receipt", vec![named("receipt", b"")], 400, "invalid-receipt", ""),
        (
            "a member that nobody knows",
            receipt_text(&jpeg, "{\"crop\"", "{\"admin\":true,\"crop\""),
            400,
            "invalid-receipt",
            "",
        ),
        (
            "a member twice",
            receipt_text(&jpeg, &pixels, &format!("{pixels},{pixels}")),
            400,
            "invalid-receipt",
            "",
        ),
        ("a number that is none", receipt_text(&jpeg, &pixels, "\"pixels\":NaN"), 400, "invalid-receipt", ""),
        ("a number beyond all", receipt_text(&jpeg, "\"x\":12.5", "\"x\":1e999"), 400, "invalid-receipt", ""),
        ("a name that is a path", renamed(&jpeg, "../main"), 400, "invalid-receipt", ""),
        ("a long receipt", vec![named("receipt", &[b' '; 70_000])], 413, "too-many-bytes", "receipt"),
        ("no parts", Vec::new(), 400, "invalid-receipt", "receipt"),
    ];
    let server = TestServer::new(|_| ()).await;
    let mut wrong = Vec::new();
    for (what, parts, status, code, field) in cases {
        let answer = server.post(&parts).await;
        let json = answer.json();
        let told = json["detail"].as_str().is_some_and(|detail| detail.len() > 20);
        let right = (answer.status.as_u16(), &json["code"], told) == (status, &json!(code), true)
            && (field.is_empty() || json["field"] == field)
            && answer.header("content-type") == "application/problem+json"
            && server.files().is_empty();
        if !right {
            wrong.push(format!(
                "{what}: wanted {status} {code} {field}, got {json}, files {:?}",
                server.files()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn bodies_that_are_not_a_valid_form_are_refused() {
    let server = TestServer::new(|c| c.upload_bytes = 1000).await;
    let good = form(&upload("coffee.jpg", &[Format::Jpeg]).parts(false));
    let cases: [(&str, &str, Body, u16, &str); 5] = [
        ("no form", "application/json", Body::from("{}"), 400, "invalid-multipart"),
        ("no boundary", "multipart/form-data", Body::from(good.clone()), 400, "invalid-multipart"),
        ("cut short", FORM, Body::from(good[..good.len() - 40].to_vec()), 400, "invalid-multipart"),
        ("more than a picture may have", FORM, Body::from(good.clone()), 413, "too-many-bytes"),
        (
            "no length, and more than a picture may have",
            FORM,
            Body::from_stream(futures::stream::iter([Ok::<_, std::io::Error>(good)])),
            413,
            "too-many-bytes",
        ),
    ];
    for (what, kind, body, status, code) in cases {
        let answer = server.send(Method::POST, "/v1/images", &[("content-type", kind)], body).await;
        assert_eq!((answer.status.as_u16(), answer.json()["code"].as_str()), (status, Some(code)), "{what}");
        assert!(server.files().is_empty(), "{what}");
    }
}

#[tokio::test]
async fn the_configuration_decides_what_is_allowed() {
    let policy = |json: &str| Policy::from_json(json.as_bytes()).unwrap();
    type Change = Box<dyn FnOnce(&mut Config)>;
    let cases: Vec<(&str, Change, bool, u16, &str)> = vec![
        ("level source without it", Box::new(|c| c.level = Level::Source), false, 422, "source-required"),
        ("level source with it", Box::new(|c| c.level = Level::Source), true, 201, ""),
        (
            "another aspect",
            Box::new(move |c| c.policy = policy(r#"{"aspects":["1:1"]}"#)),
            false,
            422,
            "policy-violation",
        ),
        ("the right aspect", Box::new(move |c| c.policy = policy(r#"{"aspects":["4:3"]}"#)), false, 201, ""),
        (
            "another format",
            Box::new(move |c| c.policy = policy(r#"{"formats":["png"]}"#)),
            false,
            422,
            "policy-violation",
        ),
        (
            "too little memory for all",
            Box::new(|c| c.memory_budget = 100_000),
            false,
            413,
            "memory-over-budget",
        ),
        ("a smaller source", Box::new(|c| c.limits.source_bytes = 10_000), true, 413, "source-too-large"),
        ("a smaller output", Box::new(|c| c.limits.output_side = 100), false, 413, "output-too-large"),
    ];
    let sent = upload("coffee.jpg", &[Format::Jpeg]);
    for (what, change, source, status, code) in cases {
        let server = TestServer::new(change).await;
        let answer = server.post(&sent.parts(source)).await;
        let text = String::from_utf8_lossy(&answer.body);
        assert_eq!(answer.status.as_u16(), status, "{what}: {text}");
        assert_eq!(answer.json()["code"].as_str().unwrap_or_default(), code, "{what}");
        assert_eq!(server.files().is_empty(), answer.status != StatusCode::CREATED, "{what}");
    }
}

#[tokio::test]
async fn unknown_addresses_are_not_found() {
    let server = TestServer::new(|_| ()).await;
    let id = "aaaaaaaaaaaaaaaaaaaaaaaaaa";
    for path in [
        "/v1/images/..%2f..%2fetc%2fpasswd".to_owned(),
        format!("/v1/images/{id}"),
        format!("/v1/images/{id}/main"),
        format!("/v1/images/{id}/..%2f..%2fmanifest.json"),
        "/nowhere".to_owned(),
    ] {
        let answer = server.get(&path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()["code"].as_str()),
            (404, Some("not-found")),
            "{path}"
        );
    }
    let confirm = server.send(Method::POST, &format!("/v1/images/{id}/confirm"), &[], Body::empty()).await;
    assert_eq!(confirm.status, StatusCode::NOT_FOUND);
}
