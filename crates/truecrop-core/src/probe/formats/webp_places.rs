//! Where the parts of a WebP's picture lie in the file: what the decoder of a cut file needs.

/// The content of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ChunkPlace {
    /// File offset of its first byte.
    pub(crate) start: u64,
    /// Bytes, as announced: the file may end before them.
    pub(crate) length: u64,
}

/// The first frame of an animation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FramePlace {
    /// Left, top, width and height on the canvas.
    pub(crate) area: [u32; 4],
    /// File offset of the byte that says how it is blended.
    pub(crate) flags: u64,
}

/// The chunks of the picture, or of the first frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct WebpPlaces {
    /// Bytes that the file says it has.
    pub(crate) announced: u64,
    /// VP8 or VP8L.
    pub(crate) picture: Option<ChunkPlace>,
    /// Whether it is VP8L.
    pub(crate) lossless: bool,
    /// ALPH.
    pub(crate) opacity: Option<ChunkPlace>,
    /// Where there is an animation.
    pub(crate) frame: Option<FramePlace>,
}
