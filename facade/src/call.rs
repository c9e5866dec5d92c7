//! One exchange with Barion: sends a request, and turns whatever comes back into an answer or an error that
//! knows whether the request may have taken effect.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use barion_generated::hooks::{Exchange, Seen};
use barion_generated::wire::Guid;
use barion_generated::{Client as RawClient, Error as RawError, ResponseValue, types};
use serde_json::Value;
use serde_json::error::Category;
use tokio::time::Instant;

use crate::attempt::Attempt;
use crate::client::Client;
use crate::clock::later;
use crate::contradiction::done_in;
use crate::error::{ApiError, Delivery, Error, ErrorKind};
use crate::id::PaymentId;
use crate::redact::snippet;
use crate::retry::{Tries, asked_pause};
use crate::trace::{Told, Try};
use crate::unsettled::Came;

/// What all answers of the generated client have in common.
pub(crate) trait Answer {
    /// Takes the error list out of it.
    fn take_errors(&mut self) -> Vec<types::ApiError>;
    /// The payment it is about.
    fn payment_id(&self) -> Option<Guid>;
    /// The shop's own id of the payment it is about, where it tells.
    fn payment_request_id(&self) -> Option<&str>;
    /// What it says that was done, beside errors.
    fn done(&self, operation: &str) -> Option<String>;
}

/// The answer as a tree. Made only of answers that list errors.
fn tree(answer: &impl serde::Serialize) -> Value {
    serde_json::to_value(answer).unwrap_or_default()
}

macro_rules! answers {
    (@request_id RefundPaymentResponse, $answer:ident) => { None };
    (@request_id $name:ident, $answer:ident) => { $answer.payment_request_id.as_deref() };
    ($($name:ident),+ $(,)?) => {
        $(impl Answer for types::$name {
            fn take_errors(&mut self) -> Vec<types::ApiError> {
                self.errors.take().unwrap_or_default()
            }
            fn payment_id(&self) -> Option<Guid> {
                self.payment_id
            }
            fn payment_request_id(&self) -> Option<&str> {
                answers!(@request_id $name, self)
            }
            fn done(&self, operation: &str) -> Option<String> {
                done_in(operation, &tree(self))
            }
        })+
    };
}

answers!(
    CompletePaymentResponse,
    PaymentOperationResponse,
    PaymentStateResponse,
    PaymentStateV4Response,
    RefundPaymentResponse,
    StartPaymentResponse,
    StartPaymentWithGoogleTokenResponse,
);

macro_rules! answers_of_a_wallet {
    ($($name:ident),+ $(,)?) => {
        $(impl Answer for types::$name {
            fn take_errors(&mut self) -> Vec<types::ApiError> {
                self.errors.take().unwrap_or_default()
            }
            fn payment_id(&self) -> Option<Guid> {
                None
            }
            fn payment_request_id(&self) -> Option<&str> {
                None
            }
            fn done(&self, _: &str) -> Option<String> {
                None
            }
        })+
    };
}

answers_of_a_wallet!(HistoryDetailResponse, HistoryResponse);

/// What an answer has to be about.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Asked<'a> {
    pub(crate) payment: Option<PaymentId>,
    pub(crate) payment_request_id: Option<&'a str>,
}

impl Asked<'_> {
    fn fits<T: Answer>(self, answer: &T) -> bool {
        let id = PaymentId::from_wire_if_set(answer.payment_id());
        let own = answer.payment_request_id().filter(|own| !own.is_empty());
        self.fits_id(id)
            && match (self.payment_request_id, own) {
                // Whether blanks around it are repeated is not known.
                (Some(asked), Some(own)) => asked.trim() == own.trim(),
                _ => true,
            }
    }

    /// An answer without an id is taken for the one that was asked for.
    fn fits_id(self, id: Option<PaymentId>) -> bool {
        match (self.payment, id) {
            (Some(asked), Some(id)) => asked == id,
            _ => true,
        }
    }
}

/// Sends a request that changes nothing, and again where that may help. `Ok` means status 200, readable, no errors
/// listed, and all there that `read` needs.
///
/// `send` is no `AsyncFn`: a future that is generic over one is not known to be `Send` (as of Rust 1.95).
pub(crate) async fn call<T: Answer, V, S>(
    client: &Client,
    operation: &'static str,
    send: impl Fn(RawClient) -> S,
    read: impl Fn(T) -> Result<V, Error>,
) -> Result<V, Error>
where
    S: Future<Output = Result<ResponseValue<T>, RawError<()>>>,
{
    let mut tries = Tries::new(operation, client.retry());
    loop {
        let one = Try {
            operation,
            number: tries.number(),
            payment: None,
        };
        match once(client, one, Asked::default(), &send, |answer, _| {
            read(answer)
        })
        .await
        {
            Ok(answer) => return Ok(answer),
            Err(error) => tries.after(error).await?,
        }
    }
}

/// Sends a request that moves money: not while one like it is unsettled, written down before it leaves, and again only
/// if nothing has left.
pub(crate) async fn move_money<T: Answer, V, S>(
    client: &Client,
    operation: &'static str,
    mut attempt: Attempt,
    send: impl Fn(RawClient) -> S,
    read: impl Fn(T) -> Result<V, Error>,
    came: impl Fn(&V) -> Came,
) -> Result<V, Error>
where
    S: Future<Output = Result<ResponseValue<T>, RawError<()>>>,
{
    let request_id = attempt.payment_request_id().map(str::to_owned);
    let asked = Asked {
        payment: attempt.payment_id(),
        payment_request_id: request_id.as_deref(),
    };
    let named = |error: Error| error.of_operation(operation);
    let under_way = client.unsettled().begin(&attempt).map_err(named)?;
    // From before the mark on, so that the last try begins within what the mark says.
    let mut tries = Tries::new(operation, client.retry());
    if let Err(error) = client.mark(&mut attempt).await {
        under_way.settled(&Came::Nothing);
        return Err(named(error).with_recorded(attempt));
    }
    loop {
        let begun = Instant::now();
        // Nobody knows how long it takes until a byte leaves; it is over when the try is over.
        attempt.left_between(begun, later(begun, client.time_limit()));
        under_way.sending(&attempt);
        let one = Try {
            operation,
            number: tries.number(),
            payment: asked.payment,
        };
        let error = match once(client, one, asked, &send, |answer, _| read(answer)).await {
            Ok(answer) => {
                under_way.settled(&came(&answer));
                return Ok(answer);
            }
            Err(error) => error,
        };
        attempt.left_between(begun, Instant::now());
        if error.delivery() == Delivery::Unknown {
            let recorded = attempt.clone();
            let attempt = attempt.of_payment(error.payment_id());
            under_way.lost(&attempt);
            let error = error.with_tries(tries.number()).with_recorded(recorded);
            return Err(error.with_attempt(attempt));
        }
        // It was refused, or not a byte has left: if nobody waits for a further try, it comes to nothing.
        attempt.never_left();
        under_way.sending(&attempt);
        if let Err(error) = tries.after(error).await {
            under_way.settled(&Came::Nothing);
            return Err(error.with_recorded(attempt));
        }
    }
}

/// Sends a request once. `read` gets the answer and its head.
pub(crate) async fn once<T: Answer, V, S>(
    client: &Client,
    one: Try,
    asked: Asked<'_>,
    send: impl FnOnce(RawClient) -> S,
    read: impl FnOnce(T, Option<&Seen>) -> Result<V, Error>,
) -> Result<V, Error>
where
    S: Future<Output = Result<ResponseValue<T>, RawError<()>>>,
{
    let exchange = Arc::new(Exchange::default());
    let raw = client.raw_noting(Arc::clone(&exchange));
    let told = Told::new(one, client.server());
    let mut payment = one.payment;
    let outcome = match told.during(send(raw)).await {
        Ok(answer) => {
            let answer = answer.into_inner();
            if asked.fits(&answer) {
                payment = payment.or(PaymentId::from_wire_if_set(answer.payment_id()));
                judge(one.operation, answer, &exchange).and_then(|answer| {
                    read(answer, exchange.seen()).map_err(|error| with_head(error, exchange.seen()))
                })
            } else {
                Err(with_head(Error::about_another_payment(), exchange.seen()))
            }
        }
        Err(error) => Err(explain(one.operation, error, asked, &exchange).await),
    };
    if let Some(date) = exchange.seen().and_then(date_of) {
        client.server_clock().hear(date);
    }
    let outcome = outcome.map_err(|error| error.of_operation(one.operation));
    told.end(&outcome, exchange.seen().map(|seen| seen.status), payment);
    outcome
}

/// When an answer was made, by Barion's clock.
pub(crate) fn date_of(seen: &Seen) -> Option<SystemTime> {
    httpdate::parse_http_date(seen.date.as_deref()?).ok()
}

fn judge<T: Answer>(operation: &str, mut answer: T, exchange: &Exchange) -> Result<T, Error> {
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
    asked: Asked<'_>,
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
            // Beside errors the other properties may hold anything; the errors are what counts then.
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
        // The generated client has no typed errors (they are lowered away), so what is left never left this machine.
        RawError::InvalidRequest(reason) | RawError::Custom(reason) => Error::configuration(reason),
        RawError::ErrorResponse(_) => Error::new(
            ErrorKind::Http,
            Delivery::Unknown,
            "Barion answered with an error",
        ),
    }
}

/// Why a body can't be read, and where. The JSON library's own words may repeat values out of it.
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

/// No whole answer arrived.
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

/// The errors of a body, whatever else is in it; `None` where it lists none.
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

/// An answer with a status other than 200.
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

/// Whether a body that lists no errors, or can't be read, may be a part of an answer about what was done.
fn is_an_answer(body: &[u8]) -> bool {
    const NAMES: [&[u8]; 4] = [
        b"\"RefundedTransactions\"",
        b"\"IsSuccessful\"",
        b"\"PaymentStatus\"",
        b"\"PaymentId\"",
    ];
    // What is not at the beginning of a long body is not of Barion.
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
    // Barion's own word for "something unexpected happened" does not say how far it came.
    let unexpected = errors.iter().any(|error| error.is("InternalServerError"));
    let delivery = if unexpected || status >= 500 {
        Delivery::Unknown
    } else {
        Delivery::Answered
    };
    with_head(
        Error::new(ErrorKind::Api, delivery, "Barion refused the request"),
        seen,
    )
    .with_api_errors(errors)
}

/// A 4xx refuses; after anything else nobody knows how far the request came.
fn delivery_of(status: u16) -> Delivery {
    match status {
        // 499 is what a proxy says when it has lost its client.
        408 | 499 => Delivery::Unknown,
        400..=499 => Delivery::Answered,
        _ => Delivery::Unknown,
    }
}

fn with_head(error: Error, seen: Option<&Seen>) -> Error {
    let Some(seen) = seen else { return error };
    let retry_after = seen.retry_after.as_deref().and_then(|text| {
        // A date is one of the server's own clock, which the answer tells too.
        asked_pause(text, date_of(seen).unwrap_or_else(SystemTime::now))
    });
    error.with_head(seen.status, seen.content_type.clone(), retry_after)
}
