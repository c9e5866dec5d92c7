//! A shop's orders end right, whatever becomes of the callbacks: with each store, over HTTP.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use barion::callback::CallbackNotice;
use barion::{
    Client, Currency, Decimal, Item, OrderStanding, PaymentChange, PaymentId, StartPayment,
    Transaction, Url,
};
use barion_sandbox::{CARD_OK, CallbackFault, Fault, PAYEE, Sandbox};
use barion_watcher::axum::callback_route;
use barion_watcher::store::Schedule;
use barion_watcher::{
    MemoryStore, OrderChange, OrderUpdate, Store, TrackError, WatchError, Watcher, Workers,
};

use super::stores::{Database, Postgres, sqlite};
use crate::client::flows::client;

const HOUR: Duration = Duration::from_secs(3_600);

/// An order, as the shop's own books have it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Order {
    shipped: u32,
    canceled: bool,
    sent_back: Decimal,
    /// Payments that have paid it again, or hold its money again.
    again: Vec<PaymentId>,
    /// The updates, and whether each was a repetition.
    updates: Vec<(u64, bool)>,
}

type Books = Arc<Mutex<BTreeMap<String, Order>>>;

/// A shop with a server of its own.
struct Shop<S> {
    client: Client,
    watcher: Watcher<S>,
    workers: Workers,
    address: Url,
    books: Books,
    failed: Arc<Mutex<Vec<String>>>,
}

impl<S: Store + Clone + 'static> Shop<S> {
    async fn open(sandbox: &Sandbox, store: S, books: Books) -> Self {
        let client = client(sandbox);
        let failed = Arc::<Mutex<Vec<String>>>::default();
        let watcher = {
            let (client, books, errors) = (client.clone(), books.clone(), failed.clone());
            Watcher::new(client.clone(), store, move |update| {
                handle(client.clone(), books.clone(), update)
            })
            // The next callback may come at once.
            .callback_cooldown(Duration::ZERO)
            .on_error(move |id, error| errors.lock().unwrap().push(format!("{id}: {error}")))
        };
        let workers = watcher.start();
        let route = callback_route(watcher.clone()).into_route();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/barion?shop=1", listener.local_addr().unwrap());
        let router = axum::Router::new().route("/barion", route);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            client,
            watcher,
            workers,
            address: address.parse().unwrap(),
            books,
            failed,
        }
    }

    /// A payment whose id the shop does not keep: it dies before it could.
    async fn start_and_die(&self, order: &str, name: &str, reserve: bool) -> String {
        let builder = if reserve {
            StartPayment::reservation(name, Currency::Huf, 24 * HOUR)
        } else {
            StartPayment::immediate(name, Currency::Huf)
        };
        let request = builder
            .order_number(order)
            .callback_url(self.address.clone())
            .transaction(Transaction::new("t-1", PAYEE).item(Item::new("Kettle", 1, 10_000)))
            .build()
            .unwrap();
        let started = self.client.start_payment(&request).await.unwrap();
        started.payment_id.to_string()
    }

    async fn start(&self, order: &str, reserve: bool) -> String {
        let id = self.start_and_die(order, order, reserve).await;
        let payment = id.parse().unwrap();
        self.watcher.track(payment, order).await.unwrap();
        self.books
            .lock()
            .unwrap()
            .entry(order.to_owned())
            .or_default();
        id
    }

    async fn refund(&self, id: &str, amount: i64) {
        let payment = self
            .client
            .payment_state(id.parse().unwrap())
            .await
            .unwrap();
        let refund = payment.refund().amount(amount).build().unwrap();
        self.client.refund(&refund).await.unwrap();
    }

    /// Until all callbacks that are due have had their effect. The handler itself may cause some.
    async fn settled(&self, sandbox: &Sandbox) {
        for _ in 0..3 {
            sandbox.callbacks_settled().await;
            self.workers.wait_until_idle().await;
        }
        let failed = self.failed.lock().unwrap();
        assert!(failed.is_empty(), "{failed:?}");
    }

    fn order(&self, order: &str) -> Order {
        self.books.lock().unwrap()[order].clone()
    }

    #[track_caller]
    fn assert(&self, order: &str, shipped: u32, canceled: bool, sent_back: i64) {
        let order = self.order(order);
        assert_eq!(
            (order.shipped, order.canceled, order.sent_back),
            (shipped, canceled, Decimal::from(sent_back)),
            "{order:?}"
        );
    }
}

/// What the shop does about an update.
async fn handle(
    client: Client,
    books: Books,
    update: OrderUpdate,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let of = |change: &dyn Fn(&mut Order)| {
        change(
            books
                .lock()
                .unwrap()
                .entry(update.order.clone())
                .or_default(),
        );
    };
    of(&|order| order.updates.push((update.number, update.repeated)));
    for change in &update.changes {
        match change {
            OrderChange::Payment(PaymentChange::Reserved) => {
                let finish = update.payment.finish().in_full().build()?;
                client.finish_reservation(&finish).await?;
            }
            end if end.is_end_without_money() => {
                if update.standing == OrderStanding::Unpaid {
                    of(&|order| order.canceled = true);
                }
            }
            OrderChange::OrderPaid => of(&|order| order.shipped += 1),
            OrderChange::PaidAgain { .. } | OrderChange::HeldAgain { .. } => {
                of(&|order| order.again.push(update.payment.payment_id));
            }
            OrderChange::Payment(PaymentChange::Refunded(money)) => {
                of(&|order| order.sent_back += money.amount());
            }
            other => panic!("{other:?}"),
        }
    }
    Ok(())
}

async fn stage<S: Store + Clone + 'static>(store: S) -> (Sandbox, Shop<S>) {
    let sandbox = Sandbox::start().await.unwrap();
    let shop = Shop::open(&sandbox, store, Books::default()).await;
    (sandbox, shop)
}

async fn twice<S: Store + Clone + 'static>(store: S) {
    let (sandbox, shop) = stage(store).await;
    let id = shop.start("order", false).await;
    let fault = Fault::callback(CallbackFault::Duplicate);
    sandbox.inject(fault).unwrap();
    sandbox.pay(&id, CARD_OK).await.unwrap();
    shop.settled(&sandbox).await;
    sandbox.send_callback(&id).await.unwrap();
    shop.settled(&sandbox).await;
    assert_eq!(sandbox.callbacks().len(), 3);
    shop.assert("order", 1, false, 0);
    assert_eq!(shop.order("order").updates, [(1, false)]);
}

/// Two windows of one order, and both are paid.
async fn two_windows<S: Store + Clone + 'static>(store: S) {
    let (sandbox, shop) = stage(store).await;
    let (one, other) = (
        shop.start("order", false).await,
        shop.start("order", false).await,
    );
    sandbox.pay(&one, CARD_OK).await.unwrap();
    sandbox.pay(&other, CARD_OK).await.unwrap();
    shop.settled(&sandbox).await;
    shop.assert("order", 1, false, 0);
    let order = shop.watcher.order("order").await.unwrap().unwrap();
    let first = order.paid_by().unwrap();
    let ids: Vec<PaymentId> = [&one, &other].map(|id| id.parse().unwrap()).into();
    let second = ids.iter().copied().find(|id| *id != first).unwrap();
    assert_eq!(shop.order("order").again, [second]);
    assert!(matches!(
        order.standing(),
        OrderStanding::PaidMoreThanOnce(_)
    ));
    shop.refund(&second.to_string(), 10_000).await;
    shop.settled(&sandbox).await;
    shop.assert("order", 1, false, 10_000);
    let order = shop.watcher.order("order").await.unwrap().unwrap();
    assert_eq!(order.standing(), OrderStanding::Paid(first));
}

/// Two windows of one order, and both are reserved: the second is not finished.
async fn two_reservations<S: Store + Clone + 'static>(store: S) {
    let (sandbox, shop) = stage(store).await;
    let (one, other) = (
        shop.start("order", true).await,
        shop.start("order", true).await,
    );
    for id in [&one, &other] {
        sandbox.pay(id, CARD_OK).await.unwrap();
        shop.settled(&sandbox).await;
    }
    shop.assert("order", 1, false, 0);
    assert_eq!(shop.order("order").again, [other.parse().unwrap()]);
}

/// One window expires while another one, which nobody has read yet, may still be paid.
async fn one_that_was_not_read_is_open<S: Store + Clone + 'static>(store: S) {
    let (sandbox, shop) = stage(store).await;
    let left_alone = shop.start("order", false).await;
    // It expires, and the callback about it is late: meanwhile another payment is started.
    let fault = Fault::callback(CallbackFault::Late(2 * HOUR));
    sandbox.inject(fault).unwrap();
    sandbox.advance(HOUR).await.unwrap();
    let open = shop.start("order", false).await;
    shop.watcher
        .refresh(left_alone.parse().unwrap())
        .await
        .unwrap();
    shop.assert("order", 0, false, 0);
    sandbox.pay(&open, CARD_OK).await.unwrap();
    shop.settled(&sandbox).await;
    shop.assert("order", 1, false, 0);
}

/// The shop dies between the start and `track`: the payment's own number says whose it is.
async fn not_tracked<S: Store + Clone + 'static>(store: S) {
    let (sandbox, shop) = stage(store).await;
    let tracked = shop.start("order", false).await;
    let lost = shop.start_and_die("order", "order/2", false).await;
    sandbox.pay(&lost, CARD_OK).await.unwrap();
    shop.settled(&sandbox).await;
    shop.assert("order", 1, false, 0);
    sandbox.pay(&tracked, CARD_OK).await.unwrap();
    shop.settled(&sandbox).await;
    shop.assert("order", 1, false, 0);
    let lost: PaymentId = lost.parse().unwrap();
    shop.watcher.track(lost, "order").await.unwrap();
    let error = shop.watcher.track(lost, "another").await.unwrap_err();
    assert!(
        matches!(&error, TrackError::OtherOrder { order, .. } if order == "order"),
        "{error}"
    );
    let error = shop.watcher.track(lost, "").await.unwrap_err();
    assert!(matches!(error, TrackError::Key), "{error}");
}

async fn lost<S: Store + Clone + 'static>(store: S) {
    let (sandbox, shop) = stage(store).await;
    let id = shop.start("order", false).await;
    let fault = Fault::callback(CallbackFault::Lost);
    sandbox.inject(fault).unwrap();
    sandbox.pay(&id, CARD_OK).await.unwrap();
    shop.settled(&sandbox).await;
    shop.assert("order", 0, false, 0);
    let sweep = shop.watcher.sweep(10).await.unwrap();
    assert_eq!(sweep.refreshed, 0, "not within a minute");
    come(shop.watcher.store(), &id).await;
    let sweep = shop.watcher.sweep(10).await.unwrap();
    assert!(sweep.failed.is_empty(), "{sweep:?}");
    assert_eq!(sweep.refreshed, 1);
    shop.assert("order", 1, false, 0);
    let backlog = shop.watcher.store().backlog().await.unwrap();
    assert_eq!(backlog.open, 0, "it is over");
}

/// Its time has come.
async fn come<S: Store>(store: &S, id: &str) {
    let id: PaymentId = id.parse().unwrap();
    let row = store.find(id).await.unwrap().unwrap();
    let now = Schedule {
        due_in: Some(Duration::ZERO),
        failures: 0,
        unchanged: 0,
        cooldown: Duration::ZERO,
    };
    assert!(store.schedule(id, row.version, now).await.unwrap());
}

fn notice(id: &str) -> CallbackNotice {
    CallbackNotice::for_payment(id.parse().unwrap())
}

async fn late<S: Store + Clone + 'static>(store: S) {
    let (sandbox, shop) = stage(store).await;
    let id = shop.start("order", false).await;
    let fault = Fault::callback(CallbackFault::Late(HOUR));
    sandbox.inject(fault).unwrap();
    sandbox.pay(&id, CARD_OK).await.unwrap();
    shop.settled(&sandbox).await;
    shop.assert("order", 0, false, 0);
    shop.refund(&id, 1_000).await;
    shop.settled(&sandbox).await;
    shop.assert("order", 1, false, 1_000);
    sandbox.advance(2 * HOUR).await.unwrap();
    shop.settled(&sandbox).await;
    assert_eq!(sandbox.callbacks().len(), 2, "the late one came");
    shop.assert("order", 1, false, 1_000);
}

async fn reordered<S: Store + Clone + 'static>(store: S) {
    let (sandbox, shop) = stage(store).await;
    let id = shop.start("order", false).await;
    let fault = Fault::callback(CallbackFault::Reordered);
    sandbox.inject(fault).unwrap();
    sandbox.pay(&id, CARD_OK).await.unwrap();
    shop.refund(&id, 10_000).await;
    shop.settled(&sandbox).await;
    assert_eq!(sandbox.callbacks().len(), 2);
    shop.assert("order", 1, false, 10_000);
    assert_eq!(shop.order("order").updates.len(), 1, "both at once");
}

async fn refunded_in_steps<S: Store + Clone + 'static>(store: S) {
    let (sandbox, shop) = stage(store).await;
    let id = shop.start("order", true).await;
    sandbox.pay(&id, CARD_OK).await.unwrap();
    shop.settled(&sandbox).await;
    shop.assert("order", 1, false, 0);
    for (amount, sent_back) in [(1_000, 1_000), (9_000, 10_000)] {
        shop.refund(&id, amount).await;
        shop.settled(&sandbox).await;
        shop.assert("order", 1, false, sent_back);
    }
    assert_eq!(
        shop.order("order").updates,
        [(1, false), (2, false), (3, false), (4, false)],
        "reserved, paid, two refunds"
    );
}

async fn a_sibling_expires<S: Store + Clone + 'static>(store: S) {
    let (sandbox, shop) = stage(store).await;
    let (paid, left_alone) = (
        shop.start("order", false).await,
        shop.start("order", false).await,
    );
    let abandoned = shop.start("nobody's", false).await;
    sandbox.pay(&paid, CARD_OK).await.unwrap();
    shop.settled(&sandbox).await;
    sandbox.advance(HOUR).await.unwrap();
    shop.settled(&sandbox).await;
    let called: Vec<String> = sandbox
        .callbacks()
        .into_iter()
        .map(|one| one.payment_id)
        .collect();
    assert!(
        called.contains(&left_alone) && called.contains(&abandoned),
        "{called:?}"
    );
    shop.assert("order", 1, false, 0);
    shop.assert("nobody's", 0, true, 0);
}

with_each_store!(
    twice,
    two_windows,
    two_reservations,
    one_that_was_not_read_is_open,
    not_tracked,
    lost,
    late,
    reordered,
    refunded_in_steps,
    a_sibling_expires,
);

async fn two_instances_ship_once<S: Store + Clone + 'static>(one: S, other: S) {
    let sandbox = Sandbox::start().await.unwrap();
    let books = Books::default();
    let one = Shop::open(&sandbox, one, books.clone()).await;
    let other = Shop::open(&sandbox, other, books.clone()).await;
    let http = reqwest::Client::new();
    for order in ["order-1", "order-2", "order-3", "order-4"] {
        let id = one.start(order, true).await;
        sandbox.pay(&id, CARD_OK).await.unwrap();
        // A storm of callbacks on both, besides the one that Barion sends.
        let notice = notice(&id);
        let storm = (0..10).map(|number| {
            let shop = if number % 2 == 0 { &one } else { &other };
            let address = shop.address.join(&format!("?{}", notice.query())).unwrap();
            http.post(address).body(notice.body()).send()
        });
        let mut answers = tokio::task::JoinSet::new();
        storm.for_each(|call| drop(answers.spawn(call)));
        for answer in answers.join_all().await {
            assert_eq!(answer.unwrap().status(), 200);
        }
        let id: PaymentId = id.parse().unwrap();
        let (_, _) = tokio::join!(one.watcher.refresh(id), other.watcher.refresh(id));
    }
    for _ in 0..3 {
        one.settled(&sandbox).await;
        other.settled(&sandbox).await;
    }
    for order in ["order-1", "order-2", "order-3", "order-4"] {
        one.assert(order, 1, false, 0);
        assert_eq!(
            one.order(order).updates,
            [(1, false), (2, false)],
            "reserved and finished, then paid"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_instances_on_one_sqlite_ship_once() {
    let file = Database::new();
    two_instances_ship_once(sqlite(&file).await, sqlite(&file).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_instances_on_one_postgresql_ship_once() {
    let Some(database) = Postgres::new().await else {
        return;
    };
    two_instances_ship_once(database.store().await, database.store().await).await;
    database.drop().await;
}

#[tokio::test]
async fn a_handler_that_fails_is_repeated_with_the_same_changes() {
    let sandbox = Sandbox::start().await.unwrap();
    let shop = Shop::open(&sandbox, MemoryStore::new(), Books::default()).await;
    let id = shop.start("order", false).await;
    let updates = Arc::new(Mutex::new(Vec::new()));
    let watcher = {
        let updates = updates.clone();
        Watcher::new(shop.client.clone(), MemoryStore::new(), move |update| {
            let updates = updates.clone();
            async move {
                let mut updates = updates.lock().unwrap();
                updates.push((update.changes, update.number, update.repeated));
                if updates.len() == 1 {
                    Err("the printer is on fire")
                } else {
                    Ok(())
                }
            }
        })
    };
    let fault = Fault::callback(CallbackFault::Lost);
    sandbox.inject(fault.times(2)).unwrap();
    sandbox.pay(&id, CARD_OK).await.unwrap();
    let payment: PaymentId = id.parse().unwrap();
    let error = watcher.refresh(payment).await.unwrap_err();
    assert!(
        matches!(error, WatchError::Handler(_)) && error.to_string().contains("on fire"),
        "{error}"
    );
    shop.refund(&id, 10).await;
    let refunded = PaymentChange::Refunded(barion::Money::new(10, Currency::Huf));
    let (paid, refunded) = (OrderChange::OrderPaid, OrderChange::Payment(refunded));
    let both = vec![paid.clone(), refunded.clone()];
    assert_eq!(watcher.refresh(payment).await.unwrap().handled, both);
    assert_eq!(watcher.refresh(payment).await.unwrap().handled, []);
    assert_eq!(
        *updates.lock().unwrap(),
        [
            (vec![paid.clone()], 1, false),
            (vec![paid], 1, true),
            (vec![refunded], 2, false)
        ]
    );
}
