//! The whole way: bytes > probe > plan > decode > resample > encode > receipt.

use crate::color::Converter;
use crate::decode::{self, Index, RowSource};
use crate::encode::{self, Encoded};
use crate::error::{Code, Error, Result};
use crate::geometry::Crop;
use crate::limits::Limits;
use crate::plan::{self, Plan};
use crate::probe::{self, Probe};
use crate::receipt::{Decoder, Digest, Frame, OutputFacts, Receipt, Sha256, SourceFacts};
use crate::recipe::{Filter, Format, OutputSpec, Recipe};
use crate::resample::{Line, Raster, Stage};
use crate::{Reader, Source};
use std::io::SeekFrom;
use std::ops::ControlFlow;

/// Bytes of the source that are digested for one row's worth of a step.
const DIGEST_STEP: usize = 8 << 10;

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
/// As [`probe::probe`] and [`Plan::new`]; damaged files while decoding; [`Code::Cancelled`] when `progress` breaks off.
pub fn crop(
    mut source: Reader,
    recipe: &Recipe,
    limits: &Limits,
    progress: &mut dyn FnMut(f32) -> ControlFlow<()>,
) -> Result<Cropped> {
    let probe = probe::probe(&mut *source, limits)?;
    let plan = Plan::new(&probe, recipe, limits)?;
    let mut render = Render::new(source, probe, recipe.clone(), plan, Known::default(), limits.clone());
    while !render.advance(64)? {
        if progress(render.progress()).is_break() {
            return Err(Error::new(Code::Cancelled, "The crop was cancelled."));
        }
    }
    render.finish()
}

/// What earlier runs over the same source found out. It saves time and changes no result.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The source's digest.
    pub digest: SourceDigest,
    /// Where the source's data can be entered. Clones are the same index: runs read it and add to it.
    pub index: Option<Index>,
}

/// Where a source's digest comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SourceDigest {
    /// The run reads the source once more and computes it.
    #[default]
    Computed,
    /// It is known.
    Known(Digest),
    /// Somebody else computes it meanwhile and gives it by [`Render::set_digest`] before [`Render::finish`].
    Later,
}

/// A decode on its way into its stages, a few rows at a time.
pub struct Job {
    rows: Box<dyn RowSource>,
    converter: Converter,
    stages: Vec<(OutputSpec, Stage)>,
    line: Line,
    /// Rows above the window that are left, and that there were, once that is known.
    above: Option<(u32, u32)>,
    taken: u32,
    total: u32,
}

impl Job {
    /// Opens the decoder and takes the plan's memory.
    ///
    /// # Errors
    /// [`Code::DamagedSource`] and others of the decoder.
    pub fn new(
        source: Reader,
        probe: &Probe,
        plan: &Plan,
        limits: &Limits,
        index: Option<Index>,
    ) -> Result<Self> {
        let rows = decode::open(source, probe, plan.decode(), limits, index)?;
        let converter = Converter::new(probe, rows.layout(), plan.light())?;
        let window = plan.decode().window;
        let line = Line::new(converter.channels(), window.width as usize);
        let stages = plan.start(converter.channels());
        Ok(Self { rows, converter, stages, line, above: None, taken: 0, total: window.height })
    }

    /// Takes up to this many rows; true when all are through.
    ///
    /// # Errors
    /// Those of the decoder.
    pub fn advance(&mut self, rows: u32) -> Result<bool> {
        for _ in 0..rows {
            if self.above.is_none_or(|(left, _)| left > 0) {
                let left = self.rows.approach()?;
                self.above = Some((left, self.above.map_or(left, |(_, most)| most)));
                continue;
            }
            let Some(row) = self.rows.next_row()? else {
                return Ok(true);
            };
            self.converter.convert(row, &mut self.line);
            for (_, stage) in &mut self.stages {
                stage.push(&self.line);
            }
            self.taken += 1;
        }
        Ok(self.taken >= self.total)
    }

    /// From 0 to 1.
    pub fn progress(&self) -> f32 {
        let (left, most) = self.above.unwrap_or((0, 0));
        (most - left + self.taken) as f32 / (most + self.total).max(1) as f32
    }

    /// Whether the file ended too early.
    pub fn truncated(&self) -> bool {
        self.rows.truncated()
    }

    /// The finished pictures, in the recipe's order.
    pub fn into_rasters(self) -> Vec<(OutputSpec, Raster)> {
        self.stages.into_iter().map(|(spec, stage)| (spec, stage.into_raster())).collect()
    }
}

/// A whole run in steps, for whoever must answer others in between: digest, decode, encode, receipt.
pub struct Render {
    probe: Probe,
    recipe: Recipe,
    plan: Plan,
    limits: Limits,
    known: Known,
    truncated: bool,
    outputs: Vec<(OutputSpec, Encoded)>,
    phase: Phase,
}

enum Phase {
    Digest(Reader, Sha256, u64),
    Decode(Job),
    Encode(std::vec::IntoIter<(OutputSpec, Raster)>),
    Done,
    Broken,
}

impl Render {
    /// `known`: what earlier runs over this source found out.
    pub fn new(
        source: Reader,
        probe: Probe,
        recipe: Recipe,
        plan: Plan,
        known: Known,
        limits: Limits,
    ) -> Self {
        let phase = Phase::Digest(source, Sha256::default(), 0);
        Self { probe, recipe, plan, limits, known, truncated: false, outputs: Vec::new(), phase }
    }

    /// Does about as much as `rows` rows take; true when all is done.
    ///
    /// # Errors
    /// Those of each stage. After an error there is nothing more to advance.
    pub fn advance(&mut self, rows: u32) -> Result<bool> {
        self.phase = match std::mem::replace(&mut self.phase, Phase::Broken) {
            Phase::Digest(source, hasher, at) => self.digest_some(source, hasher, at, rows)?,
            Phase::Decode(mut job) => {
                if job.advance(rows)? {
                    self.truncated = job.truncated();
                    Phase::Encode(job.into_rasters().into_iter())
                } else {
                    Phase::Decode(job)
                }
            }
            Phase::Encode(mut rasters) => match rasters.next() {
                Some((spec, raster)) => {
                    let made = encode::encode(&raster, &spec).map_err(|e| self.place(e))?;
                    self.outputs.push((spec, made));
                    Phase::Encode(rasters)
                }
                None => Phase::Done,
            },
            Phase::Done => Phase::Done,
            Phase::Broken => return Err(Error::new(Code::Internal, "This run has already failed.")),
        };
        Ok(matches!(self.phase, Phase::Done))
    }

    fn digest_some(&mut self, mut source: Reader, mut hasher: Sha256, at: u64, rows: u32) -> Result<Phase> {
        if self.known.digest == SourceDigest::Computed {
            let end = read_some(&mut *source, &mut hasher, at, rows)?;
            if end < self.probe.bytes() {
                return Ok(Phase::Digest(source, hasher, end));
            }
            self.known.digest = SourceDigest::Known(hasher.finish());
        }
        Ok(Phase::Decode(Job::new(source, &self.probe, &self.plan, &self.limits, self.known.index.take())?))
    }

    /// An encoder's error, of the output that is next.
    fn place(&self, error: Error) -> Error {
        match error.field() {
            Some("maxBytes") => error.at(format!("outputs[{}].maxBytes", self.outputs.len())),
            _ => error,
        }
    }

    /// From 0 to 1, by rough shares of the work.
    pub fn progress(&self) -> f32 {
        match &self.phase {
            Phase::Digest(_, _, at) => 0.1 * (*at as f32 / self.probe.bytes().max(1) as f32),
            Phase::Decode(job) => 0.1 + 0.8 * job.progress(),
            Phase::Encode(_) => 0.9,
            Phase::Done => 1.0,
            Phase::Broken => 0.0,
        }
    }

    /// The source's digest, as soon as it is known.
    pub fn digest(&self) -> Option<Digest> {
        match self.known.digest {
            SourceDigest::Known(digest) => Some(digest),
            SourceDigest::Computed | SourceDigest::Later => None,
        }
    }

    /// Takes the digest that [`SourceDigest::Later`] announced. One that is already known stays.
    pub fn set_digest(&mut self, digest: Digest) {
        if self.known.digest == SourceDigest::Later {
            self.known.digest = SourceDigest::Known(digest);
        }
    }

    /// The result, when [`Render::advance`] has said that all is done.
    ///
    /// # Errors
    /// [`Code::Internal`] when it is not, or a digest that was to come later has not come.
    pub fn finish(self) -> Result<Cropped> {
        let (Phase::Done, Some(digest)) = (&self.phase, self.digest()) else {
            return Err(Error::new(Code::Internal, "This run is not finished."));
        };
        let facts = facts(&self.probe, digest, self.truncated);
        let made = self.outputs.iter().map(|(spec, made)| OutputFacts::new(spec, made)).collect();
        let receipt = Receipt::new(facts, &self.recipe, made)?;
        let outputs = self.outputs.into_iter().map(|(spec, made)| (spec, made.bytes)).collect();
        Ok(Cropped { receipt, outputs })
    }
}

/// What a receipt says of a source.
pub fn facts(probe: &Probe, digest: Digest, truncated: bool) -> SourceFacts {
    SourceFacts {
        format: probe.format().as_str().to_owned(),
        bytes: probe.bytes(),
        width: probe.oriented().width,
        height: probe.oriented().height,
        orientation: probe.orientation().value(),
        digest,
        decoder: Decoder::Core,
        frame: probe.animated().then_some(Frame::First),
        truncated,
    }
}

fn read_some(source: &mut dyn Source, hasher: &mut Sha256, at: u64, rows: u32) -> Result<u64> {
    source.seek_to(SeekFrom::Start(at))?;
    let mut buffer = [0; DIGEST_STEP];
    let mut end = at;
    for _ in 0..rows.max(1) {
        match probe::read_retrying(source, &mut buffer)? {
            0 => return Ok(u64::MAX),
            n => {
                hasher.update(&buffer[..n]);
                end += n as u64;
            }
        }
    }
    Ok(end)
}

/// What a page wants to know of a picked file.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Summary {
    /// `jpeg`, `png`, `webp` or `gif`.
    pub format: &'static str,
    /// The file's length.
    pub bytes: u64,
    /// Oriented columns.
    pub width: u32,
    /// Oriented rows.
    pub height: u32,
    /// EXIF orientation, 1 to 8.
    pub orientation: u8,
    /// Whether it may be transparent.
    pub alpha: bool,
    /// Whether it is an animation, of which only the first frame is used.
    pub animated: bool,
}

impl From<&Probe> for Summary {
    fn from(probe: &Probe) -> Self {
        Self {
            format: probe.format().as_str(),
            bytes: probe.bytes(),
            width: probe.oriented().width,
            height: probe.oriented().height,
            orientation: probe.orientation().value(),
            alpha: probe.alpha(),
            animated: probe.animated(),
        }
    }
}

/// The recipe of a proxy for the screen: the whole picture with about this longest side, never more and never enlarged.
///
/// Somewhat less (at least 5/8) where the decoder can then give the picture at a fraction of its size, which is several
/// times as quick.
///
/// # Errors
/// [`Code::InvalidRecipe`] for a longest side of 0.
pub fn proxy_recipe(probe: &Probe, longest: u32) -> Result<Recipe> {
    let full = probe.oriented().width.max(probe.oriented().height);
    let wanted = longest.min(full);
    let quick = decode::scales(probe).iter().filter(|n| **n < 8).map(|n| plan::largest_side(full, *n));
    let side = quick.rev().find(|side| *side <= wanted && side * 8 >= wanted * 5).unwrap_or(wanted);
    let size = probe.oriented().fit_within(side);
    let filter = Filter::Triangle;
    let recipe =
        Recipe::new(Crop::whole(probe.oriented())?, vec![OutputSpec::new("proxy", size, Format::Png)])?;
    Ok(Recipe { filter, ..recipe })
}

#[cfg(test)]
mod tests {
    use super::*;
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
            let size = recipe.outputs[0].size();
            assert_eq!(
                ((size.width, size.height), plan.decode().scale),
                (proxy, scale),
                "{width} x {height}"
            );
        }
    }
}
