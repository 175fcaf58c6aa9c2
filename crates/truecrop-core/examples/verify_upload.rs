//! Verifies what a browser sent: the receipt, its outputs and, if it is there, the source. Prints what was proved.
//!
//! `cargo run --release -p truecrop-core --example verify_upload -- out.jpg.json main=out.jpg --source photo.jpg`

use std::fs::{self, File};
use std::io::BufReader;
use std::process::ExitCode;
use truecrop_core::policy::Policy;
use truecrop_core::receipt::Receipt;
use truecrop_core::verify::{Level, Submission, SubmittedSource, Verified, verify};
use truecrop_core::{Code, Error, Limits, Reader, Result};

/// What this application allows: squares and 4:3, at most 2048 pixels a side.
const POLICY: &[u8] = br#"{"aspects": ["1:1", "4:3"], "formats": ["jpeg", "png"], "maxOutputSide": 2048}"#;

const USAGE: &str = "usage: verify_upload RECEIPT NAME=FILE... [--source FILE]

NAME is an output's name in the receipt, FILE the picture. With the source the outputs are made again and compared.
Exit code: 0 it holds, 1 refused, 2 wrong usage.";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some(files) = parse(&args) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match verify_files(&files) {
        Ok(verified) => {
            let (level, outputs) = (verified.level(), verified.outputs().len());
            println!("holds at level {level:?}: {outputs} outputs of source {}", verified.verdict().source);
            ExitCode::SUCCESS
        }
        Err(error) => {
            // The field at fault where there is one, a sentence that says what to do, and a stable code.
            eprintln!("{}{error}", error.field().map(|field| format!("{field}: ")).unwrap_or_default());
            ExitCode::FAILURE
        }
    }
}

struct Files<'a> {
    receipt: &'a str,
    /// Each output's name and file.
    outputs: Vec<(&'a str, &'a str)>,
    source: Option<&'a str>,
}

fn parse(args: &[String]) -> Option<Files<'_>> {
    let (receipt, rest) = args.split_first()?;
    let (outputs, source) = match rest {
        [outputs @ .., option, file] if option == "--source" => (outputs, Some(file.as_str())),
        outputs => (outputs, None),
    };
    let outputs: Vec<_> = outputs.iter().map(|arg| arg.split_once('=')).collect::<Option<_>>()?;
    (!outputs.is_empty()).then_some(Files { receipt, outputs, source })
}

fn verify_files(files: &Files) -> Result<Verified> {
    let (policy, limits) = (Policy::from_json(POLICY)?, Limits::default());
    let receipt = Receipt::from_json(&read(files.receipt)?, &limits)?;
    let outputs = files.outputs.iter().map(|(name, file)| Ok(((*name).to_owned(), read(file)?)));
    let outputs = outputs.collect::<Result<_>>()?;
    let source = files.source.map(open).transpose()?;
    let source = source.map(|reader| SubmittedSource::new(reader, &receipt, &limits));
    // The level is the least that must be proved; a source that was sent is always used.
    verify(Submission { receipt, outputs, source }, Level::Result, &policy, &limits)
}

fn open(file: &str) -> Result<Reader> {
    let opened = File::open(file).map_err(|e| io(file, &e))?;
    Ok(Box::new(BufReader::new(opened)))
}

fn read(file: &str) -> Result<Vec<u8>> {
    fs::read(file).map_err(|e| io(file, &e))
}

fn io(file: &str, error: &std::io::Error) -> Error {
    Error::new(Code::Io, format!("{file}: {error}."))
}
