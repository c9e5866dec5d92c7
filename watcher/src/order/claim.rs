//! Claims: what there is to handle about an order, and who may handle it.

use std::time::Duration;

use barion::{OrderStanding, PaymentId};

use super::change::OrderChange;
use super::lease::Lease;

/// An update that is the caller's to handle.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    pub(crate) number: u64,
    pub(crate) payment_id: PaymentId,
    pub(crate) changes: Vec<OrderChange>,
    pub(crate) standing: OrderStanding,
    pub(crate) repeated: bool,
    pub(crate) token: u64,
}

/// What there is to do about an order.
#[derive(Debug, Clone)]
pub(crate) enum Next {
    /// Nothing.
    Nothing,
    /// An update, and somebody else is at it.
    Busy(Lease),
    /// An update, and it is the caller's.
    Claimed(Box<Claim>),
}

/// What a claim is made with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Claiming {
    /// Names the claim.
    pub(crate) token: u64,
    pub(crate) lease: Duration,
    /// The age of the payment that is refreshed, by the store's clock.
    pub(crate) age: Duration,
    /// How long before its end `LapsesSoon` is reported.
    pub(crate) warning: Duration,
    /// Milliseconds since 1970.
    pub(crate) now: u64,
}
