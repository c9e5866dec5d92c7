//! Rows of payments and the queues they wait in: what a store keeps beside the records of orders.

use std::time::Duration;

use barion::{PaymentId, PaymentSnapshot};

/// Row of a payment, as [`Store::find`](super::Store::find) reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentRow {
    /// The key of its order; `None` as long as only a callback has named it and it was not read.
    pub order: Option<String>,
    /// Version of the row, for optimistic locking. Grows whenever a callback names the payment, and
    /// whenever a write of its order makes it due.
    pub version: u64,
    /// Number of failures in a row: it could not be read, or its update not handled.
    pub failures: u32,
    /// Number of refreshes in a row that a callback asked for and that found nothing new.
    pub unchanged: u32,
    /// Time since it was tracked, or since a callback first named it.
    pub age: Duration,
    /// The state up to which the shop has handled it, taken over from the tables of an earlier
    /// version of this crate, which had no orders; only as long as the payment belongs to no order.
    pub handled: Option<PaymentSnapshot>,
}

/// Due payment that the caller has taken out of its queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DuePayment {
    /// The payment.
    pub payment_id: PaymentId,
    /// See [`PaymentRow::version`].
    pub version: u64,
    /// See [`PaymentRow::failures`].
    pub failures: u32,
    /// See [`PaymentRow::unchanged`].
    pub unchanged: u32,
    /// See [`PaymentRow::age`].
    pub age: Duration,
}

/// Queue of payments that are to be read again. Each queue has workers of its own, so that none
/// delays another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Queue {
    /// Payments of a known order that a callback has named.
    #[doc(alias = "webhook")]
    Callback,
    /// Payments of a known order that are read again at a set time.
    #[doc(alias = "polling")]
    Scheduled,
    /// Untracked ids that a callback has named. They may be invented: callbacks are not signed.
    Unknown,
}

/// Result of [`Store::enqueue`](super::Store::enqueue).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Enqueued {
    /// The payment belongs to an order. It waits in [`Queue::Callback`].
    Known,
    /// The id belongs to no order. It waits in [`Queue::Unknown`].
    Unknown,
    /// The id belongs to no order, and [`Queue::Unknown`] is full. Nothing was stored.
    Full,
}

/// Schedule of a payment: when it is read next.
#[doc(alias = "polling")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    /// Time until it is due; `None`: never, unless a callback names it.
    pub due_in: Option<Duration>,
    /// See [`PaymentRow::failures`].
    pub failures: u32,
    /// See [`PaymentRow::unchanged`].
    pub unchanged: u32,
    /// Cooldown: within this time a callback does not make the payment due, only at its end.
    /// Replayed callbacks cost few reads that way.
    #[doc(alias = "debounce")]
    pub cooldown: Duration,
}

/// Backlog of a store, for metrics and alarms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Backlog {
    /// Number of payments that are due now or later.
    pub open: u64,
    /// For how long the longest overdue payment has been due.
    pub overdue: Duration,
    /// Age of the oldest open payment, since it was tracked.
    pub oldest: Duration,
}
