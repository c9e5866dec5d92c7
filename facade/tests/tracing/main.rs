//! Tracing: spans and events of calls, and what they never contain.
//!
//! A program of its own, with one subscriber for all tests: where some threads have one and others
//! have none, the crate `tracing` may miss what happens while they come and go.

#![cfg(feature = "tracing")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that can't go on fails"
)]

#[allow(dead_code, reason = "shared with the other program")]
#[path = "../sending/support.rs"]
mod support;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use barion::{
    Currency, GooglePayToken, Item, RateLimit, RetryPolicy, StartPayment, Token, Transaction,
};
use barion_sandbox::{Fault, OperationFault, PAYEE, Sandbox};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

use support::{builder, hasty, mug, paid, refund};

type Fields = BTreeMap<String, String>;

/// Captured spans and events, in their order.
#[derive(Clone, Default)]
struct Capture {
    spans: Arc<Mutex<Vec<(u64, Fields)>>>,
    events: Arc<Mutex<Vec<Fields>>>,
}

struct Collect<'a>(&'a mut Fields);

impl Visit for Collect<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Capture {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::new();
        fields.insert("span".to_owned(), attributes.metadata().name().to_owned());
        if let Some(parent) = context.span(id).and_then(|span| span.parent()) {
            fields.insert("parent".to_owned(), parent.name().to_owned());
        }
        attributes.record(&mut Collect(&mut fields));
        self.spans.lock().unwrap().push((id.into_u64(), fields));
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        let mut spans = self.spans.lock().unwrap();
        // Ids are reused once a span is closed: the latest is meant.
        let (_, fields) = spans
            .iter_mut()
            .rev()
            .find(|(known, _)| *known == id.into_u64())
            .unwrap();
        values.record(&mut Collect(fields));
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::new();
        fields.insert("level".to_owned(), event.metadata().level().to_string());
        event.record(&mut Collect(&mut fields));
        if let Some(span) = context.event_span(event) {
            fields.insert("inside".to_owned(), span.name().to_owned());
        }
        self.events.lock().unwrap().push(fields);
    }
}

/// One test at a time: all of them report to the same subscriber.
static CAPTURE: LazyLock<tokio::sync::Mutex<Capture>> = LazyLock::new(|| {
    let capture = Capture::default();
    let subscriber = tracing_subscriber::registry().with(capture.clone());
    tracing::subscriber::set_global_default(subscriber).unwrap();
    tokio::sync::Mutex::new(capture)
});

/// An empty capture, which no other test uses until it is dropped.
fn emptied(
    capture: tokio::sync::MutexGuard<'static, Capture>,
) -> tokio::sync::MutexGuard<'static, Capture> {
    capture.spans.lock().unwrap().clear();
    capture.events.lock().unwrap().clear();
    capture
}

impl Capture {
    fn calls(&self) -> Vec<Fields> {
        let spans = self.spans.lock().unwrap();
        let calls = spans.iter().map(|(_, fields)| fields.clone());
        calls
            .filter(|fields| fields["span"] == "barion.call")
            .collect()
    }

    fn events(&self, message: &str) -> Vec<Fields> {
        let events = self.events.lock().unwrap();
        let of = |fields: &&Fields| fields.get("message").is_some_and(|text| text == message);
        events.iter().filter(of).cloned().collect()
    }

    fn everything(&self) -> String {
        format!(
            "{:?} {:?}",
            self.spans.lock().unwrap(),
            self.events.lock().unwrap()
        )
    }
}

fn fields<const N: usize>(of: &Fields, names: [&str; N]) -> [Option<String>; N] {
    names.map(|name| of.get(name).cloned())
}

#[tokio::test]
async fn each_try_is_a_span_in_the_words_of_opentelemetry() {
    let capture = emptied(CAPTURE.lock().await);
    let sandbox = Sandbox::start().await.unwrap();
    let client = builder(&sandbox)
        .retry(hasty())
        .rate_limit(RateLimit::unlimited())
        .build()
        .unwrap();
    let id = client.start_payment(&mug()).await.unwrap().payment_id;
    let [start] = &capture.calls()[..] else {
        panic!("{:?}", capture.calls())
    };
    let said = |text: &str| Some(text.to_owned());
    assert_eq!(
        fields(
            start,
            [
                "otel.name",
                "otel.kind",
                "http.request.method",
                "url.template"
            ]
        ),
        [
            said("POST /v2/Payment/Start"),
            said("client"),
            said("POST"),
            said("/v2/Payment/Start")
        ]
    );
    let (host, port) = (
        sandbox.url().host_str().map(str::to_owned),
        sandbox.url().port(),
    );
    assert_eq!(
        fields(start, ["server.address", "server.port", "url.scheme"]),
        [host, port.map(|port| port.to_string()), said("http")]
    );
    assert_eq!(
        fields(
            start,
            [
                "http.response.status_code",
                "error.type",
                "otel.status_code",
                "http.request.resend_count"
            ]
        ),
        [said("200"), None, None, None]
    );
    // A start names no payment; its answer does.
    assert_eq!(
        fields(
            start,
            ["barion.operation", "barion.payment_id", "barion.attempt"]
        ),
        [said("payment_start_v2"), said(&id.to_string()), said("1")]
    );
}

#[tokio::test]
async fn a_try_that_fails_and_the_next_one_are_told_apart() {
    let capture = emptied(CAPTURE.lock().await);
    let sandbox = Sandbox::start().await.unwrap();
    let client = builder(&sandbox)
        .retry(hasty())
        .rate_limit(RateLimit::unlimited())
        .build()
        .unwrap();
    let id = client.start_payment(&mug()).await.unwrap().payment_id;
    let said = |text: &str| Some(text.to_owned());
    let fault = Fault::operation("get_payment_state_v4", OperationFault::BadGateway);
    sandbox.inject(fault).unwrap();
    client.payment_state(id).await.unwrap();
    let calls = capture.calls();
    let [_, failed, answered] = &calls[..] else {
        panic!("{calls:?}")
    };
    assert_eq!(
        fields(
            failed,
            [
                "otel.name",
                "http.response.status_code",
                "error.type",
                "otel.status_code",
                "barion.attempt"
            ]
        ),
        [
            said("GET /v4/Payment/{PaymentId}/PaymentState"),
            said("502"),
            said("502"),
            said("ERROR"),
            said("1")
        ]
    );
    assert_eq!(
        fields(
            answered,
            [
                "barion.payment_id",
                "http.response.status_code",
                "error.type",
                "http.request.resend_count",
                "barion.attempt"
            ]
        ),
        [
            said(&id.to_string()),
            said("200"),
            None,
            said("1"),
            said("2")
        ]
    );
    let again = capture.events("will be sent again");
    assert_eq!(again.len(), 1);
    assert!(again[0]["pause_ms"].parse::<u64>().is_ok());
    for (message, times) in [("answered", 2), ("failed", 1)] {
        let events = capture.events(message);
        assert_eq!(events.len(), times, "{events:?}");
        for event in events {
            assert_eq!(event["inside"], "barion.call");
            assert!(event["duration_ms"].parse::<u64>().is_ok());
        }
    }
}

#[tokio::test]
async fn what_fails_is_told_without_anything_secret() {
    let capture = emptied(CAPTURE.lock().await);
    let sandbox = Sandbox::start().await.unwrap();
    let client = builder(&sandbox)
        .retry(RetryPolicy::disabled())
        .build()
        .unwrap();
    let started = paid(&sandbox, &client).await;
    let id = started.payment_id;
    client.payment_state_v2(id).await.unwrap();
    client.refund(&refund(&started)).await.unwrap();
    // More than is left.
    client.refund(&refund(&started)).await.unwrap();
    client.refund(&refund(&started)).await.unwrap_err();
    let slow = OperationFault::Latency(Duration::from_secs(60));
    sandbox
        .inject(Fault::operation("refund_payment_v2", slow))
        .unwrap();
    let hasty = client.with_timeout(Duration::from_millis(100));
    hasty.refund(&refund(&started)).await.unwrap_err();
    sandbox
        .inject(Fault::operation("*", OperationFault::Captcha))
        .unwrap();
    client.cancel_authorization(id).await.unwrap_err();

    let calls = capture.calls();
    let types: Vec<_> = calls
        .iter()
        .filter_map(|call| call.get("error.type"))
        .collect();
    assert_eq!(types, ["400", "timeout", "unreadable_answer"]);
    let failed = capture.events("failed");
    assert_eq!(
        failed[0]["barion.error_code"],
        "AmountToRefundIsGreaterThanTransactionAmount"
    );
    let deliveries: Vec<_> = failed
        .iter()
        .map(|event| event["barion.delivery"].as_str())
        .collect();
    assert_eq!(deliveries, ["rejected", "unknown", "unknown"]);
    for call in &calls {
        assert_eq!(call["barion.payment_id"], id.to_string(), "{call:?}");
    }
    let everything = capture.everything();
    let key = sandbox.pos_key().to_owned();
    for secret in [
        &key,
        &key.replace('-', ""),
        "@",
        "PaymentId=",
        "<html",
        "Mug",
        "3980",
    ] {
        assert!(!everything.contains(secret), "{secret} in {everything}");
    }
}

/// Barion charges the total of a bill that does not add up, so that the shop has to be warned.
#[tokio::test]
async fn a_bill_that_does_not_add_up_is_told_when_it_is_sent() {
    let capture = emptied(CAPTURE.lock().await);
    let sandbox = Sandbox::start().await.unwrap();
    let client = builder(&sandbox).build().unwrap();
    let tea = || Transaction::new("jane@example.com", PAYEE).item(Item::new("Tea", 1, 7_654_321));
    let order = || StartPayment::immediate("order-jane", Currency::Huf);
    let fits = order().transaction(tea()).build().unwrap();
    client.start_payment(&fits).await.unwrap();
    assert!(capture.events("sent in spite of a warning").is_empty());
    let wrong = || order().transaction(tea()).transaction(tea_of(9_876_543));
    let hosted = wrong().build().unwrap();
    assert_eq!(hosted.warnings().len(), 1);
    assert!(capture.events("sent in spite of a warning").is_empty());
    client.start_payment(&hosted).await.unwrap();
    let charge = Token::merchant_initiated("payer-7", "trace");
    let charge = wrong().charge_token(charge).build().unwrap();
    // Its outcome does not matter here.
    let _ = client.charge_token(&charge).await;
    let google = wrong().google_pay(GooglePayToken::new("token", "jane@example.com"));
    let _ = client
        .start_payment_with_google_token(&google.build().unwrap())
        .await;
    let told = capture.events("sent in spite of a warning");
    let facts: Vec<_> = told
        .iter()
        .map(|event| {
            fields(
                event,
                ["level", "barion.operation", "barion.field", "barion.rule"],
            )
            .map(Option::unwrap)
        })
        .collect();
    let of =
        |operation: &str| ["WARN", operation, "Transactions[1].Total", "sum"].map(str::to_owned);
    assert_eq!(
        facts,
        [
            of("payment_start_v2"),
            of("payment_start_v2"),
            of("payment_start_with_google_token_v3")
        ]
    );
    let everything = capture.everything();
    for value in ["7654321", "9876543", "jane", "Tea", "payer-7"] {
        assert!(!everything.contains(value), "{value} in {everything}");
    }
}

fn tea_of(total: i64) -> Transaction {
    Transaction::new("t-2", PAYEE)
        .item(Item::new("Tea", 1, 7_654_321))
        .total(total)
}

/// Events of the blocking client's thread belong to the span of its caller.
#[cfg(feature = "blocking")]
#[test]
fn a_blocking_call_is_told_as_its_callers() {
    let capture = emptied(CAPTURE.blocking_lock());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let sandbox = runtime.block_on(Sandbox::start()).unwrap();
    let client = builder(&sandbox).build_blocking().unwrap();
    tracing::info_span!("checkout").in_scope(|| client.start_payment(&mug()).unwrap());
    let [start] = &capture.calls()[..] else {
        panic!("{:?}", capture.calls())
    };
    assert_eq!(start["parent"], "checkout");
}
