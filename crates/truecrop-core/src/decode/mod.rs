//! Stand-in until the real stage lands.
#![allow(missing_docs, clippy::all)]
use crate::probe::Probe;
use crate::*;
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    pub x: u32,
    pub y: u32,
    pub width: u32,
    pub height: u32,
}
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DecodePlan {
    pub window: Window,
    pub scale: u8,
}
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Layout {
    Gray,
    GrayAlpha,
    Rgb,
    Rgba,
    Cmyk,
}
pub enum Row<'a> {
    U8(&'a [u8]),
    U16(&'a [u16]),
}
pub trait RowSource {
    fn layout(&self) -> Layout;
    fn next_row(&mut self) -> Result<Option<Row<'_>>>;
    fn truncated(&self) -> bool;
}
pub fn scales(_: &Probe) -> &'static [u8] {
    &[8]
}
pub fn cost(_: &Probe, _: &DecodePlan) -> u64 {
    0
}
pub fn open(_: Reader, _: &Probe, _: &DecodePlan, _: &Limits) -> Result<Box<dyn RowSource>> {
    Err(Error::new(Code::Io, ""))
}
