//! Nothing that is told, shown or kept names a key, or the payer.
//!
//! Every client of this suite is watched: the test whose call tells a secret to `tracing` or `log`
//! fails. What has a `Debug` is shown here; and the snapshots are read.

use std::cell::Cell;
use std::error::Error as _;
use std::fmt::{Debug, Write as _};
use std::path::Path;
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};

use barion::{
    BillingAddress, Currency, Error, GooglePayToken, PaymentId, PosKey, StartPayment,
    StartPaymentBuilder, Token, TokenRegistration, Transaction, WalletKey,
};
use barion_sandbox::{CARD_OK, Fault, OperationFault, PAYEE, Sandbox};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};

use crate::client::reconcile::client;
use crate::support::stub::{KEY, WALLET_KEY};

const TRACE_ID: &str = "0MHSGZ  RZ1G0118 0";
const GOOGLE_TOKEN: &str = "google-token-of-jane";

/// The keys with and without dashes, and what is only the payer's.
const SECRETS: [&str; 17] = [
    KEY,
    "11111111111111111111111111111111",
    WALLET_KEY,
    "22222222-2222-2222-2222-222222222222",
    "payer@example.com",
    "anna@example.com",
    "jane@example.com",
    "JANE PAYER",
    "Zsuzsa",
    "zsuzsa",
    "36207654321",
    "36705551234",
    "4444888888885559",
    "Irinyi utca",
    TRACE_ID,
    GOOGLE_TOKEN,
    "POSKey=",
];

/// The secret that a text names.
fn leak(text: &str) -> Option<&'static str> {
    SECRETS.into_iter().find(|secret| text.contains(secret))
}

#[track_caller]
fn nothing_in(text: &str) {
    if let Some(secret) = leak(text) {
        panic!("{secret} is shown in {text}");
    }
}

thread_local! {
    /// Whether this thread also looks for what hides between signs, see [`strictly`].
    static STRICT: Cell<bool> = const { Cell::new(false) };
}

/// From now on this thread tells nothing that is secret in hostile answers, however it is spelt.
pub(crate) fn strictly() {
    STRICT.set(true);
}

/// How much was looked at, so that a watch that sees nothing is noticed.
static SEEN: AtomicUsize = AtomicUsize::new(0);

struct Watch;

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}

impl Watch {
    fn look(record: impl FnOnce(&mut Line)) {
        let mut line = Line(String::new());
        record(&mut line);
        SEEN.fetch_add(1, Ordering::Relaxed);
        nothing_in(&line.0);
        if STRICT.get() {
            assert_eq!(
                crate::answers::hostile::marker_in(&line.0),
                None,
                "{}",
                line.0
            );
        }
    }
}

impl<S: Subscriber> Layer<S> for Watch {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        Self::look(|line| attributes.record(line));
    }

    fn on_record(&self, _: &Id, values: &Record<'_>, _: Context<'_, S>) {
        Self::look(|line| values.record(line));
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        Self::look(|line| event.record(line));
    }
}

impl log::Log for Watch {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        Self::look(|line| line.0 = record.args().to_string());
    }

    fn flush(&self) {}
}

/// From now on no test of this process tells a secret unnoticed.
pub(crate) fn watch() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let all = tracing_subscriber::registry().with(Watch);
        tracing::subscriber::set_global_default(all).unwrap();
        log::set_boxed_logger(Box::new(Watch)).unwrap();
        log::set_max_level(log::LevelFilter::Trace);
    });
}

#[test]
fn the_watch_would_notice() {
    assert_eq!(leak("key 11111111-1111-1111-1111-111111111111"), Some(KEY));
    assert_eq!(leak("nobody@example.com"), None);
    watch();
    let before = SEEN.load(Ordering::Relaxed);
    tracing::trace!(what = "something", "told");
    log::trace!("told too");
    assert!(SEEN.load(Ordering::Relaxed) >= before + 2);
    let told = std::panic::catch_unwind(|| tracing::info!(to = "payer@example.com", "sent"));
    assert!(told.is_err());
}

#[test]
fn no_snapshot_names_them() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("it");
    let mut read = 0;
    let mut folders = vec![tests];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "snap")
            {
                read += 1;
                nothing_in_file(&path);
            }
        }
    }
    assert!(read > 100, "{read} snapshots");
}

fn nothing_in_file(path: &Path) {
    let text = std::fs::read_to_string(path).unwrap();
    if let Some(secret) = leak(&text) {
        panic!("{secret} is in {}", path.display());
    }
}

/// Both forms of Debug.
fn show(shown: &mut Vec<String>, what: &impl Debug) {
    shown.push(format!("{what:?}"));
    shown.push(format!("{what:#?}"));
}

fn show_error(shown: &mut Vec<String>, error: &Error) {
    show(shown, error);
    shown.push(error.to_string());
    show(shown, &error.unconfirmed());
    for one in error.api_errors() {
        show(shown, one);
        shown.push(one.to_string());
    }
    let mut source = error.source();
    while let Some(cause) = source {
        shown.push(format!("{cause} {cause:?}"));
        source = cause.source();
    }
}

fn order(name: &str) -> StartPaymentBuilder {
    StartPayment::immediate(name, Currency::Huf)
        .transaction(Transaction::new(name, PAYEE).total(5_000))
        .payer_hint("jane@example.com")
        .payer_phone_number("36207654321")
        .card_holder_name_hint("JANE PAYER")
        .billing_address(BillingAddress::new("HU").street("Irinyi utca 4."))
}

/// Whatever an application could print of a request, an answer or an error.
#[tokio::test]
async fn nothing_shows_them() {
    let sandbox = Sandbox::start().await.unwrap();
    let barion = client(&sandbox, true);
    let mut shown = Vec::new();
    show(&mut shown, &barion);
    show(&mut shown, &PosKey::new(KEY));
    show(&mut shown, &WalletKey::new(WALLET_KEY));
    show(
        &mut shown,
        &GooglePayToken::new(GOOGLE_TOKEN, "anna@example.com"),
    );

    let google = order("google").google_pay(GooglePayToken::new(GOOGLE_TOKEN, "anna@example.com"));
    let charge = order("charge").charge_token(Token::recurring("payer-7", TRACE_ID));
    let first = order("first").register_token(TokenRegistration::one_click("payer-7"));
    show(&mut shown, &google);
    show(&mut shown, &charge);
    show(&mut shown, &first);
    let (google, charge, first) = (
        google.build().unwrap(),
        charge.build().unwrap(),
        first.build().unwrap(),
    );
    show(&mut shown, &google);
    show(&mut shown, &charge);
    show(&mut shown, &first);
    let wrong = order("x")
        .payer_hint("JANE PAYER")
        .payer_phone_number("+36207654321");
    show_error(&mut shown, &wrong.build().unwrap_err());

    let started = barion.start_payment(&first).await.unwrap();
    show(&mut shown, &started);
    let id = started.payment_id;
    sandbox.pay(&id.to_string(), CARD_OK).await.unwrap();
    let payment = barion.payment_state(id).await.unwrap();
    let payer = payment.transactions[0].payer.as_ref().unwrap();
    assert_eq!(payer.email.as_ref().unwrap().expose(), "jane@example.com");
    show(&mut shown, &payment);
    show(&mut shown, &payment.snapshot());
    shown.push(serde_json::to_string(&payment.snapshot()).unwrap());
    show(&mut shown, &barion.charge_token(&charge).await.unwrap());
    let paid = barion.start_payment_with_google_token(&google).await;
    show(&mut shown, &paid.unwrap());
    let refund = payment.refund().amount(100).build().unwrap();
    show(&mut shown, &barion::UnconfirmedRequest::from(&refund));
    show(&mut shown, &refund);
    show(&mut shown, &barion.refund(&refund).await.unwrap());

    for fault in [
        OperationFault::CutBefore,
        OperationFault::CutAfter,
        OperationFault::ServerError,
        OperationFault::BadGateway,
        OperationFault::Captcha,
        OperationFault::EmptyBody,
        OperationFault::TruncatedJson,
    ] {
        // A read is tried three times.
        for (operation, times) in [
            ("get_payment_state_v4", 3),
            ("refund_payment_v2", 1),
            ("payment_start_v2", 1),
            ("payment_start_with_google_token_v3", 1),
        ] {
            let fault = Fault::operation(operation, fault.clone()).times(times);
            sandbox.inject(fault).unwrap();
        }
        let errors = [
            barion.payment_state(id).await.unwrap_err(),
            barion.refund(&refund).await.unwrap_err(),
            barion.charge_token(&charge).await.unwrap_err(),
            barion
                .start_payment_with_google_token(&google)
                .await
                .unwrap_err(),
        ];
        for error in &errors {
            show_error(&mut shown, error);
        }
        if let Some(request) = errors[1].unconfirmed() {
            show(&mut shown, &barion.reconcile(request).await.unwrap());
        }
    }
    // Barion's own errors repeat the key and the address.
    let nobody: PaymentId = "0c7e5b1f3a994d0e8f6255d0a1b2c3d4".parse().unwrap();
    for error in [
        barion.payment_state_v2(nobody).await.unwrap_err(),
        barion.complete_payment(id).await.unwrap_err(),
        barion.cancel_authorization(id).await.unwrap_err(),
    ] {
        assert!(!error.api_errors().is_empty());
        show_error(&mut shown, &error);
    }
    assert!(shown.len() > 100);
    for text in &shown {
        nothing_in(text);
    }
}
