//! Attempts of callbacks, as the log has them.

use chrono::{DateTime, Utc};

/// Attempt to send a callback to a shop's `CallbackUrl`, with its result.
#[doc(alias = "webhook")]
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallbackAttempt {
    /// The payment, as 32 lower-case hex digits.
    pub payment_id: String,
    /// The address that was called, with `paymentId` in its query.
    pub url: String,
    /// Number of the attempt among those for the same change: 1 to 6.
    pub number: u8,
    /// Time of the attempt, by the sandbox's clock.
    pub at: DateTime<Utc>,
    /// HTTP status of the shop's answer, or why there was none. Only 200 is a success.
    pub result: Result<u16, String>,
    /// What follows from the result.
    pub next: CallbackNext,
}

/// Retry of a callback after an attempt, if there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallbackNext {
    /// Success: the shop answered with HTTP 200, and there is no further attempt.
    Done,
    /// Failure: the callback is retried at this time of the sandbox's clock.
    RetryAt(DateTime<Utc>),
    /// Failure without a retry: it was the sixth attempt, or the address is one that the sandbox
    /// does not call.
    GivenUp,
}
