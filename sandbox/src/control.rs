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
use crate::{BankTransfer, TokenCharge};

const SEND_CARD: &str = "Send a JSON body such as {\"CardNumber\":\"4444888888885559\"}.";

const SEND_OUTCOME: &str =
    "Send a JSON body such as {\"Outcome\":\"Waiting\"}; there is also Succeeded and Failed.";
const SEND_RESULT: &str = "Send a JSON body such as {\"Result\":\"Failed\"}; there is also Successful, \
                           NotFound, ThreeDSAuthenticationRequired, AuthenticationFails, and Barion's \
                           error codes such as CardExpired.";

/// What a path below `/sandbox/` stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Control {
    Health,
    Advance,
    Pay(String),
    Cancel(String),
    BankTransfer(String),
    /// The shop's id of a token.
    Token(String),
    /// Below `/sandbox/`, but nothing that exists.
    Nothing,
}

impl Control {
    /// Finds the call of a path; `None` when it is not for the control at all.
    pub(crate) fn of(path: &str) -> Option<Self> {
        // Ids of tokens are the shop's own words: their letters stay as they are.
        let original = path;
        let path = path.to_ascii_lowercase();
        let rest = path.strip_prefix("/sandbox/")?;
        let segments: Vec<&str> = rest.split('/').collect();
        Some(match segments.as_slice() {
            ["health"] => Self::Health,
            ["clock", "advance"] => Self::Advance,
            ["payments", id, "pay"] => Self::Pay((*id).to_owned()),
            ["payments", id, "bank-transfer"] => Self::BankTransfer((*id).to_owned()),
            ["tokens", id] => Self::Token(decoded(&original[original.len() - id.len()..])),
            ["payments", id, "cancel"] => Self::Cancel((*id).to_owned()),
            _ => Self::Nothing,
        })
    }

    /// The one method of the call; there is none of what does not exist.
    pub(crate) fn method(&self) -> Option<Method> {
        match self {
            Self::Health => Some(Method::GET),
            Self::Advance
            | Self::Pay(_)
            | Self::Cancel(_)
            | Self::BankTransfer(_)
            | Self::Token(_) => Some(Method::POST),
            Self::Nothing => None,
        }
    }

    pub(crate) fn perform(self, engine: &Engine, body: &[u8]) -> Response {
        match self {
            Self::Health => json_answer(StatusCode::OK, &now_of(engine)),
            Self::Advance => advance(engine, body),
            Self::Pay(id) if wants_wallet(body) => outcome(engine.pay_by_wallet(&id)),
            Self::BankTransfer(id) => {
                match word(body, "Outcome").and_then(|w| BankTransfer::read(&w)) {
                    Some(wanted) => outcome(engine.bank_transfer(&id, wanted)),
                    None => message(StatusCode::BAD_REQUEST, SEND_OUTCOME),
                }
            }
            Self::Token(id) => match word(body, "Result").and_then(|w| TokenCharge::read(&w)) {
                Some(wanted) => done(engine.next_token_charge(&id, wanted)),
                None => message(StatusCode::BAD_REQUEST, SEND_RESULT),
            },
            Self::Pay(id) => match card_of(body) {
                Some(card) => outcome(engine.pay(&id, &card)),
                None => message(StatusCode::BAD_REQUEST, SEND_CARD),
            },
            Self::Cancel(id) => outcome(engine.cancel(&id)),
            Self::Nothing => message(
                StatusCode::NOT_FOUND,
                "There is GET /sandbox/health, POST /sandbox/clock/advance, \
                 POST /sandbox/payments/{PaymentId}/pay, POST /sandbox/payments/{PaymentId}/cancel, \
                 POST /sandbox/payments/{PaymentId}/bank-transfer and POST /sandbox/tokens/{RecurrenceId}.",
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

fn word(body: &[u8], name: &str) -> Option<String> {
    match object(body)?.get(name) {
        Json::Text(text) => Some(text.clone()),
        _ => None,
    }
}

fn wants_wallet(body: &[u8]) -> bool {
    object(body).is_some_and(|object| *object.get("Wallet") == Json::Bool(true))
}

/// A segment of a path without its percent signs.
fn decoded(segment: &str) -> String {
    // In a query, unlike here, a plus would stand for a blank.
    let query = format!("x={}", segment.replace('+', "%2B").replace('&', "%26"));
    crate::key::query_value(Some(&query), "x").unwrap_or_default()
}

fn done(result: Result<(), ControlError>) -> Response {
    match result {
        Ok(()) => json_answer(StatusCode::OK, &serde_json::json!({})),
        Err(error) => refused(&error),
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
        Err(error) => refused(&error),
    }
}

fn refused(error: &ControlError) -> Response {
    let status = match error {
        ControlError::UnknownPayment(_) | ControlError::UnknownToken(_) => StatusCode::NOT_FOUND,
        ControlError::NotOpen(_) | ControlError::NotPossible(_) => StatusCode::CONFLICT,
        ControlError::NotACard => StatusCode::BAD_REQUEST,
    };
    message(status, &error.to_string())
}
