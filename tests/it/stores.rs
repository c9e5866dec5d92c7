//! Stores in databases keep what the one in memory keeps.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use barion::store::{Advance, Claim, MemoryStore, PaymentStore, PostgresStore, SqliteStore};
use barion::{
    Currency, Item, PaymentChange, PaymentId, PaymentSnapshot, StartPayment, Transaction,
};
use barion_sandbox::{CARD_OK, PAYEE, Sandbox};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

use crate::flows::client;

const LEASE: Duration = Duration::from_secs(600);

/// A file for a database, gone with the test.
pub(crate) struct Database(PathBuf);

impl Database {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
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

/// A store in this file, with connections of its own, as another process has.
pub(crate) async fn sqlite(file: &Database) -> SqliteStore {
    let options = SqliteConnectOptions::new()
        .filename(&file.0)
        .create_if_missing(true);
    let pool = SqlitePoolOptions::new()
        .max_connections(3)
        .connect_with(options)
        .await
        .unwrap();
    let store = SqliteStore::new(pool);
    store.migrate().await.unwrap();
    store
}

/// A paid payment, before and after a refund.
async fn states() -> (PaymentSnapshot, PaymentSnapshot) {
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(&sandbox);
    let request = StartPayment::immediate("order", Currency::Huf)
        .transaction(Transaction::new("t-1", PAYEE).item(Item::new("Kettle", 1, 100)))
        .build()
        .unwrap();
    let id = client.start_payment(&request).await.unwrap().payment_id;
    sandbox.pay(&id.to_string(), CARD_OK).await.unwrap();
    let paid = client.payment_state(id).await.unwrap();
    client
        .refund(&paid.refund().amount(10).build().unwrap())
        .await
        .unwrap();
    let refunded = client.payment_state(id).await.unwrap();
    (paid.snapshot(), refunded.snapshot())
}

fn claimed(advance: Advance) -> Claim {
    match advance {
        Advance::Claimed(claim) => *claim,
        other => panic!("{other:?}"),
    }
}

async fn keeps_and_hands_out<S: PaymentStore>(store: S) {
    let (paid, refunded) = states().await;
    let id = paid.payment_id;
    assert!(store.load(id).await.unwrap().is_none());
    store.expect(id).await.unwrap();
    store.expect(id).await.unwrap();
    assert_eq!(store.unsettled(10).await.unwrap(), [id]);
    assert_eq!(store.unsettled(0).await.unwrap(), []);

    let claim = claimed(store.advance(&paid, LEASE).await.unwrap());
    assert_eq!(claim.changes, [PaymentChange::Paid]);
    let busy = store.advance(&refunded, LEASE).await.unwrap();
    assert!(
        matches!(busy, Advance::Busy(left) if left <= LEASE && left > LEASE / 2),
        "{busy:?}"
    );
    let record = store.load(id).await.unwrap().unwrap();
    assert_eq!(record.seen(), Some(&refunded));
    assert!(record.is_pending());
    assert!(store.done(&claim).await.unwrap());
    assert!(!store.done(&claim).await.unwrap(), "once");
    assert_eq!(
        store.unsettled(10).await.unwrap(),
        [id],
        "the refund is not told yet"
    );

    let claim = claimed(store.advance(&paid, LEASE).await.unwrap());
    assert_eq!(
        (claim.changes.len(), claim.number, claim.repeated),
        (1, 2, false)
    );
    assert!(store.give_back(&claim).await.unwrap());
    let claim = claimed(store.advance(&paid, LEASE).await.unwrap());
    assert_eq!((claim.number, claim.repeated), (2, true));
    assert!(store.done(&claim).await.unwrap());
    assert_eq!(
        store.advance(&refunded, LEASE).await.unwrap(),
        Advance::Nothing
    );
    assert_eq!(store.unsettled(10).await.unwrap(), []);

    // A record of an older revision, or one where there is one already, changes nothing.
    let record = store.load(id).await.unwrap().unwrap();
    let older = record.revision() - 1;
    assert!(!store.replace(Some(older), &record).await.unwrap());
    assert!(!store.replace(None, &record).await.unwrap());
    assert!(
        store
            .replace(Some(record.revision()), &record)
            .await
            .unwrap()
    );

    let others = [
        "00000000000000000000000000000007",
        "00000000000000000000000000000003",
    ];
    let others = others.map(|id| id.parse::<PaymentId>().unwrap());
    for other in others {
        store.expect(other).await.unwrap();
    }
    let mut waiting = store.unsettled(10).await.unwrap();
    waiting.sort_unstable();
    assert_eq!(waiting, [others[1], others[0]]);
}

async fn adopts_and_postpones<S: PaymentStore>(store: S) {
    let (paid, refunded) = states().await;
    assert!(store.adopt(&paid).await.unwrap());
    assert!(!store.adopt(&refunded).await.unwrap(), "it is known");
    assert_eq!(store.unsettled(10).await.unwrap(), []);
    let advance = store.advance(&paid, LEASE).await.unwrap();
    assert_eq!(advance, Advance::Nothing, "the shop has done its work");
    let claim = claimed(store.advance(&refunded, LEASE).await.unwrap());
    assert_eq!(claim.changes.len(), 1);
    assert!(store.done(&claim).await.unwrap());

    let ids = [
        "00000000000000000000000000000011",
        "00000000000000000000000000000012",
    ];
    let [first, second] = ids.map(|id| id.parse::<PaymentId>().unwrap());
    store.expect(first).await.unwrap();
    later().await;
    store.expect(second).await.unwrap();
    assert_eq!(store.unsettled(1).await.unwrap(), [first]);
    later().await;
    store.postpone(first).await.unwrap();
    assert_eq!(store.unsettled(1).await.unwrap(), [second]);
    store.postpone(paid.payment_id).await.unwrap();
    assert_eq!(store.unsettled(10).await.unwrap(), [second, first]);
}

/// Until the clock shows another millisecond, by which stores order what they have written.
async fn later() {
    let begin = std::time::SystemTime::now();
    while begin.elapsed().unwrap_or_default() < Duration::from_millis(2) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn in_memory_also_shared() {
    adopts_and_postpones(std::sync::Arc::new(MemoryStore::new())).await;
}

#[tokio::test]
async fn in_sqlite_from_before() {
    let file = Database::new();
    adopts_and_postpones(sqlite(&file).await).await;
}

#[tokio::test]
async fn in_memory() {
    keeps_and_hands_out(MemoryStore::new()).await;
}

#[tokio::test]
async fn in_sqlite_also_after_opening_it_again() {
    let file = Database::new();
    keeps_and_hands_out(sqlite(&file).await).await;
    let again = sqlite(&file).await;
    assert_eq!(
        again.unsettled(10).await.unwrap().len(),
        2,
        "a second migration changes nothing"
    );
}

/// Needs a server: `BARION_POSTGRES=postgres://user:password@127.0.0.1/database`. The table is emptied.
#[tokio::test]
async fn in_postgresql() {
    let Ok(address) = std::env::var("BARION_POSTGRES") else {
        println!("skipped: BARION_POSTGRES names no database");
        return;
    };
    let pool = sqlx::PgPool::connect(&address).await.unwrap();
    let store = PostgresStore::new(pool.clone());
    store.migrate().await.unwrap();
    sqlx::query("DELETE FROM barion_payments")
        .execute(&pool)
        .await
        .unwrap();
    keeps_and_hands_out(store.clone()).await;
    store.migrate().await.unwrap();
    sqlx::query("DELETE FROM barion_payments")
        .execute(&pool)
        .await
        .unwrap();
    adopts_and_postpones(store.clone()).await;

    // Many at once: one of them gets it.
    let (paid, _) = states().await;
    let mut looks = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (store, paid) = (store.clone(), paid.clone());
        looks.spawn(async move { store.advance(&paid, LEASE).await.unwrap() });
    }
    let looks = looks.join_all().await;
    let claims = looks
        .iter()
        .filter(|look| matches!(look, Advance::Claimed(_)));
    assert_eq!(claims.count(), 1);
}
