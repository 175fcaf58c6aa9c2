//! Uploads that were tampered with: each is refused with its code and field, and nothing of it is stored.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use common::{TestServer, Upload, fixture, upload};
use serde_json::json;
use truecrop_core::recipe::Format;

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

/// The receipt with this list of what was ignored of the source.
fn ignoring(upload: &Upload, list: &str) -> Parts {
    receipt_text(upload, "\"source\":{", &format!("\"source\":{{\"ignored\":{list},"))
}

/// The only output under another name.
fn renamed(upload: &Upload, name: &str) -> Parts {
    receipt_text(upload, "\"name\":\"main\"", &format!("\"name\":{}", json!(name)))
}

/// Name of the case, parts; expected status, code and field.
type Case = (&'static str, Parts, u16, &'static str, &'static str);

/// Uploads as the engine makes them, to be tampered with.
struct Honest {
    jpeg: Upload,
    png: Upload,
    webp: Upload,
    both: Upload,
}

impl Honest {
    fn new() -> Self {
        Self {
            jpeg: upload("phone-orientation-6.jpg", &[Format::Jpeg]),
            png: upload("coffee.jpg", &[Format::Png]),
            webp: upload("coffee.jpg", &[Format::Webp]),
            both: upload("coffee.jpg", &[Format::Jpeg, Format::Png]),
        }
    }
}

fn main_part(parts: &Parts) -> (String, Vec<u8>) {
    parts[1].clone()
}

fn with_script(bytes: &[u8]) -> Vec<u8> {
    [bytes, b"<script>"].concat()
}

/// Changed bytes, and receipts that state something else about the outputs.
fn changed_bytes_and_outputs(Honest { jpeg, .. }: &Honest) -> Vec<Case> {
    vec![
        ("a byte of the picture", flipped(jpeg, 1, |n| n / 2), 422, "digest-mismatch", "outputs[0].digest"),
        ("a byte of the source", flipped(jpeg, 2, |n| n / 2), 422, "source-mismatch", "source.digest"),
        (
            "another source",
            [jpeg.parts(false), vec![named("main.source", &fixture("coffee.jpg"))]].concat(),
            422,
            "source-mismatch",
            "source.bytes",
        ),
        (
            "something said to be ignored, which was not",
            jpeg.clone().forge(|r| r["source"]["ignored"] = json!(["profile"])).parts(true),
            422,
            "source-mismatch",
            "source.ignored",
        ),
        (
            "a byte of the receipt",
            receipt_text(jpeg, "\"source\":{\"bytes\":3", "\"source\":{\"bytes\":2"),
            422,
            "receipt-digest-mismatch",
            "digest",
        ),
        ("a moved crop", changed(jpeg, |r| r["crop"]["x"] = json!(14.5)), 422, "geometry-mismatch", "crop"),
        (
            "another zoom",
            changed(jpeg, |r| r["view"]["zoom"] = json!(1.25)),
            422,
            "geometry-mismatch",
            "crop",
        ),
        (
            "another size",
            changed(jpeg, |r| r["outputs"][0]["width"] = json!(240)),
            422,
            "not-canonical",
            "outputs[0]",
        ),
        (
            "both sides twice as long",
            changed(jpeg, |r| {
                r["outputs"][0]["width"] = json!(240);
                r["outputs"][0]["height"] = json!(180);
            }),
            422,
            "not-canonical",
            "outputs[0]",
        ),
        (
            "another quality",
            changed(jpeg, |r| r["outputs"][0]["quality"] = json!(50)),
            422,
            "not-canonical",
            "outputs[0]",
        ),
        (
            "a lower quality than was used",
            changed(jpeg, |r| {
                r["outputs"][0]["maxBytes"] = json!(1_000_000);
                r["outputs"][0]["usedQuality"] = json!(50);
            }),
            422,
            "not-canonical",
            "outputs[0]",
        ),
    ]
}

/// Receipts that state what is impossible or not allowed.
fn impossible_receipts(Honest { jpeg, .. }: &Honest) -> Vec<Case> {
    vec![
        (
            "a quality that was not used",
            changed(jpeg, |r| r["outputs"][0]["usedQuality"] = json!(50)),
            400,
            "invalid-receipt",
            "outputs[0].usedQuality",
        ),
        (
            "more bytes than asked for",
            changed(jpeg, |r| r["outputs"][0]["maxBytes"] = json!(100)),
            400,
            "invalid-receipt",
            "outputs[0].bytes",
        ),
        (
            "an impossible orientation",
            changed(jpeg, |r| r["source"]["orientation"] = json!(9)),
            400,
            "invalid-receipt",
            "source.orientation",
        ),
        (
            "a source without pixels",
            changed(jpeg, |r| r["source"]["width"] = json!(0)),
            400,
            "invalid-receipt",
            "source.width",
        ),
        (
            "a source beyond the limits",
            changed(jpeg, |r| r["source"]["width"] = json!(4_000_000_000u32)),
            413,
            "too-many-pixels",
            "source.width",
        ),
        (
            "another pixel contract",
            changed(jpeg, |r| r["pixels"] = json!(77)),
            422,
            "pixels-mismatch",
            "pixels",
        ),
        (
            "a crop outside",
            changed(jpeg, |r| r["crop"]["x"] = json!(100_000)),
            422,
            "geometry-mismatch",
            "crop",
        ),
    ]
}

/// Pictures that the engine does not write.
fn foreign_pictures(Honest { jpeg, png, webp, .. }: &Honest) -> Vec<Case> {
    let picture = &jpeg.outputs[0].1;
    vec![
        (
            "a script behind a JPEG",
            with_output(jpeg, with_script(picture)),
            422,
            "not-canonical",
            "outputs[0]",
        ),
        (
            "a script behind a PNG",
            with_output(png, with_script(&png.outputs[0].1)),
            422,
            "not-canonical",
            "outputs[0]",
        ),
        (
            "a script behind a WebP",
            with_output(webp, with_script(&webp.outputs[0].1)),
            422,
            "not-canonical",
            "outputs[0]",
        ),
        (
            "EXIF in a JPEG",
            with_output(jpeg, with_segment(picture, 0xE1)),
            422,
            "not-canonical",
            "outputs[0]",
        ),
        (
            "a comment in a JPEG",
            with_output(jpeg, with_segment(picture, 0xFE)),
            422,
            "not-canonical",
            "outputs[0]",
        ),
        (
            "a JPEG of another encoder",
            with_output(jpeg, fixture("coffee.jpg")),
            422,
            "not-canonical",
            "outputs[0]",
        ),
        (
            "a cut JPEG",
            with_output(jpeg, picture[..picture.len() / 2].to_vec()),
            422,
            "not-canonical",
            "outputs[0]",
        ),
        (
            "a PNG called JPEG",
            with_output(jpeg, png.outputs[0].1.clone()),
            422,
            "not-canonical",
            "outputs[0]",
        ),
        ("no bytes at all", with_output(jpeg, Vec::new()), 422, "not-canonical", "outputs[0]"),
    ]
}

/// Parts that are missing, unexpected or in the wrong order.
fn misplaced_parts(Honest { jpeg, both, .. }: &Honest) -> Vec<Case> {
    vec![
        ("no picture", vec![jpeg.parts(false)[0].clone()], 422, "outputs-mismatch", "main"),
        ("one of two missing", both.parts(false)[..2].to_vec(), 422, "outputs-mismatch", "extra1"),
        (
            "two that changed places",
            vec![
                both.parts(false)[0].clone(),
                named("main.main", &both.outputs[1].1),
                named("main.extra1", &both.outputs[0].1),
            ],
            422,
            "digest-mismatch",
            "outputs[0].bytes",
        ),
        (
            "a picture twice",
            [jpeg.parts(false), vec![main_part(&jpeg.parts(false))]].concat(),
            422,
            "outputs-mismatch",
            "main",
        ),
        (
            "a part that nobody named",
            [jpeg.parts(false), vec![named("main.more", b"x")]].concat(),
            422,
            "outputs-mismatch",
            "main.more",
        ),
        (
            "a part behind the source",
            {
                let [receipt, main, extra, source] = <[_; 4]>::try_from(both.parts(true)).unwrap();
                vec![receipt, main, source, extra]
            },
            422,
            "outputs-mismatch",
            "main.extra1",
        ),
        (
            "the picture first",
            vec![main_part(&jpeg.parts(false)), jpeg.parts(false)[0].clone()],
            400,
            "invalid-receipt",
            "main.receipt",
        ),
    ]
}

/// Receipts that cannot be read.
fn unreadable_receipts(Honest { jpeg, .. }: &Honest) -> Vec<Case> {
    let pixels = format!("\"pixels\":{}", truecrop_core::PIXELS);
    vec![
        ("a receipt that is no JSON", vec![named("main.receipt", b"{nonsense")], 400, "invalid-receipt", ""),
        ("an empty receipt", vec![named("main.receipt", b"")], 400, "invalid-receipt", ""),
        (
            "something ignored twice",
            ignoring(jpeg, r#"["profile","profile"]"#),
            422,
            "not-canonical",
            "source.ignored",
        ),
        (
            "ignored out of order",
            ignoring(jpeg, r#"["profile","checksum"]"#),
            422,
            "not-canonical",
            "source.ignored",
        ),
        ("a word that nobody knows", ignoring(jpeg, r#"["sound"]"#), 400, "invalid-receipt", ""),
        (
            "a member that nobody knows",
            receipt_text(jpeg, "{\"crop\"", "{\"admin\":true,\"crop\""),
            400,
            "invalid-receipt",
            "",
        ),
        (
            "a member twice",
            receipt_text(jpeg, &pixels, &format!("{pixels},{pixels}")),
            400,
            "invalid-receipt",
            "",
        ),
        ("a number that is none", receipt_text(jpeg, &pixels, "\"pixels\":NaN"), 400, "invalid-receipt", ""),
        ("a number beyond all", receipt_text(jpeg, "\"x\":12.5", "\"x\":1e999"), 400, "invalid-receipt", ""),
        ("a name that is a path", renamed(jpeg, "../main"), 400, "invalid-receipt", ""),
        (
            "a long receipt",
            vec![named("main.receipt", &[b' '; 70_000])],
            413,
            "too-many-bytes",
            "main.receipt",
        ),
        ("no parts", Vec::new(), 400, "invalid-receipt", "main.receipt"),
    ]
}

#[tokio::test]
async fn forgeries_are_refused_each_with_its_code_and_leave_nothing() {
    let honest = Honest::new();
    let tables = [
        changed_bytes_and_outputs,
        impossible_receipts,
        foreign_pictures,
        misplaced_parts,
        unreadable_receipts,
    ];
    let cases = tables.into_iter().flat_map(|table| table(&honest));
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
