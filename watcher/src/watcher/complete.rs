//! Handling of an update: the handler runs within its lease, then the update is completed.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::Instant;

use super::Watcher;
use super::handler::Handler;
use super::leases::Leases;
use super::nonce::nonce;
use crate::error::{StoreError, WatchError};
use crate::order::{Completion, OrderUpdate};
use crate::store::Store;
use crate::telemetry;

/// Backoff between attempts to complete an update; it doubles.
const INITIAL_BACKOFF: Duration = Duration::from_millis(50);
const MAX_BACKOFF: Duration = Duration::from_secs(2);

impl<S: Store> Watcher<S> {
    /// Runs the handler and completes the update. `since`: the moment before the claim was written,
    /// so that its lease has not begun earlier.
    pub(super) async fn handle(
        &self,
        update: OrderUpdate,
        token: u64,
        since: Instant,
    ) -> Result<(), WatchError> {
        let key = update.order.clone();
        let lease = self.settings.lease;
        // Also when this future is dropped: then no task of this process handles it any more.
        let mut abandoned = Abandoned {
            leases: &self.leases,
            token,
            length: lease,
        };
        let until = later(since, lease / 10 * 9);
        let end = later(since, lease);
        if Instant::now() >= until {
            // The answer to the claim or to the read came late, and another process may claim the
            // update soon. A timeout of zero would still poll the handler once, so it isn't begun.
            self.release(&key, token).await;
            return Err(WatchError::TooLong);
        }
        let (id, number, repeated) = (update.payment.payment_id, update.number, update.repeated);
        let error = match &self.handler {
            Handler::Plain(run) => {
                let run = caught(async { run(update).await.map_err(WatchError::Handler) });
                let run = telemetry::handling(id, number, repeated, run);
                match tokio::time::timeout_at(until, run).await {
                    // Not released after a failure: it may have been completed.
                    Ok(Ok(())) => {
                        let completed = self.complete(&key, token, end).await;
                        if completed.is_ok() {
                            abandoned.forget();
                        }
                        return completed;
                    }
                    Ok(Err(error)) => error,
                    Err(_) => WatchError::TooLong,
                }
            }
            Handler::Transactional(run) => {
                let run = caught(run.run(&self.store.0, update, token));
                let run = telemetry::handling(id, number, repeated, run);
                match tokio::time::timeout_at(until, run).await {
                    Ok(Ok(())) => {
                        abandoned.forget();
                        return Ok(());
                    }
                    Ok(Err(WatchError::Store(error))) => {
                        // The answer to the commit may be lost.
                        if self.was_completed(&key, token).await {
                            abandoned.forget();
                            return Ok(());
                        }
                        WatchError::Store(error)
                    }
                    Ok(Err(error)) => error,
                    Err(_) => WatchError::TooLong,
                }
            }
        };
        self.release(&key, token).await;
        Err(error)
    }

    /// Completes the update, with retries until the lease ends: one failed write is no reason to
    /// run the handler twice.
    async fn complete(&self, key: &str, token: u64, end: Instant) -> Result<(), WatchError> {
        let mut pause = INITIAL_BACKOFF;
        loop {
            let error = match tokio::time::timeout_at(end, self.complete_once(key, token)).await {
                Ok(Ok(true)) => return Ok(()),
                Ok(Ok(false)) => return Err(WatchError::TooLong),
                Ok(Err(error)) => error,
                Err(_) => StoreError::new("it did not answer until the lease was over"),
            };
            if later(Instant::now(), pause) >= end {
                return Err(error.into());
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(MAX_BACKOFF);
        }
    }

    /// `false` when another task has claimed the update since.
    async fn complete_once(&self, key: &str, token: u64) -> Result<bool, StoreError> {
        loop {
            let Some(old) = self.store.load(key).await? else {
                return Ok(false);
            };
            let revision = old.revision();
            match old.complete(token, nonce()) {
                Completion::Write(new) => {
                    if self.store.replace(Some(revision), &new, &[]).await? {
                        return Ok(true);
                    }
                }
                Completion::Written => return Ok(true),
                Completion::Lost => return Ok(false),
            }
        }
    }

    /// Whether the store says that the update was completed by this claim.
    async fn was_completed(&self, key: &str, token: u64) -> bool {
        matches!(
            self.store
                .load(key)
                .await
                .map(|old| old.map(|old| old.complete(token, 0))),
            Ok(Some(Completion::Written))
        )
    }

    /// Releases a claim, so that the others need not wait until its lease expires.
    pub(super) async fn release(&self, key: &str, token: u64) {
        // If that fails, the lease expires for the others, and is abandoned here. The caller
        // reports the error that came before.
        let release = async {
            while let Some(old) = self.store.load(key).await? {
                let revision = old.revision();
                let Some(new) = old.release(token, nonce()) else {
                    break;
                };
                if self.store.replace(Some(revision), &new, &[]).await? {
                    break;
                }
            }
            Ok::<(), StoreError>(())
        };
        let _ = tokio::time::timeout(MAX_BACKOFF, release).await;
    }
}

/// Catches a panic of the handler: it is an error of this update, and ends no sweep and no other
/// refresh.
async fn caught(run: impl Future<Output = Result<(), WatchError>>) -> Result<(), WatchError> {
    AssertUnwindSafe(run)
        .catch_unwind()
        .await
        .unwrap_or_else(|_| {
            let panicked = "it panicked, see the message of the panic";
            Err(WatchError::Handler(panicked.into()))
        })
}

/// Guard that abandons a claim when it is dropped: no task of this process handles it any more.
struct Abandoned<'a> {
    leases: &'a Leases,
    token: u64,
    length: Duration,
}

impl Abandoned<'_> {
    /// Disarms the guard: the update was completed, and has no lease any more.
    fn forget(&mut self) {
        self.length = Duration::ZERO;
    }
}

impl Drop for Abandoned<'_> {
    fn drop(&mut self) {
        if !self.length.is_zero() {
            self.leases.abandon(self.token, self.length);
        }
    }
}

/// The moment `time` after `since`; a day after it if the clock has no such moment.
pub(super) fn later(since: Instant, time: Duration) -> Instant {
    since
        .checked_add(time)
        .unwrap_or_else(|| since + Duration::from_secs(86_400))
}
