//! Payment watcher for shops that take payments with [Barion](https://www.barion.com): each order ends
//! right, whatever becomes of the callbacks (webhooks, IPN).
//!
//! The crate `barion` is the client; this crate is what runs in a shop's server beside it. It keeps
//! what it has seen of the shop's payments in a [`Store`], takes callbacks (the module `axum` has a route),
//! reads payments again when their time has come, and runs the shop's handler for each
//! [`OrderUpdate`]: an order is reported as paid once, whatever the number of its payments, callbacks and
//! instances of the shop.
//!
//! # Features
//!
//! | feature | |
//! |---|---|
//! | `axum` | the route for callbacks |
//! | `sqlx-sqlite`, `sqlx-postgres` | stores in a database; they need Rust 1.94 |
//! | `tracing` (on by default) | spans `barion.refresh` and `barion.handle`, and events; `warn` for each failure, with the payment's id and the cause (`debug` for ids that nobody has tracked) |
//! | `metrics` | counters and gauges by the [`metrics`](https://docs.rs/metrics) facade |
//!
//! # Metrics
//!
//! | name | labels | |
//! |---|---|---|
//! | `barion_callbacks_total` | `outcome`: `known`, `unknown`, `refused`, `full`, `closed`, `store_failed` | callbacks |
//! | `barion_refreshes_total` | `cause`: `callback`, `sweep`, `unknown`, `asked`; `outcome`: `nothing`, `handled`, `busy`, `unreadable`, `given_up`, `store_failed`, `handler_failed`, `too_long` | refreshes, and with them runs of the handler |
//! | `barion_open_payments` | | payments that are to be read now or later |
//! | `barion_oldest_open_seconds` | | the age of the oldest of them |
//! | `barion_overdue_seconds` | | for how long the one has been due that is due for longest |

#[cfg(feature = "axum")]
pub mod axum;
mod error;
mod order;
mod outcome;
#[doc = include_str!("../docs/recipe.md")]
pub mod recipe {}
#[doc = include_str!("../docs/scale.md")]
pub mod scale {}
pub mod store;
mod telemetry;
mod watcher;

pub use error::{StoreError, TrackError, WatchError};
pub use order::{OrderChange, OrderUpdate, StoredOrder, StoredPayment};
pub use outcome::{Accepted, Refreshed};
#[cfg(feature = "sqlx-postgres")]
pub use store::PostgresStore;
#[cfg(feature = "sqlx-sqlite")]
pub use store::SqliteStore;
pub use store::{MemoryStore, Store, TransactionalStore};
pub use watcher::Watcher;
pub use watcher::handler::HandlerFuture;
pub use watcher::sweep::Sweep;
pub use watcher::workers::Workers;

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
