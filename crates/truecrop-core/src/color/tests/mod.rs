//! Tests of colour, both directions: what comes back unchanged, profiles, PNG chunks.

mod build;
mod coded;
mod hostile;
mod reference;
mod tables;

use super::*;
use crate::decode::{Layout, Row};
use crate::pixel::{ONE, PlanarRow};
use crate::recipe::{Background, Light};
use crate::test_images::*;
use proptest::prelude::*;

/// The working samples of one pixel.
fn pixel(converter: &ToWorking, row: Row<'_>) -> [i16; 4] {
    let mut line = PlanarRow::new(converter.channels(), 1);
    converter.convert(row, &mut line);
    let samples: Vec<i16> = line.channels_mut().map(|channel| channel[0]).collect();
    match samples[..] {
        [v] => [v, v, v, ONE as i16],
        [r, g, b] => [r, g, b, ONE as i16],
        _ => [samples[0], samples[1], samples[2], samples[3]],
    }
}

/// One pixel through [`ToWorking`] and [`from_working`] of a source.
fn through(file: &[u8], layout: Layout, light: Light, row: Row<'_>) -> Vec<u8> {
    let probe = probe_of(file);
    let converter = ToWorking::new(&probe, layout, light);
    let samples = pixel(&converter, row);
    let mut out = vec![0; if layout.alpha() { 4 } else { 3 }];
    from_working(&samples, light, None, &mut out);
    out
}

fn with_icc(profile: &[u8]) -> Vec<u8> {
    with_chunk(&rgb_png(1, 1, [0; 3]), b"iCCP", &iccp(profile))
}

#[test]
fn eight_bit_values_come_back_unchanged_in_both_lights() {
    let file = rgb_png(1, 1, [0; 3]);
    for light in [Light::Srgb, Light::Linear] {
        for v in 0..=255 {
            let pixel = [v, 255 - v, v / 3];
            assert_eq!(through(&file, Layout::Rgb, light, Row::U8(&pixel)), pixel, "{light:?}");
            assert_eq!(through(&file, Layout::Gray, light, Row::U8(&[v])), [v; 3], "{light:?}");
            let opaque = [v, 7, 200, 255];
            assert_eq!(through(&file, Layout::Rgba, light, Row::U8(&opaque)), opaque, "{light:?}");
        }
    }
}

#[test]
fn sixteen_bits_keep_what_eight_can_not_show() {
    let file = png(1, 1, png::ColorType::Rgb, png::BitDepth::Sixteen, &[0; 6]);
    let probe = probe_of(&file);
    for light in [Light::Srgb, Light::Linear] {
        let converter = ToWorking::new(&probe, Layout::Gray, light);
        for v in (0..=65_535u16).step_by(101) {
            let samples = pixel(&converter, Row::U16(&[v]));
            let x = f64::from(v) / 65_535.0;
            let exact = match light {
                Light::Srgb => x,
                Light::Linear if x <= 0.04045 => x / 12.92,
                Light::Linear => ((x + 0.055) / 1.055).powf(2.4),
            };
            let error = f64::from(samples[0]) - exact * f64::from(ONE);
            assert!(error.abs() <= 0.51, "{light:?} {v}: {error}");
        }
        for v in 0..=255u8 {
            let wide = u16::from(v) * 257;
            assert_eq!(through(&file, Layout::Gray, light, Row::U16(&[wide])), [v; 3], "{light:?}");
        }
    }
}

/// The plain formula in floats: the test's own, not the engine's.
fn expected(colorants: [[f64; 3]; 3], decode: impl Fn(f64) -> f64, pixel: [u8; 3]) -> [f64; 3] {
    // XYZ (D50) to linear sRGB, from Bruce Lindbloom's tables
    const TO_SRGB: [[f64; 3]; 3] = [
        [3.133_856_1, -1.616_866_7, -0.490_614_6],
        [-0.978_768_4, 1.916_141_5, 0.033_454_0],
        [0.071_945_3, -0.228_991_4, 1.405_242_7],
    ];
    let light = pixel.map(|v| decode(f64::from(v) / 255.0));
    let xyz = [0, 1, 2].map(|i| (0..3).map(|c| colorants[c][i] * light[c]).sum::<f64>());
    TO_SRGB.map(|row| {
        let v = row.iter().zip(xyz).map(|(m, v)| m * v).sum::<f64>().clamp(0.0, 1.0);
        255.0 * if v <= 0.003_130_8 { v * 12.92 } else { 1.055 * v.powf(1.0 / 2.4) - 0.055 }
    })
}

fn srgb_curve(v: f64) -> f64 {
    if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
}

#[test]
fn wide_gamut_profiles_give_the_colours_of_the_formula() {
    let gamma = |v: f64| v.powf(563.0 / 256.0);
    type Case<'a> = (&'a str, [[f64; 3]; 3], Vec<u8>, &'a dyn Fn(f64) -> f64);
    let table: Vec<u16> =
        (0..1024).map(|i| (srgb_curve(f64::from(i) / 1023.0) * 65_535.0).round() as u16).collect();
    let cases: [Case<'_>; 4] = [
        ("P3, parametric", P3, para(3, &SRGB_CURVE), &srgb_curve),
        ("P3, table", P3, curv(&table), &srgb_curve),
        ("Adobe RGB, gamma", ADOBE, curv(&[563]), &gamma),
        ("Adobe RGB, parametric", ADOBE, para(0, &[563.0 / 256.0]), &gamma),
    ];
    for (name, colorants, curve, decode) in cases {
        let file = with_icc(&rgb_profile(colorants, &curve));
        for pixel in
            [[255, 0, 0], [0, 255, 0], [10, 20, 200], [128, 128, 128], [200, 100, 50], [3, 2, 1], [255; 3]]
        {
            let exact = expected(colorants, decode, pixel);
            for light in [Light::Srgb, Light::Linear] {
                let got = through(&file, Layout::Rgb, light, Row::U8(&pixel));
                let near = got.iter().zip(exact).all(|(&g, e)| (f64::from(g) - e).abs() <= 0.75);
                assert!(near, "{name} {light:?} {pixel:?}: {got:?} for {exact:?}");
            }
        }
    }
}

/// In 16 bits, because 8 are too coarse at the edge of the gamut: the first step above black is steep.
#[test]
fn the_primaries_of_srgb_in_display_p3() {
    let wide = png(1, 1, png::ColorType::Rgb, png::BitDepth::Sixteen, &[0; 6]);
    let file = with_chunk(&wide, b"iCCP", &iccp(&rgb_profile(P3, &para(3, &SRGB_CURVE))));
    let cases = [
        ([0.917_488, 0.200_287, 0.138_561], [255, 0, 0]),
        ([0.458_402, 0.985_265, 0.298_320], [0, 255, 0]),
        ([0.0, 0.0, 0.959_588], [0, 0, 255]),
        // outside of sRGB: cut to its gamut
        ([1.0, 0.0, 0.0], [255, 0, 0]),
    ];
    for (p3, srgb) in cases {
        let samples = p3.map(|v: f64| (v * 65_535.0).round() as u16);
        let got = through(&file, Layout::Rgb, Light::Srgb, Row::U16(&samples));
        assert!(got.iter().zip(srgb).all(|(g, e)| g.abs_diff(e) <= 1), "{p3:?}: {got:?}");
    }
}

#[test]
fn gray_stays_gray_under_a_matrix() {
    let file = with_icc(&rgb_profile(P3, &para(3, &SRGB_CURVE)));
    for v in 0..=255u8 {
        for light in [Light::Srgb, Light::Linear] {
            assert_eq!(through(&file, Layout::Rgb, light, Row::U8(&[v; 3])), [v; 3], "{light:?}");
        }
    }
}

#[test]
fn profiles_of_srgb_change_nothing_and_others_that_do_not_fit_are_left_aside() {
    let lut_only = icc(b"RGB ", &[(*b"A2B0", b"mft2".to_vec())]);
    let not_white = rgb_profile([SRGB[0], SRGB[0], SRGB[2]], &curv(&[]));
    let gray = icc(b"GRAY", &[(*b"kTRC", curv(&[461]))]);
    let cases = [
        ("sRGB, parametric", rgb_profile(SRGB, &para(3, &SRGB_CURVE)), false, false),
        ("P3", rgb_profile(P3, &para(3, &SRGB_CURVE)), true, false),
        ("tables only", lut_only, false, true),
        ("white is not white", not_white, false, true),
        ("gray profile, colour picture", gray.clone(), false, true),
        ("CMYK profile, colour picture", icc(b"CMYK", &[]), false, true),
        ("noise", vec![7; 300], false, true),
        ("empty", Vec::new(), false, true),
    ];
    for (name, profile, applied, ignored) in cases {
        let space = source_space::source_space(&probe_of(&with_icc(&profile)), Device::Rgb);
        assert_eq!((space.space.is_some(), space.ignored), (applied, ignored), "{name}");
    }
    let file = with_icc(&gray);
    let got = through(&file, Layout::Gray, Light::Srgb, Row::U8(&[128]));
    let light = (128.0f64 / 255.0).powf(461.0 / 256.0);
    let exact = 255.0 * (1.055 * light.powf(1.0 / 2.4) - 0.055);
    assert!((f64::from(got[0]) - exact).abs() <= 0.51, "gray: {got:?} for {exact}");
}

#[test]
fn what_png_says_without_a_profile() {
    let plain = rgb_png(1, 1, [0; 3]);
    let be = |values: &[u32]| values.iter().flat_map(|v| v.to_be_bytes()).collect::<Vec<u8>>();
    let srgb_places = be(&[31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000]);
    let gamma = with_chunk(&plain, b"gAMA", &be(&[100_000]));
    let both = with_chunk(&gamma, b"cHRM", &srgb_places);
    let row = Row::U8(&[55, 128, 200]);
    let coded = |v: u8| {
        let v = f64::from(v) / 255.0;
        (255.0 * (1.055 * v.powf(1.0 / 2.4) - 0.055)).round() as u8
    };
    assert_eq!(through(&gamma, Layout::Rgb, Light::Srgb, row), [55, 128, 200].map(coded), "gAMA alone");
    let usual = with_chunk(&plain, b"gAMA", &be(&[45_455]));
    assert_eq!(
        through(&usual, Layout::Rgb, Light::Srgb, row),
        [55, 128, 200],
        "gAMA alone, as good as sRGB's curve"
    );
    let places =
        with_chunk(&plain, b"cHRM", &be(&[31_270, 32_900, 70_800, 29_200, 17_000, 79_700, 13_100, 4_600]));
    assert_eq!(through(&places, Layout::Rgb, Light::Srgb, row), [55, 128, 200], "cHRM alone");
    assert_eq!(through(&both, Layout::Rgb, Light::Srgb, row), [55, 128, 200].map(coded), "gAMA and cHRM");
    let named = with_chunk(&both, b"sRGB", &[0]);
    assert_eq!(through(&named, Layout::Rgb, Light::Srgb, row), [55, 128, 200], "sRGB overrules");
    let p3 = with_chunk(&both, b"cICP", &[12, 13, 0, 1]);
    assert_eq!(
        through(&p3, Layout::Rgb, Light::Srgb, Row::U8(&[234, 51, 35])),
        [255, 0, 0],
        "cICP overrules"
    );
    let pq = with_chunk(&plain, b"cICP", &[9, 16, 0, 1]);
    let said = source_space::source_space(&probe_of(&pq), Device::Rgb);
    assert!(said.space.is_none() && said.ignored, "high dynamic range");
    // what cannot be applied does not hide what stands behind it
    let behind = [
        ("an unknown cICP", with_chunk(&both, b"cICP", &[9, 16, 0, 1])),
        ("a broken profile", with_chunk(&both, b"iCCP", &iccp(b"nonsense"))),
        ("a large profile", with_chunk(&both, b"iCCP", &iccp(&vec![0; 5 << 20]))),
    ];
    for (name, file) in behind {
        assert_eq!(through(&file, Layout::Rgb, Light::Srgb, row), [55, 128, 200].map(coded), "{name}");
    }
}

#[test]
fn cmyk_without_a_profile() {
    let file = rgb_png(1, 1, [0; 3]);
    let cases = [
        ([0, 0, 0, 0], [255, 255, 255]),
        ([0, 0, 0, 255], [0, 0, 0]),
        ([255, 0, 0, 0], [0, 255, 255]),
        ([0, 128, 255, 0], [255, 127, 0]),
        ([10, 100, 200, 50], [197, 125, 44]),
    ];
    for (ink, rgb) in cases {
        for light in [Light::Srgb, Light::Linear] {
            assert_eq!(through(&file, Layout::Cmyk, light, Row::U8(&ink)), rgb, "{ink:?} {light:?}");
        }
    }
}

#[test]
fn what_is_transparent_shows_the_background() {
    let full = ONE as i16;
    type Case = (&'static str, [i16; 4], Option<Background>, [u8; 3]);
    let cases: [Case; 5] = [
        ("nothing", [0, 0, 0, 0], Some(Background::Color([10, 20, 30])), [10, 20, 30]),
        ("half black", [0, 0, 0, full / 2], Some(Background::Color([255, 100, 0])), [128, 50, 0]),
        ("opaque", [64, 128, full, full], Some(Background::Color([9, 9, 9])), [1, 2, 255]),
        ("overshoot", [-500, full + 500, full, full + 9], Some(Background::Color([9, 9, 9])), [0, 255, 255]),
        ("no background", [-500, full + 500, 640, full], None, [0, 255, 10]),
    ];
    for (name, samples, background, rgb) in cases {
        let mut out = [0; 3];
        from_working(&samples, Light::Srgb, background, &mut out);
        assert_eq!(out, rgb, "{name}");
    }
    let mut out = [0; 3];
    // half the light of white: 188, not 128
    from_working(&[0, 0, 0, full / 2], Light::Linear, Some(Background::Color([255; 3])), &mut out);
    assert_eq!(out, [188; 3]);
}

proptest! {
    #[test]
    fn straight_alpha_comes_back_within_the_stated_error(pixel in any::<[u8; 4]>()) {
        let file = rgb_png(1, 1, [0; 3]);
        let back = through(&file, Layout::Rgba, Light::Srgb, Row::U8(&pixel));
        let alpha = pixel[3];
        prop_assert_eq!(back[3], alpha);
        for (was, is) in pixel[..3].iter().zip(&back) {
            let bound = if alpha == 0 { 255.0 } else { 2.0 / f64::from(alpha) + 0.5 };
            prop_assert!(f64::from(was.abs_diff(*is)) <= bound, "{:?} {:?}", pixel, back);
        }
    }

    #[test]
    fn any_working_sample_can_be_finished(samples in any::<[i16; 4]>(), linear in any::<bool>(), color in any::<[u8; 3]>()) {
        let light = if linear { Light::Linear } else { Light::Srgb };
        from_working(&samples, light, None, &mut [0; 4]);
        from_working(&samples, light, Some(Background::Color(color)), &mut [0; 3]);
        from_working(&samples, light, Some(Background::Transparent), &mut [0; 3]);
    }
}
