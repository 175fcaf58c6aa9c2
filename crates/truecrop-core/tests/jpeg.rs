//! The JPEG decoder from outside: equal to libjpeg-turbo, equal to itself through any window, and unmoved by damage.

use proptest::prelude::*;
use sha2::{Digest, Sha256};
use std::io::Cursor;
use std::path::PathBuf;
use std::sync::LazyLock;
use truecrop_core::decode::jpeg::JpegRows;
use truecrop_core::decode::{DecodePlan, Index, Layout, RowSource, Window, scaled};
use truecrop_core::geometry::Size;
use truecrop_core::{Code, Limits, Result};

struct Fixture {
    name: String,
    bytes: Vec<u8>,
    width: u32,
    height: u32,
    /// SHA-256 of libjpeg-turbo's pixels, as tests/fixtures/jpeg/pixels.txt has it.
    pixels: String,
}

static FIXTURES: LazyLock<Vec<Fixture>> = LazyLock::new(|| {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/jpeg");
    let list = std::fs::read_to_string(folder.join("pixels.txt")).expect("the list of fixtures");
    let fixture = |line: &str| {
        let [name, width, height, pixels] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("pixels.txt: {line}");
        };
        Fixture {
            name: name.into(),
            bytes: std::fs::read(folder.join(format!("{name}.jpg"))).expect(name),
            width: width.parse().expect(name),
            height: height.parse().expect(name),
            pixels: pixels.into(),
        }
    };
    list.lines().map(fixture).collect()
});

fn named(name: &str) -> &'static Fixture {
    FIXTURES.iter().find(|f| f.name == name).expect(name)
}

/// The scales that a JPEG can be decoded at, in eighths.
const SCALES: [u8; 4] = [1, 2, 4, 8];

struct Picture {
    channels: u32,
    pixels: Vec<u8>,
    truncated: bool,
}

fn decode(bytes: &[u8], scale: u8, window: Window) -> Result<Picture> {
    let plan = DecodePlan { window, scale, coarse_chroma: false };
    decode_with(bytes, plan, None)
}

fn decode_with(bytes: &[u8], plan: DecodePlan, index: Option<Index>) -> Result<Picture> {
    let window = plan.window;
    let reader = Box::new(Cursor::new(bytes.to_vec()));
    let mut rows = JpegRows::open(reader, &plan, &Limits::default(), index)?;
    let channels = match rows.layout() {
        Layout::Gray => 1,
        Layout::Rgb => 3,
        _ => 4,
    };
    let mut pixels = Vec::new();
    while let Some(row) = rows.next_row()? {
        row.append_to(&mut pixels);
    }
    assert_eq!(pixels.len() as u32, window.width * window.height * channels);
    Ok(Picture { channels, pixels, truncated: rows.truncated() })
}

fn whole(width: u32, height: u32, scale: u8) -> Window {
    Window::whole(scaled(Size::new(width, height), scale))
}

fn cut(picture: &Picture, width: u32, window: Window) -> Vec<u8> {
    let c = picture.channels;
    let row = |y: u32| {
        let at = ((y * width + window.x) * c) as usize;
        &picture.pixels[at..at + (window.width * c) as usize]
    };
    (window.y..window.y + window.height).flat_map(row).copied().collect()
}

/// A window inside `all`, out of four numbers from 0 to 1.
fn some_window(all: Window, at: [f64; 4]) -> Window {
    let part = |size: u32, a: f64, b: f64| {
        let first = ((f64::from(size) * a) as u32).min(size - 1);
        (first, 1 + (f64::from(size - first - 1) * b * b) as u32)
    };
    let ((x, width), (y, height)) = (part(all.width, at[0], at[1]), part(all.height, at[2], at[3]));
    Window { x, y, width, height }
}

/// The file cut to a share of its bytes, with some bits turned.
fn damaged(file: &[u8], flips: &[(f64, u8)], keep: f64) -> Vec<u8> {
    let mut bytes = file.to_vec();
    bytes.truncate((bytes.len() as f64 * keep) as usize);
    let size = bytes.len();
    for (place, bit) in flips {
        if let Some(byte) = bytes.get_mut((place * size as f64) as usize) {
            *byte ^= 1 << bit;
        }
    }
    bytes
}

#[test]
fn full_size_is_libjpeg_turbos_byte_for_byte() {
    for f in FIXTURES.iter() {
        let picture = decode(&f.bytes, 8, whole(f.width, f.height, 8)).expect(&f.name);
        let digest: String = Sha256::digest(&picture.pixels).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(digest, f.pixels, "{}", f.name);
        assert!(!picture.truncated, "{}", f.name);
    }
}

/// A scale must neither move nor tint the picture: each pixel lies near the mean of those that it stands for.
#[test]
fn every_scale_shows_the_same_picture() {
    for f in FIXTURES.iter().filter(|f| f.width > 8) {
        let full = decode(&f.bytes, 8, whole(f.width, f.height, 8)).expect(&f.name);
        for scale in [1, 2, 4] {
            let all = whole(f.width, f.height, scale);
            let small = decode(&f.bytes, scale, all).expect(&f.name);
            assert_eq!(small.channels, full.channels);
            let span =
                |i: u32, size: u32| i * 8 / u32::from(scale)..((i + 1) * 8).div_ceil(scale.into()).min(size);
            let mean = |x: u32, y: u32| {
                let inside = span(y, f.height).flat_map(|v| span(x, f.width).map(move |u| v * f.width + u));
                let values: Vec<f64> =
                    inside.map(|at| full.pixels[(at * full.channels) as usize].into()).collect();
                values.iter().sum::<f64>() / values.len() as f64
            };
            let errors = (0..all.width * all.height).map(|at| {
                f64::from(small.pixels[(at * full.channels) as usize]) - mean(at % all.width, at / all.width)
            });
            let off = errors.sum::<f64>() / f64::from(all.width * all.height);
            assert!(off.abs() < 2.5, "{} at {scale}/8 is {off} off", f.name);
        }
    }
}

/// However the same coefficients are coded, they are the same picture at every scale: no scan that matters is left out.
#[test]
fn every_coding_gives_the_same_picture_at_every_scale() {
    let mut pairs = 0;
    for (i, a) in FIXTURES.iter().enumerate() {
        for b in FIXTURES[i + 1..].iter().filter(|b| b.pixels == a.pixels) {
            pairs += 1;
            for scale in SCALES {
                let all = whole(a.width, a.height, scale);
                let [a_pixels, b_pixels] =
                    [a, b].map(|f| decode(&f.bytes, scale, all).expect(&f.name).pixels);
                assert!(a_pixels == b_pixels, "{} and {} differ at {scale}/8", a.name, b.name);
            }
        }
    }
    assert!(pairs > 10, "only {pairs} pairs");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    /// The law of the decoder: a window's rows are those of the whole picture, cut.
    #[test]
    fn a_window_is_a_cut_of_the_whole(
        which in 0..10_000_usize,
        scale in prop::sample::select(&SCALES[..]),
        at in prop::array::uniform4(0.0..1.0_f64),
        coarse_chroma in any::<bool>(),
    ) {
        let f = &FIXTURES[which % FIXTURES.len()];
        let all = whole(f.width, f.height, scale);
        let window = some_window(all, at);
        let of = |window| decode_with(&f.bytes, DecodePlan { window, scale, coarse_chroma }, None);
        let (full, part) = (of(all).expect(&f.name), of(window).expect(&f.name));
        prop_assert!(part.pixels == cut(&full, all.width, window), "{} at {}/8, {:?}", f.name, scale, window);
    }

    /// An index changes nothing, whatever was decoded before and however damaged the file is.
    #[test]
    fn an_index_changes_nothing(
        which in 0..10_000_usize,
        windows in prop::collection::vec((prop::sample::select(&SCALES[..]), prop::array::uniform4(0.0..1.0_f64)), 1..6),
        flips in prop::collection::vec((0.0..1.0_f64, 0..8_u8), 0..3),
        keep in 0.5..3.0_f64,
    ) {
        let f = &FIXTURES[which % FIXTURES.len()];
        let bytes = damaged(&f.bytes, &flips, keep);
        let index = Index::default();
        for (scale, at) in windows {
            let window = some_window(whole(f.width, f.height, scale), at);
            match (decode_with(&bytes, DecodePlan { window, scale, coarse_chroma: false }, Some(index.clone())), decode(&bytes, scale, window)) {
                (Ok(with), Ok(without)) => {
                    prop_assert!(with.pixels == without.pixels, "{} at {}/8, {:?}", f.name, scale, window);
                    prop_assert_eq!(with.truncated, without.truncated, "{} at {}/8, {:?}", f.name, scale, window);
                }
                (with, without) => prop_assert_eq!(with.err().map(|e| e.code()), without.err().map(|e| e.code())),
            }
        }
    }

    /// Damaged files: an error or a picture, never a panic; and the law holds for them too.
    #[test]
    fn damage_is_survived(
        which in 0..10_000_usize,
        scale in prop::sample::select(&SCALES[..]),
        at in prop::array::uniform4(0.0..1.0_f64),
        flips in prop::collection::vec((0.0..1.0_f64, 0..8_u8), 0..6),
        keep in 0.0..2.0_f64,
    ) {
        let f = &FIXTURES[which % FIXTURES.len()];
        let bytes = damaged(&f.bytes, &flips, keep);
        let all = whole(f.width, f.height, scale);
        let window = some_window(all, at);
        // where the size itself is damaged, the window may not fit
        if let (Ok(full), Ok(part)) = (decode(&bytes, scale, all), decode(&bytes, scale, window)) {
            let same = part.pixels == cut(&full, all.width, window);
            prop_assert!(same, "{} at {}/8, {:?}", f.name, scale, window);
        }
    }
}

#[test]
fn every_truncation_is_survived_and_reported() {
    for f in ["420-restart", "420-progressive", "cmyk"].map(named) {
        let all = whole(f.width, f.height, 8);
        for size in 0..f.bytes.len() - 2 {
            match decode(&f.bytes[..size], 8, all) {
                Ok(picture) => assert!(picture.truncated, "{} cut to {size} bytes", f.name),
                Err(error) => {
                    let known = matches!(error.code(), Code::DamagedSource | Code::UnsupportedFormat);
                    assert!(known, "{} cut to {size} bytes: {error}", f.name);
                }
            }
        }
    }
}

/// Only the end marker is missing: nothing of the picture is, however it is coded.
#[test]
fn a_file_that_lacks_only_its_end_is_whole() {
    let ends = |f: &&Fixture| f.bytes.ends_with(&[0xFF, 0xD9]);
    let mut checked = 0;
    for f in FIXTURES.iter().filter(ends) {
        for scale in SCALES {
            let all = whole(f.width, f.height, scale);
            let [with, without] = [f.bytes.len(), f.bytes.len() - 2]
                .map(|size| decode(&f.bytes[..size], scale, all).expect(&f.name));
            assert!(with.pixels == without.pixels, "{} at {scale}/8", f.name);
            assert!(!without.truncated, "{} at {scale}/8", f.name);
        }
        checked += 1;
    }
    assert!(checked > 35, "only {checked} files");
}

/// Cut between two scans: what the missing ones would add cannot be known, so the rows are said to be truncated.
#[test]
fn a_file_that_ends_between_its_scans_is_truncated() {
    for f in ["420-progressive", "420-scans-apart", "gray-progressive"].map(named) {
        let starts: Vec<usize> =
            f.bytes.windows(2).enumerate().filter(|(_, w)| *w == [0xFF, 0xDA]).map(|(at, _)| at).collect();
        assert!(starts.len() > 1, "{}", f.name);
        for &at in &starts[1..] {
            // the tables of the next scan stand before it
            let tables = f.bytes[..at].windows(2).rposition(|w| w == [0xFF, 0xDA] || w == [0xFF, 0xC4]);
            let end = tables.filter(|&table| f.bytes[table + 1] == 0xC4).unwrap_or(at);
            let picture = decode(&f.bytes[..end], 8, whole(f.width, f.height, 8)).expect(&f.name);
            assert!(picture.truncated, "{} cut to {end} bytes", f.name);
        }
    }
}

#[test]
fn what_is_missing_is_gray() {
    let f = named("444");
    let picture = decode(&f.bytes[..f.bytes.len() / 2], 8, whole(f.width, f.height, 8)).expect("a picture");
    assert!(picture.truncated);
    assert_eq!(picture.pixels[picture.pixels.len() - 3..], [128; 3]);
}

#[test]
fn kinds_that_are_not_read_are_named() {
    let f = named("444");
    let frame = f.bytes.windows(2).position(|w| w == [0xFF, 0xC0]).expect("a frame");
    let refused = |at: usize, value: u8| {
        let mut bytes = f.bytes.clone();
        bytes[frame + at] = value;
        decode(&bytes, 8, whole(f.width, f.height, 8)).err()
    };
    let cases = [
        (1, 0xC3, "lossless"),
        (1, 0xC9, "arithmetic"),
        (1, 0xC5, "hierarchical"),
        (4, 12, "12 bits"),
        (9, 2, "2 components"),
    ];
    for (at, value, word) in cases {
        let error = refused(at, value).expect(word);
        assert_eq!(error.code(), Code::UnsupportedFormat, "{word}");
        assert!(error.detail().contains(word), "{error}");
    }
    let mut no_height = f.bytes.clone();
    no_height[frame + 5..frame + 7].fill(0);
    let error = decode(&no_height, 8, whole(8, 8, 8)).err().expect("an error");
    assert_eq!(error.code(), Code::UnsupportedFormat);
}

#[test]
fn too_many_scans_are_refused() {
    let f = named("420-progressive");
    let limits = Limits { jpeg_scans: 9, ..Limits::default() };
    let plan = DecodePlan { window: whole(f.width, f.height, 8), scale: 8, coarse_chroma: false };
    let result = JpegRows::open(Box::new(Cursor::new(f.bytes.clone())), &plan, &limits, None);
    assert_eq!(result.err().map(|e| e.code()), Some(Code::TooManyScans));
}

#[test]
fn other_scales_are_refused() {
    let f = &FIXTURES[0];
    for scale in (0..=9).filter(|scale| !SCALES.contains(scale)) {
        let error = decode(&f.bytes, scale, whole(1, 1, 8)).err().map(|e| e.code());
        assert_eq!(error, Some(Code::InvalidOption), "{scale}/8");
    }
}

#[test]
fn windows_outside_the_picture_are_refused() {
    let f = &FIXTURES[0];
    let cases =
        [(0, 0, f.width + 1, 1), (1, 0, f.width, 1), (0, f.height, 1, 1), (0, 0, 0, 1), (u32::MAX, 0, 2, 1)];
    for (x, y, width, height) in cases {
        let error = decode(&f.bytes, 8, Window { x, y, width, height }).err().map(|e| e.code());
        assert_eq!(error, Some(Code::InvalidOption));
    }
}

/// The largest size that a header can state, with hardly any data after it: neither memory nor time may follow the header.
#[test]
fn an_empty_giant_is_gray() {
    for f in ["420", "420-progressive", "444-restart-rows"].map(named) {
        let mut bytes = f.bytes.clone();
        let frame = bytes.windows(2).position(|w| w == [0xFF, 0xC0] || w == [0xFF, 0xC2]).expect("a frame");
        bytes[frame + 5..frame + 9].fill(0xFF);
        let limits = Limits { source_pixels: u64::MAX, ..Limits::default() };
        let plan = DecodePlan {
            window: Window { x: 65_000, y: 65_000, width: 535, height: 535 },
            scale: 8,
            coarse_chroma: false,
        };
        let mut rows = JpegRows::open(Box::new(Cursor::new(bytes)), &plan, &limits, None).expect(&f.name);
        let mut count = 0;
        while let Some(row) = rows.next_row().expect(&f.name) {
            let mut samples = Vec::new();
            row.append_to(&mut samples);
            assert!(samples.iter().all(|&v| v == 128), "{}", f.name);
            count += 1;
        }
        assert_eq!(count, 535);
        assert!(rows.truncated());
    }
}
