//! The sandbox's own calls, for tests in any language: pay, cancel, advance the clock, health.
//!
//! They need no key: this is a tool for one computer.

use axum::http::{Method, StatusCode};
use axum::response::Response;
use serde::Serialize;

use crate::answer::{json as json_answer, message};
use crate::engine::{ControlError, Engine, Outcome};
use crate::request::calls::read_advance;
use crate::request::json::{self, Json, Object};
use crate::wire;

const SEND_CARD: &str = "Send a JSON body such as {\"CardNumber\":\"4444888888885559\"}.";

/// What a path below `/sandbox/` stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Control {
    Health,
    Advance,
    Pay(String),
    Cancel(String),
    /// Below `/sandbox/`, but nothing that exists.
    Nothing,
}

impl Control {
    /// Finds the call of a path; `None` when it is not for the control at all.
    pub(crate) fn of(path: &str) -> Option<Self> {
        let path = path.to_ascii_lowercase();
        let rest = path.strip_prefix("/sandbox/")?;
        let segments: Vec<&str> = rest.split('/').collect();
        Some(match segments.as_slice() {
            ["health"] => Self::Health,
            ["clock", "advance"] => Self::Advance,
            ["payments", id, "pay"] => Self::Pay((*id).to_owned()),
            ["payments", id, "cancel"] => Self::Cancel((*id).to_owned()),
            _ => Self::Nothing,
        })
    }

    /// The one method of the call; there is none of what does not exist.
    pub(crate) fn method(&self) -> Option<Method> {
        match self {
            Self::Health => Some(Method::GET),
            Self::Advance | Self::Pay(_) | Self::Cancel(_) => Some(Method::POST),
            Self::Nothing => None,
        }
    }

    pub(crate) fn perform(self, engine: &Engine, body: &[u8]) -> Response {
        match self {
            Self::Health => json_answer(StatusCode::OK, &now_of(engine)),
            Self::Advance => advance(engine, body),
            Self::Pay(id) => match card_of(body) {
                Some(card) => outcome(engine.pay(&id, &card)),
                None => message(StatusCode::BAD_REQUEST, SEND_CARD),
            },
            Self::Cancel(id) => outcome(engine.cancel(&id)),
            Self::Nothing => message(
                StatusCode::NOT_FOUND,
                "There is GET /sandbox/health, POST /sandbox/clock/advance, \
                 POST /sandbox/payments/{PaymentId}/pay and POST /sandbox/payments/{PaymentId}/cancel.",
            ),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Now {
    now: String,
}

fn now_of(engine: &Engine) -> Now {
    Now {
        now: wire::zoned(engine.run(|_, now| now)),
    }
}

fn advance(engine: &Engine, body: &[u8]) -> Response {
    let read = match object(body) {
        Some(object) => read_advance(&object),
        None => Err(vec![
            "Send a JSON body such as {\"Seconds\":1800}.".to_owned(),
        ]),
    };
    match read {
        Ok(by) => {
            engine.advance(by);
            json_answer(StatusCode::OK, &now_of(engine))
        }
        Err(problems) => message(StatusCode::BAD_REQUEST, &problems.join(" ")),
    }
}

fn card_of(body: &[u8]) -> Option<String> {
    match object(body)?.get("CardNumber") {
        Json::Text(text) | Json::Number(text) => Some(text.clone()),
        _ => None,
    }
}

fn object(body: &[u8]) -> Option<Object> {
    match json::parse(body) {
        Ok(Json::Object(object)) => Some(object),
        _ => None,
    }
}

fn outcome(result: Result<Outcome, ControlError>) -> Response {
    match result {
        Ok(outcome) => json_answer(StatusCode::OK, &outcome),
        Err(error) => {
            let status = match error {
                ControlError::UnknownPayment(_) => StatusCode::NOT_FOUND,
                ControlError::NotOpen(_) => StatusCode::CONFLICT,
                ControlError::NotACard => StatusCode::BAD_REQUEST,
            };
            message(status, &error.to_string())
        }
    }
}
