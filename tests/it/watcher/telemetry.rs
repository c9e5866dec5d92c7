//! Failures are events of `tracing`, and everything is counted by `metrics`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use barion::callback::CallbackNotice;
use barion::{Currency, Item, PaymentId, StartPayment, Transaction};
use barion_sandbox::{CARD_OK, PAYEE, Sandbox};
use barion_watcher::{MemoryStore, OrderUpdate, Watcher};
use metrics::{Counter, CounterFn, Gauge, Histogram, Key, KeyName, Metadata, SharedString, Unit};
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use crate::client::flows::client;

/// Warnings of the watcher, as texts.
#[derive(Clone, Default)]
struct Warnings(Arc<Mutex<Vec<String>>>);

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        write!(self.0, "{field}={value:?} ").unwrap();
    }
}

impl<S: tracing::Subscriber> Layer<S> for Warnings {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let from = event.metadata();
        if *from.level() == tracing::Level::WARN && from.target().starts_with("barion_watcher") {
            let mut text = Text(String::new());
            event.record(&mut text);
            self.0.lock().unwrap().push(text.0);
        }
    }
}

/// Counters by name and labels.
#[derive(Clone, Default)]
struct Counters(Arc<Mutex<BTreeMap<String, u64>>>);

struct One(String, Counters);

impl CounterFn for One {
    fn increment(&self, value: u64) {
        *self.1.0.lock().unwrap().entry(self.0.clone()).or_default() += value;
    }

    fn absolute(&self, _: u64) {}
}

impl metrics::Recorder for Counters {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let labels: Vec<String> = key
            .labels()
            .map(|label| format!("{}={}", label.key(), label.value()))
            .collect();
        let name = format!("{} {}", key.name(), labels.join(" "));
        Counter::from_arc(Arc::new(One(name, self.clone())))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

async fn story() -> PaymentId {
    let sandbox = Sandbox::start().await.unwrap();
    let barion = client(&sandbox);
    let start = StartPayment::immediate("order", Currency::Huf)
        .transaction(Transaction::new("t-1", PAYEE).item(Item::new("Kettle", 1, 100)))
        .build()
        .unwrap();
    let id = barion.start_payment(&start).await.unwrap().payment_id;
    sandbox.pay(&id.to_string(), CARD_OK).await.unwrap();
    let watcher = Watcher::new(
        barion,
        MemoryStore::new(),
        |update: OrderUpdate| async move {
            if update.repeated {
                Ok(())
            } else {
                Err("the printer is on fire")
            }
        },
    );
    watcher.track(id, "an-order-of-somebody").await.unwrap();
    watcher
        .accept(CallbackNotice::for_payment(id))
        .await
        .unwrap();
    let sweep = watcher.sweep(10).await.unwrap();
    assert_eq!(sweep.failed.len(), 1);
    watcher.refresh(id).await.unwrap();
    watcher.refresh(id).await.unwrap();
    let invented = "000000000000000000000000000000aa".parse().unwrap();
    watcher
        .accept(CallbackNotice::for_payment(invented))
        .await
        .unwrap();
    watcher.sweep(10).await.unwrap();
    id
}

#[test]
fn failures_are_warnings_and_everything_is_counted() {
    crate::client::secrets::watch();
    let (warnings, counters) = (Warnings::default(), Counters::default());
    let subscriber = tracing_subscriber::registry().with(warnings.clone());
    let _guard = tracing::subscriber::set_default(subscriber);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let id = metrics::with_local_recorder(&counters, || runtime.block_on(story()));

    let warnings = warnings.0.lock().unwrap();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    let one = &warnings[0];
    assert!(
        one.contains(&id.to_string()) && one.contains("on fire"),
        "{one}"
    );
    assert!(!one.contains("somebody"), "{one}");

    let counters = counters.0.lock().unwrap();
    let counted: Vec<(&str, u64)> = counters
        .iter()
        .map(|(name, count)| (name.as_str(), *count))
        .collect();
    assert_eq!(
        counted,
        [
            ("barion_callbacks_total outcome=known", 1),
            ("barion_callbacks_total outcome=unknown", 1),
            ("barion_refreshes_total cause=asked outcome=handled", 1),
            ("barion_refreshes_total cause=asked outcome=nothing", 1),
            (
                "barion_refreshes_total cause=callback outcome=handler_failed",
                1
            ),
            ("barion_refreshes_total cause=unknown outcome=unreadable", 1),
        ]
    );
}
