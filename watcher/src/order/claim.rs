//! Claims: updates that a task has the lease to handle.

use std::time::Duration;

use barion::{OrderStanding, PaymentId};

use super::change::OrderChange;
use super::lease::Lease;

/// Claimed update: the caller has the lease to handle it.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    pub(crate) number: u64,
    pub(crate) payment_id: PaymentId,
    pub(crate) changes: Vec<OrderChange>,
    pub(crate) standing: OrderStanding,
    pub(crate) repeated: bool,
    pub(crate) token: u64,
}

/// Result of a claim.
#[derive(Debug, Clone)]
pub(crate) enum Next {
    /// There is nothing to handle.
    Nothing,
    /// There is an update, and another task has its lease.
    Busy(Lease),
    /// There is an update, and the caller has its lease now.
    Claimed(Box<Claim>),
}

/// Parameters of a claim.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Claiming {
    /// Identifies the claim.
    pub(crate) token: u64,
    pub(crate) lease: Duration,
    /// The age of the payment that is refreshed, by the store's clock.
    pub(crate) age: Duration,
    /// How long before its end `LapsesSoon` is reported.
    pub(crate) warning: Duration,
    /// Milliseconds since 1970.
    pub(crate) now: u64,
}
