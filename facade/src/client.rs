//! The client.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use barion_generated::hooks::{Exchange, Hooks, Seen, Transport};
use barion_generated::wire::{PosKey, WalletKey};
use barion_generated::{Client as RawClient, types};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::answer::{
    CompletedPayment, GooglePayment, ProcessedPayment, Settlement, StartedPayment,
};
use crate::attempt::Attempt;
use crate::builder::ClientBuilder;
use crate::call::{Asked, move_money, once};
use crate::clock::{ServerClock, WallClock};
use crate::environment::Environment;
use crate::error::Error;
use crate::finish::{Capture, FinishReservation};
use crate::id::PaymentId;
use crate::pace::Turns;
use crate::recording::Recorder;
use crate::refund::{Refund, RefundedPayment};
use crate::retry::{AFTER_TOO_MANY, RetryPolicy, Tries};
use crate::start::StartPayment;
use crate::start::way::{ByGooglePay, Charging};
use crate::state::Payment;
use crate::token::TokenCharge;
use crate::trace::{Server, Try, warned};
use crate::unsettled::{Came, Unsettled};
use crate::wait::{Until, Waited, wait};

/// A client of Barion for one shop. Cheap to clone; clones share their connections. Make one and keep it.
///
/// Reads are repeated when they fail in passing, and wait for their turn, see [`RetryPolicy`] and [`Pace`](crate::Pace). Everything
/// else is sent once, unless it is certain that nothing left this machine. Nothing is redirected or hedged behind your
/// back; an [`Error`] says by [`delivery`](Error::delivery) whether the request may have taken effect.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    timeout: Duration,
    recorder: Option<Recorder>,
}

/// What clones share.
pub(crate) struct Inner {
    pub(crate) http: reqwest::Client,
    pub(crate) base: String,
    pub(crate) server: Server,
    pub(crate) key: PosKey,
    pub(crate) wallet_key: Option<WalletKey>,
    pub(crate) key_in_body: bool,
    pub(crate) retry: RetryPolicy,
    pub(crate) settling_time: Duration,
    pub(crate) turns: Arc<Turns<Result<Payment, Error>>>,
    pub(crate) transport: Option<Arc<dyn Transport>>,
    pub(crate) wall_clock: WallClock,
    pub(crate) server_clock: ServerClock,
    pub(crate) unsettled: Arc<Unsettled>,
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
        ClientBuilder::new(environment, key)
    }

    /// A client as the environment says: `BARION_POS_KEY` is the secret key of the shop, and `BARION_ENVIRONMENT` is `test`,
    /// `production`, or the address of another Barion such as a local sandbox. Both must be set; nothing leads to
    /// production by default.
    ///
    /// For more settings see [`ClientBuilder::from_env`].
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) naming the variable that is missing or wrong, never
    /// its value; and as [`new`](Self::new).
    pub fn from_env() -> Result<Self, Error> {
        ClientBuilder::from_env()?.build()
    }

    /// The same client with another limit for each call, see [`ClientBuilder::timeout`]. Cheap: it shares all the rest.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # barion_tests::example(async |shop| {
    /// # let (barion, id) = (shop.client()?, shop.paid().await?);
    /// // Reading can do no harm, and somebody waits for this page.
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

    /// The generated client behind this one, with the same address, keys, connections and time limit: for operations that
    /// have no method here yet. See [`raw`](crate::raw) for what it does not do.
    #[must_use]
    pub fn raw(&self) -> RawClient {
        RawClient::new_with_client(&self.inner.base, self.inner.http.clone(), self.hooks())
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
        warned("payment_start_v2", request.warnings());
        let attempt = Attempt::from(request);
        move_money(
            self,
            "payment_start_v2",
            attempt,
            send,
            StartedPayment::from_wire,
            |_| Came::done(),
        )
        .await
    }

    /// Charges a token that was registered by an earlier payment.
    ///
    /// This moves money. On [`Delivery::Unknown`](crate::Delivery::Unknown) do not send it again: the payer may have been
    /// charged.
    ///
    /// See <https://docs.barion.com/Payment-Start-v2>.
    ///
    /// # Errors
    /// As [`start_payment`](Self::start_payment), and `RecurringPaymentNotAllowed`. What concerns the token is no error but
    /// a [`TokenCharge`]. [`ErrorKind::Unsettled`](crate::ErrorKind::Unsettled), before anything is sent, while a charge of
    /// the same `PaymentRequestId` is under way or open, and for an hour after it was charged.
    #[doc(alias = "Payment/Start")]
    pub async fn charge_token(
        &self,
        request: &StartPayment<Charging>,
    ) -> Result<TokenCharge, Error> {
        let body = types::StartPaymentRequest {
            pos_key: self.body_key(),
            ..request.wire().clone()
        };
        let body = &body;
        let send = |raw: RawClient| async move { raw.payment_start_v2(body).await };
        warned("payment_start_v2", request.warnings());
        let attempt = Attempt::from(request);
        let read = |answer| {
            let payment = StartedPayment::from_wire(answer).and_then(TokenCharge::agree)?;
            Ok(TokenCharge::of_answer(payment))
        };
        move_money(
            self,
            "payment_start_v2",
            attempt,
            send,
            read,
            TokenCharge::came,
        )
        .await
        .or_else(TokenCharge::of_error)
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
        request: &StartPayment<ByGooglePay>,
    ) -> Result<GooglePayment, Error> {
        let body = types::StartPaymentWithGoogleTokenRequest {
            pos_key: self.body_key(),
            ..request.google_wire()
        };
        let body = &body;
        let send =
            |raw: RawClient| async move { raw.payment_start_with_google_token_v3(body).await };
        warned("payment_start_with_google_token_v3", request.warnings());
        let attempt = Attempt::from(request);
        move_money(
            self,
            "payment_start_with_google_token_v3",
            attempt,
            send,
            GooglePayment::from_wire,
            GooglePayment::came,
        )
        .await
    }

    /// Reads where a payment stands (version 4). The call to make after every callback.
    ///
    /// Barion takes 2 calls in 5 seconds for one payment, and answers 429 beyond that; so a call may wait here for its
    /// turn, and share its answer with others who ask at the same time. See [`Pace`](crate::Pace).
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
                let asked = Asked {
                    payment: one.payment,
                    payment_request_id: None,
                };
                let read =
                    |answer, seen: Option<&Seen>| Ok(Payment::from_wire_v4(answer)?.made(seen));
                once(&client, one, asked, send, read).await
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
                let asked = Asked {
                    payment: one.payment,
                    payment_request_id: None,
                };
                let read =
                    |answer, seen: Option<&Seen>| Ok(Payment::from_wire_v2(answer)?.made(seen));
                once(&client, one, asked, send, read).await
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
    /// It looks at once, then after 2.5 seconds, then in growing pauses up to 5 seconds, and within the [`Pace`](crate::Pace). A look
    /// that fails in passing is repeated. The budget is the whole: nothing goes on after it.
    ///
    /// ```
    /// use std::time::Duration;
    /// use barion::{Until, Waited};
    ///
    /// # barion_tests::example(async |shop| {
    /// # let (barion, id) = (shop.client()?, shop.paid().await?);
    /// match barion.wait_for(id, Until::PayerDone, Duration::from_secs(20)).await? {
    ///     Waited::Reached(payment) => println!("done: {}", payment.status),
    ///     Waited::Ended(payment) => println!("it ended as {}", payment.status),
    ///     Waited::OutOfTime { last, .. } => println!("we'll tell you by e-mail; last seen: {last:?}"),
    /// }
    /// # Ok(()) });
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
        let attempt = Attempt::complete_payment(id);
        move_money(
            self,
            "payment_complete_v2",
            attempt,
            send,
            CompletedPayment::from_wire,
            |_| Came::done(),
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
        let body = &body;
        let send = |raw: RawClient| async move { raw.payment_finish_reservation_v2(body).await };
        let attempt = Attempt::from(request);
        move_money(
            self,
            "payment_finish_reservation_v2",
            attempt,
            send,
            |answer| ProcessedPayment::from_wire(answer, Settlement::Finish),
            |_| Came::done(),
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
        let body = &body;
        let send = |raw: RawClient| async move { raw.payment_capture_v2(body).await };
        let attempt = Attempt::from(request);
        move_money(
            self,
            "payment_capture_v2",
            attempt,
            send,
            |answer| ProcessedPayment::from_wire(answer, Settlement::Capture),
            |_| Came::done(),
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
        let attempt = Attempt::cancel_authorization(id);
        move_money(
            self,
            "payment_cancel_authorization_v2",
            attempt,
            send,
            |answer| ProcessedPayment::from_wire(answer, Settlement::Cancel),
            |_| Came::done(),
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
    /// `TooLowBalanceToMakeRefund` and others; any kind of a failed exchange. [`ErrorKind::Unsettled`](crate::ErrorKind::Unsettled),
    /// before anything is sent, while another refund of the payment is under way or open, and for an hour after one was made
    /// that the state of this one does not know of.
    #[doc(alias = "Payment/Refund")]
    pub async fn refund(&self, request: &Refund) -> Result<RefundedPayment, Error> {
        let body = types::RefundPaymentRequest {
            pos_key: self.body_key(),
            ..request.wire().clone()
        };
        let body = &body;
        let send = |raw: RawClient| async move { raw.refund_payment_v2(body).await };
        let attempt = Attempt::from(request);
        let read = |answer| {
            let refunded = RefundedPayment::from_wire(answer)?;
            refunded.fits(request)?;
            Ok(refunded)
        };
        let came = |refunded: &RefundedPayment| {
            let made = refunded.refunded_transactions.iter();
            Came::refunded(made.filter_map(|one| one.transaction_id).collect())
        };
        move_money(self, "refund_payment_v2", attempt, send, read, came).await
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

    /// The generated client, which writes what it sees into this note.
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

    /// The same client with something that writes attempts down.
    pub(crate) fn with_recorder(&self, recorder: Recorder) -> Self {
        Self {
            recorder: Some(recorder),
            ..self.clone()
        }
    }

    pub(crate) fn recorder(&self) -> Option<&Recorder> {
        self.recorder.as_ref()
    }

    /// The limit of one try of a call.
    pub(crate) fn time_limit(&self) -> Duration {
        self.timeout
    }

    pub(crate) fn server_clock(&self) -> &ServerClock {
        &self.inner.server_clock
    }

    pub(crate) fn unsettled(&self) -> &Arc<Unsettled> {
        &self.inner.unsettled
    }

    /// What this client takes for the time of day.
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
