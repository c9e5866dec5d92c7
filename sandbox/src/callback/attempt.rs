//! Attempts of callbacks, as the log has them.

use chrono::{DateTime, Utc};

/// One attempt to call a shop's `CallbackUrl`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallbackAttempt {
    /// The payment, as 32 lower-case hex digits.
    pub payment_id: String,
    /// The address that was called, with `paymentId` in its query.
    pub url: String,
    /// Which attempt at telling the same change this was: 1 to 6.
    pub number: u8,
    /// When it was made, by the sandbox's clock.
    pub at: DateTime<Utc>,
    /// The HTTP status of the shop's answer, or why there was none. Only 200 is a success.
    pub result: Result<u16, String>,
    /// What follows from the result.
    pub next: CallbackNext,
}

/// What follows an attempt to call a shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallbackNext {
    /// The shop answered with HTTP 200; it is not called about this change any more.
    Done,
    /// The shop is called again at this time of the sandbox's clock.
    RetryAt(DateTime<Utc>),
    /// There is no further attempt: it was the sixth, or the address is one that the sandbox does
    /// not call.
    GivenUp,
}
