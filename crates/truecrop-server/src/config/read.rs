//! Reads the configuration file. Every mistake in it is found, not only the first.

use super::Config;
use crate::problem::Problem;
use std::path::Path;
use toml::{Table, Value};
use truecrop_core::{Code, Error};

/// All mistakes of a configuration, each with its field. Never empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Mistakes(pub Vec<Error>);

/// Shorthand for what fails by the mistakes in a configuration.
pub type Result<T> = std::result::Result<T, Mistakes>;

impl From<Error> for Mistakes {
    fn from(error: Error) -> Self {
        Self(vec![error])
    }
}

impl From<Mistakes> for Problem {
    fn from(Mistakes(mut all): Mistakes) -> Self {
        match all.len() {
            1 => all.swap_remove(0).into(),
            number => {
                let detail = format!("The configuration has {number} mistakes: correct each of them.");
                let all = all.into_iter().map(Problem::from).collect();
                Problem::from(Error::new(Code::InvalidOption, detail).at("config")).with_errors(all)
            }
        }
    }
}

impl Config {
    /// Reads a file, or gives the defaults without one.
    ///
    /// # Errors
    /// [`Code::Io`] when it cannot be read; [`Code::InvalidOption`] for each member that is unknown or has another type.
    pub fn read(file: Option<&Path>) -> Result<Self> {
        let (config, mistakes) = Self::read_with_mistakes(file)?;
        if mistakes.is_empty() { Ok(config) } else { Err(Mistakes(mistakes)) }
    }

    /// The same with the mistakes beside what could be read, so that the rest can be checked too.
    pub(super) fn read_with_mistakes(file: Option<&Path>) -> Result<(Self, Vec<Error>)> {
        let Some(file) = file else { return Ok((Self::default(), Vec::new())) };
        let text = std::fs::read_to_string(file)
            .map_err(|e| Error::new(Code::Io, format!("{}: {e}.", file.display())).at("config"))?;
        let table: Table = toml::from_str(&text)
            .map_err(|e| Error::new(Code::InvalidOption, without_the_line(file, &text, &e)).at("config"))?;
        let (mut good, mut mistakes) = (Table::new(), Vec::new());
        for (name, value) in table {
            match value {
                // Of a table each member by itself.
                Value::Table(members) if !members.is_empty() => {
                    for (member, value) in members {
                        let alone = Table::from_iter([(member.clone(), value.clone())]);
                        let alone = Table::from_iter([(name.clone(), Value::Table(alone))]);
                        match check(&format!("{name}.{member}"), alone, &value) {
                            Ok(()) => add(&mut good, &name, member, value),
                            Err(mistake) => mistakes.push(mistake),
                        }
                    }
                }
                value => match check(&name, Table::from_iter([(name.clone(), value.clone())]), &value) {
                    Ok(()) => drop(good.insert(name, value)),
                    Err(mistake) => mistakes.push(mistake),
                },
            }
        }
        let config = good.try_into().map_err(|e: toml::de::Error| wrong("config", &e))?;
        Ok((config, mistakes))
    }
}

/// Where a file is no TOML, and why, without what stands there: it may be a key.
fn without_the_line(file: &Path, text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    format!("{}: line {line}: {}.", file.display(), error.message())
}

/// Whether a configuration of one member can be read.
fn check(field: &str, alone: Table, value: &Value) -> std::result::Result<(), Error> {
    let read: std::result::Result<Config, _> = alone.try_into();
    read.map(drop).map_err(|e| {
        // A key is in no log and on no screen.
        // Of a member that nobody knows, nobody knows whether it is a secret.
        let unknown = e.message().starts_with("unknown field");
        let secret = field == "api_key"
            || field == "audits.key"
            || field.starts_with("webhook")
            || field == "traces.headers"
            || field == "traces.endpoint"
            || field.starts_with("policy_tokens.keys");
        let got = if secret || unknown { None } else { serde_json::to_string(value).ok() };
        // What is right ends the message: the type, or the members that there are.
        let right = e.message().rsplit_once("expected ").map_or("another value", |(_, right)| right);
        let mistake = if secret {
            let detail = format!("{field} cannot be read.");
            Error::new(Code::InvalidOption, detail).at(field)
        } else {
            wrong(field, &e)
        };
        mistake.figures(right, got.unwrap_or_default())
    })
}

fn add(good: &mut Table, table: &str, member: String, value: Value) {
    let entry = good.entry(table).or_insert_with(|| Value::Table(Table::new()));
    if let Value::Table(members) = entry {
        members.insert(member, value);
    }
}

fn wrong(field: &str, error: &toml::de::Error) -> Error {
    Error::new(Code::InvalidOption, format!("{field} cannot be read: {}.", error.message())).at(field)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use truecrop_core::verify::Level;

    #[test]
    fn a_file_is_read_and_every_mistake_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("truecrop.toml");
        let text =
            "listen = '127.0.0.1:9'\nlevel = 'source'\npending_ttl = '90m'\n[policy]\naspects = ['1:1']\n";
        std::fs::write(&file, text).unwrap();
        let config = Config::read(Some(&file)).unwrap();
        assert_eq!((config.listen.port(), config.level), (9, Level::Source));
        assert_eq!(config.pending_ttl.0, Duration::from_secs(5400));
        assert!(config.policy.aspects.is_some());
        let cases: [(&str, &[&str]); 4] = [
            ("pending = '1h'", &["pending"]),
            ("pending_ttl = 'soon'", &["pending_ttl"]),
            ("not toml", &["config"]),
            (
                "level = 7\nwww = 'x'\nlimits = 3\n[policy]\naspect = ['1:1']\nformats = ['bmp']\n[deadlines]\nhead = 1",
                &["level", "limits", "policy.aspect", "policy.formats", "deadlines.head"],
            ),
        ];
        for (text, fields) in cases {
            std::fs::write(&file, text).unwrap();
            let Mistakes(found) = Config::read(Some(&file)).unwrap_err();
            let mut named: Vec<_> = found.iter().filter_map(Error::field).collect();
            let mut fields = fields.to_vec();
            named.sort_unstable();
            fields.sort_unstable();
            assert_eq!(named, fields, "{text}");
            assert!(found.iter().all(|e| e.code() == Code::InvalidOption), "{text}");
        }
        let Mistakes(missing) = Config::read(Some(Path::new("/nowhere/x.toml"))).unwrap_err();
        assert_eq!(missing[0].code(), Code::Io);
    }
}
