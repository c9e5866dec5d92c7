//! What was asked of Barion, to find out later whether it happened.

use std::time::SystemTime;

use barion_generated::types;
use barion_generated::wire::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::baseline::Baseline;
use crate::finish::{Capture, FinishReservation};
use crate::id::{PaymentId, TransactionId};
use crate::money::Money;
use crate::refund::Refund;
use crate::start::StartPayment;
use crate::start::way::{ByGooglePay, Charging, Gateway};

/// A request that moves money, as far as it is needed to find out whether it was carried out: by
/// [`Client::reconcile`](crate::Client::reconcile).
///
/// An [`Error`](crate::Error) with [`Delivery::Unknown`](crate::Delivery::Unknown) carries it. A shop that must not even
/// lose track when its own process dies in the middle of a call makes it before (`Attempt::from(&refund)`), stores it by
/// serde, and forgets it when the call has been answered. There is no key and nothing about the payer in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    pub(crate) begun: Timestamp,
    /// When it was sent for the last time; `None` in one that was made before the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) last_try: Option<Timestamp>,
    pub(crate) what: What,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum What {
    /// The payer was to pay on the gateway page.
    Start,
    /// A token or a card was to be charged at once.
    Charge {
        payment_id: Option<PaymentId>,
        payment_request_id: String,
        pos_transaction_ids: Vec<String>,
        total: Money,
    },
    Complete(PaymentId),
    Finish {
        payment_id: PaymentId,
        endings: Vec<Ending>,
    },
    Capture {
        payment_id: PaymentId,
        endings: Vec<Ending>,
    },
    CancelAuthorization(PaymentId),
    Refund {
        payment_id: PaymentId,
        parts: Vec<Part>,
        /// Without it a refund of the same amount may be an older one.
        before: Option<Baseline>,
    },
}

/// What a transaction was to end with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ending {
    pub(crate) transaction_id: TransactionId,
    #[serde(with = "rust_decimal::serde::str")]
    pub(crate) total: Decimal,
}

/// What was to be refunded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) transaction_id: TransactionId,
    #[serde(with = "rust_decimal::serde::str")]
    pub(crate) amount: Decimal,
}

impl Attempt {
    fn now(what: What) -> Self {
        Self {
            begun: SystemTime::now().into(),
            last_try: None,
            what,
        }
    }

    /// To complete a one-click payment after its challenge.
    #[must_use]
    pub fn complete_payment(id: PaymentId) -> Self {
        Self::now(What::Complete(id))
    }

    /// To give up an authorisation.
    #[must_use]
    pub fn cancel_authorization(id: PaymentId) -> Self {
        Self::now(What::CancelAuthorization(id))
    }

    /// The payment that it is about; `None` for a start, unless its broken answer still told.
    #[must_use]
    pub fn payment_id(&self) -> Option<PaymentId> {
        match &self.what {
            What::Start => None,
            What::Charge { payment_id, .. } => *payment_id,
            What::Complete(id) | What::CancelAuthorization(id) => Some(*id),
            What::Finish { payment_id, .. }
            | What::Capture { payment_id, .. }
            | What::Refund { payment_id, .. } => Some(*payment_id),
        }
    }

    /// The payment that a broken answer to a start told of.
    pub(crate) fn of_payment(mut self, id: Option<PaymentId>) -> Self {
        if let What::Charge { payment_id, .. } = &mut self.what {
            *payment_id = id.or(*payment_id);
        }
        self
    }

    /// The request was sent again, and only the last time may have taken effect.
    pub(crate) fn last_tried(mut self, at: Option<SystemTime>) -> Self {
        self.last_try = at.map(Timestamp::from);
        self
    }

    fn charge(body: &types::StartPaymentRequest, total: &Money) -> Self {
        let names = body.transactions.iter();
        Self::now(What::Charge {
            payment_id: None,
            payment_request_id: body.payment_request_id.clone(),
            pos_transaction_ids: names.map(|one| one.pos_transaction_id.clone()).collect(),
            total: total.clone(),
        })
    }
}

impl From<&StartPayment<Gateway>> for Attempt {
    fn from(_: &StartPayment<Gateway>) -> Self {
        Self::now(What::Start)
    }
}

impl From<&StartPayment<Charging>> for Attempt {
    fn from(request: &StartPayment<Charging>) -> Self {
        Self::charge(request.wire(), request.total())
    }
}

impl From<&StartPayment<ByGooglePay>> for Attempt {
    fn from(request: &StartPayment<ByGooglePay>) -> Self {
        Self::charge(request.wire(), request.total())
    }
}

fn endings(transactions: &[types::TransactionToFinish]) -> Vec<Ending> {
    let ending = |one: &types::TransactionToFinish| Ending {
        transaction_id: TransactionId::from_wire(one.transaction_id),
        total: one.total.get(),
    };
    transactions.iter().map(ending).collect()
}

impl From<&FinishReservation> for Attempt {
    fn from(request: &FinishReservation) -> Self {
        Self::now(What::Finish {
            payment_id: PaymentId::from_wire(request.wire().payment_id),
            endings: endings(&request.wire().transactions),
        })
    }
}

impl From<&Capture> for Attempt {
    fn from(request: &Capture) -> Self {
        Self::now(What::Capture {
            payment_id: PaymentId::from_wire(request.wire().payment_id),
            endings: endings(&request.wire().transactions),
        })
    }
}

impl From<&Refund> for Attempt {
    fn from(request: &Refund) -> Self {
        let part = |one: &types::TransactionToRefund| Part {
            transaction_id: TransactionId::from_wire(one.transaction_id),
            amount: one.amount_to_refund.get(),
        };
        Self::now(What::Refund {
            payment_id: PaymentId::from_wire(request.wire().payment_id),
            parts: request
                .wire()
                .transactions_to_refund
                .iter()
                .map(part)
                .collect(),
            before: request.baseline().cloned(),
        })
    }
}
