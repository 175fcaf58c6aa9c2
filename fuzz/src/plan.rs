//! Law: any recipe for any source is planned within the limits or refused with a typed error, and a plan's window lies in
//! the picture.
//!
//! The input is a recipe's JSON, one zero byte, and the file that it is for; without the zero byte, for a photo's header.

use super::{limits, refused_well};
use std::io::Cursor;
use truecrop_core::Limits;
use truecrop_core::decode::{scaled, scales};
use truecrop_core::plan::Plan;
use truecrop_core::probe::probe;
use truecrop_core::recipe::Recipe;

/// A JPEG of 4,000 x 3,000 pixels up to its first scan.
const HEADER: &[u8] = b"\xff\xd8\xff\xc0\0\x11\x08\x0b\xb8\x0f\xa0\x03\x01\x22\0\x02\x11\0\x03\x11\0\
    \xff\xda\0\x0c\x03\x01\0\x02\0\x03\0\0\x3f\0";

/// Checks the law for a recipe and a file.
pub fn check(data: &[u8]) {
    let limits = Limits { source_pixels: 1 << 29, ..limits() };
    let end = data.iter().position(|&b| b == 0).unwrap_or(data.len());
    let file = data.get(end + 1..).unwrap_or(HEADER);
    let recipe = match Recipe::from_json(&data[..end], &limits) {
        Ok(recipe) => recipe,
        Err(error) => return refused_well(&error),
    };
    let again = Recipe::from_json(recipe.to_json().as_bytes(), &limits).expect("what was written is read");
    assert_eq!(again, recipe, "written and read again");
    let Ok(probe) = probe(&mut Cursor::new(file), &limits) else { return };
    match Plan::new(&probe, &recipe, &limits) {
        Err(error) => refused_well(&error),
        Ok(plan) => {
            let decode = plan.decode();
            assert!(plan.peak_bytes() <= limits.memory);
            assert!(scales(&probe).contains(&decode.scale));
            assert!(decode.window.fits(scaled(probe.stored(), decode.scale)), "{decode:?}");
        }
    }
}
