//! Rows of payments, as a store keeps them beside the records of their orders.

use std::time::Duration;

use barion::{PaymentId, PaymentSnapshot};

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
