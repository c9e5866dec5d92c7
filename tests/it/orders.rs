//! A shop's orders end right, whatever becomes of the callbacks: with each store, over HTTP.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use barion::axum::{CallbackWorkers, callback_route};
use barion::callback::CallbackNotice;
use barion::store::Advance;
use barion::{
    Client, Currency, Decimal, Item, MemoryStore, OrderStanding, PaymentChange, PaymentId,
    PaymentNews, PaymentStore, PaymentWatcher, StartPayment, Transaction, Url, order_standing,
};
use barion_sandbox::{CARD_OK, CallbackFault, Fault, PAYEE, Sandbox};

use crate::flows::client;
use crate::stores::{Database, sqlite};

const HOUR: Duration = Duration::from_secs(3_600);

/// An order, as the shop's own books have it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Order {
    shipped: u32,
    canceled: bool,
    sent_back: Decimal,
    payments: Vec<PaymentId>,
    /// The pieces of work, and whether each was a repetition.
    worked: Vec<(u64, bool)>,
}

type Books = Arc<Mutex<BTreeMap<String, Order>>>;

/// A shop with a server of its own.
struct Shop<S> {
    client: Client,
    watcher: PaymentWatcher<S>,
    workers: CallbackWorkers,
    address: Url,
    books: Books,
    failed: Arc<Mutex<Vec<String>>>,
}

impl<S: PaymentStore + Clone + 'static> Shop<S> {
    async fn open(sandbox: &Sandbox, store: S, books: Books) -> Self {
        let client = client(sandbox);
        let watcher = {
            let (client, store, books) = (client.clone(), store.clone(), books.clone());
            PaymentWatcher::new(client.clone(), store.clone(), move |news| {
                work(client.clone(), store.clone(), books.clone(), news)
            })
        };
        let failed = Arc::<Mutex<Vec<String>>>::default();
        let errors = failed.clone();
        let (route, workers) = callback_route(watcher.clone())
            .on_error(move |id, error| errors.lock().unwrap().push(format!("{id}: {error}")))
            .no_sweep()
            .start();
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

    async fn start(&self, order: &str, reserve: bool) -> String {
        let builder = if reserve {
            StartPayment::reservation(order, Currency::Huf, 24 * HOUR)
        } else {
            StartPayment::immediate(order, Currency::Huf)
        };
        let request = builder
            .callback_url(self.address.clone())
            .transaction(Transaction::new("t-1", PAYEE).item(Item::new("Kettle", 1, 10_000)))
            .build()
            .unwrap();
        let id = self
            .client
            .start_payment(&request)
            .await
            .unwrap()
            .payment_id;
        self.watcher.expect(id).await.unwrap();
        let mut books = self.books.lock().unwrap();
        books.entry(order.to_owned()).or_default().payments.push(id);
        id.to_string()
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

    /// Until all callbacks that are due have had their effect. The work itself may cause some.
    async fn settled(&self, sandbox: &Sandbox) {
        for _ in 0..3 {
            sandbox.callbacks_settled().await;
            self.workers.idle().await;
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

/// What the shop does about a change.
async fn work<S: PaymentStore>(
    client: Client,
    store: S,
    books: Books,
    news: PaymentNews,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let name = news
        .payment
        .payment_request_id
        .clone()
        .ok_or("whose is it?")?;
    let payments = {
        let mut books = books.lock().unwrap();
        let order = books.entry(name.clone()).or_default();
        order.worked.push((news.number, news.repeated));
        order.payments.clone()
    };
    for change in &news.changes {
        match change {
            PaymentChange::Reserved => {
                let finish = news.payment.finish().in_full().build()?;
                client.finish_reservation(&finish).await?;
            }
            end if end.is_end_without_money() => {
                let mut seen = Vec::new();
                for id in &payments {
                    seen.extend(
                        store
                            .load(*id)
                            .await?
                            .and_then(|record| record.seen().cloned()),
                    );
                }
                if order_standing(&seen) == OrderStanding::Unpaid {
                    books
                        .lock()
                        .unwrap()
                        .entry(name.clone())
                        .or_default()
                        .canceled = true;
                }
            }
            change => {
                let mut books = books.lock().unwrap();
                let order = books.entry(name.clone()).or_default();
                match change {
                    PaymentChange::Paid => order.shipped += 1,
                    PaymentChange::Refunded(money) => order.sent_back += money.amount(),
                    other => panic!("{other:?}"),
                }
            }
        }
    }
    Ok(())
}

async fn stage<S: PaymentStore + Clone + 'static>(store: S) -> (Sandbox, Shop<S>) {
    let sandbox = Sandbox::start().await.unwrap();
    let shop = Shop::open(&sandbox, store, Books::default()).await;
    (sandbox, shop)
}

async fn twice<S: PaymentStore + Clone + 'static>(store: S) {
    let (sandbox, shop) = stage(store).await;
    let id = shop.start("order", false).await;
    sandbox
        .inject(Fault::callback(CallbackFault::Duplicate))
        .unwrap();
    sandbox.pay(&id, CARD_OK).await.unwrap();
    shop.settled(&sandbox).await;
    sandbox.call_back(&id).await.unwrap();
    shop.settled(&sandbox).await;
    assert_eq!(sandbox.callbacks().len(), 3);
    shop.assert("order", 1, false, 0);
    assert_eq!(shop.order("order").worked, [(1, false)]);
}

async fn lost<S: PaymentStore + Clone + 'static>(store: S) {
    let (sandbox, shop) = stage(store).await;
    let id = shop.start("order", false).await;
    sandbox
        .inject(Fault::callback(CallbackFault::Lost))
        .unwrap();
    sandbox.pay(&id, CARD_OK).await.unwrap();
    shop.settled(&sandbox).await;
    shop.assert("order", 0, false, 0);
    let sweep = shop.watcher.sweep(10).await.unwrap();
    assert_eq!((sweep.looked_at, sweep.failed.len()), (1, 0));
    shop.assert("order", 1, false, 0);
    let sweep = shop.watcher.sweep(10).await.unwrap();
    assert_eq!(sweep.looked_at, 0, "it is settled");
}

async fn late<S: PaymentStore + Clone + 'static>(store: S) {
    let (sandbox, shop) = stage(store).await;
    let id = shop.start("order", false).await;
    sandbox
        .inject(Fault::callback(CallbackFault::Late(HOUR)))
        .unwrap();
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

async fn reordered<S: PaymentStore + Clone + 'static>(store: S) {
    let (sandbox, shop) = stage(store).await;
    let id = shop.start("order", false).await;
    sandbox
        .inject(Fault::callback(CallbackFault::Reordered))
        .unwrap();
    sandbox.pay(&id, CARD_OK).await.unwrap();
    shop.refund(&id, 10_000).await;
    shop.settled(&sandbox).await;
    assert_eq!(sandbox.callbacks().len(), 2);
    shop.assert("order", 1, false, 10_000);
    assert_eq!(shop.order("order").worked.len(), 1, "both at once");
}

async fn refunded_in_steps<S: PaymentStore + Clone + 'static>(store: S) {
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
    let worked = shop.order("order").worked;
    assert_eq!(
        worked,
        [(1, false), (2, false), (3, false), (4, false)],
        "reserved, paid, two refunds"
    );
}

async fn a_sibling_expires<S: PaymentStore + Clone + 'static>(store: S) {
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

/// Each story with each store.
macro_rules! with_each_store {
    ($($story:ident),* $(,)?) => {
        mod in_memory {
            $(#[tokio::test] async fn $story() { super::$story(super::MemoryStore::new()).await; })*
        }
        mod in_sqlite {
            $(#[tokio::test] async fn $story() {
                let file = super::Database::new();
                super::$story(super::sqlite(&file).await).await;
            })*
        }
    };
}

with_each_store!(
    twice,
    lost,
    late,
    reordered,
    refunded_in_steps,
    a_sibling_expires
);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_instances_on_one_database_ship_once() {
    let sandbox = Sandbox::start().await.unwrap();
    let file = Database::new();
    let books = Books::default();
    let one = Shop::open(&sandbox, sqlite(&file).await, books.clone()).await;
    let other = Shop::open(&sandbox, sqlite(&file).await, books.clone()).await;
    let http = reqwest::Client::new();
    for order in ["order-1", "order-2", "order-3", "order-4"] {
        let id = one.start(order, true).await;
        sandbox.pay(&id, CARD_OK).await.unwrap();
        // A storm of callbacks on both, besides the one that Barion sends.
        let notice = CallbackNotice::for_payment(id.parse().unwrap());
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
        let (_, _) = tokio::join!(one.watcher.look(id), other.watcher.look(id));
    }
    for _ in 0..3 {
        one.settled(&sandbox).await;
        other.settled(&sandbox).await;
    }
    for order in ["order-1", "order-2", "order-3", "order-4"] {
        one.assert(order, 1, false, 0);
        let worked = one.order(order).worked;
        assert_eq!(
            worked,
            [(1, false), (2, false)],
            "reserved and finished, then paid"
        );
    }
}

#[tokio::test]
async fn what_a_crash_interrupted_is_done_by_the_next() {
    let (sandbox, shop) = stage(MemoryStore::new()).await;
    let id = shop.start("order", false).await;
    sandbox
        .inject(Fault::callback(CallbackFault::Lost))
        .unwrap();
    sandbox.pay(&id, CARD_OK).await.unwrap();
    // An instance claims the work, and is gone. Its lease is over at once.
    let state = shop
        .client
        .payment_state(id.parse().unwrap())
        .await
        .unwrap()
        .snapshot();
    let gone = shop
        .watcher
        .store()
        .advance(&state, Duration::ZERO)
        .await
        .unwrap();
    let Advance::Claimed(gone) = gone else {
        panic!("{gone:?}");
    };
    let sweep = shop.watcher.sweep(10).await.unwrap();
    assert_eq!((sweep.looked_at, sweep.failed.len()), (1, 0));
    shop.assert("order", 1, false, 0);
    assert_eq!(shop.order("order").worked, [(1, true)]);
    assert!(
        !shop.watcher.store().done(&gone).await.unwrap(),
        "it comes too late"
    );
}

#[tokio::test]
async fn work_that_fails_is_repeated_by_the_next_look() {
    let sandbox = Sandbox::start().await.unwrap();
    let shop = Shop::open(&sandbox, MemoryStore::new(), Books::default()).await;
    let id: PaymentId = shop.start("order", false).await.parse().unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let watcher = {
        let told = told.clone();
        PaymentWatcher::new(shop.client.clone(), MemoryStore::new(), move |news| {
            let told = told.clone();
            async move {
                let mut told = told.lock().unwrap();
                told.push((news.changes, news.number, news.repeated));
                if told.len() == 1 {
                    Err("the printer is on fire")
                } else {
                    Ok(())
                }
            }
        })
    };
    sandbox
        .inject(Fault::callback(CallbackFault::Lost).times(2))
        .unwrap();
    sandbox.pay(&id.to_string(), CARD_OK).await.unwrap();
    let error = watcher.look(id).await.unwrap_err();
    assert!(
        matches!(error, barion::WatchError::Work(_)) && error.to_string().contains("on fire"),
        "{error}"
    );
    shop.refund(&id.to_string(), 10).await;
    let refunded = PaymentChange::Refunded(barion::Money::new(10, Currency::Huf));
    let both = vec![PaymentChange::Paid, refunded];
    assert_eq!(watcher.look(id).await.unwrap(), both);
    assert_eq!(watcher.look(id).await.unwrap(), []);
    let told = told.lock().unwrap();
    assert_eq!(
        *told,
        [(vec![PaymentChange::Paid], 1, false), (both, 1, true)]
    );
}
