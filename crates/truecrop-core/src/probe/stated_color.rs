//! What a source says of its colours.

/// The primaries and the white point of a colour space, in 1/100000 of CIE x, y.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chromaticities {
    /// (x, y) of white, red, green, blue.
    pub white_red_green_blue: [(u32, u32); 4],
}

/// One statement of a source about its colours. Whether it can be applied is found out by the one who applies it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatedColor {
    /// PNG's cICP and HEIC's nclx: colour primaries and transfer characteristics by ITU-T H.273, of full-range RGB.
    Coded {
        /// 1 is BT.709 (sRGB), 12 is Display P3, 9 is BT.2020.
        primaries: u8,
        /// 13 is sRGB's curve.
        transfer: u8,
    },
    /// The embedded ICC profile, inflated; within [`Limits::profile_bytes`](crate::Limits::profile_bytes), otherwise unchecked.
    Icc(Vec<u8>),
    /// There is an ICC profile, but it is larger than the limit: it was not read, and counts as none.
    IccTooLarge {
        /// Its length, or, of one that is compressed, a length that it has at least.
        bytes: u64,
    },
    /// There is a statement that cannot be read, and counts as none: a profile of which parts are missing or that does not inflate, or a
    /// cICP of a narrow range or of other samples than RGB.
    Unreadable,
    /// PNG's sRGB chunk. The samples are sRGB.
    Srgb,
    /// PNG's gAMA, with or without cHRM. (cHRM alone does not define a colour space; browsers ignore it too.)
    Measured {
        /// The encoding exponent in 1/100000: 45455 is 1/2.2.
        gamma: u32,
        /// The primaries and the white point; sRGB's where the file says nothing.
        chromaticities: Option<Chromaticities>,
    },
}
