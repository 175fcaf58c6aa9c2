//! Digests of a request's body that its head promises: `Content-Digest` and `Repr-Digest` (RFC 9530), SHA-256 and SHA-512. A body is
//! digested while it is read. It has no coding here, so both fields mean the same bytes.

use crate::problem::Problem;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sfv::{BareItem, Dictionary, ListEntry, Parser};
use sha2::{Digest, Sha256, Sha512};

/// The fields that are read.
pub const FIELDS: [HeaderName; 2] =
    [HeaderName::from_static("content-digest"), HeaderName::from_static("repr-digest")];

/// Digests that a body has to have.
#[derive(Default)]
pub struct BodyDigests {
    promised: Vec<Promised>,
    sha256: Option<Sha256>,
    sha512: Option<Sha512>,
}

struct Promised {
    field: HeaderName,
    algorithm: &'static str,
    digest: Vec<u8>,
}

impl BodyDigests {
    /// Those that a head promises. Algorithms that are not known are left alone, as the RFC asks.
    ///
    /// # Errors
    /// `digest-invalid-values` for a field that is no dictionary of byte sequences.
    pub fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let mut digests = Self::default();
        for field in FIELDS {
            let lines: Vec<&[u8]> = headers.get_all(&field).iter().map(|value| value.as_bytes()).collect();
            if !lines.is_empty() {
                digests.read(&field, &lines.join(&b","[..])).ok_or_else(|| invalid(&field))?;
            }
        }
        Ok(digests)
    }

    fn read(&mut self, field: &HeaderName, text: &[u8]) -> Option<()> {
        let dictionary: Dictionary = Parser::new(text).parse().ok()?;
        for (name, value) in dictionary {
            let ListEntry::Item(item) = value else { return None };
            let BareItem::ByteSequence(digest) = item.bare_item else { return None };
            let algorithm = match name.as_str() {
                "sha-256" => {
                    self.sha256.get_or_insert_default();
                    "sha-256"
                }
                "sha-512" => {
                    self.sha512.get_or_insert_default();
                    "sha-512"
                }
                _ => continue,
            };
            self.promised.push(Promised { field: field.clone(), algorithm, digest });
        }
        Some(())
    }

    /// Whether the head promises nothing.
    pub fn is_empty(&self) -> bool {
        self.promised.is_empty()
    }

    /// Takes the next bytes of the body.
    pub fn update(&mut self, bytes: &[u8]) {
        if let Some(sha256) = &mut self.sha256 {
            sha256.update(bytes);
        }
        if let Some(sha512) = &mut self.sha512 {
            sha512.update(bytes);
        }
    }

    /// Whether the body, which has ended, is the one that was promised.
    ///
    /// # Errors
    /// `digest-mismatched-values`.
    pub fn check(&self) -> Result<(), Problem> {
        let sha256 = self.sha256.clone().map(|sha| sha.finalize().to_vec());
        let sha512 = self.sha512.clone().map(|sha| sha.finalize().to_vec());
        for promised in &self.promised {
            let got = if promised.algorithm == "sha-256" { &sha256 } else { &sha512 };
            if got.as_ref() != Some(&promised.digest) {
                let text = |digest: &[u8]| format!("{}=:{}:", promised.algorithm, STANDARD.encode(digest));
                let got = text(got.as_deref().unwrap_or_default());
                return Err(mismatched("The body is not the one that its digest promises: send it again.")
                    .at(promised.field.as_str())
                    .figures(text(&promised.digest), got));
            }
        }
        Ok(())
    }
}

/// A body that cannot be the promised one.
pub fn mismatched(detail: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "digest-mismatched-values", detail)
}

fn invalid(field: &HeaderName) -> Problem {
    let detail = "A digest is written sha-256=:base64:, several with commas between them.";
    Problem::new(StatusCode::BAD_REQUEST, "digest-invalid-values", detail).at(field.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lines: &[(&'static str, &str)], body: &[u8]) -> Result<(), String> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        let digests = BodyDigests::of(&headers).and_then(|mut digests| {
            body.chunks(3).for_each(|piece| digests.update(piece));
            digests.check()
        });
        digests.map_err(|problem| problem.code().to_owned())
    }

    /// Lines of the head, and what the check says.
    type Row<'a> = (Vec<(&'static str, &'a str)>, Result<(), &'a str>);

    #[test]
    fn a_body_is_held_to_every_digest_that_is_known() {
        // RFC 9530, appendix D.
        let body = b"{\"hello\": \"world\"}\n";
        let sha256 = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:";
        let sha512 = "sha-512=:YMAam51Jz/jOATT6/zvHrLVgOYTGFy1d6GJiOHTohq4yP+pgk4vf2aCsyRZOtw8MjkM7iw7yZ/WkppmM44T3qg==:";
        let wrong = "sha-512=:AAAA:";
        let (mismatch, invalid) = ("digest-mismatched-values", "digest-invalid-values");
        let both = format!("{sha256}, {sha512}");
        let rows: Vec<Row> = vec![
            (vec![], Ok(())),
            (vec![("content-digest", sha256)], Ok(())),
            (vec![("content-digest", sha512)], Ok(())),
            (vec![("repr-digest", &both)], Ok(())),
            (vec![("content-digest", sha256), ("content-digest", sha512)], Ok(())),
            (vec![("content-digest", "md5=:AAAA:")], Ok(())),
            (vec![("content-digest", wrong)], Err(mismatch)),
            (vec![("content-digest", sha256), ("repr-digest", wrong)], Err(mismatch)),
            (vec![("content-digest", sha256), ("content-digest", wrong)], Err(mismatch)),
            (vec![("content-digest", "sha-256=RK/0")], Err(invalid)),
            (vec![("content-digest", "sha-256=:RK*0:")], Err(invalid)),
            (vec![("repr-digest", "sha-256=(:AAAA:)")], Err(invalid)),
            (vec![("repr-digest", "sha-256")], Err(invalid)),
        ];
        for (lines, expected) in rows {
            assert_eq!(check(&lines, body), expected.map_err(str::to_owned), "{lines:?}");
            if expected.is_ok() && lines.iter().any(|(_, value)| value.starts_with("sha")) {
                assert_eq!(check(&lines, b"{\"hello\": \"World\"}\n"), Err(mismatch.to_owned()), "{lines:?}");
            }
        }
    }
}
