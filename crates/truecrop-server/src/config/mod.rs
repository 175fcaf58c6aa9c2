//! The configuration of a server: one TOML file. `commands::serve` puts the command line and its environment variables
//! on top.
//!
//! A new member is added here, with its check in `mistakes`, and its line in docs/SERVER.md. `read` reads the file.

mod admission;
mod audits;
mod deadlines;
mod form;
mod mistakes;
mod origins;
mod policy_tokens;
mod read;
mod traces;
mod uploads;
mod webhook;

pub use admission::AdmissionLimits;
pub use audits::Audits;
pub use deadlines::Deadlines;
pub use form::FormLimits;
pub use policy_tokens::{PolicyTokens, Secret, TokenKey};
pub use read::{Mistakes, Result};
pub use traces::Traces;
pub use uploads::UploadTerms;
pub use webhook::Webhook;

use serde::{Deserialize, Deserializer};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;
use truecrop_core::Limits;
use truecrop_core::policy::Policy;
use truecrop_core::verify::Level;

/// The configuration. Every member has a default; unknown members are refused.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// A second address for operators, which answers while all connections of the first are taken: `/livez`, `/readyz`,
    /// `/healthz` and `/metrics`. With it, the first address no longer shows `/metrics`.
    pub admin_listen: Option<SocketAddr>,
    /// Whether each request has a line on standard output.
    pub access_log: bool,
    /// Folder or URL of the store.
    pub store: String,
    /// The storage class of kept pictures in a bucket, such as `STANDARD_IA`; the bucket's own by default.
    pub storage_class: Option<String>,
    /// Folder of static files to serve as well.
    pub www: Option<PathBuf>,
    /// The level at which each upload is verified.
    pub level: Level,
    /// The crops and outputs that the application allows.
    pub policy: Policy,
    /// Which uploads are asked for their source.
    pub audits: Audits,
    /// Permissions to upload that the application signs.
    pub policy_tokens: PolicyTokens,
    /// The limits of the engine for one upload.
    pub limits: Limits,
    /// Most bytes of all outputs of one upload. AWS Lambda takes about 4.4 MB for the whole upload.
    pub upload_bytes: u64,
    /// The bounds of one form beside these.
    pub form: FormLimits,
    /// Uploads by way of the store.
    pub uploads: UploadTerms,
    /// Where the application hears what becomes of uploads.
    pub webhook: Option<Webhook>,
    /// Where OpenTelemetry's traces go.
    pub traces: Option<Traces>,
    /// Bytes that all uploads and verifications may reserve together.
    pub memory_budget: u64,
    /// How many uploads are verified at once, and how many may wait.
    pub admission: AdmissionLimits,
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
    /// Allows an address that others can reach without an `api_key`: where a proxy in front lets only the application
    /// confirm and delete.
    pub public_without_key: bool,
}

impl Default for Config {
    fn default() -> Self {
        let hour = Duration::from_secs(3600);
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            admin_listen: None,
            access_log: true,
            store: "./truecrop-store".to_owned(),
            storage_class: None,
            www: None,
            level: Level::Result,
            policy: Policy::default(),
            audits: Audits::default(),
            policy_tokens: PolicyTokens::default(),
            limits: Limits::default(),
            upload_bytes: 64 << 20,
            form: FormLimits::default(),
            uploads: UploadTerms::default(),
            webhook: None,
            traces: None,
            memory_budget: 2 << 30,
            admission: AdmissionLimits::default(),
            connections: 1024,
            deadlines: Deadlines::default(),
            request_timeout: HumanDuration(Duration::from_secs(120)),
            pending_ttl: HumanDuration(24 * hour),
            sweep_every: HumanDuration(hour),
            allow_origins: Vec::new(),
            api_key: None,
            public_without_key: false,
        }
    }
}

impl Config {
    /// Bytes that bodies may reserve of the memory budget: the rest stays free for verifications, so that uploads that are still
    /// coming never keep those that have come from being verified.
    pub fn body_budget(&self) -> u64 {
        self.memory_budget / 4 * 3
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
