//! A folder of public test images through this engine and through other decoders: libjpeg-turbo for JPEG, zune-png for PNG.
//!
//! `TRUECROP_CONFORMANCE=DIR cargo test --release -p truecrop-core --test conformance -- --nocapture` prints how many are
//! equal, near, refused and why. Fails where a valid file's pixels are more than one level off, where an error is
//! internal, and where a file takes too long. Without the folder there is nothing to do: such images are never committed.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use truecrop_core::decode::{self, DecodePlan, Layout, Row};
use truecrop_core::probe::{self, Depth, SourceFormat};
use truecrop_core::{Code, Limits, Result};
use zune_png::zune_core::bytestream::ZCursor;
use zune_png::zune_core::options::DecoderOptions;
use zune_png::zune_core::result::DecodingResult;

struct Picture {
    format: SourceFormat,
    layout: Layout,
    depth: Depth,
    pixels: Vec<u8>,
    truncated: bool,
}

fn decode(file: &[u8]) -> Result<Picture> {
    let limits = Limits::default();
    let reader = || Box::new(std::io::Cursor::new(file.to_vec()));
    let probe = probe::probe(&mut *reader(), &limits)?;
    let mut rows = decode::open(reader(), &probe, &DecodePlan::whole(&probe), &limits, None)?;
    let mut pixels = Vec::new();
    while let Some(row) = rows.next_row()? {
        match row {
            Row::U16(row) => pixels.extend(row.iter().flat_map(|v| v.to_be_bytes())),
            Row::U8(_) | Row::Planes(_) => row.append_to(&mut pixels),
        }
    }
    let (layout, depth, truncated) = (rows.layout(), rows.depth(), rows.truncated());
    Ok(Picture { format: probe.format(), layout, depth, pixels, truncated })
}

/// The other decoder's pixels, where there is one and it takes the file.
fn other(path: &Path, file: &[u8], picture: &Picture) -> Option<Vec<u8>> {
    match picture.format {
        SourceFormat::Jpeg if picture.layout != Layout::Cmyk => djpeg(path),
        SourceFormat::Png => zune(file, picture.depth),
        _ => None,
    }
}

/// The pixels of `djpeg`, which must have had nothing to warn of.
fn djpeg(path: &Path) -> Option<Vec<u8>> {
    let output = Command::new("djpeg").arg("-pnm").arg(path).output().ok()?;
    if !output.status.success() || !output.stderr.is_empty() {
        return None;
    }
    // P6, sides, 255: three lines
    let ends = output.stdout.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(i, _)| i);
    Some(output.stdout[ends.take(3).last()? + 1..].to_vec())
}

fn zune(file: &[u8], depth: Depth) -> Option<Vec<u8>> {
    let options = DecoderOptions::new_safe().set_strict_mode(true).png_set_confirm_crc(true);
    let mut decoder = zune_png::PngDecoder::new_with_options(ZCursor::new(file), options);
    match (depth, decoder.decode().ok()?) {
        (Depth::Eight, DecodingResult::U8(samples)) => Some(samples),
        (Depth::Sixteen, DecodingResult::U16(samples)) => {
            Some(samples.iter().flat_map(|v| v.to_be_bytes()).collect())
        }
        _ => None,
    }
}

fn verdict(path: &Path, file: &[u8]) -> (String, bool) {
    let picture = match decode(file) {
        Ok(picture) => picture,
        Err(error) => return (format!("refused: {}", error.code().as_str()), error.code() != Code::Internal),
    };
    let name = picture.format.as_str();
    if picture.truncated {
        return (format!("{name}: shown, and said to be truncated"), true);
    }
    let Some(theirs) = other(path, file, &picture) else {
        return (format!("{name}: decoded, nothing to compare with"), true);
    };
    if theirs.len() != picture.pixels.len() {
        return (format!("{name}: decoded, the other has other channels"), true);
    }
    match picture.pixels.iter().zip(&theirs).map(|(a, b)| a.abs_diff(*b)).max() {
        None | Some(0) => (format!("{name}: equal"), true),
        Some(1) => (format!("{name}: within one level"), true),
        Some(most) => (format!("{name}: {most} levels off"), false),
    }
}

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, out);
        } else {
            out.push(path);
        }
    }
}

#[test]
fn public_images_are_shown_as_others_show_them() {
    let Some(folder) = std::env::var_os("TRUECROP_CONFORMANCE") else { return };
    let mut paths = Vec::new();
    files(Path::new(&folder), &mut paths);
    paths.sort();
    let (mut counts, mut wrong) = (BTreeMap::<String, u32>::new(), Vec::new());
    for path in &paths {
        let file = std::fs::read(path).unwrap();
        let start = Instant::now();
        let (what, right) = verdict(path, &file);
        let time = start.elapsed();
        if !right || time > Duration::from_secs(20) {
            wrong.push(format!("{}: {what}, {time:?}", path.display()));
        }
        *counts.entry(what).or_default() += 1;
    }
    println!("{} files", paths.len());
    counts.iter().for_each(|(what, count)| println!("{count:5} {what}"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
