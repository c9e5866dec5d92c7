//! One exchange with Barion: sends a request, and turns whatever comes back into an answer or an error that
//! knows whether the request may have taken effect.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use barion_generated::hooks::{Exchange, Seen};
use barion_generated::wire::Guid;
use barion_generated::{Client as RawClient, Error as RawError, ResponseValue, types};
use serde_json::error::Category;

use crate::client::Client;
use crate::error::{ApiError, Delivery, Error, ErrorKind};
use crate::id::PaymentId;
use crate::redact::snippet;
use crate::retry::{Tries, asked_pause};
use crate::trace::{Told, Try};

/// What all answers of the generated client have in common.
pub(crate) trait Answer {
    /// Takes the error list out of it.
    fn take_errors(&mut self) -> Vec<types::ApiError>;
    /// The payment it is about.
    fn payment_id(&self) -> Option<Guid>;
}

macro_rules! answers {
    ($($name:ident),+ $(,)?) => {
        $(impl Answer for types::$name {
            fn take_errors(&mut self) -> Vec<types::ApiError> {
                self.errors.take().unwrap_or_default()
            }
            fn payment_id(&self) -> Option<Guid> {
                self.payment_id
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
        })+
    };
}

answers_of_a_wallet!(HistoryDetailResponse, HistoryResponse);

/// Sends a request, and again where that can do no harm. `Ok` means status 200, readable, no errors listed, and all
/// there that `read` needs.
///
/// `send` is no `AsyncFn`: a future that is generic over one is not known to be `Send` (as of Rust 1.95).
pub(crate) async fn call<T: Answer, V, S>(
    client: &Client,
    operation: &'static str,
    payment: Option<PaymentId>,
    send: impl Fn(RawClient) -> S,
    read: impl Fn(T) -> Result<V, Error>,
) -> Result<V, Error>
where
    S: Future<Output = Result<ResponseValue<T>, RawError<()>>>,
{
    let mut tries = Tries::new(operation, client.retry(), client.wall_clock().clone());
    loop {
        let one = Try {
            operation,
            number: tries.number(),
            payment,
        };
        match once(client, one, &send, &read).await {
            Ok(answer) => return Ok(answer),
            Err(error) => tries.after(error).await?,
        }
    }
}

/// Sends a request once.
pub(crate) async fn once<T: Answer, V, S>(
    client: &Client,
    one: Try,
    send: impl FnOnce(RawClient) -> S,
    read: impl FnOnce(T) -> Result<V, Error>,
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
            payment = payment.or(PaymentId::from_wire_if_set(answer.payment_id()));
            judge(answer, &exchange)
                .and_then(|answer| read(answer).map_err(|error| with_head(error, exchange.seen())))
        }
        Err(error) => Err(explain(error, &exchange).await),
    };
    let outcome = outcome.map_err(|error| error.of_operation(one.operation));
    told.end(&outcome, exchange.seen().map(|seen| seen.status), payment);
    outcome
}

fn judge<T: Answer>(mut answer: T, exchange: &Exchange) -> Result<T, Error> {
    let errors = answer.take_errors();
    if errors.is_empty() {
        return Ok(answer);
    }
    let id = PaymentId::from_wire_if_set(answer.payment_id());
    Err(refused(errors, exchange.seen()).with_payment_id(id))
}

async fn explain(error: RawError<()>, exchange: &Exchange) -> Error {
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
            failure(&body, seen)
        }
        RawError::InvalidResponsePayload(body, error) => {
            let id = payment_named_in(&body);
            // Beside errors the other properties may hold anything; the errors are what counts then.
            if let Some(errors) = errors_listed_in(&body) {
                return refused(errors, seen).with_payment_id(id);
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

/// An answer with a status other than 200.
fn failure(body: &[u8], seen: Option<&Seen>) -> Error {
    if let Some(errors) = errors_listed_in(body) {
        return refused(errors, seen).with_payment_id(payment_named_in(body));
    }
    let status = seen.map_or(0, |seen| seen.status);
    if (200..300).contains(&status) {
        let message = "Barion answered with a status of success that does not belong to this call";
        let error = Error::new(ErrorKind::UnreadableAnswer, Delivery::Unknown, message);
        return with_head(error, seen).with_snippet(snippet(body));
    }
    let message = match (status, body.is_empty()) {
        (429, _) => {
            "Barion was asked too often; it takes 2 state calls in 5 seconds for one payment"
        }
        (_, true) => "Barion answered with a failure and an empty body",
        (_, false) => "Barion answered with a failure and no list of errors",
    };
    let error = Error::new(ErrorKind::Http, delivery_of(status), message);
    with_head(error, seen).with_snippet(snippet(body))
}

fn refused(errors: Vec<types::ApiError>, seen: Option<&Seen>) -> Error {
    let errors: Vec<ApiError> = errors.into_iter().map(ApiError::from_wire).collect();
    let status = seen.map_or(0, |seen| seen.status);
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
        408 => Delivery::Unknown,
        400..=499 => Delivery::Answered,
        _ => Delivery::Unknown,
    }
}

fn with_head(error: Error, seen: Option<&Seen>) -> Error {
    let Some(seen) = seen else { return error };
    let retry_after = seen
        .retry_after
        .as_deref()
        .and_then(|text| asked_pause(text, SystemTime::now()));
    error.with_head(seen.status, seen.content_type.clone(), retry_after)
}
