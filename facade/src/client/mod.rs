//! Client: its settings, and the execution of operations.

pub(crate) mod builder;
pub(crate) mod clock;
pub(crate) mod environment;
pub(crate) mod exchange;
pub(crate) mod execute;
mod methods;
pub(crate) mod rate_limit;
pub(crate) mod recorder;
mod recording;
pub(crate) mod retry;
pub(crate) mod telemetry;
pub(crate) mod unsettled;
pub(crate) mod wait;

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use barion_generated::Client as RawClient;
use barion_generated::hooks::{Exchange, Hooks, Transport};
use barion_generated::wire::{PosKey, WalletKey};

use crate::error::Error;
use clock::{ServerClock, WallClock};
use rate_limit::RateLimiter;
use recorder::Recorder;
use retry::RetryPolicy;
use telemetry::Server;
use unsettled::Unsettled;

/// Client of Barion for one shop. Cheap to clone; clones share their connections. Make one and keep
/// it.
///
/// Reads are retried after transient failures, and keep to a rate limit: see [`RetryPolicy`] and
/// [`RateLimit`](crate::RateLimit). Everything else is sent once, unless it is certain that nothing
/// left this machine. Redirects are not followed and requests are not hedged. [`Error::delivery`]
/// says whether a failed request may have taken effect.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    timeout: Duration,
    recorder: Option<Recorder>,
}

/// Answer that several readers share, of any operation.
pub(crate) type SharedAnswer = Arc<dyn Any + Send + Sync>;

/// State that clones share.
pub(crate) struct Inner {
    pub(crate) http: reqwest::Client,
    pub(crate) base: String,
    pub(crate) server: Server,
    pub(crate) key: PosKey,
    pub(crate) wallet_key: Option<WalletKey>,
    pub(crate) key_in_body: bool,
    pub(crate) retry: RetryPolicy,
    pub(crate) settling_time: Duration,
    pub(crate) rate_limiter: Arc<RateLimiter<Result<SharedAnswer, Error>>>,
    pub(crate) transport: Option<Arc<dyn Transport>>,
    pub(crate) wall_clock: WallClock,
    pub(crate) server_clock: ServerClock,
    pub(crate) unsettled: Arc<Unsettled>,
}

impl Client {
    /// Time limit: the same client with another one for each attempt of a call, see
    /// [`ClientBuilder::timeout`](crate::ClientBuilder::timeout). Cheap: it shares everything else.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # barion_tests::example(async |shop| {
    /// # let (barion, id) = (shop.client()?, shop.paid().await?);
    /// // A read changes nothing, and somebody waits for this page.
    /// let payment = barion.with_timeout(Duration::from_secs(5)).payment_state(id).await?;
    /// # assert!(payment.is_paid());
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        Self {
            timeout,
            ..self.clone()
        }
    }

    /// Generated client behind this one, with the same address, keys, connections and time limit:
    /// for operations that have no method here yet. See [`raw`](crate::raw) for what it does not
    /// do.
    #[must_use]
    pub fn raw(&self) -> RawClient {
        RawClient::new_with_client(&self.inner.base, self.inner.http.clone(), self.hooks())
    }

    /// Below version 4 Barion reads the key from the body too; the official client sends both.
    pub(crate) fn body_key(&self) -> Option<PosKey> {
        self.inner.key_in_body.then(|| self.inner.key.clone())
    }

    fn hooks(&self) -> Hooks {
        let hooks = Hooks::new()
            .with_pos_key(self.inner.key.clone())
            .with_timeout(self.timeout);
        let hooks = match &self.inner.transport {
            Some(transport) => hooks.with_transport(Arc::clone(transport)),
            None => hooks,
        };
        match &self.inner.wallet_key {
            Some(key) => hooks.with_wallet_key(key.clone()),
            None => hooks,
        }
    }

    /// Generated client that notes what it sees of the exchange.
    pub(crate) fn raw_noting(&self, exchange: Arc<Exchange>) -> RawClient {
        let hooks = self.hooks().with_exchange(exchange);
        RawClient::new_with_client(&self.inner.base, self.inner.http.clone(), hooks)
    }

    pub(crate) fn from_inner(inner: Inner, timeout: Duration) -> Self {
        Self {
            inner: Arc::new(inner),
            timeout,
            recorder: None,
        }
    }

    pub(crate) fn settling_time(&self) -> Duration {
        self.inner.settling_time
    }

    /// The same client with a recorder of unconfirmed requests.
    pub(crate) fn with_recorder(&self, recorder: Recorder) -> Self {
        Self {
            recorder: Some(recorder),
            ..self.clone()
        }
    }

    pub(crate) fn recorder(&self) -> Option<&Recorder> {
        self.recorder.as_ref()
    }

    /// Time limit of one attempt of a call.
    pub(crate) fn time_limit(&self) -> Duration {
        self.timeout
    }

    pub(crate) fn server_clock(&self) -> &ServerClock {
        &self.inner.server_clock
    }

    pub(crate) fn unsettled(&self) -> &Arc<Unsettled> {
        &self.inner.unsettled
    }

    /// Wall clock of this client.
    pub(crate) fn wall_clock(&self) -> &WallClock {
        &self.inner.wall_clock
    }

    pub(crate) fn has_wallet_key(&self) -> bool {
        self.inner.wallet_key.is_some()
    }

    pub(crate) fn server(&self) -> &Server {
        &self.inner.server
    }

    pub(crate) fn retry(&self) -> RetryPolicy {
        self.inner.retry
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base", &self.inner.base)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
