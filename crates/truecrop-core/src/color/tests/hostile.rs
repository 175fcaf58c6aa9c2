//! Profiles that were made to break something: whatever they are, an answer comes soon, in bounded memory, without a panic.

use super::build::*;
use crate::color::fixed_tables::{FixedTables, MOST_FINE};
use crate::color::icc;
use crate::color::matrix::Matrix;
use crate::color::space::{ColorSpace, Device};
use crate::decode::Depth;
use crate::recipe::Light;
use crate::test_images::*;
use proptest::prelude::*;

/// Does all that a picture with this profile would make us do. Whether it was applied, for any kind of samples.
fn apply(profile: &[u8]) -> bool {
    let mut applied = false;
    for device in [Device::Gray, Device::Rgb, Device::Cmyk] {
        let Some(space) = icc::parse(profile, device) else { continue };
        applied = true;
        if device == Device::Gray {
            let _ = (space.is_srgb(), space.tints_gray());
            continue;
        }
        match space {
            ColorSpace::Gray { .. } => {}
            ColorSpace::Rgb { trc, to_srgb } => {
                let matrix = Matrix::new(&trc, &to_srgb, Light::Srgb, Depth::Eight);
                for pixel in [[0u8; 3], [255; 3], [255, 0, 7]] {
                    let _ = matrix.convert(pixel);
                }
            }
            ColorSpace::Tables(tables) => {
                let held = tables.grid.nodes.len();
                assert!(held <= 2 * profile.len(), "{held} numbers of {} bytes", profile.len());
                let fixed = FixedTables::new(*tables, Light::Linear, Depth::Eight);
                assert!(fixed.nodes() <= held.max(3 * MOST_FINE), "{} numbers", fixed.nodes());
                for pixel in [[0u8; 4], [255; 4], [255, 0, 7, 128]] {
                    let [a, b, c, _] = pixel;
                    let _ =
                        if device == Device::Rgb { fixed.convert([a, b, c]) } else { fixed.convert(pixel) };
                }
            }
        }
    }
    applied
}

/// One of each kind.
fn all() -> Vec<(&'static str, Vec<u8>)> {
    let same = |v: f64| v;
    let bent = |v: f64| v * v;
    let first = |p: &[f64]| [p[0], *p.last().unwrap(), 0.5];
    let stages =
        |channels: usize| Stages { points: vec![3; channels], input: &same, grid: &first, output: &bent };
    let matrix = [0.4, 0.0, 0.0, 0.0, 0.4, 0.0, 0.0, 0.0, 0.4, 0.01, 0.0, 0.0];
    vec![
        ("matrix, points", rgb_profile(P3, &curv(&[0, 30_000, 65_535]))),
        ("matrix, parametric", rgb_profile(P3, &para(4, &[2.4, 0.9, 0.1, 0.1, 0.04, 0.0, 0.0]))),
        ("gray", gray(curv(&[461]), true)),
        ("gray, mft1", with_tables(stages(1).lut(false), true)),
        ("mft1", with_tables(stages(3).lut(false), true)),
        ("mft2", with_tables(stages(3).lut(true), false)),
        ("CMYK, mft1", with_tables(stages(4).lut(false), true)),
        ("mAB", with_tables(stages(3).lut_a_to_b(Some((para(0, &[2.0]), matrix))), false)),
        ("CMYK, mAB", with_tables(stages(4).lut_a_to_b(None), true)),
        ("XYB", xyb()),
    ]
}

#[test]
fn profiles_that_are_cut_never_panic() {
    for (name, profile) in all() {
        assert!(apply(&profile), "{name}");
        // every end within the tables of tags and the heads; then some
        let step = (profile.len() / 100).max(1);
        for end in (0..profile.len().min(300)).chain((300..profile.len()).step_by(step)) {
            let _ = icc::parse(&profile[..end], Device::Rgb);
            let _ = icc::parse(&profile[..end], Device::Cmyk);
            let _ = icc::parse(&profile[..end], Device::Gray);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    #[test]
    fn any_bytes_of_a_profile_may_change(
        which in 0usize..10,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        head in any::<bool>(),
    ) {
        let (_, mut profile) = all().swap_remove(which);
        // half of them where places, lengths and counts stand
        let from = if head { 128..profile.len().min(420) } else { 0..profile.len() };
        for (index, value) in changes {
            let at = from.start + index.index(from.len());
            profile[at] = value;
        }
        let _ = apply(&profile);
    }
}

/// A lutAToBType whose five places are these, in front of some curves and a grid.
fn a_to_b_at(places: [u32; 5]) -> Vec<u8> {
    let same = |v: f64| v;
    let grid = |p: &[f64]| [p[0], p[1], p[2]];
    let mut tag = Stages { points: vec![2; 3], input: &same, grid: &grid, output: &same }.lut_a_to_b(None);
    for (i, place) in places.into_iter().enumerate() {
        tag[12 + 4 * i..16 + 4 * i].copy_from_slice(&place.to_be_bytes());
    }
    with_tables(tag, true)
}

fn lut_with(change: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
    let same = |v: f64| v;
    let grid = |p: &[f64]| [p[0], p[1], p[2]];
    let mut tag = Stages { points: vec![3; 3], input: &same, grid: &grid, output: &same }.lut(true);
    change(&mut tag);
    with_tables(tag, true)
}

#[test]
fn hostile_profiles_are_left_aside() {
    let many_points = |count: u32| [&b"curv\0\0\0\0"[..], &count.to_be_bytes(), &[0; 90_000]].concat();
    let nan = para(1, &[-1.0, 0.001, -1.0]);
    let mut tags_beyond = rgb_profile(P3, &curv(&[]));
    tags_beyond[128..132].copy_from_slice(&u32::MAX.to_be_bytes());
    let mut far_tag = rgb_profile(P3, &curv(&[]));
    far_tag[136..140].copy_from_slice(&u32::MAX.to_be_bytes());
    let cases = [
        ("a grid of 0 points", lut_with(|tag| tag[10] = 0), false),
        ("a grid of 1 point", lut_with(|tag| tag[10] = 1), false),
        ("a grid of 255 points", lut_with(|tag| tag[10] = 255), false),
        ("no inputs", lut_with(|tag| tag[8] = 0), false),
        ("15 inputs", lut_with(|tag| tag[8] = 15), false),
        ("4 outputs", lut_with(|tag| tag[9] = 4), false),
        ("curves of 1 entry", lut_with(|tag| tag[48..50].copy_from_slice(&[0, 1])), false),
        ("curves of 65,535 entries", lut_with(|tag| tag[50..52].copy_from_slice(&[255, 255])), false),
        ("cut grid", lut_with(|tag| tag.truncate(900)), false),
        ("all stages at one place", a_to_b_at([32; 5]), false),
        ("stages beyond the tag", a_to_b_at([u32::MAX; 5]), false),
        ("no B curves", a_to_b_at([0, 0, 0, 1000, 32]), false),
        ("A curves without a grid", a_to_b_at([32, 0, 0, 0, 32]), false),
        ("curves that share their bytes", a_to_b_at([32, 0, 0, 0, 0]), true),
        ("a curve of 2^32 points", rgb_profile(P3, &many_points(u32::MAX)), false),
        ("a curve of 40,000 points", rgb_profile(P3, &many_points(40_000)), false),
        ("a curve of 32,767 points", rgb_profile(P3, &many_points(32_767)), true),
        ("curves of NaN and infinities", rgb_profile(P3, &nan), true),
        ("colorants in a plane", rgb_profile([P3[0], P3[0], P3[2]], &curv(&[])), false),
        ("no colorants", rgb_profile([[0.0; 3]; 3], &curv(&[])), false),
        ("more tags than bytes", tags_beyond, true),
        ("a tag beyond the end", far_tag, false),
        (
            "a connection space that there is not",
            {
                let mut p = xyb();
                p[20..24].copy_from_slice(b"RGB ");
                p
            },
            false,
        ),
        ("noise", (0..4000u32).map(|i| (i * i % 251) as u8).collect(), false),
    ];
    for (name, profile, applied) in cases {
        assert_eq!(apply(&profile), applied, "{name}");
    }
}

/// A small profile cannot ask for a large grid: seven points of one channel beside few of the others are not made finer.
#[test]
fn a_finer_grid_stays_small() {
    let (same, bent) = (|v: f64| v, |v: f64| v * v);
    let first = |p: &[f64]| [p[0], p[1], p[2]];
    for points in
        [vec![2, 2, 2, 200], vec![17; 4], vec![2; 4], vec![18, 2, 2, 2], vec![2, 2, 255], vec![33; 3]]
    {
        let stages = Stages { points: points.clone(), input: &same, grid: &first, output: &bent };
        assert!(apply(&with_tables(stages.lut_a_to_b(None), true)), "{points:?}");
    }
}
