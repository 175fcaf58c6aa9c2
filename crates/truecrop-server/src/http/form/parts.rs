//! Reads one part of a form: into memory, or past it.

use super::unparsed;
use crate::http::permission;
use crate::problem::Problem;
use axum::extract::multipart::{Field, MultipartError};
use axum::http::StatusCode;
use truecrop_core::policy::MOST_TOKEN_BYTES;
use truecrop_core::{Code, Error};

/// A part grows by an eighth, not to its double: what it takes beyond its bytes is not reserved.
const LEAST_GROWTH: usize = 64 << 10;

/// A part's bytes, at most `most`.
pub async fn read_part(mut field: Field<'_>, name: &str, most: u64) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(invalid_multipart)? {
        unparsed::found();
        if (bytes.len() + chunk.len()) as u64 > most {
            return Err(too_long(name, most, "This part is longer than allowed."));
        }
        if bytes.capacity() - bytes.len() < chunk.len() {
            bytes.reserve_exact(chunk.len().max(bytes.len() / 8).max(LEAST_GROWTH));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// A policy token.
pub async fn read_token(field: Field<'_>) -> Result<String, Problem> {
    let bytes = read_part(field, permission::PART, MOST_TOKEN_BYTES as u64).await?;
    // What is no text is no token either.
    Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
}

/// Reads past a part of at most `most` bytes, and tells how many it had.
pub async fn skip_part(mut field: Field<'_>, name: &str, most: u64) -> Result<u64, Problem> {
    let mut length = 0;
    while let Some(chunk) = field.chunk().await.map_err(invalid_multipart)? {
        unparsed::found();
        length += chunk.len() as u64;
        if length > most {
            let detail =
                "This field belongs to no picture, and is longer than a field may be beside pictures.";
            return Err(too_long(name, most, detail));
        }
    }
    Ok(length)
}

fn too_long(name: &str, most: u64, detail: &str) -> Problem {
    Error::new(Code::TooManyBytes, detail).at(name).figures(most, format!("more than {most}")).into()
}

/// The refusal of a body that is no form.
pub fn invalid_multipart(error: MultipartError) -> Problem {
    let status = match error.status() {
        StatusCode::INTERNAL_SERVER_ERROR => StatusCode::BAD_REQUEST,
        status => status,
    };
    Problem::new(status, "invalid-multipart", format!("The upload cannot be read: {}.", error.body_text()))
}
