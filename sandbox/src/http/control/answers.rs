//! Answers of control calls.

use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use crate::callback::{CallbackAttempt, CallbackNext};
use crate::engine::{ControlError, Engine, Outcome};
use crate::http::reply::{json, message, not_kept};
use crate::store::StoreError;
use crate::values::id::{format_id, read_id};
use crate::values::time;
use crate::wire::query::query_value;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Now {
    now: String,
}

pub(super) fn now(engine: &Engine) -> Response {
    match engine.run(|_, now| Ok::<_, StoreError>(now)) {
        Ok(now) => {
            let now = time::zoned(now);
            json(StatusCode::OK, &Now { now })
        }
        Err(_) => not_kept(),
    }
}

pub(super) fn done(result: Result<(), ControlError>) -> Response {
    match result {
        Ok(()) => json(StatusCode::OK, &serde_json::json!({})),
        Err(error) => refused(&error),
    }
}

pub(super) fn outcome(result: Result<Outcome, ControlError>) -> Response {
    match result {
        Ok(outcome) => json(StatusCode::OK, &outcome),
        Err(error) => refused(&error),
    }
}

pub(super) fn refused(error: &ControlError) -> Response {
    let status = match error {
        ControlError::UnknownPayment(_) | ControlError::UnknownToken(_) => StatusCode::NOT_FOUND,
        ControlError::NotOpen(_) | ControlError::NotPossible(_) | ControlError::NoCallback => {
            StatusCode::CONFLICT
        }
        ControlError::NotACard => StatusCode::BAD_REQUEST,
        ControlError::NotWritten => StatusCode::INTERNAL_SERVER_ERROR,
    };
    message(status, &error.to_string())
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CallbackSent {
    payment_id: String,
    callback_url: String,
}

pub(super) fn callback_sent(result: Result<String, ControlError>, id: &str) -> Response {
    match result {
        Ok(callback_url) => {
            let payment_id = read_id(id).map(format_id).unwrap_or_default();
            let body = CallbackSent {
                payment_id,
                callback_url,
            };
            json(StatusCode::OK, &body)
        }
        Err(error) => refused(&error),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Attempts {
    callbacks: Vec<Logged>,
}

/// An attempt, as `GET /sandbox/callbacks` shows it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Logged {
    payment_id: String,
    url: String,
    attempt: u8,
    at: String,
    status: Option<u16>,
    error: Option<String>,
    given_up: bool,
    next_attempt_at: Option<String>,
}

impl Logged {
    fn of(attempt: CallbackAttempt) -> Self {
        Self {
            payment_id: attempt.payment_id,
            url: attempt.url,
            attempt: attempt.number,
            at: time::zoned(attempt.at),
            status: attempt.result.as_ref().ok().copied(),
            error: attempt.result.err(),
            given_up: attempt.next == CallbackNext::GivenUp,
            next_attempt_at: match attempt.next {
                CallbackNext::RetryAt(time) => Some(time::zoned(time)),
                _ => None,
            },
        }
    }
}

pub(super) fn callbacks(engine: &Engine, query: Option<&str>) -> Response {
    let wanted = query_value(query, "PaymentId");
    let id = wanted.as_deref().and_then(read_id).map(format_id);
    if wanted.is_some() && id.is_none() {
        return message(StatusCode::BAD_REQUEST, "The PaymentId is not a GUID.");
    }
    let all = engine.callbacks.log().into_iter();
    let callbacks = all
        .filter(|one| id.as_ref().is_none_or(|id| *id == one.payment_id))
        .map(Logged::of)
        .collect();
    json(StatusCode::OK, &Attempts { callbacks })
}
