//! Bodies of requests and answers in memory.

use axum::body::{Body, Bytes, to_bytes};
use axum::response::Response;

use super::unserved::NotServed;

/// The body as far as it could be read.
pub(super) type Read = Result<Bytes, NotServed>;

/// The answer, and its body once more for the log.
pub(super) async fn copied(answer: Response) -> (Response, String) {
    let (head, body) = answer.into_parts();
    let bytes = bytes_of(body).await;
    let text = lossy(&bytes);
    (Response::from_parts(head, Body::from(bytes)), text)
}

/// Bodies are texts in memory and cannot fail to be read.
pub(super) async fn bytes_of(body: Body) -> Bytes {
    to_bytes(body, usize::MAX).await.unwrap_or_default()
}

/// The text; what is not UTF-8 is replaced.
pub(super) fn lossy(bytes: &[u8]) -> String {
    // Looking at all of it at once is faster than piece by piece.
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => String::from_utf8_lossy(bytes).into_owned(),
    }
}
