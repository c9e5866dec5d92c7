//! Makes a text fit for an error message: short, on one line, without ids, addresses and tokens.

use regex_lite::{Captures, Regex};

/// The greatest number of characters of a snippet.
const LENGTH: usize = 160;

/// A short piece of a body that could not be read, to recognise it by.
pub(crate) fn snippet(body: &[u8]) -> Option<String> {
    // Only the beginning is looked at: a body may have megabytes.
    let text = String::from_utf8_lossy(&body[..body.len().min(16 * LENGTH)]);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = if text.starts_with(['{', '[']) {
        without_values(&text)
    } else {
        text
    };
    if text.is_empty() {
        return None;
    }
    let mut short: String = redact(&text).chars().take(LENGTH).collect();
    if short.chars().count() == LENGTH {
        short.push('…');
    }
    Some(short)
}

/// JSON that could not be read may still be an answer of Barion, with a payer's name in it: only what the platform says
/// of itself (`Message`) keeps its text.
fn without_values(json: &str) -> String {
    let Ok(pattern) = Regex::new(r#""([^"\\]*)" ?: ?"((?:[^"\\]|\\.)*)("|$)"#) else {
        return String::new();
    };
    let shown = |found: &Captures<'_>| match &found[1] {
        "Message" => found[0].to_owned(),
        name => format!("\"{name}\":\"(hidden){}", &found[3]),
    };
    pattern.replace_all(json, shown).into_owned()
}

/// Hides e-mail addresses, ids (keys look like ids), query strings and long tokens.
pub(crate) fn redact(text: &str) -> String {
    // Whatever is long and not a plain word, or follows a question mark, may be a secret.
    let Ok(pattern) = Regex::new(
        r"[^\s<>'(]+@[^\s<>')]+|\?[^\s<>']*=[^\s<>']*|[0-9A-Fa-f-]{32,}|[A-Za-z0-9+/_=.-]{33,}",
    ) else {
        return String::new();
    };
    pattern
        .replace_all(text, |found: &Captures<'_>| {
            if found[0].contains('@') {
                "(e-mail)"
            } else {
                "(hidden)"
            }
        })
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::{redact, snippet};

    #[test]
    fn html_stays_recognisable() {
        let body = b"<!DOCTYPE html>\n<html>\n  <title>Just a moment...</title>";
        assert_eq!(
            snippet(body).unwrap(),
            "<!DOCTYPE html> <html> <title>Just a moment...</title>"
        );
    }

    #[test]
    fn keys_mails_and_tokens_are_hidden() {
        let text = "call to https://api.barion.com/v2/x?POSKey=1&a=2 by (jane@example.com) with \
                    11111111-1111-1111-1111-111111111111 and 11111111111111111111111111111111 and \
                    eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0";
        let shown = redact(text);
        for secret in ["POSKey", "jane", "1111", "eyJ"] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
        assert!(
            shown.starts_with(
                "call to https://api.barion.com/v2/x(hidden) by ((e-mail)) with (hidden)"
            ),
            "{shown}"
        );
    }

    #[test]
    fn json_keeps_its_shape_and_the_words_of_the_platform() {
        let body = r#"{ "Payer": {"FirstName":"Jane \"J\" Payer", "Age": 41}, "Total": 84.00, "LastName" : "Ro"#;
        let shown = snippet(body.as_bytes()).unwrap();
        assert_eq!(
            shown,
            r#"{ "Payer": {"FirstName":"(hidden)", "Age": 41}, "Total": 84.00, "LastName":"(hidden)"#
        );
        let body = r#"{"Message":"An error has occurred.","ExceptionMessage":"at Jane"}"#;
        let shown = snippet(body.as_bytes()).unwrap();
        assert_eq!(
            shown,
            r#"{"Message":"An error has occurred.","ExceptionMessage":"(hidden)"}"#
        );
    }

    #[test]
    fn it_is_short_and_never_splits_a_character() {
        let long = "é".repeat(5_000);
        assert_eq!(snippet(long.as_bytes()).unwrap().chars().count(), 161);
        assert_eq!(snippet(b"  \n "), None);
    }
}
