//! Law: a valid JPEG's pixels are libjpeg-turbo's, byte for byte, and a valid PNG's are zune-png's.
//!
//! The JPEG is built from the input, because turned bits seldom leave a file valid; the PNG is the input itself, and only
//! counts where both decoders take it whole.
//!
//! "libjpeg-turbo" is a port of it, because its own library is not at hand everywhere. Two kinds of files are built and
//! decoded, but not compared:
//!
//! - factors that do not divide the largest one. libjpeg-turbo refuses them ("Fractional sampling not implemented yet"),
//!   and the port has a way of its own. This engine shows the sample that each pixel lies on, as it does (and
//!   libjpeg-turbo too) for whole factors that have no filter;
//! - four components of several factors. Here the port is wrong: it panics, refuses, or gives other pixels than
//!   libjpeg-turbo 2.1.5, whose pixels this engine gives (docs/TESTING.md has the counts).

use super::decode::pixels;
use super::input::Input;
use super::valid_jpeg::jpeg;
use super::{limits, reader};
use libjpeg_turbo_rs::{PixelFormat, decompress_to};
use truecrop_core::decode::{self, DecodePlan, Layout};
use truecrop_core::probe::{Depth, Probe, probe};
use zune_png::PngDecoder;
use zune_png::zune_core::bytestream::ZCursor;
use zune_png::zune_core::options::DecoderOptions;
use zune_png::zune_core::result::DecodingResult;

/// Checks the law for a PNG, or for the JPEG that the input steers.
pub fn check(data: &[u8]) {
    if data.starts_with(b"\x89PNG") {
        return png(data);
    }
    let file = jpeg(&mut Input::new(data));
    let probe = probe(&mut *reader(&file), &limits()).expect("a valid JPEG's facts");
    let plan = DecodePlan::whole(&probe);
    let mut rows = decode::open(reader(&file), &probe, &plan, &limits(), None).expect("a valid JPEG");
    while rows.next_row().expect("a valid JPEG's row").is_some() {}
    assert!(!rows.truncated(), "nothing is missing");
    let ours = pixels(reader(&file), &probe, &plan).expect("a valid JPEG");
    let sampling = probe.jpeg().map_or(&[][..], |facts| facts.sampling());
    let divides = |axis: fn(&(u8, u8)) -> u8| {
        let most = sampling.iter().map(axis).max().unwrap_or(1);
        sampling.iter().all(|factors| most % axis(factors) == 0)
    };
    let alike = sampling.len() < 4 || sampling.iter().all(|factors| *factors == sampling[0]);
    if !divides(|f| f.0) || !divides(|f| f.1) || !alike {
        return;
    }
    let Some(theirs) = turbo(&file, rows.layout()) else { return };
    same(&ours, &theirs, &probe);
}

/// libjpeg-turbo's pixels, as this engine lays them out.
pub fn turbo(file: &[u8], layout: Layout) -> Option<Vec<u8>> {
    let format = match layout {
        Layout::Gray => PixelFormat::Grayscale,
        Layout::Cmyk => PixelFormat::Cmyk,
        _ => PixelFormat::Rgb,
    };
    let mut data = decompress_to(file, format).ok()?.data;
    if layout == Layout::Cmyk {
        // stored inverted, which libjpeg leaves to its caller
        data.iter_mut().for_each(|v| *v = 255 - *v);
    }
    Some(data)
}

fn same(ours: &[u8], theirs: &[u8], probe: &Probe) {
    assert_eq!(ours.len(), theirs.len());
    if let Some(at) = ours.iter().zip(theirs).position(|(a, b)| a != b) {
        let facts = probe.jpeg().map(|f| (f.sampling().to_vec(), f.progressive()));
        let most = ours.iter().zip(theirs).map(|(a, b)| a.abs_diff(*b)).max();
        let count = ours.iter().zip(theirs).filter(|(a, b)| a != b).count();
        panic!("{count} samples differ from byte {at} on, by up to {most:?}: {:?} {facts:?}", probe.stored());
    }
}

fn png(data: &[u8]) {
    let Ok(probe) = probe(&mut *reader(data), &limits()) else { return };
    let plan = DecodePlan::whole(&probe);
    let Ok(mut rows) = decode::open(reader(data), &probe, &plan, &limits(), None) else { return };
    while let Ok(Some(_)) = rows.next_row() {}
    if rows.truncated() {
        return;
    }
    let (Ok(ours), Some(theirs)) = (pixels(reader(data), &probe, &plan), zune(data, probe.depth())) else {
        return;
    };
    // A transparent colour or palette may give them more channels or fewer.
    if ours.len() == theirs.len() {
        same(&ours, &theirs, &probe);
    }
}

/// zune-png's samples, high bytes first.
fn zune(data: &[u8], depth: Depth) -> Option<Vec<u8>> {
    let options = DecoderOptions::new_safe().set_strict_mode(true).png_set_confirm_crc(true);
    let mut decoder = PngDecoder::new_with_options(ZCursor::new(data), options);
    match (depth, decoder.decode().ok()?) {
        (Depth::Eight, DecodingResult::U8(samples)) => Some(samples),
        (Depth::Sixteen, DecodingResult::U16(samples)) => {
            Some(samples.iter().flat_map(|v| v.to_be_bytes()).collect())
        }
        _ => None,
    }
}
