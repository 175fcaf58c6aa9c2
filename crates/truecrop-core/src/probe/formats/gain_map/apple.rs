//! Apple's gain maps of before ISO 21496-1, as maps of ISO 21496-1.
//!
//! Apple, "Applying Apple HDR effect to your photos": with the map's sample as light, *g* = the inverse of Rec. 709's curve, a display shows
//! the base's light times 1 + (*h* - 1) *g*, where *h* is the headroom: 2 to the power of the *stops* that follow from two numbers of the
//! camera's note. ISO 21496-1 shows the base's light times 2^(*stops* *s*) with the sample *s*. So *s* = log2(1 + (*h* - 1) *g*) / *stops*: each
//! of the 256 samples has one.

use super::metadata::{MapChannel, MapMetadata, UNIT};

/// How much brighter than white the photo is shown at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AppleHeadroom {
    /// log2 of it, in units; more than 0.
    stops: i32,
}

impl AppleHeadroom {
    /// From tags 33 and 48 of the note, as numerators and denominators. `None` where a denominator is not positive, or where nothing is
    /// brighter than white.
    pub(crate) fn new(overall: (i32, i32), gain: (i32, i32)) -> Option<Self> {
        let [(overall, one), (gain, under)] = [overall, gain].map(|(o, u)| (i64::from(o), i64::from(u)));
        if one <= 0 || under <= 0 {
            return None;
        }
        // slope and start in thousandths, on both sides of 0.01
        let (slope, start) = match (overall < one, 100 * gain <= under) {
            (true, true) => (-20_000, 1_800),
            (true, false) => (-101, 1_601),
            (false, true) => (-70_000, 3_000),
            (false, false) => (-303, 2_303),
        };
        let thousandths = i128::from(slope) * i128::from(gain) + i128::from(start) * i128::from(under);
        // rounded, halves up
        let (over, under) = (thousandths * i128::from(UNIT), 1_000 * i128::from(under));
        let stops = i32::try_from((2 * over + under).div_euclid(2 * under)).ok()?;
        (stops > 0).then_some(Self { stops })
    }

    /// What the samples behind the curve mean.
    pub(crate) fn metadata(self) -> Option<MapMetadata> {
        let channel = MapChannel { gain: [0, self.stops], gamma: UNIT, offsets: [0; 2] };
        MapMetadata::new([0, self.stops], [channel; 3])
    }

    /// The sample of ISO 21496-1, of 16 bits, for each of Apple's.
    pub(crate) fn curve(self) -> Vec<u16> {
        let stops = f64::from(self.stops) / f64::from(UNIT);
        let brighter = libm::exp2(stops) - 1.0;
        let of = |sample: u8| {
            let sample = f64::from(sample) / 255.0;
            // the inverse of ITU-R BT.709's opto-electronic transfer (1.2)
            let light =
                if sample < 0.081 { sample / 4.5 } else { libm::pow((sample + 0.099) / 1.099, 1.0 / 0.45) };
            let share = libm::log2(1.0 + brighter * light) / stops;
            libm::floor(65_535.0 * share.clamp(0.0, 1.0) + 0.5) as u16
        };
        (0..=255).map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_headroom_is_what_apple_s_formula_makes_of_it() {
        // The headrooms that iPhones write into XMP beside these very numbers.
        let real = [
            ((1_058_986, 1_048_501), (7_471, 6_307), 3.847906),
            ((1_058_986, 1_048_501), (9_779, 107_213), 4.841287),
            ((1_058_986, 1_048_501), (47_865, 23_677), 3.227528),
        ];
        for (overall, gain, headroom) in real {
            let stops = AppleHeadroom::new(overall, gain).unwrap().stops;
            let off = libm::exp2(f64::from(stops) / f64::from(UNIT)) - headroom;
            assert!(off.abs() < 2e-4, "{headroom}: {off}");
        }
        let cases = [
            ((1, 2), (0, 1), Some(180_000_000)),
            ((1, 2), (1, 100), Some(160_000_000)),
            ((1, 2), (11, 1000), Some(159_988_900)),
            ((1, 1), (0, 1), Some(300_000_000)),
            ((1, 1), (1, 100), Some(230_000_000)),
            ((2, 1), (1, 1), Some(200_000_000)),
            ((1, 2), (20, 1), None),
            ((1, 0), (0, 1), None),
            ((1, 1), (0, 0), None),
            ((1, 1), (0, -1), None),
            ((i32::MIN, i32::MAX), (i32::MIN, 1), None),
            ((i32::MAX, 1), (i32::MAX, 1), None),
        ];
        for (overall, gain, stops) in cases {
            assert_eq!(AppleHeadroom::new(overall, gain).map(|h| h.stops), stops, "{overall:?} {gain:?}");
        }
    }

    #[test]
    fn the_curve_gives_apple_s_light() {
        for gain in [(0, 1), (1, 200), (1, 2)] {
            let headroom = AppleHeadroom::new((1, 1), gain).unwrap();
            let stops = f64::from(headroom.stops) / f64::from(UNIT);
            let curve = headroom.curve();
            assert_eq!((curve[0], curve[255]), (0, 65_535));
            for (sample, pair) in curve.windows(2).enumerate() {
                assert!(pair[0] < pair[1], "{sample}");
                let light = f64::from(sample as u32) / 255.0;
                let light =
                    if light < 0.081 { light / 4.5 } else { ((light + 0.099) / 1.099).powf(1.0 / 0.45) };
                let wanted = 1.0 + (stops.exp2() - 1.0) * light;
                let got = (stops * f64::from(pair[0]) / 65_535.0).exp2();
                assert!((got / wanted - 1.0).abs() < 3e-5, "{sample}: {got}, not {wanted}");
            }
        }
    }
}
