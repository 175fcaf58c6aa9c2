//! The recipe of a proxy (the whole picture at the size of a screen), and the rule for its size. The page asks for a longest side.

use crate::decode;
use crate::error::Result;
#[cfg(feature = "heic")]
use crate::error::{Code, Error};
use crate::geometry::Crop;
use crate::plan;
use crate::probe::Probe;
use crate::recipe::{Filter, Format, OutputSpec, Recipe};

/// The recipe of a proxy for the screen: the whole picture with about this longest side, never more and never enlarged.
///
/// Somewhat less (at least 5/8) where the decoder can then give the picture at a fraction of its size, which is several
/// times as quick.
///
/// # Errors
/// [`Code::InvalidRecipe`](crate::Code::InvalidRecipe) for a longest side of 0.
pub fn proxy_recipe(probe: &Probe, longest: u32) -> Result<Recipe> {
    let full = probe.oriented().width.max(probe.oriented().height);
    let wanted = longest.min(full);
    let quick = decode::scales(probe).iter().filter(|n| **n < 8).map(|n| plan::largest_side(full, *n));
    let side = quick.rev().find(|side| *side <= wanted && side * 8 >= wanted * 5).unwrap_or(wanted);
    let size = probe.oriented().fit_within(side);
    let filter = Filter::Triangle;
    let output = OutputSpec::new("proxy", size, Format::Png)?;
    Ok(Recipe::new(Crop::whole(probe.oriented())?, vec![output])?.with_filter(filter))
}

/// What a proxy with this longest side is made of, and its longest side. 0 asks a HEIC for the small picture that it has itself, which is decoded
/// at once.
///
/// # Errors
/// [`Code::InvalidRecipe`](crate::Code::InvalidRecipe) for 0 where a HEIC has none.
#[cfg(feature = "heic")]
pub fn proxy_source(probe: &Probe, longest: u32) -> Result<(&Probe, u32)> {
    if longest > 0 || probe.heic().is_none() {
        return Ok((probe, longest));
    }
    let none = || Error::new(Code::InvalidRecipe, "The file has no small picture of its own.").at("longest");
    Ok((probe.thumbnail().ok_or_else(none)?, u32::MAX))
}

/// What a proxy with this longest side is made of: only HEICs have other pictures.
///
/// # Errors
/// None.
#[cfg(not(feature = "heic"))]
pub fn proxy_source(probe: &Probe, longest: u32) -> Result<(&Probe, u32)> {
    Ok((probe, longest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;
    use crate::plan::Plan;
    use crate::probe;
    use std::io::Cursor;

    /// A JPEG's header, which is all that a plan needs.
    fn probe_of(width: u16, height: u16) -> Probe {
        let mut file = b"\xff\xd8\xff\xc0\0\x11\x08".to_vec();
        file.extend([height.to_be_bytes(), width.to_be_bytes()].concat());
        file.extend(b"\x03\x01\x22\0\x02\x11\0\x03\x11\0\xff\xda\0\x0c\x03\x01\0\x02\0\x03\0\0\x3f\0");
        probe::probe(&mut Cursor::new(file), &Limits::default()).unwrap()
    }

    #[test]
    fn proxies_are_of_a_size_that_is_quick_to_make() {
        // width, height, longest side asked for; proxy's sides, decode scale in eighths
        let cases = [
            ((7680, 4320), 2048, (1920, 1080), 4),
            ((7680, 4320), 1024, (960, 540), 2),
            ((12000, 9000), 2048, (1500, 1125), 2),
            ((4032, 3024), 2048, (2048, 1536), 8),
            ((3024, 4032), 1024, (756, 1008), 4),
            ((600, 400), 1024, (600, 400), 8),
            ((65500, 100), 1024, (1024, 2), 1),
        ];
        for ((width, height), longest, proxy, scale) in cases {
            let probe = probe_of(width, height);
            let recipe = proxy_recipe(&probe, longest).unwrap();
            let plan = Plan::new(&probe, &recipe, &Limits::default()).unwrap();
            let size = recipe.outputs()[0].size();
            assert_eq!(
                ((size.width, size.height), plan.decode().scale),
                (proxy, scale),
                "{width} x {height}"
            );
        }
    }
}
