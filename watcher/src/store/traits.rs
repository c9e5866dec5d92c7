//! What a store has to do.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use barion::PaymentId;

use super::rows::{Backlog, DuePayment, Lane, Noticed, PaymentRow, Schedule};
use crate::error::StoreError;
use crate::order::StoredOrder;

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
