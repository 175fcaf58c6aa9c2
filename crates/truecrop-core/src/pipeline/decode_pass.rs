//! Runs decode > to working > resample > finish, a few rows at a time.

use crate::color::ToWorking;
use crate::decode::{self, Index, RowSource};
use crate::error::Result;
use crate::limits::Limits;
use crate::pixel::{PlanarRow, Raster};
use crate::plan::Plan;
use crate::probe::Probe;
use crate::receipt::Damage;
use crate::recipe::OutputSpec;
use crate::resample::Resampler;
use crate::source::Reader;

/// One pass over the window's rows, which makes all outputs.
pub struct DecodePass {
    rows: Box<dyn RowSource>,
    to_working: ToWorking,
    working: PlanarRow,
    outputs: Vec<(OutputSpec, Resampler)>,
    /// Rows above the window still to skip, and their total; `None` before the decoder has reported them.
    above: Option<(u32, u32)>,
    taken: u32,
    total: u32,
}

impl DecodePass {
    /// Opens the decoder and takes the plan's memory.
    ///
    /// # Errors
    /// [`Code::DamagedSource`](crate::Code::DamagedSource) and others of the decoder.
    pub fn new(
        source: Reader,
        probe: &Probe,
        plan: &Plan,
        limits: &Limits,
        index: Option<Index>,
    ) -> Result<Self> {
        let rows = decode::open(source, probe, plan.decode(), limits, index)?;
        let to_working = ToWorking::new(probe, rows.layout(), plan.recipe().light());
        let window = plan.decode().window;
        let working = PlanarRow::new(to_working.channels(), window.width as usize);
        let outputs = plan.resamplers(to_working.channels());
        Ok(Self { rows, to_working, working, outputs, above: None, taken: 0, total: window.height })
    }

    /// Takes up to this many rows, or decodes one tile that they need; true when all are through.
    ///
    /// # Errors
    /// Those of the decoder.
    pub fn advance(&mut self, rows: u32) -> Result<bool> {
        for _ in 0..rows {
            if self.above.is_none_or(|(left, _)| left > 0) {
                self.skip_above()?;
                continue;
            }
            // as long as many rows take
            #[cfg(feature = "heic")]
            if self.rows.prepare()? {
                return Ok(false);
            }
            let Some(row) = self.rows.next_row()? else {
                return Ok(true);
            };
            self.to_working.convert(row, &mut self.working);
            for (_, resampler) in &mut self.outputs {
                resampler.push(&self.working);
            }
            self.taken += 1;
        }
        Ok(self.taken >= self.total)
    }

    fn skip_above(&mut self) -> Result<()> {
        let left = self.rows.approach()?;
        self.above = Some((left, self.above.map_or(left, |(_, total)| total)));
        Ok(())
    }

    /// From 0 to 1.
    pub fn progress(&self) -> f32 {
        let (left, above) = self.above.unwrap_or((0, 0));
        (above - left + self.taken) as f32 / (above + self.total).max(1) as f32
    }

    /// What was wrong with the data that was read.
    pub(crate) fn damage(&self) -> Damage {
        let (truncated, checksum) = (self.rows.truncated(), self.rows.ignored_checksum());
        Damage { truncated, checksum, map_kept: false }
    }

    /// The finished pictures, in the recipe's order.
    pub fn into_rasters(self) -> Vec<(OutputSpec, Raster)> {
        self.outputs.into_iter().map(|(spec, resampler)| (spec, resampler.into_raster())).collect()
    }
}
