//! Changes of an order, as the handler gets them.

use barion::{Money, PaymentChange, PaymentId, Timestamp};
use serde::{Deserialize, Serialize};

/// Change of an order: a fact that the shop has to act on or may want to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum OrderChange {
    /// The order is paid: ship it. Reported once for each order, however many payments it has, and
    /// whatever happens to them afterwards.
    OrderPaid,
    /// The order was paid before, by another payment: don't ship again, refund this payment.
    PaidAgain {
        /// The payment that paid the order first.
        first: PaymentId,
        /// Amount of this payment that can be refunded; `None` if Barion's answer does not say
        /// exactly.
        refundable: Option<Money>,
    },
    /// Money is held for the order a second time: another payment has paid it or holds its money.
    /// Don't finish or capture this payment; finish it with nothing, or cancel the authorisation.
    HeldAgain {
        /// The payment that pays the order.
        first: PaymentId,
    },
    /// A reservation or an authorisation lapses soon, and is neither finished nor given up.
    /// Reported once for each payment, [`lapse_warning`](crate::Watcher::lapse_warning) before its
    /// end.
    LapsesSoon {
        /// When Barion gives the money back.
        until: Timestamp,
    },
    /// Any other change of one payment of the order. Never [`PaymentChange::Paid`], which is
    /// [`OrderPaid`](Self::OrderPaid) or [`PaidAgain`](Self::PaidAgain).
    Payment(PaymentChange),
}

impl OrderChange {
    /// Whether a payment has ended without money. That is a reason to cancel the order only if
    /// [`OrderUpdate::standing`](crate::OrderUpdate::standing) is
    /// [`Unpaid`](barion::OrderStanding::Unpaid).
    #[must_use]
    pub fn is_end_without_money(&self) -> bool {
        matches!(self, Self::Payment(change) if change.is_end_without_money())
    }
}
