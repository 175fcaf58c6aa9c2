//! Work on other threads, and whether somebody still waits for it. The thread cannot be ended, so it asks.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Arc, Weak};
use truecrop_core::Source;

/// Whoever waits. Dropped with the future that waits: when the client has left, or the time of the request is over.
#[derive(Default)]
pub struct Waiter(Arc<()>);

/// Tells the thread whether somebody waits.
#[derive(Clone)]
pub struct Wanted(Weak<()>);

/// A source that cannot be read any more when nobody waits.
pub struct WantedSource<'a> {
    source: &'a mut dyn Source,
    wanted: &'a Wanted,
}

impl Waiter {
    /// For the thread.
    pub fn wanted(&self) -> Wanted {
        Wanted(Arc::downgrade(&self.0))
    }
}

impl Wanted {
    /// Whether somebody waits.
    pub fn by_somebody(&self) -> bool {
        self.0.strong_count() > 0
    }

    /// A source that is read as long as somebody waits.
    pub fn source<'a>(&'a self, source: &'a mut dyn Source) -> WantedSource<'a> {
        WantedSource { source, wanted: self }
    }
}

impl Read for WantedSource<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.wanted.by_somebody() { self.source.read_bytes(out) } else { Err(io::ErrorKind::Other.into()) }
    }
}

impl Seek for WantedSource<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.source.seek_to(to)
    }
}
