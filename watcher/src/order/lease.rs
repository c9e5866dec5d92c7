//! Leases: rights to handle an update for a time.

use std::time::Duration;

use barion::PaymentId;
use serde::{Deserialize, Serialize};

/// Lease: right to handle an update for a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lease {
    pub(crate) token: u64,
    /// In milliseconds. It has expired when another process has seen it for this time by its
    /// monotonic clock: the clocks of the shop's machines need not agree.
    pub(super) length: u64,
    /// The payment that was refreshed when it was claimed.
    pub(crate) by: PaymentId,
    /// The age of that payment then, in milliseconds by the store's clock.
    pub(super) age: u64,
}

impl Lease {
    pub(crate) fn length(self) -> Duration {
        Duration::from_millis(self.length)
    }

    /// Time since it was claimed, by the store's clock. `age`: that of [`by`](Self::by).
    pub(crate) fn elapsed(self, age: Duration) -> Duration {
        age.saturating_sub(Duration::from_millis(self.age))
    }
}
