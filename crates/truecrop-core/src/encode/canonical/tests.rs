//! Tests of the check of canonical encoding: what is written passes, what is changed does not.

use super::*;
use crate::encode::encode;
use crate::error::Code;
use proptest::prelude::*;

fn raster(width: u32, height: u32, alpha: bool, seed: u32) -> Raster {
    let channels = if alpha { 4 } else { 3 };
    let mut state = seed | 1;
    let mut data: Vec<u8> = (0..width * height * channels)
        .map(|i| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            // Smooth in one half of the seeds, noise in the other.
            if seed & 2 == 0 { (i / channels % width * 255 / width) as u8 } else { (state >> 24) as u8 }
        })
        .collect();
    if alpha {
        let transparent = data.as_chunks_mut::<4>().0.iter_mut().filter(|pixel| pixel[3] == 0);
        transparent.for_each(|pixel| *pixel = [0; 4]);
    }
    Raster { size: Size::new(width, height), alpha, data }
}

/// Each form of a file, with a quality where it has one.
const FORMS: [(Format, Option<u8>); 4] =
    [(Format::Jpeg, Some(80)), (Format::Png, None), (Format::Webp, None), (Format::Webp, Some(80))];

fn spec(width: u32, height: u32, format: Format, quality: Option<u8>) -> OutputSpec {
    OutputSpec::new("main", Size::new(width, height), format).unwrap().made_with(quality)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_the_engine_writes_is_canonical(
        width in 1..80u32, height in 1..80u32, alpha in any::<bool>(), seed in any::<u32>(), quality in 1..=100u8
    ) {
        let opaque = raster(width, height, false, seed);
        let jpeg = spec(width, height, Format::Jpeg, Some(quality));
        check_canonical(&encode(&opaque, &jpeg).unwrap().bytes, &jpeg).unwrap();
        for (format, quality) in [(Format::Png, None), (Format::Webp, None), (Format::Webp, Some(quality))] {
            let spec = spec(width, height, format, quality);
            check_canonical(&encode(&raster(width, height, alpha, seed), &spec).unwrap().bytes, &spec).unwrap();
        }
    }

    #[test]
    fn nothing_makes_it_panic(
        mut bytes in proptest::collection::vec(any::<u8>(), 0..400), at in any::<prop::sample::Index>(), with in any::<u8>()
    ) {
        for (format, quality) in FORMS {
            let spec = spec(9, 7, format, quality);
            let _ = check_canonical(&bytes, &spec);
            let mut file = encode(&raster(9, 7, false, 3), &spec).unwrap().bytes;
            let place = at.index(file.len());
            let changed = file[place] != with;
            file[place] = with;
            let answer = check_canonical(&file, &spec);
            // in the other formats it may be another picture
            prop_assert!(!changed || format != Format::Png || answer.is_err());
            bytes.splice(0..0, file[..place].iter().copied());
            let _ = check_canonical(&bytes, &spec);
        }
    }
}

#[test]
fn what_is_not_the_engines_own_is_refused() {
    let (w, h) = (40, 24);
    for (format, quality) in FORMS {
        let own = spec(w, h, format, quality);
        let file = encode(&raster(w, h, false, 5), &own).unwrap().bytes;
        let with = |change: &dyn Fn(&mut Vec<u8>)| {
            let mut copy = file.clone();
            change(&mut copy);
            copy
        };
        let cases: Vec<(&str, Vec<u8>)> = vec![
            ("empty", Vec::new()),
            ("cut short", file[..file.len() - 1].to_vec()),
            ("half", file[..file.len() / 2].to_vec()),
            ("a zip behind", [&file[..], b"PK\x03\x04"].concat()),
            ("a zero byte behind", [&file[..], b"\0"].concat()),
            ("twice", [&file[..], &file[..]].concat()),
            ("text inside", with(&|f| drop(f.splice(20..20, *b"<script>")))),
            ("another quality or filter", with(&|f| f[30] ^= 1)),
            ("last byte changed", with(&|f| *f.last_mut().unwrap() ^= 1)),
        ];
        for (name, bytes) in cases {
            let error = check_canonical(&bytes, &own).expect_err(&format!("{format:?}: {name}"));
            assert_eq!(error.code(), Code::NotCanonical, "{format:?}: {name}");
        }
        for (name, other) in
            [("wider", spec(w + 1, h, format, quality)), ("lower", spec(w, h - 1, format, quality))]
        {
            assert!(check_canonical(&file, &other).is_err(), "{format:?}: {name}");
        }
    }
    let file = encode(&raster(w, h, false, 5), &spec(w, h, Format::Jpeg, Some(80))).unwrap().bytes;
    assert!(check_canonical(&file, &spec(w, h, Format::Jpeg, Some(81))).is_err(), "another quality");
    assert!(check_canonical(&file, &spec(w, h, Format::Png, None)).is_err(), "another format");
}
