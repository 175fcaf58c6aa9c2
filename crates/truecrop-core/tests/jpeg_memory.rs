//! The JPEG decoder stays within the bytes that it states beforehand, whatever the file, the scale and the window.

use std::alloc::{GlobalAlloc, Layout, System};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use truecrop_core::decode::{self, DecodePlan, Window, scaled};
use truecrop_core::{Limits, probe};

/// Counts the bytes that are held, and their peak.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: hands every call on to the system's allocator as it came; only counts beside.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Relaxed) + layout.size();
        PEAK.fetch_max(held, Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Relaxed);
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// One test in this file: others beside it would be counted too.
#[test]
fn a_decode_holds_no_more_than_its_plan_says() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
    let mut files: Vec<PathBuf> = [folder.clone(), folder.join("jpeg")]
        .iter()
        .flat_map(|f| fs::read_dir(f).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "jpg"))
        .collect();
    files.sort();
    let mut checked = 0;
    for file in &files {
        let Ok(probe) = probe::probe(&mut File::open(file).unwrap(), &Limits::default()) else { continue };
        for &scale in decode::scales(&probe) {
            let all = Window::whole(scaled(probe.stored(), scale));
            let corner = Window { x: all.width / 2, y: all.height / 2, width: 1, height: 1 };
            for window in [all, corner] {
                check(file, &probe, DecodePlan { window, scale });
                checked += 1;
            }
        }
    }
    assert!(checked > 300, "only {checked} decodes");
}

fn check(file: &Path, probe: &probe::Probe, plan: DecodePlan) {
    let stated = decode::cost(probe, &plan) as usize;
    let reader = Box::new(File::open(file).expect("a fixture"));
    let before = HELD.load(Relaxed);
    PEAK.store(before, Relaxed);
    if let Ok(mut rows) = decode::open(reader, probe, &plan, &Limits::default()) {
        while rows.next_row().expect("a row").is_some() {}
    }
    let peak = PEAK.load(Relaxed) - before;
    assert!(peak <= stated, "{} with {plan:?} held {peak} bytes, stated {stated}", file.display());
}
