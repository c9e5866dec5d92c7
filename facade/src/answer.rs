//! What the calls that change a payment answer.

use barion_generated::enums::{Currency, PaymentStatus, RecurrenceResult, TransactionStatus};
use barion_generated::types;
use barion_generated::wire::{RelatedId, Sensitive, Timestamp};
use url::Url;

use crate::contradiction;
use crate::error::{Delivery, Error, ErrorKind};
use crate::id::{PaymentId, TransactionId};
use crate::token::TraceId;
use crate::unsettled::Came;

/// A payment that was started.
///
/// Barion takes a payment whose items don't make its total, and charges the total: see
/// [`StartPayment::warnings`](crate::StartPayment::warnings).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct StartedPayment {
    /// Barion's id of it. Store it with the order before you send the payer on.
    pub payment_id: PaymentId,
    /// Your own id of it.
    pub payment_request_id: Option<String>,
    /// `Prepared`, or the outcome of a token payment.
    pub status: PaymentStatus,
    /// Where to send the payer's browser. Use it as it is.
    pub gateway_url: Option<Url>,
    /// A QR code that leads to the payment.
    pub qr_url: Option<Url>,
    /// Where the payer's browser will go afterwards; carries the payment's id.
    pub redirect_url: Option<Url>,
    /// Where Barion will post changes; carries the payment's id.
    pub callback_url: Option<Url>,
    /// Your transactions, and Barion's fees where there are any, in no certain order.
    pub transactions: Vec<ProcessedTransaction>,
    /// The outcome of a token payment; `None` (of Barion) for others.
    pub recurrence_result: Option<RecurrenceResult>,
    /// Data for Barion's script in the payer's browser, when a challenge is needed.
    pub three_ds_auth_client_data: Option<Sensitive>,
    /// The issuer's id of a token payment, to be stored byte for byte.
    pub trace_id: Option<TraceId>,
}

impl StartedPayment {
    pub(crate) fn from_wire(answer: types::StartPaymentResponse) -> Result<Self, Error> {
        let types::StartPaymentResponse {
            callback_url,
            errors: _, // judged by the caller
            gateway_url,
            payment_id,
            payment_request_id,
            qr_url,
            recurrence_result,
            redirect_url,
            status,
            three_ds_auth_client_data,
            trace_id,
            transactions,
        } = answer;
        let payment_id = PaymentId::from_wire_if_set(payment_id)
            .ok_or_else(|| Error::unreadable("it has no PaymentId"))?;
        let Some(status) = status else {
            return Err(Error::unreadable("it has no Status").with_payment_id(Some(payment_id)));
        };
        Ok(Self {
            payment_id,
            payment_request_id,
            status,
            gateway_url: address(gateway_url),
            qr_url: address(qr_url),
            redirect_url: address(redirect_url),
            callback_url: address(callback_url),
            transactions: ProcessedTransaction::list(transactions),
            recurrence_result,
            three_ds_auth_client_data,
            trace_id: TraceId::from_wire_if_set(trace_id),
        })
    }

    /// The transaction that you named so in the request.
    #[must_use]
    pub fn transaction(&self, pos_transaction_id: &str) -> Option<&ProcessedTransaction> {
        ProcessedTransaction::find(&self.transactions, pos_transaction_id)
    }
}

/// A transaction, as the calls that change it answer it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ProcessedTransaction {
    /// Barion's id of it: what finishing, capturing and refunding ask for.
    pub transaction_id: Option<TransactionId>,
    /// Your own id of it; `None` for fees and automatic refunds.
    pub pos_transaction_id: Option<String>,
    /// Where it stands.
    pub status: Option<TransactionStatus>,
    /// Its currency.
    pub currency: Option<Currency>,
    /// When it happened; not set in the answer of a start.
    pub transaction_time: Option<Timestamp>,
    /// The transaction it belongs to.
    pub related_id: Option<RelatedId>,
}

impl ProcessedTransaction {
    fn list(transactions: Option<Vec<types::ProcessedTransaction>>) -> Vec<Self> {
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

    fn find<'a>(list: &'a [Self], pos_transaction_id: &str) -> Option<&'a Self> {
        // Refunds repeat the name of what they refund, but relate to it.
        let named = |one: &&Self| one.pos_transaction_id.as_deref() == Some(pos_transaction_id);
        list.iter()
            .find(|one| named(one) && one.related_id.is_none())
    }
}

/// What was asked of a reserved or authorised payment.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Settlement {
    Finish,
    Capture,
    Cancel,
}

impl Settlement {
    /// Whether a payment in this status was settled so; `None` where the status does not tell.
    fn is_done(self, status: &PaymentStatus) -> Option<bool> {
        use PaymentStatus as Status;
        let done = match self {
            Self::Finish => matches!(status, Status::Succeeded | Status::PartiallySucceeded),
            // Captured with nothing, it is canceled.
            Self::Capture => matches!(status, Status::Succeeded | Status::Canceled),
            Self::Cancel => *status == Status::Canceled,
        };
        match status {
            Status::Unrecognized(_) | Status::InProgress | Status::Waiting => None,
            _ => Some(done),
        }
    }
}

/// Whether an answer without errors says with one voice that it was done.
fn agree(said: Option<bool>, shown: Option<bool>, status: &PaymentStatus) -> Result<(), Error> {
    let status = contradiction::shown(status);
    match (said, shown) {
        (Some(true), Some(false)) => Err(Error::contradicting(format!(
            "it says that it was successful, and that the payment is {status}"
        ))),
        (Some(false), Some(true)) => Err(Error::contradicting(format!(
            "it says that the payment is {status}, and that it was not successful"
        ))),
        (Some(false), Some(false)) => {
            let message = "Barion answered that it was not carried out, and listed no error";
            Err(Error::new(ErrorKind::Api, Delivery::Answered, message))
        }
        (None, Some(false) | None) | (Some(false), None) => Err(Error::unreadable(
            "neither its status nor anything else in it says for sure whether it was done",
        )),
        (Some(true), _) | (None, Some(true)) => Ok(()),
    }
}

/// A payment after it was finished, captured or given up.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ProcessedPayment {
    /// Barion's id of it.
    pub payment_id: PaymentId,
    /// Your own id of it.
    pub payment_request_id: Option<String>,
    /// Where it stands now.
    pub status: PaymentStatus,
    /// All its transactions, fees and automatic refunds included.
    pub transactions: Vec<ProcessedTransaction>,
}

impl ProcessedPayment {
    pub(crate) fn from_wire(
        answer: types::PaymentOperationResponse,
        settlement: Settlement,
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

    /// The transaction that you named so in the start.
    #[must_use]
    pub fn transaction(&self, pos_transaction_id: &str) -> Option<&ProcessedTransaction> {
        ProcessedTransaction::find(&self.transactions, pos_transaction_id)
    }
}

/// The outcome of completing a one-click payment.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CompletedPayment {
    /// Barion's id of it.
    pub payment_id: PaymentId,
    /// Your own id of it.
    pub payment_request_id: Option<String>,
    /// Where it stands now.
    pub status: PaymentStatus,
    /// Whether the charge went through: what the answer says, or what its status proves; `None` where neither tells.
    pub is_successful: Option<bool>,
    /// The issuer's id of it.
    pub trace_id: Option<TraceId>,
}

impl CompletedPayment {
    pub(crate) fn from_wire(answer: types::CompletePaymentResponse) -> Result<Self, Error> {
        let types::CompletePaymentResponse {
            errors: _, // judged by the caller
            is_successful,
            payment_id,
            payment_request_id,
            payment_status,
            trace_id,
        } = answer;
        let (payment_id, status) = outcome(payment_id, payment_status)?;
        charged_or_not(is_successful, &status)
            .map_err(|error| error.with_payment_id(Some(payment_id)))?;
        Ok(Self {
            payment_id,
            payment_request_id,
            is_successful: is_successful.or_else(|| proven_by(&status)),
            status,
            trace_id: TraceId::from_wire_if_set(trace_id),
        })
    }
}

/// The outcome of a start with a token of Google Pay. What Barion takes but is probably not meant
/// is in [`StartPayment::warnings`](crate::StartPayment::warnings).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GooglePayment {
    /// Barion's id of it.
    pub payment_id: PaymentId,
    /// Your own id of it.
    pub payment_request_id: Option<String>,
    /// Where it stands now.
    pub status: PaymentStatus,
    /// Whether the charge went through: what the answer says, or what its status proves; `None` where neither tells.
    pub is_successful: Option<bool>,
    /// Data for Barion's script in the payer's browser, when a challenge is needed.
    pub three_ds_auth_client_data: Option<Sensitive>,
    /// The issuer's id of it.
    pub trace_id: Option<TraceId>,
}

impl GooglePayment {
    pub(crate) fn from_wire(
        answer: types::StartPaymentWithGoogleTokenResponse,
    ) -> Result<Self, Error> {
        let types::StartPaymentWithGoogleTokenResponse {
            errors: _, // judged by the caller
            is_successful,
            payment_id,
            payment_request_id,
            payment_status,
            three_ds_auth_client_data,
            trace_id,
        } = answer;
        let (payment_id, status) = outcome(payment_id, payment_status)?;
        charged_or_not(is_successful, &status)
            .map_err(|error| error.with_payment_id(Some(payment_id)))?;
        Ok(Self {
            payment_id,
            payment_request_id,
            is_successful: is_successful.or_else(|| proven_by(&status)),
            status,
            three_ds_auth_client_data,
            trace_id: TraceId::from_wire_if_set(trace_id),
        })
    }
}

impl GooglePayment {
    /// What came of the call.
    pub(crate) fn came(&self) -> Came {
        match self.is_successful {
            // One with a challenge may still be completed, and a second one of the same name, too.
            Some(false) if self.three_ds_auth_client_data.is_none() => Came::Nothing,
            Some(_) | None => Came::charged(self.payment_id),
        }
    }
}

/// A charge that is called successful has to be one, and the reverse.
fn charged_or_not(said: Option<bool>, status: &PaymentStatus) -> Result<(), Error> {
    let shown = match status {
        PaymentStatus::Prepared | PaymentStatus::Started => Some(false),
        other => proven_by(other),
    };
    match (said, shown) {
        (Some(said), Some(shown)) if said != shown => agree(Some(said), Some(shown), status),
        _ => Ok(()),
    }
}

/// Whether a payment in this status was charged.
fn proven_by(status: &PaymentStatus) -> Option<bool> {
    match status {
        PaymentStatus::Succeeded
        | PaymentStatus::Reserved
        | PaymentStatus::Authorized
        | PaymentStatus::PartiallySucceeded => Some(true),
        PaymentStatus::Canceled | PaymentStatus::Failed | PaymentStatus::Expired => Some(false),
        // Open: the bank may not have answered yet. Or a word that this version does not know.
        _ => None,
    }
}

fn outcome(
    payment_id: Option<barion_generated::wire::Guid>,
    status: Option<PaymentStatus>,
) -> Result<(PaymentId, PaymentStatus), Error> {
    let payment_id = PaymentId::from_wire_if_set(payment_id)
        .ok_or_else(|| Error::unreadable("it has no PaymentId"))?;
    let Some(status) = status else {
        return Err(Error::unreadable("it has no PaymentStatus").with_payment_id(Some(payment_id)));
    };
    Ok((payment_id, status))
}

/// An address that can't be read is of no use to anybody, and must not hide that the payment exists.
pub(crate) fn address(text: Option<String>) -> Option<Url> {
    text.and_then(|text| text.parse().ok())
}

#[cfg(test)]
mod tests {
    use barion_generated::types;

    use super::{CompletedPayment, ProcessedPayment, Settlement};
    use crate::error::{Delivery, ErrorKind};

    #[test]
    fn a_charge_is_told_as_far_as_it_is_known() {
        for (said, status, told) in [
            (Some(true), "Succeeded", Some(true)),
            (Some(false), "Prepared", Some(false)),
            (Some(true), "InProgress", Some(true)),
            (None, "Reserved", Some(true)),
            (None, "Authorized", Some(true)),
            (None, "Failed", Some(false)),
            (None, "InProgress", None),
            (None, "NeverSeenBefore", None),
        ] {
            let answer = types::CompletePaymentResponse {
                is_successful: said,
                payment_id: "0c7e5b1f3a994d0e8f6255d0a1b2c3d4".parse().ok(),
                payment_status: Some(status.into()),
                ..types::CompletePaymentResponse::default()
            };
            let completed = CompletedPayment::from_wire(answer).unwrap();
            assert_eq!(completed.is_successful, told, "{said:?} {status}");
        }
        for (said, status) in [
            (true, "Prepared"),
            (true, "Failed"),
            (false, "Succeeded"),
            (false, "Reserved"),
        ] {
            let answer = types::CompletePaymentResponse {
                is_successful: Some(said),
                payment_id: "0c7e5b1f3a994d0e8f6255d0a1b2c3d4".parse().ok(),
                payment_status: Some(status.into()),
                ..types::CompletePaymentResponse::default()
            };
            let error = CompletedPayment::from_wire(answer).unwrap_err();
            assert_eq!(
                (error.kind(), error.delivery()),
                (ErrorKind::Contradiction, Delivery::Unknown),
                "{said} {status}"
            );
            assert!(error.payment_id().is_some());
        }
    }

    #[test]
    fn what_is_settled_says_so_with_one_voice() {
        use ErrorKind::{Api, Contradiction, UnreadableAnswer};
        use Settlement::{Cancel, Capture, Finish};
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
                Some(Api) => Delivery::Answered,
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
