//! The numbers of a gain map: how its samples become gains. ISO 21496-1 and Adobe's `hdrgm` (Ultra HDR) have the same.
//!
//! Each is held as a whole number of 1/100,000,000. That is finer than the 32-bit floating-point numbers that readers
//! compute with, it writes the usual values exactly (1/64, 10^-7), and it has one spelling in both forms.

/// What each number is counted in: so many make 1.
pub(crate) const UNIT: i32 = 100_000_000;

/// The most that a logarithm of a gain or of a headroom may be: 2^20. No display shows a ten-thousandth of it.
const MOST: i32 = 20 * UNIT;

/// The least gamma: 1/100.
const LEAST_GAMMA: i32 = UNIT / 100;

/// One channel's numbers, in 1/100,000,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MapChannel {
    /// log2 of the gain where the map is 0, and where it is full.
    pub(crate) gain: [i32; 2],
    /// What the samples were raised to.
    pub(crate) gamma: i32,
    /// What is added to the base before the gain, and taken from the result after it.
    pub(crate) offsets: [i32; 2],
}

/// How a map's samples become gains (ISO 21496-1, 5.2).
///
/// # Guarantees
/// Each gain's range is in its order and within 2^-20 and 2^20, each gamma is 0.01 to 20, no offset is negative, and the
/// first headroom is below the second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapMetadata {
    headrooms: [i32; 2],
    channels: [MapChannel; 3],
}

impl MapMetadata {
    /// `None` for numbers that make no sense. `headrooms`: log2 of the display's headroom up to which the base is shown as
    /// it is, and from which the map counts in full.
    pub(crate) fn new(headrooms: [i32; 2], channels: [MapChannel; 3]) -> Option<Self> {
        let fine = |channel: &MapChannel| {
            let [least, most] = channel.gain;
            (-MOST..=most).contains(&least)
                && most <= MOST
                && (LEAST_GAMMA..=MOST).contains(&channel.gamma)
                && channel.offsets.iter().all(|offset| (0..=MOST).contains(offset))
        };
        let [least, most] = headrooms;
        let ordered = 0 <= least && least < most && most <= MOST;
        (ordered && channels.iter().all(fine)).then_some(Self { headrooms, channels })
    }

    pub(crate) fn headrooms(&self) -> [i32; 2] {
        self.headrooms
    }

    /// Red, green and blue; all three are the same where [`MapMetadata::differs_by_channel`] is false.
    pub(crate) fn channels(&self) -> &[MapChannel; 3] {
        &self.channels
    }

    pub(crate) fn differs_by_channel(&self) -> bool {
        self.channels.iter().any(|channel| *channel != self.channels[0])
    }

    /// The sample of each channel that changes the base least: a gain of 1, or what is next to it.
    pub(crate) fn neutral(&self) -> [u8; 3] {
        self.channels.map(|MapChannel { gain: [least, most], gamma, .. }| {
            let range = f64::from(most) - f64::from(least);
            let share = if range > 0.0 { (-f64::from(least) / range).clamp(0.0, 1.0) } else { 0.0 };
            libm::floor(255.0 * libm::pow(share, f64::from(gamma) / f64::from(UNIT)) + 0.5) as u8
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: MapChannel = MapChannel { gain: [0, 2 * UNIT], gamma: UNIT, offsets: [UNIT / 64; 2] };

    #[test]
    fn numbers_that_make_no_sense_are_refused() {
        let of = |change: fn(&mut MapChannel)| {
            let mut channels = [PLAIN; 3];
            change(&mut channels[1]);
            MapMetadata::new([0, UNIT], channels)
        };
        assert!(of(|_| ()).is_some());
        let wrong: [fn(&mut MapChannel); 8] = [
            |c| c.gain = [1, 0],
            |c| c.gain = [-MOST - 1, 0],
            |c| c.gain = [0, MOST + 1],
            |c| c.gamma = 0,
            |c| c.gamma = -UNIT,
            |c| c.gamma = MOST + 1,
            |c| c.offsets = [-1, 0],
            |c| c.offsets = [0, MOST + 1],
        ];
        for (i, change) in wrong.into_iter().enumerate() {
            assert_eq!(of(change), None, "case {i}");
        }
        for headrooms in [[0, 0], [UNIT, 0], [-1, UNIT], [0, MOST + 1], [UNIT, UNIT]] {
            assert_eq!(MapMetadata::new(headrooms, [PLAIN; 3]), None, "{headrooms:?}");
        }
    }

    #[test]
    fn the_neutral_sample_is_a_gain_of_one() {
        // least, most, gamma; the sample
        let cases = [
            (0, 2 * UNIT, UNIT, 0),
            (-UNIT, UNIT, UNIT, 128),
            (-UNIT, 3 * UNIT, 2 * UNIT, 16),
            (-UNIT, -UNIT / 2, UNIT, 255),
            (UNIT, 2 * UNIT, UNIT, 0),
            (0, 0, UNIT, 0),
        ];
        for (least, most, gamma, sample) in cases {
            let channel = MapChannel { gain: [least, most], gamma, ..PLAIN };
            let metadata = MapMetadata::new([0, UNIT], [channel; 3]).unwrap();
            assert_eq!(metadata.neutral(), [sample; 3], "{least} to {most}, {gamma}");
        }
    }
}
