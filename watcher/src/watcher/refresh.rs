//! Refresh of a payment: it is read from Barion, and its order's updates are handled.

use std::time::Duration;

use barion::{Delivery, Error, ErrorKind, Payment, PaymentId};
use tokio::time::Instant;

use super::Watcher;
use super::nonce::nonce;
use super::track::{ATTEMPTS, FIRST_READ, is_key};
use crate::error::{StoreError, WatchError};
use crate::order::{Claim, Claiming, Lease, Next, OrderUpdate, StoredOrder, due};
use crate::outcome::{Cause, Refreshed};
use crate::store::{DuePayment, Schedule, Store};
use crate::telemetry;

/// Backoff after a failed refresh: 5 seconds, then 15, 45 and so on.
const INITIAL_BACKOFF: Duration = Duration::from_secs(5);
const MAX_BACKOFF: Duration = Duration::from_secs(3_600);
/// Longest cooldown of callbacks.
const MAX_COOLDOWN: Duration = Duration::from_secs(300);
/// Number of reads of an untracked id that Barion refuses for an unknown reason.
const MAX_REFUSALS: u32 = 5;
/// Number of its lengths after which a lease has expired by the store's clock, for processes that
/// have not seen it for its whole length. A database clock that is set forward by less ends none
/// early.
const LENGTHS: u32 = 3;
/// Margin after the end of another process's lease.
const AFTER_LEASE: Duration = Duration::from_millis(250);

/// Running refresh.
struct Refresh {
    id: PaymentId,
    /// The version of the payment's row, with the writes of this refresh counted in.
    version: u64,
    failures: u32,
    /// The payment's age by the store's clock, and when it was asked for.
    age: (Duration, Instant),
    /// Whether the read has brought something new.
    changed: bool,
    /// How many times in a row Barion has refused it before, and whether it does now.
    refusals: u32,
    refused: bool,
    /// Time until the payment is due again.
    due_in: Option<Duration>,
    refreshed: Refreshed,
}

impl Refresh {
    /// The payment's age by the store's clock, now.
    fn age(&self) -> Duration {
        self.age.0.saturating_add(self.age.1.elapsed())
    }
}

impl<S: Store> Watcher<S> {
    /// Refreshes a payment now: reads it from Barion, and runs the handler for each update of its
    /// order. If another task holds the lease of an update, this does not wait for it:
    /// [`Refreshed::busy`].
    ///
    /// # Errors
    /// When the payment can't be read, or the store or the handler fails. The payment is due again
    /// then, for the workers and for [`sweep`](Self::sweep).
    pub async fn refresh(&self, id: PaymentId) -> Result<Refreshed, WatchError> {
        let row = self.store.find(id).await?;
        let due = DuePayment {
            payment_id: id,
            version: row.as_ref().map_or(0, |row| row.version),
            failures: row.as_ref().map_or(0, |row| row.failures),
            unchanged: row.as_ref().map_or(0, |row| row.unchanged),
            age: row.as_ref().map_or(Duration::ZERO, |row| row.age),
        };
        self.refresh_due(due, Cause::Asked).await
    }

    /// Refreshes a payment that was taken out of a queue.
    pub(super) async fn refresh_due(
        &self,
        due: DuePayment,
        cause: Cause,
    ) -> Result<Refreshed, WatchError> {
        // Large: it holds answers, records and the handler's future.
        let refresh = Box::pin(self.refresh_and_schedule(due, cause));
        telemetry::refresh(due.payment_id, cause, refresh).await
    }

    async fn refresh_and_schedule(
        &self,
        due: DuePayment,
        cause: Cause,
    ) -> Result<Refreshed, WatchError> {
        let mut refresh = Refresh {
            id: due.payment_id,
            version: due.version,
            failures: due.failures,
            age: (due.age, Instant::now()),
            changed: false,
            refusals: due.unchanged,
            refused: false,
            due_in: None,
            refreshed: Refreshed::default(),
        };
        let done = match self.client.payment_state(due.payment_id).await {
            Ok(payment) => self.take_in(&mut refresh, payment).await,
            Err(error) => self.could_not_read(&mut refresh, error).await,
        };
        if let Err(error) = &done {
            refresh.failures = due.failures.saturating_add(1);
            if !matches!(error, WatchError::GivenUp(_)) {
                refresh.due_in = Some(backoff(due.failures, asked_to_wait(error)));
            }
        } else {
            refresh.failures = 0;
        }
        let unchanged = match cause {
            _ if refresh.changed => 0,
            Cause::Callback => due.unchanged.saturating_add(1),
            Cause::Unknown if refresh.refused => due.unchanged.saturating_add(1),
            _ => due.unchanged,
        };
        let next = Schedule {
            due_in: refresh.due_in,
            failures: refresh.failures,
            unchanged,
            cooldown: cooldown(self.settings.callback_cooldown, unchanged),
        };
        // If the row has another version meanwhile, the payment is due anyway; if the store fails,
        // it is due when it is no longer hidden.
        let scheduled = self.store.schedule(refresh.id, refresh.version, next).await;
        done?;
        scheduled?;
        Ok(refresh.refreshed)
    }

    /// Handles a failed read; always an error.
    async fn could_not_read(&self, refresh: &mut Refresh, why: Error) -> Result<(), WatchError> {
        let id = refresh.id;
        let unknown = does_not_know(&why);
        refresh.refused = unknown || is_refused(&why);
        let order = self.store.find(id).await?.and_then(|row| row.order);
        if let Some(order) = order {
            let given_up = self.give_up(refresh, &order, unknown).await?;
            return Err(if given_up {
                WatchError::GivenUp(why)
            } else {
                WatchError::Read(why)
            });
        }
        if unknown {
            self.negative_cache.insert(id);
        }
        if unknown || (refresh.refused && refresh.refusals >= MAX_REFUSALS) {
            self.store.forget(id).await?;
        }
        Err(WatchError::Read(why))
    }

    /// Notes whether Barion knows the payment; `true` if it is given up now.
    async fn give_up(
        &self,
        refresh: &Refresh,
        order: &str,
        unknown: bool,
    ) -> Result<bool, WatchError> {
        for _ in 0..ATTEMPTS {
            let Some(old) = self.store.load(order).await? else {
                return Ok(false);
            };
            let mut new = old.clone();
            let given_up = if unknown {
                new.mark_unknown(refresh.id, refresh.age(), self.settings.give_up_after)
            } else {
                // Another reason, such as a wrong key, says nothing about the payment.
                new.clear_unknown(refresh.id);
                false
            };
            if new == old || self.replace(Some(old.revision()), new, &[]).await? {
                return Ok(given_up);
            }
        }
        Err(StoreError::contended().into())
    }

    /// Stores what was read, and handles the updates of the order one after the other.
    async fn take_in(&self, refresh: &mut Refresh, read: Payment) -> Result<(), WatchError> {
        let mut begun = Instant::now();
        let (key, mut next) = self.see(refresh, &read).await?;
        loop {
            let claim = match next {
                Next::Claimed(claim) => claim,
                Next::Busy(lease) => {
                    refresh.refreshed.busy = true;
                    refresh.due_in = Some(self.left(refresh, lease).await? + AFTER_LEASE);
                    return Ok(());
                }
                Next::Nothing => return Ok(()),
            };
            let payment = if claim.payment_id == read.payment_id {
                read.clone()
            } else {
                match self.client.payment_state(claim.payment_id).await {
                    Ok(payment) => payment,
                    Err(error) => {
                        self.release(&key, claim.token).await;
                        return Err(WatchError::Read(error));
                    }
                }
            };
            let token = claim.token;
            let changes = claim.changes.clone();
            self.handle(update(&key, *claim, payment), token, begun)
                .await?;
            refresh.refreshed.handled.extend(changes);
            begun = Instant::now();
            next = self.claim(refresh, &key).await?;
        }
    }

    /// Stores what was read in the record of the payment's order, and claims the order's next
    /// update in the same write.
    async fn see(
        &self,
        refresh: &mut Refresh,
        payment: &Payment,
    ) -> Result<(String, Next), WatchError> {
        let state = payment.snapshot();
        for _ in 0..ATTEMPTS {
            let row = self.store.find(state.payment_id).await?;
            let age = row.as_ref().map_or(Duration::ZERO, |row| row.age);
            refresh.age = (age, Instant::now());
            let (known, handled) = row.map_or((None, None), |row| (row.order, row.handled));
            let attached = known.is_some();
            let key = known.unwrap_or_else(|| self.key_of(payment));
            let old = self.store.load(&key).await?;
            let mut new = old.clone().unwrap_or_else(|| StoredOrder::new(key.clone()));
            if let Some(handled) = handled.filter(|_| !attached) {
                new.seed(&handled);
            }
            let changed = new.see(&state);
            refresh.changed |= changed;
            if let Some(next) = self
                .claim_in(refresh, old, new, changed || !attached)
                .await?
            {
                return Ok((key, next));
            }
        }
        Err(StoreError::contended().into())
    }

    /// Claims the next update of an order.
    async fn claim(&self, refresh: &mut Refresh, key: &str) -> Result<Next, WatchError> {
        for _ in 0..ATTEMPTS {
            let Some(old) = self.store.load(key).await? else {
                return Ok(Next::Nothing);
            };
            let new = old.clone();
            if let Some(next) = self.claim_in(refresh, Some(old), new, false).await? {
                return Ok(next);
            }
        }
        Err(StoreError::contended().into())
    }

    /// Writes the record with a claim; `None` when the record has changed meanwhile. `touches`: the
    /// payment has changed, so its row gets a new version, and no concurrent refresh can schedule
    /// it as not due.
    async fn claim_in(
        &self,
        refresh: &mut Refresh,
        old: Option<StoredOrder>,
        mut new: StoredOrder,
        touches: bool,
    ) -> Result<Option<Next>, StoreError> {
        let settings = &self.settings;
        let now = self.now();
        let claiming = Claiming {
            token: nonce(),
            lease: settings.lease,
            age: refresh.age(),
            warning: settings.lapse_warning,
            now,
        };
        let left = match new.lease() {
            Some(lease) => self.left(refresh, lease).await?,
            None => Duration::ZERO,
        };
        let next = new.claim(refresh.id, claiming, |_| left.is_zero());
        // If this process dies now, the payment is due when the lease has expired.
        let until = settings.lease + AFTER_LEASE;
        let mut due = Vec::new();
        match &next {
            Next::Claimed(claim) => due.push((claim.payment_id, until)),
            Next::Busy(_) if touches => due.push((refresh.id, left + AFTER_LEASE)),
            Next::Nothing if touches => due.push((refresh.id, FIRST_READ)),
            Next::Busy(_) | Next::Nothing => {}
        }
        if touches && due.iter().all(|(id, _)| *id != refresh.id) {
            due.push((refresh.id, until));
        }
        let payment = new.payment(refresh.id);
        let due_in = |payment| due::due_in(payment, claiming.age, now, settings.lapse_warning);
        refresh.due_in = payment.and_then(due_in);
        if old.as_ref() == Some(&new) {
            return Ok(Some(next));
        }
        let revision = old.as_ref().map(StoredOrder::revision);
        if !self.replace(revision, new, &due).await? {
            return Ok(None);
        }
        let own = due.iter().filter(|(id, _)| *id == refresh.id).count();
        refresh.version += u64::try_from(own).unwrap_or_default();
        Ok(Some(next))
    }

    /// Time until another process's lease expires: when this process has seen it for its whole
    /// length by its monotonic clock, or after three times its length by the store's clock, which
    /// counts for short-lived processes.
    async fn left(&self, refresh: &Refresh, lease: Lease) -> Result<Duration, StoreError> {
        let seen = self.leases.left(lease);
        let age = if lease.by == refresh.id {
            Some(refresh.age())
        } else {
            self.store.find(lease.by).await?.map(|row| row.age)
        };
        let Some(age) = age else { return Ok(seen) };
        let stored = lease.length().saturating_mul(LENGTHS);
        Ok(seen.min(stored.saturating_sub(lease.elapsed(age))))
    }

    /// Key of the order of an untracked payment.
    fn key_of(&self, payment: &Payment) -> String {
        (self.settings.order_key)(payment)
            .filter(|key| is_key(key))
            .unwrap_or_else(|| payment.payment_id.to_string())
    }
}

fn update(key: &str, claim: Claim, payment: Payment) -> OrderUpdate {
    OrderUpdate {
        order: key.to_owned(),
        changes: claim.changes,
        standing: claim.standing,
        payment,
        number: claim.number,
        repeated: claim.repeated,
    }
}

/// Whether Barion has refused the payment for a reason that a retry does not change.
fn is_refused(error: &Error) -> bool {
    error.kind() == ErrorKind::Api
        && error.delivery() == Delivery::Rejected
        && !matches!(error.status(), Some(401 | 403 | 429))
        && !error.has_code("AuthenticationFailed")
}

/// Whether Barion says that it does not know the payment. The code of version 4 is not documented.
fn does_not_know(error: &Error) -> bool {
    error.has_code("NotExistingPaymentId") || error.has_code("PaymentNotFound")
}

/// Cooldown of a payment's callbacks after a number of them in a row that brought nothing new.
/// Payers know the ids of their own payments, and can replay callbacks.
fn cooldown(pause: Duration, unchanged: u32) -> Duration {
    let grown = pause.saturating_mul(2_u32.saturating_pow(unchanged));
    grown.min(MAX_COOLDOWN.max(pause))
}

/// Time that Barion asks to wait (`Retry-After`); zero if it doesn't.
fn asked_to_wait(error: &WatchError) -> Duration {
    match error {
        WatchError::Read(error) => error.retry_after().unwrap_or_default(),
        _ => Duration::ZERO,
    }
}

/// Backoff after a number of failures in a row, or the time that Barion asks for if that is longer;
/// at most an hour in both cases.
fn backoff(failures: u32, asked: Duration) -> Duration {
    let grown = INITIAL_BACKOFF.saturating_mul(3_u32.saturating_pow(failures));
    grown.max(asked).min(MAX_BACKOFF)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{backoff, cooldown};

    #[test]
    fn replayed_callbacks_are_worth_less_and_less() {
        let pause = Duration::from_secs(3);
        let seconds = [0, 1, 2, 7, 99].map(|unchanged| cooldown(pause, unchanged).as_secs());
        assert_eq!(seconds, [3, 6, 12, 300, 300]);
        assert_eq!(cooldown(Duration::ZERO, 99), Duration::ZERO);
        assert_eq!(cooldown(Duration::from_secs(900), 1).as_secs(), 900);
    }

    #[test]
    fn pauses_grow_and_end_within_an_hour() {
        let seconds = |failures, asked| backoff(failures, Duration::from_secs(asked)).as_secs();
        assert_eq!([0, 1, 2].map(|failures| seconds(failures, 0)), [5, 15, 45]);
        assert_eq!(seconds(0, 60), 60);
        assert_eq!(seconds(u32::MAX, 0), 3_600);
        assert_eq!(seconds(0, u64::MAX), 3_600);
    }
}
