//! Reasons for which a rule refuses a change of a payment.

use uuid::Uuid;

/// Why a rule refused a change. Nothing was changed then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The payment, or a transaction of it, is in a state that does not allow the call.
    Status(String),
    /// No transaction of this id belongs to the payment.
    Foreign(Uuid),
    /// The transaction is of a kind that the call cannot act on.
    Kind(Uuid),
    /// More is asked for than is left.
    TooMuch(Uuid),
    /// The wallet does not hold enough.
    LowBalance,
    /// The call contradicts the payment in another way.
    Model(String),
}
