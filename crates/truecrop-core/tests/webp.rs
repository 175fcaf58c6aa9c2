//! WebP: pixels equal to libwebp's, windows, and files that are cut short.
//!
//! `tests/fixtures/webp/pixels.txt` is written by `scripts/webp_fixtures.py`, from what libwebp decodes. With `TRUECROP_WEBP` set to another such folder,
//! its files are compared too.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking
#![cfg(feature = "formats")]

use std::io::Cursor;
use std::path::{Path, PathBuf};
use truecrop_core::decode::{self, DecodePlan, Window};
use truecrop_core::geometry::Size;
use truecrop_core::probe::{Probe, probe};
use truecrop_core::receipt::Sha256;
use truecrop_core::{Limits, Result, Simd, use_simd};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/webp")
}

fn file(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(format!("{name}.webp"))).unwrap()
}

fn probe_of(file: &[u8]) -> Result<Probe> {
    probe(&mut Cursor::new(file), &Limits::default())
}

/// A decoded window.
struct Decoded {
    samples: Vec<u8>,
    channels: usize,
    truncated: bool,
}

fn decode(file: &[u8], probe: &Probe, window: Window) -> Result<Decoded> {
    let plan = DecodePlan { window, scale: 8, coarse_chroma: false };
    let reader = Box::new(Cursor::new(file.to_vec()));
    let mut rows = decode::open(reader, probe, &plan, &Limits::default(), None)?;
    let channels = rows.layout().channels();
    let mut samples = Vec::new();
    while let Some(row) = rows.next_row()? {
        row.append_to(&mut samples);
    }
    assert_eq!(samples.len(), channels * window.width as usize * window.height as usize);
    Ok(Decoded { samples, channels, truncated: rows.truncated() })
}

/// The lines of a list that a file of the folder is not like.
fn compare(folder: &Path) -> (usize, Vec<String>) {
    let list = std::fs::read_to_string(folder.join("pixels.txt")).unwrap();
    let mut wrong = Vec::new();
    for line in list.lines() {
        let (name, want) = line.split_once(' ').unwrap();
        let file = std::fs::read(folder.join(format!("{name}.webp"))).unwrap();
        let got = probe_of(&file).and_then(|probe| {
            let size = probe.stored();
            let whole = decode(&file, &probe, Window::whole(size))?;
            let mut hasher = Sha256::default();
            hasher.update(&whole.samples);
            assert!(!whole.truncated, "{name}");
            Ok(format!("{} {} {} {}", size.width, size.height, whole.channels, hasher.finish()))
        });
        match got {
            Ok(got) if got == want => {}
            Ok(got) => wrong.push(format!("{name}: {got}, not {want}")),
            Err(error) => wrong.push(format!("{name}: {error}")),
        }
    }
    (list.lines().count(), wrong)
}

#[test]
fn the_pixels_are_those_of_libwebp() {
    for simd in [Simd::Best, Simd::Scalar] {
        use_simd(simd);
        let (count, wrong) = compare(&folder());
        assert!(wrong.is_empty(), "{simd:?}: {wrong:#?}");
        assert!(count >= 45, "{count} files");
        if let Some(others) = std::env::var_os("TRUECROP_WEBP") {
            let (count, wrong) = compare(Path::new(&others));
            println!("{simd:?}: {count} more files, {} are not equal", wrong.len());
            assert!(wrong.is_empty(), "{simd:?}: {:#?}", &wrong[..wrong.len().min(20)]);
        }
    }
    use_simd(Simd::Best);
}

/// Windows of every parity, at every edge.
#[test]
fn a_window_is_a_cut_of_the_whole() {
    let names = [
        "15x16",
        "17x17",
        "33x47",
        "quality-30",
        "filter-strongest",
        "simple-filter-strongest",
        "no-filter",
        "partitions-8",
        "alpha",
        "alpha-predicted-1",
        "alpha-predicted-3",
        "alpha-two-levels",
        "animation-within",
    ];
    for name in names {
        let file = file(name);
        let probe = probe_of(&file).unwrap();
        let size = probe.stored();
        let whole = decode(&file, &probe, Window::whole(size)).unwrap();
        for window in windows(size) {
            let part = decode(&file, &probe, window).unwrap();
            let stride = size.width as usize * whole.channels;
            let cut: Vec<u8> = (window.y..window.y + window.height)
                .flat_map(|y| {
                    let first = y as usize * stride + window.x as usize * whole.channels;
                    whole.samples[first..first + window.width as usize * whole.channels].to_vec()
                })
                .collect();
            assert!(part.samples == cut, "{name}: {window:?}");
        }
    }
}

fn windows(size: Size) -> Vec<Window> {
    let spans = |side: u32| -> Vec<(u32, u32)> {
        let starts = [0, 1, 6, 7, 8, 9, 15, 16, 17, 31, side / 2, side.saturating_sub(2), side - 1];
        let lengths = [1, 2, 3, 16, side];
        let spans = starts
            .iter()
            .flat_map(|&start| lengths.map(|length| (start, length.min(side.saturating_sub(start)))));
        spans.filter(|&(_, length)| length > 0).collect()
    };
    let (across, down) = (spans(size.width), spans(size.height));
    let count = across.len().max(down.len());
    (0..count * 3)
        .map(|n| {
            let (x, width) = across[n % across.len()];
            let (y, height) = down[(n * 7 + n / across.len()) % down.len()];
            Window { x, y, width, height }
        })
        .collect()
}
