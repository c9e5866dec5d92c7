//! Control calls by their paths.

use axum::http::{Method, StatusCode};
use axum::response::Response;

use super::answers::{callback_sent, callbacks, done, now, outcome, refused};
use super::bodies::{card_of, object, wants_wallet, word};
use crate::domain::payment::bank_transfer::BankTransfer;
use crate::domain::payment::token_charge::TokenChargeOutcome;
use crate::engine::Engine;
use crate::http::faults;
use crate::http::reply::{message, plain};
use crate::wire::openapi::OPENAPI;
use crate::wire::query::query_value;
use crate::wire::request::payment::read_advance;

const SEND_CARD: &str = "Send a JSON body such as {\"CardNumber\":\"4444888888885559\"}.";

const SEND_OUTCOME: &str =
    "Send a JSON body such as {\"Outcome\":\"Waiting\"}; there is also Succeeded and Failed.";
const SEND_RESULT: &str = "Send a JSON body such as {\"Result\":\"Failed\"}; there is also \
                           Successful, NotFound, ThreeDSAuthenticationRequired, \
                           AuthenticationFails, and Barion's error codes such as CardExpired.";

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
    SendCallback(String),
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
            ["payments", id, "callback"] => Self::SendCallback((*id).to_owned()),
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
            | Self::SendCallback(_)
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
            Self::Token(id) => {
                match word(body, "Result").and_then(|w| TokenChargeOutcome::read(&w)) {
                    Some(wanted) => done(engine.next_token_charge(&id, wanted)),
                    None => message(StatusCode::BAD_REQUEST, SEND_RESULT),
                }
            }
            Self::Pay(id) => match card_of(body) {
                Some(card) => outcome(engine.pay(&id, &card)),
                None => message(StatusCode::BAD_REQUEST, SEND_CARD),
            },
            Self::CardPending(id) => outcome(engine.ask_bank(&id)),
            Self::Cancel(id) => outcome(engine.cancel(&id)),
            Self::SendCallback(id) => callback_sent(engine.send_callback(&id), &id),
            Self::Callbacks => callbacks(engine, query),
            Self::Faults => faults::control::answer(&engine.faults, method, body),
            Self::Nothing => message(
                StatusCode::NOT_FOUND,
                "There is GET /sandbox/health, GET /sandbox/openapi.json, POST \
                 /sandbox/clock/advance, POST /sandbox/payments/{PaymentId}/pay, POST \
                 /sandbox/payments/{PaymentId}/cancel, POST \
                 /sandbox/payments/{PaymentId}/callback, GET /sandbox/callbacks, POST \
                 /sandbox/payments/{PaymentId}/card-pending, POST \
                 /sandbox/payments/{PaymentId}/bank-transfer, POST /sandbox/tokens/{RecurrenceId} \
                 and GET, PUT and DELETE /sandbox/faults.",
            ),
        }
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

/// A segment of a path without its percent signs.
fn decoded(segment: &str) -> String {
    // In a query, unlike here, a plus would stand for a blank.
    let query = format!("x={}", segment.replace('+', "%2B").replace('&', "%26"));
    query_value(Some(&query), "x").unwrap_or_default()
}
