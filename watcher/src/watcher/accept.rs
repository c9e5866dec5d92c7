//! Callbacks: kept before they are answered.

use barion::callback::CallbackNotice;

use super::Watcher;
use crate::store::{Lane, Noticed, Store, StoreError};
use crate::telemetry;

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

impl<S: Store> Watcher<S> {
    /// Accepts a callback: when this returns, it is stored, and with a durable store a crash loses
    /// nothing. Answer 200 then, and let the [workers](Self::start) or a [sweep](Self::sweep) do the
    /// rest.
    ///
    /// # Errors
    /// When the store fails. Answer 503: Barion calls again.
    pub async fn accept(&self, notice: CallbackNotice) -> Result<Accepted, StoreError> {
        let accepted = self.notice(notice).await;
        telemetry::callback(notice.payment_id(), &accepted);
        accepted
    }

    async fn notice(&self, notice: CallbackNotice) -> Result<Accepted, StoreError> {
        let id = notice.payment_id();
        if self.wake.is_closed() {
            return Ok(Accepted::Closed);
        }
        if self.refusals.contains(id) && self.store.find(id).await?.is_none() {
            return Ok(Accepted::Refused);
        }
        Ok(
            match self.store.notice(id, self.settings.unknown_room).await? {
                Noticed::Known => {
                    self.wake.asked(Lane::Noticed);
                    Accepted::Known
                }
                Noticed::Unknown => {
                    self.wake.asked(Lane::Unknown);
                    Accepted::Unknown
                }
                Noticed::Full => Accepted::Full,
            },
        )
    }
}
