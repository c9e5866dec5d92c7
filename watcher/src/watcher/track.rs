//! Which payments belong to an order.

use std::time::Duration;

use barion::{Payment, PaymentId};

use super::Watcher;
use super::nonce::nonce;
use crate::error::{StoreError, TrackError};
use crate::order::StoredOrder;
use crate::order::due::due_in;
use crate::store::{Queue, Schedule, Store};

/// When a payment is read first that no callback has named.
pub(super) const FIRST_READ: Duration = Duration::from_secs(60);

/// How often a record is tried to be replaced while others replace it too. Each time that fails is
/// one that succeeded elsewhere, so this many never fail in earnest.
pub(super) const ATTEMPTS: u32 = 1_000;

/// The longest key of an order, in bytes.
const LONGEST_KEY: usize = 255;

/// Whether a text can be the key of an order. PostgreSQL keeps no NUL.
pub(super) fn is_key(order: &str) -> bool {
    !order.is_empty() && order.len() <= LONGEST_KEY && !order.contains('\0')
}

impl<S: Store> Watcher<S> {
    /// Tracks a payment that was just started: it belongs to this order, counts as open until it is
    /// read, and is read again and again until it is over, even if no callback ever comes. Doing it
    /// twice changes nothing. The key is that of one order, not of a customer or a subscription: all
    /// payments of an order share one record.
    ///
    /// # Errors
    /// When the store fails, or the payment belongs to another order.
    pub async fn track(&self, id: PaymentId, order: &str) -> Result<(), TrackError> {
        self.add(id, order, |record| record.track(id), FIRST_READ)
            .await?;
        Ok(())
    }

    /// Keeps a payment as one that the shop has handled already, up to this state: for payments from
    /// before there was a watcher. `false` when it is known, and stays as it is.
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
                // What is over is not read again.
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
                self.wake.requested(Queue::Scheduled);
                return Ok(true);
            }
        }
        Err(StoreError::contended().into())
    }

    /// Where an order stands, and its payments; `None` where nothing is known of it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn order(&self, key: &str) -> Result<Option<StoredOrder>, StoreError> {
        self.store.load(key).await
    }

    /// Writes a record. A write whose answer gets lost is looked for: it may have taken effect.
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
