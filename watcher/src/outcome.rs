//! Results of callbacks and refreshes, and the cause of a refresh: what telemetry reports.

use crate::order::OrderChange;

/// Result of accepting a callback: see [`Watcher::accept`](crate::Watcher::accept).
#[doc(alias = "webhook")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Accepted {
    /// The payment belongs to an order. It is stored as due now, and will be refreshed.
    Known,
    /// The payment was not tracked. The id is stored, and will be read within the rate limit for
    /// such ids ([`unknown_reads_per_minute`](crate::Watcher::unknown_reads_per_minute)).
    Unknown,
    /// Barion has answered within the last ten minutes that it does not know the id. Nothing is
    /// stored, and nothing will be done. Answer 200.
    Refused,
    /// Too many untracked ids are waiting ([`unknown_capacity`](crate::Watcher::unknown_capacity)).
    /// Nothing was stored: answer 503, and Barion repeats the callback.
    Full,
    /// The workers are being shut down. Nothing was stored: answer 503.
    Closed,
}

impl Accepted {
    /// Whether to answer the callback with 200; 503 otherwise.
    #[must_use]
    pub fn is_taken(self) -> bool {
        matches!(self, Self::Known | Self::Unknown | Self::Refused)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Unknown => "unknown",
            Self::Refused => "refused",
            Self::Full => "full",
            Self::Closed => "closed",
        }
    }
}

/// Result of a [`refresh`](crate::Watcher::refresh).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refreshed {
    /// The changes that the handler has handled in this refresh; its updates are completed.
    pub handled: Vec<OrderChange>,
    /// The order has an update to handle, and another task or another instance of the shop holds
    /// the lease for it. The payment is due again when that lease has expired.
    pub busy: bool,
}

/// Cause of a refresh, a label of telemetry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The shop has called [`refresh`](crate::Watcher::refresh).
    Asked,
    /// A callback of a payment that belongs to an order.
    Callback,
    /// The scheduled time of a payment that belongs to an order.
    Sweep,
    /// A callback of an untracked id.
    Unknown,
}

impl Cause {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Callback => "callback",
            Self::Sweep => "sweep",
            Self::Unknown => "unknown",
        }
    }
}
