//! HEIC: lists that lie, grow without end or go round in circles, and parameters that ask for more than there is.

mod file;
mod lists;
mod streams;

use super::Answer::{Picture, Refused, Truncated};
use super::{Answer, Attack};
use file::{File, be16, be32, bx, coded, full, ispe, item, picture};
use truecrop_core::Code;

const DAMAGED: Answer = Refused(Code::DamagedSource);
const UNSUPPORTED: Answer = Refused(Code::UnsupportedFormat);
const MANY: Answer = Refused(Code::TooManyItems);

/// Sizes, cuts and properties that lie.
fn properties() -> Vec<Attack> {
    let new = |name, file: File, answer| Attack::new(name, file.bytes(), answer);
    let sized = |width, height| {
        let mut file = File::single(&[]);
        file.items[0].properties[1] = ispe(width, height);
        file
    };
    let without = |at| {
        let mut file = File::single(&[]);
        file.items[0].properties.remove(at);
        file
    };
    let of_kind = |kind: &[u8; 4]| {
        let mut file = File::single(&[]);
        file.items[0].kind = *kind;
        file
    };
    let clap = |numbers: &[u32]| File::single(&[bx(b"clap", &be32(numbers))]);
    let hvcc = |at: usize, byte: u8| {
        let mut file = File::single(&[]);
        file.items[0].properties[0][8 + at] = byte;
        file
    };
    vec![
        new("HEIC: the real picture", File::single(&[]), Picture),
        new("HEIC: its stated size is larger", sized(128, 48), DAMAGED),
        new("HEIC: its stated size is smaller", sized(64, 62), DAMAGED),
        new("HEIC: its stated size is nothing", sized(0, 48), DAMAGED),
        new(
            "HEIC: 65,535 x 65,535 in its stated size alone",
            sized(65_535, 65_535),
            Refused(Code::TooManyPixels),
        ),
        new("HEIC: four billion columns", sized(u32::MAX, 1), Refused(Code::TooManyPixels)),
        new("HEIC: no stated size", without(1), DAMAGED),
        new("HEIC: no parameters", without(0), DAMAGED),
        new("HEIC: parameters of an unknown version", hvcc(0, 0), DAMAGED),
        new("HEIC: lengths of three bytes", hvcc(21, 2), DAMAGED),
        new("HEIC: 255 arrays of parameters", hvcc(22, 255), DAMAGED),
        new("HEIC: cut to nothing", clap(&[0, 1, 0, 1, 0, 1, 0, 1]), DAMAGED),
        new("HEIC: cut with fractions of zero", clap(&[64, 0, 48, 0, 0, 0, 0, 0]), DAMAGED),
        new("HEIC: cut far outside", clap(&[64, 1, 64, 1, i32::MAX as u32, 1, 0, 1]), DAMAGED),
        new("HEIC: cut of four billion", clap(&[u32::MAX, 1, u32::MAX, 1, 0, 1, 0, 1]), Picture),
        new("HEIC: cut that ends early", clap(&[64, 1]), DAMAGED),
        new("HEIC: turned 200 times", File::single(&vec![bx(b"irot", &[1]); 120]), Picture),
        new("HEIC: an essential property that nobody knows", File::single(&[bx(b"what", b"")]), UNSUPPORTED),
        new("HEIC: an overlay", of_kind(b"iovl"), UNSUPPORTED),
        new("HEIC: AV1 inside", of_kind(b"av01"), UNSUPPORTED),
        new("HEIC: H.264 inside", of_kind(b"avc1"), UNSUPPORTED),
        new("HEIC: uncompressed inside", of_kind(b"unci"), UNSUPPORTED),
        new("HEIC: a grid whose bytes are a picture's", of_kind(b"grid"), DAMAGED),
        new(
            "HEIC: a matrix of constant luminance",
            File::single(&[bx(b"colr", &[&b"nclx"[..], &be16(&[9, 14, 10]), &[0x80]].concat())]),
            UNSUPPORTED,
        ),
        new(
            "HEIC: a profile of 3 MB of zeros",
            File::single(&[bx(b"colr", &[&b"prof"[..], &[0; 3 << 20]].concat())]),
            Picture,
        ),
        new("HEIC: colours that end early", File::single(&[bx(b"colr", b"nclx\0")]), DAMAGED),
    ]
}

/// Grids.
fn grids() -> Vec<Attack> {
    let new = |name, file: File, answer| Attack::new(name, file.bytes(), answer);
    let changed = |change: fn(&mut File)| {
        let mut file = File::grid(2, 2, 128, 128);
        change(&mut file);
        file
    };
    let alpha = full(b"auxC", 0, b"urn:mpeg:hevc:2015:auxid:1\0");
    let mut own_alpha = File::single(std::slice::from_ref(&alpha));
    own_alpha.references.push((*b"auxl", 1, vec![1]));
    let mut other_alpha = File::single(&[]);
    let (config, data) = coded("odd-sides");
    other_alpha.items.push(item(b"hvc1", data, &[bx(b"hvcC", &config), ispe(70, 64), alpha]));
    other_alpha.references.push((*b"auxl", 2, vec![1]));
    let mut cut = File::grid(2, 1, 128, 64);
    cut.items.push(picture(&[]));
    cut.references[0].2 = vec![2, 3];
    let mut cut = cut.bytes();
    cut.truncate(cut.len() - 20);
    vec![
        new("HEIC: a grid of four", File::grid(2, 2, 128, 128), Picture),
        new("HEIC: a grid of 1,600 times the same tile", File::grid(40, 40, 2560, 2560), Picture),
        new(
            "HEIC: a grid of 65,535 x 65,535",
            File::grid(1, 1, 65_535, 65_535),
            Refused(Code::TooManyPixels),
        ),
        new("HEIC: a grid of 65,000 tiles", File::grid(250, 250, 16_000, 16_000), MANY),
        new("HEIC: a grid that its tiles do not cover", File::grid(2, 2, 300, 128), DAMAGED),
        new("HEIC: a grid without tiles", changed(|file| file.references.clear()), DAMAGED),
        new("HEIC: a grid that lacks a tile", changed(|file| file.references[0].2.truncate(3)), DAMAGED),
        new("HEIC: a grid with a tile too many", changed(|file| file.references[0].2.push(2)), DAMAGED),
        new("HEIC: a grid of itself", changed(|file| file.references[0].2 = vec![1; 4]), UNSUPPORTED),
        new(
            "HEIC: a grid of tiles that are not there",
            changed(|file| file.references[0].2 = vec![9; 4]),
            UNSUPPORTED,
        ),
        new("HEIC: a grid of no bytes", changed(|file| file.items[0].data.truncate(3)), DAMAGED),
        new("HEIC: a grid of an unknown version", changed(|file| file.items[0].data[0] = 1), DAMAGED),
        new(
            "HEIC: a grid of another size than is stated",
            changed(|file| file.items[0].data[5] = 64),
            DAMAGED,
        ),
        new(
            "HEIC: a grid of tiles of two sizes",
            changed(|file| {
                let (config, data) = coded("odd-sides");
                file.items.push(item(b"hvc1", data, &[bx(b"hvcC", &config), ispe(70, 64)]));
                file.references[0].2[3] = 3;
            }),
            DAMAGED,
        ),
        Attack::new("HEIC: a grid whose last tile is cut short", cut, Truncated),
        new("HEIC: a picture that is its own opacity", own_alpha, Picture),
        new("HEIC: opacity of another size", other_alpha, UNSUPPORTED),
    ]
}

pub fn attacks() -> Vec<Attack> {
    [properties(), lists::boxes(), lists::places(), grids(), streams::parameters(), streams::units()]
        .into_iter()
        .flatten()
        .collect()
}
