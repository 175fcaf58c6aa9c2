//! Lossy WebP (RFC 6386): headers that lie, partitions that are missing, and data that no encoder writes.

use super::Answer::{Picture, Refused, Truncated};
use super::{Answer, Attack};
use truecrop_core::Code;

/// Bytes that follow from a number.
fn noise(count: usize, seed: u32) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..count).map(|_| next()).collect()
}

/// The bits of a frame's header, all of even odds.
#[derive(Default)]
struct HeaderBits(Vec<bool>);

impl HeaderBits {
    fn put(&mut self, value: u32, count: u32) -> &mut Self {
        self.0.extend((0..count).rev().map(|bit| value >> bit & 1 == 1));
        self
    }

    /// The bytes of the arithmetic encoder (7.3).
    fn encode(&self) -> Vec<u8> {
        let (mut low, mut range, mut left, mut out) = (0_u32, 255_u32, 24, Vec::<u8>::new());
        for bit in self.0.iter().copied().chain([false; 32]) {
            let split = 1 + ((range - 1) >> 1);
            (low, range) = if bit { (low + split, range - split) } else { (low, split) };
            while range < 128 {
                range <<= 1;
                if low >> 31 == 1 {
                    let carry = out.iter().rposition(|&byte| byte != 255).unwrap();
                    out[carry] += 1;
                    out[carry + 1..].fill(0);
                }
                (low, left) = (low << 1, left - 1);
                if left == 0 {
                    out.push((low >> 24) as u8);
                    (low, left) = (low & 0xFF_FFFF, 8);
                }
            }
        }
        out
    }
}

/// What a frame's header says.
#[derive(Clone, Copy)]
struct Header {
    size: [u16; 2],
    simple: bool,
    level: u32,
    sharpness: u32,
    /// 2 to the power of it.
    partitions: u32,
    quantizer: u32,
    segments: bool,
}

const PLAIN: Header = Header {
    size: [64, 48],
    simple: false,
    level: 20,
    sharpness: 0,
    partitions: 0,
    quantizer: 40,
    segments: false,
};

/// A frame of this header; what follows in the first partition, and the others.
fn frame(header: Header, modes: &[u8], partitions: &[Vec<u8>]) -> Vec<u8> {
    let mut bits = HeaderBits::default();
    bits.put(0, 2);
    if header.segments {
        // a map and data: added to the frame's, as much as there can be
        bits.put(0b1_1_1_0, 4);
        for (bits_of, value) in [(7, 127), (6, 63)] {
            for sign in [0, 1, 0, 1] {
                bits.put(1, 1).put(value, bits_of).put(sign, 1);
            }
        }
        bits.put(0b1, 1).put(0, 8).put(0b1, 1).put(255, 8).put(0b0, 1);
    } else {
        bits.put(0, 1);
    }
    bits.put(header.simple.into(), 1).put(header.level, 6).put(header.sharpness, 3).put(0, 1);
    bits.put(header.partitions, 2).put(header.quantizer, 7).put(0, 5);
    let first = [bits.encode(), modes.to_vec()].concat();
    let tag = (1 << 4) | (first.len() as u32) << 5;
    let sides = header.size.map(u16::to_le_bytes).concat();
    let sizes: Vec<u8> = partitions[..partitions.len() - 1]
        .iter()
        .flat_map(|partition| (partition.len() as u32).to_le_bytes()[..3].to_vec())
        .collect();
    [&tag.to_le_bytes()[..3], &[0x9D, 0x01, 0x2A], &sides, &first, &sizes, &partitions.concat()].concat()
}

fn chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let pad: &[u8] = if content.len() % 2 == 1 { &[0] } else { &[] };
    [&kind[..], &(content.len() as u32).to_le_bytes(), content, pad].concat()
}

fn riff(chunks: &[Vec<u8>]) -> Vec<u8> {
    let body = chunks.concat();
    [&b"RIFF"[..], &(body.len() as u32 + 4).to_le_bytes(), b"WEBP", &body].concat()
}

fn still(frame: &[u8]) -> Vec<u8> {
    riff(&[chunk(b"VP8 ", frame)])
}

fn le24(value: u32) -> Vec<u8> {
    value.to_le_bytes()[..3].to_vec()
}

fn vp8x(flags: u8, width: u32, height: u32) -> Vec<u8> {
    chunk(b"VP8X", &[vec![flags, 0, 0, 0], le24(width - 1), le24(height - 1)].concat())
}

fn anmf(place: [u32; 4], chunks: &[Vec<u8>]) -> Vec<u8> {
    let [x, y, width, height] = place;
    let head = [le24(x / 2), le24(y / 2), le24(width - 1), le24(height - 1), vec![0; 4]].concat();
    chunk(b"ANMF", &[head, chunks.concat()].concat())
}

/// The frame of a fixture.
fn photo() -> Vec<u8> {
    let path = format!("{}/../../tests/fixtures/webp/quality-90.webp", env!("CARGO_MANIFEST_DIR"));
    let file = std::fs::read(path).unwrap();
    let length = u32::from_le_bytes(file[16..20].try_into().unwrap()) as usize;
    file[20..20 + length].to_vec()
}

/// That frame with some bytes replaced.
fn patched(at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut frame = photo();
    frame[at..at + bytes.len()].copy_from_slice(bytes);
    still(&frame)
}

/// A frame of enough noise.
fn noisy(header: Header) -> Vec<u8> {
    let partitions = (0..1 << header.partitions).map(|n| noise(60_000, n + 7)).collect::<Vec<_>>();
    still(&frame(header, &noise(6000, 3), &partitions))
}

/// A lossy picture of 91 x 67 behind a chunk of opacity.
fn with_alpha(content: &[u8]) -> Vec<u8> {
    riff(&[vp8x(0x10, 91, 67), chunk(b"ALPH", content), chunk(b"VP8 ", &photo())])
}

fn tags() -> Vec<(&'static str, Vec<u8>, Answer)> {
    let damaged = Refused(Code::DamagedSource);
    let tag = photo()[0];
    let first = |bytes: u32| (u32::from(tag & 0x1F) | bytes << 5).to_le_bytes();
    vec![
        ("a frame that hangs on others", patched(0, &[tag | 1]), damaged),
        ("a version that there is not", patched(0, &[tag | 0b1110]), damaged),
        ("a frame that is not shown", patched(0, &[tag & !0x10]), damaged),
        ("another signature", patched(3, &[0x9D, 0x01, 0x2B]), damaged),
        ("a first partition of nothing", patched(0, &first(0)[..3]), damaged),
        ("a first partition of one byte", patched(0, &first(1)[..3]), damaged),
        ("a first partition beyond the chunk", patched(0, &first((1 << 19) - 1)[..3]), damaged),
        ("a first partition that takes all", patched(0, &first(photo().len() as u32 - 10)[..3]), damaged),
        ("far more pixels than data", patched(6, &[0xFF, 0x3F, 0xFF, 0x0F]), damaged),
        ("a wide row without data", patched(6, &[0xFF, 0x3F, 16, 0]), damaged),
        ("no bytes behind the tag", still(&photo()[..10]), damaged),
        ("a tag that is cut", still(&photo()[..9]), damaged),
        ("a chunk that ends in its first partition", still(&photo()[..60]), damaged),
        ("a chunk that ends in its coefficients", still(&photo()[..photo().len() / 2]), damaged),
        ("a scale that nobody uses", patched(6, &[91, 0x40, 67, 0xC0]), Picture),
    ]
}

fn cuts() -> Vec<(&'static str, Vec<u8>, Answer)> {
    let damaged = Refused(Code::DamagedSource);
    let cut = |file: Vec<u8>, count: usize| file[..count].to_vec();
    let file = still(&photo());
    let many = noisy(Header { partitions: 3, size: [64, 200], ..PLAIN });
    let end = many.len();
    vec![
        ("a file cut behind its tag", cut(file.clone(), 30), damaged),
        ("a file cut in its first partition", cut(file.clone(), 50), damaged),
        ("a file cut in the middle", cut(file.clone(), file.len() * 3 / 4), Truncated),
        ("a file cut at its end", cut(file.clone(), file.len() - 40), Truncated),
        ("a file cut behind its first partitions", cut(many.clone(), end - 6 * 60_000), Truncated),
        ("a file without any of its partitions", cut(many, end - 8 * 60_000), damaged),
        (
            "a picture that is whole before a chunk that is not",
            cut(riff(&[vp8x(8, 91, 67), chunk(b"VP8 ", &photo()), chunk(b"EXIF", &[0; 900])]), 1900),
            Picture,
        ),
    ]
}

fn partitions() -> Vec<(&'static str, Vec<u8>, Answer)> {
    let damaged = Refused(Code::DamagedSource);
    let header = Header { partitions: 3, size: [64, 200], ..PLAIN };
    let full: Vec<_> = (0..8).map(|n| noise(60_000, n)).collect();
    let modes = noise(6000, 3);
    let with = |n: usize, partition: Vec<u8>| {
        let mut all = full.clone();
        all[n] = partition;
        still(&frame(header, &modes, &all))
    };
    // the first of the sizes behind the first partition, as large as there can be
    let mut beyond = frame(header, &modes, &full);
    let at = beyond.len() - 8 * 60_000 - 3 * 7;
    beyond[at..at + 3].fill(0xFF);
    vec![
        ("eight partitions", with(0, full[0].clone()), Picture),
        ("an empty partition, for which one byte of zeros is enough", with(3, Vec::new()), Picture),
        ("the same of the last partition", with(7, Vec::new()), Picture),
        ("all partitions empty", still(&frame(header, &modes, &vec![Vec::new(); 8])), damaged),
        ("a partition beyond the chunk", still(&beyond), damaged),
        ("sizes of partitions that are missing", still(&beyond[..at + 20]), damaged),
        ("a partition of zeros", with(2, vec![0; 60_000]), Picture),
        ("a partition of ones", with(2, vec![0xFF; 60_000]), Picture),
    ]
}

fn values() -> Vec<(&'static str, Vec<u8>, Answer)> {
    let loud = Header { quantizer: 127, ..PLAIN };
    let one = |modes: &[u8], coefficients: Vec<u8>| still(&frame(loud, modes, &[coefficients]));
    vec![
        ("noise", noisy(PLAIN), Picture),
        ("noise, the largest factors", noisy(loud), Picture),
        ("noise, the strongest filter", noisy(Header { level: 63, ..loud }), Picture),
        ("noise, the sharpest filter", noisy(Header { level: 63, sharpness: 7, ..loud }), Picture),
        ("noise, the simple filter", noisy(Header { simple: true, level: 63, ..loud }), Picture),
        ("noise, no filter", noisy(Header { level: 0, ..loud }), Picture),
        ("segments beyond every limit", noisy(Header { segments: true, level: 63, ..loud }), Picture),
        (
            "segments below every limit",
            noisy(Header { segments: true, level: 1, quantizer: 0, ..PLAIN }),
            Picture,
        ),
        ("one pixel of noise", noisy(Header { size: [1, 1], ..loud }), Picture),
        ("one column of noise", noisy(Header { size: [1, 300], ..loud }), Picture),
        ("one row of noise", noisy(Header { size: [300, 1], ..loud }), Picture),
        ("coefficients of ones", one(&noise(6000, 3), vec![0xFF; 60_000]), Picture),
        ("modes of ones", one(&[0xFF; 6000], noise(60_000, 5)), Picture),
        ("modes of zeros", one(&[0; 6000], noise(60_000, 5)), Picture),
    ]
}

fn opacity() -> Vec<(&'static str, Vec<u8>, Answer)> {
    let damaged = Refused(Code::DamagedSource);
    let raw = |info: u8, count: usize| with_alpha(&[vec![info], noise(count, 2)].concat());
    vec![
        ("opacity of no bytes", with_alpha(&[]), damaged),
        ("opacity of its first byte", with_alpha(&[0]), damaged),
        ("opacity that lacks a byte", raw(0, 91 * 67 - 1), damaged),
        ("opacity with a byte too many", raw(0, 91 * 67 + 1), Picture),
        ("opacity by a gradient of noise", raw(0b1100, 91 * 67), Picture),
        ("opacity with reserved bits", raw(0b1100_1000, 91 * 67), Picture),
        ("opacity compressed in an unknown way", raw(2, 91 * 67), damaged),
        ("opacity compressed in another", raw(3, 91 * 67), damaged),
        ("opacity that is noise", raw(1, 4000), damaged),
        (
            "opacity behind the picture",
            riff(&[vp8x(0x10, 91, 67), chunk(b"VP8 ", &photo()), chunk(b"ALPH", &[0; 91 * 67 + 1])]),
            Picture,
        ),
    ]
}

fn animations() -> Vec<(&'static str, Vec<u8>, Answer)> {
    let damaged = Refused(Code::DamagedSource);
    let picture = || chunk(b"VP8 ", &photo());
    let animation = |canvas: [u32; 2], place: [u32; 4], chunks: &[Vec<u8>]| {
        riff(&[vp8x(2, canvas[0], canvas[1]), chunk(b"ANIM", &[0; 6]), anmf(place, chunks)])
    };
    vec![
        ("a frame at a canvas' edge", animation([100, 80], [8, 12, 91, 67], &[picture()]), Picture),
        ("a frame outside of its canvas", animation([100, 80], [60, 12, 91, 67], &[picture()]), damaged),
        ("a frame larger than its canvas", animation([90, 67], [0, 0, 91, 67], &[picture()]), damaged),
        ("a frame that says another size", animation([100, 80], [0, 0, 90, 67], &[picture()]), damaged),
        (
            "a frame without a picture",
            animation([100, 80], [0, 0, 91, 67], &[chunk(b"JUNK", &[0; 64])]),
            damaged,
        ),
        (
            "a frame of opacity alone",
            animation([100, 80], [0, 0, 91, 67], &[chunk(b"ALPH", &[0; 91 * 67 + 1])]),
            damaged,
        ),
        ("an animation without frames", riff(&[vp8x(2, 91, 67), chunk(b"ANIM", &[0; 6])]), damaged),
    ]
}

pub fn attacks() -> Vec<Attack> {
    [tags(), cuts(), partitions(), values(), opacity(), animations()]
        .into_iter()
        .flatten()
        .map(|(name, file, answer)| Attack::new(name, file, answer))
        .collect()
}
