//! One source for two readers, which take turns.

use super::{Reader, Source};
use std::cell::RefCell;
use std::io::SeekFrom;
use std::rc::Rc;

/// A source that others read too. Each reader seeks before its first read, and they take turns: one ends before the next
/// begins.
#[derive(Clone)]
pub(crate) struct SharedSource(Rc<RefCell<Reader>>);

impl SharedSource {
    pub(crate) fn new(source: Reader) -> Self {
        Self(Rc::new(RefCell::new(source)))
    }
}

impl Source for SharedSource {
    fn read_bytes(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().read_bytes(out)
    }

    fn seek_to(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.0.borrow_mut().seek_to(to)
    }
}
