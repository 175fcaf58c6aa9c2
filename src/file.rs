//! The picked file as a [`Read`] and [`Seek`]: bytes that JavaScript holds, also while they still arrive, or a `Blob` that
//! is read lazily, a window at a time, by `FileReaderSync` (workers only).

use js_sys::Uint8Array;
use std::cell::{Cell, OnceCell};
use std::io::{Error, Read, Result, Seek, SeekFrom};
use std::rc::Rc;
use wasm_bindgen::JsValue;
use web_sys::{Blob, FileReaderSync};

/// Bytes of wasm memory that a reader takes; and the least that is asked of a blob at a time, because each read costs
/// the browser about a millisecond whatever its length.
const WINDOW: u64 = 128 << 10;
/// The most that is asked of a blob at a time, outside wasm memory, while it is read from front to back.
const MOST_AHEAD: u64 = 2 << 20;

/// Where the file's bytes are. Clones are the same file.
#[derive(Clone)]
pub struct File {
    blob: Option<Blob>,
    held: Rc<Held>,
}

/// The bytes that JavaScript holds.
#[derive(Default)]
struct Held {
    bytes: OnceCell<Uint8Array>,
    /// How many of them are there, from the front.
    arrived: Cell<u64>,
    /// The end of what was asked for so far, of the whole file.
    reached: Cell<u64>,
}

impl File {
    /// A file that is read as far as it is needed.
    pub fn of_blob(blob: Blob) -> Self {
        Self { blob: Some(blob), held: Rc::default() }
    }

    /// A file that is all there.
    pub fn of_bytes(bytes: Uint8Array) -> Self {
        let file = Self { blob: None, held: Rc::default() };
        file.arrived(bytes.length().into());
        file.hold(bytes);
        file
    }

    /// From now on these bytes are read, as far as they have arrived.
    pub fn hold(&self, bytes: Uint8Array) {
        // held twice is held all the same
        let _ = self.held.bytes.set(bytes);
    }

    /// So many of the held bytes are there, from the front; never fewer than before.
    pub fn arrived(&self, count: u64) {
        self.held.arrived.set(count.max(self.held.arrived.get()));
    }

    /// The end of what readers have asked for so far.
    pub fn reached(&self) -> u64 {
        self.held.reached.get()
    }

    /// # Errors
    /// Outside a worker there is no `FileReaderSync`.
    pub fn reader(&self) -> std::result::Result<FileReader, JsValue> {
        let length = match (&self.blob, self.held.bytes.get()) {
            (Some(blob), _) => blob.size() as u64,
            (None, bytes) => bytes.map_or(0, |bytes| bytes.length().into()),
        };
        let ahead = self.blob.clone().map(Ahead::new).transpose()?;
        let held = self.held.clone();
        Ok(FileReader { held, ahead, length, position: 0, window: Vec::new(), window_start: 0 })
    }
}

/// A part of a blob outside wasm memory, and the way to get the others.
struct Ahead {
    blob: Blob,
    reader: FileReaderSync,
    bytes: Uint8Array,
    start: u64,
    /// What is asked of the blob next time, when that follows on.
    length: u64,
}

impl Ahead {
    fn new(blob: Blob) -> std::result::Result<Self, JsValue> {
        let reader = FileReaderSync::new()?;
        Ok(Self { blob, reader, bytes: Uint8Array::new_with_length(0), start: 0, length: WINDOW })
    }

    fn end(&self) -> u64 {
        self.start + u64::from(self.bytes.length())
    }

    /// At least one byte from `start` on, at most up to `end`; none when the file is shorter than it was.
    fn get(&mut self, start: u64, end: u64) -> Result<Uint8Array> {
        if !(self.start..self.end()).contains(&start) {
            self.read(start)?;
        }
        let from = start.saturating_sub(self.start) as u32;
        Ok(self.bytes.subarray(from, end.saturating_sub(self.start) as u32))
    }

    fn read(&mut self, start: u64) -> Result<()> {
        // Who jumps about would read much in vain.
        self.length = if start == self.end() { MOST_AHEAD.min(self.length * 2) } else { WINDOW };
        let end = start + self.length;
        let part = self.blob.slice_with_f64_and_f64(start as f64, end as f64).map_err(failed)?;
        let buffer = self.reader.read_as_array_buffer(&part).map_err(failed)?;
        (self.bytes, self.start) = (Uint8Array::new(&buffer), start);
        Ok(())
    }
}

/// A reader over a file. Cheap to make.
pub struct FileReader {
    held: Rc<Held>,
    ahead: Option<Ahead>,
    length: u64,
    position: u64,
    window: Vec<u8>,
    window_start: u64,
}

impl FileReader {
    /// At least one byte from `start` on, at most up to `end`; none when the file is shorter than it was.
    fn get(&mut self, start: u64, end: u64) -> Result<Uint8Array> {
        self.held.reached.set(end.max(self.held.reached.get()));
        let arrived = self.held.arrived.get();
        match (self.held.bytes.get(), &mut self.ahead) {
            (Some(bytes), _) if start < arrived => Ok(bytes.subarray(start as u32, end.min(arrived) as u32)),
            // what is needed sooner than it arrives is asked for
            (_, Some(ahead)) => ahead.get(start, end),
            _ => Ok(Uint8Array::new_with_length(0)),
        }
    }

    fn in_window(&self) -> Option<&[u8]> {
        let offset = self.position.checked_sub(self.window_start)? as usize;
        self.window.get(offset..).filter(|rest| !rest.is_empty())
    }
}

fn failed(error: JsValue) -> Error {
    Error::other(format!("the file could not be read, was it moved or changed? {error:?}"))
}

impl Read for FileReader {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        if self.position >= self.length || out.is_empty() {
            return Ok(0);
        }
        if self.in_window().is_none() {
            let wanted = out.len() as u64;
            // Large reads go around the window.
            let direct = wanted >= WINDOW / 2;
            let end = self.length.min(self.position + if direct { wanted } else { WINDOW });
            let bytes = self.get(self.position, end)?;
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
        self.position = position.ok_or_else(|| Error::other("seek before the start"))?;
        Ok(self.position)
    }
}
