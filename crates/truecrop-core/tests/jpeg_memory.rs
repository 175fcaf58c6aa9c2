//! The JPEG decoder stays within the bytes that it states beforehand, whatever the file, the scale and the window.

#[path = "common/memory.rs"]
mod memory;

use memory::peak_of;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use truecrop_core::decode::{self, DecodePlan, Index, Window, scaled};
use truecrop_core::{Limits, probe};

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
                check(file, &probe, DecodePlan { window, scale, coarse_chroma: false });
                checked += 1;
            }
        }
    }
    assert!(checked > 300, "only {checked} decodes");
}

fn check(file: &Path, probe: &probe::Probe, plan: DecodePlan) {
    let stated = decode::memory_bytes(probe, &plan) as usize;
    let reader = Box::new(File::open(file).expect("a fixture"));
    let peak = peak_of(|| {
        if let Ok(mut rows) = decode::open(reader, probe, &plan, &Limits::default(), Some(Index::default())) {
            while rows.next_row().expect("a row").is_some() {}
        }
    });
    assert!(peak <= stated, "{} with {plan:?} held {peak} bytes, stated {stated}", file.display());
}
