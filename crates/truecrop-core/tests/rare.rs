//! TIFF, BMP, ICO, TGA, PNM and QOI: pixels that other programs agree on, what is refused by name, and damage.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking
#![cfg(feature = "all-formats")]

mod common;

use std::fs;
use std::io::Cursor;
use std::path::PathBuf;
use truecrop_core::decode::{self, DecodePlan, Row, Window};
use truecrop_core::probe::{Depth, Probe, StatedColor, probe};
use truecrop_core::receipt::Sha256;
use truecrop_core::{Code, Limits, Result};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/rare")
}

fn read(name: &str) -> Vec<u8> {
    fs::read(folder().join(name)).unwrap()
}

fn probe_of(file: &[u8]) -> Result<Probe> {
    probe(&mut Cursor::new(file), &Limits::default())
}

/// The samples of a window, those of 16 bits in big-endian order; and the channels.
fn samples(file: &[u8], probe: &Probe, window: Window) -> Result<(Vec<u8>, usize)> {
    let plan = DecodePlan { window, scale: 8, coarse_chroma: false };
    let reader = Box::new(Cursor::new(file.to_vec()));
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

fn digest(bytes: &[u8]) -> String {
    let mut hasher = Sha256::default();
    hasher.update(bytes);
    hasher.finish().to_string()
}

/// `pixels.txt` was written beside the files, and checked with Pillow where Pillow reads the kind of file.
#[test]
fn the_pixels_are_those_that_were_written() {
    let list = fs::read_to_string(folder().join("pixels.txt")).unwrap();
    assert!(list.lines().count() > 40);
    for line in list.lines() {
        let [name, width, height, channels, bits, expected] =
            line.split(' ').collect::<Vec<_>>().try_into().unwrap();
        let file = read(name);
        let probe = probe_of(&file).unwrap_or_else(|error| panic!("{name}: {error}"));
        let size = probe.stored();
        assert_eq!([size.width.to_string(), size.height.to_string()], [width, height], "{name}");
        let (bytes, got) =
            samples(&file, &probe, Window::whole(size)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(got.to_string(), channels, "{name}");
        assert_eq!(if probe.depth() == Depth::Sixteen { "16" } else { "8" }, bits, "{name}");
        assert_eq!(self::digest(&bytes), expected, "{name}");
        assert_eq!(probe.alpha(), got.is_multiple_of(2), "{name}");
        a_window_is_a_part_of_the_whole(name, &file, &probe, &bytes);
    }
}

fn a_window_is_a_part_of_the_whole(name: &str, file: &[u8], probe: &Probe, whole: &[u8]) {
    let window = Window { x: 7, y: 5, width: 11, height: 9 };
    let (part, _) = samples(file, probe, window).unwrap();
    let size = probe.stored();
    let pixel = whole.len() / size.pixels() as usize;
    let rows = (0..9).flat_map(|row| {
        let start = ((window.y as usize + row) * size.width as usize + window.x as usize) * pixel;
        whole[start..start + 11 * pixel].to_vec()
    });
    assert!(part == rows.collect::<Vec<_>>(), "{name}");
}

#[test]
fn a_tiff_says_how_it_is_turned_and_which_colors_it_has() {
    let probe = probe_of(&read("orientation-6-p3.tif")).unwrap();
    assert_eq!((probe.oriented().width, probe.oriented().height), (30, 40));
    let [StatedColor::Icc(profile)] = probe.stated_colors() else { panic!("{:?}", probe.stated_colors()) };
    assert_eq!(&profile[36..40], b"acsp");
    let pages = |name: &str| probe_of(&read(name)).unwrap().more_pages();
    assert_eq!((pages("two-pages.tif"), pages("rgb-lzw.tif")), (true, false));
}

/// A TIFF with the value of one tag changed, of those that are within the entry.
fn with_tag(mut file: Vec<u8>, tag: u16, value: u32) -> Vec<u8> {
    let directory = u32::from_le_bytes(file[4..8].try_into().unwrap()) as usize;
    let entries = u16::from_le_bytes([file[directory], file[directory + 1]]).into();
    let mut at = (0..entries).map(|i| directory + 2 + 12 * i);
    let entry = at.find(|&at| file[at..at + 2] == tag.to_le_bytes()).unwrap();
    let wide = file[entry + 2] == 4;
    file[entry + 8..entry + 10].copy_from_slice(&(value as u16).to_le_bytes());
    if wide {
        file[entry + 8..entry + 12].copy_from_slice(&value.to_le_bytes());
    }
    file
}

#[test]
fn what_is_not_decoded_is_refused_by_name() {
    let tiff = read("rgb-16.tif");
    let bmp = |offset: usize, value: u8| {
        let mut file = read("rgb.bmp");
        file[offset] = value;
        file
    };
    let cases: [(&str, Vec<u8>, &str); 9] = [
        ("palette", with_tag(tiff.clone(), 262, 3), "palette"),
        ("CMYK", with_tag(tiff.clone(), 262, 5), "CMYK"),
        ("YCbCr", with_tag(tiff.clone(), 262, 6), "YCbCr"),
        ("Lab", with_tag(tiff.clone(), 262, 8), "Lab"),
        ("JPEG in TIFF", with_tag(tiff.clone(), 259, 7), "JPEG compression"),
        ("Zstandard in TIFF", with_tag(tiff, 259, 50_000), "rare compression"),
        ("a sensor's samples", with_tag(read("rgb-16.tif"), 262, 32_803), "camera raw"),
        ("JPEG in BMP", bmp(30, 4), "holds a JPEG"),
        ("BMP of OS/2", bmp(14, 64), "OS/2"),
    ];
    for (name, file, word) in cases {
        let error = probe_of(&file).unwrap_err();
        assert_eq!(error.code(), Code::UnsupportedFormat, "{name}: {error}");
        assert!(error.detail().contains(word), "{name}: {error}");
    }
}

/// Whatever is not a picture keeps being named, or unknown: the formats with weak signatures take nothing that is not theirs.
#[test]
fn texts_and_noise_are_not_taken_for_pictures() {
    let mut state = 1_u32;
    let mut noise = |count: usize| -> Vec<u8> {
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        (0..count).map(|_| next()).collect()
    };
    let noises: Vec<Vec<u8>> =
        (0..2000).map(|_| noise(64)).filter(|bytes| !bytes.starts_with(b"BM")).collect();
    let texts: [&[u8]; 6] =
        [b"P1 is a road", b"P7 332\n", b"<html><body>", &[0; 64], b"\0\0\x01\xBAmpeg", b"%PDF-1.4"];
    for file in noises.iter().map(Vec::as_slice).chain(texts) {
        assert_eq!(probe_of(file).unwrap_err().code(), Code::UnsupportedFormat, "{file:?}");
    }
}

/// No cut and no changed byte makes anything but a picture or a refusal. Cut files are refused.
#[test]
fn damage_is_answered() {
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name == "pixels.txt" {
            continue;
        }
        let file = fs::read(&path).unwrap();
        let run = |file: &[u8]| {
            let limits = Limits { source_pixels: 1 << 16, memory: 16 << 20, ..Limits::default() };
            let probe = probe(&mut Cursor::new(file), &limits)?;
            let plan = DecodePlan::whole(&probe);
            if decode::memory_bytes(&probe, &plan) > limits.memory {
                return Ok(());
            }
            samples(file, &probe, Window::whole(probe.stored())).map(|_| ())
        };
        for end in (1..file.len()).step_by(1 + file.len() / 600) {
            drop(run(&file[..end]));
        }
        // An icon's PNG shows what there is of it; of two pages the first one is all there.
        if !name.ends_with("ico") && name != "two-pages.tif" {
            let half = run(&file[..file.len() / 2]).map_err(|error| error.code());
            assert_eq!(half, Err(Code::DamagedSource), "{name}");
        }
        let mut state = 7_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 8
        };
        for round in 0..800 {
            let mut changed = file.clone();
            // headers are at the start, and TIFF's directory at the end
            let most = if round % 2 == 0 { 200.min(file.len()) } else { file.len() };
            for _ in 0..=round % 5 {
                let at = next() as usize % most;
                let at = if round % 4 == 2 { file.len() - 1 - at } else { at };
                changed[at] = [0, 255, next() as u8][round % 3];
            }
            drop(run(&changed));
        }
    }
}
