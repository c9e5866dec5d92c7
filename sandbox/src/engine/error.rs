//! Errors of control calls.

use crate::store::StoreError;

/// Error of a control call. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ControlError {
    /// No payment has this id, or it is not an id.
    #[error("there is no payment {0:?} in this sandbox")]
    UnknownPayment(String),
    /// The payment is in this status, in which the payer can no longer act.
    #[error("the payment is {0} and no longer open for the payer")]
    NotOpen(String),
    /// The payment is open, but not for this way of paying.
    #[error("that is not possible: {0}")]
    NotPossible(String),
    /// No successful payment has registered this `RecurrenceId`.
    #[error("there is no token {0:?} in this sandbox")]
    UnknownToken(String),
    /// The number does not pass the Luhn check, or has less than 12 or more than 19 digits.
    #[error("that is not a card number; the test card that succeeds is 4444 8888 8888 5559")]
    NotACard,
    /// No callback can be sent: the payment was started without a `CallbackUrl`, or callbacks are
    /// off.
    #[error("nobody is called about the payment: it has no CallbackUrl, or callbacks are off")]
    NoCallback,
    /// The change could not be written to the file of [`Builder::db`](crate::Builder::db), and so
    /// was not made. The reason is on stderr.
    #[error("the change could not be written to the sandbox's file")]
    NotWritten,
}

impl From<StoreError> for ControlError {
    fn from(_: StoreError) -> Self {
        Self::NotWritten
    }
}
