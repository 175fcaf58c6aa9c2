//! The plan of a gain map: the same crop, in the map's own pixels.

use super::Plan;
use super::transform::map_size;
use crate::color;
use crate::encode::{self, gain_map};
use crate::error::{Code, Result};
use crate::geometry::Size;
use crate::probe::Probe;
use crate::recipe::{Background, OutputSpec, Recipe};

/// The plan of the map for the outputs that ask for it; `None` where none does, and where there is no map that can be kept.
pub(super) fn plan_map(probe: &Probe, recipe: &Recipe) -> Result<Option<Box<Plan>>> {
    let Some(map) = probe.gain_map().filter(|_| can_be_kept(probe)) else { return Ok(None) };
    let asking = recipe.outputs().iter().filter(|output| output.hdr().is_some());
    let outputs: Vec<OutputSpec> =
        asking.map(|output| output.resized(map_size(map.probe(), recipe, output.size()), None)).collect();
    if outputs.is_empty() {
        return Ok(None);
    }
    // What lies beside the picture is shown as it is.
    let [red, green, blue] = map.metadata().neutral();
    let background = recipe.background().map(|_| Background::Color([red, green, blue]));
    let of_map = Recipe::new(*recipe.crop(), outputs)?
        .with_turn(recipe.turn())
        .with_flip(recipe.flip())
        .with_filter(recipe.filter())
        .with_background(background)?;
    match Plan::without_map(map.probe(), &of_map, false) {
        Ok(plan) => Ok(Some(Box::new(plan))),
        // So little of the picture is seen that it is less than a step of the map's grid.
        Err(error) if error.code() == Code::CropOutsideSource => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether the map's gains hold for the base as it is written, which is in sRGB.
///
/// Gains that are the same for red, green and blue do so whatever the primaries are: converting between them keeps gray. Others
/// are meant for the primaries that they were made for.
fn can_be_kept(probe: &Probe) -> bool {
    let Some(map) = probe.gain_map() else { return false };
    let alike = map.probe().color_channels() == 1 && !map.metadata().differs_by_channel();
    alike || map.in_base_space() && color::is_srgb(probe)
}

impl Plan {
    /// The most that is held at once where there is a map: `most` without it, or while the map is decoded beside the finished
    /// pictures, or while both are encoded.
    pub(super) fn with_map(&self, probe: &Probe, most: u64) -> u64 {
        let (Some(map), Some(of)) = (&self.map, probe.gain_map()) else { return most };
        let rasters = self.raster_bytes();
        let sized = |name: &str| map.recipe.outputs().iter().find(|o| o.name() == name).map(OutputSpec::size);
        let bytes = |with: fn(&OutputSpec, Size) -> u64, alone: fn(&OutputSpec, bool) -> u64| {
            self.outputs.iter().map(move |output| match sized(output.spec.name()) {
                Some(size) => with(&output.spec, size),
                None => alone(&output.spec, output.alpha),
            })
        };
        let files: u64 = bytes(gain_map::max_encoded_bytes, encode::max_encoded_bytes).sum();
        let encoding = bytes(gain_map::memory_bytes, encode::memory_bytes).max().unwrap_or(0);
        let decoding = rasters + map.decoding_bytes(of.probe());
        most.max(decoding).max(rasters + map.raster_bytes() + files + encoding)
    }
}
