//! Sweeps: refreshes of due payments, for shops without workers.

use std::time::Duration;

use barion::PaymentId;
use futures_util::stream::{self, StreamExt};

use super::Watcher;
use crate::error::{StoreError, WatchError};
use crate::outcome::Cause;
use crate::store::{DuePayment, Queue, Store};

/// Time limit of a read, with its attempts and their backoff.
const READING: Duration = Duration::from_secs(60);
/// Untracked ids that a sweep reads at most.
const UNKNOWN: u32 = 10;

/// Result of a [`sweep`](Watcher::sweep).
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Sweep {
    /// Number of payments that were refreshed, failures included.
    pub refreshed: usize,
    /// The failed ones of them, with their errors. They are due again after a backoff.
    pub failed: Vec<(PaymentId, WatchError)>,
}

impl<S: Store> Watcher<S> {
    /// Sweeps: refreshes due payments, at most `limit`: those that callbacks have named, those
    /// whose scheduled time has come, and at most ten unknown ids. For shops that don't
    /// [`start`](Self::start) the workers, such as those with a cron job: run it every minute.
    /// Instances that sweep at the same time share the payments.
    ///
    /// # Errors
    /// When the store fails to return due payments. A refresh that fails is in the result, and does
    /// not end the sweep.
    #[doc(alias = "polling")]
    #[doc(alias = "cron")]
    pub async fn sweep(&self, limit: u32) -> Result<Sweep, StoreError> {
        let mut due = Vec::new();
        // Each queue has a share, so that none starves the others; the rest goes to callbacks, then
        // to scheduled payments.
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

    /// Takes due payments, and hides them for as long as a process that lives needs at most.
    pub(super) async fn take(
        &self,
        queue: Queue,
        limit: u32,
    ) -> Result<Vec<DuePayment>, StoreError> {
        let hide = self.settings.lease * 2 + READING;
        self.store.take_due(queue, limit, hide).await
    }
}
