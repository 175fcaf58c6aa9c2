//! The primaries and curves that PNG's cICP chunk names by number, against another library's tables of them.

use super::pixel;
use crate::color::ToWorking;
use crate::decode::{Layout, Row};
use crate::recipe::Light;
use crate::test_images::*;
use moxcms::{
    CicpColorPrimaries, CicpProfile, ColorProfile, MatrixCoefficients, TransferCharacteristics,
    TransformOptions,
};

/// How far a channel may be from the library's, in 8-bit steps: its matrices hold fewer digits.
const NEAR: f64 = 1.6;

/// What the library shows of pixels whose samples are 0..=1.
fn library(primaries: u8, transfer: u8, samples: &[f64]) -> Vec<f64> {
    let profile = ColorProfile::new_from_cicp(CicpProfile {
        color_primaries: CicpColorPrimaries::try_from(primaries).unwrap(),
        transfer_characteristics: TransferCharacteristics::try_from(transfer).unwrap(),
        matrix_coefficients: MatrixCoefficients::Identity,
        full_range: true,
    });
    let options = TransformOptions { prefer_fixed_point: false, ..TransformOptions::default() };
    let rgb = moxcms::Layout::Rgb;
    let transform = profile.create_transform_f64(rgb, &ColorProfile::new_srgb(), rgb, options).unwrap();
    let mut seen = vec![0.0; samples.len()];
    transform.transform(samples, &mut seen).unwrap();
    seen
}

#[test]
fn numbered_colours_are_those_of_another_library() {
    const STEPS: [f64; 5] = [0.0, 0.02, 0.3, 0.7, 1.0];
    let all = STEPS.iter().flat_map(|r| STEPS.iter().flat_map(|g| STEPS.map(|b| [*r, *g, b])));
    let samples: Vec<[f64; 3]> = all.collect();
    let mut wrong = Vec::new();
    // any primaries with sRGB's curve, and any curve with P3's primaries
    let primaries = [1, 4, 5, 6, 7, 8, 9, 11, 22].map(|primaries| (primaries, 13));
    let curves = [1, 4, 5, 6, 7, 8, 11, 13, 14, 15].map(|transfer| (12, transfer));
    for (primaries, transfer) in primaries.into_iter().chain(curves) {
        let wide = png(1, 1, png::ColorType::Rgb, png::BitDepth::Sixteen, &[0; 6]);
        let file = with_chunk(&wide, b"cICP", &[primaries, transfer, 0, 1]);
        let ours = ToWorking::new(&probe_of(&file), Layout::Rgb, Light::Srgb);
        let mut worst = 0.0f64;
        let wanted = library(primaries, transfer, samples.as_flattened());
        for (sample, wanted) in samples.iter().zip(wanted.as_chunks::<3>().0) {
            let row = sample.map(|v| (v * 65_535.0).round() as u16);
            for (got, wanted) in pixel(&ours, Row::U16(&row)).iter().zip(wanted) {
                worst = worst.max((f64::from(*got) / 64.0 - wanted.clamp(0.0, 1.0) * 255.0).abs());
            }
        }
        if worst > NEAR {
            wrong.push(format!("primaries {primaries}, transfer {transfer}: {worst:.2}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
