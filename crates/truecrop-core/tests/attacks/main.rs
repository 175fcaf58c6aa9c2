//! Files made to cost much: each is answered with a picture or with a typed refusal, in little time, and in the memory that
//! was stated.
//!
//! Every file is made by code, a few lines each, so that a reader sees where the attack is.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

#[path = "../common/memory.rs"]
mod memory;

mod gif;
#[cfg(feature = "heic")]
mod heic;
mod jpeg;
mod png;
#[cfg(feature = "all-formats")]
mod rare;
mod webp;
mod webp_lossy;

use memory::peak_of;
use std::io::Cursor;
use std::path::Path;
use std::sync::LazyLock;
use std::time::{Duration, Instant};
use truecrop_core::encode::check_canonical;
use truecrop_core::geometry::{Crop, Size};
use truecrop_core::pipeline::{IncrementalCrop, SourceCache};
use truecrop_core::plan::Plan;
use truecrop_core::probe::probe;
use truecrop_core::recipe::{Format, OutputSpec, Recipe};
use truecrop_core::{Code, Limits, Result};

/// The longest that a processor may work on one file in a test build, for all of its recipes together. Ten times what the slowest
/// of these files takes on an idle machine: what it is to find takes minutes, and a busy machine may be several times slower.
const LONGEST: Duration = Duration::from_secs(10);

/// What must come of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// A whole picture.
    Picture,
    /// A picture, and the receipt says that some of it is missing.
    Truncated,
    Refused(Code),
}

/// A file, and what must come of it.
struct Attack {
    name: &'static str,
    file: Vec<u8>,
    answer: Answer,
    limits: Limits,
}

impl Attack {
    fn new(name: &'static str, file: Vec<u8>, answer: Answer) -> Self {
        Self { name, file, answer, limits: Limits::default() }
    }
}

/// How long this thread has worked: what others do on the machine does not count (where the system tells).
fn busy() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|line| line.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| START.elapsed(), Duration::from_nanos)
}

/// Crops: everything, and one pixel in the far corner.
fn recipes(size: Size) -> Vec<Recipe> {
    let corner = Crop::from_pixels(f64::from(size.width) - 1.0, f64::from(size.height) - 1.0, 1.0, 1.0);
    [Crop::whole(size), corner]
        .into_iter()
        .map(|crop| {
            let output = OutputSpec::new("main", Size::new(40, 30), Format::Png).unwrap();
            Recipe::new(crop.unwrap(), vec![output]).unwrap()
        })
        .collect()
}

/// What comes of one recipe.
fn run(attack: &Attack, which: usize) -> Result<Answer> {
    let file: &'static [u8] = attack.file.clone().leak();
    let limits = &attack.limits;
    let mut probed = None;
    let peak = peak_of(|| probed = Some(probe(&mut Cursor::new(file), limits)));
    assert!(peak < 4 * limits.profile_bytes, "{}: the probe held {peak} bytes", attack.name);
    let source = probed.unwrap()?;
    let recipe = recipes(source.oriented()).swap_remove(which);
    let plan = Plan::new(&source, &recipe, limits)?;
    let stated = plan.peak_bytes();
    assert!(stated <= limits.memory, "{}: stated {stated}", attack.name);
    let mut made = None;
    let peak = peak_of(|| {
        let mut crop = IncrementalCrop::new(
            Box::new(Cursor::new(file)),
            source,
            plan,
            SourceCache::default(),
            limits.clone(),
        )
        .unwrap();
        let done = loop {
            match crop.advance(64) {
                Ok(true) => break Ok(()),
                Ok(false) => {}
                Err(error) => break Err(error),
            }
        };
        made = Some(done.and_then(|()| crop.finish()));
    });
    assert!(peak as u64 <= stated, "{}: held {peak} bytes, stated {stated}", attack.name);
    println!("  held {peak} of {stated}");
    let cropped = made.unwrap()?;
    Ok(if cropped.receipt.source().truncated { Answer::Truncated } else { Answer::Picture })
}

fn rare_attacks() -> Vec<Attack> {
    #[cfg(feature = "all-formats")]
    return rare::attacks();
    #[cfg(not(feature = "all-formats"))]
    Vec::new()
}

fn heic_attacks() -> Vec<Attack> {
    #[cfg(feature = "heic")]
    return heic::attacks();
    #[cfg(not(feature = "heic"))]
    Vec::new()
}

/// Writes the files, and in `answers.json` what must come of each, for `scripts/attacks.mjs`, which runs them through the wasm modules.
fn export(attacks: &[Attack], folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    let usual = attacks.iter().filter(|attack| attack.limits == Limits::default());
    let answers = usual.enumerate().map(|(at, attack)| {
        let file = format!("{at}.bin");
        std::fs::write(folder.join(&file), &attack.file).unwrap();
        let answer = match attack.answer {
            Answer::Picture => "picture",
            Answer::Truncated => "truncated",
            Answer::Refused(code) => code.as_str(),
        };
        serde_json::json!({ "name": attack.name, "file": file, "answer": answer })
    });
    let answers: Vec<_> = answers.collect();
    std::fs::write(folder.join("answers.json"), serde_json::to_string(&answers).unwrap()).unwrap();
}

/// One test in this file: others beside it would be counted too.
#[test]
fn each_attack_is_answered_in_time_and_memory() {
    let formats = [webp::attacks(), webp_lossy::attacks(), png::attacks(), gif::attacks(), jpeg::attacks()];
    let attacks: Vec<Attack> =
        formats.into_iter().chain([rare_attacks(), heic_attacks()]).flatten().collect();
    if let Ok(folder) = std::env::var("TRUECROP_ATTACKS_TO") {
        export(&attacks, Path::new(&folder));
    }
    let only = std::env::var("TRUECROP_ATTACK").ok();
    let mut wrong = Vec::new();
    for attack in attacks.iter().filter(|a| only.as_ref().is_none_or(|o| a.name.contains(o.as_str()))) {
        println!("{}, {} bytes", attack.name, attack.file.len());
        let start = busy();
        for which in 0..2 {
            let answer = run(attack, which).unwrap_or_else(|error| {
                assert!(!error.detail().is_empty());
                println!("  {error}");
                Answer::Refused(error.code())
            });
            if answer != attack.answer {
                wrong.push(format!("{}: {answer:?}, not {:?}", attack.name, attack.answer));
            }
        }
        let time = busy() - start;
        println!("  {time:?}");
        if time > LONGEST {
            wrong.push(format!("{}: took {time:?}", attack.name));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    an_upload_with_many_groups_of_codes_is_not_decoded();
}

/// What is verified is an upload too, and its decoder has no plan.
fn an_upload_with_many_groups_of_codes_is_not_decoded() {
    let file = webp::many_groups(512, 512);
    let spec = OutputSpec::new("main", Size::new(512, 512), Format::Webp).unwrap();
    let mut answer = Ok(());
    let peak = peak_of(|| answer = check_canonical(&file, &spec));
    assert_eq!(answer.unwrap_err().code(), Code::NotCanonical);
    assert!(peak < 64 << 10, "held {peak} bytes");
}
