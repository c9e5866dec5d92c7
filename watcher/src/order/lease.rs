//! Leases: the right to handle an update for a time.

use std::time::Duration;

use barion::PaymentId;
use serde::{Deserialize, Serialize};

/// Right to handle an update for a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lease {
    pub(crate) token: u64,
    /// In milliseconds. It is over when somebody has seen it for so long, by a clock that can't
    /// jump: the clocks of the shop's machines need not agree.
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

    /// How long ago it was claimed, by the store's clock. `age`: of [`by`](Self::by).
    pub(crate) fn elapsed(self, age: Duration) -> Duration {
        age.saturating_sub(Duration::from_millis(self.age))
    }
}
