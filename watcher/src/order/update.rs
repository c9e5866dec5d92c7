//! What a shop's handler gets.

use barion::{OrderStanding, Payment};

use super::change::OrderChange;

/// Update of an order: what the shop's handler gets.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct OrderUpdate {
    /// The order's key, as the shop gave it to [`track`](crate::Watcher::track); of a payment that
    /// was not tracked, its `OrderNumber`, else its `PaymentRequestId`, unless
    /// [`order_key`](crate::Watcher::order_key) says otherwise.
    pub order: String,
    /// What has happened to [`payment`](Self::payment), in order; at least one. The same when the
    /// update is repeated: what happens meanwhile comes with the next number.
    pub changes: Vec<OrderChange>,
    /// Where the order stands, over all its payments. One that was tracked and not read yet counts
    /// as open.
    pub standing: OrderStanding,
    /// The payment that has changed, as it was just read. It may have come further than the changes
    /// tell; then another update follows.
    pub payment: Payment,
    /// The number of this update among those of the order, from 1; the same when it is repeated, and
    /// then with the same changes. With [`order`](Self::order) a key to make the handler idempotent.
    pub number: u64,
    /// The handler was begun with this update before and was not completed, so that a part of its
    /// work may be done: it failed, took too long, or the process died.
    pub repeated: bool,
}
