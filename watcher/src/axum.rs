//! Webhook route for Barion's callbacks, for [axum](https://docs.rs/axum) 0.8. Needs the feature
//! `axum`.
//!
//! [`callback_route`] is ready to use. A shop with a queue of its own takes the extractor
//! [`Callback`] as an argument of its own route; it has to answer 200 within 15 seconds.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ::axum::body::{Body, to_bytes};
use ::axum::extract::{ConnectInfo, FromRequest, Request, State};
use ::axum::http::StatusCode;
use ::axum::response::{IntoResponse, Response};
use ::axum::routing::{MethodRouter, post};
use barion::callback::{CallbackNotice, NoticeError, SourceCheck};

use crate::store::Store;
use crate::watcher::Watcher;

/// Size limit of a body; an id has 32 digits.
const BODY_LIMIT: usize = 16 * 1_024;
/// Time limit of a body. Barion waits 15 seconds for the answer.
const BODY_TIME: Duration = Duration::from_secs(5);
/// Time limit of the store, so that the answer comes within Barion's 15 seconds.
const STORE_TIME: Duration = Duration::from_secs(9);

/// Extractor of a callback (webhook): reads the payment's id from the query or from the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[doc(alias = "webhook")]
pub struct Callback(pub CallbackNotice);

/// Rejection of a request that is not a callback.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallbackRejection {
    /// It has no payment id. Answered with 400.
    NoCallback(NoticeError),
    /// Its body is longer than 16 KiB, or ended early. Answered with 400.
    Body,
    /// Its body took longer than five seconds. Answered with 408.
    Slow,
}

impl fmt::Display for CallbackRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCallback(why) => fmt::Display::fmt(why, f),
            Self::Body => f.write_str("the body is too long for a callback, or broke off"),
            Self::Slow => f.write_str("the body took longer than five seconds"),
        }
    }
}

impl std::error::Error for CallbackRejection {}

impl IntoResponse for CallbackRejection {
    fn into_response(self) -> Response {
        let status = match self {
            Self::NoCallback(_) | Self::Body => StatusCode::BAD_REQUEST,
            Self::Slow => StatusCode::REQUEST_TIMEOUT,
        };
        (status, self.to_string()).into_response()
    }
}

impl<S: Send + Sync> FromRequest<S> for Callback {
    type Rejection = CallbackRejection;

    async fn from_request(request: Request, _: &S) -> Result<Self, Self::Rejection> {
        let (parts, body) = request.into_parts();
        notice(parts.uri.query().unwrap_or(""), body)
            .await
            .map(Self)
    }
}

async fn notice(query: &str, body: Body) -> Result<CallbackNotice, CallbackRejection> {
    let body = tokio::time::timeout(BODY_TIME, to_bytes(body, BODY_LIMIT))
        .await
        .map_err(|_| CallbackRejection::Slow)?
        .map_err(|_| CallbackRejection::Body)?;
    CallbackNotice::from_request(query, &body).map_err(CallbackRejection::NoCallback)
}

/// Webhook route for Barion's callbacks: a POST route that stores a callback, then answers.
///
/// It answers 200 when the callback is stored, 503 when it could not be (Barion repeats it then),
/// 400 when the request is not a callback. The [workers](Watcher::start) refresh the payment: start
/// them too.
///
/// ```
/// # use barion_watcher::{MemoryStore, OrderUpdate, Watcher};
/// # barion_tests::example(async |shop| {
/// # let watcher = Watcher::new(shop.client()?, MemoryStore::new(), |update: OrderUpdate| async move {
/// #     barion_tests::ship(&update.order).await
/// # });
/// let workers = watcher.start();
/// let route = barion_watcher::axum::callback_route(watcher).into_route();
/// let app = axum::Router::<()>::new().route("/hooks/barion", route);
/// # let (listener, stop) = shop.server().await?;
/// axum::serve(listener, app).with_graceful_shutdown(stop).await?; // such as tokio::signal::ctrl_c()
/// workers.shutdown().await; // handles what was answered with 200
/// # assert_eq!(barion_tests::shipped(), ["order-1001"]);
/// # Ok(()) });
/// ```
#[doc(alias = "webhook")]
pub fn callback_route<S: Store + Clone + 'static>(watcher: Watcher<S>) -> CallbackRoute<S> {
    CallbackRoute {
        watcher,
        check: None,
    }
}

/// Builder for a webhook route. Made by [`callback_route`].
#[must_use]
pub struct CallbackRoute<S> {
    watcher: Watcher<S>,
    check: Option<SourceCheck>,
}

impl<S: Store + Clone + 'static> CallbackRoute<S> {
    /// IP allowlist: answers 403 to callbacks from other addresses. It needs the address of the
    /// connection's peer: serve the router by
    /// `into_make_service_with_connect_info::<SocketAddr>()`. Default: callbacks from any address
    /// are accepted, which is safe because the payment's state is read from Barion.
    #[doc(alias = "allowlist")]
    pub fn source_check(mut self, check: SourceCheck) -> Self {
        self.check = Some(check);
        self
    }

    /// Builds the route, for POST.
    pub fn into_route<T>(self) -> MethodRouter<T>
    where
        T: Clone + Send + Sync + 'static,
    {
        post(take::<S>).with_state(Arc::new(self))
    }
}

async fn take<S: Store + Clone + 'static>(
    State(route): State<Arc<CallbackRoute<S>>>,
    request: Request,
) -> Response {
    if route
        .check
        .as_ref()
        .is_some_and(|check| !comes_from(check, &request))
    {
        return StatusCode::FORBIDDEN.into_response();
    }
    let (parts, body) = request.into_parts();
    let notice = match notice(parts.uri.query().unwrap_or(""), body).await {
        Ok(notice) => notice,
        Err(rejection) => return rejection.into_response(),
    };
    match tokio::time::timeout(STORE_TIME, route.watcher.accept(notice)).await {
        Ok(Ok(accepted)) if accepted.is_taken() => StatusCode::OK.into_response(),
        _ => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

fn comes_from(check: &SourceCheck, request: &Request) -> bool {
    let forwarded_for: Vec<&str> = request
        .headers()
        .get_all("x-forwarded-for")
        .iter()
        // A value that is no text is no address either, but keeps its place.
        .map(|value| value.to_str().unwrap_or(""))
        .collect();
    request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .is_some_and(|ConnectInfo(peer)| check.allows(peer.ip(), &forwarded_for.join(",")))
}
