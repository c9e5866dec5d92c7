//! One exchange with the API: the request, its answer with an armed fault, and the logs.

use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;
use chrono::Utc;
use uuid::Uuid;

use super::api::call;
use super::body::{Read, copied, lossy};
use super::history;
use super::operations::Route;
use super::reply::dated;
use super::unserved::NotServed;
use crate::domain::payment::history::Moment;
use crate::engine::{Engine, RecordedRequest};
use crate::faults::OperationFault;
use crate::log::Line;
use crate::values::id::{format_id, read_id};
use crate::wire::json::{self, Json};
use crate::wire::query::query_value;

/// The answer to a call of the API, with what faults make of it.
pub(super) async fn exchange(
    engine: &Engine,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: Read,
) -> Option<Response> {
    let arrived = Moment::new(engine.clock.now());
    let begun = Instant::now();
    let mut seen = recorded(method, uri, headers, body.as_ref().ok());
    let route = Route::of(uri.path());
    let fault = route
        .filter(|route| route.operation.method == *method)
        .and_then(|route| engine.faults.of_operation(route.operation.id));
    let mut answer = match fault.as_ref().and_then(OperationFault::instead) {
        Some(answer) => answer,
        None => engine
            .ids
            .scope(|| call(engine, route, method, uri, headers, body))
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
    if let Some(route) = route {
        history::note(engine, route.operation, &seen, arrived);
    }
    let delay = fault.map(|fault| fault.delay()).unwrap_or_default();
    let told = if text.is_empty() { &seen.answer } else { &text };
    write_line(engine, route, &seen, told, begun.elapsed() + delay);
    engine.requests.add(seen);
    let answer = dated(answer, engine.clock.now());
    if !delay.is_zero() {
        // Last of all: a client that gives up must not undo what was done.
        tokio::time::sleep(delay).await;
    }
    (!cut).then_some(answer)
}

/// Writes a call to the log. The payment is looked up, as what a client takes for its id may be a
/// key.
fn write_line(
    engine: &Engine,
    route: Option<Route<'_>>,
    seen: &RecordedRequest,
    answer: &str,
    took: Duration,
) {
    let log = engine.setup.log;
    if log.is_off() {
        return;
    }
    let in_path = route.filter(|route| route.operation.has_payment_in_path());
    let id = match in_path {
        Some(route) => read_id(route.parameter),
        None => payment_in(answer)
            .or_else(|| payment_in(&seen.body))
            .or_else(|| read_id(&query_value(seen.query.as_deref(), "PaymentId")?)),
    };
    let known = |id: &Uuid| engine.knows(*id).unwrap_or_default();
    let id = id.filter(known).map(format_id);
    log.write(&Line::of_request(
        (Utc::now(), engine.clock.now()),
        route.map(|route| route.operation.id),
        &seen.path,
        (seen.status != 0).then_some(seen.status),
        took,
        id.as_deref(),
    ));
}

fn payment_in(text: &str) -> Option<Uuid> {
    match json::parse(text.as_bytes()).ok()? {
        Json::Object(object) => match object.get("PaymentId") {
            Json::Text(id) => read_id(id),
            _ => None,
        },
        _ => None,
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
