//! Client of the [Barion](https://www.barion.com) payment gateway: start, reserve, capture and
//! refund payments, and find out what became of a lost call.
//!
//! # From an order to its money
//!
//! ```
//! use barion::{Client, Currency, Environment, Item, Money, PosKey, StartPayment, Transaction};
//!
//! # use barion_tests::std;
//! # barion_tests::example(async |shop| {
//! let key = PosKey::new(&std::env::var("BARION_POS_KEY")?)?;
//! let barion = Client::new(Environment::Test, key)?;
//! # let barion = shop.client()?;
//!
//! // 1. Start a payment and send the payer's browser to the gateway.
//! let request = StartPayment::immediate("order-1001", Currency::Huf)
//!     .redirect_url("https://shop.example/thanks".parse()?)
//!     .callback_url("https://shop.example/hooks/barion".parse()?)
//!     .transaction(
//!         Transaction::new("order-1001/1", "shop@example.com")
//!             .item(Item::new("Mug", 2, 1990))
//!             .item(Item::new("Delivery", 1, 990)),
//!     )
//!     .build()?;
//! let started = barion.start_payment(&request).await?;
//! let gateway = started.gateway_url.ok_or("no gateway address")?;
//! println!("send the browser to {gateway}");
//! # shop.pay(started.payment_id).await?;
//!
//! // 2. The callback carries nothing but an id. Read the payment's state.
//! let payment = barion.payment_state(started.payment_id).await?;
//! if payment.matches_order(&Money::new(4_970, Currency::Huf)).is_exact() {
//!     println!("ship it");
//! }
//! # assert!(payment.is_paid());
//! # Ok(()) });
//! ```
//!
//! # What this crate does for you
//!
//! * **Exact amounts.** Amounts are [`Decimal`]s, totals are computed without rounding, and no
//!   floating point number is involved anywhere between your code and the wire.
//! * **Compile-time checks.** A reservation without a period, a token charge without its trace id,
//!   or a charge whose outcome is ignored does not compile: see [`StartPayment`].
//! * **Validation before sending.** `build()` checks a request against Barion's limits and names
//!   every broken one by its path, such as `Transactions[0].Items[2].Name`.
//! * **Safe retries.** Reads are sent again after transient failures; a call that may change
//!   something is sent again only if nothing left this machine ([`RetryPolicy`]).
//!   [`Error::delivery`] says whether it may have arrived.
//! * **Rate limit and coalescing.** Reads of one payment keep to Barion's limit, and concurrent
//!   reads share their calls ([`RateLimit`]).
//! * **Open enumerations.** Statuses, currencies and the like keep values that this version does
//!   not know; odd dates and missing properties are kept or left out, but never fail an answer.
//! * **Meaning of a payment's state.** [`Payment::standing`] distinguishes paid, refunded and
//!   finished with nothing; refunds, finishes and captures that are built from a state refuse what
//!   it forbids.
//! * **Reconciliation.** [`Client::reconcile`] asks Barion what became of a call whose answer got
//!   lost ([`UnconfirmedRequest`]).
//! * **Callbacks and orders.** The crate `barion-watcher` runs in the shop's server beside this
//!   client and sees to it that an order is paid once, whether callbacks come late, twice or not at
//!   all.
//! * **A 200 with errors is an error**, and keeps the payment's id.
//! * **Secrets stay secret.** Keys and payers' data are in no `Debug`, `Display` or address.
//!
//! # Defaults
//!
//! | what | default | set by |
//! |---|---|---|
//! | ways to pay | all that the contract allows (`All`) | [`funding_sources`](StartPaymentBuilder::funding_sources) |
//! | guests without a wallet | may pay | [`guest_check_out`](StartPaymentBuilder::guest_check_out) |
//! | language of the gateway | Hungarian, `hu-HU`; never guessed | [`locale`](StartPaymentBuilder::locale) |
//! | time to pay (payment window) | Barion's own: 30 minutes | [`payment_window`](StartPaymentBuilder::payment_window) |
//! | time limit of an attempt | 35 seconds, 10 of them to connect | [`timeout`](ClientBuilder::timeout), [`with_timeout`](Client::with_timeout) |
//! | retries | reads: 3 attempts within 60 seconds; other calls only if nothing was sent | [`retry`](ClientBuilder::retry) |
//! | rate limit of one payment's state | 2 calls in 5 seconds, shared by clones | [`rate_limit`](ClientBuilder::rate_limit) |
//! | proxy | none, whatever the environment says | [`proxy`](ClientBuilder::proxy), [`system_proxy`](ClientBuilder::system_proxy) |
//! | shop key | in the header, and below version 4 in the body too | [`key_in_body`](ClientBuilder::key_in_body) |
//!
//! Barion itself gives up on a request after 30 seconds. The limit here is longer on purpose: a
//! shorter one would abandon calls that still succeed, and leave you with [`Delivery::Unknown`].
//!
//! # Tracing
//!
//! With the feature `tracing` (on by default) each attempt of a call is a span `barion.call`, with
//! the names that [OpenTelemetry](https://opentelemetry.io/docs/specs/semconv/http/http-spans/) has
//! for HTTP clients: `otel.name`, `otel.kind`, `otel.status_code`, `http.request.method`,
//! `http.response.status_code`, `http.request.resend_count`, `server.address`, `server.port`,
//! `url.scheme`, `url.template`, `error.type`; and `barion.operation`, `barion.payment_id` and
//! `barion.attempt` beside them. An event in the span (`debug` for success, `warn` for failure) has
//! `duration_ms`, and after a failure `barion.delivery` and `barion.error_code`. Before a retry an
//! event (`info`) has `pause_ms`. A payment that is sent in spite of its
//! [`warnings`](StartPayment::warnings) causes an event (`warn`) for each of them, with
//! `barion.field` (a path, no value) and `barion.rule`. Bodies, keys, queries and payers' data are
//! never in spans and events.
//!
//! # Runtime, TLS and platforms
//!
//! The client is async and needs a Tokio runtime with time and I/O; a program without one uses the
//! feature `blocking` and the module `blocking`.
//!
//! TLS is rustls by default. It uses the crypto provider that the application has installed, and
//! falls back to aws-lc-rs; the feature `rustls-no-provider` has no fallback, and [`Client::new`]
//! reports it if no provider is installed. The feature `native-tls` uses the library of the
//! operating system.
//!
//! The crate does not build for `wasm32-unknown-unknown`: the `reqwest` of that target can neither
//! read answers in pieces nor make new ones, so that their size could not be bounded, and there is
//! no clock for time limits. A shop key has no place in a browser anyway.
//!
//! # Local sandbox
//!
//! The crate `barion-sandbox` is a local Barion for tests and development without an account: start
//! it in a test and point [`Environment::Custom`] at it.

#[cfg(feature = "blocking")]
pub mod blocking;
#[doc(alias = "webhook")]
#[doc(alias = "IPN")]
pub mod callback;
mod client;
mod error;
mod followup;
mod id;
mod money;
mod operation;
mod payment;
pub mod raw;
mod reconcile;
mod unconfirmed;
mod validation;
mod wire;

pub use barion_generated::enums::{
    AccountChangeIndicator, AccountCreationIndicator, AvailabilityIndicator, CardType,
    ChallengePreference, Currency, DeliveryTimeframeType, FundingSource, Locale,
    PasswordChangeIndicator, PaymentMethod, PaymentMethodIndicator, PaymentStatus, PaymentType,
    ProcessResult, PurchaseType, ReOrderIndicator, RecurrenceResult, RecurrenceType,
    ShippingAddressIndicator, ShippingAddressUsageIndicator, SuspiciousActivityIndicator,
    TransactionStatus, TransactionType,
};
pub use barion_generated::open_enum::Unrecognized;
pub use barion_generated::wire::{InvalidKey, PosKey, RelatedId, Sensitive, Timestamp, WalletKey};
pub use rust_decimal::Decimal;
pub use url::Url;

pub use client::Client;
pub use client::builder::ClientBuilder;
pub use client::environment::Environment;
pub use client::rate_limit::RateLimit;
pub use client::recorder::Recorded;
pub use client::retry::RetryPolicy;
pub use client::wait::{WaitCondition, WaitOutcome};
pub use error::{ApiError, Delivery, Error, ErrorKind};
pub use followup::{CaptureOfPayment, FinishOfPayment, RefundOfPayment};
pub use id::{InvalidId, PaymentId, PosId, RecurrenceId, TraceId, TransactionId};
pub use money::amount::Amount;
pub use money::{Money, MoneyError};
pub use operation::Operation;
pub use operation::cancel::CancelAuthorization;
pub use operation::capture::{Capture, CaptureBuilder};
pub use operation::complete::{CompletePayment, CompletedPayment};
pub use operation::finish::{FinishReservation, FinishReservationBuilder};
pub use operation::processed::{ProcessedPayment, ProcessedTransaction};
pub use operation::refund::{
    Refund, RefundBuilder, RefundedPayment, RefundedTransaction, TransactionToRefund,
};
pub use operation::settlement::{PayeeTransactionToFinish, TransactionToFinish};
pub use operation::start::flow;
pub use operation::start::google_pay::GooglePayToken;
pub use operation::start::google_payment::GooglePayment;
pub use operation::start::item::Item;
pub use operation::start::rules::ItemTotals;
pub use operation::start::started::StartedPayment;
pub use operation::start::three_ds::{
    BillingAddress, Omission, PayerAccount, Purchase, ShippingAddress, ThreeDsReport,
};
pub use operation::start::token::{Token, TokenRegistration};
pub use operation::start::token_charge::{Challenge, TokenCharge, TokenRefusal};
pub use operation::start::transaction::{PayeeTransaction, Transaction};
pub use operation::start::{StartPayment, StartPaymentBuilder};
pub use operation::state::{GetPaymentState, GetPaymentStateV2};
pub use payment::{
    BankCard, FundingInformation, OrderMatch, OrderStanding, Payment, PaymentChange,
    PaymentSnapshot, PaymentStanding, PaymentTransaction, PurchasedItem, SnapshotTransaction,
    UserInformation,
};
pub use reconcile::{Inconclusive, Reconciliation};
pub use unconfirmed::UnconfirmedRequest;
pub use validation::violation::{Rule, Violation};
