//! WebP: prefix codes without end (RFC 9649, section 3), and frames that nobody has looked at.

use super::Answer::{Picture, Refused};
use super::Attack;
use truecrop_core::Code;

/// Bits of a lossless stream, lowest first.
#[derive(Default)]
struct Bits {
    out: Vec<u8>,
    count: u32,
}

impl Bits {
    fn put(&mut self, value: u32, count: u32) -> &mut Self {
        for i in 0..count {
            if self.count.is_multiple_of(8) {
                self.out.push(0);
            }
            *self.out.last_mut().unwrap() |= ((value >> i & 1) as u8) << (self.count % 8);
            self.count += 1;
        }
        self
    }

    /// A code of one symbol, 0 or 1.
    fn one(&mut self, symbol: u32) -> &mut Self {
        self.put(1, 1).put(0, 2).put(symbol, 1)
    }

    /// A code of one symbol of 8 bits.
    fn one_of_256(&mut self, symbol: u32) -> &mut Self {
        self.put(1, 1).put(0, 1).put(1, 1).put(symbol, 8)
    }

    /// A code of the symbols 0 and 1.
    fn two(&mut self) -> &mut Self {
        self.put(1, 1).put(1, 1).put(0, 1).put(0, 1).put(1, 8)
    }

    /// A code whose first 2^`length` symbols have this length: in a few bits, because all lengths are the same.
    fn even(&mut self, length: u32) -> &mut Self {
        let order = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
        self.put(0, 1).put(15, 4);
        for at in order {
            self.put(u32::from(at == length), 3);
        }
        // so many lengths, said in 12 bits
        self.put(1, 1).put(5, 3).put((1 << length) - 2, 12)
    }
}

/// A lossless stream of one pixel with so many groups of codes, from the transforms on.
fn groups(count: u32, mut group: impl FnMut(&mut Bits)) -> Vec<u8> {
    let mut bits = Bits::default();
    // no transform; a colour cache of 11 bits; an entropy image of one pixel, without a cache of its own
    bits.put(0, 1).put(1, 1).put(11, 4).put(1, 1).put(0, 3).put(0, 1);
    let last = count - 1;
    bits.one_of_256(last & 0xFF).one_of_256(last >> 8).one(0).one(0).one(0);
    for _ in 0..count {
        group(&mut bits);
    }
    bits.put(0, 32).put(0, 32);
    bits.out
}

/// The group that takes most for its bits: 2,048 green symbols of 11 bits.
fn greedy(bits: &mut Bits) {
    bits.even(11).one(0).one(0).one(0).one(0);
}

fn chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let pad: &[u8] = if content.len() % 2 == 1 { &[0] } else { &[] };
    [&kind[..], &(content.len() as u32).to_le_bytes(), content, pad].concat()
}

fn riff(chunks: &[Vec<u8>]) -> Vec<u8> {
    let body = chunks.concat();
    [&b"RIFF"[..], &(body.len() as u32 + 4).to_le_bytes(), b"WEBP", &body].concat()
}

fn vp8l(width: u32, height: u32, stream: &[u8]) -> Vec<u8> {
    let header = (width - 1) | (height - 1) << 14;
    chunk(b"VP8L", &[&[0x2F][..], &header.to_le_bytes(), stream].concat())
}

fn vp8x(flags: u8, width: u32, height: u32) -> Vec<u8> {
    let (width, height) = ((width - 1).to_le_bytes(), (height - 1).to_le_bytes());
    chunk(b"VP8X", &[&[flags, 0, 0, 0], &width[..3], &height[..3]].concat())
}

/// A lossy picture that ends within its header.
fn vp8(width: u16, height: u16) -> Vec<u8> {
    let size = [width.to_le_bytes(), height.to_le_bytes()].concat();
    chunk(b"VP8 ", &[&[0x10, 0x02, 0x00, 0x9D, 0x01, 0x2A][..], &size, &[0; 90]].concat())
}

fn anmf(width: u32, height: u32, chunks: &[Vec<u8>]) -> Vec<u8> {
    let (width, height) = ((width - 1).to_le_bytes(), (height - 1).to_le_bytes());
    chunk(b"ANMF", &[&[0; 6][..], &width[..3], &height[..3], &[0; 4], &chunks.concat()].concat())
}

fn anim() -> Vec<u8> {
    chunk(b"ANIM", &[0; 6])
}

/// The chunks of a fixture, by name.
fn of_fixture(name: &str, kind: &[u8; 4]) -> Vec<u8> {
    let path = format!("{}/../../tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    let file = std::fs::read(path).unwrap();
    let mut rest = &file[12..];
    while let Some((head, tail)) = rest.split_first_chunk::<8>() {
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        if &head[..4] == kind {
            return chunk(kind, &tail[..length]);
        }
        rest = &tail[length.next_multiple_of(2)..];
    }
    panic!("{name} has no such chunk");
}

/// A lossless stream of one colour, for a picture of any size.
fn one_color() -> Vec<u8> {
    let mut bits = Bits::default();
    bits.put(0, 1).put(0, 1).put(0, 1).one(0).one(0).one(0).one(0).one(0);
    bits.out
}

/// The same by the transforms of every kind, in blocks of 4 x 4, and an entropy image.
fn all_transforms() -> Vec<u8> {
    let mut bits = Bits::default();
    let single = |bits: &mut Bits| _ = bits.put(0, 1).one(0).one(0).one(0).one(0).one(0);
    for kind in [2, 0, 1] {
        bits.put(1, 1).put(kind, 2);
        if kind < 2 {
            bits.put(0, 3);
            single(&mut bits);
        }
    }
    bits.put(0, 1).put(0, 1).put(1, 1).put(0, 3);
    single(&mut bits);
    bits.one(0).one(0).one(0).one(0).one(0);
    bits.out
}

/// Green is a reference into the cache alone, which takes no bits; in the entropy image too.
fn cached() -> Vec<u8> {
    let mut bits = Bits::default();
    let last = |bits: &mut Bits| {
        // lengths by the symbols 1 (bit 0) and 18 (bit 1): 138, 131 and 11 zeros, and one 1
        bits.put(0, 1).put(0, 4);
        for at in [17, 18, 0, 1] {
            bits.put(u32::from(at == 18 || at == 1), 3);
        }
        bits.put(1, 1).put(0, 3).put(2, 2);
        for zeros in [138, 131, 11] {
            bits.put(1, 1).put(zeros - 11, 7);
        }
        bits.put(0, 1);
    };
    bits.put(0, 1).put(1, 1).put(1, 4).put(0, 1);
    last(&mut bits);
    bits.one(0).one(0).one(0).one(0).put(0, 16);
    bits.out
}

/// A picture whose codes would take more than 4 GB.
pub fn many_groups(width: u32, height: u32) -> Vec<u8> {
    riff(&[vp8l(width, height, &groups(1 << 16, greedy))])
}

pub fn attacks() -> Vec<Attack> {
    let bomb = || groups(1 << 16, greedy);
    let lossy = || of_fixture("cat-alpha-lossy.webp", b"VP8 ");
    let at = lossy();
    let side = |i: usize| u32::from(u16::from_le_bytes([at[i], at[i + 1]]) & 0x3FFF);
    let (width, height) = (side(14), side(16));
    let alpha = |stream: Vec<u8>| chunk(b"ALPH", &[&[1][..], &stream].concat());
    let junk = chunk(b"JUNK", &[]);
    let over = Refused(Code::MemoryOverBudget);
    let damaged = Refused(Code::DamagedSource);
    let new = Attack::new;
    vec![
        new("65,536 groups of codes", many_groups(1, 1), over),
        new("2,000 groups of codes", riff(&[vp8l(1, 1, &groups(2000, greedy))]), Picture),
        new(
            "65,536 groups of two symbols",
            riff(&[vp8l(1, 1, &groups(1 << 16, |b| _ = b.two().two().two().two().two()))]),
            Picture,
        ),
        new(
            "2,000 groups of long codes",
            riff(&[vp8l(1, 1, &groups(2000, |b| _ = b.even(11).even(8).even(8).even(8).even(5)))]),
            Picture,
        ),
        new("groups that are cut short", riff(&[vp8l(1, 1, &bomb()[..9000])]), damaged),
        new("groups in the opacity", riff(&[vp8x(0x10, width, height), alpha(bomb()), lossy()]), over),
        new(
            "groups in the opacity, behind the picture",
            riff(&[vp8x(0x10, width, height), lossy(), alpha(bomb())]),
            over,
        ),
        new(
            "groups in an animation",
            riff(&[vp8x(2, 1, 1), anim(), anmf(1, 1, &[vp8l(1, 1, &bomb())])]),
            over,
        ),
        new(
            "groups in an animation's opacity",
            riff(&[vp8x(0x12, width, height), anim(), anmf(width, height, &[alpha(bomb()), lossy()])]),
            over,
        ),
        new(
            "groups in the frame of no animation, which nobody reads",
            riff(&[vp8x(0, width, height), lossy(), anmf(1, 1, &[vp8l(width, height, &bomb())])]),
            Picture,
        ),
        new(
            "a picture before a larger frame",
            riff(&[vp8x(2, 8, 8), vp8(8, 8), anim(), anmf(8, 8, &[vp8(16_000, 16_000)])]),
            damaged,
        ),
        new(
            "5,000 chunks before a larger picture",
            riff(&[vp8x(0, 8, 8), junk.repeat(5000), vp8(16_000, 16_000)]),
            damaged,
        ),
        new("16,383 x 16,383 of one colour", riff(&[vp8l(16_383, 16_383, &one_color())]), over),
        new("4,000 x 4,000 of one colour", riff(&[vp8l(4000, 4000, &one_color())]), Picture),
        new("3,000 x 3,000 by every transform", riff(&[vp8l(3000, 3000, &all_transforms())]), Picture),
        new("3,000 x 3,000 out of the cache", riff(&[vp8l(3000, 3000, &cached())]), Picture),
        new("1 x 16,384 by every transform", riff(&[vp8l(1, 16_383, &all_transforms())]), Picture),
    ]
}
