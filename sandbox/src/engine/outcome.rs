//! Outcomes of what the payer or the bank does.

use serde::Serialize;

use crate::domain::payment::Payment;
use crate::values::id::format_id;

/// What became of a payment after its payer did something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Outcome {
    /// The payment, as 32 lower-case hex digits.
    pub payment_id: String,
    /// The payment's status in Barion's word, such as `Succeeded` or `Started`.
    pub status: String,
    /// What the bank said of the last card in Barion's word, such as `LowFunds`; `None` when no card
    /// was tried.
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
