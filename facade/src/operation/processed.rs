//! Processed payment: the answer to a finish, a capture and a cancellation.

use barion_generated::enums::{Currency, PaymentStatus, TransactionStatus};
use barion_generated::types;
use barion_generated::wire::{RelatedId, Timestamp};

use super::charged::agree;
use super::wire_answer::wire_answer;
use crate::error::Error;
use crate::id::{PaymentId, TransactionId};

wire_answer!(PaymentOperationResponse: payment_id, payment_request_id);

/// Processed transaction, in the answers of the operations that change it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ProcessedTransaction {
    /// Identifier of the transaction, given by Barion: finish, capture and refund need it.
    pub transaction_id: Option<TransactionId>,
    /// Identifier of the transaction, given by the shop; `None` for fees and automatic refunds.
    pub pos_transaction_id: Option<String>,
    /// Transaction status.
    pub status: Option<TransactionStatus>,
    /// Currency of the transaction.
    pub currency: Option<Currency>,
    /// Time of the transaction; not set in the answer of a start.
    pub transaction_time: Option<Timestamp>,
    /// Related transaction, to which this one belongs.
    pub related_id: Option<RelatedId>,
}

impl ProcessedTransaction {
    pub(crate) fn list(transactions: Option<Vec<types::ProcessedTransaction>>) -> Vec<Self> {
        transactions
            .unwrap_or_default()
            .into_iter()
            .map(Self::from_wire)
            .collect()
    }

    fn from_wire(transaction: types::ProcessedTransaction) -> Self {
        let types::ProcessedTransaction {
            currency,
            pos_transaction_id,
            related_id,
            status,
            transaction_id,
            transaction_time,
        } = transaction;
        Self {
            transaction_id: TransactionId::from_wire_if_set(transaction_id),
            pos_transaction_id,
            status,
            currency,
            transaction_time,
            related_id,
        }
    }

    pub(crate) fn find<'a>(list: &'a [Self], pos_transaction_id: &str) -> Option<&'a Self> {
        // A refund repeats the identifier of what it refunds, but relates to it.
        let named = |one: &&Self| one.pos_transaction_id.as_deref() == Some(pos_transaction_id);
        list.iter()
            .find(|one| named(one) && one.related_id.is_none())
    }
}

/// Operation on a reserved or authorised payment.
#[derive(Debug, Clone, Copy)]
pub(crate) enum SettlementKind {
    Finish,
    Capture,
    Cancel,
}

impl SettlementKind {
    /// Whether a payment in this status was settled by the operation; `None` where the status does
    /// not show it.
    fn is_done(self, status: &PaymentStatus) -> Option<bool> {
        use PaymentStatus as Status;
        let done = match self {
            Self::Finish => matches!(status, Status::Succeeded | Status::PartiallySucceeded),
            // A payment that is captured with nothing is canceled.
            Self::Capture => matches!(status, Status::Succeeded | Status::Canceled),
            Self::Cancel => *status == Status::Canceled,
        };
        match status {
            Status::Unrecognized(_) | Status::InProgress | Status::Waiting => None,
            _ => Some(done),
        }
    }
}

/// Processed payment: the state after a finish, a capture or a cancellation.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ProcessedPayment {
    /// Identifier of the payment, given by Barion.
    pub payment_id: PaymentId,
    /// Identifier of the payment, given by the shop.
    pub payment_request_id: Option<String>,
    /// Payment status now.
    pub status: PaymentStatus,
    /// All transactions of the payment, fees and automatic refunds included.
    pub transactions: Vec<ProcessedTransaction>,
}

impl ProcessedPayment {
    pub(crate) fn from_wire(
        answer: types::PaymentOperationResponse,
        settlement: SettlementKind,
    ) -> Result<Self, Error> {
        let types::PaymentOperationResponse {
            errors: _, // judged by the caller
            is_successful,
            payment_id,
            payment_request_id,
            status,
            transactions,
        } = answer;
        let payment_id = PaymentId::from_wire_if_set(payment_id)
            .ok_or_else(|| Error::unreadable("it has no PaymentId"))?;
        let Some(status) = status else {
            return Err(Error::unreadable("it has no Status").with_payment_id(Some(payment_id)));
        };
        agree(is_successful, settlement.is_done(&status), &status)
            .map_err(|error| error.with_payment_id(Some(payment_id)))?;
        let transactions = ProcessedTransaction::list(transactions);
        Ok(Self {
            payment_id,
            payment_request_id,
            status,
            transactions,
        })
    }

    /// The transaction with this identifier, which the shop gave it in the start.
    #[must_use]
    pub fn transaction(&self, pos_transaction_id: &str) -> Option<&ProcessedTransaction> {
        ProcessedTransaction::find(&self.transactions, pos_transaction_id)
    }
}

#[cfg(test)]
mod tests {
    use barion_generated::types;

    use super::{ProcessedPayment, SettlementKind};
    use crate::error::{Delivery, ErrorKind};

    #[test]
    fn what_is_settled_says_so_with_one_voice() {
        use ErrorKind::{Api, Contradiction, UnreadableAnswer};
        use SettlementKind::{Cancel, Capture, Finish};
        let outcome = |settlement, said, status: &str| {
            let answer = types::PaymentOperationResponse {
                is_successful: said,
                payment_id: "0c7e5b1f3a994d0e8f6255d0a1b2c3d4".parse().ok(),
                status: Some(status.into()),
                ..types::PaymentOperationResponse::default()
            };
            ProcessedPayment::from_wire(answer, settlement)
                .map(drop)
                .map_err(|error| (error.kind(), error.delivery()))
        };
        for (settlement, said, status, expected) in [
            (Finish, Some(true), "Succeeded", None),
            (Finish, None, "PartiallySucceeded", None),
            (Finish, Some(true), "NeverSeenBefore", None),
            (Finish, None, "NeverSeenBefore", Some(UnreadableAnswer)),
            (Finish, Some(false), "Waiting", Some(UnreadableAnswer)),
            (Finish, Some(false), "Reserved", Some(Api)),
            (Finish, Some(true), "Reserved", Some(Contradiction)),
            (Finish, Some(false), "Succeeded", Some(Contradiction)),
            (Finish, None, "Reserved", Some(UnreadableAnswer)),
            (Capture, Some(true), "Canceled", None),
            (Capture, Some(true), "Authorized", Some(Contradiction)),
            (Cancel, Some(true), "Canceled", None),
            (Cancel, Some(true), "Succeeded", Some(Contradiction)),
            (Cancel, Some(false), "Canceled", Some(Contradiction)),
        ] {
            let delivery = match expected {
                Some(Api) => Delivery::Rejected,
                _ => Delivery::Unknown,
            };
            let expected = expected.map_or(Ok(()), |kind| Err((kind, delivery)));
            assert_eq!(
                outcome(settlement, said, status),
                expected,
                "{settlement:?} {said:?} {status}"
            );
        }
    }
}
