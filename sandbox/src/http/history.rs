//! Calls of the API in the history of the payment that they were about.

use axum::http::Method;
use serde::Deserialize;
use uuid::Uuid;

use crate::domain::payment::history::{Event, Moment};
use crate::engine::{Engine, RecordedRequest};
use crate::http::operations::Operation;
use crate::store::StoreError;
use crate::values::id::read_id;
use crate::wire::json::{self, Json, Object};
use crate::wire::query::query_value;

/// Notes a call with the payment it was about, if there is one.
pub(super) fn note(
    engine: &Engine,
    operation: &Operation,
    seen: &RecordedRequest,
    arrived: Moment,
) {
    // Most answers hold nothing that is needed here, and reading one takes longer than the rest.
    let error = seen.answer.contains("\"ErrorCode\"");
    let answer = error.then(|| object(&seen.answer)).flatten();
    let Some(id) = payment_of(operation, seen) else {
        return;
    };
    let event = Event::Request {
        operation: words(&seen.path),
        answer: outcome(seen.status, answer.as_ref()),
    };
    let read = operation.method == Method::GET;
    // The operation has been carried out, and is answered whether this can be noted or not.
    let _ = engine.run(|store, _| {
        store.note(id, arrived, event, read);
        Ok::<_, StoreError>(())
    });
}

fn payment_of(operation: &Operation, seen: &RecordedRequest) -> Option<Uuid> {
    // A start names its payment in the answer only.
    if operation.starts_payment() {
        let named: Named<'_> = serde_json::from_str(&seen.answer).ok()?;
        return read_id(named.payment_id?);
    }
    let in_path = || seen.path.split('/').find_map(read_id);
    let in_query = || read_id(&query_value(seen.query.as_deref(), "PaymentId")?);
    let in_body = || id_in(&object(&seen.body)?);
    in_path().or_else(in_query).or_else(in_body)
}

/// The payment that an answer names.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named<'a> {
    payment_id: Option<&'a str>,
}

/// The path without its ids, so that nothing secret put there is shown.
fn words(path: &str) -> String {
    let words = path.split('/');
    let words: Vec<&str> = words
        .filter(|word| !word.is_empty() && read_id(word).is_none())
        .collect();
    words.join("/")
}

fn outcome(status: u16, answer: Option<&Object>) -> String {
    let code = answer.and_then(|answer| match answer.get("Errors") {
        Json::List(errors) => match errors.first()? {
            Json::Object(error) => match error.get("ErrorCode") {
                Json::Text(code) => Some(code),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    });
    match code {
        // A fault took the answer away.
        _ if status == 0 => "no answer".to_owned(),
        Some(code) => format!("HTTP {status}, {code}"),
        None => format!("HTTP {status}"),
    }
}

fn id_in(object: &Object) -> Option<Uuid> {
    match object.get("PaymentId") {
        Json::Text(text) => read_id(text),
        _ => None,
    }
}

fn object(text: &str) -> Option<Object> {
    match json::parse(text.as_bytes()) {
        Ok(Json::Object(object)) => Some(object),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_id_is_left_in_an_operation() {
        let path = "/v4/Payment/11111111111111111111111111111111/PaymentState";
        assert_eq!(words(path), "v4/Payment/PaymentState");
        assert_eq!(words("/v2/Payment/Start"), "v2/Payment/Start");
    }

    #[test]
    fn an_error_is_named_by_its_code() {
        let refused = object(r#"{"Errors":[{"ErrorCode":"InvalidUser","Title":"x"}]}"#);
        assert_eq!(outcome(400, refused.as_ref()), "HTTP 400, InvalidUser");
        let done = object(r#"{"Errors":[]}"#);
        assert_eq!(outcome(200, done.as_ref()), "HTTP 200");
        assert_eq!(outcome(429, None), "HTTP 429");
    }
}
