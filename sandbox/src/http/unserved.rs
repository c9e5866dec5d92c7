//! Requests that are not served, and the platform's answers to them, without the API's envelope.

use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;

use super::reply::message;

/// Why a request is not served.
pub(super) enum NotServed {
    NoRoute(String),
    Method { given: Method, only: Method },
    TooLarge,
    Unreadable,
}

/// Refuses every method but one.
pub(super) fn allowed(method: &Method, only: &Method) -> Result<(), NotServed> {
    if method == only {
        return Ok(());
    }
    Err(NotServed::Method {
        given: method.clone(),
        only: only.clone(),
    })
}

impl NotServed {
    pub(super) fn answer(self) -> Response {
        match self {
            Self::NoRoute(address) => message(
                StatusCode::NOT_FOUND,
                &format!("No HTTP resource was found that matches the request URI '{address}'."),
            ),
            Self::Method { given, only } => {
                let text =
                    format!("The requested resource does not support http method '{given}'.");
                let mut response = message(StatusCode::METHOD_NOT_ALLOWED, &text);
                if let Ok(value) = HeaderValue::from_str(only.as_str()) {
                    response.headers_mut().insert(header::ALLOW, value);
                }
                response
            }
            // Assumed: how Barion answers too large a body is not known.
            Self::TooLarge => message(
                StatusCode::PAYLOAD_TOO_LARGE,
                "The request body is larger than this sandbox reads (1 MiB).",
            ),
            Self::Unreadable => message(
                StatusCode::BAD_REQUEST,
                "The request body could not be read to its end.",
            ),
        }
    }
}
