//! What an unconfirmed request asked for, as far as its reconciliation needs it.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::baseline::Baseline;
use crate::id::{PaymentId, TransactionId};
use crate::money::Money;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Asked {
    /// The payer was to pay on the gateway page.
    Start {
        payment_request_id: String,
    },
    /// A token or a card was to be charged at once.
    Charge {
        payment_id: Option<PaymentId>,
        payment_request_id: String,
        parts: Vec<ChargedPart>,
        total: Money,
    },
    Complete(PaymentId),
    Finish {
        payment_id: PaymentId,
        settlements: Vec<Settlement>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<Baseline>,
    },
    Capture {
        payment_id: PaymentId,
        settlements: Vec<Settlement>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<Baseline>,
    },
    CancelAuthorization(PaymentId),
    Refund {
        payment_id: PaymentId,
        parts: Vec<Part>,
        /// Idempotency key: the shop's own name of its decision.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        idempotency_key: Option<String>,
        /// Without it any refund may be an older one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<Baseline>,
    },
}

/// Transaction of a charge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChargedPart {
    pub(crate) pos_transaction_id: String,
    #[serde(with = "crate::money::stored::amount")]
    pub(crate) total: Decimal,
}

/// Amount that a transaction was to be settled with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Settlement {
    pub(crate) transaction_id: TransactionId,
    #[serde(with = "crate::money::stored::amount")]
    pub(crate) total: Decimal,
}

/// Amount that was to be refunded of a transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) transaction_id: TransactionId,
    #[serde(with = "crate::money::stored::amount")]
    pub(crate) amount: Decimal,
}
