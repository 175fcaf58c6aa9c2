//! Profiles of every kind against another library, which shares no code with ours, and against the formulas that they were made by.
//!
//! The library samples tables with 33 points along each of three channels, and 17 along each of four, and rounds on the way: a dark
//! saturated colour is up to a dozen steps from the formula. It would show a wrong order, coding or curve; the formulas show the rest.

use super::build::*;
use super::pixel;
use crate::color::ToWorking;
use crate::decode::{Layout, Row};
use crate::recipe::Light;
use crate::test_images::*;
use moxcms::{BarycentricWeightScale, ColorProfile, InterpolationMethod, TransformOptions};

/// How far the library may be from the formulas, in 8-bit steps.
const LIBRARY: f64 = 13.0;

/// Places where a channel is cut into so many intervals, in a fixed order that looks like chance; the first two are the ends.
fn places(channels: usize, intervals: u8) -> Vec<Vec<f64>> {
    let mut state = 7u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from((state >> 16) % (u32::from(intervals) + 1)) / f64::from(intervals)
    };
    let mut all = vec![vec![0.0; channels], vec![1.0; channels]];
    all.resize_with(400, || (0..channels).map(|_| next()).collect());
    all
}

/// The largest difference from what is wanted (0..=1) at samples 0..=1, in 8-bit steps.
fn worst(profile: &[u8], samples: &[Vec<f64>], wanted: &dyn Fn(usize) -> [f64; 3]) -> f64 {
    let layout = match &profile[16..20] {
        b"GRAY" => Layout::Gray,
        b"RGB " => Layout::Rgb,
        _ => Layout::Cmyk,
    };
    let wide = png(1, 1, png::ColorType::Rgb, png::BitDepth::Sixteen, &[0; 6]);
    let probe = probe_of(&with_chunk(&wide, b"iCCP", &iccp(profile)));
    let ours = ToWorking::new(&probe, layout, Light::Srgb);
    let mut worst = 0.0f64;
    for (i, sample) in samples.iter().enumerate() {
        let row: Vec<u16> = sample.iter().map(|v| (v * 65_535.0).round() as u16).collect();
        for (got, wanted) in pixel(&ours, Row::U16(&row)).iter().zip(wanted(i)) {
            worst = worst.max((f64::from(*got) / 64.0 - wanted.clamp(0.0, 1.0) * 255.0).abs());
        }
    }
    worst
}

/// The largest difference from the library.
fn from_library(profile: &[u8]) -> f64 {
    let (layout, channels, intervals) = match &profile[16..20] {
        b"GRAY" => (moxcms::Layout::Gray, 1, 32),
        b"RGB " => (moxcms::Layout::Rgb, 3, 32),
        _ => (moxcms::Layout::Rgba, 4, 16),
    };
    let options = TransformOptions {
        prefer_fixed_point: false,
        interpolation_method: InterpolationMethod::Tetrahedral,
        barycentric_weight_scale: BarycentricWeightScale::High,
        ..TransformOptions::default()
    };
    let source = ColorProfile::new_from_slice(profile).unwrap();
    let srgb = ColorProfile::new_srgb();
    let library = source.create_transform_f64(layout, &srgb, moxcms::Layout::Rgb, options).unwrap();
    let samples = places(channels, intervals);
    worst(profile, &samples, &|i| {
        let mut wanted = [0.0; 3];
        library.transform(&samples[i], &mut wanted).unwrap();
        wanted
    })
}

/// sRGB of XYZ relative to D50, cut to the gamut.
fn srgb(xyz: [f64; 3]) -> [f64; 3] {
    // from Bruce Lindbloom's tables
    const TO_SRGB: [[f64; 3]; 3] = [
        [3.133_856_1, -1.616_866_7, -0.490_614_6],
        [-0.978_768_4, 1.916_141_5, 0.033_454_0],
        [0.071_945_3, -0.228_991_4, 1.405_242_7],
    ];
    TO_SRGB.map(|row| {
        let v = row.iter().zip(xyz).map(|(m, v)| m * v).sum::<f64>().clamp(0.0, 1.0);
        if v <= 0.003_130_8 { v * 12.92 } else { 1.055 * v.powf(1.0 / 2.4) - 0.055 }
    })
}

fn lab(xyz: [f64; 3]) -> [f64; 3] {
    let f = |t: f64| if t > 0.008_856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 };
    let [x, y, z] = [f(xyz[0] / 0.9642), f(xyz[1]), f(xyz[2] / 0.8249)];
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// As lut16Type codes it, and as all others do.
fn coded_lab([l, a, b]: [f64; 3], wide: bool) -> [f64; 3] {
    if wide {
        [l * 652.8 / 65_535.0, (a + 128.0) * 256.0 / 65_535.0, (b + 128.0) * 256.0 / 65_535.0]
    } else {
        [l / 100.0, (a + 128.0) / 255.0, (b + 128.0) / 255.0]
    }
}

fn xyz_of(colorants: [[f64; 3]; 3], light: [f64; 3]) -> [f64; 3] {
    [0, 1, 2].map(|i| (0..3).map(|c| colorants[c][i] * light[c]).sum())
}

/// The light that inks leave.
fn through_inks(place: &[f64]) -> [f64; 3] {
    let [c, m, y, k] = [place[0], place[1], place[2], place[3]];
    let black = (1.0 - 0.95 * k).powf(1.2);
    [
        (1.0 - 0.9 * c) * (1.0 - 0.1 * m) * (1.0 - 0.02 * y) * black,
        (1.0 - 0.45 * c) * (1.0 - 0.85 * m) * (1.0 - 0.08 * y) * black,
        (1.0 - 0.2 * c) * (1.0 - 0.5 * m) * (1.0 - 0.88 * y) * black,
    ]
}

fn light(place: &[f64]) -> [f64; 3] {
    [place[0], place[1], place[2]].map(|v| v.powf(2.2))
}

const HALF: f64 = 32_768.0 / 65_535.0;

#[test]
fn matrix_and_gray_profiles_are_those_of_another_library() {
    let curves = [
        ("linear", curv(&[])),
        ("gamma", curv(&[461])),
        ("points", curv(&(0..300u64).map(|i| (i * i * 65_535 / (299 * 299)) as u16).collect::<Vec<u16>>())),
        ("parametric 0", para(0, &[1.8])),
        ("parametric 1", para(1, &[2.2, 0.9, 0.1])),
        ("parametric 2", para(2, &[2.2, 0.8, 0.05, 0.1])),
        ("parametric 3", para(3, &SRGB_CURVE)),
        ("parametric 4", para(4, &[2.4, 0.92, 0.05, 0.08, 0.04, 0.02, 0.001])),
    ];
    // not adapted to D50: sRGB's as they are for D65
    let unadapted = [[0.4124, 0.2126, 0.0193], [0.3576, 0.7152, 0.1192], [0.1805, 0.0722, 0.9505]];
    let wide = [[0.797_675, 0.288_040, 0.0], [0.135_192, 0.711_874, 0.0], [0.031_353, 0.000_086, 0.825_21]];
    let chad = [1.0479, 0.0229, -0.0502, 0.0296, 0.9905, -0.0171, -0.0092, 0.0151, 0.7519];
    let chad = [&b"sf32\0\0\0\0"[..], &chad.map(fixed).concat()].concat();
    for (name, curve) in &curves {
        for (space, colorants) in
            [("sRGB", SRGB), ("P3", P3), ("Adobe", ADOBE), ("ProPhoto", wide), ("unadapted", unadapted)]
        {
            let three = [curve.clone(), curve.clone(), curve.clone()];
            for more in [&[][..], &[(*b"chad", chad.clone())], &[(*b"wtpt", xyz([0.9505, 1.0, 1.0891]))]] {
                let worst = from_library(&matrix_with(colorants, three.clone(), more));
                assert!(worst <= LIBRARY, "{space}, {name}: {worst}");
            }
        }
        let worst = from_library(&gray(curve.clone(), false));
        assert!(worst <= LIBRARY, "gray, {name}: {worst}");
    }
}

/// Straight, bent before the grid, and bent behind it: the curves and what undoes them.
type Bend<'a> = (&'a str, &'a dyn Fn(f64) -> f64, &'a dyn Fn(f64) -> f64, bool);

#[test]
fn tables_are_what_they_were_made_of() {
    let (same, bent) = (|v: f64| v, |v: f64| v.powf(1.3));
    let back = |v: f64| v.max(0.0).powf(1.0 / 1.3);
    let bends: [Bend<'_>; 3] = [
        ("straight", &same, &same, false),
        ("bent before", &bent, &back, true),
        ("bent behind", &bent, &back, false),
    ];
    let kinds = [("mft1", true), ("mft2", true), ("mft2", false), ("mAB", true), ("mAB", false)];
    for points in [9, 17, 33] {
        for (name, bend, undo, before) in bends {
            let (input, output): (&dyn Fn(f64) -> f64, &dyn Fn(f64) -> f64) =
                if before { (bend, &same) } else { (&same, bend) };
            for (kind, by_lab) in kinds {
                let behind = |v: f64| if before { v } else { undo(v) };
                let grid = |place: &[f64]| {
                    let xyz = xyz_of(ADOBE, light(place));
                    let coded =
                        if by_lab { coded_lab(lab(xyz), kind == "mft2") } else { xyz.map(|v| v * HALF) };
                    coded.map(behind)
                };
                let stages = Stages { points: vec![points; 3], input, grid: &grid, output };
                let tag = if kind == "mAB" { stages.lut_a_to_b(None) } else { stages.lut(kind == "mft2") };
                let profile = with_tables(tag, by_lab);
                let places = places(3, points - 1);
                let samples: Vec<Vec<f64>> = places
                    .iter()
                    .map(|place| place.iter().map(|&v| if before { undo(v) } else { v }).collect())
                    .collect();
                let formula = worst(&profile, &samples, &|i| srgb(xyz_of(ADOBE, light(&places[i]))));
                let library = from_library(&profile);
                println!("{kind} {points} {name} Lab {by_lab}: {formula:.2}, {library:.2}");
                // 8 bits of Lab are coarse
                let near = if kind == "mft1" { 14.0 } else { 1.0 };
                assert!(formula <= near, "{kind} of {points}, {name}, Lab {by_lab}: {formula}");
                assert!(library <= LIBRARY + near, "{kind} of {points}, {name}, Lab {by_lab}: {library}");
            }
        }
    }
}

#[test]
fn tables_with_a_matrix_behind_them_are_what_they_were_made_of() {
    let same = |v: f64| v;
    let [r, g, b] = ADOBE;
    let matrix = [r[0], g[0], b[0], r[1], g[1], b[1], r[2], g[2], b[2], 0.0, 0.0, 0.0].map(|v: f64| v * HALF);
    let cube = |place: &[f64]| [place[0], place[1], place[2]];
    let stages = Stages { points: vec![2, 5, 3], input: &same, grid: &cube, output: &same };
    let cases = [
        ("grid, curves and matrix", stages.lut_a_to_b(Some((para(0, &[2.2]), matrix)))),
        ("curves and matrix", without_grid(para(0, &[2.2]), matrix)),
    ];
    let samples = places(3, 255);
    for (name, tag) in cases {
        let profile = with_tables(tag, false);
        let formula = worst(&profile, &samples, &|i| srgb(xyz_of(ADOBE, light(&samples[i]))));
        let library = from_library(&profile);
        println!("{name}: {formula:.2}, {library:.2}");
        assert!(formula <= 1.0 && library <= LIBRARY, "{name}: {formula}, {library}");
    }
}

#[test]
fn printers_tables_are_what_they_were_made_of() {
    let (same, bent) = (|v: f64| v, |v: f64| v.powf(1.2));
    for points in [5, 9, 17] {
        for (kind, wide) in [("mft1", false), ("mft2", true), ("mAB", false)] {
            let grid = |place: &[f64]| coded_lab(lab(xyz_of(SRGB, through_inks(place))), wide);
            let stages = Stages { points: vec![points; 4], input: &bent, grid: &grid, output: &same };
            let tag = if kind == "mAB" { stages.lut_a_to_b(None) } else { stages.lut(wide) };
            let profile = with_tables(tag, true);
            let places = places(4, points - 1);
            let samples: Vec<Vec<f64>> =
                places.iter().map(|place| place.iter().map(|v| v.powf(1.0 / 1.2)).collect()).collect();
            let formula = worst(&profile, &samples, &|i| srgb(xyz_of(SRGB, through_inks(&places[i]))));
            let library = from_library(&profile);
            println!("CMYK {kind} {points}: {formula:.2}, {library:.2}");
            let near = if kind == "mft1" { 4.0 } else { 1.0 };
            assert!(formula <= near && library <= LIBRARY, "{kind} of {points}: {formula}, {library}");
        }
    }
}
