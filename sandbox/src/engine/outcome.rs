//! Outcomes of acts of the payer or the bank.

use serde::Serialize;

use crate::domain::payment::Payment;
use crate::values::id::format_id;

/// Outcome of what the payer or the bank did: the payment's status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Outcome {
    /// Id of the payment, as 32 lower-case hex digits.
    pub payment_id: String,
    /// Status of the payment in Barion's word, such as `Succeeded` or `Started`.
    pub status: String,
    /// Bank's answer about the last card in Barion's word, such as `LowFunds`; `None` when no card
    /// was offered.
    pub process_result: Option<String>,
}

impl Outcome {
    pub(super) fn of(payment: &Payment) -> Self {
        Self {
            payment_id: format_id(payment.id),
            status: payment.status.name().to_owned(),
            process_result: payment
                .attempt
                .as_ref()
                .map(|attempt| attempt.result.name().to_owned()),
        }
    }
}
