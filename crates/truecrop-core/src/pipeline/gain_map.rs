//! The gain map's part of a run: its pass over the second JPEG, and the maps that come of it.

use super::DecodePass;
use crate::error::{Fault, Result};
use crate::limits::Limits;
use crate::pixel::Raster;
use crate::plan::Plan;
use crate::probe::Probe;
use crate::source::{Reader, SplicedReader};

/// Maps by their outputs' names.
pub(super) type Maps = Vec<(String, Raster)>;

/// The pass over the map.
pub(super) struct MapPass {
    pass: DecodePass,
    damaged: bool,
}

impl MapPass {
    /// Opens the map of a plan; `None` where the plan has none, or the map is damaged.
    ///
    /// # Errors
    /// All but those of the input: without a map that is damaged the base is a picture. A limit is said, because others may have another.
    pub(super) fn open(source: Reader, probe: &Probe, plan: &Plan, limits: &Limits) -> Result<Option<Self>> {
        let (Some(map), Some(plan)) = (probe.gain_map(), plan.map()) else { return Ok(None) };
        let part = SplicedReader::new(Vec::new(), source, map.offset(), map.probe().bytes());
        let pass = unless_damaged(DecodePass::new(Box::new(part), map.probe(), plan, limits, None))?;
        Ok(pass.map(|pass| Self { pass, damaged: false }))
    }

    /// Takes up to this many rows; true when all are through, or the data is damaged.
    ///
    /// # Errors
    /// As [`MapPass::open`].
    pub(super) fn advance(&mut self, rows: u32) -> Result<bool> {
        let ended = unless_damaged(self.pass.advance(rows))?;
        self.damaged = ended.is_none() || self.pass.damage().truncated;
        Ok(self.damaged || ended == Some(true))
    }

    /// The finished maps; none of a damaged one.
    pub(super) fn into_maps(self) -> Maps {
        if self.damaged {
            return Maps::new();
        }
        let rasters = self.pass.into_rasters().into_iter();
        rasters.map(|(spec, raster)| (spec.name().to_owned(), raster)).collect()
    }
}

fn unless_damaged<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Err(error) if error.code().fault() != Fault::Input => Err(error),
        other => Ok(other.ok()),
    }
}
