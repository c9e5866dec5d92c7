//! HTML frame of all pages: head, style and headers; and escaping of the shop's texts.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;

use crate::http::reply::plain;

const STYLE: &str = include_str!("style.css");

/// Nothing is loaded and no script runs. Forms lead here, and from here on to any shop: browsers
/// apply `form-action` to the redirect as well.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; \
                      form-action 'self' http: https:; base-uri 'none'";

/// One page, before it is put into its frame. Texts other than the body are escaped here.
pub(super) struct Document<'a> {
    pub(super) lang: &'a str,
    pub(super) title: &'a str,
    pub(super) note: &'a str,
    /// Whether there are tables that want the whole window.
    pub(super) wide: bool,
    pub(super) body: &'a str,
}

impl Document<'_> {
    pub(super) fn answer(&self, status: StatusCode) -> Response {
        let text = format!(
            "<!DOCTYPE html>\n<html lang=\"{lang}\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <title>{title} - Barion sandbox</title><style>{STYLE}</style></head>\n\
             <body><main{wide}><h1>{title}</h1>\n{body}\n<p \
             class=\"quiet\">{note}</p></main></body></html>\n",
            lang = escape(self.lang),
            title = escape(self.title),
            wide = if self.wide { " class=\"wide\"" } else { "" },
            body = self.body,
            note = escape(self.note),
        );
        let mut response = plain(status, "text/html; charset=utf-8", text);
        let headers = response.headers_mut();
        for (name, value) in [
            (header::CACHE_CONTROL, "no-store"),
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::REFERRER_POLICY, "no-referrer"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

/// Sends the browser on, with a GET, so that reloading the next page repeats nothing.
pub(super) fn see_other(address: HeaderValue) -> Response {
    let mut response = plain(
        StatusCode::SEE_OTHER,
        "text/plain; charset=utf-8",
        String::new(),
    );
    response.headers_mut().insert(header::LOCATION, address);
    response
}

/// As [`see_other`], to a page of the sandbox itself.
pub(super) fn see_page(path: &str) -> Response {
    match HeaderValue::from_str(path) {
        Ok(address) => see_other(address),
        // Cannot happen: paths made here are ASCII.
        Err(_) => see_other(HeaderValue::from_static("/")),
    }
}

/// Text as it may stand in HTML, also inside a quoted attribute.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_the_shops_text_is_markup() {
        assert_eq!(
            escape("<b a=\"x\" c='y'>&amp;"),
            "&lt;b a=&quot;x&quot; c=&#39;y&#39;&gt;&amp;amp;"
        );
    }
}
