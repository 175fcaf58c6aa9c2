//! Tests of encoding JPEG: the files, their bounds, and what validation refuses.

use super::mcu_grid::FULL_CHROMA;
use super::validate::check;
use super::*;
use crate::decode::{self, DecodePlan, Layout};
use crate::limits::Limits;
use crate::probe;
use proptest::prelude::*;
use std::io::Cursor;

/// How a picture made for a test looks.
#[derive(Clone, Copy, Debug)]
enum Look {
    Flat,
    Smooth,
    Gray,
    Noise,
    Extremes,
}

const LOOKS: [Look; 5] = [Look::Flat, Look::Smooth, Look::Gray, Look::Noise, Look::Extremes];

fn picture(width: u32, height: u32, look: Look, seed: u32) -> Raster {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let flat = [next(), next(), next()];
    let mut pixel = |x: u32, y: u32| match look {
        Look::Flat => flat,
        Look::Smooth => {
            [(x * 255 / width) as u8, (y * 255 / height) as u8, ((x + y) * 255 / (width + height)) as u8]
        }
        Look::Gray => [next(); 3],
        Look::Noise => [next(), next(), next()],
        Look::Extremes => [next(), next(), next()].map(|v| if v > 127 { 255 } else { 0 }),
    };
    let data =
        (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).flat_map(|(x, y)| pixel(x, y)).collect();
    Raster { size: Size::new(width, height), alpha: false, data }
}

fn decoded(file: &[u8]) -> Vec<u8> {
    let limits = Limits::default();
    let probe = probe::probe(&mut Cursor::new(file), &limits).unwrap();
    let plan = DecodePlan::whole(&probe);
    let mut source =
        decode::open(Box::new(Cursor::new(file.to_vec())), &probe, &plan, &limits, None).unwrap();
    assert_eq!(source.layout(), Layout::Rgb);
    let mut all = Vec::new();
    while let Some(row) = source.next_row().unwrap() {
        row.append_to(&mut all);
    }
    all
}

fn refused(file: &[u8], size: Size, quality: u8) -> bool {
    check(file, size, quality).is_err_and(|error| error.code() == Code::NotCanonical)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn what_is_written_is_canonical(
        width in 1..70u32, height in 1..70u32, quality in 1..=100u8, look in prop::sample::select(&LOOKS), seed: u32
    ) {
        let raster = picture(width, height, look, seed);
        let file = encode(&raster, quality).unwrap();
        check(&file, raster.size, quality).unwrap();
        prop_assert!(file.len() as u64 <= crate::encode::max_encoded_bytes(&spec(raster.size, quality), false));
        for (what, size, quality) in [
            ("wider", Size::new(width + 1, height), quality),
            ("lower", Size::new(width, height - 1), quality),
            ("another quality", raster.size, if quality == 1 { 2 } else { quality - 1 }),
        ] {
            // The lowest qualities share their tables: then the file is that of both.
            let same = size == raster.size && file.starts_with(&tables::head(McuGrid::new(size, quality), quality));
            prop_assert!(same || refused(&file, size, quality), "{}", what);
        }
    }

    #[test]
    fn what_was_encoded_is_seen(
        width in 1..70u32, height in 1..70u32, look in prop::sample::select(&LOOKS), seed: u32
    ) {
        let raster = picture(width, height, look, seed);
        let seen = decoded(&encode(&raster, 100).unwrap());
        let worst = seen.iter().zip(&raster.data).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
        // Luma, chroma and coefficients are each rounded to whole numbers.
        prop_assert!(seen.len() == raster.data.len() && worst <= 6, "{}", worst);
    }

    #[test]
    fn vectors_change_nothing(
        width in 1..70u32, height in 1..40u32, quality in 1..=100u8, look in prop::sample::select(&LOOKS), seed: u32
    ) {
        let raster = picture(width, height, look, seed);
        let coded = CodedPicture::new(&raster, quality).unwrap();
        let quantizers = tables::steps(quality).each_ref().map(Quantizer::new);
        let grid = coded.grid;
        let (mut planes, mut blocks) = (Planes::new(grid), Blocks::new(grid.mcus_across() * grid.components().len()));
        for number in 0..grid.mcu_rows() {
            McuRow { grid, number, quantizers: &quantizers }.code_plain(&raster.data, &mut planes, &mut blocks);
        }
        let plain = CodedPicture { head: coded.head.clone(), grid, blocks, tables: coded.tables };
        prop_assert!(plain.file() == coded.file());
    }
}

#[test]
fn no_file_is_longer_than_what_is_stated() {
    let mut fullest: [f64; 2] = [0.0; 2];
    for quality in [100, 95, 90, 89, 50] {
        for (width, height) in [(1, 16_383), (16_383, 1), (7, 4000), (9, 4000), (17, 2001), (333, 334)] {
            for look in LOOKS {
                let raster = picture(width, height, look, 11);
                let (length, most) =
                    (encode(&raster, quality).unwrap().len() as u64, most_bytes(raster.size, quality));
                assert!(length * 5 / 4 < most, "{width} x {height}, {look:?}, {quality}: {length} of {most}");
                let blocks = McuGrid::new(raster.size, quality).block_count();
                let kind = usize::from(quality >= FULL_CHROMA);
                fullest[kind] = fullest[kind].max(length.saturating_sub(700) as f64 / blocks as f64);
            }
        }
    }
    assert!(fullest[0] < 45.0 && fullest[1] < 70.0, "bytes of a block: {fullest:?}");
}

fn spec(size: Size, quality: u8) -> crate::recipe::OutputSpec {
    let spec = crate::recipe::OutputSpec::new("main", size, crate::recipe::Format::Jpeg).unwrap();
    spec.with_quality(quality).unwrap()
}

#[test]
fn pictures_keep_their_quality() {
    // look, quality, least PSNR in dB
    let cases =
        [(Look::Smooth, 85, 36.0), (Look::Smooth, 95, 41.0), (Look::Flat, 50, 39.0), (Look::Gray, 89, 26.0)];
    for (look, quality, least) in cases {
        let raster = picture(133, 75, look, 7);
        let seen = decoded(&encode(&raster, quality).unwrap());
        let square = |(a, b): (&u8, &u8)| f64::from(a.abs_diff(*b)).powi(2);
        let mean = seen.iter().zip(&raster.data).map(square).sum::<f64>() / seen.len() as f64;
        let psnr = 10.0 * (65_025.0 / mean.max(1e-9)).log10();
        assert!(psnr >= least, "{look:?} at {quality}: {psnr}");
    }
}

/// Turns over every bit of a file. What is still accepted is the file of another picture, which differs in bits of
/// coefficients; only a digest can tell those two apart.
#[test]
fn no_bit_is_free() {
    for (quality, look) in [(10, Look::Smooth), (80, Look::Noise), (95, Look::Gray), (50, Look::Flat)] {
        let raster = picture(19, 9, look, 3);
        let file = encode(&raster, quality).unwrap();
        let coded = CodedPicture::new(&raster, quality).unwrap();
        let picture = coded.head.len()..file.len() - 2;
        let shown = decoded(&file);
        let mut others = 0;
        for bit in 0..8 * file.len() {
            let mut changed = file.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            if check(&changed, raster.size, quality).is_ok() {
                assert!(picture.contains(&(bit / 8)), "{look:?}: bit {bit} is not checked");
                assert!(decoded(&changed) != shown || quality > 90, "{look:?}: bit {bit} changes nothing");
                others += 1;
            }
        }
        println!("{look:?} at {quality}: {others} of {} bits make another picture's file", 8 * picture.len());
    }
}

#[test]
fn nothing_may_be_put_in_or_taken_away() {
    let raster = picture(40, 24, Look::Noise, 3);
    let file = encode(&raster, 85).unwrap();
    let coded = CodedPicture::new(&raster, 85).unwrap();
    let header = coded.head.len() + tables::tail(&coded.tables).len();
    for at in 0..file.len() {
        assert!(refused(&file[..at], raster.size, 85), "cut at {at}");
        // With more codes in the scan, the file may be another picture's.
        for byte in [0, 0xff, b'x'].into_iter().filter(|_| at < header || at > file.len() - 2) {
            let longer = [&file[..at], &[byte], &file[at..]].concat();
            assert!(refused(&longer, raster.size, 85), "{byte} put in at {at}");
        }
    }
    for extra in [&b"\0"[..], b"PK\x03\x04", b"\xff\xd9", &file] {
        assert!(
            refused(&[&file[..], extra].concat(), raster.size, 85),
            "{} bytes after the end",
            extra.len()
        );
    }
}

/// Right pictures, in files that this encoder does not write.
#[test]
fn other_encoders_files_are_refused() {
    let raster = picture(61, 47, Look::Smooth, 9);
    for optimised in [false, true] {
        let mut file = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut file, 85);
        encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::R_4_2_0);
        encoder.set_optimized_huffman_tables(optimised);
        encoder.encode(&raster.data, 61, 47, jpeg_encoder::ColorType::Rgb).unwrap();
        assert!(refused(&file, raster.size, 85), "optimised: {optimised}");
    }
    let own = CodedPicture::new(&raster, 85).unwrap();
    let shown = decoded(&own.file());
    // The whole header and scan are consistent; only the tables follow from something else.
    let every = |table: usize| std::array::from_fn(|symbol| u32::from(table % 2 == 1 || symbol < 12));
    let more_of_one = |table: usize| {
        let mut counts = own.blocks.statistics[table];
        counts[usize::from(own.tables[table].symbols()[1])] *= 100;
        counts
    };
    let unused = |table: usize| {
        let mut counts = own.blocks.statistics[table];
        counts[counts.iter().position(|n| *n == 0).unwrap()] = 1;
        counts
    };
    for table in 0..4 {
        for (what, counts) in
            [("any symbol", every(table)), ("another order", more_of_one(table)), ("one more", unused(table))]
        {
            let mut tables = own.tables;
            tables[table] = HuffmanTable::best(&counts);
            let file =
                CodedPicture { head: own.head.clone(), grid: own.grid, blocks: own.blocks.clone(), tables }
                    .file();
            assert!(decoded(&file) == shown, "{what}, table {table}: the file shows something else");
            assert!(refused(&file, raster.size, 85), "{what}, table {table}");
        }
    }
}

/// A header that states a smaller picture than the scan holds.
#[test]
fn nothing_hides_outside_the_picture() {
    let whole = picture(16, 16, Look::Noise, 5);
    let coded = CodedPicture::new(&whole, 85).unwrap();
    for size in [Size::new(8, 16), Size::new(16, 8), Size::new(3, 3)] {
        let grid = McuGrid::new(size, 85);
        let file = CodedPicture {
            head: tables::head(grid, 85),
            grid,
            blocks: coded.blocks.clone(),
            tables: coded.tables,
        };
        assert!(refused(&file.file(), size, 85), "{size:?}");
    }
}

#[test]
fn values_that_no_picture_has_are_refused() {
    // place in the transposed block, value, quality; whether a picture can have it
    let cases = [
        (0, -1024, 100, true),
        (0, 1025, 100, false),
        (0, 205, 85, true),
        (0, 206, 85, false),
        (9, 1000, 100, true),
        (9, -1023, 100, true),
        (9, 1024, 100, false),
        (9, 86, 50, false),
    ];
    for (place, value, quality, fine) in cases {
        let grid = McuGrid::new(Size::new(8, 8), quality);
        let mut blocks = Blocks::new(grid.components().len());
        let mut transposed = [0; 64];
        transposed[place] = value;
        blocks.push_block(0, &transposed);
        (1..grid.factor * grid.factor).for_each(|_| blocks.push_empty(0));
        blocks.push_block(1, &[0; 64]);
        blocks.push_block(2, &[0; 64]);
        blocks.end_mcu_row();
        let tables = blocks.statistics.each_ref().map(HuffmanTable::best);
        let file = CodedPicture { head: tables::head(grid, quality), grid, blocks, tables }.file();
        assert_eq!(refused(&file, grid.size, quality), !fine, "{value} at {place}, quality {quality}");
    }
}

#[test]
fn what_a_jpeg_cannot_hold_is_refused() {
    let raster = Raster { size: Size::new(1, 1), alpha: true, data: vec![0; 4] };
    assert_eq!(encode(&raster, 85).unwrap_err().code(), Code::BackgroundRequired);
    let raster = Raster { size: Size::new(65_536, 1), alpha: false, data: vec![0; 3 * 65_536] };
    assert_eq!(encode(&raster, 85).unwrap_err().code(), Code::OutputTooLarge);
    assert!(refused(b"", raster.size, 85));
}
