//! Streams: parameters that ask for more than there is, slices, and units.

use super::file::{File, bx, coded, ispe, item};
use super::{Attack, Code, DAMAGED, Picture, Refused, UNSUPPORTED};

/// Bits from the most significant on.
#[derive(Default)]
struct Bits(Vec<bool>);

impl Bits {
    fn bits(&mut self, value: u64, count: u32) -> &mut Self {
        self.0.extend((0..count).rev().map(|bit| value >> bit & 1 == 1));
        self
    }

    /// Exp-Golomb.
    fn ue(&mut self, value: u64) -> &mut Self {
        let length = (value + 1).ilog2();
        self.bits(0, length).bits(value + 1, length + 1)
    }

    /// A unit of this type, with its stop bit.
    fn unit(&mut self, kind: u8) -> Vec<u8> {
        self.bits(1, 1);
        let mut bytes = vec![kind << 1, 1];
        let mut zeros = 0;
        for part in self.0.chunks(8) {
            let byte = part.iter().enumerate().fold(0, |byte, (n, &bit)| byte | u8::from(bit) << (7 - n));
            if zeros >= 2 && byte <= 3 {
                bytes.push(3);
                zeros = 0;
            }
            zeros = if byte == 0 { zeros + 1 } else { 0 };
            bytes.push(byte);
        }
        bytes
    }
}

/// A sequence's parameters. `chroma` 3 with planes of their own: 4.
fn sps(id: u64, width: u64, height: u64, chroma: u64, depth: u64) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.bits(0, 4).bits(0, 3).bits(1, 1).bits(0, 48).bits(0, 40).bits(93, 8).ue(id).ue(chroma.min(3));
    if chroma >= 3 {
        bits.bits(u64::from(chroma == 4), 1);
    }
    bits.ue(width).ue(height).bits(0, 1).ue(depth - 8).ue(depth - 8).ue(4).bits(0, 1).ue(0).ue(0).ue(0);
    // coding blocks of 8 to 16, transform blocks of 4 to 16
    bits.ue(0).ue(1).ue(0).ue(2).ue(0).ue(0);
    // no lists, no asymmetry, no SAO, no PCM, no references, no information
    bits.bits(0, 4).ue(0).bits(0, 5).unit(33)
}

/// A picture's parameters: cut into tiles, or with entry points for each row of blocks.
fn pps(tiles: Option<[u64; 2]>, rows: bool) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.ue(0).ue(0).bits(0, 7).ue(0).ue(0).ue(0).bits(0, 3).ue(0).ue(0).bits(0, 4);
    bits.bits(tiles.is_some().into(), 1).bits(rows.into(), 1);
    if let Some([columns, rows]) = tiles {
        bits.ue(columns - 1).ue(rows - 1).bits(1, 1).bits(0, 1);
    }
    bits.bits(0, 4).ue(0).bits(0, 2).unit(34)
}

/// A slice of all the picture that states so many entry points.
fn slice(entries: u64, data: &[u8]) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.bits(1, 1).bits(0, 1).ue(0).ue(2).ue(0);
    bits.ue(entries);
    if entries > 0 {
        bits.ue(31);
        for _ in 0..entries.min(100) {
            bits.bits(u32::MAX.into(), 32);
        }
    }
    [bits.unit(19), data.to_vec()].concat()
}

/// The configuration of these units.
fn config(units: &[Vec<u8>]) -> Vec<u8> {
    let mut config = vec![1];
    config.extend([0; 20]);
    config.extend([3, units.len() as u8]);
    for unit in units {
        config.extend([unit[0] >> 1, 0, 1]);
        config.extend((unit.len() as u16).to_be_bytes());
        config.extend(unit);
    }
    config
}

fn prefixed(units: &[Vec<u8>]) -> Vec<u8> {
    units.iter().flat_map(|unit| [&(unit.len() as u32).to_be_bytes()[..], unit].concat()).collect()
}

/// A picture of these units.
fn of_units(sets: &[Vec<u8>], units: &[Vec<u8>], width: u32, height: u32) -> Vec<u8> {
    let properties = [bx(b"hvcC", &config(sets)), ispe(width, height)];
    File::new(vec![item(b"hvc1", prefixed(units), &properties)]).bytes()
}

/// Parameters, and slices under them.
pub fn parameters() -> Vec<Attack> {
    let new = |name, sets: &[Vec<u8>], units: &[Vec<u8>], answer| {
        Attack::new(name, of_units(sets, units, 64, 64), answer)
    };
    let (small, plain) = (sps(0, 64, 64, 1, 8), pps(None, false));
    let bad = &[slice(0, &[0xFF; 200])];
    let wide = sps(0, 8192, 8192, 1, 8);
    vec![
        new("HEIC: a slice of zeros", &[small.clone(), plain.clone()], &[slice(0, &[0; 400])], DAMAGED),
        new("HEIC: a slice of ones", &[small.clone(), plain.clone()], bad, DAMAGED),
        new("HEIC: no slice", &[small.clone(), plain.clone()], &[], DAMAGED),
        new("HEIC: a slice whose parameters are not there", std::slice::from_ref(&small), bad, DAMAGED),
        new("HEIC: no sequence's parameters", std::slice::from_ref(&plain), bad, DAMAGED),
        new(
            "HEIC: four billion columns in its parameters",
            &[sps(0, (1 << 32) - 8, 64, 1, 8), plain.clone()],
            bad,
            Refused(Code::TooManyPixels),
        ),
        new(
            "HEIC: 65,528 x 65,528 in its parameters",
            &[sps(0, 65_528, 65_528, 1, 8), plain.clone()],
            bad,
            Refused(Code::TooManyPixels),
        ),
        new("HEIC: samples of 16 bits", &[sps(0, 64, 64, 1, 16), plain.clone()], bad, UNSUPPORTED),
        new("HEIC: planes of their own", &[sps(0, 64, 64, 4, 8), plain.clone()], bad, UNSUPPORTED),
        new(
            "HEIC: two sizes in its parameters",
            &[small.clone(), sps(1, 128, 64, 1, 8), plain.clone()],
            bad,
            DAMAGED,
        ),
        new("HEIC: 500 x 500 tiles within a picture", &[wide, pps(Some([500, 500]), false)], bad, DAMAGED),
        new(
            "HEIC: a million entry points",
            &[small.clone(), pps(None, true)],
            &[slice(1_000_000, &[])],
            DAMAGED,
        ),
        new(
            "HEIC: entry points beyond its bytes",
            &[small.clone(), pps(None, true)],
            &[slice(3, &[])],
            DAMAGED,
        ),
    ]
}

/// Units, and files that end among them.
pub fn units() -> Vec<Attack> {
    let sets = [sps(0, 64, 64, 1, 8), pps(None, false)];
    let new = |name, units: Vec<Vec<u8>>| Attack::new(name, of_units(&sets, &units, 64, 64), DAMAGED);
    let (_, data) = coded("single");
    let with_data = |data: Vec<u8>| {
        let mut file = File::single(&[]);
        file.items[0].data = data;
        file.bytes()
    };
    let cut = |count: usize| {
        let mut bytes = File::single(&[]).bytes();
        bytes.truncate(bytes.len() - count);
        bytes
    };
    let mut longer = data.clone();
    longer[0] = 0x7F;
    vec![
        new("HEIC: 5,000 units of information", vec![vec![39 << 1, 1, 0]; 5000]),
        new("HEIC: 100,000 empty units", vec![vec![]; 100_000]),
        Attack::new("HEIC: a unit longer than its picture", with_data(longer), DAMAGED),
        Attack::new("HEIC: the picture twice", with_data([&data[..], &data].concat()), Picture),
        Attack::new("HEIC: half a length", with_data(data[..2].to_vec()), DAMAGED),
        Attack::new("HEIC: cut in its picture", cut(9), DAMAGED),
        Attack::new("HEIC: cut before its picture", cut(data.len()), DAMAGED),
    ]
}
