//! Reads a QOI header (specification 1.0, page 1).

use super::{Header, HeaderReader, Result, damaged};
use crate::probe::Depth;

/// Buffers.
const WORKING: u64 = 64 << 10;

pub(super) fn read_header(scan: &mut HeaderReader<'_>) -> Result<Header> {
    scan.skip(4)?;
    let (width, height) = (scan.be32()?, scan.be32()?);
    // The colour space is a hint only, says the specification.
    let [channels, _] = scan.array()?;
    if !matches!(channels, 3 | 4) {
        return Err(damaged("its number of channels is neither 3 nor 4"));
    }
    Ok(Header::rare(width, height, channels.into(), Depth::Eight).with_working(WORKING))
}
