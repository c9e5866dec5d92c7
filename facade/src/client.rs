//! The client.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use barion_generated::hooks::{Exchange, Hooks};
use barion_generated::wire::PosKey;
use barion_generated::{Client as RawClient, types};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use url::Url;

use crate::answer::{CompletedPayment, GooglePayment, ProcessedPayment, StartedPayment};
use crate::call::{call, once};
use crate::environment::Environment;
use crate::error::Error;
use crate::finish::{Capture, FinishReservation};
use crate::id::PaymentId;
use crate::pace::{Pace, Turns};
use crate::refund::{Refund, RefundedPayment};
use crate::retry::{AFTER_TOO_MANY, RetryPolicy, Tries};
use crate::start::{GooglePay, StartPayment};
use crate::state::Payment;
use crate::trace::{Server, Try};
use crate::wait::{Until, Waited, wait};

/// The default limit of a whole call: above Barion's own 30 seconds, so that a call which still succeeds is not
/// abandoned.
const TIMEOUT: Duration = Duration::from_secs(35);
/// The default limit of connecting.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Idle connections are closed before a proxy in between is likely to: a request on a connection that the other
/// side has just closed ends in `Delivery::Unknown`.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(15);

/// A client of Barion for one shop. Cheap to clone; clones share their connections. Make one and keep it.
///
/// Reads are repeated when they fail in passing, and wait for their turn, see [`RetryPolicy`] and [`Pace`]. Everything
/// else is sent once, unless it is certain that nothing left this machine. Nothing is redirected or hedged behind your
/// back; an [`Error`] says by [`delivery`](Error::delivery) whether the request may have taken effect.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    timeout: Duration,
}

struct Inner {
    http: reqwest::Client,
    base: String,
    server: Server,
    key: PosKey,
    key_in_body: bool,
    retry: RetryPolicy,
    turns: Arc<Turns<Result<Payment, Error>>>,
}

impl Client {
    /// A client with all defaults.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when the environment's address can't be used, or
    /// TLS can't be set up on this machine.
    pub fn new(environment: Environment, key: PosKey) -> Result<Self, Error> {
        Self::builder(environment, key).build()
    }

    /// A client with settings of its own.
    pub fn builder(environment: Environment, key: PosKey) -> ClientBuilder {
        ClientBuilder {
            environment,
            key,
            key_in_body: true,
            allow_plain_http: false,
            timeout: TIMEOUT,
            connect_timeout: CONNECT_TIMEOUT,
            user_agent: concat!("barion-rust/", env!("CARGO_PKG_VERSION")).to_owned(),
            proxy: None,
            system_proxy: false,
            retry: RetryPolicy::default(),
            pace: Pace::default(),
        }
    }

    /// The same client with another limit for each call, see [`ClientBuilder::timeout`]. Cheap: it shares all the rest.
    ///
    /// ```no_run
    /// # async fn page(barion: &barion::Client, id: barion::PaymentId) -> Result<(), barion::Error> {
    /// use std::time::Duration;
    /// // Reading can do no harm, and somebody waits for this page.
    /// let payment = barion.with_timeout(Duration::from_secs(5)).payment_state(id).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        Self {
            timeout,
            ..self.clone()
        }
    }

    /// Starts a payment. Send the payer's browser to the [`gateway_url`](StartedPayment::gateway_url) of the answer.
    ///
    /// No money moves until the payer pays. When this fails with [`Delivery::Unknown`](crate::Delivery::Unknown) the
    /// payment may exist, but nobody holds its gateway address: start another one.
    ///
    /// See <https://docs.barion.com/Payment-Start-v2>.
    ///
    /// # Errors
    /// [`ErrorKind::Api`](crate::ErrorKind::Api) with `ShopIsInDraftState`, `ShopIsClosed`, `InvalidUser` (the payee is
    /// no wallet), `InvalidCurrency` and others; any kind of a failed exchange.
    #[doc(alias = "Payment/Start")]
    pub async fn start_payment(&self, request: &StartPayment) -> Result<StartedPayment, Error> {
        let body = types::StartPaymentRequest {
            pos_key: self.body_key(),
            ..request.wire().clone()
        };
        let body = &body;
        let send = |raw: RawClient| async move { raw.payment_start_v2(body).await };
        call(
            self,
            "payment_start_v2",
            None,
            send,
            StartedPayment::from_wire,
        )
        .await
    }

    /// Charges the card behind a token of Google Pay.
    ///
    /// This moves money. On [`Delivery::Unknown`](crate::Delivery::Unknown) do not send it again: the payer may have been charged.
    ///
    /// See <https://docs.barion.com/Payment-StartPaymentWithGoogleToken-v3>.
    ///
    /// # Errors
    /// As [`start_payment`](Self::start_payment).
    #[doc(alias = "Payment/StartPaymentWithGoogleToken")]
    pub async fn start_payment_with_google_token(
        &self,
        request: &StartPayment,
        google_pay: &GooglePay,
    ) -> Result<GooglePayment, Error> {
        let mut body = google_pay.request(request)?;
        body.pos_key = self.body_key();
        let body = &body;
        let send =
            |raw: RawClient| async move { raw.payment_start_with_google_token_v3(body).await };
        call(
            self,
            "payment_start_with_google_token_v3",
            None,
            send,
            GooglePayment::from_wire,
        )
        .await
    }

    /// Reads where a payment stands (version 4). The call to make after every callback.
    ///
    /// Barion takes 2 calls in 5 seconds for one payment, and answers 429 beyond that; so a call may wait here for its
    /// turn, and share its answer with others who ask at the same time. See [`Pace`].
    ///
    /// See <https://docs.barion.com/Payment-PaymentState-v4>.
    ///
    /// # Errors
    /// [`ErrorKind::Api`](crate::ErrorKind::Api) with `NotExistingPaymentId`, and any kind of a failed exchange.
    #[doc(alias = "PaymentState")]
    pub async fn payment_state(&self, id: PaymentId) -> Result<Payment, Error> {
        self.read(V4, id, |client, one| {
            let read = async move {
                let id = id.wire();
                let send = |raw: RawClient| async move { raw.get_payment_state_v4(&id).await };
                once(&client, one, send, Payment::from_wire_v4).await
            };
            read.boxed()
        })
        .await
    }

    /// Reads where a payment stands, the older way (version 2), which Barion marks as deprecated. It does not tell the
    /// payment method. Prefer [`payment_state`](Self::payment_state).
    ///
    /// See <https://docs.barion.com/Payment-GetPaymentState-v2>.
    ///
    /// # Errors
    /// As [`payment_state`](Self::payment_state).
    #[doc(alias = "GetPaymentState")]
    pub async fn payment_state_v2(&self, id: PaymentId) -> Result<Payment, Error> {
        self.read(V2, id, |client, one| {
            let read = async move {
                let id = id.wire();
                let send = |raw: RawClient| async move { raw.get_payment_state_v2(&id).await };
                once(&client, one, send, Payment::from_wire_v2).await
            };
            read.boxed()
        })
        .await
    }

    /// Reads a payment's state again and again until it got somewhere, the payment is final, or `budget` is spent.
    ///
    /// For a page that the payer looks at while the callback may not have come yet. It does not replace the callback:
    /// Barion also limits, undisclosed, how long a payment is asked for.
    ///
    /// It looks at once, then after 2.5 seconds, then in growing pauses up to 5 seconds, and within the [`Pace`]. A look
    /// that fails in passing is repeated. The budget is the whole: nothing goes on after it.
    ///
    /// ```no_run
    /// # async fn page(barion: &barion::Client, id: barion::PaymentId) -> Result<(), barion::Error> {
    /// use std::time::Duration;
    /// use barion::{Until, Waited};
    /// match barion.wait_for(id, Until::PayerDone, Duration::from_secs(20)).await? {
    ///     Waited::Reached(payment) => println!("done: {}", payment.status),
    ///     Waited::Ended(payment) => println!("it ended as {}", payment.status),
    ///     Waited::OutOfTime { last, .. } => println!("we'll tell you by e-mail; last seen: {last:?}"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Only what waiting can't mend: see [`payment_state`](Self::payment_state). A budget that is spent is no error, see
    /// [`Waited::OutOfTime`].
    pub async fn wait_for(
        &self,
        id: PaymentId,
        until: impl Into<Until>,
        budget: Duration,
    ) -> Result<Waited, Error> {
        let pace = self.inner.turns.pace();
        let until = until.into();
        wait(&until, budget, pace, V4, || self.payment_state(id)).await
    }

    /// Completes a one-click token payment after the payer passed its 3D Secure challenge.
    ///
    /// This moves money. On [`Delivery::Unknown`](crate::Delivery::Unknown) read the payment's state.
    ///
    /// See <https://docs.barion.com/Payment-Complete-v2>.
    ///
    /// # Errors
    /// [`ErrorKind::Api`](crate::ErrorKind::Api) when the payment does not wait for it, and any kind of a failed exchange.
    #[doc(alias = "Payment/Complete")]
    pub async fn complete_payment(&self, id: PaymentId) -> Result<CompletedPayment, Error> {
        let body = types::CompletePaymentRequest {
            payment_id: id.wire(),
            pos_key: self.body_key(),
        };
        let body = &body;
        let send = |raw: RawClient| async move { raw.payment_complete_v2(body).await };
        call(
            self,
            "payment_complete_v2",
            Some(id),
            send,
            CompletedPayment::from_wire,
        )
        .await
    }

    /// Finishes transactions of a reservation, wholly or in part; what is left returns to the payer.
    ///
    /// This moves money. On [`Delivery::Unknown`](crate::Delivery::Unknown) read the payment's state.
    ///
    /// See <https://docs.barion.com/Payment-FinishReservation-v2>.
    ///
    /// # Errors
    /// [`ErrorKind::Api`](crate::ErrorKind::Api) when the payment is not reserved, and any kind of a failed exchange.
    #[doc(alias = "Payment/FinishReservation")]
    pub async fn finish_reservation(
        &self,
        request: &FinishReservation,
    ) -> Result<ProcessedPayment, Error> {
        let body = types::FinishReservationRequest {
            pos_key: self.body_key(),
            ..request.wire().clone()
        };
        let payment = PaymentId::from_wire_if_set(Some(body.payment_id));
        let body = &body;
        let send = |raw: RawClient| async move { raw.payment_finish_reservation_v2(body).await };
        call(
            self,
            "payment_finish_reservation_v2",
            payment,
            send,
            ProcessedPayment::from_wire,
        )
        .await
    }

    /// Captures an authorised payment, wholly or in part; the rest of the hold is released. Allowed once.
    ///
    /// This moves money. On [`Delivery::Unknown`](crate::Delivery::Unknown) read the payment's state.
    ///
    /// See <https://docs.barion.com/Payment-Capture-v2>.
    ///
    /// # Errors
    /// [`ErrorKind::Api`](crate::ErrorKind::Api) when the payment is not authorised, and any kind of a failed exchange.
    #[doc(alias = "Payment/Capture")]
    pub async fn capture(&self, request: &Capture) -> Result<ProcessedPayment, Error> {
        let body = types::CapturePaymentRequest {
            pos_key: self.body_key(),
            ..request.wire().clone()
        };
        let payment = PaymentId::from_wire_if_set(Some(body.payment_id));
        let body = &body;
        let send = |raw: RawClient| async move { raw.payment_capture_v2(body).await };
        call(
            self,
            "payment_capture_v2",
            payment,
            send,
            ProcessedPayment::from_wire,
        )
        .await
    }

    /// Gives up an authorised payment: the hold on the card is released, the payment ends in `Canceled`.
    ///
    /// On [`Delivery::Unknown`](crate::Delivery::Unknown) read the payment's state.
    ///
    /// See <https://docs.barion.com/Payment-CancelAuthorization-v2>.
    ///
    /// # Errors
    /// [`ErrorKind::Api`](crate::ErrorKind::Api) when the payment is not authorised, and any kind of a failed exchange.
    #[doc(alias = "Payment/CancelAuthorization")]
    pub async fn cancel_authorization(&self, id: PaymentId) -> Result<ProcessedPayment, Error> {
        let body = types::CancelAuthorizationRequest {
            payment_id: id.wire(),
            pos_key: self.body_key(),
        };
        let body = &body;
        let send = |raw: RawClient| async move { raw.payment_cancel_authorization_v2(body).await };
        call(
            self,
            "payment_cancel_authorization_v2",
            Some(id),
            send,
            ProcessedPayment::from_wire,
        )
        .await
    }

    /// Refunds transactions of a succeeded payment, wholly or in part, out of the shop's wallet.
    ///
    /// This moves money. On [`Delivery::Unknown`](crate::Delivery::Unknown) read the payment's state and look for the
    /// refund before sending another one: Barion would make both.
    ///
    /// See <https://docs.barion.com/Payment-Refund-v2>.
    ///
    /// # Errors
    /// [`ErrorKind::Api`](crate::ErrorKind::Api) with `PaymentStatusNotValid`, `AmountToRefundIsGreaterThanTransactionAmount`,
    /// `TooLowBalanceToMakeRefund` and others; any kind of a failed exchange.
    #[doc(alias = "Payment/Refund")]
    pub async fn refund(&self, request: &Refund) -> Result<RefundedPayment, Error> {
        let body = types::RefundPaymentRequest {
            pos_key: self.body_key(),
            ..request.wire().clone()
        };
        let payment = PaymentId::from_wire_if_set(Some(body.payment_id));
        let body = &body;
        let send = |raw: RawClient| async move { raw.refund_payment_v2(body).await };
        call(
            self,
            "refund_payment_v2",
            payment,
            send,
            RefundedPayment::from_wire,
        )
        .await
    }

    /// Reads a payment's state, each time when it is its turn, until it succeeds or may not be tried again.
    async fn read(
        &self,
        operation: &'static str,
        id: PaymentId,
        once: impl Fn(Self, Try) -> BoxFuture<'static, Result<Payment, Error>>,
    ) -> Result<Payment, Error> {
        let turns = &self.inner.turns;
        let mut tries = Tries::new(operation, self.retry());
        loop {
            let attempt = Try {
                operation,
                number: tries.number(),
                payment: Some(id),
            };
            let read = once(self.clone(), attempt);
            match turns.ask(id, (operation, self.timeout), read).await {
                Ok(payment) => return Ok(payment),
                Err(error) => {
                    if error.status() == Some(429) {
                        turns.hold(id, error.retry_after().unwrap_or(AFTER_TOO_MANY));
                    }
                    tries.after(error).await?;
                }
            }
        }
    }

    /// Barion reads the key from the body too below version 4; the official client sends both.
    fn body_key(&self) -> Option<PosKey> {
        self.inner.key_in_body.then(|| self.inner.key.clone())
    }

    /// The generated client, which writes what it sees into this note.
    pub(crate) fn raw_noting(&self, exchange: Option<Arc<Exchange>>) -> RawClient {
        let mut hooks = Hooks::new()
            .with_pos_key(self.inner.key.clone())
            .with_timeout(self.timeout);
        if let Some(exchange) = exchange {
            hooks = hooks.with_exchange(exchange);
        }
        RawClient::new_with_client(&self.inner.base, self.inner.http.clone(), hooks)
    }

    pub(crate) fn server(&self) -> &Server {
        &self.inner.server
    }

    pub(crate) fn retry(&self) -> RetryPolicy {
        self.inner.retry
    }
}

const V2: &str = "get_payment_state_v2";
const V4: &str = "get_payment_state_v4";

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base", &self.inner.base)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// Settings of a [`Client`].
#[derive(Clone)]
#[must_use]
pub struct ClientBuilder {
    environment: Environment,
    key: PosKey,
    key_in_body: bool,
    allow_plain_http: bool,
    timeout: Duration,
    connect_timeout: Duration,
    user_agent: String,
    proxy: Option<Url>,
    system_proxy: bool,
    retry: RetryPolicy,
    pace: Pace,
}

impl ClientBuilder {
    /// The limit of each try of a call, from connecting to the last byte of the answer. Barion gives up after 30 seconds; a
    /// shorter limit here abandons calls that may still succeed. Default: 35 seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// When a call that failed is sent again. Default: 3 tries of reads, and of other calls only if nothing left this
    /// machine; see [`RetryPolicy`].
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// How often the state of one payment is read. Default: Barion's own limit, 2 calls in 5 seconds; see [`Pace`].
    pub fn pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// The limit of connecting, within the whole. Default: 10 seconds.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// The `User-Agent` header. Default: `barion-rust/` and the version of this crate.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// Whether requests below version 4 carry the shop key in the body as well as in the header, as Barion's own client
    /// does. Some pages of the docs still call it required there. Default: yes.
    pub fn key_in_body(mut self, yes: bool) -> Self {
        self.key_in_body = yes;
        self
    }

    /// Whether an [`Environment::Custom`] address may be plain `http` even if it is not on this machine. The shop key
    /// then crosses the network readably; meant for containers next to each other. Default: no.
    pub fn allow_plain_http(mut self, yes: bool) -> Self {
        self.allow_plain_http = yes;
        self
    }

    /// The proxy that all calls go through, such as `http://user:password@proxy.example:3128`. Default: none, whatever
    /// the environment says.
    pub fn proxy(mut self, url: Url) -> Self {
        self.proxy = Some(url);
        self
    }

    /// Whether calls go through the proxy that the environment names in `HTTPS_PROXY`, `HTTP_PROXY` or `ALL_PROXY`, with
    /// the exceptions in `NO_PROXY`; with the feature `system-proxy` also through the one set in Windows or macOS.
    /// [`proxy`](Self::proxy) goes before. Default: no, so that a variable meant for other programs can't lead payments
    /// elsewhere.
    pub fn system_proxy(mut self, yes: bool) -> Self {
        self.system_proxy = yes;
        self
    }

    /// Makes the client.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn build(self) -> Result<Client, Error> {
        let base = self.environment.base(self.allow_plain_http)?;
        let server = Server::of(&base)?;
        let http = self.http()?;
        Ok(Client {
            timeout: self.timeout,
            inner: Arc::new(Inner {
                http,
                base,
                server,
                key: self.key,
                key_in_body: self.key_in_body,
                retry: self.retry,
                turns: Turns::new(self.pace),
            }),
        })
    }

    fn http(&self) -> Result<reqwest::Client, Error> {
        let mut http = reqwest::Client::builder()
            .connect_timeout(self.connect_timeout)
            .pool_idle_timeout(POOL_IDLE_TIMEOUT)
            .user_agent(&self.user_agent)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .http1_only();
        if let Some(url) = &self.proxy {
            let proxy = reqwest::Proxy::all(url.clone()).map_err(|error| {
                Error::configuration("the address of the proxy can't be used".to_owned())
                    .with_source(error.without_url())
            })?;
            http = http.no_proxy().proxy(proxy);
        } else if !self.system_proxy {
            http = http.no_proxy();
        }
        http.build().map_err(|error| {
            Error::configuration("the HTTP client can't be set up".to_owned())
                .with_source(error.without_url())
        })
    }
}

/// The address of a proxy may have a password in it.
impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("environment", &self.environment)
            .field("timeout", &self.timeout)
            .field("connect_timeout", &self.connect_timeout)
            .finish_non_exhaustive()
    }
}
