//! How often the handler runs when processes die, stores fail and clocks jump.

use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use super::stores::Postgres;
use crate::client::flows::client;
use crate::client::offline::Offline;
use barion::callback::CallbackNotice;
use barion::{
    Currency, Item, OrderStanding, Payment, PaymentChange, PaymentId, StartPayment, Transaction,
};
use barion_sandbox::{CARD_OK, PAYEE, Sandbox};
use barion_watcher::store::{
    Backlog, DuePayment, Enqueued, PaymentRow, PostgresStore, Queue, Schedule, SqliteStore,
};
use barion_watcher::{
    Accepted, HandlerFuture, MemoryStore, OrderChange, OrderUpdate, Store, StoreError, StoredOrder,
    TrackError, TransactionalStore, WatchError, Watcher,
};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

/// Runs of a handler: number, whether it is repeated, and the changes.
type Runs = Arc<Mutex<Vec<(u64, bool, Vec<OrderChange>)>>>;

fn start(reserve: Option<Duration>) -> StartPayment {
    let order = match reserve {
        Some(period) => StartPayment::reservation("order", Currency::Huf, period),
        None => StartPayment::immediate("order", Currency::Huf),
    };
    order
        .transaction(Transaction::new("t-1", PAYEE).item(Item::new("Kettle", 1, 10_000)))
        .build()
        .unwrap()
}

fn recording(
    runs: &Runs,
) -> impl Fn(OrderUpdate) -> std::future::Ready<Result<(), StoreError>> + use<> {
    let runs = runs.clone();
    move |update| {
        runs.lock()
            .unwrap()
            .push((update.number, update.repeated, update.changes));
        std::future::ready(Ok(()))
    }
}

/// When the next writes of a record fail.
#[derive(Debug, Clone, Copy)]
enum Failing {
    /// Nothing is written.
    Before,
    /// It is written, and the answer is lost.
    After,
}

/// A store whose writes of records fail as a test says.
#[derive(Clone, Default)]
struct Failable {
    store: MemoryStore,
    failing: Arc<Mutex<Vec<Failing>>>,
    /// The call that does not end the next time.
    hanging: Arc<Mutex<Option<&'static str>>>,
}

impl Failable {
    fn fail(&self, how: Failing, times: usize) {
        self.failing.lock().unwrap().extend(vec![how; times]);
    }

    async fn maybe_hang(&self, call: &'static str) {
        let hangs = self
            .hanging
            .lock()
            .unwrap()
            .take_if(|hanging| *hanging == call);
        if hangs.is_some() {
            std::future::pending::<()>().await;
        }
    }
}

impl Store for Failable {
    async fn find(&self, id: PaymentId) -> Result<Option<PaymentRow>, StoreError> {
        self.maybe_hang("find").await;
        self.store.find(id).await
    }

    async fn load(&self, order: &str) -> Result<Option<StoredOrder>, StoreError> {
        self.maybe_hang("load").await;
        self.store.load(order).await
    }

    async fn replace(
        &self,
        old: Option<u64>,
        new: &StoredOrder,
        due: &[(PaymentId, Duration)],
    ) -> Result<bool, StoreError> {
        let failing = self.failing.lock().unwrap().pop();
        match failing {
            Some(Failing::Before) => Err(StoreError::new("the cable is out")),
            Some(Failing::After) => {
                self.store.replace(old, new, due).await?;
                Err(StoreError::new("the cable went out"))
            }
            None => self.store.replace(old, new, due).await,
        }
    }

    async fn enqueue(&self, id: PaymentId, capacity: u32) -> Result<Enqueued, StoreError> {
        self.store.enqueue(id, capacity).await
    }

    async fn take_due(
        &self,
        queue: Queue,
        limit: u32,
        hide: Duration,
    ) -> Result<Vec<DuePayment>, StoreError> {
        self.maybe_hang("due").await;
        self.store.take_due(queue, limit, hide).await
    }

    async fn next_due(&self, queue: Queue) -> Result<Option<Duration>, StoreError> {
        self.store.next_due(queue).await
    }

    async fn schedule(
        &self,
        id: PaymentId,
        version: u64,
        next: Schedule,
    ) -> Result<bool, StoreError> {
        self.maybe_hang("schedule").await;
        self.store.schedule(id, version, next).await
    }

    async fn forget(&self, id: PaymentId) -> Result<(), StoreError> {
        self.store.forget(id).await
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        self.store.backlog().await
    }
}

#[tokio::test(start_paused = true)]
async fn a_completion_that_fails_is_written_again_within_the_lease() {
    for how in [Failing::Before, Failing::After] {
        let world = Offline::start().await;
        let payment = world.paid(start(None)).await;
        let (store, runs) = (Failable::default(), Runs::default());
        let watcher = {
            let (store, runs) = (store.clone(), runs.clone());
            Watcher::new(
                world.client(0),
                store.clone(),
                move |update: OrderUpdate| {
                    store.fail(how, 3);
                    recording(&runs)(update)
                },
            )
        };
        let refreshed = watcher.refresh(payment.payment_id).await.unwrap();
        assert_eq!(refreshed.handled, [OrderChange::OrderPaid], "{how:?}");
        tokio::time::sleep(HOUR).await;
        assert!(
            watcher
                .refresh(payment.payment_id)
                .await
                .unwrap()
                .handled
                .is_empty()
        );
        assert_eq!(runs.lock().unwrap().len(), 1, "{how:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_claim_whose_write_gets_lost_is_the_writers() {
    let world = Offline::start().await;
    let payment = world.paid(start(None)).await;
    let (store, runs) = (Failable::default(), Runs::default());
    let watcher = Watcher::new(world.client(0), store.clone(), recording(&runs));
    store.fail(Failing::After, 1);
    let refreshed = watcher.refresh(payment.payment_id).await.unwrap();
    assert_eq!(refreshed.handled, [OrderChange::OrderPaid]);
    assert_eq!(
        *runs.lock().unwrap(),
        [(1, false, vec![OrderChange::OrderPaid])]
    );
}

#[tokio::test(start_paused = true)]
async fn a_completion_that_fails_until_the_lease_is_over_is_repeated_and_says_so() {
    let world = Offline::start().await;
    let payment = world.paid(start(None)).await;
    let (store, runs) = (Failable::default(), Runs::default());
    let first = AtomicBool::new(true);
    let watcher = {
        let (store, runs) = (store.clone(), runs.clone());
        Watcher::new(
            world.client(0),
            store.clone(),
            move |update: OrderUpdate| {
                if first.swap(false, Ordering::Relaxed) {
                    store.fail(Failing::Before, 10_000);
                }
                recording(&runs)(update)
            },
        )
    };
    let error = watcher.refresh(payment.payment_id).await.unwrap_err();
    assert!(matches!(error, WatchError::Store(_)), "{error}");
    store.failing.lock().unwrap().clear();
    let other = Watcher::new(world.client(0), store.clone(), recording(&runs));
    let busy = other.refresh(payment.payment_id).await.unwrap();
    assert!(
        busy.busy,
        "another process has not seen the lease for its whole length"
    );
    let refreshed = watcher.refresh(payment.payment_id).await.unwrap();
    assert_eq!(refreshed.handled, [OrderChange::OrderPaid]);
    let numbers: Vec<_> = runs
        .lock()
        .unwrap()
        .iter()
        .map(|one| (one.0, one.1))
        .collect();
    assert_eq!(numbers, [(1, false), (1, true)]);
}

/// A process dies in the middle of its handler. Another one, whose clock is wrong and jumps,
/// repeats the update after the lease, neither before nor much later.
#[tokio::test(start_paused = true)]
async fn a_lease_lasts_its_length_whatever_the_clocks_say() {
    for wrong in [-12 * 3_600_i64, -60, 0, 60, 12 * 3_600] {
        let world = Offline::start().await;
        let payment = world.paid(start(None)).await;
        let store = MemoryStore::new();
        let stuck = Watcher::new(world.client(0), store.clone(), |_| {
            std::future::pending::<Result<(), StoreError>>()
        });
        let id = payment.payment_id;
        let dying = tokio::spawn(async move { stuck.refresh(id).await });
        tokio::time::sleep(Duration::from_secs(10)).await;
        dying.abort();

        let runs = Runs::default();
        let (origin, began) = (SystemTime::now(), tokio::time::Instant::now());
        let watcher =
            Watcher::new(world.client(0), store, recording(&runs)).wall_clock(move || {
                let honest = origin + began.elapsed();
                // It is set while the other process waits.
                let jump = Duration::from_secs(wrong.unsigned_abs());
                match (began.elapsed() > MINUTE, wrong < 0) {
                    (false, _) => honest,
                    (true, true) => honest - jump,
                    (true, false) => honest + jump,
                }
            });
        assert!(watcher.refresh(id).await.unwrap().busy);
        tokio::time::sleep(Duration::from_secs(119)).await;
        assert!(watcher.refresh(id).await.unwrap().busy, "{wrong}");
        tokio::time::sleep(Duration::from_secs(1)).await;
        let refreshed = watcher.refresh(id).await.unwrap();
        assert_eq!(refreshed.handled, [OrderChange::OrderPaid], "{wrong}");
        assert_eq!(
            *runs.lock().unwrap(),
            [(1, true, vec![OrderChange::OrderPaid])]
        );
    }
}

/// Each sweep is a process of its own, which has seen nothing: what a dead one has left is repeated
/// by the store's clock.
#[tokio::test(start_paused = true)]
async fn processes_that_live_shortly_repeat_what_a_dead_one_has_begun() {
    let world = Offline::start().await;
    let id = world.paid(start(None)).await.payment_id;
    let (store, runs) = (MemoryStore::new(), Runs::default());
    let stuck = Watcher::new(world.client(0), store.clone(), |_| {
        std::future::pending::<Result<(), StoreError>>()
    });
    stuck.track(id, "order").await.unwrap();
    let dying = tokio::spawn(async move { stuck.refresh(id).await });
    tokio::time::sleep(Duration::from_secs(10)).await;
    dying.abort();
    for minute in 1..=7 {
        tokio::time::sleep(MINUTE).await;
        let watcher = Watcher::new(world.client(0), store.clone(), recording(&runs));
        watcher.sweep(50).await.unwrap();
        if minute < 5 {
            assert!(runs.lock().unwrap().is_empty(), "after {minute} minutes");
        }
    }
    assert_eq!(
        *runs.lock().unwrap(),
        [(1, true, vec![OrderChange::OrderPaid])]
    );
}

/// A server that loses its power does not close connections: one call never ends.
#[tokio::test(start_paused = true)]
async fn a_call_of_the_store_that_never_ends_stops_nothing() {
    let world = Offline::start().await;
    let barion = world.client(0);
    for call in ["due", "find", "load", "schedule"] {
        let (store, runs) = (Failable::default(), Runs::default());
        let watcher = Watcher::new(world.client(0), store.clone(), recording(&runs));
        let workers = watcher.start();
        workers.wait_until_idle().await;
        let request = start(None);
        let id = barion.start_payment(&request).await.unwrap().payment_id;
        watcher.track(id, call).await.unwrap();
        world
            .world
            .sandbox
            .pay(&id.to_string(), CARD_OK)
            .await
            .unwrap();
        *store.hanging.lock().unwrap() = Some(call);
        watcher
            .accept(CallbackNotice::for_payment(id))
            .await
            .unwrap();
        for _ in 0..100 {
            world.world.pass(Duration::from_secs(6)).await;
        }
        assert!(store.hanging.lock().unwrap().is_none(), "{call} was called");
        assert_eq!(runs.lock().unwrap().len(), 1, "{call}");
        workers.shutdown().await;
    }
}

/// The shutdown ends in time although Barion does not answer and untracked ids wait.
#[tokio::test(start_paused = true)]
async fn workers_shut_down_while_barion_is_down() {
    let sandbox = Sandbox::start().await.unwrap();
    let nowhere = sandbox.url();
    sandbox.stop().await;
    let key = barion::PosKey::new(barion_sandbox::POS_KEY).unwrap();
    let down = barion::Client::new(barion::Environment::Custom(nowhere), key).unwrap();
    let runs = Runs::default();
    let watcher = Watcher::new(down, MemoryStore::new(), recording(&runs));
    let workers = watcher.start();
    for number in 1..=100_u32 {
        let id: PaymentId = format!("{number:032x}").parse().unwrap();
        if number <= 10 {
            watcher.track(id, &number.to_string()).await.unwrap();
        }
        watcher
            .accept(CallbackNotice::for_payment(id))
            .await
            .unwrap();
    }
    let begun = tokio::time::Instant::now();
    workers.shutdown().await;
    assert!(begun.elapsed() < 4 * MINUTE, "{:?}", begun.elapsed());
    let later = watcher.accept(CallbackNotice::for_payment(
        PaymentId::from_str("aa".repeat(16).as_str()).unwrap(),
    ));
    assert_eq!(later.await.unwrap(), Accepted::Closed);
}

/// Payments from before there was a watcher: those that are over are not read again.
#[tokio::test(start_paused = true)]
async fn what_was_seeded_is_not_reported_and_over() {
    let world = Offline::start().await;
    let payment = world.paid(start(None)).await;
    let runs = Runs::default();
    let watcher = Watcher::new(world.client(0), MemoryStore::new(), recording(&runs));
    assert!(watcher.seed(&payment, "order").await.unwrap());
    assert!(
        !watcher.seed(&payment, "order").await.unwrap(),
        "it is known"
    );
    assert_eq!(watcher.store().backlog().await.unwrap().open, 0);
    watcher.refresh(payment.payment_id).await.unwrap();
    assert!(runs.lock().unwrap().is_empty());
    let order = watcher.order("order").await.unwrap().unwrap();
    assert_eq!(order.paid_by(), Some(payment.payment_id));
}

/// As many replayed payments as a sweep takes: the others have their share.
#[tokio::test(start_paused = true)]
async fn a_sweep_shares_itself_between_the_queues() {
    let world = Offline::start().await;
    let runs = Runs::default();
    let watcher = Watcher::new(world.client(0), MemoryStore::new(), recording(&runs))
        .callback_cooldown(Duration::ZERO);
    for number in 1..=20_u32 {
        let id: PaymentId = format!("{number:032x}").parse().unwrap();
        watcher.track(id, &number.to_string()).await.unwrap();
        watcher
            .accept(CallbackNotice::for_payment(id))
            .await
            .unwrap();
    }
    let lost = world.paid(start(None)).await.payment_id;
    watcher.track(lost, "lost").await.unwrap();
    let untracked = world.paid(start(None)).await.payment_id;
    watcher
        .accept(CallbackNotice::for_payment(untracked))
        .await
        .unwrap();
    tokio::time::sleep(2 * MINUTE).await;
    watcher.sweep(10).await.unwrap();
    assert_eq!(runs.lock().unwrap().len(), 2);
}

/// A text that can't be an order's key makes the payment an order of its own.
#[tokio::test(start_paused = true)]
async fn a_key_that_is_none_is_not_taken() {
    let world = Offline::start().await;
    for key in ["", "with\0nul", &"x".repeat(256)] {
        let runs = Runs::default();
        let own = key.to_owned();
        let watcher = Watcher::new(world.client(0), MemoryStore::new(), recording(&runs))
            .order_key(move |_| Some(own.clone()));
        let id = world.paid(start(None)).await.payment_id;
        watcher.refresh(id).await.unwrap();
        let order = watcher.order(&id.to_string()).await.unwrap();
        assert_eq!(order.unwrap().paid_by(), Some(id), "{key:?}");
        let error = watcher.track(id, key).await.unwrap_err();
        assert!(matches!(error, TrackError::Key), "{error}");
    }
}

/// No callback comes. The payment is read when its time has come, by the workers.
#[tokio::test(start_paused = true)]
async fn a_lost_callback_is_made_up_for_after_half_of_the_payments_age() {
    let world = Offline::start().await;
    let barion = world.client(0);
    let id = barion.start_payment(&start(None)).await.unwrap().payment_id;
    let runs = Runs::default();
    let watcher = Watcher::new(world.client(0), MemoryStore::new(), recording(&runs));
    let workers = watcher.start();
    watcher.track(id, "order").await.unwrap();
    for _ in 0..100 {
        world.world.pass(Duration::from_secs(6)).await;
    }
    assert!(
        runs.lock().unwrap().is_empty(),
        "nobody has paid for ten minutes"
    );
    world
        .world
        .sandbox
        .pay(&id.to_string(), CARD_OK)
        .await
        .unwrap();
    // Half of ten minutes, and the pause of the workers.
    for _ in 0..53 {
        world.world.pass(Duration::from_secs(6)).await;
    }
    assert_eq!(
        *runs.lock().unwrap(),
        [(1, false, vec![OrderChange::OrderPaid])]
    );
    workers.shutdown().await;
}

/// A shop that forgets a reservation gets an update before it lapses, and when it has.
#[tokio::test(start_paused = true)]
async fn a_reservation_is_reported_before_it_lapses() {
    let world = Offline::start().await;
    let payment = world.paid(start(Some(24 * HOUR))).await;
    let runs = Runs::default();
    let watcher = {
        let (runs, world) = (runs.clone(), world.clone());
        Watcher::new(world.client(0), MemoryStore::new(), recording(&runs))
            .wall_clock(move || SystemTime::from(world.world.now()))
            .lapse_warning(10 * HOUR)
    };
    let workers = watcher.start();
    watcher.track(payment.payment_id, "order").await.unwrap();
    let mut seen = Vec::new();
    for minute in 0..25 * 60 {
        world.world.pass(MINUTE).await;
        for (number, repeated, changes) in runs.lock().unwrap().drain(..) {
            seen.push((minute / 60, number, repeated, changes));
        }
    }
    workers.shutdown().await;
    let [reserved, warned, over] = &seen[..] else {
        panic!("{seen:?}");
    };
    assert_eq!((reserved.0, reserved.1), (0, 1));
    assert_eq!(reserved.3, [OrderChange::Payment(PaymentChange::Reserved)]);
    assert_eq!((warned.0, warned.1), (14, 2), "ten hours before its end");
    assert!(
        matches!(&warned.3[..], [OrderChange::LapsesSoon { .. }]),
        "{warned:?}"
    );
    assert_eq!((over.0, over.1), (24, 3));
    assert!(over.3[0].is_end_without_money(), "{over:?}");
    let order = watcher.order("order").await.unwrap().unwrap();
    assert_eq!(order.standing(), OrderStanding::Unpaid);
}

/// Databases with a table that a transactional handler writes to.
trait Shipments: TransactionalStore {
    async fn create_table(&self);

    fn insert<'t>(
        transaction: &'t mut Self::Transaction,
        update: &OrderUpdate,
    ) -> HandlerFuture<'t, sqlx::Error>;

    /// The numbers of the updates whose writes are in the table.
    async fn numbers(&self) -> Vec<i64>;
}

macro_rules! shipments {
    ($store:ty) => {
        impl Shipments for $store {
            async fn create_table(&self) {
                let mut transaction = self.begin().await.unwrap();
                let table =
                    "CREATE TABLE shipments (order_key TEXT NOT NULL, number BIGINT NOT NULL)";
                sqlx::raw_sql(table)
                    .execute(&mut *transaction)
                    .await
                    .unwrap();
                self.commit(transaction).await.unwrap();
            }

            fn insert<'t>(
                transaction: &'t mut Self::Transaction,
                update: &OrderUpdate,
            ) -> HandlerFuture<'t, sqlx::Error> {
                let (order, number) = (update.order.clone(), update.number.cast_signed());
                Box::pin(async move {
                    let insert = "INSERT INTO shipments (order_key, number) VALUES ($1, $2)";
                    let query = sqlx::query(insert).bind(order).bind(number);
                    query.execute(&mut **transaction).await?;
                    Ok(())
                })
            }

            async fn numbers(&self) -> Vec<i64> {
                let mut transaction = self.begin().await.unwrap();
                let numbers = sqlx::query_scalar("SELECT number FROM shipments");
                numbers.fetch_all(&mut *transaction).await.unwrap()
            }
        }
    };
}

shipments!(SqliteStore);
shipments!(PostgresStore);

async fn paid(sandbox: &Sandbox) -> Payment {
    let barion = client(sandbox);
    let id = barion.start_payment(&start(None)).await.unwrap().payment_id;
    sandbox.pay(&id.to_string(), CARD_OK).await.unwrap();
    barion.payment_state(id).await.unwrap()
}

/// What a transactional handler does in its first run, after it has written.
#[derive(Debug, Clone, Copy)]
enum First {
    Fails,
    Panics,
    Hangs,
}

async fn ships_once<S: Shipments + Clone + 'static>(store: S, first: First) {
    store.create_table().await;
    let sandbox = Sandbox::start().await.unwrap();
    let payment = paid(&sandbox).await;
    let runs = Arc::new(Mutex::new(0));
    let watcher = {
        let runs = runs.clone();
        Watcher::transactional(
            client(&sandbox),
            store.clone(),
            move |update: OrderUpdate, transaction| {
                let runs = runs.clone();
                Box::pin(async move {
                    let run = {
                        let mut runs = runs.lock().unwrap();
                        *runs += 1;
                        *runs
                    };
                    S::insert(transaction, &update).await?;
                    match (run, first) {
                        (1, First::Fails) => return Err(sqlx::Error::WorkerCrashed),
                        (1, First::Panics) => panic!("as the test wants it"),
                        (1, First::Hangs) => std::future::pending().await,
                        _ => {}
                    }
                    Ok(())
                })
            },
        )
        .lease(Duration::from_secs(1))
    };
    let id = payment.payment_id;
    let begun = {
        let watcher = watcher.clone();
        tokio::spawn(async move { watcher.refresh(id).await }).await
    };
    assert!(!matches!(begun, Ok(Ok(_))), "{begun:?}");
    loop {
        let refreshed = watcher.refresh(id).await.unwrap();
        if !refreshed.busy {
            assert_eq!(refreshed.handled, [OrderChange::OrderPaid]);
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(watcher.refresh(id).await.unwrap().handled.is_empty());
    assert_eq!(*runs.lock().unwrap(), 2, "{first:?}");
    assert_eq!(store.numbers().await, [1], "{first:?}");
}

async fn a_transactional_handler_that_fails_is_exactly_once<S: Shipments + Clone + 'static>(
    store: S,
) {
    ships_once(store, First::Fails).await;
}

async fn a_transactional_handler_that_panics_is_exactly_once<S: Shipments + Clone + 'static>(
    store: S,
) {
    ships_once(store, First::Panics).await;
}

async fn a_transactional_handler_that_hangs_is_exactly_once<S: Shipments + Clone + 'static>(
    store: S,
) {
    ships_once(store, First::Hangs).await;
}

with_each_database!(
    a_transactional_handler_that_fails_is_exactly_once,
    a_transactional_handler_that_panics_is_exactly_once,
    a_transactional_handler_that_hangs_is_exactly_once,
);

/// The first process stands still in the middle of its handler, so that not even its own limit of
/// time stops it, and goes on when another one has repeated and completed the update.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_a_process_writes_that_was_overtaken_is_undone() {
    let Some(database) = Postgres::new().await else {
        return;
    };
    let store = database.store().await;
    store.create_table().await;
    let sandbox = Sandbox::start().await.unwrap();
    let id = paid(&sandbox).await.payment_id;

    let (go, wait) = std::sync::mpsc::channel::<()>();
    let wait = Mutex::new(Some(wait));
    let written = Arc::new(tokio::sync::Notify::new());
    let frozen = {
        let written = written.clone();
        let store = PostgresStore::new(database.pool().await);
        Watcher::transactional(
            client(&sandbox),
            store,
            move |update: OrderUpdate, transaction| {
                let (wait, written) = (wait.lock().unwrap().take(), written.clone());
                Box::pin(async move {
                    PostgresStore::insert(transaction, &update).await?;
                    written.notify_one();
                    // Blocks its thread, and leaves the others theirs.
                    tokio::task::block_in_place(|| wait.map(|wait| wait.recv()));
                    Ok::<(), sqlx::Error>(())
                })
            },
        )
        .lease(Duration::from_secs(1))
    };
    let first = tokio::spawn(async move { frozen.refresh(id).await });
    written.notified().await;
    let other = Watcher::transactional(
        client(&sandbox),
        store.clone(),
        |update: OrderUpdate, transaction| {
            Box::pin(async move {
                assert!(update.repeated);
                PostgresStore::insert(transaction, &update).await
            })
        },
    );
    while other.refresh(id).await.unwrap().busy {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    go.send(()).unwrap();
    let overtaken = first.await.unwrap().unwrap_err();
    assert!(matches!(overtaken, WatchError::TooLong), "{overtaken}");
    assert_eq!(store.numbers().await, [1]);
    database.drop().await;
}
