//! Payment watcher for the server of a shop that takes payments with
//! [Barion](https://www.barion.com): takes callbacks (webhooks, IPN), polls open payments, and runs
//! the shop's handler for each update of an order.
//!
//! The crate `barion` is the client; this crate runs beside it in the shop's server. A [`Watcher`]
//!
//! * stores each callback before it is answered (the module `axum` has a webhook route),
//! * reads each tracked payment again until it is over, so that a lost callback does no harm,
//! * keeps the state of orders and payments in a [`Store`]: in memory, SQLite or PostgreSQL,
//! * runs the shop's handler for each [`OrderUpdate`]. An order is reported as paid once, whatever
//!   the number of its payments, its callbacks, and the instances of the shop. With a
//!   [transactional handler](Watcher::transactional) what the handler writes is exactly-once.
//!
//! # Features
//!
//! | feature | |
//! |---|---|
//! | `axum` | webhook route for callbacks |
//! | `sqlx-sqlite`, `sqlx-postgres` | stores in a database; they need Rust 1.94 |
//! | `tracing` (on by default) | spans `barion.refresh` and `barion.handle`, and events; `warn` for each failure, with the payment's id and the cause (`debug` for untracked ids) |
//! | `metrics` | counters and gauges by the [`metrics`](https://docs.rs/metrics) facade |
//!
//! # Metrics
//!
//! | name | labels | |
//! |---|---|---|
//! | `barion_callbacks_total` | `outcome`: `known`, `unknown`, `refused`, `full`, `closed`, `store_failed` | callbacks, see [`Accepted`] |
//! | `barion_refreshes_total` | `cause`: `callback`, `sweep`, `unknown`, `asked`; `outcome`: `nothing`, `handled`, `busy`, `unreadable`, `given_up`, `store_failed`, `handler_failed`, `too_long` | refreshes, and with them runs of the handler; see [`Refreshed`] and [`WatchError`] |
//! | `barion_open_payments` | | payments that are due now or later |
//! | `barion_oldest_open_seconds` | | age of the oldest open payment |
//! | `barion_overdue_seconds` | | for how long the longest overdue payment has been due |

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
