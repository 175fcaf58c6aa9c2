//! Finds the tags of an ICC profile (ICC.1:2022, 7.3). What they hold is read by `color`.

/// Tags that are looked at; profiles have about a dozen.
const MOST_TAGS: usize = 128;

/// A tag's data, where the profile has such a tag and all of its bytes.
pub(crate) fn tag<'a>(profile: &'a [u8], name: &[u8; 4]) -> Option<&'a [u8]> {
    let entry = entry(profile, name)?;
    let (start, length) = (be32(profile, entry + 4)? as usize, be32(profile, entry + 8)? as usize);
    profile.get(start..start.checked_add(length)?)
}

/// The tag with the tables from samples to the connection space: for the perceptual intent, else for the colorimetric one, as in
/// browsers.
///
/// Profiles with such tables are applied by the build with every format only, so the small one asks here first.
pub(crate) fn tables(profile: &[u8]) -> Option<&'static [u8; 4]> {
    [b"A2B0", b"A2B1"].into_iter().find(|name| entry(profile, name).is_some())
}

/// Where the table of tags names this one.
fn entry(profile: &[u8], name: &[u8; 4]) -> Option<usize> {
    let count = (be32(profile, 128)? as usize).min(MOST_TAGS);
    (0..count).map(|i| 132 + 12 * i).find(|&at| profile.get(at..at + 4) == Some(name))
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}
