//! A store whose calls end.

use std::future::Future;
use std::time::Duration;

use barion::PaymentId;

use super::rows::{Backlog, DuePayment, Lane, Noticed, PaymentRow, Schedule};
use super::traits::Store;
use crate::error::StoreError;
use crate::order::StoredOrder;

/// How long a call of a store may take. A server that loses its power does not close connections.
const LIMIT: Duration = Duration::from_secs(30);

/// Store whose calls fail when they take too long, so that none keeps a worker for ever.
#[derive(Debug, Clone)]
pub(crate) struct Limited<S>(pub(crate) S);

async fn limited<T>(call: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    match tokio::time::timeout(LIMIT, call).await {
        Ok(answer) => answer,
        Err(_) => Err(StoreError::new("it did not answer within 30 seconds")),
    }
}

impl<S: Store> Store for Limited<S> {
    async fn find(&self, id: PaymentId) -> Result<Option<PaymentRow>, StoreError> {
        limited(self.0.find(id)).await
    }

    async fn load(&self, order: &str) -> Result<Option<StoredOrder>, StoreError> {
        limited(self.0.load(order)).await
    }

    async fn replace(
        &self,
        old: Option<u64>,
        new: &StoredOrder,
        due: &[(PaymentId, Duration)],
    ) -> Result<bool, StoreError> {
        limited(self.0.replace(old, new, due)).await
    }

    async fn notice(&self, id: PaymentId, room: u32) -> Result<Noticed, StoreError> {
        limited(self.0.notice(id, room)).await
    }

    async fn due(
        &self,
        lane: Lane,
        limit: u32,
        hide: Duration,
    ) -> Result<Vec<DuePayment>, StoreError> {
        limited(self.0.due(lane, limit, hide)).await
    }

    async fn next_due(&self, lane: Lane) -> Result<Option<Duration>, StoreError> {
        limited(self.0.next_due(lane)).await
    }

    async fn schedule(&self, id: PaymentId, mark: u64, next: Schedule) -> Result<bool, StoreError> {
        limited(self.0.schedule(id, mark, next)).await
    }

    async fn forget(&self, id: PaymentId) -> Result<(), StoreError> {
        limited(self.0.forget(id)).await
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        limited(self.0.backlog()).await
    }
}
