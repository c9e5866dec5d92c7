//! Lost callbacks of new payments, among any number of open reservations.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use barion::PaymentId;
use barion_watcher::store::Schedule;
use barion_watcher::{OrderUpdate, PostgresStore, SqliteStore, Store, Watcher};

use crate::canned::Canned;
use crate::stores;

const OPEN: [i64; 3] = [1_000, 10_000, 100_000];
const LIMIT: Duration = Duration::from_secs(60);
const SWEEPS: u32 = 200;

const SQLITE: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) \
    INSERT INTO barion_order_payments SELECT printf('%032x', i), 'order-' || i, 1, \
    CAST(unixepoch('subsec') * 1000 AS INTEGER) + 3600000 + i * 216, 1, 0, 0, 0, 0, NULL FROM n WHERE true \
    ON CONFLICT (payment_id) DO NOTHING";
const POSTGRES: &str = "INSERT INTO barion_order_payments SELECT lpad(to_hex(i), 32, '0'), \
    'order-' || i, 1, CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) + 3600000 \
    + i * 216, 1, 0, 0, 0, 0, NULL FROM generate_series(1, $1) AS i ON CONFLICT (payment_id) DO NOTHING";

/// How long after its time has come a lost callback is made up for by the workers; and how long a
/// sweep of nothing takes.
async fn recovery<S: Store + Clone + 'static>(store: S) -> (Duration, Duration) {
    let handled = Arc::new(Mutex::new(None));
    let watcher = {
        let handled = handled.clone();
        Watcher::new(
            Canned::default().client(),
            store.clone(),
            move |_: OrderUpdate| {
                *handled.lock().unwrap() = Some(Instant::now());
                async { Ok::<(), std::io::Error>(()) }
            },
        )
    };
    let begun = Instant::now();
    for _ in 0..SWEEPS {
        assert_eq!(watcher.sweep(50).await.unwrap().refreshed, 0);
    }
    let sweep = begun.elapsed() / SWEEPS;
    let workers = watcher.start();
    workers.wait_until_idle().await;
    let number = u128::from(fastrand::u64(..)) << 64;
    let id: PaymentId = format!("{number:032x}").parse().unwrap();
    watcher.track(id, &number.to_string()).await.unwrap();
    workers.wait_until_idle().await;
    let row = store.find(id).await.unwrap().unwrap();
    let now = Schedule {
        due_in: Some(Duration::ZERO),
        failures: 0,
        unchanged: 0,
        cooldown: Duration::ZERO,
    };
    assert!(store.schedule(id, row.version, now).await.unwrap());
    let due = Instant::now();
    let wait = loop {
        if let Some(done) = *handled.lock().unwrap() {
            break done - due;
        }
        assert!(due.elapsed() < LIMIT);
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    workers.shutdown().await;
    (wait, sweep)
}

fn report(name: &str, open: i64, (wait, sweep): (Duration, Duration)) {
    println!(
        "    {name:<10} {open:>6} open: made up for after {wait:.1?}, a sweep of nothing {sweep:.0?}"
    );
    assert!(wait < LIMIT, "{wait:?}");
}

pub(crate) async fn run() {
    println!("Lost callbacks of a new payment, after its time has come, among open reservations:");
    let (_file, pool) = stores::sqlite("reservations").await;
    for open in OPEN {
        sqlx::query(SQLITE).bind(open).execute(&pool).await.unwrap();
        report(
            "SQLite",
            open,
            recovery(SqliteStore::new(pool.clone())).await,
        );
    }
    if let Some(pool) = stores::postgres().await {
        for open in OPEN {
            sqlx::query(POSTGRES)
                .bind(open)
                .execute(&pool)
                .await
                .unwrap();
            sqlx::raw_sql("ANALYZE").execute(&pool).await.unwrap();
            report(
                "PostgreSQL",
                open,
                recovery(PostgresStore::new(pool.clone())).await,
            );
        }
    }
}
