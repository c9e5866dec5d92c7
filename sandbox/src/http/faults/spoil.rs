//! Faults of operations on the wire: answers in place of an operation, and spoilt answers.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;

use super::shape::{Change, changed};
use crate::faults::OperationFault;
use crate::http::reply::{message, plain};

const HTML: &str = "text/html; charset=utf-8";

impl OperationFault {
    /// The answer that comes in place of the operation, of those faults that prevent it.
    pub(crate) fn instead(&self) -> Option<Response> {
        Some(match self {
            // Nobody sees this answer, as the connection is cut.
            Self::CutBefore => plain(StatusCode::OK, HTML, String::new()),
            Self::TooManyRequests { retry_after, html } => too_many(*retry_after, *html),
            Self::ServerError => {
                message(StatusCode::INTERNAL_SERVER_ERROR, "An error has occurred.")
            }
            Self::BadGateway => page(StatusCode::BAD_GATEWAY, "502 Bad Gateway"),
            Self::Captcha => page(StatusCode::OK, "Please confirm that you are human"),
            Self::Latency(_)
            | Self::CutAfter
            | Self::EmptyBody
            | Self::TruncatedJson
            | Self::UnknownValues
            | Self::ExtraFields
            | Self::MissingErrors => return None,
        })
    }

    /// How long the answer is held up.
    pub(crate) fn delay(&self) -> Duration {
        match self {
            Self::Latency(time) => *time,
            _ => Duration::ZERO,
        }
    }

    /// Whether the connection is closed instead of an answer.
    pub(crate) fn cuts(&self) -> bool {
        matches!(self, Self::CutBefore | Self::CutAfter)
    }

    /// The answer of an operation that was carried out, spoilt. Failures with their own status keep
    /// it, except that an empty body is always a success to the eye.
    pub(crate) async fn spoil(&self, answer: Response) -> Response {
        let spoilt: fn(&str) -> String = match self {
            Self::EmptyBody => |_| String::new(),
            Self::TruncatedJson => |text| half(text).to_owned(),
            Self::UnknownValues => |text| changed(text, Change::UnknownValues),
            Self::ExtraFields => |text| changed(text, Change::ExtraFields),
            Self::MissingErrors => |text| changed(text, Change::MissingErrors),
            _ => return answer,
        };
        let (mut head, body) = answer.into_parts();
        // Bodies are texts in memory and cannot fail to be read.
        let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
        if matches!(self, Self::EmptyBody) {
            head.status = StatusCode::OK;
        }
        let text = match std::str::from_utf8(&bytes) {
            Ok(text) => spoilt(text),
            // An image: there is no JSON in it to be spoilt.
            Err(_) => return Response::from_parts(head, Body::from(bytes)),
        };
        Response::from_parts(head, Body::from(text))
    }
}

fn too_many(retry_after: Option<u32>, html: bool) -> Response {
    let status = StatusCode::TOO_MANY_REQUESTS;
    let mut answer = if html {
        page(status, "429 Too Many Requests")
    } else {
        plain(status, "text/plain; charset=utf-8", String::new())
    };
    if let Some(seconds) = retry_after {
        answer
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    answer
}

fn page(status: StatusCode, title: &str) -> Response {
    let text = format!(
        "<!DOCTYPE \
         html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    );
    plain(status, HTML, text)
}

/// The first half, up to a whole letter.
fn half(text: &str) -> &str {
    let mut end = text.len() / 2;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_text_ends_with_a_whole_letter() {
        for (text, first) in [("", ""), ("{}", "{"), ("\"é\"", "\""), ("ééé", "é")] {
            assert_eq!(half(text), first);
        }
    }
}
