//! Measures the peak memory of a piece of work: a global allocator that counts the bytes of each thread. And gives large
//! blocks back to the system.
//!
//! A verification runs on one thread from its start to its end, so the peak of that thread is its own.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static CURRENT: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

/// The system's allocator, with a counter for each thread.
pub struct CountingAllocator;

fn count(bytes: isize) {
    // While a thread ends, its counters may not exist any more.
    let _ = CURRENT.try_with(|current| {
        let now = current.get() + bytes;
        current.set(now);
        let _ = PEAK.try_with(|peak| peak.set(peak.get().max(now)));
    });
}

// SAFETY: every call is passed on unchanged to the system's allocator.
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller keeps `GlobalAlloc`'s contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as isize - layout.size() as isize);
        // SAFETY: as above.
        unsafe { System.realloc(block, layout, size) }
    }
}

/// Runs a piece of work; gives its result, and the most bytes that it held at any moment on this thread: 0 where
/// [`CountingAllocator`] is not the global allocator.
pub fn peak_of<T>(work: impl FnOnce() -> T) -> (T, u64) {
    let before = CURRENT.get();
    PEAK.set(before);
    let result = work();
    (result, (PEAK.get() - before).max(0) as u64)
}

/// From this size on a block is the system's own, and goes back to it when it is freed.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const LARGE_BLOCK: libc::c_int = 1 << 20;

/// Makes glibc give large blocks back to the system when they are freed. To be called before other threads start.
///
/// By default it raises its threshold to the largest block that was ever freed (up to 32 MiB), and keeps smaller ones for
/// itself, in an arena for each few threads: of 64 uploads of 7.5 MB under a budget of 256 MiB, at most 389 MiB were
/// resident, and 104 for ever. With a fixed threshold it is 267, and 30 afterwards.
pub fn return_large_blocks() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: it changes a number of the allocator, whose blocks stay valid.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE_BLOCK);
    }
}
