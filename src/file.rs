//! The picked file as a [`Read`] and [`Seek`]: pieces that JavaScript holds, while others still arrive, or a `Blob` that is
//! read lazily, a window at a time, by `FileReaderSync` (workers only).

use js_sys::Uint8Array;
use std::cell::{Cell, RefCell};
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
    /// Pieces from the front of the file, without a gap, with their offsets.
    pieces: RefCell<Vec<(u64, Uint8Array)>>,
    /// The end of what was asked for so far, of the whole file.
    reached: Cell<u64>,
}

impl Held {
    /// Where the last piece ends.
    fn end(&self) -> u64 {
        self.pieces.borrow().last().map_or(0, |(start, piece)| start + u64::from(piece.length()))
    }

    /// At least one byte from `start` on, at most up to `end`; `None` where they have not arrived.
    fn get(&self, start: u64, end: u64) -> Option<Uint8Array> {
        let pieces = self.pieces.borrow();
        let (at, piece) = pieces.get(pieces.partition_point(|(at, _)| *at <= start).checked_sub(1)?)?;
        let part = piece.subarray((start - at) as u32, (end - at).min(u32::MAX.into()) as u32);
        (part.length() > 0).then_some(part)
    }
}

impl File {
    /// A file that is read as far as it is needed.
    pub fn of_blob(blob: Blob) -> Self {
        Self { blob: Some(blob), held: Rc::default() }
    }

    /// A file that is all there.
    pub fn of_bytes(bytes: Uint8Array) -> Self {
        let file = Self { blob: None, held: Rc::default() };
        file.append(bytes);
        file
    }

    /// From now on these bytes, which follow on what was appended before, are read where they are.
    pub fn append(&self, bytes: Uint8Array) {
        let start = self.held.end();
        self.held.pieces.borrow_mut().push((start, bytes));
    }

    /// Where that ends which was appended so far.
    pub fn appended(&self) -> u64 {
        self.held.end()
    }

    /// The end of what readers have asked for so far.
    pub fn reached(&self) -> u64 {
        self.held.reached.get()
    }

    /// # Errors
    /// Outside a worker there is no `FileReaderSync`.
    pub fn reader(&self) -> std::result::Result<FileReader, JsValue> {
        let length = self.blob.as_ref().map_or(self.held.end(), |blob| blob.size() as u64);
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
        match (self.held.get(start, end), &mut self.ahead) {
            (Some(bytes), _) => Ok(bytes),
            // what is needed sooner than it arrives is asked for
            (None, Some(ahead)) => ahead.get(start, end),
            (None, None) => Ok(Uint8Array::new_with_length(0)),
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
