//! A gain map's numbers as ISO 21496-1 has them in JPEG: an APP2 segment of fractions, big-endian (annex C).

use super::metadata::{MapChannel, MapMetadata, UNIT};

/// The flags: each channel has numbers of its own; gains are meant for the base's primaries. The other two stood in the drafts
/// and are written by libultrahdr: the base is the brighter picture; all fractions have one denominator.
const BY_CHANNEL: u8 = 0x80;
const BASE_SPACE: u8 = 0x40;
const BACKWARD: u8 = 0x04;
const ONE_DENOMINATOR: u8 = 0x08;

/// Reads what follows the segment's name. Also tells whether the gains are meant for the base's primaries.
///
/// `None` for what cannot be read, for another version, for numbers that make no sense, and for a map that makes the base
/// darker instead of brighter.
pub(crate) fn parse(data: &[u8]) -> Option<(MapMetadata, bool)> {
    let [0, 0, _, _, flags, rest @ ..] = data else { return None };
    if flags & BACKWARD != 0 {
        return None;
    }
    let mut words = rest.as_chunks::<4>().0.iter().map(|word| u32::from_be_bytes(*word));
    let shared = if flags & ONE_DENOMINATOR != 0 { Some(words.next()?) } else { None };
    let mut number = |signed: bool| {
        let numerator = words.next()?;
        let numerator = if signed { i64::from(numerator as i32) } else { numerator.into() };
        let denominator = shared.or_else(|| words.next())?;
        fraction(numerator, denominator)
    };
    let headrooms = [number(false)?, number(false)?];
    let mut channel = || {
        let gain = [number(true)?, number(true)?];
        Some(MapChannel { gain, gamma: number(false)?, offsets: [number(true)?, number(true)?] })
    };
    let first = channel()?;
    let channels = if flags & BY_CHANNEL != 0 { [first, channel()?, channel()?] } else { [first; 3] };
    Some((MapMetadata::new(headrooms, channels)?, flags & BASE_SPACE != 0))
}

/// A fraction in units, halves up; `None` for one without a denominator, and beyond what is counted.
fn fraction(numerator: i64, denominator: u32) -> Option<i32> {
    let denominator = i64::from(denominator);
    let twice = 2 * numerator * i64::from(UNIT) + denominator;
    (denominator > 0).then(|| twice.div_euclid(2 * denominator)).and_then(|units| units.try_into().ok())
}

/// As [`parse`] reads it, in the one spelling that this engine writes: every fraction with the denominator 100,000,000, one
/// set of numbers where the channels have the same, gains in the base's primaries.
pub(crate) fn write(metadata: &MapMetadata) -> Vec<u8> {
    let by_channel = metadata.differs_by_channel();
    let channels = &metadata.channels()[..if by_channel { 3 } else { 1 }];
    let numbers = channels.iter().flat_map(|c| [c.gain[0], c.gain[1], c.gamma, c.offsets[0], c.offsets[1]]);
    let flags = BASE_SPACE | if by_channel { BY_CHANNEL } else { 0 };
    let mut data = vec![0, 0, 0, 0, flags];
    for number in metadata.headrooms().into_iter().chain(numbers) {
        data.extend(number.to_be_bytes());
        data.extend(UNIT.to_be_bytes());
    }
    data
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn channels() -> impl Strategy<Value = MapChannel> {
        let most = 20 * UNIT;
        ((-most..=most), (-most..=most), (UNIT / 100..=most), (0..=most), (0..=most)).prop_map(
            |(a, b, gamma, base, alternate)| MapChannel {
                gain: [a.min(b), a.max(b)],
                gamma,
                offsets: [base, alternate],
            },
        )
    }

    pub(crate) fn metadata() -> impl Strategy<Value = MapMetadata> {
        (0..10 * UNIT, 1..10 * UNIT, channels(), channels(), channels(), any::<bool>()).prop_map(
            |(least, more, a, b, c, alike)| {
                let channels = if alike { [a; 3] } else { [a, b, c] };
                MapMetadata::new([least, least + more], channels).unwrap()
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(metadata in metadata()) {
            let data = write(&metadata);
            prop_assert_eq!(parse(&data), Some((metadata, true)));
            for end in 0..data.len() {
                prop_assert_eq!(parse(&data[..end]), None);
            }
        }

        #[test]
        fn nothing_makes_it_panic(data in prop::collection::vec(any::<u8>(), 0..150), flags in any::<u8>()) {
            parse(&data);
            parse(&[&[0, 0, 0, 0, flags], &data[..]].concat());
        }
    }

    /// Segments of other writers' kinds.
    #[test]
    fn other_spellings_are_read() {
        let word = |n: u32| n.to_be_bytes();
        let negative = (-3i32) as u32;
        // libultrahdr with one denominator for all: 0 and 2 stops; -3/64 to 2, gamma 1, offsets 1/64
        let numbers = [64, 0, 128, negative, 128, 64, 1, 1];
        let data = [&[0, 0, 0, 7, 0x48][..], numbers.map(word).as_flattened()].concat();
        let (metadata, base_space) = parse(&data).unwrap();
        assert!(base_space && !metadata.differs_by_channel());
        assert_eq!(metadata.headrooms(), [0, 2 * UNIT]);
        assert_eq!(metadata.channels()[2].gain, [-4_687_500, 2 * UNIT]);
        assert_eq!(metadata.channels()[0].offsets, [1_562_500; 2]);
        // a third, rounded; gains in the other picture's primaries
        let numbers = [0, 1, 1, 3, 0, 1, 2, 3, 1, 1, 0, 1, 0, 1];
        let data = [&[0, 0, 0, 0, 0][..], numbers.map(word).as_flattened()].concat();
        let (metadata, base_space) = parse(&data).unwrap();
        assert_eq!(
            (metadata.headrooms()[1], metadata.channels()[1].gain[1], base_space),
            (33_333_333, 66_666_667, false)
        );
        for (at, with, why) in [
            (1, 1, "a newer version"),
            (4, 4, "a base that is the brighter picture"),
            (12, 0, "no denominator"),
        ] {
            let mut wrong = data.clone();
            wrong[at] = with;
            assert_eq!(parse(&wrong), None, "{why}");
        }
    }
}
