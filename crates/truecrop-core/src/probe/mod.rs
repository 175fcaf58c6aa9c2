//! Stand-in until the real stage lands.
#![allow(missing_docs, clippy::all)]
use crate::geometry::*;
use crate::*;
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum SourceFormat {
    Jpeg,
    Png,
}
impl SourceFormat {
    pub fn as_str(self) -> &'static str {
        "png"
    }
    pub fn from_name(_: &str) -> Option<Self> {
        Some(Self::Png)
    }
}
#[derive(Clone)]
pub struct Probe {
    pub size: Size,
    pub orientation: Orientation,
    pub alpha: bool,
}
impl Probe {
    pub fn format(&self) -> SourceFormat {
        SourceFormat::Png
    }
    pub fn bytes(&self) -> u64 {
        1
    }
    pub fn stored(&self) -> Size {
        self.size
    }
    pub fn oriented(&self) -> Size {
        self.orientation.apply(self.size)
    }
    pub fn orientation(&self) -> Orientation {
        self.orientation
    }
    pub fn alpha(&self) -> bool {
        self.alpha
    }
    pub fn animated(&self) -> bool {
        false
    }
}
pub fn probe(_: &mut dyn Source, _: &Limits) -> Result<Probe> {
    Err(Error::new(Code::Io, ""))
}
