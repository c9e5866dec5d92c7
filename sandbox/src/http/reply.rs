//! Answers as HTTP has them: a status, a content type, and a body.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::values::time;

/// A JSON answer with Barion's content type.
pub(crate) fn json<T: Serialize>(status: StatusCode, value: &T) -> Response {
    // These types have text keys only and cannot fail to be written.
    let text = serde_json::to_string(value).unwrap_or_else(|_| "{}".to_owned());
    plain(status, "application/json; charset=utf-8", text)
}

/// An answer of any type.
pub(crate) fn plain(status: StatusCode, kind: &'static str, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// A file.
pub(crate) fn file(kind: &'static str, bytes: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(bytes));
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Message<'a> {
    message: &'a str,
}

/// A body with nothing but a `Message`, as the platform answers for itself.
pub(crate) fn message(status: StatusCode, text: &str) -> Response {
    json(status, &Message { message: text })
}

/// The answer when the store failed: nothing was changed.
pub(crate) fn not_kept() -> Response {
    message(StatusCode::INTERNAL_SERVER_ERROR, "An error has occurred.")
}

/// The answer with the sandbox's time, not that of the machine.
pub(crate) fn dated(mut answer: Response, now: DateTime<Utc>) -> Response {
    let date = time::http_date(now);
    if let Ok(date) = HeaderValue::from_str(&date) {
        answer.headers_mut().insert(header::DATE, date);
    }
    answer
}
