//! Records of payments, within the record of their order.

use barion::{PaymentChange, PaymentId, PaymentSnapshot};
use serde::{Deserialize, Serialize};

/// Record of a payment, within the record of its order ([`StoredOrder`](crate::StoredOrder)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredPayment {
    pub(super) payment_id: PaymentId,
    /// The latest state that was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) seen: Option<PaymentSnapshot>,
    /// The state up to which the shop has handled it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) handled: Option<PaymentSnapshot>,
    /// `LapsesSoon` was handled.
    #[serde(default)]
    pub(super) warned: bool,
    /// Barion does not know it, and it is not read any more.
    #[serde(default)]
    pub(super) given_up: bool,
    /// Its age when Barion first said that it does not know it, in milliseconds by the store's
    /// clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) unknown_since: Option<u64>,
}

impl StoredPayment {
    pub(super) fn new(payment_id: PaymentId) -> Self {
        Self {
            payment_id,
            seen: None,
            handled: None,
            warned: false,
            given_up: false,
            unknown_since: None,
        }
    }

    /// Its id at Barion.
    #[must_use]
    pub fn payment_id(&self) -> PaymentId {
        self.payment_id
    }

    /// The latest state that was read; `None` if it was not read yet.
    #[must_use]
    pub fn seen(&self) -> Option<&PaymentSnapshot> {
        self.seen.as_ref()
    }

    /// Whether it was given up: Barion does not know it, and it is not read again until a callback
    /// names it.
    #[must_use]
    pub fn is_given_up(&self) -> bool {
        self.given_up
    }

    pub(crate) fn is_warned(&self) -> bool {
        self.warned
    }

    /// Changes since the state that the shop has handled.
    pub(super) fn changes(&self) -> Vec<PaymentChange> {
        let changes = |seen| PaymentChange::between(self.handled.as_ref(), seen);
        self.seen.as_ref().map(changes).unwrap_or_default()
    }
}
