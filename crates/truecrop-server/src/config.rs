//! Configuration: one TOML file, with the command line and its environment variables on top.

use serde::{Deserialize, Deserializer};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;
use truecrop_core::policy::Policy;
use truecrop_core::verify::Level;
use truecrop_core::{Code, Error, Limits, Result};

/// How a server works. Every member has a default; unknown members are refused.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Address and port.
    pub listen: SocketAddr,
    /// A folder, or the URL of a store.
    pub store: String,
    /// A folder of static files to serve as well.
    pub www: Option<PathBuf>,
    /// What each upload must prove.
    pub level: Level,
    /// What the application allows.
    pub policy: Policy,
    /// What the engine may spend on one upload.
    pub limits: Limits,
    /// Bytes of one whole upload without its source. AWS Lambda ends at about 4.4 MB.
    pub upload_bytes: u64,
    /// Bytes that all verifications may take together.
    pub memory_budget: u64,
    /// Connections at a time.
    pub connections: usize,
    /// Time for one request.
    pub request_timeout: Span,
    /// How long an upload waits to be confirmed.
    pub pending_ttl: Span,
    /// How often the server sweeps.
    pub sweep_every: Span,
    /// Origins whose pages may upload, such as `https://app.example`; `*` for all.
    pub allow_origins: Vec<String>,
    /// When set, confirm and DELETE need `Authorization: Bearer` with it.
    pub api_key: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        let hour = Duration::from_secs(3600);
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            store: "./truecrop-store".to_owned(),
            www: None,
            level: Level::Result,
            policy: Policy::default(),
            limits: Limits::default(),
            upload_bytes: 64 << 20,
            memory_budget: 2 << 30,
            connections: 1024,
            request_timeout: Span(Duration::from_secs(120)),
            pending_ttl: Span(24 * hour),
            sweep_every: Span(hour),
            allow_origins: Vec::new(),
            api_key: None,
        }
    }
}

impl Config {
    /// Reads a file, or gives the defaults without one.
    ///
    /// # Errors
    /// [`Code::Io`] when it can not be read, [`Code::InvalidOption`] with the line when it makes no sense.
    pub fn read(file: Option<&Path>) -> Result<Self> {
        let Some(file) = file else { return Ok(Self::default()) };
        let text = std::fs::read_to_string(file)
            .map_err(|e| Error::new(Code::Io, format!("{}: {e}.", file.display())).at("config"))?;
        toml::from_str(&text)
            .map_err(|e| Error::new(Code::InvalidOption, format!("{}: {e}", file.display())).at("config"))
    }
}

/// A duration such as `24h`, `90s`, `1h 30m`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span(pub Duration);

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        humantime::parse_duration(&text).map(Span).map_err(serde::de::Error::custom)
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
