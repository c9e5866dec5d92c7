//! Stores: what a shop has seen of its orders and payments, what it has still to do, and when each
//! payment is read next.
//!
//! A store keeps a record for each order ([`StoredOrder`]), and for each payment a row with its order
//! and the time at which it is due to be read again. There are [`MemoryStore`], and with the features
//! `sqlx-sqlite` and `sqlx-postgres` `SqliteStore` and `PostgresStore`.
//!
//! # How often the handler runs
//!
//! Handling an update is three steps: the update is claimed, which freezes its changes under its
//! number; the handler runs; the update is completed. A claim is a lease: somebody else may repeat
//! the update only when it has seen the same claim for the whole [`lease`](crate::Watcher::lease) by
//! its own steady clock, so that clocks which are wrong or jump never make two handlers run; or when
//! three times the lease has passed by the store's clock, which counts for processes that live
//! shortly. After a death that is between one and three leases: two to six minutes by default.
//!
//! | case | memory | SQL | SQL, [transactional handler](crate::Watcher::transactional) |
//! |---|---|---|---|
//! | callbacks that come twice, late, out of order or not at all; any number of instances | once | once | once |
//! | the handler fails, panics or takes longer than nine tenths of the lease | again, `repeated` | again, `repeated` | again, `repeated`; what the failed run wrote by its transaction is undone |
//! | the process dies before the handler ends | nothing is known any more | again, `repeated` | again, `repeated`; what the dead run wrote is undone |
//! | the process dies, or the database is gone for the rest of the lease, after the handler ended and before completion is stored | nothing is known any more | again, `repeated` | again, `repeated`; what the first run wrote is undone |
//! | the answer to the completion gets lost | once | once | once |
//! | the process stands still for longer than the lease in the middle of the handler, and goes on | again, `repeated` | again, `repeated` | the later of the two runs is undone |
//!
//! A handler that is dropped ends at its next await. What it has given to a thread or a task of its
//! own (`spawn_blocking`, `spawn`) goes on, beside the repetition.
//!
//! "Undone" is what makes the transactional handler exactly-once: what it wrote by the transaction
//! it is given commits together with the completion, or not at all. What it does elsewhere (an
//! e-mail, a parcel service) may happen again; `order` and `number` of the update are the key for it.
//!
//! # Keep the records
//!
//! A payment without a record is a new one: all that has happened to it is reported. So
//! keep records as long as Barion may call about their payments, which for refunds is months; and
//! tell the watcher by [`seed`](crate::Watcher::seed) of payments that the shop has handled before
//! it had one.

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
