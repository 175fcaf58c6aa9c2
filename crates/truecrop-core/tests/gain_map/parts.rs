//! The parts of a file with a gain map, taken apart and put together without the engine.

use super::reference::Plane;
use std::io::Cursor;
use truecrop_core::Limits;
use truecrop_core::encode::gain_map::encode_with_map;
use truecrop_core::geometry::Size;
use truecrop_core::pixel::Raster;
use truecrop_core::probe::probe;
use truecrop_core::recipe::{Format, OutputSpec};

/// A JPEG's start up to JFIF's end, the APP1 and APP2 segments after it, and the rest.
#[derive(Clone)]
pub struct Jpeg {
    start: Vec<u8>,
    pub segments: Vec<Vec<u8>>,
    rest: Vec<u8>,
}

impl Jpeg {
    fn of(file: &[u8]) -> Self {
        let mut at = 2;
        let mut start = file[..2].to_vec();
        let mut segments = Vec::new();
        while matches!(file[at + 1], 0xe0..=0xe2) {
            let end = at + 2 + usize::from(u16::from_be_bytes([file[at + 2], file[at + 3]]));
            if file[at + 1] == 0xe0 {
                start.extend(&file[at..end]);
            } else {
                segments.push(file[at..end].to_vec());
            }
            at = end;
        }
        Self { start, segments, rest: file[at..].to_vec() }
    }

    fn join(&self) -> Vec<u8> {
        [&self.start[..], &self.segments.concat(), &self.rest].concat()
    }
}

/// Base and map.
#[derive(Clone)]
pub struct Parts {
    pub base: Jpeg,
    pub map: Jpeg,
    pub behind: Vec<u8>,
}

impl Parts {
    pub fn of(file: &[u8]) -> Self {
        let at = (2..file.len()).rfind(|&at| file[at..].starts_with(b"\xff\xd8\xff")).unwrap();
        Self { base: Jpeg::of(&file[..at]), map: Jpeg::of(&file[at..]), behind: Vec::new() }
    }

    pub fn join(&self) -> Vec<u8> {
        [self.base.join(), self.map.join(), self.behind.clone()].concat()
    }

    pub fn map_file(&self) -> Vec<u8> {
        self.map.join()
    }

    pub fn map_size(&self) -> (u32, u32) {
        let map = Plane::of(&self.map_file());
        (map.width as u32, map.height as u32)
    }

    /// Of each channel: the least and the most logarithm of the gain, gamma, both offsets. Out of ISO 21496-1's segment, or out of XMP.
    pub fn numbers(&self) -> [[f64; 5]; 3] {
        let name = b"urn:iso:std:iso:ts:21496:-1\0";
        let iso = self.map.segments.iter().find(|segment| segment[4..].starts_with(name));
        if let Some(segment) = iso {
            let data = &segment[4 + name.len()..];
            let word = |i: usize| <[u8; 4]>::try_from(&data[5 + 4 * i..9 + 4 * i]).unwrap();
            let number = |i: usize| {
                f64::from(i32::from_be_bytes(word(2 * i))) / f64::from(u32::from_be_bytes(word(2 * i + 1)))
            };
            let channel = |c: usize| [0, 1, 2, 3, 4].map(|i| number(2 + 5 * c + i));
            return if data[4] & 0x80 != 0 { [0, 1, 2].map(channel) } else { [channel(0); 3] };
        }
        let text = String::from_utf8_lossy(&self.map.segments[0]).into_owned();
        let number = |name: &str| -> f64 {
            let (_, rest) = text.split_once(&format!("hdrgm:{name}=\"")).unwrap();
            rest.split_once('"').unwrap().0.parse().unwrap()
        };
        [["GainMapMin", "GainMapMax", "Gamma", "OffsetSDR", "OffsetHDR"].map(number); 3]
    }
}

/// A file whose base and map show the same waves in gray, the map so many times smaller.
pub fn twins(times: u32) -> Vec<u8> {
    let raster = |times: u32| {
        let size = Size::new(128 / times, 96 / times);
        let wave = |x: u32, y: u32| {
            let (u, v) = ((f64::from(x) + 0.5) * f64::from(times), (f64::from(y) + 0.5) * f64::from(times));
            (128.0 + 70.0 * (u / 9.0).sin() + 40.0 * (v / 7.0 + u / 31.0).cos()).round() as u8
        };
        let pixels = (0..size.height).flat_map(|y| (0..size.width).map(move |x| [wave(x, y); 3]));
        Raster { size, alpha: false, data: pixels.flatten().collect() }
    };
    let file = super::fixture("both.jpg");
    let source = probe(&mut Cursor::new(file), &Limits::default()).unwrap();
    let metadata = source.gain_map().unwrap().metadata();
    let spec = OutputSpec::new("main", Size::new(128, 96), Format::Jpeg).unwrap().with_quality(100).unwrap();
    encode_with_map(&raster(1), &raster(times), metadata, &spec).unwrap().bytes
}

/// How far the base and the map are apart in the square mean and at most, but for so many pixels at each edge.
pub fn apart(file: &[u8], (width, height): (usize, usize), margin: usize) -> (f64, f64) {
    let (base, map) = (Plane::of(file), Plane::of(&Parts::of(file).map_file()));
    assert_eq!((base.width, base.height), (width, height));
    let (sx, sy) = (map.width as f64 / width as f64, map.height as f64 / height as f64);
    let there = |x: usize, y: usize| map.between((x as f64 + 0.5) * sx - 0.5, (y as f64 + 0.5) * sy - 0.5)[1];
    let rows = margin..height - margin;
    let places = rows.flat_map(|y| (margin..width - margin).map(move |x| (x, y)));
    let all: Vec<f64> = places.map(|(x, y)| (base.at(x, y)[1] - there(x, y)).abs()).collect();
    let mean = (all.iter().map(|apart| apart * apart).sum::<f64>() / all.len() as f64).sqrt();
    (mean, all.into_iter().fold(0.0, f64::max))
}

/// Exchanges a part of an XMP segment's text.
fn text(segment: &mut Vec<u8>, from: &str, to: &str) {
    let old = String::from_utf8(segment[33..].to_vec()).unwrap();
    assert!(old.contains(from), "{from}");
    segment.truncate(33);
    segment.extend(old.replacen(from, to, 1).bytes());
    let length = (segment.len() as u16 - 2).to_be_bytes();
    segment[2..4].copy_from_slice(&length);
}

/// A name, and the file with something that the engine does not write.
pub fn tampered(own: &[u8], other: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let parts = Parts::of(own);
    let theirs = Parts::of(other);
    let with = |change: &dyn Fn(&mut Parts)| {
        let mut copy = parts.clone();
        change(&mut copy);
        copy.join()
    };
    let exif = b"\xff\xe1\0\x0aExif\0\0MM".to_vec();
    let comment = b"\xff\xfe\0\x06zip!".to_vec();
    vec![
        ("nothing", Vec::new()),
        ("no map", parts.base.join()),
        ("the map alone", parts.map.join()),
        ("a zip behind", [own, b"PK\x03\x04"].concat()),
        ("a zero byte behind", [own, b"\0"].concat()),
        ("a third picture", [own, &parts.map.join()].concat()),
        ("bytes between base and map", [&parts.base.join()[..], b"??", &parts.map.join()].concat()),
        ("map before base", [parts.map.join(), parts.base.join()].concat()),
        ("EXIF in the base", with(&|p| p.base.segments.insert(0, exif.clone()))),
        ("EXIF behind the index", with(&|p| p.base.segments.push(exif.clone()))),
        ("EXIF in the map", with(&|p| p.map.segments.push(exif.clone()))),
        ("a comment in the base", with(&|p| p.base.segments.push(comment.clone()))),
        ("a comment in the map", with(&|p| p.map.segments.push(comment.clone()))),
        ("no directory", with(&|p| drop(p.base.segments.remove(0)))),
        ("no version", with(&|p| drop(p.base.segments.remove(1)))),
        ("no index", with(&|p| drop(p.base.segments.remove(2)))),
        ("segments in another order", with(&|p| p.base.segments.swap(0, 1))),
        ("the index twice", with(&|p| p.base.segments.push(p.base.segments[2].clone()))),
        ("a later version", with(&|p| *p.base.segments[1].last_mut().unwrap() = 1)),
        ("another offset", with(&|p| *p.base.segments[2].iter_mut().nth_back(4).unwrap() ^= 1)),
        ("another length in the index", with(&|p| *p.base.segments[2].iter_mut().nth_back(8).unwrap() ^= 1)),
        ("another attribute", with(&|p| p.base.segments[2][58] ^= 3)),
        (
            "another length in the directory",
            with(&|p| text(&mut p.base.segments[0], "Item:Length=\"", "Item:Length=\"1")),
        ),
        ("a space in the directory", with(&|p| text(&mut p.base.segments[0], "<rdf:Seq>", "<rdf:Seq> "))),
        (
            "a script in the directory",
            with(&|p| text(&mut p.base.segments[0], "<rdf:Seq>", "<script/><rdf:Seq>")),
        ),
        (
            "a number of another spelling",
            with(&|p| text(&mut p.map.segments[0], "GainMapMax=\"2\"", "GainMapMax=\"2.0\"")),
        ),
        ("another number in XMP", with(&|p| text(&mut p.map.segments[0], "Gamma=\"1\"", "Gamma=\"2\""))),
        ("another number in ISO", with(&|p| p.map.segments[1][40] ^= 1)),
        ("another denominator", with(&|p| p.map.segments[1][43] ^= 1)),
        ("another flag", with(&|p| p.map.segments[1][36] ^= 0x40)),
        (
            "bytes behind the numbers",
            with(&|p| {
                p.map.segments[1].extend(b"hide");
                p.map.segments[1][3] += 4;
            }),
        ),
        ("no XMP in the map", with(&|p| drop(p.map.segments.remove(0)))),
        ("no numbers in the map", with(&|p| drop(p.map.segments.remove(1)))),
        ("another's base", with(&|p| p.base = theirs.base.clone())),
        ("another's map", with(&|p| p.map = theirs.map.clone())),
        ("another's numbers", with(&|p| p.map.segments = theirs.map.segments.clone())),
        ("a changed base", with(&|p| *p.base.rest.iter_mut().nth_back(3).unwrap() ^= 0x10)),
        ("a changed map", with(&|p| *p.map.rest.iter_mut().nth_back(3).unwrap() ^= 0x10)),
        ("no end of the base", with(&|p| p.base.rest.truncate(p.base.rest.len() - 2))),
        ("no end of the map", with(&|p| p.map.rest.truncate(p.map.rest.len() - 2))),
    ]
}
