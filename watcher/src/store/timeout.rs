//! Timeout for the calls of a store.

use std::future::Future;
use std::time::Duration;

use barion::PaymentId;

use super::rows::{Backlog, DuePayment, Enqueued, PaymentRow, Queue, Schedule};
use super::traits::Store;
use crate::error::StoreError;
use crate::order::StoredOrder;

/// Timeout of a call. A server that loses its power does not close its connections.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Store whose calls have a timeout, so that none blocks a worker for ever.
#[derive(Debug, Clone)]
pub(crate) struct TimeoutStore<S>(pub(crate) S);

async fn with_timeout<T>(
    call: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    match tokio::time::timeout(TIMEOUT, call).await {
        Ok(answer) => answer,
        Err(_) => Err(StoreError::new("it did not answer within 30 seconds")),
    }
}

impl<S: Store> Store for TimeoutStore<S> {
    async fn find(&self, id: PaymentId) -> Result<Option<PaymentRow>, StoreError> {
        with_timeout(self.0.find(id)).await
    }

    async fn load(&self, order: &str) -> Result<Option<StoredOrder>, StoreError> {
        with_timeout(self.0.load(order)).await
    }

    async fn replace(
        &self,
        old: Option<u64>,
        new: &StoredOrder,
        due: &[(PaymentId, Duration)],
    ) -> Result<bool, StoreError> {
        with_timeout(self.0.replace(old, new, due)).await
    }

    async fn enqueue(&self, id: PaymentId, capacity: u32) -> Result<Enqueued, StoreError> {
        with_timeout(self.0.enqueue(id, capacity)).await
    }

    async fn take_due(
        &self,
        queue: Queue,
        limit: u32,
        hide: Duration,
    ) -> Result<Vec<DuePayment>, StoreError> {
        with_timeout(self.0.take_due(queue, limit, hide)).await
    }

    async fn next_due(&self, queue: Queue) -> Result<Option<Duration>, StoreError> {
        with_timeout(self.0.next_due(queue)).await
    }

    async fn schedule(
        &self,
        id: PaymentId,
        version: u64,
        next: Schedule,
    ) -> Result<bool, StoreError> {
        with_timeout(self.0.schedule(id, version, next)).await
    }

    async fn forget(&self, id: PaymentId) -> Result<(), StoreError> {
        with_timeout(self.0.forget(id)).await
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        with_timeout(self.0.backlog()).await
    }
}
