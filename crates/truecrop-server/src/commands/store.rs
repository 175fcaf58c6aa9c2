//! `truecrop store check`: lists all uploads, verifies their digests, and finds what crashes have left.

use super::serve::runtime;
use crate::cli::{CheckOptions, StoreCommand};
use crate::config::Config;
use crate::print;
use crate::problem::Problem;
use crate::store::{Checked, Finding, Store};
use serde::Serialize;
use truecrop_core::{Code, Error, Result};

/// Runs one of the store's commands.
///
/// # Errors
/// What of the configuration cannot be read; [`Code::Io`] when the store fails, or when something is wrong with what is in it.
pub fn run(command: &StoreCommand) -> Result<(), Problem> {
    let StoreCommand::Check(options) = command;
    let mut config = Config::read(options.config.as_deref())?;
    if let Some(store) = &options.store {
        config.store.clone_from(store);
    }
    Ok(runtime()?.block_on(check(&config.store, options))?)
}

async fn check(store: &str, options: &CheckOptions) -> Result<()> {
    let store = Store::open_existing(store)?;
    let repaired = if options.repair { store.repair(options.older_than).await? } else { 0 };
    let found =
        store.check(options.older_than, |finding| if options.json { line(finding) } else { text(finding) });
    let checked = Checked { repaired, ..found.await? };
    if options.json {
        line(&Summary { summary: &checked })?;
    } else {
        print::bytes(sentence(&checked).as_bytes())?;
    }
    if checked.is_sound() {
        return Ok(());
    }
    let detail = if checked.damaged > 0 {
        "Some uploads are no longer what was verified: they are not served. Delete them."
    } else {
        "Some files belong to no upload: --repair removes what crashes have left; look at the unknown ones yourself."
    };
    Err(Error::new(Code::Io, detail).at("store"))
}

/// The last of the JSON lines.
#[derive(Serialize)]
struct Summary<'a> {
    summary: &'a Checked,
}

fn line<T: Serialize>(value: &T) -> Result<()> {
    let mut json = serde_json::to_vec(value).map_err(|e| Error::new(Code::Internal, e.to_string()))?;
    json.push(b'\n');
    print::bytes(&json)
}

fn text(finding: &Finding) -> Result<()> {
    let state = format!("{:?}", finding.state).to_lowercase();
    let detail = finding.detail.as_deref().map(|detail| format!(": {detail}")).unwrap_or_default();
    print::bytes(format!("{state} {}{detail}\n", finding.path).as_bytes())
}

fn sentence(c: &Checked) -> String {
    format!(
        "{} kept and {} pending, {} of them damaged; {} unfinished, {} orphans, {} staging files, {} unknown files; \
         {} tombstones; {} repaired\n",
        c.kept, c.pending, c.damaged, c.unfinished, c.orphans, c.staging, c.unknown, c.deleted, c.repaired
    )
}
