//! The whole way: bytes > probe > plan > decode > to working > resample > finish > encode > receipt.
//!
//! | file | what |
//! | --- | --- |
//! | this one | [`crop`], and [`crop_planned`] for callers who have probed and planned already |
//! | `incremental` | the same in steps, for event loops |
//! | `decode_pass` | decode > to working > resample > finish: a few rows at a time |
//! | `gain_map` | the pass over the gain map, where an output keeps it |
//! | `proxy` | the recipe of a small picture for the screen |

mod decode_pass;
#[cfg(feature = "formats")]
mod gain_map;
mod incremental;
mod proxy;

pub use decode_pass::DecodePass;
pub use incremental::{DigestSource, IncrementalCrop, SourceCache};
pub use proxy::{proxy_recipe, proxy_source};

use crate::error::{Code, Error, Result};
use crate::limits::Limits;
use crate::plan::Plan;
use crate::probe::{Probe, probe};
use crate::receipt::Receipt;
use crate::recipe::{OutputSpec, Recipe};
use crate::source::Reader;
use std::ops::ControlFlow;

/// Rows between two reports of progress.
const ROWS_PER_STEP: u32 = 64;

/// What a run made.
#[derive(Clone, Debug)]
pub struct Cropped {
    /// What was made of what.
    pub receipt: Receipt,
    /// Each output's bytes, in the recipe's order.
    pub outputs: Vec<(OutputSpec, Vec<u8>)>,
}

/// Crops a source in one go.
///
/// `progress` hears fractions from 0 to 1 and may break off.
///
/// # Errors
/// As [`probe`] and [`Plan::new`]; damaged files while decoding; [`Code::Cancelled`] when `progress` breaks off.
pub fn crop(
    mut source: Reader,
    recipe: &Recipe,
    limits: &Limits,
    progress: &mut dyn FnMut(f32) -> ControlFlow<()>,
) -> Result<Cropped> {
    let probe = probe(&mut *source, limits)?;
    let plan = Plan::new(&probe, recipe, limits)?;
    crop_planned(source, probe, plan, SourceCache::default(), limits, progress)
}

/// As [`crop`], of a source that was probed and planned before. `cache` holds what is known of it.
///
/// # Errors
/// Damaged files while decoding; [`Code::Cancelled`] when `progress` breaks off.
pub fn crop_planned(
    source: Reader,
    probe: Probe,
    plan: Plan,
    cache: SourceCache,
    limits: &Limits,
    progress: &mut dyn FnMut(f32) -> ControlFlow<()>,
) -> Result<Cropped> {
    let mut steps = IncrementalCrop::new(source, probe, plan, cache, limits.clone())?;
    while !steps.advance(ROWS_PER_STEP)? {
        if progress(steps.progress()).is_break() {
            return Err(Error::new(Code::Cancelled, "The crop was cancelled."));
        }
    }
    steps.finish()
}
