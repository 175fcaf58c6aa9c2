//! A `Blob` as a [`Read`] and [`Seek`]: read lazily, a window at a time, by `FileReaderSync` (workers only).

use js_sys::Uint8Array;
use std::io::{Error, Read, Result, Seek, SeekFrom};
use wasm_bindgen::JsValue;
use web_sys::{Blob, FileReaderSync};

/// Bytes per read of the blob: each read costs the browser milliseconds whatever its length.
const WINDOW: u64 = 128 << 10;

/// A reader over a blob. Cheap to make: it holds one window at most.
pub struct BlobReader {
    blob: Blob,
    reader: FileReaderSync,
    length: u64,
    position: u64,
    window: Vec<u8>,
    window_start: u64,
}

impl BlobReader {
    /// # Errors
    /// Outside a worker there is no `FileReaderSync`.
    pub fn new(blob: Blob) -> std::result::Result<Self, JsValue> {
        let reader = FileReaderSync::new()?;
        let length = blob.size() as u64;
        Ok(Self { blob, reader, length, position: 0, window: Vec::new(), window_start: 0 })
    }

    fn slice(&self, start: u64, end: u64) -> Result<Uint8Array> {
        let part = self.blob.slice_with_f64_and_f64(start as f64, end as f64).map_err(failed)?;
        let buffer = self.reader.read_as_array_buffer(&part).map_err(failed)?;
        Ok(Uint8Array::new(&buffer))
    }

    fn in_window(&self) -> Option<&[u8]> {
        let offset = self.position.checked_sub(self.window_start)? as usize;
        self.window.get(offset..).filter(|rest| !rest.is_empty())
    }
}

fn failed(error: JsValue) -> Error {
    Error::other(format!("the file could not be read, was it moved or changed? {error:?}"))
}

impl Read for BlobReader {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        if self.position >= self.length || out.is_empty() {
            return Ok(0);
        }
        if self.in_window().is_none() {
            // Large reads bring their own window.
            if out.len() as u64 >= WINDOW / 2 {
                let end = self.length.min(self.position + out.len() as u64);
                let bytes = self.slice(self.position, end)?;
                let count = (bytes.length() as usize).min(out.len());
                bytes.subarray(0, count as u32).copy_to(&mut out[..count]);
                self.position += count as u64;
                return Ok(count);
            }
            let end = self.length.min(self.position + WINDOW);
            self.window = self.slice(self.position, end)?.to_vec();
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

impl Seek for BlobReader {
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
