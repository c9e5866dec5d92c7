//! Callbacks: kept before they are answered.

use barion::callback::CallbackNotice;

use super::Watcher;
use crate::error::StoreError;
use crate::outcome::Accepted;
use crate::store::{Lane, Noticed, Store};
use crate::telemetry;

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
