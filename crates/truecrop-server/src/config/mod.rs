//! The configuration of a server: one TOML file. `commands::serve` puts the command line and its environment variables
//! on top.

mod deadlines;
mod form;

pub use deadlines::Deadlines;
pub use form::FormLimits;

use serde::{Deserialize, Deserializer};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;
use truecrop_core::policy::Policy;
use truecrop_core::verify::Level;
use truecrop_core::{Code, Error, Limits, Result};

/// The configuration. Every member has a default; unknown members are refused.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// A second address for operators, which answers while all connections of the first are taken: `/livez`, `/readyz`,
    /// `/healthz` and `/metrics`. With it, the first address no longer shows `/metrics`.
    pub admin_listen: Option<SocketAddr>,
    /// Folder or URL of the store.
    pub store: String,
    /// Folder of static files to serve as well.
    pub www: Option<PathBuf>,
    /// The level at which each upload is verified.
    pub level: Level,
    /// The crops and outputs that the application allows.
    pub policy: Policy,
    /// The limits of the engine for one upload.
    pub limits: Limits,
    /// Most bytes of all outputs of one upload. AWS Lambda takes about 4.4 MB for the whole upload.
    pub upload_bytes: u64,
    /// The bounds of one form beside these.
    pub form: FormLimits,
    /// Bytes that all uploads and verifications may reserve together.
    pub memory_budget: u64,
    /// Most connections at the same time.
    pub connections: usize,
    /// How long clients may keep the server waiting.
    pub deadlines: Deadlines,
    /// Longest duration of a request.
    pub request_timeout: HumanDuration,
    /// How long an upload may wait to be confirmed before it is swept.
    pub pending_ttl: HumanDuration,
    /// How often the server sweeps.
    pub sweep_every: HumanDuration,
    /// Other origins whose pages may upload, such as `https://app.example`; `*` for all.
    pub allow_origins: Vec<String>,
    /// When set, confirm and DELETE need it: `Authorization: Bearer KEY`.
    pub api_key: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        let hour = Duration::from_secs(3600);
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            admin_listen: None,
            store: "./truecrop-store".to_owned(),
            www: None,
            level: Level::Result,
            policy: Policy::default(),
            limits: Limits::default(),
            upload_bytes: 64 << 20,
            form: FormLimits::default(),
            memory_budget: 2 << 30,
            connections: 1024,
            deadlines: Deadlines::default(),
            request_timeout: HumanDuration(Duration::from_secs(120)),
            pending_ttl: HumanDuration(24 * hour),
            sweep_every: HumanDuration(hour),
            allow_origins: Vec::new(),
            api_key: None,
        }
    }
}

impl Config {
    /// Reads a file, or gives the defaults without one.
    ///
    /// # Errors
    /// [`Code::Io`] when it cannot be read, [`Code::InvalidOption`] with the line when it is not valid.
    pub fn read(file: Option<&Path>) -> Result<Self> {
        let Some(file) = file else { return Ok(Self::default()) };
        let text = std::fs::read_to_string(file)
            .map_err(|e| Error::new(Code::Io, format!("{}: {e}.", file.display())).at("config"))?;
        toml::from_str(&text)
            .map_err(|e| Error::new(Code::InvalidOption, format!("{}: {e}", file.display())).at("config"))
    }
}

/// A duration as people write it, such as `24h`, `90s`, `1h 30m`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HumanDuration(pub Duration);

impl<'de> Deserialize<'de> for HumanDuration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        humantime::parse_duration(&text).map(HumanDuration).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_and_mistakes_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("truecrop.toml");
        let text =
            "listen = '127.0.0.1:9'\nlevel = 'source'\npending_ttl = '90m'\n[policy]\naspects = ['1:1']\n";
        std::fs::write(&file, text).unwrap();
        let config = Config::read(Some(&file)).unwrap();
        assert_eq!((config.listen.port(), config.level), (9, Level::Source));
        assert_eq!(config.pending_ttl.0, Duration::from_secs(5400));
        for (text, code) in
            [("pending = '1h'", Code::InvalidOption), ("pending_ttl = 'soon'", Code::InvalidOption)]
        {
            std::fs::write(&file, text).unwrap();
            assert_eq!(Config::read(Some(&file)).unwrap_err().code(), code, "{text}");
        }
        assert_eq!(Config::read(Some(Path::new("/nowhere/x.toml"))).unwrap_err().code(), Code::Io);
    }
}
