//! Updates: the argument of the shop's handler.

use barion::{OrderStanding, Payment};

use super::change::OrderChange;

/// Update of an order: the argument of the shop's handler.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct OrderUpdate {
    /// The order's key, as the shop gave it to [`track`](crate::Watcher::track). For an untracked
    /// payment its `OrderNumber`, else its `PaymentRequestId`, unless
    /// [`order_key`](crate::Watcher::order_key) is set.
    pub order: String,
    /// The changes of [`payment`](Self::payment), in order; at least one. They are the same when
    /// the update is repeated: later changes come with the next number.
    pub changes: Vec<OrderChange>,
    /// The standing of the order, over all its payments. A payment that was tracked and not read
    /// yet counts as open.
    pub standing: OrderStanding,
    /// The payment that has changed, as it was just read. It may be ahead of the changes; another
    /// update follows then.
    pub payment: Payment,
    /// Sequence number of this update within its order, from 1. It is the same when the update is
    /// repeated. Together with [`order`](Self::order) it is an idempotency key.
    #[doc(alias = "idempotency key")]
    pub number: u64,
    /// Redelivery: the handler was run with this update before and was not completed, because it
    /// failed, took too long, or its process died. A part of its work may be done.
    #[doc(alias = "redelivered")]
    pub repeated: bool,
}
