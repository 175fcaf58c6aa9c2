//! Lists that lie, grow without end, or say that a picture lies where it cannot.

use super::file::{File, be16, be32, bx, coded, ftyp, full, ispe};
use super::{Attack, DAMAGED, MANY, Picture, UNSUPPORTED};

/// Lists of places: `version`, the sizes of their numbers, and the entries.
fn iloc(version: u8, sizes: [u8; 2], entries: &[u8]) -> Vec<u8> {
    full(b"iloc", version, &[&sizes, entries].concat())
}

/// Boxes, and lists of items, references and properties.
pub fn boxes() -> Vec<Attack> {
    let new = |name, file: File, answer| Attack::new(name, file.bytes(), answer);
    let single = || File::single(&[]);
    let raw = |name, bytes: Vec<u8>, answer| Attack::new(name, bytes, answer);
    let many = |kind: &[u8; 4], one: Vec<u8>| full(kind, 0, &[be16(&[1]), one.repeat(20_000)].concat());
    let properties = bx(b"iprp", &bx(b"ipco", &bx(b"free", b"").repeat(20_000)));
    vec![
        raw("HEIC: nothing but its name", ftyp(), UNSUPPORTED),
        raw(
            "HEIC: a film alone",
            [bx(b"ftyp", b"hevc\0\0\0\0msf1hevc"), bx(b"moov", b"")].concat(),
            UNSUPPORTED,
        ),
        raw(
            "HEIC: 10,000 empty boxes first",
            [ftyp(), bx(b"free", b"").repeat(10_000), single().meta(0)].concat(),
            DAMAGED,
        ),
        raw("HEIC: lists of 2 GB", [ftyp(), be32(&[0x7FFF_FFFF]), b"meta".to_vec()].concat(), MANY),
        raw(
            "HEIC: lists longer than the file",
            [ftyp(), be32(&[1000]), b"meta\0\0\0\0".to_vec()].concat(),
            DAMAGED,
        ),
        raw("HEIC: a box of seven bytes", [ftyp(), be32(&[7]), b"free".to_vec()].concat(), DAMAGED),
        raw(
            "HEIC: a box of 2^64 bytes",
            [ftyp(), be32(&[1]), b"free".to_vec(), vec![255; 8]].concat(),
            UNSUPPORTED,
        ),
        new("HEIC: not of pictures", single().instead(b"hdlr", full(b"hdlr", 0, b"\0\0\0\0vide\0")), DAMAGED),
        new("HEIC: no primary picture", single().instead(b"pitm", bx(b"free", b"")), DAMAGED),
        new(
            "HEIC: a primary picture that is not there",
            single().instead(b"pitm", full(b"pitm", 1, &be32(&[77]))),
            DAMAGED,
        ),
        new(
            "HEIC: 20,000 items",
            single().instead(b"iinf", many(b"iinf", full(b"infe", 2, &be16(&[9, 0, 0, 0])))),
            MANY,
        ),
        new(
            "HEIC: 20,000 references to nothing",
            single().instead(b"iref", full(b"iref", 0, &bx(b"dimg", &be16(&[1, 0])).repeat(20_000))),
            MANY,
        ),
        new("HEIC: 20,000 properties", single().instead(b"iprp", properties), MANY),
        new(
            "HEIC: ten thousand auxiliary pictures that name three megabytes 255 times each",
            long_names(),
            Picture,
        ),
        new(
            "HEIC: four billion associations",
            single().instead(b"iprp", bx(b"iprp", &full(b"ipma", 0, &be32(&[u32::MAX])))),
            DAMAGED,
        ),
    ]
}

/// Lists of places.
pub fn places() -> Vec<Attack> {
    let placed =
        |name, list, answer| Attack::new(name, File::single(&[]).instead(b"iloc", list).bytes(), answer);
    let (_, data) = coded("single");
    let length = data.len() as u32;
    let in_lists = File {
        more: bx(b"idat", &data),
        ..File::single(&[])
            .instead(b"iloc", iloc(1, [0x44, 0], &[be16(&[1, 1, 1, 0, 1]), be32(&[0, length])].concat()))
    };
    let mut far = File::single(&[]).bytes();
    let at = far.windows(4).position(|w| w == b"iloc").unwrap();
    far[at + 18..at + 22].copy_from_slice(&[0x7F, 0xFF, 0xFF, 0xFF]);
    vec![
        placed("HEIC: four billion places", iloc(2, [0x44, 0], &be32(&[u32::MAX])), MANY),
        placed("HEIC: no places", bx(b"free", b""), DAMAGED),
        placed("HEIC: numbers of 15 bytes", iloc(0, [0xFF, 0], &be16(&[1, 1, 0, 1])), DAMAGED),
        placed("HEIC: 65,535 pieces of no bytes", iloc(0, [0, 0], &be16(&[1, 1, 0, 65_535])), MANY),
        placed("HEIC: no pieces", iloc(0, [0x44, 0], &be16(&[1, 1, 0, 0])), DAMAGED),
        placed(
            "HEIC: a place beyond 2^64",
            iloc(0, [0x88, 0x80], &[be16(&[1, 1, 0]), vec![255; 8], be16(&[1]), vec![255; 16]].concat()),
            DAMAGED,
        ),
        placed(
            "HEIC: two pieces of 2^63 bytes, whose sum is none",
            iloc(
                0,
                [0x88, 0x80],
                &[
                    be16(&[1, 1, 0]),
                    vec![0; 8],
                    be16(&[2]),
                    [[0; 8], (1u64 << 63).to_be_bytes(), [0; 8], (1u64 << 63).to_be_bytes()].concat(),
                ]
                .concat(),
            ),
            DAMAGED,
        ),
        Attack::new("HEIC: a place beyond the file", far, DAMAGED),
        Attack::new("HEIC: bytes within the lists", in_lists.bytes(), Picture),
        placed(
            "HEIC: bytes of another item",
            iloc(1, [0x44, 0], &[be16(&[1, 1, 2, 0, 1]), be32(&[0, 9])].concat()),
            UNSUPPORTED,
        ),
        placed(
            "HEIC: bytes of another file",
            iloc(0, [0x44, 0], &[be16(&[1, 1, 1, 1]), be32(&[0, 9])].concat()),
            UNSUPPORTED,
        ),
    ]
}

/// The real picture, and another item that is said again and again to belong to it. Its one property has no zero that would end a name.
fn long_names() -> File {
    let (config, _) = coded("single");
    let properties = [bx(b"hvcC", &config), ispe(64, 64), bx(b"free", &vec![1; 3 << 20])].concat();
    let shown = [be16(&[1]), vec![2, 1, 2]].concat();
    let other = [be16(&[2]), vec![255], vec![3; 255]].concat();
    let associations = full(b"ipma", 0, &[be32(&[2]), shown, other].concat());
    let references = bx(b"auxl", &be16(&[2, 1, 1])).repeat(10_000);
    File::single(&[])
        .instead(b"iprp", bx(b"iprp", &[bx(b"ipco", &properties), associations].concat()))
        .instead(b"iref", full(b"iref", 0, &references))
}
