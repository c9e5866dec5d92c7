//! The sandbox's own calls, for tests in any language: pay, cancel, callbacks, the clock, health.
//!
//! They need no key: this is a tool for one computer.

use axum::http::{Method, StatusCode};
use axum::response::Response;
use serde::Serialize;

use crate::answer::{json as json_answer, message, not_kept, plain};
use crate::callback::{CallbackAttempt, CallbackNext};
use crate::engine::{ControlError, Engine, Outcome};
use crate::key::query_value;
use crate::request::calls::read_advance;
use crate::request::json::{self, Json, Object};
use crate::store::db::StoreError;
use crate::{BankTransfer, OPENAPI, TokenCharge};
use crate::{faults, wire};

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
    /// The description of the API that the sandbox answers.
    OpenApi,
    Advance,
    Pay(String),
    /// The bank takes its time over a card.
    CardPending(String),
    Cancel(String),
    CallBack(String),
    Callbacks,
    Faults,
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
            ["openapi.json"] => Self::OpenApi,
            ["clock", "advance"] => Self::Advance,
            ["payments", id, "pay"] => Self::Pay((*id).to_owned()),
            ["payments", id, "card-pending"] => Self::CardPending((*id).to_owned()),
            ["payments", id, "bank-transfer"] => Self::BankTransfer((*id).to_owned()),
            ["tokens", id] => Self::Token(decoded(&original[original.len() - id.len()..])),
            ["payments", id, "cancel"] => Self::Cancel((*id).to_owned()),
            ["payments", id, "callback"] => Self::CallBack((*id).to_owned()),
            ["callbacks"] => Self::Callbacks,
            ["faults"] => Self::Faults,
            _ => Self::Nothing,
        })
    }

    /// The one method of the call; there is none of what does not exist, and several for faults.
    pub(crate) fn method(&self) -> Option<Method> {
        match self {
            Self::Health | Self::OpenApi | Self::Callbacks => Some(Method::GET),
            Self::Advance
            | Self::Pay(_)
            | Self::CardPending(_)
            | Self::Cancel(_)
            | Self::CallBack(_)
            | Self::BankTransfer(_)
            | Self::Token(_) => Some(Method::POST),
            Self::Nothing | Self::Faults => None,
        }
    }

    pub(crate) async fn perform(
        self,
        engine: &Engine,
        method: &Method,
        query: Option<&str>,
        body: &[u8],
    ) -> Response {
        match self {
            Self::Health => now(engine),
            Self::OpenApi => plain(
                StatusCode::OK,
                "application/json; charset=utf-8",
                OPENAPI.to_owned(),
            ),
            Self::Advance => advance(engine, body).await,
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
            Self::CardPending(id) => outcome(engine.ask_bank(&id)),
            Self::Cancel(id) => outcome(engine.cancel(&id)),
            Self::CallBack(id) => called_back(engine.call_back(&id), &id),
            Self::Callbacks => callbacks(engine, query),
            Self::Faults => faults::control::answer(&engine.faults, method, body),
            Self::Nothing => message(
                StatusCode::NOT_FOUND,
                "There is GET /sandbox/health, GET /sandbox/openapi.json, POST /sandbox/clock/advance, \
                 POST /sandbox/payments/{PaymentId}/pay, POST /sandbox/payments/{PaymentId}/cancel, \
                 POST /sandbox/payments/{PaymentId}/callback, GET /sandbox/callbacks, \
                 POST /sandbox/payments/{PaymentId}/card-pending, \
                 POST /sandbox/payments/{PaymentId}/bank-transfer, POST /sandbox/tokens/{RecurrenceId} \
                 and GET, PUT and DELETE /sandbox/faults.",
            ),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Now {
    now: String,
}

fn now(engine: &Engine) -> Response {
    match engine.run(|_, now| Ok::<_, StoreError>(now)) {
        Ok(now) => {
            let now = wire::zoned(now);
            json_answer(StatusCode::OK, &Now { now })
        }
        Err(_) => not_kept(),
    }
}

async fn advance(engine: &Engine, body: &[u8]) -> Response {
    let read = match object(body) {
        Some(object) => read_advance(&object),
        None => Err(vec![
            "Send a JSON body such as {\"Seconds\":1800}.".to_owned(),
        ]),
    };
    match read {
        Ok(by) => match engine.advance(by).await {
            Ok(_) => now(engine),
            Err(error) => refused(&error.into()),
        },
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
struct CalledBack {
    payment_id: String,
    callback_url: String,
}

fn called_back(result: Result<String, ControlError>, id: &str) -> Response {
    match result {
        Ok(callback_url) => {
            let payment_id = wire::read_id(id).map(wire::id).unwrap_or_default();
            let body = CalledBack {
                payment_id,
                callback_url,
            };
            json_answer(StatusCode::OK, &body)
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
            at: wire::zoned(attempt.at),
            status: attempt.result.as_ref().ok().copied(),
            error: attempt.result.err(),
            given_up: attempt.next == CallbackNext::GivenUp,
            next_attempt_at: match attempt.next {
                CallbackNext::RetryAt(time) => Some(wire::zoned(time)),
                _ => None,
            },
        }
    }
}

fn callbacks(engine: &Engine, query: Option<&str>) -> Response {
    let wanted = query_value(query, "PaymentId");
    let id = wanted.as_deref().and_then(wire::read_id).map(wire::id);
    if wanted.is_some() && id.is_none() {
        return message(StatusCode::BAD_REQUEST, "The PaymentId is not a GUID.");
    }
    let all = engine.callbacks.log().into_iter();
    let callbacks = all
        .filter(|one| id.as_ref().is_none_or(|id| *id == one.payment_id))
        .map(Logged::of)
        .collect();
    json_answer(StatusCode::OK, &Attempts { callbacks })
}
