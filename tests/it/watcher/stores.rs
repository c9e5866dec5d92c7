//! Stores in databases keep what the one in memory keeps.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use barion::{Currency, Item, PaymentId, StartPayment, Transaction};
use barion_sandbox::{CARD_OK, PAYEE, Sandbox};
use barion_watcher::store::{Enqueued, PostgresStore, Queue, Schedule, SqliteStore};
use barion_watcher::{MemoryStore, OrderChange, OrderUpdate, Store, Watcher};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};

use super::orders_of;
use crate::client::flows::client;

const HIDE: Duration = Duration::from_secs(600);
const LATER: Duration = Duration::from_secs(3_600);

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A file for a database, gone with the test.
pub(crate) struct Database(PathBuf);

impl Database {
    pub(crate) fn new() -> Self {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("barion-store-{}-{number}.db", std::process::id());
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm", "-journal"] {
            let _ = std::fs::remove_file(format!("{}{end}", self.0.display()));
        }
    }
}

/// A pool in this file, with connections of its own, as another process has.
pub(crate) async fn sqlite_pool(file: &Database) -> sqlx::SqlitePool {
    let options = SqliteConnectOptions::new()
        .filename(&file.0)
        .journal_mode(SqliteJournalMode::Wal)
        .create_if_missing(true);
    SqlitePoolOptions::new()
        .max_connections(3)
        .connect_with(options)
        .await
        .unwrap()
}

pub(crate) async fn sqlite(file: &Database) -> SqliteStore {
    let store = SqliteStore::new(sqlite_pool(file).await);
    store.migrate().await.unwrap();
    store
}

/// A schema of its own in the database that `BARION_POSTGRES` names, such as
/// `postgres://user:password@127.0.0.1/database`.
pub(crate) struct Postgres {
    address: String,
    schema: String,
}

impl Postgres {
    /// `None`, said aloud, where there is no server. CI sets `BARION_REQUIRE_POSTGRES`.
    pub(crate) async fn new() -> Option<Self> {
        let Ok(address) = std::env::var("BARION_POSTGRES") else {
            assert!(
                std::env::var_os("BARION_REQUIRE_POSTGRES").is_none(),
                "BARION_POSTGRES names no database"
            );
            println!("skipped: BARION_POSTGRES names no database");
            return None;
        };
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let schema = format!("barion_{}_{number}", std::process::id());
        let pool = sqlx::PgPool::connect(&address).await.unwrap();
        for sql in [
            format!("DROP SCHEMA IF EXISTS {schema} CASCADE"),
            format!("CREATE SCHEMA {schema}"),
        ] {
            let sql = sqlx::AssertSqlSafe(sql);
            sqlx::raw_sql(sql).execute(&pool).await.unwrap();
        }
        pool.close().await;
        Some(Self { address, schema })
    }

    /// A pool with connections of its own, as another machine has.
    pub(crate) async fn pool(&self) -> sqlx::PgPool {
        let options: sqlx::postgres::PgConnectOptions = self.address.parse().unwrap();
        let options = options.options([("search_path", &self.schema)]);
        sqlx::postgres::PgPoolOptions::new()
            .max_connections(4)
            .connect_with(options)
            .await
            .unwrap()
    }

    pub(crate) async fn store(&self) -> PostgresStore {
        let store = PostgresStore::new(self.pool().await);
        store.migrate().await.unwrap();
        store
    }

    pub(crate) async fn drop(self) {
        let pool = sqlx::PgPool::connect(&self.address).await.unwrap();
        let sql = sqlx::AssertSqlSafe(format!("DROP SCHEMA {} CASCADE", self.schema));
        sqlx::raw_sql(sql).execute(&pool).await.unwrap();
    }
}

fn id(number: u32) -> PaymentId {
    format!("{number:032x}").parse().unwrap()
}

const fn after(time: Duration) -> Schedule {
    Schedule {
        due_in: Some(time),
        failures: 0,
        unchanged: 0,
        cooldown: Duration::ZERO,
    }
}

async fn due<S: Store>(store: &S, queue: Queue) -> Vec<PaymentId> {
    let due = store.take_due(queue, 10, HIDE).await.unwrap();
    due.into_iter().map(|one| one.payment_id).collect()
}

async fn records_are_replaced_by_their_revision<S: Store>(store: S) {
    let [first, second, other] = orders_of().await;
    let payment = first.payments()[0].payment_id();
    assert!(store.load("order").await.unwrap().is_none());
    assert!(
        !store.replace(Some(1), &second, &[]).await.unwrap(),
        "none is there"
    );
    assert!(
        store
            .replace(None, &first, &[(payment, LATER)])
            .await
            .unwrap()
    );
    assert!(
        !store.replace(None, &first, &[]).await.unwrap(),
        "there is one"
    );
    assert_eq!(store.load("order").await.unwrap(), Some(first.clone()));
    let old = Some(first.revision());
    assert!(store.replace(old, &second, &[]).await.unwrap());
    assert!(
        !store.replace(old, &second, &[]).await.unwrap(),
        "it was replaced"
    );
    assert_eq!(store.load("order").await.unwrap(), Some(second));

    // A payment has one order, and a write that would change that changes nothing at all.
    assert!(
        !store
            .replace(None, &other, &[(payment, LATER)])
            .await
            .unwrap()
    );
    assert!(store.load("other").await.unwrap().is_none());
    let row = store.find(payment).await.unwrap().unwrap();
    assert_eq!((row.order.as_deref(), row.version), (Some("order"), 1));
}

async fn due_payments_are_taken_once_and_come_back<S: Store>(store: S) {
    let [order, _, _] = orders_of().await;
    assert!(due(&store, Queue::Scheduled).await.is_empty());
    let soon = [(id(1), Duration::ZERO), (id(2), LATER)];
    assert!(store.replace(None, &order, &soon).await.unwrap());
    assert_eq!(store.take_due(Queue::Scheduled, 0, HIDE).await.unwrap(), []);
    let taken = store
        .take_due(Queue::Scheduled, 10, Duration::ZERO)
        .await
        .unwrap();
    assert_eq!(taken.len(), 1, "the other is due later");
    assert_eq!(
        (taken[0].payment_id, taken[0].version, taken[0].failures),
        (id(1), 1, 0)
    );
    assert_eq!(
        due(&store, Queue::Scheduled).await,
        [id(1)],
        "hidden for no time"
    );
    assert!(due(&store, Queue::Scheduled).await.is_empty(), "hidden");

    // A callback while it is being read: what the reader says of it does not count.
    assert_eq!(store.enqueue(id(1), 9).await.unwrap(), Enqueued::Known);
    let failed = Schedule {
        failures: 3,
        ..after(LATER)
    };
    assert!(!store.schedule(id(1), 1, failed).await.unwrap());
    assert!(due(&store, Queue::Scheduled).await.is_empty());
    assert_eq!(due(&store, Queue::Callback).await, [id(1)]);
    assert!(store.schedule(id(1), 2, failed).await.unwrap());
    let row = store.find(id(1)).await.unwrap().unwrap();
    assert_eq!((row.version, row.failures), (2, 3));
    assert!(due(&store, Queue::Callback).await.is_empty());
    assert_eq!(store.backlog().await.unwrap().open, 2);

    // Not until a callback names it.
    let never = Schedule {
        due_in: None,
        ..after(LATER)
    };
    assert!(store.schedule(id(1), 2, never).await.unwrap());
    assert_eq!(store.backlog().await.unwrap().open, 1);
    assert_eq!(store.enqueue(id(1), 0).await.unwrap(), Enqueued::Known);
    assert_eq!(due(&store, Queue::Callback).await, [id(1)]);

    // A write of the order makes it due earlier, never later.
    assert!(store.schedule(id(2), 1, after(LATER)).await.unwrap());
    let next = order.clone();
    let old = Some(order.revision());
    assert!(
        store
            .replace(old, &next, &[(id(2), Duration::ZERO)])
            .await
            .unwrap()
    );
    assert!(store.replace(old, &next, &[(id(2), LATER)]).await.unwrap());
    assert_eq!(due(&store, Queue::Scheduled).await, [id(2)]);
}

async fn callbacks_wait_until_the_cooldown_is_over<S: Store>(store: S) {
    let [order, _, _] = orders_of().await;
    let soon = [(id(1), Duration::ZERO)];
    assert!(store.replace(None, &order, &soon).await.unwrap());
    let scheduled = |cooldown| Schedule {
        due_in: None,
        failures: 0,
        unchanged: 7,
        cooldown,
    };
    assert!(store.schedule(id(1), 1, scheduled(LATER)).await.unwrap());
    assert_eq!(store.find(id(1)).await.unwrap().unwrap().unchanged, 7);
    assert_eq!(store.next_due(Queue::Callback).await.unwrap(), None);
    assert_eq!(store.enqueue(id(1), 0).await.unwrap(), Enqueued::Known);
    assert!(due(&store, Queue::Callback).await.is_empty(), "later");
    let next = store.next_due(Queue::Callback).await.unwrap().unwrap();
    assert!(next <= LATER && next > LATER / 2, "{next:?}");
    assert_eq!(store.backlog().await.unwrap().open, 1, "not never");
    // A callback while it is read: it stays due, but not at once.
    assert!(
        !store
            .schedule(id(1), 1, scheduled(Duration::ZERO))
            .await
            .unwrap()
    );
    assert_eq!(store.enqueue(id(1), 0).await.unwrap(), Enqueued::Known);
    assert!(!store.schedule(id(1), 1, scheduled(LATER)).await.unwrap());
    assert!(due(&store, Queue::Callback).await.is_empty());
    assert!(
        store
            .schedule(id(1), 3, scheduled(Duration::ZERO))
            .await
            .unwrap()
    );
    assert_eq!(store.enqueue(id(1), 0).await.unwrap(), Enqueued::Known);
    assert_eq!(due(&store, Queue::Callback).await, [id(1)]);
}

async fn unknown_ids_have_their_own_queue_and_little_room<S: Store>(store: S) {
    let [order, _, _] = orders_of().await;
    for number in 1..=3 {
        assert_eq!(
            store.enqueue(id(number), 3).await.unwrap(),
            Enqueued::Unknown
        );
    }
    assert_eq!(store.enqueue(id(4), 3).await.unwrap(), Enqueued::Full);
    assert_eq!(store.find(id(4)).await.unwrap(), None, "nothing was stored");
    assert_eq!(
        store.enqueue(id(1), 3).await.unwrap(),
        Enqueued::Unknown,
        "it is there"
    );
    assert!(due(&store, Queue::Callback).await.is_empty());
    let mut waiting = due(&store, Queue::Unknown).await;
    waiting.sort_unstable();
    assert_eq!(waiting, [id(1), id(2), id(3)]);
    store.forget(id(2)).await.unwrap();
    assert_eq!(store.enqueue(id(4), 3).await.unwrap(), Enqueued::Unknown);

    // One of them belongs to an order after all.
    assert!(
        store
            .replace(None, &order, &[(id(3), Duration::ZERO)])
            .await
            .unwrap()
    );
    store.forget(id(3)).await.unwrap();
    let row = store.find(id(3)).await.unwrap().unwrap();
    assert_eq!(row.order.as_deref(), Some("order"));
    assert_eq!(due(&store, Queue::Scheduled).await, [id(3)]);
    assert_eq!(store.enqueue(id(3), 0).await.unwrap(), Enqueued::Known);
}

with_each_store!(
    records_are_replaced_by_their_revision,
    due_payments_are_taken_once_and_come_back,
    callbacks_wait_until_the_cooldown_is_over,
    unknown_ids_have_their_own_queue_and_little_room,
);

#[tokio::test]
async fn in_memory_also_shared() {
    let store = std::sync::Arc::new(MemoryStore::new());
    due_payments_are_taken_once_and_come_back(store).await;
}

#[tokio::test]
async fn sqlite_keeps_it_when_it_is_opened_again() {
    let file = Database::new();
    let [order, _, _] = orders_of().await;
    let due = [(id(1), LATER)];
    assert!(
        sqlite(&file)
            .await
            .replace(None, &order, &due)
            .await
            .unwrap()
    );
    let again = sqlite(&file).await;
    assert_eq!(again.load("order").await.unwrap(), Some(order));
    assert_eq!(again.backlog().await.unwrap().open, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_migrate_at_once() {
    let Some(database) = Postgres::new().await else {
        return;
    };
    let mut migrations = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let store = PostgresStore::new(database.pool().await);
        migrations.spawn(async move { store.migrate().await });
    }
    for migrated in migrations.join_all().await {
        migrated.unwrap();
    }
    database.drop().await;
}

/// Many take at once what is due: each gets others.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_due_is_shared_by_all_instances() {
    let Some(database) = Postgres::new().await else {
        return;
    };
    let store = database.store().await;
    let [order, _, _] = orders_of().await;
    let due: Vec<_> = (1..=60)
        .map(|number| (id(number), Duration::ZERO))
        .collect();
    assert!(store.replace(None, &order, &due).await.unwrap());
    let mut takers = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let store = PostgresStore::new(database.pool().await);
        takers.spawn(async move { store.take_due(Queue::Scheduled, 20, HIDE).await.unwrap() });
    }
    let mut taken: Vec<PaymentId> = takers
        .join_all()
        .await
        .into_iter()
        .flatten()
        .map(|one| one.payment_id)
        .collect();
    // Some may have passed over rows that others held just then.
    taken.extend(
        store
            .take_due(Queue::Scheduled, 60, HIDE)
            .await
            .unwrap()
            .iter()
            .map(|one| one.payment_id),
    );
    taken.sort_unstable();
    let all: Vec<PaymentId> = (1..=60).map(id).collect();
    assert_eq!(taken, all);
    database.drop().await;
}

/// What the version before orders has kept of a payment whose decline the shop has handled, and of
/// one that is over.
const BEFORE: &str = r#"
CREATE TABLE barion_payments (payment_id TEXT NOT NULL PRIMARY KEY, revision BIGINT NOT NULL,
    settled BOOLEAN NOT NULL, written_at BIGINT NOT NULL, record TEXT NOT NULL);
CREATE INDEX barion_payments_unsettled ON barion_payments (written_at) WHERE NOT settled;
INSERT INTO barion_payments VALUES
('PAID', 4, TRUE, 1764000000000, '{"payment_id":"PAID","revision":4,"written_at":1764000000000,
    "seen":{"format":1,"payment_id":"PAID","status":"Succeeded","payment_type":"Immediate","total":"10000",
    "currency":"HUF","transactions":[{"transaction_id":"00000000000000000000000000000001",
    "pos_transaction_id":"t-1","transaction_type":"CardPayment","status":"Succeeded","total":"10000"}]},
    "handled":{"format":1,"payment_id":"PAID","status":"Succeeded","payment_type":"Immediate","total":"10000",
    "currency":"HUF","transactions":[{"transaction_id":"00000000000000000000000000000001",
    "pos_transaction_id":"t-1","transaction_type":"CardPayment","status":"Succeeded","total":"10000"}]},
    "handlings":1}'),
('OPEN', 1, FALSE, 1764000000000, '{"payment_id":"OPEN","revision":1,"written_at":1764000000000,"handlings":0}');
"#;

async fn carries_over<S: Store + Clone + 'static>(
    store: S,
    paid: PaymentId,
    open: PaymentId,
    sandbox: &Sandbox,
) {
    let updates = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let watcher = {
        let updates = updates.clone();
        Watcher::new(
            client(sandbox),
            store.clone(),
            move |update: OrderUpdate| {
                updates.lock().unwrap().push((update.order, update.changes));
                async { Ok::<(), std::io::Error>(()) }
            },
        )
    };
    assert_eq!(
        store.backlog().await.unwrap().open,
        1,
        "one of them is over"
    );
    watcher.sweep(10).await.unwrap();
    assert!(updates.lock().unwrap().is_empty(), "nobody has paid yet");
    watcher.track(paid, "order").await.unwrap();
    watcher.refresh(paid).await.unwrap();
    assert!(updates.lock().unwrap().is_empty(), "it was handled before");
    let order = watcher.order("order").await.unwrap().unwrap();
    assert_eq!(order.paid_by(), Some(paid));
    sandbox.pay(&open.to_string(), CARD_OK).await.unwrap();
    watcher.refresh(open).await.unwrap();
    let updates = updates.lock().unwrap();
    assert_eq!(updates.len(), 1);
    // Its own number says whose it is.
    assert_eq!(updates[0].0, "order");
    let again = |change: &OrderChange| matches!(change, OrderChange::PaidAgain { first, .. } if *first == paid);
    assert!(updates[0].1.iter().all(again), "{updates:?}");
}

async fn before() -> (Sandbox, PaymentId, PaymentId, String) {
    let sandbox = Sandbox::start().await.unwrap();
    let mut ids = Vec::new();
    for number in 1..=2 {
        let name = format!("order/{number}");
        let start = StartPayment::immediate(&name, Currency::Huf)
            .order_number("order")
            .transaction(Transaction::new("t-1", PAYEE).item(Item::new("Kettle", 1, 10_000)))
            .build()
            .unwrap();
        let started = client(&sandbox).start_payment(&start).await.unwrap();
        ids.push(started.payment_id);
    }
    let (paid, open) = (ids[0], ids[1]);
    sandbox.pay(&paid.to_string(), CARD_OK).await.unwrap();
    let sql = BEFORE
        .replace("PAID", &paid.to_string())
        .replace("OPEN", &open.to_string());
    (sandbox, paid, open, sql)
}

#[tokio::test]
async fn sqlite_carries_over_what_an_earlier_version_has_kept() {
    let (sandbox, paid, open, sql) = before().await;
    let file = Database::new();
    let pool = sqlite_pool(&file).await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
        .execute(&pool)
        .await
        .unwrap();
    let store = sqlite(&file).await;
    store.migrate().await.unwrap();
    carries_over(store, paid, open, &sandbox).await;
}

#[tokio::test]
async fn postgresql_carries_over_what_an_earlier_version_has_kept() {
    let Some(database) = Postgres::new().await else {
        return;
    };
    let (sandbox, paid, open, sql) = before().await;
    let pool = database.pool().await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
        .execute(&pool)
        .await
        .unwrap();
    let store = database.store().await;
    store.migrate().await.unwrap();
    carries_over(store, paid, open, &sandbox).await;
    database.drop().await;
}

/// A shop may have a table of its own by the name of the earlier version's.
const OWN: &str = "CREATE TABLE barion_payments (payment_id TEXT, record TEXT); \
                   INSERT INTO barion_payments VALUES ('mine', 'own')";

#[tokio::test]
async fn a_table_of_the_shops_own_is_left_alone() {
    let file = Database::new();
    let pool = sqlite_pool(&file).await;
    sqlx::raw_sql(OWN).execute(&pool).await.unwrap();
    let store = sqlite(&file).await;
    assert_eq!(store.backlog().await.unwrap().open, 0);
    let own = "SELECT record FROM barion_payments";
    let kept: String = sqlx::query_scalar(own).fetch_one(&pool).await.unwrap();
    assert_eq!(kept, "own");

    let Some(database) = Postgres::new().await else {
        return;
    };
    let pool = database.pool().await;
    sqlx::raw_sql(OWN).execute(&pool).await.unwrap();
    let store = database.store().await;
    assert_eq!(store.backlog().await.unwrap().open, 0);
    let kept: String = sqlx::query_scalar(own).fetch_one(&pool).await.unwrap();
    assert_eq!(kept, "own");
    database.drop().await;
}
