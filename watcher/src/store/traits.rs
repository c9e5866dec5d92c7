//! Traits of a store.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use barion::PaymentId;

use super::rows::{Backlog, DuePayment, Enqueued, PaymentRow, Queue, Schedule};
use crate::error::StoreError;
use crate::order::StoredOrder;

/// Store of a watcher: records of orders, and queues of payments that are to be read.
///
/// All times are durations from now by the store's own clock. For a database that is the clock of
/// its server, so the clocks of the shop's machines need not agree.
#[doc(alias = "storage")]
pub trait Store: Send + Sync {
    /// Finds the row of a payment; `None` if there is none.
    fn find(
        &self,
        id: PaymentId,
    ) -> impl Future<Output = Result<Option<PaymentRow>, StoreError>> + Send;

    /// Loads the record of an order; `None` if there is none.
    fn load(
        &self,
        order: &str,
    ) -> impl Future<Output = Result<Option<StoredOrder>, StoreError>> + Send;

    /// Replaces the record of an order if it still has the [`revision`](StoredOrder::revision)
    /// `old`, or inserts it if `old` is `None` and there is none (compare-and-swap). In the same
    /// atomic step the row of each payment in `due` is made if it is missing, gets this order if it
    /// has none, a greater version, and is due after the given time or earlier; [`Queue::Unknown`]
    /// it leaves for [`Queue::Scheduled`].
    ///
    /// `false`, with nothing changed, if the record has another revision, or if one of the payments
    /// belongs to another order.
    fn replace(
        &self,
        old: Option<u64>,
        new: &StoredOrder,
        due: &[(PaymentId, Duration)],
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Enqueues a payment that a callback has named: it gets a greater version and is due now, or
    /// at the end of its [`cooldown`](Schedule::cooldown). An unknown id gets a row in
    /// [`Queue::Unknown`] if fewer than `capacity` ids wait there.
    #[doc(alias = "callback")]
    #[doc(alias = "webhook")]
    fn enqueue(
        &self,
        id: PaymentId,
        capacity: u32,
    ) -> impl Future<Output = Result<Enqueued, StoreError>> + Send;

    /// Takes due payments out of a queue, at most `limit`, the longest overdue first. Each goes to
    /// one caller: it is hidden from all others for the time `hide` (a visibility timeout), and due
    /// again afterwards, unless it is [scheduled](Self::schedule) before.
    fn take_due(
        &self,
        queue: Queue,
        limit: u32,
        hide: Duration,
    ) -> impl Future<Output = Result<Vec<DuePayment>, StoreError>> + Send;

    /// Time until the next payment of a queue is due, counting those that are hidden; `None` if the
    /// queue is empty.
    fn next_due(
        &self,
        queue: Queue,
    ) -> impl Future<Output = Result<Option<Duration>, StoreError>> + Send;

    /// Schedules the next read of a payment. One that belongs to an order goes to
    /// [`Queue::Scheduled`].
    ///
    /// `false` if the row has another version meanwhile: it then stays due as it is, but not before
    /// the end of its cooldown.
    fn schedule(
        &self,
        id: PaymentId,
        version: u64,
        next: Schedule,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Deletes the row of an id that belongs to no order; does nothing if it belongs to one.
    fn forget(&self, id: PaymentId) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Counts the payments that are due now or later.
    fn backlog(&self) -> impl Future<Output = Result<Backlog, StoreError>> + Send;
}

/// Store with transactions that a handler can write in, which makes it exactly-once: see
/// [`Watcher::transactional`](crate::Watcher::transactional).
#[doc(alias = "exactly-once")]
pub trait TransactionalStore: Store {
    /// Transaction of the store's database.
    type Transaction: Send;

    /// Begins a transaction. It is rolled back when it is dropped.
    fn begin(&self) -> impl Future<Output = Result<Self::Transaction, StoreError>> + Send;

    /// Loads the record of an order within the transaction: [`Store::load`].
    fn load_in(
        &self,
        transaction: &mut Self::Transaction,
        order: &str,
    ) -> impl Future<Output = Result<Option<StoredOrder>, StoreError>> + Send;

    /// Replaces the record of an order within the transaction: [`Store::replace`].
    fn replace_in(
        &self,
        transaction: &mut Self::Transaction,
        old: u64,
        new: &StoredOrder,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Commits the transaction. After an error it may have been committed or not.
    fn commit(
        &self,
        transaction: Self::Transaction,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Shared store.
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

    fn enqueue(
        &self,
        id: PaymentId,
        capacity: u32,
    ) -> impl Future<Output = Result<Enqueued, StoreError>> + Send {
        S::enqueue(self, id, capacity)
    }

    fn take_due(
        &self,
        queue: Queue,
        limit: u32,
        hide: Duration,
    ) -> impl Future<Output = Result<Vec<DuePayment>, StoreError>> + Send {
        S::take_due(self, queue, limit, hide)
    }

    fn next_due(
        &self,
        queue: Queue,
    ) -> impl Future<Output = Result<Option<Duration>, StoreError>> + Send {
        S::next_due(self, queue)
    }

    fn schedule(
        &self,
        id: PaymentId,
        version: u64,
        next: Schedule,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send {
        S::schedule(self, id, version, next)
    }

    fn forget(&self, id: PaymentId) -> impl Future<Output = Result<(), StoreError>> + Send {
        S::forget(self, id)
    }

    fn backlog(&self) -> impl Future<Output = Result<Backlog, StoreError>> + Send {
        S::backlog(self)
    }
}
