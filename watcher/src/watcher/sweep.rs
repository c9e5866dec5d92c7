//! Sweeps: refreshing what is due.

use std::time::Duration;

use barion::PaymentId;
use futures_util::stream::{self, StreamExt};

use super::Watcher;
use crate::error::{StoreError, WatchError};
use crate::outcome::Cause;
use crate::store::{DuePayment, Queue, Store};

/// How long reading a payment may take, with its attempts and their pauses.
const READING: Duration = Duration::from_secs(60);
/// How many ids that nobody has tracked a sweep reads at most.
const UNKNOWN: u32 = 10;

/// What came of a [`sweep`](Watcher::sweep).
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Sweep {
    /// How many payments were refreshed.
    pub refreshed: usize,
    /// Those of them where it did not end well. They are due again later.
    pub failed: Vec<(PaymentId, WatchError)>,
}

impl<S: Store> Watcher<S> {
    /// Sweeps: refreshes payments that are due, `limit` at most: those that a callback has named, those
    /// whose time has come, and a few unknown ids. For shops that don't
    /// [`start`](Self::start) the workers: run it every minute. Instances that sweep at the same time
    /// share the payments.
    ///
    /// # Errors
    /// When the store can't tell what is due. A refresh that fails is in the answer, and does not end
    /// the sweep.
    pub async fn sweep(&self, limit: u32) -> Result<Sweep, StoreError> {
        let mut due = Vec::new();
        // Each queue has a share, so that none keeps the others waiting; what is left goes to the first
        // that can use it.
        for (queue, cause, share) in [
            (Queue::Scheduled, Cause::Sweep, limit.div_ceil(3)),
            (
                Queue::Unknown,
                Cause::Unknown,
                limit.div_ceil(5).min(UNKNOWN),
            ),
            (Queue::Callback, Cause::Callback, limit),
            (Queue::Scheduled, Cause::Sweep, limit),
        ] {
            let taken = u32::try_from(due.len()).unwrap_or(u32::MAX);
            let share = share.min(limit.saturating_sub(taken));
            if share > 0 {
                let taken = self.take(queue, share).await?;
                due.extend(taken.into_iter().map(|one| (one, cause)));
            }
        }
        let outcomes: Vec<(PaymentId, Result<_, WatchError>)> = stream::iter(due)
            .map(|(one, cause)| async move { (one.payment_id, self.refresh_due(one, cause).await) })
            .buffer_unordered(self.settings.workers)
            .collect()
            .await;
        let mut sweep = Sweep {
            refreshed: outcomes.len(),
            failed: Vec::new(),
        };
        for (id, outcome) in outcomes {
            if let Err(error) = outcome {
                sweep.failed.push((id, error));
            }
        }
        Ok(sweep)
    }

    /// Takes due payments, and hides them until this process is through with them, or must be dead.
    pub(super) async fn take(
        &self,
        queue: Queue,
        limit: u32,
    ) -> Result<Vec<DuePayment>, StoreError> {
        let hide = self.settings.lease * 2 + READING;
        self.store.take_due(queue, limit, hide).await
    }
}
