//! TIFF, BMP, ICO, TGA, PNM and QOI: sizes, counts and offsets that lie, and little data that says much.

use super::Answer::{Picture, Refused};
use super::Attack;
use truecrop_core::Code;

/// A tag: its number, its kind (3 for 16 bits, 4 for 32, 7 for bytes), its count, and its value or its offset.
type Tag = (u16, u16, u32, u32);

/// A TIFF: its directory at the start, and data behind it.
fn tiff(tags: &[Tag], next: u32, data: &[u8]) -> Vec<u8> {
    let mut file = b"II*\0\x08\0\0\0".to_vec();
    file.extend((tags.len() as u16).to_le_bytes());
    for (tag, kind, count, value) in tags {
        file.extend(tag.to_le_bytes());
        file.extend(kind.to_le_bytes());
        file.extend(count.to_le_bytes());
        file.extend(value.to_le_bytes());
    }
    file.extend(next.to_le_bytes());
    file.extend(data);
    file
}

/// The tags of a gray picture of one strip, whose data is behind a directory of these tags and `more`.
fn gray(width: u32, height: u32, compression: u32, bytes: u32, more: &[Tag]) -> Vec<Tag> {
    let at = 8 + 2 + 12 * (9 + more.len() as u32) + 4;
    let mut tags = vec![
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, 1, 8),
        (259, 3, 1, compression),
        (262, 3, 1, 1),
        (273, 4, 1, at),
        (277, 3, 1, 1),
        (278, 4, 1, height),
        (279, 4, 1, bytes),
    ];
    tags.extend(more);
    tags
}

/// The tags with others of the same numbers in their places.
fn with(mut tags: Vec<Tag>, changes: &[Tag]) -> Vec<Tag> {
    for change in changes {
        let place = tags.iter_mut().find(|tag| tag.0 == change.0).unwrap();
        *place = *change;
    }
    tags
}

fn deflated(bytes: usize) -> Vec<u8> {
    miniz_oxide::deflate::compress_to_vec_zlib(&vec![77; bytes], 9)
}

/// Sizes and strips.
fn tiffs_of_strips() -> Vec<Attack> {
    let damaged = Refused(Code::DamagedSource);
    let new = Attack::new;
    let data = deflated(16_000_000);
    let length = data.len() as u32;
    let small = |changes: &[Tag]| tiff(&with(gray(4, 4, 1, 16, &[]), changes), 0, &[9; 16]);
    // Every row is the same strip: the offsets and the lengths stand in front of it.
    let same_strip = {
        let row = deflated(4000);
        let at = 8 + 2 + 12 * 9 + 4;
        let changes = [(278, 4, 1, 1), (273, 4, 4000, at), (279, 4, 4000, at + 16_000)];
        let words = |word: u32| word.to_le_bytes().repeat(4000);
        let lists = [words(at + 32_000), words(row.len() as u32), row].concat();
        tiff(&with(gray(4000, 4000, 8, 0, &[]), &changes), 0, &lists)
    };
    vec![
        new("TIFF of 16 million pixels in 16 KB", tiff(&gray(4000, 4000, 8, length, &[]), 0, &data), Picture),
        new(
            "a strip that inflates to more than its rows",
            tiff(&gray(40, 30, 8, length, &[]), 0, &data),
            Picture,
        ),
        new("a strip that is short", tiff(&gray(4100, 4000, 8, length, &[]), 0, &data), damaged),
        new(
            "TIFF of 65,535 x 65,535 pixels",
            small(&[(256, 4, 1, 65_535), (257, 4, 1, 65_535)]),
            Refused(Code::TooManyPixels),
        ),
        new(
            "TIFF of 20,000 x 20,000 pixels without data",
            small(&[(256, 4, 1, 20_000), (257, 4, 1, 20_000), (278, 4, 1, 20_000)]),
            damaged,
        ),
        new(
            "TIFF of more than the memory",
            small(&[(256, 4, 1, 24_000), (258, 3, 1, 16), (257, 4, 1, 22_000), (278, 4, 1, 22_000)]),
            Refused(Code::MemoryOverBudget),
        ),
        new("a strip of 4 GB", small(&[(279, 4, 1, u32::MAX)]), Picture),
        new("a strip of nothing", small(&[(279, 4, 1, 0)]), Picture),
        new("a strip behind the end", small(&[(273, 4, 1, u32::MAX)]), damaged),
        new("four billion strips", small(&[(273, 4, u32::MAX, 8), (279, 4, u32::MAX, 8)]), damaged),
        new("strips without rows", small(&[(278, 4, 1, 0)]), damaged),
        new("4,000 strips that are one", same_strip, Picture),
    ]
}

/// Directories, tiles, profiles, and compressed data that goes on and on.
fn tiffs_of_other_parts() -> Vec<Attack> {
    let damaged = Refused(Code::DamagedSource);
    let new = Attack::new;
    let many = |count: u16| {
        let more: Vec<Tag> = (0..count).map(|i| (1000 + i, 3, 1, 0)).collect();
        tiff(&gray(4, 4, 1, 16, &more), 0, &[9; 16])
    };
    vec![
        new("a tag twice", tiff(&gray(4, 4, 1, 16, &[(256, 4, 1, 4)]), 0, &[9; 16]), damaged),
        new("a directory of 1,000 tags", many(991), Picture),
        new("a directory of 1,001 tags", many(992), damaged),
        new("a directory that is its own next", tiff(&gray(4, 4, 1, 16, &[]), 8, &[9; 16]), damaged),
        new("a directory behind the end", b"II*\0\xFF\xFF\xFF\x7F".to_vec(), damaged),
        new(
            "tiles of four billion columns",
            tiff(
                &[
                    (256, 4, 1, 4),
                    (257, 4, 1, 4),
                    (258, 3, 1, 8),
                    (259, 3, 1, 1),
                    (262, 3, 1, 1),
                    (322, 4, 1, u32::MAX),
                    (323, 4, 1, 16),
                    (324, 4, 1, 8),
                    (325, 4, 1, 16),
                ],
                0,
                &[9; 64],
            ),
            damaged,
        ),
        new(
            "tiles of one pixel",
            tiff(
                &[
                    (256, 4, 1, 4),
                    (257, 4, 1, 4),
                    (258, 3, 1, 8),
                    (259, 3, 1, 1),
                    (262, 3, 1, 1),
                    (322, 4, 1, 1),
                    (323, 4, 1, 1),
                    (324, 4, 16, 8),
                    (325, 4, 16, 8),
                ],
                0,
                &[9; 64],
            ),
            damaged,
        ),
        new("a profile of 4 GB", tiff(&gray(4, 4, 1, 16, &[(34_675, 7, u32::MAX, 8)]), 0, &[9; 16]), Picture),
        new(
            "a profile behind the end",
            tiff(&gray(4, 4, 1, 16, &[(34_675, 7, 1000, 1 << 30)]), 0, &[9; 16]),
            damaged,
        ),
        new(
            "LZW of nothing but clear codes",
            tiff(&gray(40, 30, 5, 1 << 20, &[]), 0, &b"\x80\x40\x20\x10\x08\x04\x02\x01\x00".repeat(1 << 17)),
            damaged,
        ),
        new(
            "PackBits of nothing but pauses",
            tiff(&gray(40, 30, 32_773, 1 << 20, &[]), 0, &vec![0x80; 1 << 20]),
            damaged,
        ),
    ]
}

/// A BMP of the first version.
fn bmp(width: i32, height: i32, bits: u16, compression: u32, colors: u32, data: &[u8]) -> Vec<u8> {
    [&b"BM\0\0\0\0\0\0\0\0\x36\0\0\0"[..], &dib(width, height, bits, compression, colors), data].concat()
}

fn dib(width: i32, height: i32, bits: u16, compression: u32, colors: u32) -> Vec<u8> {
    let mut header = vec![40, 0, 0, 0];
    header.extend(width.to_le_bytes());
    header.extend(height.to_le_bytes());
    header.extend([1, 0]);
    header.extend(bits.to_le_bytes());
    header.extend(compression.to_le_bytes());
    header.extend([0; 12]);
    header.extend(colors.to_le_bytes());
    header.extend([0; 4]);
    header
}

/// An icon of so many entries, all of which are one picture.
fn icon(entries: u16, picture: &[u8]) -> Vec<u8> {
    let mut file = vec![0, 0, 1, 0];
    file.extend(entries.to_le_bytes());
    for _ in 0..entries {
        file.extend([4, 4, 0, 0, 1, 0, 32, 0]);
        file.extend((picture.len() as u32).to_le_bytes());
        file.extend((6 + 16 * u32::from(entries)).to_le_bytes());
    }
    file.extend(picture);
    file
}

fn bitmaps() -> Vec<Attack> {
    let damaged = Refused(Code::DamagedSource);
    let new = Attack::new;
    let picture = |width, height, bits| [dib(width, height, bits, 0, 0), vec![200; 96]].concat();
    vec![
        new(
            "BMP of 20,000 x 20,000 pixels without data",
            bmp(20_000, 20_000, 24, 0, 0, &[]),
            Refused(Code::MemoryOverBudget),
        ),
        new("BMP of 10,000 x 10,000 pixels without data", bmp(10_000, 10_000, 24, 0, 0, &[]), damaged),
        new("BMP of the lowest height", bmp(4, i32::MIN, 24, 0, 0, &[9; 64]), Refused(Code::TooManyPixels)),
        new("BMP of a negative width", bmp(-4, 4, 24, 0, 0, &[9; 64]), Refused(Code::TooManyPixels)),
        new("BMP of two billion colors", bmp(4, 4, 8, 0, 1 << 31, &[9; 64]), damaged),
        new("BMP of 3 bits", bmp(4, 4, 3, 0, 0, &[9; 64]), damaged),
        new("runs that end at once", bmp(4000, 4000, 8, 1, 1, &[0, 1, 0, 1, 0, 1]), Picture),
        new("runs that go beyond the rows", bmp(4, 4, 8, 1, 1, &[0, 2, 255, 255].repeat(99)), damaged),
        new("a million runs of no pixel", bmp(4, 4, 8, 1, 1, &[0; 1 << 21]), Picture),
        new("an icon of 60,000 entries", icon(60_000, &picture(4, 8, 32)), Picture),
        new("an icon without entries", icon(0, &picture(4, 8, 32)), damaged),
        new(
            "an icon of 60,000 x 30,000 pixels",
            icon(1, &picture(60_000, 60_000, 32)),
            Refused(Code::TooManyPixels),
        ),
        new("an icon of 10,000 x 10,000 pixels", icon(1, &picture(10_000, 20_000, 1)), damaged),
        new("an icon without rows", icon(1, &picture(4, 1, 32)), damaged),
        new("an icon within itself", icon(1, &icon(1, &picture(4, 8, 32))), damaged),
    ]
}

fn others() -> Vec<Attack> {
    let damaged = Refused(Code::DamagedSource);
    let new = Attack::new;
    let tga = |kind: u8, width: u16, height: u16, data: &[u8]| {
        let mut file = vec![0, 0, kind, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        file.extend(width.to_le_bytes());
        file.extend(height.to_le_bytes());
        file.extend([24, 0x20]);
        file.extend(data);
        file
    };
    let qoi = |width: u32, height: u32, data: &[u8]| {
        [&b"qoif"[..], &width.to_be_bytes(), &height.to_be_bytes(), &[3, 0], data, &[0, 0, 0, 0, 0, 0, 0, 1]]
            .concat()
    };
    let text = |head: &str, data: &[u8]| [head.as_bytes(), data].concat();
    vec![
        new(
            "TGA of 16 million pixels in 500 KB",
            tga(10, 4000, 4000, &[0xFF, 9, 9, 9].repeat(125_000)),
            Picture,
        ),
        new("TGA of 10,000 x 10,000 pixels without data", tga(10, 10_000, 10_000, &[]), damaged),
        new("TGA of 65,535 x 65,535 pixels", tga(2, 65_535, 65_535, &[]), Refused(Code::TooManyPixels)),
        new("QOI of 16 million pixels in 260 KB", qoi(4000, 4000, &vec![0xFD; 258_065]), Picture),
        new("QOI of four billion columns", qoi(u32::MAX, 1, &[]), Refused(Code::TooManyPixels)),
        new(
            "QOI of no channels",
            {
                let mut file = qoi(4, 4, &[]);
                file[12] = 0;
                file
            },
            damaged,
        ),
        new("PGM of 20,000 x 20,000 pixels without data", text("P5 20000 20000 255\n", &[]), damaged),
        new("PGM of four billion columns", text("P5 4294967295 1 255\n", &[]), Refused(Code::TooManyPixels)),
        new("PGM of more columns than a number holds", text("P5 99999999999 1 255\n", &[]), damaged),
        new("PGM of no largest sample", text("P5 4 4 0\n", &[9; 16]), damaged),
        new("PGM of a largest sample of 65,536", text("P5 4 4 65536\n", &[9; 32]), damaged),
        new("PGM behind a comment of 10 MB", text("P5 #", &[b'x'; 10_000_000]), damaged),
        new(
            "PGM in 4 MB of white space",
            [&b"P2 2 1 255 7"[..], &vec![b' '; 4_000_000], b"7"].concat(),
            Picture,
        ),
        new("PPM of numbers without an end", text("P3 2 1 255\n", &[b'1'; 1_000_000]), damaged),
        new("PAM without an end", text("P7\n", &b"TUPLTYPE RGB\n".repeat(100_000)), damaged),
        new(
            "PAM of 400 channels",
            text("P7\nWIDTH 4\nHEIGHT 4\nDEPTH 400\nMAXVAL 255\nENDHDR\n", &[9; 6400]),
            damaged,
        ),
    ]
}

pub fn attacks() -> Vec<Attack> {
    [tiffs_of_strips(), tiffs_of_other_parts(), bitmaps(), others()].into_iter().flatten().collect()
}
