//! Routing: which request goes to a control call, to a page or to the API.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{ConnectInfo, DefaultBodyLimit, State};
use axum::http::{HeaderMap, Method, Request, StatusCode, Uri};
use axum::response::Response;

use super::body::{Read, bytes_of};
use super::control::Control;
use super::exchange::exchange;
use super::faults::connection::Switch;
use super::page::Page;
use super::reply::dated;
use super::unserved::{NotServed, allowed};
use crate::engine::Engine;

/// Far above any order, far below what could hurt.
const LARGEST_BODY: usize = 1024 * 1024;

/// Everything a sandbox answers to. Routing is done by hand, as letters match in any case.
pub(crate) fn router(engine: Arc<Engine>) -> Router {
    Router::new()
        .fallback(answer)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(engine)
}

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
    } else if let Some(page) = Page::of(path) {
        match body {
            Ok(body) => Ok(page.answer(engine, method, uri.query(), &body).await),
            Err(refused) => Err(refused),
        }
    } else {
        return exchange(engine, method, uri, headers, body).await;
    };
    let answer = answer.unwrap_or_else(NotServed::answer);
    Some(dated(answer, engine.clock.now()))
}
