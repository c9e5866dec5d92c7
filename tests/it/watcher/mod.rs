//! Tests of the watcher: callbacks, handlers, stores, telemetry.

/// Each story with each store.
macro_rules! with_each_store {
    ($($story:ident),* $(,)?) => {
        mod in_memory {
            $(#[tokio::test] async fn $story() {
                super::$story(barion_watcher::MemoryStore::new()).await;
            })*
        }
        with_each_database!($($story),*);
    };
}

/// Each story with each store in a database.
macro_rules! with_each_database {
    ($($story:ident),* $(,)?) => {
        mod in_sqlite {
            $(#[tokio::test] async fn $story() {
                let file = crate::watcher::stores::Database::new();
                super::$story(crate::watcher::stores::sqlite(&file).await).await;
            })*
        }
        mod in_postgresql {
            $(#[tokio::test] async fn $story() {
                let database = crate::watcher::stores::Postgres::new().await;
                let Some(database) = database else { return };
                super::$story(database.store().await).await;
                database.drop().await;
            })*
        }
    };
}

mod callbacks;
mod handler;
mod orders;
mod stores;
mod telemetry;

use barion_watcher::{MemoryStore, Store, StoredOrder, Watcher};

use crate::client::flows::client;

/// Records of an order with one payment, before and after its next write, and of another order.
async fn orders_of() -> [StoredOrder; 3] {
    let sandbox = barion_sandbox::Sandbox::start().await.unwrap();
    let store = MemoryStore::new();
    let watcher = Watcher::new(client(&sandbox), store.clone(), |_| async {
        Ok::<(), std::io::Error>(())
    });
    let mut records = Vec::new();
    for (number, order) in [(7, "order"), (8, "order"), (9, "other")] {
        let id = format!("{number:032x}").parse().unwrap();
        watcher.track(id, order).await.unwrap();
        records.push(store.load(order).await.unwrap().unwrap());
    }
    records.try_into().unwrap()
}
