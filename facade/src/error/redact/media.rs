//! Redaction of content types.

use super::words::HIDDEN;

/// Content types that are shown.
const TYPES: &[&str] = &[
    "application/gzip",
    "application/javascript",
    "application/json",
    "application/octet-stream",
    "application/pdf",
    "application/problem+json",
    "application/x-www-form-urlencoded",
    "application/xhtml+xml",
    "application/xml",
    "multipart/form-data",
    "text/css",
    "text/csv",
    "text/html",
    "text/javascript",
    "text/json",
    "text/plain",
    "text/xml",
];

/// Character sets that are shown.
const CHARSETS: &[&str] = &[
    "iso-8859-1",
    "iso-8859-2",
    "us-ascii",
    "utf-16",
    "utf-8",
    "windows-1250",
    "windows-1252",
];

/// Content type in lower case, with its character set and no other parameter; hidden where the type
/// is not known.
pub(crate) fn content_type(given: &str) -> String {
    let known = |list: &[&'static str], text: &str| {
        let text = text.trim().trim_matches('"');
        list.iter()
            .copied()
            .find(|one| one.eq_ignore_ascii_case(text))
    };
    let mut parts = given.split(';');
    let Some(media) = parts.next().and_then(|media| known(TYPES, media)) else {
        return HIDDEN.to_owned();
    };
    let charset = parts.take(4).find_map(|part| {
        let (name, value) = part.split_once('=')?;
        let is_charset = name.trim().eq_ignore_ascii_case("charset");
        is_charset.then(|| known(CHARSETS, value)).flatten()
    });
    match charset {
        Some(charset) => format!("{media}; charset={charset}"),
        None => media.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::content_type;

    #[test]
    fn only_known_parts_are_shown() {
        for (given, shown) in [
            ("application/json", "application/json"),
            ("text/html; charset=UTF-8", "text/html; charset=utf-8"),
            (
                "Text/HTML;x=jane;Charset=\"utf-8\"",
                "text/html; charset=utf-8",
            ),
            ("text/html; charset=jane", "text/html"),
            ("text/html; boundary=jane@example.com", "text/html"),
            ("jane@example.com", "(hidden)"),
            ("text/jane", "(hidden)"),
            ("", "(hidden)"),
            ("application/json text/jane", "(hidden)"),
        ] {
            assert_eq!(content_type(given), shown, "{given}");
        }
    }
}
