//! The picked file as [`Read`] and [`Seek`]: bytes in JavaScript's memory, or a `Blob` that `FileReaderSync` reads lazily,
//! a window at a time (in workers only).

use js_sys::Uint8Array;
use std::cell::OnceCell;
use std::fmt::{self, Debug, Display, Formatter};
use std::io::{Error, ErrorKind, Read, Result, Seek, SeekFrom};
use std::rc::Rc;
use wasm_bindgen::JsValue;
use web_sys::{Blob, FileReaderSync};

/// Bytes of wasm memory that a reader uses, and the least that is asked of a blob at a time: each read takes the browser
/// about a millisecond, whatever its length.
const WINDOW: u64 = 128 << 10;
/// The most that is asked of a blob at a time, while it is read from front to back. It stays outside wasm memory.
const MAX_READ_AHEAD: u64 = 2 << 20;

/// Where the file's bytes are. Clones are the same file.
#[derive(Clone)]
pub struct SourceFile {
    blob: Option<Blob>,
    preloaded: Rc<OnceCell<Uint8Array>>,
}

impl SourceFile {
    /// A file of which only the needed parts are read.
    pub fn from_blob(blob: Blob) -> Self {
        Self { blob: Some(blob), preloaded: Rc::default() }
    }

    /// A file that is in memory as a whole.
    pub fn from_bytes(bytes: Uint8Array) -> Self {
        Self { blob: None, preloaded: Rc::new(bytes.into()) }
    }

    /// The whole content: readers that are made from now on read it.
    pub fn preload(&self, bytes: Uint8Array) {
        // a second call has no effect
        let _ = self.preloaded.set(bytes);
    }

    /// # Errors
    /// Outside a worker there is no `FileReaderSync`.
    pub fn reader(&self) -> std::result::Result<FileReader, JsValue> {
        let (length, ahead) = match (self.preloaded.get(), &self.blob) {
            (Some(bytes), _) => (f64::from(bytes.length()), ReadAhead::from_bytes(bytes.clone())),
            (None, Some(blob)) => (blob.size(), ReadAhead::from_blob(blob)?),
            (None, None) => (0.0, ReadAhead::from_bytes(Uint8Array::new_with_length(0))),
        };
        Ok(FileReader { ahead, length: length as u64, position: 0, window: Vec::new(), window_start: 0 })
    }
}

/// A part of the file outside wasm memory, and how to read the others.
struct ReadAhead {
    bytes: Uint8Array,
    start: u64,
    /// The length of the last read of the blob; the next one is longer if it follows on.
    length: u64,
    blob: Option<(Blob, FileReaderSync)>,
}

impl ReadAhead {
    fn from_bytes(bytes: Uint8Array) -> Self {
        Self { bytes, start: 0, length: 0, blob: None }
    }

    fn from_blob(blob: &Blob) -> std::result::Result<Self, JsValue> {
        let blob = Some((blob.clone(), FileReaderSync::new()?));
        Ok(Self { bytes: Uint8Array::new_with_length(0), start: 0, length: WINDOW, blob })
    }

    fn end(&self) -> u64 {
        self.start + u64::from(self.bytes.length())
    }

    /// At least one byte from `start` on, at most up to `end`; none if the file has become shorter.
    fn get(&mut self, start: u64, end: u64) -> Result<Uint8Array> {
        if !(self.start..self.end()).contains(&start) {
            self.read(start)?;
        }
        let from = start.saturating_sub(self.start) as u32;
        Ok(self.bytes.subarray(from, end.saturating_sub(self.start) as u32))
    }

    fn read(&mut self, start: u64) -> Result<()> {
        let Some((blob, reader)) = &self.blob else { return Ok(()) };
        // A reader that jumps would read much in vain.
        self.length = if start == self.end() { MAX_READ_AHEAD.min(self.length * 2) } else { WINDOW };
        let end = start + self.length;
        let part = blob.slice_with_f64_and_f64(start as f64, end as f64).map_err(read_error)?;
        let buffer = reader.read_as_array_buffer(&part).map_err(read_error)?;
        (self.bytes, self.start) = (Uint8Array::new(&buffer), start);
        Ok(())
    }
}

/// A reader over a file. Cheap to make.
pub struct FileReader {
    ahead: ReadAhead,
    length: u64,
    position: u64,
    window: Vec<u8>,
    window_start: u64,
}

impl FileReader {
    fn in_window(&self) -> Option<&[u8]> {
        let offset = self.position.checked_sub(self.window_start)? as usize;
        self.window.get(offset..).filter(|rest| !rest.is_empty())
    }
}

/// The browser's message. Not a `String`: as an `io::Error` it would be shown with escapes, and the tables for these are
/// large.
struct BrowserError(String);

impl Display for BrowserError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Debug for BrowserError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

impl std::error::Error for BrowserError {}

fn read_error(error: JsValue) -> Error {
    Error::other(BrowserError(format!("the file could not be read, was it moved or changed? {error:?}")))
}

impl Read for FileReader {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        if self.position >= self.length || out.is_empty() {
            return Ok(0);
        }
        if self.in_window().is_none() {
            let wanted = out.len() as u64;
            // Large reads bypass the window.
            let direct = wanted >= WINDOW / 2;
            let end = self.length.min(self.position + if direct { wanted } else { WINDOW });
            let bytes = self.ahead.get(self.position, end)?;
            if direct {
                let count = bytes.length() as usize;
                bytes.copy_to(&mut out[..count]);
                self.position += count as u64;
                return Ok(count);
            }
            self.window = bytes.to_vec();
            self.window_start = self.position;
        }
        let Some(rest) = self.in_window() else {
            return Ok(0);
        };
        let count = rest.len().min(out.len());
        out[..count].copy_from_slice(&rest[..count]);
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for FileReader {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(offset) => self.length.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = position.ok_or(ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}
