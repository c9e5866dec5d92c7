//! Calls of the API, judged in this order: key, model, payment, state.

use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;

use super::body::Read;
use super::failure::Failure;
use super::operations::{Call, Route};
use super::unserved::{NotServed, allowed};
use crate::engine::Engine;
use crate::wire::answer::error::ErrorContext;
use crate::wire::json::{self, Json, Object};

/// Answers a call of the API.
pub(super) fn call(
    engine: &Engine,
    route: Option<Route<'_>>,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: Read,
) -> Result<Response, NotServed> {
    let end_point = end_point(engine, uri);
    let Some(route) = route else {
        return Err(NotServed::NoRoute(end_point));
    };
    allowed(method, &route.operation.method)?;
    let body = body?;
    let answer = perform(engine, route, uri.query(), headers, &body);
    Ok(answer.unwrap_or_else(|(failure, auth_data)| {
        failure.answer(&ErrorContext {
            end_point: &end_point,
            auth_data,
            now: engine.clock.now(),
        })
    }))
}

fn perform(
    engine: &Engine,
    route: Route<'_>,
    query: Option<&str>,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Response, (Failure, Option<String>)> {
    let operation = route.operation;
    let body = if operation.method == Method::GET {
        Some(Object::default())
    } else {
        match json::parse(body) {
            Ok(Json::Object(object)) => Some(object),
            _ => None,
        }
    };
    // An unreadable body hides the key that may have been in it, and so ends up here as documented.
    let admitted = operation
        .access
        .admit(engine, headers, body.as_ref(), query)
        .map_err(|failure| (failure, None))?;
    // Assumed: with the key elsewhere, an unreadable body is a fault of the model.
    body.ok_or_else(|| Failure::Model(vec!["The request body is not a JSON object.".to_owned()]))
        .and_then(|body| {
            let call = Call {
                engine,
                parameter: route.parameter,
                query,
                body: &body,
            };
            operation.check_names(&call)?;
            admitted.perform(&call)
        })
        .map_err(|failure| (failure, admitted.auth_data()))
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
