//! Tests of files with gain maps: what is written passes, and nothing makes the check panic. What is refused stands in
//! `tests/gain_map.rs`.

use super::*;
use crate::probe::gain_map::{MapChannel, UNIT};
use crate::recipe::Format;
use proptest::prelude::*;

fn raster(size: Size, seed: u32) -> Raster {
    let mut state = seed | 1;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    Raster { size, alpha: false, data: (0..size.pixels() * 3).map(next).collect() }
}

fn metadata(alike: bool) -> MapMetadata {
    let channel = |most| MapChannel { gain: [-UNIT / 3, most], gamma: UNIT, offsets: [UNIT / 64, 10] };
    let channels = if alike { [channel(UNIT); 3] } else { [UNIT, 2 * UNIT, 3 * UNIT].map(channel) };
    MapMetadata::new([0, 3 * UNIT], channels).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_the_engine_writes_is_canonical(
        width in 1..80u32, height in 1..80u32, quality in 1..=100u8, share in 1..5u32, alike in any::<bool>(), seed in any::<u32>()
    ) {
        let (size, map) = (Size::new(width, height), Size::new(width.div_ceil(share), height.div_ceil(share)));
        let spec = OutputSpec::new("main", size, Format::Jpeg).unwrap().with_quality(quality).unwrap();
        let made = encode_with_map(&raster(size, seed), &raster(map, !seed), &metadata(alike), &spec).unwrap();
        check_canonical_with_map(&made.bytes, &spec, map).unwrap();
        prop_assert!(made.bytes.len() as u64 <= max_encoded_bytes(&spec, map));
    }

    #[test]
    fn nothing_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..60), at in any::<prop::sample::Index>()) {
        let (size, map) = (Size::new(9, 7), Size::new(3, 2));
        let spec = OutputSpec::new("main", size, Format::Jpeg).unwrap();
        let own = encode_with_map(&raster(size, 1), &raster(map, 2), &metadata(false), &spec).unwrap().bytes;
        let mut file = own.clone();
        let place = at.index(file.len());
        file.splice(place..(place + bytes.len()).min(own.len()), bytes.iter().copied());
        let _ = check_canonical_with_map(&file, &spec, map);
        let _ = check_canonical_with_map(&bytes, &spec, map);
        let _ = check_canonical_with_map(&own[..place], &spec, map);
    }
}
