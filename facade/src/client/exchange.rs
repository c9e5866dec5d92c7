//! HTTP exchange with Barion: sends a request once, and turns what comes back into an answer, or
//! into an error that knows whether the request may have taken effect.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use barion_generated::hooks::{Exchange, Seen};
use barion_generated::wire::Guid;
use barion_generated::{Error as RawError, types};
use serde_json::error::Category;

use super::Client;
use super::retry::asked_pause;
use super::telemetry::{Attempt, CallSpan};
use crate::error::redact::snippet;
use crate::error::{ApiError, Delivery, Error, ErrorKind};
use crate::id::PaymentId;
use crate::operation::contradiction::done_in;
use crate::operation::wire_answer::WireAnswer;
use crate::operation::{Head, Operation, Subject};

/// Sends an operation once. `Ok` means status 200, a readable body, no errors listed, and all
/// essential fields there.
pub(crate) async fn exchange<O: Operation>(
    client: &Client,
    operation: &O,
    attempt: Attempt,
    subject: Subject<'_>,
) -> Result<O::Answer, Error> {
    let exchange = Arc::new(Exchange::default());
    let raw = client.raw_noting(Arc::clone(&exchange));
    let span = CallSpan::new(attempt, client.server());
    let mut payment = attempt.payment;
    let outcome = match span.during(operation.send(raw, client.body_key())).await {
        Ok(answer) => {
            let answer = answer.into_inner();
            if subject.fits(&answer) {
                payment = payment.or(PaymentId::from_wire_if_set(answer.payment_id()));
                let head = head_of(exchange.seen());
                let read = |answer| operation.read(answer, head);
                judge(O::ID, answer, &exchange).and_then(|answer| {
                    read(answer).map_err(|error| with_head(error, exchange.seen()))
                })
            } else {
                Err(with_head(Error::about_another_payment(), exchange.seen()))
            }
        }
        Err(error) => Err(explain(O::ID, error, subject, &exchange).await),
    };
    if let Some(date) = exchange.seen().and_then(date_of) {
        client.server_clock().hear(date);
    }
    let outcome = outcome.map_err(|error| error.of_operation(O::ID));
    span.end(&outcome, exchange.seen().map(|seen| seen.status), payment);
    outcome
}

fn head_of(seen: Option<&Seen>) -> Head {
    Head {
        made_at: seen.and_then(date_of),
        cached: seen.is_some_and(|seen| seen.cached),
    }
}

/// When an answer was made, by Barion's clock.
fn date_of(seen: &Seen) -> Option<SystemTime> {
    httpdate::parse_http_date(seen.date.as_deref()?).ok()
}

fn judge<T: WireAnswer>(operation: &str, mut answer: T, exchange: &Exchange) -> Result<T, Error> {
    let errors = answer.take_errors();
    if errors.is_empty() {
        return Ok(answer);
    }
    let id = PaymentId::from_wire_if_set(answer.payment_id());
    let done = answer.done(operation);
    Err(refused(errors, done, exchange.seen()).with_payment_id(id))
}

async fn explain(
    operation: &str,
    error: RawError<()>,
    asked: Subject<'_>,
    exchange: &Exchange,
) -> Error {
    let seen = exchange.seen();
    if seen.is_some_and(|seen| seen.redirected) {
        let message = "the HTTP client followed a redirect, so the answer is not from the address that was asked";
        return with_head(
            Error::new(ErrorKind::Redirected, Delivery::Unknown, message),
            seen,
        );
    }
    match error {
        RawError::CommunicationError(error)
        | RawError::ResponseBodyError(error)
        | RawError::InvalidUpgrade(error) => lost(error, seen),
        RawError::UnexpectedResponse(response) => {
            let body = response.bytes().await.unwrap_or_default();
            if !asked.fits_id(payment_named_in(&body)) {
                return with_head(Error::about_another_payment(), seen);
            }
            failure(operation, &body, seen)
        }
        RawError::InvalidResponsePayload(body, error) => {
            let id = payment_named_in(&body);
            if !asked.fits_id(id) {
                return with_head(Error::about_another_payment(), seen);
            }
            // Beside errors the other properties may hold anything; only the errors count then.
            if let Some(errors) = errors_listed_in(&body) {
                return refused(errors, done_in_body(operation, &body), seen).with_payment_id(id);
            }
            let what = if body.is_empty() {
                "an empty body"
            } else {
                "a body that can't be read"
            };
            let message =
                format!("Barion answered with {what} in place of the JSON that was asked for");
            let error = Error::new(ErrorKind::UnreadableAnswer, Delivery::Unknown, message)
                .with_source(Misfit::of(&error))
                .with_payment_id(id);
            with_head(error, seen).with_snippet(snippet(&body))
        }
        // The generated client has no typed errors (they are lowered away), so these are of
        // requests that never left this machine.
        RawError::InvalidRequest(reason) | RawError::Custom(reason) => Error::configuration(reason),
        RawError::ErrorResponse(_) => Error::new(
            ErrorKind::Http,
            Delivery::Unknown,
            "Barion answered with an error",
        ),
    }
}

/// Why a body can't be read, and where. The JSON library's own text may repeat values of the body.
#[derive(Debug)]
struct Misfit {
    what: &'static str,
    line: usize,
    column: usize,
}

impl Misfit {
    fn of(error: &serde_json::Error) -> Self {
        let what = match error.classify() {
            Category::Eof => "the JSON ends too early",
            Category::Syntax => "it is not JSON",
            Category::Data => "a value is not of the type it should be",
            Category::Io => "it can't be read",
        };
        Self {
            what,
            line: error.line(),
            column: error.column(),
        }
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}, at line {} column {}",
            self.what, self.line, self.column
        )
    }
}

impl std::error::Error for Misfit {}

/// Error of an exchange without a complete answer.
fn lost(error: reqwest::Error, seen: Option<&Seen>) -> Error {
    let (kind, delivery, message) = if error.is_builder() {
        (
            ErrorKind::Configuration,
            Delivery::NotSent,
            "the request can't be built",
        )
    } else if error.is_connect() {
        (
            ErrorKind::Connection,
            Delivery::NotSent,
            "no connection to Barion; nothing was sent",
        )
    } else if error.is_timeout() {
        (
            ErrorKind::Timeout,
            Delivery::Unknown,
            "no answer in time; the request may have been carried out",
        )
    } else {
        (
            ErrorKind::Interrupted,
            Delivery::Unknown,
            "the connection broke before the whole answer was there; the request may have been carried out",
        )
    };
    with_head(
        Error::new(kind, delivery, message).with_source(error.without_url()),
        seen,
    )
}

/// The errors that a body lists, whatever else is in it; `None` where it lists none.
fn errors_listed_in(body: &[u8]) -> Option<Vec<types::ApiError>> {
    let answer: types::ErrorResponse = serde_json::from_slice(body).ok()?;
    answer.errors.filter(|errors| !errors.is_empty())
}

/// The payment that a body is about, whatever else is in it.
fn payment_named_in(body: &[u8]) -> Option<PaymentId> {
    #[derive(serde::Deserialize)]
    struct Named {
        #[serde(rename = "PaymentId")]
        payment_id: Option<Guid>,
    }
    let named: Named = serde_json::from_slice(body).ok()?;
    PaymentId::from_wire_if_set(named.payment_id)
}

/// What a body says that was done, whatever else is in it.
fn done_in_body(operation: &str, body: &[u8]) -> Option<String> {
    done_in(operation, &serde_json::from_slice(body).ok()?)
}

/// Error of an answer with a status other than 200.
fn failure(operation: &str, body: &[u8], seen: Option<&Seen>) -> Error {
    let id = payment_named_in(body);
    let done = done_in_body(operation, body);
    if let Some(errors) = errors_listed_in(body) {
        return refused(errors, done, seen).with_payment_id(id);
    }
    if let Some(done) = done {
        let error = Error::contradicting(done).with_payment_id(id);
        return with_head(error, seen).with_snippet(snippet(body));
    }
    let status = seen.map_or(0, |seen| seen.status);
    if (200..300).contains(&status) {
        let message = "Barion answered with a status of success that does not belong to this call";
        let error = Error::new(ErrorKind::UnreadableAnswer, Delivery::Unknown, message);
        return with_head(error.with_payment_id(id), seen).with_snippet(snippet(body));
    }
    let message = match (status, body.is_empty()) {
        (429, _) => {
            "Barion was asked too often; it takes 2 state calls in 5 seconds for one payment"
        }
        (_, true) => "Barion answered with a failure and an empty body",
        (_, false) => "Barion answered with a failure and no list of errors",
    };
    let delivery = if is_an_answer(body) {
        Delivery::Unknown
    } else {
        delivery_of(status)
    };
    let error = Error::new(ErrorKind::Http, delivery, message).with_payment_id(id);
    with_head(error, seen).with_snippet(snippet(body))
}

/// Whether a body that lists no errors, or can't be read, may be a part of an answer about what was
/// done.
fn is_an_answer(body: &[u8]) -> bool {
    const NAMES: [&[u8]; 4] = [
        b"\"RefundedTransactions\"",
        b"\"IsSuccessful\"",
        b"\"PaymentStatus\"",
        b"\"PaymentId\"",
    ];
    // A long body of Barion names these at its beginning.
    let body = &body[..body.len().min(BEGINNING)];
    NAMES
        .iter()
        .any(|name| body.windows(name.len()).any(|part| part == *name))
}

/// How much of a body that can't be read is searched.
const BEGINNING: usize = 64 * 1024;

fn refused(errors: Vec<types::ApiError>, done: Option<String>, seen: Option<&Seen>) -> Error {
    let errors: Vec<ApiError> = errors.into_iter().map(ApiError::from_wire).collect();
    let status = seen.map_or(0, |seen| seen.status);
    if let Some(done) = done {
        return with_head(Error::contradicting(done), seen).with_api_errors(errors);
    }
    // Barion's code for "something unexpected happened" does not say how far the request came.
    let unexpected = errors.iter().any(|error| error.is("InternalServerError"));
    let delivery = if unexpected || status >= 500 {
        Delivery::Unknown
    } else {
        Delivery::Rejected
    };
    with_head(
        Error::new(ErrorKind::Api, delivery, "Barion refused the request"),
        seen,
    )
    .with_api_errors(errors)
}

/// A 4xx refuses the request; after any other status its outcome is unknown.
fn delivery_of(status: u16) -> Delivery {
    match status {
        // 499 is the status of a proxy that has lost its client.
        408 | 499 => Delivery::Unknown,
        400..=499 => Delivery::Rejected,
        _ => Delivery::Unknown,
    }
}

fn with_head(error: Error, seen: Option<&Seen>) -> Error {
    let Some(seen) = seen else { return error };
    let retry_after = seen.retry_after.as_deref().and_then(|text| {
        // A date is by the server's own clock, which the answer shows too.
        asked_pause(text, date_of(seen).unwrap_or_else(SystemTime::now))
    });
    error.with_head(seen.status, seen.content_type.clone(), retry_after)
}
