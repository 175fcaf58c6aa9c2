//! The form of an origin. A browser sends exactly this form, so any other one would never be equal to it.

use axum::http::Uri;

/// Why a text is no origin as browsers send it, and what is right.
pub fn mistake(origin: &str) -> Option<String> {
    if origin == "*" {
        return None;
    }
    let right = canonical(origin);
    match right {
        Some(right) if right == origin => None,
        Some(right) => Some(right),
        None => Some("scheme, host and port, such as https://app.example".to_owned()),
    }
}

/// The origin of an address: without path, credentials and the scheme's own port, in lower case.
fn canonical(text: &str) -> Option<String> {
    let uri: Uri = text.trim().parse().ok()?;
    let scheme = uri.scheme_str()?.to_ascii_lowercase();
    let host = uri.host().filter(|host| !host.is_empty())?.to_ascii_lowercase();
    let own = match scheme.as_str() {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    };
    let port =
        uri.port_u16().filter(|port| Some(*port) != own).map_or_else(String::new, |port| format!(":{port}"));
    Some(format!("{scheme}://{host}{port}"))
}

#[cfg(test)]
mod tests {
    use super::mistake;

    #[test]
    fn only_what_a_browser_sends_is_an_origin() {
        for fine in ["*", "https://app.example", "http://localhost:8080", "https://[::1]:8443"] {
            assert_eq!(mistake(fine), None, "{fine}");
        }
        for (wrong, right) in [
            ("https://app.example/", "https://app.example"),
            ("https://app.example/path?q", "https://app.example"),
            ("HTTPS://App.Example", "https://app.example"),
            ("https://app.example:443", "https://app.example"),
            (" https://app.example", "https://app.example"),
            ("https://user@app.example", "https://app.example"),
            ("app.example", "scheme, host and port, such as https://app.example"),
            ("https://", "scheme, host and port, such as https://app.example"),
            ("null", "scheme, host and port, such as https://app.example"),
            ("", "scheme, host and port, such as https://app.example"),
        ] {
            assert_eq!(mistake(wrong).as_deref(), Some(right), "{wrong}");
        }
    }
}
