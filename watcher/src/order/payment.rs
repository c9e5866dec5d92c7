//! Records of payments, as a store keeps them within the record of their order.

use barion::{PaymentChange, PaymentId, PaymentSnapshot};
use serde::{Deserialize, Serialize};

/// Record of one payment of an order.
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
    /// Barion does not know it, and is not asked any more.
    #[serde(default)]
    pub(super) given_up: bool,
    /// Its age when Barion said first that it does not know it, in milliseconds by the store's clock.
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

    /// Barion's id of it.
    #[must_use]
    pub fn payment_id(&self) -> PaymentId {
        self.payment_id
    }

    /// The latest state that was read; `None` as long as none was.
    #[must_use]
    pub fn seen(&self) -> Option<&PaymentSnapshot> {
        self.seen.as_ref()
    }

    /// Whether Barion does not know it and is not asked any more, until a callback names it.
    #[must_use]
    pub fn is_given_up(&self) -> bool {
        self.given_up
    }

    pub(crate) fn is_warned(&self) -> bool {
        self.warned
    }

    /// What has happened since the shop handled it last.
    pub(super) fn changes(&self) -> Vec<PaymentChange> {
        let changes = |seen| PaymentChange::between(self.handled.as_ref(), seen);
        self.seen.as_ref().map(changes).unwrap_or_default()
    }
}
