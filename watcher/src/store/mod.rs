//! Stores: state of orders and payments, updates that are to be handled, and queues of payments
//! that are to be read.
//!
//! A store keeps a record for each order ([`StoredOrder`](crate::StoredOrder)), and a row for each
//! payment, with its order and the time at which it is due to be read again. There are
//! [`MemoryStore`], and with the features `sqlx-sqlite` and `sqlx-postgres` `SqliteStore` and
//! `PostgresStore`.
//!
//! # How often the handler runs
//!
//! Handling an update takes three steps: it is claimed, which freezes its changes under its number;
//! the handler runs; it is completed. A claim is a lease. Another process may repeat the update
//! only when it has seen the same claim for the whole [`lease`](crate::Watcher::lease) by its own
//! monotonic clock, so that clocks which are wrong or jump never make two handlers run; or when
//! three times the lease has passed by the store's clock, which counts for short-lived processes.
//! After the death of a process that is between one and three leases: two to six minutes by
//! default.
//!
//! | case | memory | SQL | SQL, [transactional handler](crate::Watcher::transactional) |
//! |---|---|---|---|
//! | callbacks that come twice, late, out of order or not at all; any number of instances | once | once | once |
//! | the handler fails, panics or takes longer than nine tenths of the lease | again, `repeated` | again, `repeated` | again, `repeated`; what the failed run wrote by its transaction is undone |
//! | the process dies before the handler ends | the store is lost too | again, `repeated` | again, `repeated`; what the dead run wrote is undone |
//! | the process dies, or the database is gone for the rest of the lease, after the handler ended and before completion is stored | the store is lost too | again, `repeated` | again, `repeated`; what the first run wrote is undone |
//! | the answer to the completion is lost | once | once | once |
//! | the process pauses in the handler for longer than the lease, then continues | again, `repeated` | again, `repeated` | the later of the two runs is undone |
//!
//! A handler that is dropped ends at its next await. A thread or a task that it has started
//! (`spawn_blocking`, `spawn`) keeps running, beside the repetition.
//!
//! "Undone" makes the transactional handler exactly-once: what it writes in the transaction that it
//! gets commits together with the completion, or not at all. What it does elsewhere (an e-mail, a
//! parcel service) may happen again; use `order` and `number` of the update as its idempotency key.
//!
//! # Retention
//!
//! A payment without a record is new: everything that has happened to it is reported. So keep
//! records as long as Barion may send callbacks about their payments, which for refunds is months;
//! and [`seed`](crate::Watcher::seed) the store with payments that the shop has handled without the
//! watcher.

mod memory;
mod rows;
#[cfg(any(feature = "sqlx-postgres", feature = "sqlx-sqlite"))]
mod sql;
mod timeout;
mod traits;

pub use memory::MemoryStore;
pub use rows::{Backlog, DuePayment, Enqueued, PaymentRow, Queue, Schedule};
#[cfg(feature = "sqlx-postgres")]
pub use sql::{POSTGRES_SCHEMA, PostgresStore};
#[cfg(feature = "sqlx-sqlite")]
pub use sql::{SQLITE_SCHEMA, SqliteStore};
pub(crate) use timeout::TimeoutStore;
pub use traits::{Store, TransactionalStore};
