//! Outputs that are cut to an ellipse: what is seen, what is not, and that a server can tell from the file alone.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use common::{forge, read};
use std::io::Cursor;
use std::ops::ControlFlow;
use truecrop_core::geometry::{Crop, Size, Turn};
use truecrop_core::pipeline::{Cropped, crop};
use truecrop_core::policy::Policy;
use truecrop_core::receipt::{Digest, Receipt};
use truecrop_core::recipe::{Format, Mask, OutputSpec, Recipe};
use truecrop_core::verify::{Level, Submission, SubmittedSource, verify};
use truecrop_core::{Code, Limits, Result};

const SIZE: Size = Size { width: 61, height: 44 };

/// Name, format and quality.
const KINDS: [(&str, Format, Option<u8>); 3] =
    [("PNG", Format::Png, None), ("WebP", Format::Webp, None), ("lossy WebP", Format::Webp, Some(80))];

fn output(format: Format, quality: Option<u8>, mask: Option<Mask>) -> OutputSpec {
    let spec = OutputSpec::new("main", SIZE, format).unwrap().with_mask(mask).unwrap();
    quality.map_or(Ok(spec.clone()), |quality| spec.with_quality(quality)).unwrap()
}

fn make(file: &[u8], output: OutputSpec, turn: f64, background: Option<&str>) -> Cropped {
    let recipe = Recipe::new(Crop::from_pixels(120.0, 90.0, 183.0, 132.0).unwrap(), vec![output]).unwrap();
    let recipe = recipe.with_turn(Turn::from_degrees(turn).unwrap());
    let recipe = recipe.with_background(background.map(|text| text.parse().unwrap())).unwrap();
    let reader = Box::new(Cursor::new(file.to_vec()));
    crop(reader, &recipe, &Limits::default(), &mut |_| ControlFlow::Continue(())).unwrap()
}

/// Pixels by decoders that are not this engine's, opaque where the file has no opacity.
fn decoded(file: &[u8]) -> Vec<[u8; 4]> {
    let (alpha, data) = if file.starts_with(b"RIFF") {
        let mut decoder = image_webp::WebPDecoder::new(Cursor::new(file)).unwrap();
        let mut data = vec![0; decoder.output_buffer_size().unwrap()];
        decoder.read_image(&mut data).unwrap();
        (decoder.has_alpha(), data)
    } else {
        let mut reader = png::Decoder::new(Cursor::new(file)).read_info().unwrap();
        let mut data = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut data).unwrap();
        (info.color_type == png::ColorType::Rgba, data)
    };
    if alpha {
        return data.as_chunks::<4>().0.to_vec();
    }
    data.as_chunks::<3>().0.iter().map(|[r, g, b]| [*r, *g, *b, 255]).collect()
}

/// The share of a pixel that lies in the ellipse, by 64 x 64 points in floating point.
fn share(i: usize) -> f64 {
    let (x, y) = ((i % SIZE.width as usize) as f64, (i / SIZE.width as usize) as f64);
    let (a, b) = (f64::from(SIZE.width) / 2.0, f64::from(SIZE.height) / 2.0);
    let point = |k: usize| (k as f64 + 0.5) / 64.0;
    let inside = (0..64 * 64).filter(|k| {
        let (u, v) = ((x + point(k % 64) - a) / a, (y + point(k / 64) - b) / b);
        u * u + v * v <= 1.0
    });
    inside.count() as f64 / 4096.0
}

/// A PNG of 400 x 300 pixels.
fn png_of(pixel: impl Fn(u32, u32) -> [u8; 4]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 400, 300);
    encoder.set_color(png::ColorType::Rgba);
    let data: Vec<u8> =
        (0..300).flat_map(|y| (0..400).map(move |x| (x, y))).flat_map(|(x, y)| pixel(x, y)).collect();
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&data).unwrap();
    writer.finish().unwrap();
    file
}

/// A photo, and a picture with soft edges that is transparent in places.
fn sources() -> [(&'static str, Vec<u8>); 2] {
    let soft = png_of(|x, y| [(x / 2) as u8, (y / 2) as u8, 90, ((x + 2 * y) % 256) as u8]);
    [("coffee.jpg", read("fixtures/coffee.jpg")), ("soft PNG", soft)]
}

#[test]
fn what_is_seen_is_the_picture_by_its_share_of_the_ellipse() {
    let shares: Vec<f64> = (0..SIZE.pixels() as usize).map(share).collect();
    for (source, file) in sources() {
        for (turn, background) in
            [(0.0, None), (90.0, None), (12.5, None), (0.0, Some("#20c040")), (30.0, Some("transparent"))]
        {
            for (kind, format, quality) in KINDS {
                let case = format!("{source}, {kind}, turned {turn}, over {background:?}");
                let masked = make(&file, output(format, quality, Some(Mask::Ellipse)), turn, background);
                let whole = make(&file, output(format, quality, None), turn, background);
                let (masked, whole) = (decoded(&masked.outputs[0].1), decoded(&whole.outputs[0].1));
                assert_eq!((masked[0][3], masked[22 * 61 + 30][3]), (0, whole[22 * 61 + 30][3]), "{case}");
                for (i, (masked, whole)) in masked.iter().zip(&whole).enumerate() {
                    let want = f64::from(whole[3]) * shares[i];
                    assert!(
                        (f64::from(masked[3]) - want).abs() < 4.0,
                        "{case}, pixel {i}: {masked:?}, {whole:?}"
                    );
                    if quality.is_none() {
                        // Colours are those of the picture up to the rim, and there are none outside.
                        let color = if masked[3] == 0 { [0; 3] } else { [whole[0], whole[1], whole[2]] };
                        assert_eq!(masked[..3], color, "{case}, pixel {i}");
                    }
                }
            }
        }
    }
}

/// In a lossy WebP the rim keeps its colours as well as the picture beside it does: what is outside is not mixed in.
#[test]
fn the_rim_of_a_lossy_webp_is_no_darker_than_the_picture() {
    let file = png_of(|_, _| [250, 220, 190, 255]);
    for quality in [20, 80] {
        let made = make(&file, output(Format::Webp, Some(quality), Some(Mask::Ellipse)), 0.0, None);
        let pixels = decoded(&made.outputs[0].1);
        let [r, g, b, _] = pixels[22 * 61 + 30].map(i32::from);
        for pixel in pixels.iter().filter(|pixel| pixel[3] > 0) {
            let off = [r, g, b].iter().zip(pixel).map(|(want, got)| (want - i32::from(*got)).abs()).max();
            assert!(off <= Some(3), "quality {quality}: {pixel:?}, not {r}, {g}, {b}");
        }
    }
}

fn judge(receipt: &Receipt, bytes: Vec<u8>, source: Option<&[u8]>, policy: &str) -> Result<Level> {
    let (limits, policy) = (Limits::default(), Policy::from_json(policy.as_bytes()).unwrap());
    let source =
        source.map(|source| SubmittedSource::new(Box::new(Cursor::new(source.to_vec())), receipt, &limits));
    let outputs = vec![("main".to_owned(), bytes)];
    let submission = Submission { receipt: receipt.clone(), outputs, source };
    verify(submission, Level::Result, &policy, &limits).map(|verified| verified.level())
}

#[test]
fn the_receipt_names_the_mask_and_it_is_proved_with_and_without_the_source() {
    let file = read("fixtures/coffee.jpg");
    for (kind, format, quality) in KINDS {
        let mut made = make(&file, output(format, quality, Some(Mask::Ellipse)), 0.0, None);
        let json = made.receipt.to_json().unwrap();
        assert!(json.contains(r#""height":44,"mask":"ellipse","name":"main""#), "{json}");
        let receipt = Receipt::from_json(json.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(receipt.outputs()[0].mask(), Some(Mask::Ellipse));
        let bytes = made.outputs.remove(0).1;
        assert_eq!(judge(&receipt, bytes.clone(), None, "{}"), Ok(Level::Result), "{kind}");
        assert_eq!(judge(&receipt, bytes.clone(), Some(&file), "{}"), Ok(Level::Source), "{kind}");
        assert_eq!(
            judge(&receipt, bytes.clone(), None, r#"{"masks":["ellipse"]}"#),
            Ok(Level::Result),
            "{kind}"
        );
        let refused = judge(&receipt, bytes, None, r#"{"masks":["none"]}"#).unwrap_err();
        assert_eq!(
            (refused.code(), refused.field()),
            (Code::PolicyViolation, Some("outputs[0].mask")),
            "{kind}"
        );
    }
}

/// The receipt of a run, forged to name these bytes, and what `change` makes of the output.
fn forged(made: &Cropped, bytes: &[u8], change: impl FnOnce(&mut serde_json::Value)) -> Receipt {
    forge(&made.receipt, |json| {
        let output = &mut json["outputs"][0];
        output["bytes"] = bytes.len().into();
        output["digest"] = Digest::of(bytes).to_string().into();
        change(output);
    })
}

#[test]
fn a_picture_that_shows_more_than_its_mask_is_refused_without_the_source() {
    let [(_, photo), (_, soft)] = sources();
    for (source, file) in [("opaque", photo), ("soft", soft)] {
        for (kind, format, quality) in KINDS {
            let whole = make(&file, output(format, quality, None), 0.0, None);
            let bytes = whole.outputs[0].1.clone();
            let receipt = forged(&whole, &bytes, |output| output["mask"] = "ellipse".into());
            let refused = judge(&receipt, bytes, None, "{}").unwrap_err();
            assert_eq!(
                (refused.code(), refused.field()),
                (Code::NotCanonical, Some("outputs[0]")),
                "{source}, {kind}"
            );
            assert!(refused.detail().contains("outside of its mask"), "{source}, {kind}: {refused}");
        }
    }
}

/// What nobody sees could be a second picture.
#[test]
fn colours_where_a_picture_is_transparent_are_refused() {
    let file = read("fixtures/coffee.jpg");
    for (kind, format, _) in &KINDS[..2] {
        let made = make(&file, output(*format, None, Some(Mask::Ellipse)), 0.0, None);
        let mut pixels = decoded(&made.outputs[0].1);
        pixels[0] = [1, 0, 0, 0];
        let raster = truecrop_core::pixel::Raster { size: SIZE, alpha: true, data: pixels.concat() };
        let bytes = truecrop_core::encode::encode(&raster, &output(*format, None, None)).unwrap().bytes;
        let receipt = forged(&made, &bytes, |_| ());
        let refused = judge(&receipt, bytes, None, "{}").unwrap_err();
        assert_eq!(refused.code(), Code::NotCanonical, "{kind}");
        assert!(refused.detail().contains("colours"), "{kind}: {refused}");
    }
}

#[test]
fn what_cannot_have_a_mask_is_refused_by_name() {
    let refusals = [
        (r#"{"name":"main","width":9,"height":9,"format":"jpeg","mask":"ellipse"}"#, "outputs[0].mask"),
        (r#"{"name":"main","width":32768,"height":9,"format":"png","mask":"ellipse"}"#, "outputs[0].mask"),
        (r#"{"name":"main","width":9,"height":9,"format":"png","mask":"star"}"#, "recipe"),
        (
            r#"{"name":"main","width":9,"height":9,"format":"png","hdr":"keep","mask":"ellipse"}"#,
            "outputs[0].hdr",
        ),
    ];
    for (output, field) in refusals {
        let json =
            format!(r#"{{"truecrop":1,"crop":{{"x":0,"y":0,"width":9,"height":9}},"outputs":[{output}]}}"#);
        let refused = Recipe::from_json(json.as_bytes(), &Limits::default()).unwrap_err();
        assert_eq!((refused.code(), refused.field()), (Code::InvalidRecipe, Some(field)), "{output}");
    }
    let json = r#"{"truecrop":1,"crop":{"x":0,"y":0,"width":9,"height":9},"outputs":[{"name":"main","width":9,"height":9,"format":"png","mask":"ellipse"}]}"#;
    let recipe = Recipe::from_json(json.as_bytes(), &Limits::default()).unwrap();
    assert!(recipe.to_json().contains(r#""mask":"ellipse""#));
    // A mask that nobody asked for is not written.
    let plain = json.replace(r#","mask":"ellipse""#, "");
    assert!(!Recipe::from_json(plain.as_bytes(), &Limits::default()).unwrap().to_json().contains("mask"));
}
