//! What is wrong with the values of a configuration: found before the server listens, and all at once.

use super::uploads::LONGEST_ADDRESS;
use super::{Config, HumanDuration, Mistakes, Result, origins};
use std::path::Path;
use std::time::Duration;
use truecrop_core::json::Value;
use truecrop_core::{Code, Error};

/// Longer than any upload waits: with more, the sum of a time and a duration could not be told.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// Least budget: a receipt, and the least that a verification takes, with some room.
const LEAST_BUDGET: u64 = 1 << 20;

/// Of `ops/truecrop.toml` and `ops/lambda.toml`.
const EXAMPLE_KEY: &str = "change-this-key-before-use";

/// The mistakes that were found.
#[derive(Default)]
pub(super) struct Found(Vec<Error>);

impl Found {
    pub(super) fn add(
        &mut self,
        field: impl Into<String>,
        detail: &str,
        expected: impl Into<Value>,
        got: impl Into<Value>,
    ) {
        self.0.push(Error::new(Code::InvalidOption, detail).at(field).figures(expected, got));
    }

    /// `got` of at least `least`.
    fn at_least(&mut self, field: &str, least: u64, got: u64) {
        if got < least {
            let detail = if got == 0 { "This must not be zero." } else { "This is too little to work with." };
            self.add(field, detail, format!("at least {least}"), got);
        }
    }

    /// `got` of at most the value of another member.
    fn within(&mut self, field: &str, got: u64, other: &str, most: u64) {
        if got > most {
            let detail =
                format!("This is more than {other}, so it can never be used up: lower it, or raise {other}.");
            self.add(field, &detail, format!("at most {most} ({other})"), got);
        }
    }
}

impl Config {
    /// Checks every value and what they say together.
    ///
    /// # Errors
    /// [`Code::InvalidOption`] for each mistake, with its field, what is right, and what was found.
    pub fn check(&self) -> Result<()> {
        Self::unless_any(self.mistakes())
    }

    /// Reads a file, changes it by what the command line says, and checks it.
    ///
    /// # Errors
    /// As [`Config::read`] and [`Config::check`], all together.
    pub fn load(file: Option<&Path>, change: impl FnOnce(&mut Self)) -> Result<Self> {
        let (mut config, mut all) = Self::read_with_mistakes(file)?;
        change(&mut config);
        let unread: Vec<_> = all.iter().filter_map(Error::field).map(str::to_owned).collect();
        // What could not be read has its default now, about which there is nothing to say.
        let about_unread = |e: &Error| {
            let told = format!("{} {}", e.field().unwrap_or_default(), e.detail());
            unread.iter().any(|field| told.contains(field.as_str()))
        };
        all.extend(config.mistakes().into_iter().filter(|e| !about_unread(e)));
        Self::unless_any(all).map(|()| config)
    }

    fn unless_any(mistakes: Vec<Error>) -> Result<()> {
        if mistakes.is_empty() { Ok(()) } else { Err(Mistakes(mistakes)) }
    }

    fn mistakes(&self) -> Vec<Error> {
        let mut found = Found::default();
        self.check_access(&mut found);
        self.check_places(&mut found);
        self.check_amounts(&mut found);
        self.check_durations(&mut found);
        self.check_policy(&mut found);
        self.policy_tokens.check(&mut found);
        self.audits.check(&mut found);
        if let Some(webhook) = &self.webhook {
            webhook.check(&mut found);
        }
        if let Some(traces) = &self.traces {
            traces.check(&mut found);
        }
        found.0
    }

    /// Who may ask for what, and where.
    fn check_access(&self, found: &mut Found) {
        match &self.api_key {
            Some(key) if key.is_empty() => {
                found.add("api_key", "An empty key protects nothing.", "a long random text", "");
            }
            Some(key) if key == EXAMPLE_KEY => {
                let detail = "This is the key of the example, which everybody knows. Make your own: openssl rand -hex 32.";
                found.add("api_key", detail, "a long random text", "the key of the example");
            }
            Some(key) if !key.bytes().all(|b| b.is_ascii_graphic()) => {
                let detail =
                    "A key with blanks or other than ASCII characters cannot be sent in a header field.";
                found.add("api_key", detail, "visible ASCII characters", "something else");
            }
            None if !self.public_without_key && !self.listen.ip().is_loopback() => {
                let detail = "Everyone who reaches this address could confirm and delete uploads: set api_key. Where a proxy \
                              in front forbids it, set public_without_key = true.";
                found.add(
                    "listen",
                    detail,
                    "an address of this machine only, or an api_key",
                    self.listen.to_string(),
                );
            }
            _ => {}
        }
        if let Some(admin) = self.admin_listen.filter(|admin| *admin == self.listen && admin.port() != 0) {
            let detail = "The listener of operators needs an address of its own.";
            found.add("admin_listen", detail, "another address or port than listen", admin.to_string());
        }
        for (i, origin) in self.allow_origins.iter().enumerate() {
            if let Some(right) = origins::mistake(origin) {
                let detail = "No browser sends this as the origin of a page.";
                found.add(format!("allow_origins[{i}]"), detail, right, origin.as_str());
            }
        }
        if self.allow_origins.len() > 1 && self.allow_origins.iter().any(|origin| origin == "*") {
            let detail = "With * all origins are allowed: name the others, or *, not both.";
            found.add("allow_origins", detail, vec!["*"], self.allow_origins.clone());
        }
    }

    /// Folders and stores.
    fn check_places(&self, found: &mut Found) {
        if let Some(folder) = self.www.as_deref().filter(|folder| !folder.is_dir()) {
            found.add("www", "This folder does not exist.", "a folder", folder.display().to_string());
        }
        if self.store.trim().is_empty() {
            found.add("store", "Uploads have to be stored somewhere.", "a folder or the URL of a store", "");
            return;
        }
        let folder = self.store.strip_prefix("file://").unwrap_or(&self.store);
        if let Some(class) = &self.storage_class {
            let word =
                !class.is_empty() && class.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
            if !word {
                let detail = "This is no storage class.";
                found.add(
                    "storage_class",
                    detail,
                    "the store's own word, such as STANDARD_IA",
                    class.as_str(),
                );
            } else if !folder.contains("://") {
                let detail = "A folder has no storage classes: only buckets have.";
                found.add("storage_class", detail, "no such member", class.as_str());
            }
        }
        if folder.contains("://") {
            // Opening makes no connection yet.
            if let Err(error) = crate::store::Store::open(&self.store) {
                found.0.push(error);
            }
        } else if Path::new(folder).exists() && !Path::new(folder).is_dir() {
            found.add(
                "store",
                "This is not a folder.",
                "a folder or the URL of a store",
                self.store.as_str(),
            );
        }
    }

    fn check_amounts(&self, found: &mut Found) {
        let limits = &self.limits;
        found.at_least("memory_budget", LEAST_BUDGET, self.memory_budget);
        let amounts = [
            ("upload_bytes", self.upload_bytes),
            ("admission.verifications", self.admission.verifications as u64),
            ("connections", self.connections as u64),
            ("form.pictures", self.form.pictures as u64),
            ("uploads.unfinished", self.uploads.unfinished as u64),
            ("uploads.unfinished_bytes", self.uploads.unfinished_bytes),
            ("deadlines.least_rate", self.deadlines.least_rate),
            ("limits.source_bytes", limits.source_bytes),
            ("limits.source_pixels", limits.source_pixels),
            ("limits.source_side", limits.source_side.into()),
            ("limits.profile_bytes", limits.profile_bytes as u64),
            ("limits.jpeg_scans", limits.jpeg_scans as u64),
            ("limits.heic_items", limits.heic_items as u64),
            ("limits.outputs", limits.outputs as u64),
            ("limits.output_side", limits.output_side.into()),
            ("limits.output_pixels", limits.output_pixels),
            ("limits.memory", limits.memory),
            ("limits.json_bytes", limits.json_bytes as u64),
        ];
        for (field, amount) in amounts {
            found.at_least(field, 1, amount);
        }
        let reserved = [("limits.memory", limits.memory), ("limits.json_bytes", limits.json_bytes as u64)];
        for (field, amount) in reserved {
            found.within(field, amount, "memory_budget", self.memory_budget);
        }
        // Bodies never take all of the budget, or nothing could be verified.
        let bodies = self.body_budget();
        for (field, amount) in
            [("upload_bytes", self.upload_bytes), ("limits.source_bytes", limits.source_bytes)]
        {
            found.within(field, amount, "three quarters of memory_budget", bodies);
        }
    }

    fn check_durations(&self, found: &mut Found) {
        let limits = &self.deadlines;
        let durations = [
            ("request_timeout", self.request_timeout),
            ("pending_ttl", self.pending_ttl),
            ("sweep_every", self.sweep_every),
            ("uploads.ttl", self.uploads.ttl),
            ("deadlines.first_byte", limits.first_byte),
            ("deadlines.head", limits.head),
            ("deadlines.body", limits.body),
            ("deadlines.answer", limits.answer),
            ("deadlines.idle", limits.idle),
            ("deadlines.shutdown", limits.shutdown),
            ("admission.longest_wait", self.admission.longest_wait.unwrap_or(HumanDuration(LONGEST))),
        ];
        for (field, duration) in durations {
            let got = humantime::format_duration(duration.0).to_string();
            if duration.0.is_zero() {
                found.add(field, "This must not be zero.", "a duration, such as 10s", got);
            } else if duration.0 > LONGEST {
                found.add(field, "This is longer than a century.", "a shorter duration", got);
            }
        }
        let (ttl, most) = (self.uploads.ttl.0, LONGEST_ADDRESS);
        if (most..=LONGEST).contains(&ttl) && ttl != most {
            let (most, ttl) = (humantime::format_duration(most), humantime::format_duration(ttl).to_string());
            found.add("uploads.ttl", "S3 takes no address for so long.", format!("at most {most}"), ttl);
        }
        let (ttl, request) = (self.pending_ttl.0, self.request_timeout.0);
        if let Some(HumanDuration(wait)) = self.admission.longest_wait.filter(|wait| wait.0 > request) {
            let detail =
                "The request would end before its wait: this must not be longer than request_timeout.";
            let most = format!("at most {} (request_timeout)", humantime::format_duration(request));
            let got = humantime::format_duration(wait).to_string();
            found.add("admission.longest_wait", detail, most, got);
        }
        if ttl < request && !ttl.is_zero() {
            let detail = "Uploads would be swept while they are still being sent: this must not be shorter than request_timeout.";
            let least = format!("at least {} (request_timeout)", humantime::format_duration(request));
            found.add("pending_ttl", detail, least, humantime::format_duration(ttl).to_string());
        }
    }

    /// Rules that no upload can meet, or that mean nothing.
    fn check_policy(&self, found: &mut Found) {
        for mistake in self.policy.mistakes() {
            let field = format!("policy.{}", mistake.field().unwrap_or_default());
            let figure = |value: Option<&Value>| value.cloned().unwrap_or(Value::Null);
            found.add(field, mistake.detail(), figure(mistake.expected()), figure(mistake.got()));
        }
        let least = self.policy.min_output_side.unwrap_or(0).into();
        found.within("policy.minOutputSide", least, "limits.output_side", self.limits.output_side.into());
    }
}
