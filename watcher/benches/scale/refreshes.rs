//! Refreshes that handle an update, beside bare transactions of the same database.

use std::sync::Arc;
use std::time::{Duration, Instant};

use barion_watcher::{MemoryStore, OrderUpdate, PostgresStore, SqliteStore, Store, Watcher};

use crate::canned::Canned;
use crate::stores;

const TIME: Duration = Duration::from_secs(3);
const ROUNDS: usize = 3;
const AT_ONCE: [usize; 2] = [1, 16];

/// How often a second.
async fn rate<W, F>(at_once: usize, work: W) -> f64
where
    W: Fn(u64) -> F + Send + Sync + 'static,
    F: Future<Output = ()> + Send,
{
    let (begun, work) = (Instant::now(), Arc::new(work));
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..at_once as u64 {
        let work = work.clone();
        tasks.spawn(async move {
            let mut done = 0_u64;
            while begun.elapsed() < TIME {
                work(task << 32 | done).await;
                done += 1;
            }
            done
        });
    }
    let done: u64 = tasks.join_all().await.into_iter().sum();
    done as f64 / begun.elapsed().as_secs_f64()
}

/// New payments that are tracked, read and handled.
async fn refreshes<S: Store + Clone + 'static>(store: S, at_once: usize) -> f64 {
    let watcher = Watcher::new(Canned::default().client(), store, |_: OrderUpdate| async {
        Ok::<(), std::io::Error>(())
    });
    let run = u128::from(fastrand::u64(..));
    rate(at_once, move |number| {
        let watcher = watcher.clone();
        async move {
            let id = format!("{:032x}", run << 64 | u128::from(number))
                .parse()
                .unwrap();
            watcher.track(id, &format!("{run}-{number}")).await.unwrap();
            let refreshed = watcher.refresh(id).await.unwrap();
            assert_eq!(refreshed.handled.len(), 1);
        }
    })
    .await
}

const BARE: &str = "INSERT INTO bare (id, text) VALUES ($1, $2)";
const TABLE: &str = "CREATE TABLE bare (id BIGINT NOT NULL, text TEXT NOT NULL)";

macro_rules! compare {
    ($name:literal, $pool:expr, $store:expr) => {{
        let pool = $pool;
        sqlx::raw_sql(TABLE).execute(&pool).await.unwrap();
        for at_once in AT_ONCE {
            let mut ratios = Vec::new();
            let mut last = (0.0, 0.0);
            for _ in 0..ROUNDS {
                let bare = {
                    let pool = pool.clone();
                    rate(at_once, move |number| {
                        let pool = pool.clone();
                        async move {
                            let text = "x".repeat(400);
                            let mut transaction = pool.begin().await.unwrap();
                            let insert = sqlx::query(BARE).bind(number.cast_signed()).bind(text);
                            insert.execute(&mut *transaction).await.unwrap();
                            transaction.commit().await.unwrap();
                        }
                    })
                    .await
                };
                let watched = refreshes($store, at_once).await;
                ratios.push(watched / bare);
                last = (watched, bare);
            }
            ratios.sort_by(f64::total_cmp);
            println!(
                "    {:<10} {at_once:>3} at once: {:>6.0} a second, bare transactions {:>6.0}; ratio {:.2}",
                $name, last.0, last.1, ratios[ROUNDS / 2]
            );
        }
    }};
}

pub(crate) async fn run() {
    println!("Payments tracked, read and handled, beside bare transactions of one insert:");
    for at_once in AT_ONCE {
        let rate = refreshes(MemoryStore::new(), at_once).await;
        println!(
            "    {:<10} {at_once:>3} at once: {rate:>6.0} a second",
            "memory"
        );
    }
    let (_file, pool) = stores::sqlite("refreshes").await;
    compare!("SQLite", pool.clone(), SqliteStore::new(pool.clone()));
    if let Some(pool) = stores::postgres().await {
        compare!("PostgreSQL", pool.clone(), PostgresStore::new(pool.clone()));
    }
}
