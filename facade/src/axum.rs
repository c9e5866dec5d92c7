//! Callbacks in a shop that is served by [axum](https://docs.rs/axum) 0.8. Needs the feature `axum`.
//!
//! [`callback_route`] is a route that is ready to use. A shop with a queue of its own takes a [`CallbackNotice`] as the
//! argument of its handler; then answer 200 within 15 seconds, and work afterwards.

mod queue;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ::axum::body::{Body, to_bytes};
use ::axum::extract::{ConnectInfo, FromRequest, Request, State};
use ::axum::http::StatusCode;
use ::axum::response::{IntoResponse, Response};
use ::axum::routing::{MethodRouter, post};

use crate::callback::{CallbackNotice, NoticeError, SourceCheck};
use crate::id::PaymentId;
use crate::store::PaymentStore;
use crate::watcher::{PaymentWatcher, WatchError};
use queue::{Options, Queue};

pub use queue::CallbackWorkers;

/// The most of a body that is read; an id has 32 digits.
const BODY_LIMIT: usize = 16 * 1_024;

/// Why a request is answered with a failure instead of taken as a callback.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoticeRejection {
    /// It is none. Answered with 400.
    NoCallback(NoticeError),
    /// Its body is longer than any callback, or broke off. Answered with 400.
    Body,
}

impl fmt::Display for NoticeRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCallback(why) => fmt::Display::fmt(why, f),
            Self::Body => f.write_str("the body is too long for a callback, or broke off"),
        }
    }
}

impl std::error::Error for NoticeRejection {}

impl IntoResponse for NoticeRejection {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, self.to_string()).into_response()
    }
}

/// Takes the payment's id from the query or the body, whichever has it.
impl<S: Send + Sync> FromRequest<S> for CallbackNotice {
    type Rejection = NoticeRejection;

    async fn from_request(request: Request, _: &S) -> Result<Self, Self::Rejection> {
        let (parts, body) = request.into_parts();
        of(parts.uri.query().unwrap_or(""), body).await
    }
}

async fn of(query: &str, body: Body) -> Result<CallbackNotice, NoticeRejection> {
    let body = to_bytes(body, BODY_LIMIT)
        .await
        .map_err(|_| NoticeRejection::Body)?;
    CallbackNotice::from_request(query, &body).map_err(NoticeRejection::NoCallback)
}

/// A route for Barion's callbacks, which has a watcher look at the payments.
///
/// It answers 200 at once, and the work is done afterwards by a few tasks. Notices of one payment that wait together are
/// one look. A look that fails is repeated after 5, 15, 45, 135 and 405 seconds, unless set otherwise, or
/// Barion does not know the payment. When too many wait the answer is 503, and
/// Barion calls again.
///
/// ```
/// # use barion::{MemoryStore, PaymentNews, PaymentWatcher};
/// # barion_tests::example(async |shop| {
/// # let watcher = PaymentWatcher::new(shop.client()?, MemoryStore::new(), |news: PaymentNews| async move {
/// #     barion_tests::ship(news.payment.payment_request_id.as_deref().unwrap_or("")).await
/// # });
/// let (route, workers) = barion::axum::callback_route(watcher)
///     .on_error(|id, error| eprintln!("payment {id}: {error}"))
///     .start();
/// let app = axum::Router::<()>::new().route("/hooks/barion", route);
/// # let (listener, stop) = shop.server().await?;
/// axum::serve(listener, app).with_graceful_shutdown(stop).await?; // such as tokio::signal::ctrl_c()
/// workers.shutdown().await; // what was answered with 200 is still done
/// # assert_eq!(barion_tests::shipped(), ["order-1001"]);
/// # Ok(()) });
/// ```
pub fn callback_route<S: PaymentStore + 'static>(watcher: PaymentWatcher<S>) -> CallbackRoute<S> {
    CallbackRoute {
        watcher,
        check: None,
        options: Options::default(),
    }
}

/// A route in the making. Made by [`callback_route`].
#[must_use]
pub struct CallbackRoute<S> {
    watcher: PaymentWatcher<S>,
    check: Option<SourceCheck>,
    options: Options,
}

impl<S: PaymentStore + 'static> CallbackRoute<S> {
    /// How many payments may wait for a look. Default: 1024.
    pub fn queue(mut self, length: usize) -> Self {
        self.options.length = length.max(1);
        self
    }

    /// How many looks go on at the same time. Default: 4.
    pub fn workers(mut self, count: usize) -> Self {
        self.options.workers = count.max(1);
        self
    }

    /// Looks by itself at payments that are not settled, at the start and then this often, 50 at a time: see
    /// [`PaymentWatcher::sweep`]. Default: every five minutes.
    pub fn sweep_every(mut self, time: Duration) -> Self {
        self.options.sweep_every = Some(time.max(Duration::from_secs(1)));
        self
    }

    /// Looks at payments only when a callback comes.
    pub fn no_sweep(mut self) -> Self {
        self.options.sweep_every = None;
        self
    }

    /// How long after each failed look at a payment the next one follows, or longer if Barion asks for it; after the last
    /// of these times it is left to the sweeps. Default: 5, 15, 45, 135 and 405 seconds.
    pub fn repeat_after(mut self, times: impl IntoIterator<Item = Duration>) -> Self {
        self.options.repeat_after = times.into_iter().collect();
        self
    }

    /// Answers 403 to callbacks that don't come from these addresses. The address of the connection's other end must be
    /// known: serve the router by `into_make_service_with_connect_info::<SocketAddr>()`. Default: whoever calls, the state
    /// is asked of Barion.
    pub fn source_check(mut self, check: SourceCheck) -> Self {
        self.check = Some(check);
        self
    }

    /// What to do with a look that did not end well, besides repeating it: write it to the log. Default: nothing.
    pub fn on_error(
        mut self,
        tell: impl Fn(PaymentId, &WatchError) + Send + Sync + 'static,
    ) -> Self {
        self.options.on_error = Arc::new(tell);
        self
    }

    /// Starts the tasks on the current Tokio runtime, and makes the route for POST. Keep the workers, and
    /// [shut them down](CallbackWorkers::shutdown) after the server.
    pub fn start<T>(self) -> (MethodRouter<T>, CallbackWorkers)
    where
        T: Clone + Send + Sync + 'static,
    {
        let (queue, workers) = Queue::start(self.watcher, self.options);
        let desk = Arc::new(Desk {
            queue,
            check: self.check,
        });
        (post(take).with_state(desk), workers)
    }
}

/// Where callbacks arrive.
struct Desk {
    queue: Arc<Queue>,
    check: Option<SourceCheck>,
}

async fn take(State(desk): State<Arc<Desk>>, request: Request) -> Response {
    if desk
        .check
        .as_ref()
        .is_some_and(|check| !comes_from(check, &request))
    {
        return StatusCode::FORBIDDEN.into_response();
    }
    let (parts, body) = request.into_parts();
    match of(parts.uri.query().unwrap_or(""), body).await {
        Ok(notice) if desk.queue.take(notice.payment_id()) => StatusCode::OK.into_response(),
        Ok(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Err(rejection) => rejection.into_response(),
    }
}

fn comes_from(check: &SourceCheck, request: &Request) -> bool {
    let forwarded_for: Vec<&str> = request
        .headers()
        .get_all("x-forwarded-for")
        .iter()
        // One that is no text is no address either, but keeps its place.
        .map(|value| value.to_str().unwrap_or(""))
        .collect();
    request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .is_some_and(|ConnectInfo(peer)| check.allows(peer.ip(), &forwarded_for.join(",")))
}
