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

mod limited;
mod memory;
#[cfg(any(feature = "sqlx-postgres", feature = "sqlx-sqlite"))]
mod sql;

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use barion::{PaymentId, PaymentSnapshot};

use crate::order::StoredOrder;

pub(crate) use limited::Limited;
pub use memory::MemoryStore;
#[cfg(feature = "sqlx-postgres")]
pub use sql::{POSTGRES_SCHEMA, PostgresStore};
#[cfg(feature = "sqlx-sqlite")]
pub use sql::{SQLITE_SCHEMA, SqliteStore};

/// Row of a payment that a store knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentRow {
    /// The key of its order; `None` as long as a callback has named it and it was not read.
    pub order: Option<String>,
    /// Grows whenever a callback names the payment or its order has something to do about it.
    pub mark: u64,
    /// How often in a row it could not be read or handled.
    pub failures: u32,
    /// How often in a row a callback has brought nothing new.
    pub idle: u32,
    /// How long ago it was tracked, or named by a callback first.
    pub age: Duration,
    /// The state up to which the shop has handled it by an earlier version of the store, which knew no
    /// orders; as long as it belongs to none.
    pub handled: Option<PaymentSnapshot>,
}

/// Payment that is due to be read, and was taken by the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DuePayment {
    /// The payment.
    pub payment_id: PaymentId,
    /// As in [`PaymentRow`].
    pub mark: u64,
    /// As in [`PaymentRow`].
    pub failures: u32,
    /// As in [`PaymentRow`].
    pub idle: u32,
    /// As in [`PaymentRow`].
    pub age: Duration,
}

/// Which of the due payments are asked for. Each lane is served by itself, so that none delays
/// another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lane {
    /// Known payments that a callback has named.
    Noticed,
    /// Known payments whose time has come.
    Scheduled,
    /// Ids that a callback has named and that nobody has tracked: anybody can make them up.
    Unknown,
}

/// What became of a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Noticed {
    /// The payment is known, and due now.
    Known,
    /// The id is not known, and is due now.
    Unknown,
    /// The id is not known, and there is no room for more of those. Nothing was stored.
    Full,
}

/// When a payment is read next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    /// After this time; `None`: not until a callback names it.
    pub due_in: Option<Duration>,
    /// How often in a row it could not be read or handled.
    pub failures: u32,
    /// How often in a row a callback has brought nothing new.
    pub idle: u32,
    /// Callbacks make it due after this time and not earlier, so that replayed ones cost little.
    pub quiet: Duration,
}

/// How much a store has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Backlog {
    /// How many payments are to be read now or later.
    pub open: u64,
    /// For how long the one has been due that is due for longest.
    pub overdue: Duration,
    /// The age of the oldest of them, since it was tracked.
    pub oldest: Duration,
}

/// Where a watcher keeps what it has seen, what is to be done, and what is due.
///
/// Times are given as durations from now, by the store's own clock: for a database the clock of its
/// server, so that the clocks of the shop's machines need not agree.
pub trait Store: Send + Sync {
    /// The row of a payment; `None` where there is none.
    fn find(
        &self,
        id: PaymentId,
    ) -> impl Future<Output = Result<Option<PaymentRow>, StoreError>> + Send;

    /// The record of an order; `None` where there is none.
    fn load(
        &self,
        order: &str,
    ) -> impl Future<Output = Result<Option<StoredOrder>, StoreError>> + Send;

    /// Puts a record in the place of the one with this [`revision`](StoredOrder::revision), or where
    /// there is none if `old` is `None`. In the same atomic step the row of each payment in `due` gets
    /// this order where it has none, leaves [`Lane::Unknown`], gets another mark, and is due after
    /// this time or earlier.
    ///
    /// `false`, and nothing changed, when the record is another one, or a payment belongs to another
    ///.
    fn replace(
        &self,
        old: Option<u64>,
        new: &StoredOrder,
        due: &[(PaymentId, Duration)],
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Keeps that a callback has named a payment: it is due now, or when its
    /// [`quiet`](Schedule::quiet) time is over, with another mark. An id that is not known gets a row in [`Lane::Unknown`] if fewer than `room` are there.
    fn notice(
        &self,
        id: PaymentId,
        room: u32,
    ) -> impl Future<Output = Result<Noticed, StoreError>> + Send;

    /// Takes payments that are due, `limit` at most, those first that have been due for longest, and
    /// hides them from everybody else for a time: each is taken by one caller.
    fn due(
        &self,
        lane: Lane,
        limit: u32,
        hide: Duration,
    ) -> impl Future<Output = Result<Vec<DuePayment>, StoreError>> + Send;

    /// After how long the next payment of a lane is due, those included that somebody has taken; `None`
    /// where none waits.
    fn next_due(
        &self,
        lane: Lane,
    ) -> impl Future<Output = Result<Option<Duration>, StoreError>> + Send;

    /// Says when a payment is read next. A known one goes to [`Lane::Scheduled`]. When its mark is
    /// another one, it stays due as it is, only not before its quiet time is over: `false`.
    fn schedule(
        &self,
        id: PaymentId,
        mark: u64,
        next: Schedule,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Forgets an id that belongs to no order; nothing where it belongs to one.
    fn forget(&self, id: PaymentId) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// How much there is to do.
    fn backlog(&self) -> impl Future<Output = Result<Backlog, StoreError>> + Send;
}

/// Store whose transactions a handler can write by: see
/// [`Watcher::transactional`](crate::Watcher::transactional).
pub trait TransactionalStore: Store {
    /// A transaction.
    type Transaction: Send;

    /// Begins a transaction, which is rolled back when it is dropped.
    fn begin(&self) -> impl Future<Output = Result<Self::Transaction, StoreError>> + Send;

    /// [`Store::load`] within the transaction.
    fn load_in(
        &self,
        transaction: &mut Self::Transaction,
        order: &str,
    ) -> impl Future<Output = Result<Option<StoredOrder>, StoreError>> + Send;

    /// [`Store::replace`] of a record that is there, within the transaction.
    fn replace_in(
        &self,
        transaction: &mut Self::Transaction,
        old: u64,
        new: &StoredOrder,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Commits. After an error nobody knows whether it was.
    fn commit(
        &self,
        transaction: Self::Transaction,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// A store that is shared.
impl<S: Store> Store for Arc<S> {
    fn find(
        &self,
        id: PaymentId,
    ) -> impl Future<Output = Result<Option<PaymentRow>, StoreError>> + Send {
        S::find(self, id)
    }

    fn load(
        &self,
        order: &str,
    ) -> impl Future<Output = Result<Option<StoredOrder>, StoreError>> + Send {
        S::load(self, order)
    }

    fn replace(
        &self,
        old: Option<u64>,
        new: &StoredOrder,
        due: &[(PaymentId, Duration)],
    ) -> impl Future<Output = Result<bool, StoreError>> + Send {
        S::replace(self, old, new, due)
    }

    fn notice(
        &self,
        id: PaymentId,
        room: u32,
    ) -> impl Future<Output = Result<Noticed, StoreError>> + Send {
        S::notice(self, id, room)
    }

    fn due(
        &self,
        lane: Lane,
        limit: u32,
        hide: Duration,
    ) -> impl Future<Output = Result<Vec<DuePayment>, StoreError>> + Send {
        S::due(self, lane, limit, hide)
    }

    fn next_due(
        &self,
        lane: Lane,
    ) -> impl Future<Output = Result<Option<Duration>, StoreError>> + Send {
        S::next_due(self, lane)
    }

    fn schedule(
        &self,
        id: PaymentId,
        mark: u64,
        next: Schedule,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send {
        S::schedule(self, id, mark, next)
    }

    fn forget(&self, id: PaymentId) -> impl Future<Output = Result<(), StoreError>> + Send {
        S::forget(self, id)
    }

    fn backlog(&self) -> impl Future<Output = Result<Backlog, StoreError>> + Send {
        S::backlog(self)
    }
}

/// Failure of a store.
#[derive(Debug)]
pub struct StoreError(Box<dyn std::error::Error + Send + Sync>);

impl StoreError {
    /// What the storage said.
    pub fn new(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(source.into())
    }

    pub(crate) fn contended() -> Self {
        Self::new("the record changed under every attempt to replace it")
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the store of payments failed: {}", self.0)
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.0)
    }
}
