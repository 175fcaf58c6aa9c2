//! The pipeline in steps: decode, digest, encode, receipt.

#[cfg(feature = "formats")]
use super::gain_map::{MapPass, Maps};
use super::{Cropped, DecodePass};
use crate::decode::Index;
use crate::digest::Digest;
use crate::encode::{self, Encoded};
use crate::error::{Code, Error, Result};
use crate::limits::Limits;
use crate::pixel::Raster;
use crate::plan::Plan;
use crate::probe::Probe;
use crate::receipt::{Damage, OutputFacts, Receipt, SourceFacts};
use crate::recipe::OutputSpec;
#[cfg(feature = "formats")]
use crate::source::SharedSource;
use crate::source::{DigestingSource, Reader, RunningDigest};

/// What earlier runs over the same source found out. It saves time and changes no result.
#[derive(Clone, Debug, Default)]
pub struct SourceCache {
    /// Where the source's digest comes from.
    pub digest: DigestSource,
    /// Where the source's data can be entered. Clones are the same index: runs read it and add to it.
    pub index: Option<Index>,
}

/// Where a source's digest comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DigestSource {
    /// The run computes it along with decoding, and then reads what the decoder did not read.
    #[default]
    Compute,
    /// It is known.
    Provided(Digest),
    /// Somebody else computes it meanwhile and gives it by [`IncrementalCrop::provide_digest`] before
    /// [`IncrementalCrop::finish`].
    Deferred,
}

/// Incremental form of [`crop`](super::crop), for event loops: call [`advance`](Self::advance) until it returns true, then
/// [`finish`](Self::finish).
pub struct IncrementalCrop {
    probe: Probe,
    plan: Plan,
    limits: Limits,
    cache: SourceCache,
    damage: Damage,
    outputs: Vec<(OutputSpec, Encoded)>,
    #[cfg(feature = "formats")]
    map: MapState,
    phase: Phase,
}

/// What a run knows of the gain map.
#[cfg(feature = "formats")]
#[derive(Default)]
struct MapState {
    /// For the pass over the map, where the plan has one.
    source: Option<SharedSource>,
    maps: Maps,
}

enum Phase {
    Open(Reader),
    /// The digest runs along, where this run computes it.
    Decode(DecodePass, Option<RunningDigest>),
    /// The same over the gain map.
    #[cfg(feature = "formats")]
    Map(Box<MapPass>, Option<RunningDigest>, Rasters),
    /// What the decoder did not read.
    Digest(RunningDigest, Rasters),
    Encode(Rasters),
    Done,
    Failed,
}

/// Finished pictures that are still to be encoded.
type Rasters = std::vec::IntoIter<(OutputSpec, Raster)>;

impl IncrementalCrop {
    /// `source` must be the one that was probed, and `plan` of that probe; `cache` holds what earlier runs over this source
    /// found out.
    ///
    /// # Errors
    /// [`Code::ModuleNeeded`] when this build lacks the encoder of an output.
    pub fn new(source: Reader, probe: Probe, plan: Plan, cache: SourceCache, limits: Limits) -> Result<Self> {
        encode::check_built(plan.recipe().outputs())?;
        let phase = Phase::Open(source);
        Ok(Self {
            probe,
            plan,
            limits,
            cache,
            damage: Damage::default(),
            outputs: Vec::new(),
            #[cfg(feature = "formats")]
            map: MapState::default(),
            phase,
        })
    }

    /// Does about as much as `rows` rows take; true when all is done.
    ///
    /// # Errors
    /// Those of each stage. After an error there is nothing more to advance.
    pub fn advance(&mut self, rows: u32) -> Result<bool> {
        self.phase = match std::mem::replace(&mut self.phase, Phase::Failed) {
            Phase::Open(source) => self.open(source)?,
            Phase::Decode(pass, digest) => self.decode(pass, digest, rows)?,
            #[cfg(feature = "formats")]
            Phase::Map(pass, digest, rasters) => self.decode_map(pass, digest, rasters, rows)?,
            Phase::Digest(digest, rasters) => self.digest_rest(digest, rasters, rows)?,
            Phase::Encode(rasters) => self.encode_next(rasters)?,
            Phase::Done => Phase::Done,
            Phase::Failed => return Err(Error::new(Code::Internal, "This run has already failed.")),
        };
        Ok(matches!(self.phase, Phase::Done))
    }

    fn open(&mut self, source: Reader) -> Result<Phase> {
        let (source, digest): (Reader, _) = if self.cache.digest == DigestSource::Compute {
            let (source, digest) = DigestingSource::new(source)?;
            (Box::new(source), Some(digest))
        } else {
            (source, None)
        };
        #[cfg(feature = "formats")]
        let source = self.share(source);
        let index = self.cache.index.take();
        let pass = DecodePass::new(source, &self.probe, &self.plan, &self.limits, index)?;
        Ok(Phase::Decode(pass, digest))
    }

    fn decode(&mut self, mut pass: DecodePass, digest: Option<RunningDigest>, rows: u32) -> Result<Phase> {
        if !pass.advance(rows)? {
            return Ok(Phase::Decode(pass, digest));
        }
        self.damage = pass.damage();
        let rasters = pass.into_rasters().into_iter();
        #[cfg(feature = "formats")]
        if let Some(source) = self.map.source.take()
            && let Some(pass) = MapPass::open(Box::new(source), &self.probe, &self.plan, &self.limits)?
        {
            return Ok(Phase::Map(Box::new(pass), digest, rasters));
        }
        Ok(after_decoding(digest, rasters))
    }

    /// The source, and where the plan has a gain map another handle on it for later.
    #[cfg(feature = "formats")]
    fn share(&mut self, source: Reader) -> Reader {
        if self.plan.map().is_none() {
            return source;
        }
        let shared = SharedSource::new(source);
        self.map.source = Some(shared.clone());
        Box::new(shared)
    }

    #[cfg(feature = "formats")]
    fn decode_map(
        &mut self,
        mut pass: Box<MapPass>,
        digest: Option<RunningDigest>,
        rasters: Rasters,
        rows: u32,
    ) -> Result<Phase> {
        if !pass.advance(rows)? {
            return Ok(Phase::Map(pass, digest, rasters));
        }
        self.map.maps = pass.into_maps();
        self.damage.map_kept = !self.map.maps.is_empty();
        Ok(after_decoding(digest, rasters))
    }

    fn digest_rest(&mut self, mut digest: RunningDigest, rasters: Rasters, rows: u32) -> Result<Phase> {
        let all = digest.advance(rows)?;
        let (covered, bytes) = (digest.covered(), self.probe.bytes());
        if covered > bytes || all && covered < bytes {
            let detail = "The file changed while it was read: try again when it is complete.";
            return Err(Error::new(Code::Io, detail).at("source.bytes").figures(bytes, covered));
        }
        if !all {
            return Ok(Phase::Digest(digest, rasters));
        }
        self.cache.digest = DigestSource::Provided(digest.finish());
        Ok(Phase::Encode(rasters))
    }

    fn encode_next(&mut self, mut rasters: Rasters) -> Result<Phase> {
        let Some((spec, raster)) = rasters.next() else { return Ok(Phase::Done) };
        let encoded = self.encode(&raster, &spec).map_err(|e| self.name_output(e))?;
        self.outputs.push((spec, encoded));
        Ok(Phase::Encode(rasters))
    }

    fn encode(&self, raster: &Raster, spec: &OutputSpec) -> Result<Encoded> {
        #[cfg(feature = "formats")]
        if let (Some(map), Some(source)) = (self.map.of(spec), self.probe.gain_map()) {
            return encode::gain_map::encode_with_map(raster, map, source.metadata(), spec);
        }
        encode::encode(raster, spec)
    }

    /// An encoder's error, with the number of the output in its field.
    fn name_output(&self, error: Error) -> Error {
        match error.field() {
            Some("maxBytes") => error.at(format!("outputs[{}].maxBytes", self.outputs.len())),
            _ => error,
        }
    }

    /// From 0 to 1, by rough shares of the work.
    pub fn progress(&self) -> f32 {
        match &self.phase {
            Phase::Open(_) | Phase::Failed => 0.0,
            Phase::Decode(pass, _) => 0.8 * pass.progress(),
            #[cfg(feature = "formats")]
            Phase::Map(..) => 0.8,
            Phase::Digest(digest, _) => {
                0.8 + 0.1 * (digest.covered() as f32 / self.probe.bytes().max(1) as f32)
            }
            Phase::Encode(_) => 0.9,
            Phase::Done => 1.0,
        }
    }

    /// The source's digest, as soon as it is known.
    pub fn digest(&self) -> Option<Digest> {
        match self.cache.digest {
            DigestSource::Provided(digest) => Some(digest),
            DigestSource::Compute | DigestSource::Deferred => None,
        }
    }

    /// Takes the digest that [`DigestSource::Deferred`] announced. One that is already known stays.
    pub fn provide_digest(&mut self, digest: Digest) {
        if self.cache.digest == DigestSource::Deferred {
            self.cache.digest = DigestSource::Provided(digest);
        }
    }

    /// The result, when [`advance`](Self::advance) has returned true.
    ///
    /// # Errors
    /// [`Code::Internal`] when it has not, or a deferred digest was not provided.
    pub fn finish(self) -> Result<Cropped> {
        let (Phase::Done, Some(digest)) = (&self.phase, self.digest()) else {
            return Err(Error::new(Code::Internal, "This run is not finished."));
        };
        let source = SourceFacts::of(&self.probe, digest, self.damage);
        let facts = self.outputs.iter().map(|(spec, made)| {
            let facts = OutputFacts::new(spec, made);
            #[cfg(feature = "formats")]
            let facts = facts.with_map(self.map.of(spec).map(|map| map.size));
            facts
        });
        let facts = facts.collect();
        let receipt = Receipt::new(source, self.plan.recipe(), facts)?;
        let outputs = self.outputs.into_iter().map(|(spec, made)| (spec, made.bytes)).collect();
        Ok(Cropped { receipt, outputs })
    }
}

/// What the decoders did not read is digested, where this run digests.
fn after_decoding(digest: Option<RunningDigest>, rasters: Rasters) -> Phase {
    match digest {
        Some(digest) => Phase::Digest(digest, rasters),
        None => Phase::Encode(rasters),
    }
}

#[cfg(feature = "formats")]
impl MapState {
    /// The map of an output.
    fn of(&self, spec: &OutputSpec) -> Option<&Raster> {
        self.maps.iter().find(|(name, _)| name == spec.name()).map(|(_, map)| map)
    }
}
