//! One error type, sorted by who is at fault, with a stable code, a sentence that says what to do, and the figures.
//!
//! A new code is added to the list here, then its HTTP status in the server's `problem.rs` and its row in docs/SERVER.md.

use crate::json::Value;
use serde::{Serialize, Serializer};
use std::fmt;

/// Shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Who can mend it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// The picked file, an output or a receipt is not what it should be.
    Input,
    /// The call is wrong: a recipe, an option.
    Caller,
    /// A limit or the application's policy says no.
    Limit,
    /// The machine, the store or the browser.
    Environment,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $fault:ident;)*) => {
        /// What went wrong. The text form ([`Code::as_str`]) is stable: programs may match on it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// Every code, in the order of the list.
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            /// The stable name, in kebab case.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $text,)* }
            }

            /// Who is at fault.
            pub fn fault(self) -> Fault {
                match self { $(Code::$name => Fault::$fault,)* }
            }
        }
    };
}

codes! {
    /// The file has no bytes.
    EmptySource = "empty-source", Input;
    /// A format that the engine does not read (the sentence names it when it is known).
    UnsupportedFormat = "unsupported-format", Input;
    /// The file breaks its format's rules so that no picture can be made of it.
    DamagedSource = "damaged-source", Input;
    /// A receipt that is not JSON of the right shape.
    InvalidReceipt = "invalid-receipt", Input;
    /// The receipt's own digest does not fit its content.
    ReceiptDigestMismatch = "receipt-digest-mismatch", Input;
    /// The view does not give the crop, or the crop does not fit the source.
    GeometryMismatch = "geometry-mismatch", Input;
    /// An output's bytes are not the ones that the receipt names.
    DigestMismatch = "digest-mismatch", Input;
    /// The source's bytes are not the ones that the receipt names.
    SourceMismatch = "source-mismatch", Input;
    /// An output that the engine makes from source and recipe differs from the one that was sent.
    OutputMismatch = "output-mismatch", Input;
    /// An output is not a picture of the stated size and format in the engine's own encoding, or a list of the receipt is out of order.
    NotCanonical = "not-canonical", Input;
    /// An output that the receipt names is missing, or one that it does not name is there.
    OutputsMismatch = "outputs-mismatch", Input;
    /// The level asks for the source, and it was not sent.
    SourceRequired = "source-required", Input;
    /// The receipt was made under another version of the pixel contract.
    PixelsMismatch = "pixels-mismatch", Input;
    /// The source was decoded by the browser's own decoder, so the outputs cannot be made again.
    NotReproducible = "not-reproducible", Input;
    /// A policy token that is no token of this server's keys, or whose claims make no sense.
    InvalidToken = "invalid-token", Input;
    /// The policy token has expired.
    TokenExpired = "token-expired", Input;
    /// The policy token is not good yet.
    TokenNotYetValid = "token-not-yet-valid", Input;
    /// The policy token is for another server.
    WrongAudience = "wrong-audience", Input;

    /// A recipe that is not JSON of the right shape, or with values that make no sense.
    InvalidRecipe = "invalid-recipe", Caller;
    /// A view with values that make no sense.
    InvalidView = "invalid-view", Caller;
    /// A version of the format that this engine does not know.
    UnknownVersion = "unknown-version", Caller;
    /// The crop leaves the source, and the recipe has no background.
    CropOutsideSource = "crop-outside-source", Caller;
    /// The source may be transparent (or the crop leaves it), the output cannot be, and there is no background.
    BackgroundRequired = "background-required", Caller;
    /// An option, policy or configuration that makes no sense.
    InvalidOption = "invalid-option", Caller;

    /// The source file has too many bytes.
    SourceTooLarge = "source-too-large", Limit;
    /// The source has too many pixels.
    TooManyPixels = "too-many-pixels", Limit;
    /// An output has too many pixels, or there are too many outputs.
    OutputTooLarge = "output-too-large", Limit;
    /// The output has more bytes than its recipe allows, at the lowest quality too.
    MaxBytesUnreachable = "max-bytes-unreachable", Limit;
    /// The plan's peak is over the memory budget.
    MemoryOverBudget = "memory-over-budget", Limit;
    /// A JPEG with more scans than any encoder writes.
    TooManyScans = "too-many-scans", Limit;
    /// A HEIC file with longer lists of items than any encoder writes.
    TooManyItems = "too-many-items", Limit;
    /// A receipt, recipe or part with too many bytes.
    TooManyBytes = "too-many-bytes", Limit;
    /// The application's policy does not allow it.
    PolicyViolation = "policy-violation", Limit;

    /// The run was cancelled.
    Cancelled = "cancelled", Environment;
    /// This build of the engine lacks a format: the one with every format is to be loaded. Pages never see it.
    ModuleNeeded = "module-needed", Environment;
    /// Reading or writing failed.
    Io = "io", Environment;
    /// A broken invariant of the engine: please report it.
    Internal = "internal", Environment;
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A refusal or a failure.
///
/// Serialises as `{code, fault, detail, field?, expected?, got?}`, the members that problem+json, the command line and
/// JavaScript show.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Error(Box<Members>);

/// Boxed, so that results are one word larger at most: they are passed through every stage, for each row.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Members {
    code: Code,
    fault: Fault,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    got: Option<Value>,
}

impl Error {
    /// An error with a sentence that says what to do.
    #[cold]
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        let (fault, detail) = (code.fault(), detail.into());
        Self(Box::new(Members { code, fault, detail, field: None, expected: None, got: None }))
    }

    /// Names the field at fault, as a path: `outputs[0].width`.
    #[must_use]
    #[cold]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.0.field = Some(field.into());
        self
    }

    /// Adds the figures.
    #[must_use]
    #[cold]
    pub fn figures(mut self, expected: impl Into<Value>, got: impl Into<Value>) -> Self {
        self.0.expected = Some(expected.into());
        self.0.got = Some(got.into());
        self
    }

    /// The stable code.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The sentence.
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    /// The field at fault.
    pub fn field(&self) -> Option<&str> {
        self.0.field.as_deref()
    }

    /// What should have been.
    pub fn expected(&self) -> Option<&Value> {
        self.0.expected.as_ref()
    }

    /// What was.
    pub fn got(&self) -> Option<&Value> {
        self.0.got.as_ref()
    }
}

/// An output that this engine would not write so; `detail` says what differs.
#[cfg(feature = "formats")]
pub(crate) fn not_canonical(detail: &str) -> Error {
    Error::new(Code::NotCanonical, detail)
}

/// The error for a file that breaks its format's rules. `what` continues "The file is damaged: ...".
pub(crate) fn damaged(what: &str) -> Error {
    Error::new(Code::DamagedSource, format!("The file is damaged: {what}. Pick another copy of it."))
        .at("source")
}

/// Of a format that this build was made without (see the crate's features).
pub(crate) fn module_needed(format: &'static str) -> Error {
    Error::new(Code::ModuleNeeded, "This build of the engine lacks a format: use the one with every format.")
        .figures(format, "jpeg")
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.detail(), self.code().as_str())
    }
}

impl std::error::Error for Error {}

/// Readers that end early say that the file is damaged; all else is the environment.
impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::UnexpectedEof => {
                Error::new(Code::DamagedSource, "The file ends too early: pick another copy of it.")
            }
            _ => Error::new(Code::Io, format!("Reading failed: {error}.")),
        }
    }
}
