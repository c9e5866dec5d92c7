//! Callbacks (webhooks): stored before they are answered.

use barion::callback::CallbackNotice;

use super::Watcher;
use crate::error::StoreError;
use crate::outcome::Accepted;
use crate::store::{Enqueued, Queue, Store};
use crate::telemetry;

impl<S: Store> Watcher<S> {
    /// Accepts a callback: stores that the payment is to be refreshed. Answer 200 when this has
    /// returned; with a database as the store a crash loses nothing then. The
    /// [workers](Self::start) or a [sweep](Self::sweep) refresh the payment.
    ///
    /// # Errors
    /// When the store fails. Answer 503, and Barion repeats the callback.
    #[doc(alias = "callback")]
    #[doc(alias = "webhook")]
    #[doc(alias = "ipn")]
    pub async fn accept(&self, notice: CallbackNotice) -> Result<Accepted, StoreError> {
        let accepted = self.enqueue(notice).await;
        telemetry::callback(notice.payment_id(), &accepted);
        accepted
    }

    async fn enqueue(&self, notice: CallbackNotice) -> Result<Accepted, StoreError> {
        let id = notice.payment_id();
        if self.wake.is_closed() {
            return Ok(Accepted::Closed);
        }
        if self.negative_cache.contains(id) && self.store.find(id).await?.is_none() {
            return Ok(Accepted::Refused);
        }
        let capacity = self.settings.unknown_capacity;
        let enqueued = self.store.enqueue(id, capacity).await?;
        Ok(match enqueued {
            Enqueued::Known => {
                self.wake.notify(Queue::Callback);
                Accepted::Known
            }
            Enqueued::Unknown => {
                self.wake.notify(Queue::Unknown);
                Accepted::Unknown
            }
            Enqueued::Full => Accepted::Full,
        })
    }
}
