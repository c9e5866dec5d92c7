//! The HTTP side: which request goes where, and what is said when it goes nowhere.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{ConnectInfo, DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header};
use axum::response::Response;
use chrono::Utc;
use uuid::Uuid;

use crate::answer::error::{Call, Failure};
use crate::answer::message;
use crate::api::Operation;
use crate::control::Control;
use crate::engine::{Engine, RecordedRequest};
use crate::faults::OperationFault;
use crate::faults::line::Switch;
use crate::log::Line;
use crate::payment::history::Moment;
use crate::request::json::{self, Json, Object};
use crate::{key, page, trace, wire};

/// Far above any order, far below what could hurt.
const LARGEST_BODY: usize = 1024 * 1024;

/// Everything a sandbox answers to. Routing is done by hand, as letters match in any case.
pub(crate) fn router(engine: Arc<Engine>) -> Router {
    Router::new()
        .fallback(answer)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(engine)
}

/// What the platform answers for itself, without the API's envelope.
enum NotServed {
    NoRoute(String),
    Method { given: Method, only: Method },
    TooLarge,
    Unreadable,
}

/// The body as far as it could be read.
type Read = Result<Bytes, NotServed>;

async fn answer(
    State(engine): State<Arc<Engine>>,
    ConnectInfo(switch): ConnectInfo<Switch>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => NotServed::TooLarge,
        _ => NotServed::Unreadable,
    });
    let answer = respond(&engine, &method, &uri, &headers, body).await;
    answer.unwrap_or_else(|| {
        switch.cut();
        Response::default()
    })
}

/// Answers a request that did not come through a connection.
pub(crate) async fn answer_in_memory(
    engine: &Engine,
    request: Request<Bytes>,
) -> Option<Response<Bytes>> {
    let (head, body) = request.into_parts();
    let body = if body.len() > LARGEST_BODY {
        Err(NotServed::TooLarge)
    } else {
        Ok(body)
    };
    let answer = respond(engine, &head.method, &head.uri, &head.headers, body).await?;
    let (head, body) = answer.into_parts();
    Some(Response::from_parts(head, bytes_of(body).await))
}

/// The answer to a request; none if a fault cuts the connection.
async fn respond(
    engine: &Engine,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: Read,
) -> Option<Response> {
    let path = uri.path();
    let answer = if let Some(control) = Control::of(path) {
        match control
            .method()
            .map_or(Ok(()), |only| allowed(method, &only))
            .and(body)
        {
            Ok(body) => Ok(control.perform(engine, method, uri.query(), &body).await),
            Err(not_served) => Err(not_served),
        }
    } else if let Some(page) = page::Page::of(path) {
        match body {
            Ok(body) => Ok(page.answer(engine, method, uri.query(), &body).await),
            Err(refused) => Err(refused),
        }
    } else {
        return operation(engine, method, uri, headers, body).await;
    };
    let answer = answer.unwrap_or_else(NotServed::answer);
    Some(dated(engine, answer))
}

/// The answer to a call of the API, with what faults make of it.
async fn operation(
    engine: &Engine,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: Read,
) -> Option<Response> {
    let arrived = Moment::new(engine.clock.now());
    let begun = Instant::now();
    let mut seen = recorded(method, uri, headers, body.as_ref().ok());
    let fault = Operation::of(uri.path())
        .filter(|operation| operation.method() == *method)
        .and_then(|operation| engine.faults.of_operation(operation));
    let mut answer = match fault.as_ref().and_then(OperationFault::instead) {
        Some(answer) => answer,
        None => engine
            .ids
            .scope(|| api(engine, method, uri, headers, body))
            .unwrap_or_else(NotServed::answer),
    };
    if let Some(fault) = &fault {
        answer = fault.spoil(answer).await;
    }
    let (answer, mut text) = copied(answer).await;
    let cut = fault.as_ref().is_some_and(OperationFault::cuts);
    if !cut {
        seen.status = answer.status().as_u16();
        seen.answer = std::mem::take(&mut text);
    }
    trace::note(engine, &seen, arrived);
    let delay = fault.map(|fault| fault.delay()).unwrap_or_default();
    let told = if text.is_empty() { &seen.answer } else { &text };
    write_line(engine, uri, &seen, told, begun.elapsed() + delay);
    engine.record(seen);
    let answer = dated(engine, answer);
    if !delay.is_zero() {
        // Last of all: a client that gives up must not undo what was done.
        tokio::time::sleep(delay).await;
    }
    (!cut).then_some(answer)
}

/// The answer with the sandbox's time, not that of the machine.
fn dated(engine: &Engine, mut answer: Response) -> Response {
    let date = wire::http_date(engine.clock.now());
    if let Ok(date) = HeaderValue::from_str(&date) {
        answer.headers_mut().insert(header::DATE, date);
    }
    answer
}

/// Tells of a call on stderr. The payment is looked up, as what a client takes for its id may be a key.
fn write_line(engine: &Engine, uri: &Uri, seen: &RecordedRequest, answer: &str, took: Duration) {
    let log = engine.setup.log;
    if log.is_off() {
        return;
    }
    let operation = Operation::of(uri.path());
    let id = if let Some(Operation::StateV4(id)) = operation {
        Some(id)
    } else {
        payment_in(answer)
            .or_else(|| payment_in(&seen.body))
            .or_else(|| {
                wire::read_id(&key::query_value(uri.query(), "PaymentId").unwrap_or_default())
            })
    };
    let known = |id: &Uuid| engine.knows(*id).unwrap_or_default();
    let id = id.filter(known).map(wire::id);
    log.write(&Line::of_request(
        (Utc::now(), engine.clock.now()),
        operation.map(Operation::name),
        uri.path(),
        (seen.status != 0).then_some(seen.status),
        took,
        id.as_deref(),
    ));
}

fn payment_in(text: &str) -> Option<Uuid> {
    match json::parse(text.as_bytes()).ok()? {
        Json::Object(object) => match object.get("PaymentId") {
            Json::Text(id) => wire::read_id(id),
            _ => None,
        },
        _ => None,
    }
}

/// The answer, and its body once more for the log.
async fn copied(answer: Response) -> (Response, String) {
    let (head, body) = answer.into_parts();
    let bytes = bytes_of(body).await;
    let text = lossy(&bytes);
    (Response::from_parts(head, Body::from(bytes)), text)
}

/// Bodies are texts in memory and cannot fail to be read.
async fn bytes_of(body: Body) -> Bytes {
    to_bytes(body, usize::MAX).await.unwrap_or_default()
}

/// The text; what is not UTF-8 is replaced.
fn lossy(bytes: &[u8]) -> String {
    // Looking at all of it at once is faster than piece by piece.
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => String::from_utf8_lossy(bytes).into_owned(),
    }
}

fn api(
    engine: &Engine,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: Read,
) -> Result<Response, NotServed> {
    let end_point = end_point(engine, uri);
    let Some(operation) = Operation::of(uri.path()) else {
        return Err(NotServed::NoRoute(end_point));
    };
    allowed(method, &operation.method())?;
    let body = body?;
    let answer = call(engine, operation, uri.query(), headers, &body);
    Ok(answer.unwrap_or_else(|(failure, auth_data)| {
        failure.answer(&Call {
            end_point: &end_point,
            auth_data,
            now: engine.clock.now(),
        })
    }))
}

/// Judges in this order: key, model, payment, state.
fn call(
    engine: &Engine,
    operation: Operation,
    query: Option<&str>,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Response, (Failure, Option<String>)> {
    let body = if operation.method() == Method::GET {
        Some(Object::default())
    } else {
        match json::parse(body) {
            Ok(Json::Object(object)) => Some(object),
            _ => None,
        }
    };
    // An unreadable body hides the key that may have been in it, and so ends up here as documented.
    let caller = operation
        .admit(engine, headers, body.as_ref(), query)
        .map_err(|failure| (failure, None))?;
    // Assumed: with the key elsewhere, an unreadable body is a fault of the model.
    body.ok_or_else(|| Failure::Model(vec!["The request body is not a JSON object.".to_owned()]))
        .and_then(|body| operation.perform(engine, &caller, &body, query))
        .map_err(|failure| (failure, caller.auth_data()))
}

fn allowed(method: &Method, only: &Method) -> Result<(), NotServed> {
    if method == only {
        return Ok(());
    }
    Err(NotServed::Method {
        given: method.clone(),
        only: only.clone(),
    })
}

impl NotServed {
    fn answer(self) -> Response {
        match self {
            Self::NoRoute(address) => message(
                StatusCode::NOT_FOUND,
                &format!("No HTTP resource was found that matches the request URI '{address}'."),
            ),
            Self::Method { given, only } => {
                let text =
                    format!("The requested resource does not support http method '{given}'.");
                let mut response = message(StatusCode::METHOD_NOT_ALLOWED, &text);
                if let Ok(value) = HeaderValue::from_str(only.as_str()) {
                    response.headers_mut().insert(header::ALLOW, value);
                }
                response
            }
            // Assumed: how Barion answers too large a body is not known.
            Self::TooLarge => message(
                StatusCode::PAYLOAD_TOO_LARGE,
                "The request body is larger than this sandbox reads (1 MiB).",
            ),
            Self::Unreadable => message(
                StatusCode::BAD_REQUEST,
                "The request body could not be read to its end.",
            ),
        }
    }
}

/// The full address of the call, with its query: a key in it is repeated, as Barion does.
fn end_point(engine: &Engine, uri: &Uri) -> String {
    let base = engine.setup.base.as_str().trim_end_matches('/');
    let path = uri.path();
    match uri.query() {
        Some(query) => format!("{base}{path}?{query}"),
        None => format!("{base}{path}"),
    }
}

/// What came; the answer is added when there is one.
fn recorded(
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: Option<&Bytes>,
) -> RecordedRequest {
    RecordedRequest {
        method: method.to_string(),
        path: uri.path().to_owned(),
        query: uri.query().map(str::to_owned),
        headers: headers
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.to_string(), value)
            })
            .collect(),
        body: body.map(|bytes| lossy(bytes)).unwrap_or_default(),
        status: 0,
        answer: String::new(),
    }
}
