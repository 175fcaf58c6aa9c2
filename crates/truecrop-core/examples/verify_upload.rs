//! Verifies what a browser sent: the receipt, its outputs and, if it is there, the source. Prints what was proved.
//!
//! `cargo run --release -p truecrop-core --example verify_upload -- out.jpg.json main=out.jpg [--source photo.jpg]`

use std::fs::{self, File};
use std::io::BufReader;
use std::process::ExitCode;
use truecrop_core::policy::Policy;
use truecrop_core::receipt::Receipt;
use truecrop_core::verify::{Level, Submission, SubmittedSource, Verified, verify};
use truecrop_core::{Limits, Reader, Result};

/// What this application allows: squares and 4:3, at most 2048 pixels a side.
const POLICY: &[u8] = br#"{"aspects": ["1:1", "4:3"], "formats": ["jpeg", "png"], "maxOutputSide": 2048}"#;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some((receipt, rest)) = args.split_first() else {
        eprintln!("usage: verify_upload RECEIPT NAME=FILE... [--source FILE]");
        return ExitCode::from(2);
    };
    let at = rest.iter().position(|arg| arg == "--source").unwrap_or(rest.len());
    let source = rest.get(at + 1).map(String::as_str);
    match verify_files(receipt, &rest[..at], source) {
        Ok(verified) => {
            let verdict = verified.verdict();
            println!(
                "holds at level {:?}: {} outputs of source {}",
                verdict.level,
                verdict.outputs.len(),
                verdict.source
            );
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn verify_files(receipt: &str, outputs: &[String], source: Option<&str>) -> Result<Verified> {
    let limits = Limits::default();
    let receipt = Receipt::from_json(&fs::read(receipt)?, &limits)?;
    let named = outputs.iter().filter_map(|arg| arg.split_once('='));
    let outputs = named.map(|(name, file)| Ok((name.to_owned(), fs::read(file)?))).collect::<Result<_>>()?;
    let source = match source {
        Some(file) => {
            let reader: Reader = Box::new(BufReader::new(File::open(file)?));
            Some(SubmittedSource::new(reader, &receipt, &limits))
        }
        None => None,
    };
    // The least that is to be proved; a source that was sent is always used.
    verify(Submission { receipt, outputs, source }, Level::Result, &Policy::from_json(POLICY)?, &limits)
}
