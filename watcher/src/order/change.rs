//! Changes of an order, as its handler gets them.

use barion::{Money, PaymentChange, PaymentId, Timestamp};
use serde::{Deserialize, Serialize};

/// Change of an order: something that the shop has to do, or to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum OrderChange {
    /// The order is paid: ship it. Reported once per order, however many payments it has and whatever
    /// happens to them afterwards.
    OrderPaid,
    /// Another payment has paid the order before: don't ship again, refund this one.
    PaidAgain {
        /// The payment that paid the order first.
        first: PaymentId,
        /// How much of this payment can be refunded; `None` where the answer does not tell exactly.
        refundable: Option<Money>,
    },
    /// Another payment has paid the order, or holds its money: don't finish or capture this one.
    /// Finish it with nothing, or cancel the authorisation.
    HeldAgain {
        /// The payment that pays the order.
        first: PaymentId,
    },
    /// A reservation or an authorisation runs out soon, and is neither finished nor given up.
    /// Reported once for each payment, so long before as
    /// [`lapse_warning`](crate::Watcher::lapse_warning) says.
    LapsesSoon {
        /// When Barion gives the money back.
        until: Timestamp,
    },
    /// Anything else that happened to one payment of the order. Never
    /// [`PaymentChange::Paid`], which is [`OrderPaid`](Self::OrderPaid) or
    /// [`PaidAgain`](Self::PaidAgain).
    Payment(PaymentChange),
}

impl OrderChange {
    /// Whether one payment is over and brought no money. A reason to cancel the order only if
    /// [`OrderUpdate::standing`](crate::OrderUpdate::standing) is
    /// [`Unpaid`](barion::OrderStanding::Unpaid).
    #[must_use]
    pub fn is_end_without_money(&self) -> bool {
        matches!(self, Self::Payment(change) if change.is_end_without_money())
    }
}
