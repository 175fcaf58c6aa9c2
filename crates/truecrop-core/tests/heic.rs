//! HEIC: pixels that libheif's planes give, how pictures lie and are coloured, and that no more is read than a window needs.
//!
//! `tests/fixtures/heic/pixels.txt` is written by `scripts/heic_fixtures.py`, by another hand than the decoder's: from the planes that libheif
//! decodes, in the arithmetic that docs/FORMATS.md states.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking
#![cfg(all(feature = "heic", feature = "formats"))]

mod common;

use common::{check_verified, folder, read};
use std::cell::Cell;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::rc::Rc;
use truecrop_core::decode::{self, DecodePlan, Row, Window};
use truecrop_core::geometry::{Crop, Size};
use truecrop_core::plan::Plan;
use truecrop_core::probe::{Ignored, Probe, StatedColor, probe};
use truecrop_core::receipt::Sha256;
use truecrop_core::recipe::{Background, Format, OutputSpec, Recipe};
use truecrop_core::{Code, Limits, Reader, Result, pipeline};

fn file(name: &str) -> Vec<u8> {
    read(&format!("fixtures/heic/{name}.heic"))
}

fn probe_of(file: &[u8]) -> Result<Probe> {
    probe(&mut Cursor::new(file), &Limits::default())
}

/// The samples of a window, those of 16 bits in big-endian order; and the channels.
fn samples(reader: Reader, probe: &Probe, window: Window) -> Result<(Vec<u8>, usize)> {
    let plan = DecodePlan { window, scale: 8, coarse_chroma: false };
    let mut rows = decode::open(reader, probe, &plan, &Limits::default(), None)?;
    let channels = rows.layout().channels();
    let mut bytes = Vec::new();
    while let Some(row) = rows.next_row()? {
        match row {
            Row::U16(wide) => bytes.extend(wide.iter().flat_map(|sample| sample.to_be_bytes())),
            other => other.append_to(&mut bytes),
        }
    }
    Ok((bytes, channels))
}

fn names() -> Vec<String> {
    let entries = std::fs::read_dir(folder("fixtures/heic")).unwrap();
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.unwrap().file_name().to_str()?.strip_suffix(".heic").map(str::to_owned))
        .collect();
    names.sort();
    names
}

#[test]
fn the_pixels_are_those_of_libheif_s_planes() {
    let list = String::from_utf8(read("fixtures/heic/pixels.txt")).unwrap();
    let mut wrong = Vec::new();
    for line in list.lines() {
        let [name, rest] = line.splitn(2, ' ').collect::<Vec<_>>().try_into().unwrap();
        let file = file(name);
        let probe = probe_of(&file).unwrap_or_else(|error| panic!("{name}: {error}"));
        let (size, orientation) = (probe.stored(), probe.orientation().value());
        let (bytes, channels) = samples(Box::new(Cursor::new(file)), &probe, Window::whole(size)).unwrap();
        let bits = bytes.len() * 8 / (size.pixels() as usize * channels);
        let mut hasher = Sha256::default();
        hasher.update(&bytes);
        let digest = hasher.finish();
        let got = format!("{} {} {orientation} {channels} {bits} {digest}", size.width, size.height);
        if got != rest {
            wrong.push(format!("{name}: {got}, not {rest}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(list.lines().count() >= 30, "every kind of file is in the list");
}

/// Every corner, every pair of neighbouring pixels along both axes, and some others.
#[test]
fn a_window_is_a_cut_of_the_whole() {
    for name in names() {
        let file: &'static [u8] = file(&name).leak();
        let probe = probe_of(file).unwrap();
        let size = probe.stored();
        let cut = |window| samples(Box::new(Cursor::new(file)), &probe, window).unwrap();
        let (whole, channels) = cut(Window::whole(size));
        let pixel = whole.len() / size.pixels() as usize;
        assert_eq!(pixel % channels, 0);
        let (w, h) = (size.width, size.height);
        let step = (w / 9).max(1) as usize;
        let columns = (0..w - 1).step_by(step).map(|x| Window { x, y: 0, width: 2, height: h });
        let rows = (0..h - 1).step_by(step).map(|y| Window { x: 0, y, width: w, height: 2 });
        let corners = [(0, 0), (w - 1, 0), (0, h - 1), (w - 1, h - 1), (w / 2, h / 3)];
        let corners = corners.map(|(x, y)| Window { x, y, width: 1, height: 1 });
        let inner = Window { x: w / 3, y: h / 3, width: w / 2, height: h / 2 };
        for window in columns.chain(rows).chain(corners).chain([inner]) {
            let (got, _) = cut(window);
            for (n, row) in got.chunks(window.width as usize * pixel).enumerate() {
                let start = ((window.y as usize + n) * w as usize + window.x as usize) * pixel;
                assert_eq!(row, &whole[start..start + row.len()], "{name}: row {n} of {window:?}");
            }
        }
    }
}

#[test]
fn what_a_file_says_of_its_colours_is_stated() {
    let coded = |primaries, transfer| StatedColor::Coded { primaries, transfer };
    let cases = [
        ("p3-by-code", vec![coded(12, 13)], false),
        ("full-2020", vec![coded(9, 13)], false),
        ("pq", vec![coded(9, 16)], true),
    ];
    for (name, stated, ignored) in cases {
        let file = file(name);
        assert_eq!(probe_of(&file).unwrap().stated_colors(), stated, "{name}");
        let receipt = crop(&file).receipt.to_json().unwrap();
        assert_eq!(receipt.contains(r#""ignored":["profile"]"#), ignored, "{name}: {receipt}");
    }
    let p3 = probe_of(&file("p3")).unwrap();
    assert!(
        matches!(p3.stated_colors(), [StatedColor::Icc(profile), StatedColor::Coded { .. }] if profile.len() > 300)
    );
    // the same colours, by a profile and by codes
    let pixels = |name| crop(&file(name)).outputs[0].1.clone();
    assert_ne!(pixels("p3-by-code"), pixels("single"));
}

/// Most of the picture, to PNG and JPEG.
fn crop(file: &[u8]) -> pipeline::Cropped {
    let Size { width, height } = probe_of(file).unwrap().oriented();
    let (width, height) = (f64::from(width), f64::from(height));
    let output = |name, format| OutputSpec::new(name, Size::new(24, 18), format).unwrap();
    let outputs = vec![output("png", Format::Png), output("jpeg", Format::Jpeg)];
    let crop = Crop::from_pixels(width / 8.0, height / 8.0, width * 0.75, height * 0.5).unwrap();
    let background = "#804020".parse::<Background>().unwrap();
    let recipe = Recipe::new(crop, outputs).unwrap().with_background(Some(background)).unwrap();
    let reader = Box::new(Cursor::new(file.to_vec()));
    pipeline::crop(reader, &recipe, &Limits::default(), &mut |_| ControlFlow::Continue(())).unwrap()
}

#[test]
fn what_is_made_of_them_is_verified_from_the_outputs_and_from_the_source() {
    for name in names() {
        let file = file(&name);
        let cropped = crop(&file);
        assert!(cropped.receipt.to_json().unwrap().contains(r#""format":"heic""#), "{name}");
        check_verified(&file, cropped).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

/// Apple's gain map is an auxiliary picture as alpha is, of another type. It is left, and said.
#[test]
fn a_gain_map_is_said() {
    let (alpha, map) = (
        &b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha"[..],
        b"urn:com:apple:photo:2020:aux:hdrgainmap\0\0\0\0",
    );
    let mut file = file("alpha");
    let at = file.windows(alpha.len()).position(|part| part == alpha).unwrap();
    file[at..at + alpha.len()].copy_from_slice(map);
    let cropped = crop(&file);
    assert_eq!(cropped.receipt.source().ignored, [Ignored::GainMap]);
    check_verified(&file, cropped).unwrap();
    assert_eq!(crop(&self::file("alpha")).receipt.source().ignored, []);
}

/// Identities that lead nowhere, and pictures that are no HEVC, are refused by what they are.
#[test]
fn derived_pictures_are_followed_to_an_end() {
    let file = file("iden-irot-1");
    let with = |part: &[u8], at: usize, bytes: &[u8]| {
        let mut file = file.clone();
        let start = file.windows(part.len()).position(|found| found == part).unwrap() + at;
        file[start..start + bytes.len()].copy_from_slice(bytes);
        probe_of(&file).unwrap_err()
    };
    // derived from itself; from what is not there
    for to in [1, 9] {
        assert_eq!(with(b"dimg", 8, &[0, to]).code(), Code::DamagedSource, "from {to}");
    }
    let refused = with(b"iden", 0, b"unci");
    assert_eq!((refused.code(), refused.got()), (Code::UnsupportedFormat, Some(&"uncompressed".into())));
}

/// The small picture that heif-enc has put beside the picture of this file.
#[test]
fn the_small_picture_of_a_file_shows_the_same() {
    let file = file("as-written");
    let probe = probe_of(&file).unwrap();
    let small = probe.thumbnail().unwrap();
    let (size, shown) = (small.stored(), probe.stored());
    assert!(size.width.max(size.height) == 32 && small.orientation() == probe.orientation());
    let recipe = pipeline::proxy_recipe(&probe, 32).unwrap();
    let proxy = |longest| -> Result<Vec<u8>> {
        let (of, longest) = pipeline::proxy_source(&probe, longest)?;
        let recipe = pipeline::proxy_recipe(of, longest)?;
        let plan = Plan::new(of, &recipe, &Limits::default())?;
        let reader = Box::new(Cursor::new(file.clone()));
        let mut pass = pipeline::DecodePass::new(reader, of, &plan, &Limits::default(), None)?;
        while !pass.advance(64)? {}
        Ok(pass.into_rasters().pop().unwrap().1.into_rgba())
    };
    let (own, made): (Vec<u8>, Vec<u8>) = (proxy(0).unwrap(), proxy(32).unwrap());
    assert_eq!(own.len(), made.len(), "{shown:?} {}", recipe.to_json());
    // as they look over black: the small picture's own opacity is left aside
    let pairs = made.chunks_exact(4).zip(own.chunks_exact(4));
    let apart = pairs
        .flat_map(|(a, b)| (0..3).map(|c| (i32::from(a[c]) - i32::from(b[c])).abs() * i32::from(a[3]) / 255));
    let mean = apart.sum::<i32>() / (made.len() / 4 * 3) as i32;
    assert!(mean < 12, "{mean} levels in the mean");
    let without = probe_of(&self::file("single")).unwrap();
    assert_eq!(pipeline::proxy_source(&without, 0).unwrap_err().code(), Code::InvalidRecipe);
}

/// A file that counts the bytes that are read of it.
struct Counted(Cursor<Vec<u8>>, Rc<Cell<usize>>);

impl Read for Counted {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let count = self.0.read(out)?;
        self.1.set(self.1.get() + count);
        Ok(count)
    }
}

impl Seek for Counted {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.0.seek(to)
    }
}

#[test]
fn only_the_tiles_under_the_window_are_read() {
    let file = file("grid");
    let probe = probe_of(&file).unwrap();
    let bytes = |x, y, width, height| {
        let count = Rc::new(Cell::new(0));
        let reader = Counted(Cursor::new(file.clone()), count.clone());
        samples(Box::new(reader), &probe, Window { x, y, width, height }).unwrap();
        count.get()
    };
    let whole = bytes(0, 0, 150, 101);
    // the six tiles, and one by one with a step of chroma to its edges
    let tiles = [
        (2, 2, 60, 60),
        (66, 2, 60, 60),
        (130, 2, 18, 60),
        (2, 66, 60, 33),
        (66, 66, 60, 33),
        (130, 66, 18, 33),
    ];
    let apart: Vec<usize> = tiles.iter().map(|&(x, y, w, h)| bytes(x, y, w, h)).collect();
    assert_eq!(apart.iter().sum::<usize>(), whole);
    assert!(apart.iter().all(|&count| count > 0 && count < whole / 2), "{apart:?}");
    // at a seam, chroma needs the next tile too
    assert_eq!(bytes(63, 2, 1, 1), apart[0] + apart[1]);
    assert_eq!(bytes(62, 2, 1, 1), apart[0]);
}

/// Steps of a run that takes as many rows as it can in each, and whether it may be given up after each of them.
fn steps(name: &str, window: [f64; 4]) -> usize {
    let file = file(name);
    let probe = probe_of(&file).unwrap();
    let [x, y, width, height] = window;
    let output = OutputSpec::new("main", Size::new(8, 8), Format::Png).unwrap();
    let recipe = Recipe::new(Crop::from_pixels(x, y, width, height).unwrap(), vec![output]).unwrap();
    let plan = Plan::new(&probe, &recipe, &Limits::default()).unwrap();
    let mut pass =
        pipeline::DecodePass::new(Box::new(Cursor::new(file)), &probe, &plan, &Limits::default(), None)
            .unwrap();
    let mut steps = 1;
    while !pass.advance(u32::MAX).unwrap() {
        steps += 1;
    }
    steps
}

#[test]
fn a_run_may_be_given_up_after_each_tile() {
    // three tiles in each of two rows; and the last step, of rows alone
    assert_eq!(steps("grid", [0.0, 0.0, 150.0, 101.0]), 7);
    assert_eq!(steps("grid", [2.0, 2.0, 20.0, 20.0]), 2);
    // each with its tile of opacity
    assert_eq!(steps("grid-alpha", [0.0, 0.0, 120.0, 90.0]), 9);
    assert_eq!(steps("single", [0.0, 0.0, 20.0, 20.0]), 2);
}

/// For those whom HEVC's patents worry.
#[test]
fn with_a_limit_of_no_bytes_heic_is_refused_by_name() {
    let limits = Limits { heic_header_bytes: 0, ..Limits::default() };
    let refused = probe(&mut Cursor::new(file("single")), &limits).unwrap_err();
    assert_eq!((refused.code(), refused.got()), (Code::UnsupportedFormat, Some(&"heic".into())));
    assert!(refused.detail().contains("Most Compatible"), "{refused}");
}
