//! Range requests (RFC 9110, 14): one range of a picture's bytes. Several at once, other units, and what is no valid range are
//! left aside, as the RFC allows: then the whole picture is the answer.

use axum::http::{HeaderMap, Method, header};
use std::ops::Range;

/// What of a picture a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// All of it.
    Whole,
    /// These bytes, of which there is at least one.
    Part(Range<u64>),
    /// Bytes that the picture does not have.
    Unsatisfiable,
}

/// What a request asks for, of a picture of `length` bytes with this entity tag.
pub fn asked(method: &Method, headers: &HeaderMap, tag: &str, length: u64) -> Asked {
    let mut ranges = headers.get_all(header::RANGE).iter();
    // A range is defined for GET alone; and of a picture that is another one by now, the client wants the whole.
    if method != Method::GET || !is_if_range(headers, tag) {
        return Asked::Whole;
    }
    match (ranges.next().and_then(|value| value.to_str().ok()), ranges.next()) {
        (Some(range), None) => parse(range, length).unwrap_or(Asked::Whole),
        _ => Asked::Whole,
    }
}

/// Whether `If-Range` is missing, or names this tag. Tags are compared strongly, and there is no date to compare.
fn is_if_range(headers: &HeaderMap, tag: &str) -> bool {
    let mut conditions = headers.get_all(header::IF_RANGE).iter();
    match (conditions.next(), conditions.next()) {
        (None, _) => true,
        (Some(condition), None) => condition.as_bytes() == tag.as_bytes(),
        _ => false,
    }
}

/// `None` for what is no single valid range of bytes.
fn parse(value: &str, length: u64) -> Option<Asked> {
    let (unit, range) = value.split_once('=')?;
    if !unit.eq_ignore_ascii_case("bytes") || range.contains(',') {
        return None;
    }
    let (first, last) = range.trim_matches([' ', '\t']).split_once('-')?;
    let part = match (first, last) {
        ("", last) => length.saturating_sub(number(last)?)..length,
        (first, "") => number(first)?..length,
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            if last < first {
                return None;
            }
            first..last.saturating_add(1).min(length)
        }
    };
    Some(if part.start < part.end { Asked::Part(part) } else { Asked::Unsatisfiable })
}

/// A number too large for 64 bits is larger than any picture.
fn number(digits: &str) -> Option<u64> {
    let only_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    only_digits.then(|| digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    const TAG: &str = "\"tag\"";

    fn of(method: Method, fields: &[(HeaderName, &str)]) -> Asked {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        asked(&method, &headers, TAG, 1000)
    }

    #[test]
    fn one_valid_range_is_taken_and_nothing_else() {
        let part = |first: u64, last: u64| Asked::Part(first..last + 1);
        for (range, expected) in [
            ("bytes=0-0", part(0, 0)),
            ("bytes=0-499", part(0, 499)),
            ("BYTES=500-999", part(500, 999)),
            ("bytes= 500-999 ", part(500, 999)),
            ("bytes=999-", part(999, 999)),
            ("bytes=0-", part(0, 999)),
            ("bytes=-1", part(999, 999)),
            ("bytes=-1000", part(0, 999)),
            ("bytes=-5000", part(0, 999)),
            ("bytes=900-99999", part(900, 999)),
            ("bytes=0-99999999999999999999999", part(0, 999)),
            ("bytes=0-18446744073709551615", part(0, 999)),
            ("bytes=1000-", Asked::Unsatisfiable),
            ("bytes=1000-1000", Asked::Unsatisfiable),
            ("bytes=-0", Asked::Unsatisfiable),
            ("bytes=99999999999999999999999-", Asked::Unsatisfiable),
            ("bytes=5-4", Asked::Whole),
            ("bytes=0-1,5-6", Asked::Whole),
            ("bytes=-", Asked::Whole),
            ("bytes=", Asked::Whole),
            ("bytes", Asked::Whole),
            ("bytes=+1-2", Asked::Whole),
            ("bytes=a-b", Asked::Whole),
            ("bytes=1-2-3", Asked::Whole),
            ("bytes=--1", Asked::Whole),
            ("lines=1-2", Asked::Whole),
            ("", Asked::Whole),
        ] {
            assert_eq!(of(Method::GET, &[(header::RANGE, range)]), expected, "{range}");
        }
        assert_eq!(of(Method::HEAD, &[(header::RANGE, "bytes=0-1")]), Asked::Whole);
        assert_eq!(
            of(Method::GET, &[(header::RANGE, "bytes=0-1"), (header::RANGE, "bytes=2-3")]),
            Asked::Whole
        );
        assert_eq!(asked(&Method::GET, &HeaderMap::new(), TAG, 1000), Asked::Whole);
    }

    #[test]
    fn a_range_of_another_picture_is_left_aside() {
        for (condition, part) in [
            (TAG, true),
            ("\"other\"", false),
            ("W/\"tag\"", false),
            ("tag", false),
            ("*", false),
            ("Fri, 27 Nov 2026 12:00:00 GMT", false),
        ] {
            let fields = [(header::RANGE, "bytes=1-1"), (header::IF_RANGE, condition)];
            let expected = if part { Asked::Part(1..2) } else { Asked::Whole };
            assert_eq!(of(Method::GET, &fields), expected, "{condition}");
        }
    }
}
