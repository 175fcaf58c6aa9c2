//! The header fields of tus.

use crate::problem::Problem;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// The version of the protocol.
pub const VERSION: &str = "1.0.0";

/// The type of what is appended.
pub const OFFSET_STREAM: &str = "application/offset+octet-stream";

pub const TUS_RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
pub const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
pub const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
pub const UPLOAD_EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
pub const UPLOAD_METADATA: HeaderName = HeaderName::from_static("upload-metadata");
pub const METHOD_OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");
const UPLOAD_CHECKSUM: HeaderName = HeaderName::from_static("upload-checksum");
pub const TUS_VERSION: HeaderName = HeaderName::from_static("tus-version");
const TUS_EXTENSION: HeaderName = HeaderName::from_static("tus-extension");
const TUS_CHECKSUM_ALGORITHM: HeaderName = HeaderName::from_static("tus-checksum-algorithm");

/// The checksums of chunks.
pub const CHECKSUM_ALGORITHMS: &str = "sha1,sha256";

/// What there is, for who asks.
pub const DISCOVERY: [(HeaderName, &str); 4] = [
    (TUS_RESUMABLE, VERSION),
    (TUS_VERSION, VERSION),
    (TUS_EXTENSION, "creation,creation-with-upload,expiration,checksum,termination"),
    (TUS_CHECKSUM_ALGORITHM, CHECKSUM_ALGORITHMS),
];

/// What pages of other origins may send.
pub const REQUEST_FIELDS: [HeaderName; 6] =
    [TUS_RESUMABLE, UPLOAD_OFFSET, UPLOAD_LENGTH, UPLOAD_METADATA, UPLOAD_CHECKSUM, METHOD_OVERRIDE];

/// What they may read.
pub const RESPONSE_FIELDS: [HeaderName; 8] = [
    TUS_RESUMABLE,
    TUS_VERSION,
    TUS_EXTENSION,
    TUS_CHECKSUM_ALGORITHM,
    UPLOAD_OFFSET,
    UPLOAD_LENGTH,
    UPLOAD_EXPIRES,
    HeaderName::from_static("tus-max-size"),
];

/// Refuses what is not of this version.
///
/// # Errors
/// `tus-version`, with the field `Tus-Version`.
pub fn check_version(headers: &HeaderMap) -> Result<(), Problem> {
    let got = text(headers, &TUS_RESUMABLE).unwrap_or_default();
    if got == VERSION {
        return Ok(());
    }
    let detail = "This address speaks tus: send Tus-Resumable with the version of the protocol.";
    let refused = Problem::new(StatusCode::PRECONDITION_FAILED, "tus-version", detail);
    Err(refused.at("Tus-Resumable").figures(VERSION, got.to_owned()))
}

/// What a request appends.
#[derive(Debug)]
pub struct Chunk {
    /// Where it begins.
    pub offset: u64,
    /// Its length, where that is stated.
    pub length: Option<u64>,
    /// What it has to be.
    pub checksum: Option<Checksum>,
}

impl Chunk {
    /// By the head of a request.
    ///
    /// # Errors
    /// `unsupported-type`, `invalid-tus` for what tus does not allow.
    pub fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let offset = number(headers, &UPLOAD_OFFSET)?;
        let offset = offset.ok_or_else(|| invalid("Upload-Offset", "Say where the chunk begins."))?;
        Self::at(offset, headers)
    }

    /// The same for a chunk that begins here.
    ///
    /// # Errors
    /// As [`Chunk::of`].
    pub fn at(offset: u64, headers: &HeaderMap) -> Result<Self, Problem> {
        if !is_chunk(headers) {
            let detail = "What is appended has a type of its own.";
            let refused = Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-type", detail);
            return Err(refused.at("Content-Type").figures(OFFSET_STREAM, kind(headers).to_owned()));
        }
        let length = number(headers, &header::CONTENT_LENGTH)?;
        Ok(Self { offset, length, checksum: Checksum::of(headers)? })
    }

    /// Refuses a chunk that begins elsewhere than where the part ends now.
    ///
    /// # Errors
    /// `offset-mismatch`.
    pub fn check_offset(&self, offset: u64) -> Result<(), Problem> {
        if self.offset == offset {
            return Ok(());
        }
        let detail = "The part ends elsewhere now: ask by HEAD, and go on from there.";
        let refused = Problem::new(StatusCode::CONFLICT, "offset-mismatch", detail);
        Err(refused.at("Upload-Offset").figures(offset, self.offset))
    }
}

/// Whether the body is a chunk.
pub fn is_chunk(headers: &HeaderMap) -> bool {
    kind(headers) == OFFSET_STREAM
}

fn kind(headers: &HeaderMap) -> &str {
    text(headers, &header::CONTENT_TYPE).unwrap_or_default()
}

/// A field that is a number.
///
/// # Errors
/// `invalid-tus`.
pub fn number(headers: &HeaderMap, name: &HeaderName) -> Result<Option<u64>, Problem> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    let digits = value.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    match digits.and_then(|text| text.parse().ok()) {
        Some(number) => Ok(Some(number)),
        None => Err(invalid(name.as_str(), "This is no number of bytes.")),
    }
}

/// A field that is text.
pub fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// 400.
pub fn invalid(field: &str, detail: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "invalid-tus", detail).at(field)
}

/// The checksum that a chunk has to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checksum {
    algorithm: Algorithm,
    value: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Algorithm {
    Sha1,
    Sha256,
}

/// A checksum in the making.
#[derive(Clone)]
pub enum Sum {
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Checksum {
    fn of(headers: &HeaderMap) -> Result<Option<Self>, Problem> {
        let Some(field) = headers.get(&UPLOAD_CHECKSUM) else { return Ok(None) };
        let refused = |detail| invalid("Upload-Checksum", detail);
        let parts = field.to_str().ok().and_then(|text| text.split_once(' '));
        let (algorithm, value) = parts.ok_or_else(|| refused("Send an algorithm, a blank, and Base64."))?;
        let (algorithm, length) = match algorithm {
            "sha1" => (Algorithm::Sha1, 20),
            "sha256" => (Algorithm::Sha256, 32),
            _ => {
                return Err(
                    refused("This algorithm is not supported.").figures(CHECKSUM_ALGORITHMS, algorithm)
                );
            }
        };
        let value = STANDARD.decode(value).ok().filter(|value| value.len() == length);
        let value = value.ok_or_else(|| refused("This is no checksum of that algorithm in Base64."))?;
        Ok(Some(Self { algorithm, value }))
    }

    /// To be fed with the chunk.
    pub fn sum(&self) -> Sum {
        match self.algorithm {
            Algorithm::Sha1 => Sum::Sha1(Sha1::new()),
            Algorithm::Sha256 => Sum::Sha256(Sha256::new()),
        }
    }

    /// Refuses another chunk.
    ///
    /// # Errors
    /// `checksum-mismatch`, with the status 460 of tus.
    pub fn check(&self, sum: Sum) -> Result<(), Problem> {
        let got = match sum {
            Sum::Sha1(sum) => sum.finalize().to_vec(),
            Sum::Sha256(sum) => sum.finalize().to_vec(),
        };
        if got == self.value {
            return Ok(());
        }
        let detail = "The chunk is not what its checksum says: it was thrown away. Send it again.";
        let status = StatusCode::from_u16(460).unwrap_or(StatusCode::BAD_REQUEST);
        let refused = Problem::new(status, "checksum-mismatch", detail).at("Upload-Checksum");
        Err(refused.figures(STANDARD.encode(&self.value), STANDARD.encode(got)))
    }
}

impl Sum {
    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match self {
            Sum::Sha1(sum) => sum.update(bytes),
            Sum::Sha256(sum) => sum.update(bytes),
        }
    }
}
