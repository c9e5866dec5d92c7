//! Snippet of a body that could not be read.

use std::fmt;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Deserializer as _, IgnoredAny, MapAccess, Visitor};

/// How much of a body is kept, for `body_unredacted`.
const KEPT: usize = 64 * 1024;

/// How far the title of a page is searched for.
const HEAD: usize = 16 * 1024;

/// Properties at the top of an answer whose names are shown, if they are there.
const NAMES: &[&str] = &[
    "Currency",
    "ErrorCode",
    "ErrorList",
    "Errors",
    "ExceptionMessage",
    "ExceptionType",
    "GatewayUrl",
    "IsSuccessful",
    "Message",
    "MessageDetail",
    "PaymentId",
    "PaymentRequestId",
    "PaymentStatus",
    "QRUrl",
    "RecurrenceResult",
    "RefundedTransactions",
    "StackTrace",
    "Status",
    "Total",
    "TraceId",
    "Transactions",
];

/// Messages of the platform below Barion, or their beginnings.
const MESSAGES: &[&str] = &[
    "An error has occurred.",
    "No HTTP resource was found that matches the request URI",
    "The requested resource does not support http method",
];

/// Titles of pages that stand in front of services.
const TITLES: &[&str] = &[
    "301 Moved Permanently",
    "302 Found",
    "400 Bad Request",
    "401 Authorization Required",
    "403 Forbidden",
    "404 Not Found",
    "405 Not Allowed",
    "408 Request Time-out",
    "429 Too Many Requests",
    "500 Internal Server Error",
    "502 Bad Gateway",
    "503 Service Temporarily Unavailable",
    "503 Service Unavailable",
    "504 Gateway Time-out",
    "504 Gateway Timeout",
    "Access Denied",
    "Attention Required!",
    "Attention Required! | Cloudflare",
    "Bad Gateway",
    "Bad Request",
    "Document Moved",
    "Error",
    "Forbidden",
    "Gateway Timeout",
    "Internal Server Error",
    "Just a moment...",
    "Maintenance",
    "Not Found",
    "Object moved",
    "Please Wait... | Cloudflare",
    "Request Rejected",
    "Runtime Error",
    "Service Unavailable",
    "Too Many Requests",
    "Under Maintenance",
];

/// A body that could not be read: its snippet, fit for logs, and its original beginning, which is
/// not.
#[derive(Clone)]
pub(crate) struct Snippet {
    shown: String,
    body: Arc<[u8]>,
}

impl Snippet {
    /// Its shape, its length, and known words in it. Nothing else of its contents.
    pub(crate) fn shown(&self) -> &str {
        &self.shown
    }

    /// Its original beginning.
    pub(crate) fn unredacted(&self) -> &[u8] {
        &self.body
    }
}

/// Never the body.
impl fmt::Debug for Snippet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// Snippet of a body; `None` for an empty one.
pub(crate) fn snippet(body: &[u8]) -> Option<Snippet> {
    (!body.is_empty()).then(|| Snippet {
        shown: described(body),
        body: body[..body.len().min(KEPT)].into(),
    })
}

fn described(body: &[u8]) -> String {
    let unmarked = body.strip_prefix(b"\xef\xbb\xbf");
    let content = unmarked.unwrap_or(body).trim_ascii();
    let (shape, more) = shape(content);
    let mark = if unmarked.is_some() {
        " with a byte order mark"
    } else {
        ""
    };
    format!("{shape} of {} bytes{mark}{more}", body.len())
}

/// Shape of a body, and what is known to be in it.
fn shape(content: &[u8]) -> (&'static str, String) {
    let none = String::new();
    let begin = content.get(..HEAD).unwrap_or(content);
    match content {
        [] => return ("blanks", none),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => return ("UTF-16 text", none),
        [0x1f, 0x8b, ..] => return ("compressed data", none),
        _ if begin.contains(&0) || !is_utf8(begin) => return ("binary data", none),
        _ => {}
    }
    match content[0] {
        b'{' => json_object(content),
        b'[' if is_json(content) => ("a JSON array", none),
        b'[' => ("broken JSON", none),
        b'<' => page(begin),
        _ if is_json(content) => ("a JSON value", none),
        _ if is_form(begin) => ("a form", none),
        _ => ("text", none),
    }
}

/// A character that is cut in the middle does not count.
fn is_utf8(bytes: &[u8]) -> bool {
    match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    }
}

fn is_json(content: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(content).is_ok()
}

fn is_form(begin: &[u8]) -> bool {
    let of_form = |byte: &u8| byte.is_ascii_alphanumeric() || b"=&%+-_.*[]".contains(byte);
    begin.contains(&b'=') && begin.iter().all(of_form)
}

fn json_object(content: &[u8]) -> (&'static str, String) {
    let mut top = Top::default();
    let mut json = serde_json::Deserializer::from_slice(content);
    let whole = json.deserialize_map(&mut top).is_ok() && json.end().is_ok();
    let mut more = String::new();
    if !top.names.is_empty() {
        more = format!(", with {}", top.names.join(", "));
    }
    if let Some(message) = top.message {
        more = format!("{more}: {message:?}");
    }
    (
        if whole {
            "a JSON object"
        } else {
            "broken JSON"
        },
        more,
    )
}

/// Known properties at the top of an object.
#[derive(Default)]
struct Top {
    names: Vec<&'static str>,
    message: Option<&'static str>,
}

impl<'de> Visitor<'de> for &mut Top {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            let known = NAMES.iter().copied().find(|known| *known == name);
            if let Some(known) = known
                && !self.names.contains(&known)
            {
                self.names.push(known);
            }
            if known == Some("Message") {
                self.message = map.next_value_seed(Message)?.or(self.message);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// Reads a message of the platform, if it is one.
struct Message;

impl<'de> DeserializeSeed<'de> for Message {
    type Value = Option<&'static str>;

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        let value = <&serde_json::value::RawValue as serde::Deserialize>::deserialize(json)?;
        let text: String = serde_json::from_str(value.get()).unwrap_or_default();
        Ok(MESSAGES
            .iter()
            .copied()
            .find(|known| text.starts_with(known)))
    }
}

/// A page or another document in angle brackets.
fn page(begin: &[u8]) -> (&'static str, String) {
    let text = String::from_utf8_lossy(begin).to_ascii_lowercase();
    let is_html = ["<!doctype html", "<html", "<head", "<body", "<title"]
        .iter()
        .any(|tag| text.contains(tag));
    if !is_html {
        return ("XML", String::new());
    }
    let title = text
        .split_once("<title")
        .and_then(|(_, rest)| rest.split_once('>'))
        .and_then(|(_, rest)| rest.split_once("</title"))
        .map(|(title, _)| title.split_ascii_whitespace().collect::<Vec<_>>().join(" "));
    let known = title.and_then(|title| {
        let same = |known: &&&str| known.eq_ignore_ascii_case(&title);
        TITLES.iter().find(same)
    });
    (
        "HTML",
        known
            .map(|known| format!(", titled {known:?}"))
            .unwrap_or_default(),
    )
}

#[cfg(test)]
mod tests {
    use super::{KEPT, snippet};

    fn shown(body: impl AsRef<[u8]>) -> String {
        snippet(body.as_ref()).unwrap().shown().to_owned()
    }

    #[test]
    fn shapes_are_told_apart() {
        for (body, expected) in [
            (&b"{}"[..], "a JSON object of 2 bytes"),
            (
                br#"{"PaymentId":"x","Jane":1,"Status":2,"Status":3}"#,
                "a JSON object of 48 bytes, with PaymentId, Status",
            ),
            (
                br#"{"PaymentId":"x","RefundedTr"#,
                "broken JSON of 28 bytes, with PaymentId",
            ),
            (
                br#"{"Errors":[]} and jane"#,
                "broken JSON of 22 bytes, with Errors",
            ),
            (
                b"\xef\xbb\xbf{}",
                "a JSON object of 5 bytes with a byte order mark",
            ),
            (b"[\"jane\"]", "a JSON array of 8 bytes"),
            (b"[\"jane\"", "broken JSON of 7 bytes"),
            (b"\"jane\"", "a JSON value of 6 bytes"),
            (b"36301234567", "a JSON value of 11 bytes"),
            (b"cb({\"a\":1})", "text of 11 bytes"),
            (b"name=jane&phone=36", "a form of 18 bytes"),
            (b"<Error><Message>jane</Message></Error>", "XML of 38 bytes"),
            (b"\xff\xfe{\0}\0", "UTF-16 text of 6 bytes"),
            (b"{\0}\0", "binary data of 4 bytes"),
            (b"\x1f\x8bxx", "compressed data of 4 bytes"),
            (b"\xc3(", "binary data of 2 bytes"),
            (b"jane doe", "text of 8 bytes"),
            (b" \r\n ", "blanks of 4 bytes"),
        ] {
            assert_eq!(shown(body), expected);
        }
        assert!(snippet(b"").is_none());
    }

    #[test]
    fn the_platform_is_quoted_as_far_as_it_is_known() {
        for (message, expected) in [
            ("An error has occurred.", r#": "An error has occurred.""#),
            (
                "No HTTP resource was found that matches the request URI 'https://x/?jane'.",
                r#": "No HTTP resource was found that matches the request URI""#,
            ),
            (
                "The requested resource does not support http method 'JANE'.",
                r#": "The requested resource does not support http method""#,
            ),
            ("Jane: An error has occurred.", ""),
        ] {
            let body = format!(r#"{{"Message":"{message}","ExceptionMessage":"at Jane"}}"#);
            let shown = shown(&body);
            let expected = format!("with Message, ExceptionMessage{expected}");
            assert!(shown.ends_with(&expected), "{shown}");
        }
        assert_eq!(
            shown(r#"{"Message":{"Jane":1}}"#),
            "a JSON object of 22 bytes, with Message"
        );
    }

    #[test]
    fn pages_are_known_by_their_titles() {
        for (page, expected) in [
            (
                "<!DOCTYPE html>\n<html>\n  <title lang='en'>\n Just a\n moment... </title>",
                r#", titled "Just a moment...""#,
            ),
            (
                "<html><TITLE>502 bad gateway</TITLE>",
                r#", titled "502 Bad Gateway""#,
            ),
            ("<html><title>Order of Jane</title>", ""),
            ("<html><title>502 Bad Gateway for jane</title>", ""),
            ("<html><title>", ""),
            ("<html>", ""),
        ] {
            let length = page.len();
            assert_eq!(shown(page), format!("HTML of {length} bytes{expected}"));
        }
    }

    #[test]
    fn much_is_cut_and_deep_is_no_trouble() {
        let deep = "[".repeat(2_000_000);
        assert_eq!(shown(&deep), "broken JSON of 2000000 bytes");
        let deep = format!("{{\"Errors\":{deep}");
        assert_eq!(shown(&deep), "broken JSON of 2000010 bytes, with Errors");
        let long = "é".repeat(KEPT);
        let snippet = snippet(long.as_bytes()).unwrap();
        assert_eq!(snippet.unredacted().len(), KEPT);
        assert_eq!(
            format!("{snippet:?}"),
            format!("text of {} bytes", 2 * KEPT)
        );
    }
}
