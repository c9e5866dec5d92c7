//! Tracking: which payments belong to an order.

use std::time::Duration;

use barion::{Payment, PaymentId};

use super::Watcher;
use super::nonce::nonce;
use crate::error::{StoreError, TrackError};
use crate::order::StoredOrder;
use crate::order::due::due_in;
use crate::store::{Queue, Schedule, Store};

/// Time until the first read of a payment that no callback names.
pub(super) const FIRST_READ: Duration = Duration::from_secs(60);

/// Attempts to replace a record that other tasks replace at the same time (optimistic locking).
/// Each failed one is a success elsewhere, so this number is never reached in practice.
pub(super) const ATTEMPTS: u32 = 1_000;

/// Longest key of an order, in bytes.
const LONGEST_KEY: usize = 255;

/// Whether a text can be the key of an order. PostgreSQL stores no NUL.
pub(super) fn is_key(order: &str) -> bool {
    !order.is_empty() && order.len() <= LONGEST_KEY && !order.contains('\0')
}

impl<S: Store> Watcher<S> {
    /// Tracks a payment that was just started: it belongs to this order from now on, counts as open
    /// until it is read, and is polled until it is over, even if no callback ever comes.
    /// Idempotent: tracking it twice changes nothing. The key is that of one order, not of a
    /// customer or a subscription, because all payments of an order share one record.
    ///
    /// # Errors
    /// When the store fails, or the payment belongs to another order.
    #[doc(alias = "polling")]
    pub async fn track(&self, id: PaymentId, order: &str) -> Result<(), TrackError> {
        self.add(id, order, |record| record.track(id), FIRST_READ)
            .await?;
        Ok(())
    }

    /// Seeds the store with a payment that the shop has handled up to this state without the
    /// watcher, so that only later changes are reported. `false` if the payment is known; nothing
    /// is changed then.
    ///
    /// # Errors
    /// When the store fails, or the payment belongs to another order.
    pub async fn seed(&self, payment: &Payment, order: &str) -> Result<bool, TrackError> {
        let state = payment.snapshot();
        let id = state.payment_id;
        let seed = |record: &mut StoredOrder| record.seed(&state);
        let added = self.add(id, order, seed, FIRST_READ).await?;
        if added && let Some(row) = self.store.find(id).await? {
            let record = self.store.load(order).await?;
            let payment = record.as_ref().and_then(|record| record.payment(id));
            let warning = self.settings.lapse_warning;
            let next = Schedule {
                // A payment that is over is not read again.
                due_in: payment.and_then(|one| due_in(one, row.age, self.now(), warning)),
                failures: 0,
                unchanged: 0,
                cooldown: Duration::ZERO,
            };
            self.store.schedule(id, row.version, next).await?;
        }
        Ok(added)
    }

    async fn add(
        &self,
        id: PaymentId,
        order: &str,
        change: impl Fn(&mut StoredOrder) -> bool,
        first: Duration,
    ) -> Result<bool, TrackError> {
        if !is_key(order) {
            return Err(TrackError::Key);
        }
        for _ in 0..ATTEMPTS {
            let row = self.store.find(id).await?;
            let (known, handled) = row.map_or((None, None), |row| (row.order, row.handled));
            if let Some(known) = known {
                return if known == order {
                    Ok(false)
                } else {
                    Err(TrackError::OtherOrder {
                        payment: id,
                        order: known,
                    })
                };
            }
            let old = self.store.load(order).await?;
            let revision = old.as_ref().map(StoredOrder::revision);
            let mut new = old.unwrap_or_else(|| StoredOrder::new(order.to_owned()));
            match handled {
                Some(handled) => new.seed(&handled),
                None => change(&mut new),
            };
            if self.replace(revision, new, &[(id, first)]).await? {
                self.wake.notify(Queue::Scheduled);
                return Ok(true);
            }
        }
        Err(StoreError::contended().into())
    }

    /// Loads the record of an order: its standing and its payments; `None` if the order is unknown.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn order(&self, key: &str) -> Result<Option<StoredOrder>, StoreError> {
        self.store.load(key).await
    }

    /// Replaces a record. After an error it is read back, because the write may have taken effect.
    pub(super) async fn replace(
        &self,
        old: Option<u64>,
        new: StoredOrder,
        due: &[(PaymentId, Duration)],
    ) -> Result<bool, StoreError> {
        let new = new.rewritten(nonce());
        match self.store.replace(old, &new, due).await {
            Ok(replaced) => Ok(replaced),
            Err(error) => match self.store.load(new.key()).await {
                Ok(Some(there)) if there.written() == new.written() => Ok(true),
                _ => Err(error),
            },
        }
    }
}
