//! Work that is given up: whoever waited for it has left, or its time is over.

use crate::error::{Code, Error, Result};
use crate::source::{Reader, Source};
use std::io::{self, SeekFrom};
use std::ops::ControlFlow;
use std::rc::Rc;

/// Tells whether somebody still wants the result. Cheap to clone.
#[derive(Clone)]
pub(super) struct GivenUp(Rc<dyn Fn() -> bool>);

impl GivenUp {
    /// Somebody waits to the end.
    pub(super) fn never() -> Self {
        Self(Rc::new(|| false))
    }

    /// As this says.
    pub(super) fn when(given_up: impl Fn() -> bool + 'static) -> Self {
        Self(Rc::new(given_up))
    }

    /// For the reports of progress.
    pub(super) fn go_on(&self) -> ControlFlow<()> {
        if (self.0)() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// The result, unless it was given up: then nobody knows what a decoder made of the reads that were refused.
    pub(super) fn or<T>(&self, result: Result<T>) -> Result<T> {
        if (self.0)() { Err(Error::new(Code::Cancelled, "Nobody waits for this any more.")) } else { result }
    }

    /// A source that cannot be read any more once it is given up: a decoder may read for long before it gives a row.
    pub(super) fn guard(&self, source: Reader) -> Reader {
        Box::new(Guarded { source, given_up: self.clone() })
    }
}

struct Guarded {
    source: Reader,
    given_up: GivenUp,
}

impl Source for Guarded {
    fn read_bytes(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if (self.given_up.0)() {
            return Err(io::ErrorKind::Other.into());
        }
        self.source.read_bytes(out)
    }

    fn seek_to(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.source.seek_to(to)
    }
}
