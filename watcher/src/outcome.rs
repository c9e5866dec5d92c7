//! Outcomes of callbacks and of refreshes.

use crate::order::OrderChange;

/// What became of a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Accepted {
    /// The payment is known. It is stored as due, and will be refreshed.
    Known,
    /// Nobody has tracked the payment. The id is stored, and will be read when its turn comes.
    Unknown,
    /// Barion has said within ten minutes that it does not know the id. Nothing will be done.
    Refused,
    /// Too many ids that nobody has tracked are waiting. Nothing was stored: answer 503, so that Barion
    /// calls again.
    Full,
    /// The workers are being shut down. Nothing was stored: answer 503.
    Closed,
}

impl Accepted {
    /// Whether the callback can be answered with 200.
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

/// What came of a [`refresh`](crate::Watcher::refresh).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refreshed {
    /// What the handler was run for, and completed.
    pub handled: Vec<OrderChange>,
    /// There is something to handle, and somebody else is at it: another task or another instance of
    /// the shop. The payment is due again when the lease of that one has run out.
    pub busy: bool,
}

/// Why a payment is refreshed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    Asked,
    Callback,
    Sweep,
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
