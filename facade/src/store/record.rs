//! What is kept of one payment.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::change::PaymentChange;
use crate::id::PaymentId;
use crate::state::PaymentSnapshot;

/// What a store keeps of one payment. Serde writes and reads it; nothing about the payer is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredPayment {
    payment_id: PaymentId,
    /// Grows with every write.
    revision: u64,
    /// When it was written, in milliseconds since 1970.
    written_at: u64,
    /// The latest state that was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seen: Option<PaymentSnapshot>,
    /// The state up to which the shop has done its work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    handled: Option<PaymentSnapshot>,
    /// How often the shop has done some.
    #[serde(default)]
    handlings: u64,
    /// Who is at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lease: Option<Lease>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Lease {
    /// The revision that the claim made: no two claims have the same.
    revision: u64,
    /// When it runs out, in milliseconds since 1970.
    until: u64,
    /// It has run out without a word, or the work failed: whoever claims next repeats.
    #[serde(default)]
    over: bool,
}

impl Lease {
    /// How long it still lasts; `None` when it is over.
    fn left(&self, now: u64) -> Option<Duration> {
        let left = self.until.checked_sub(now).filter(|left| *left > 0)?;
        (!self.over).then(|| Duration::from_millis(left))
    }
}

/// What came of a look at a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Advance {
    /// There is nothing to do.
    Nothing,
    /// There is something to do, and somebody else is at it; for at most this long.
    Busy(Duration),
    /// There is something to do, and it is the caller's now.
    Claimed(Box<Claim>),
}

/// Something to do about a payment, claimed for a while. To be [`done`](super::PaymentStore::done) or
/// [given back](super::PaymentStore::give_back).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claim {
    /// What has changed since the shop last did something about the payment, in order.
    pub changes: Vec<PaymentChange>,
    /// The state after it.
    pub state: PaymentSnapshot,
    /// The number of this piece of work among those of the payment, from 1; the same when it is repeated.
    pub number: u64,
    /// Somebody has begun with it before, and did not finish.
    pub repeated: bool,
    revision: u64,
}

impl Claim {
    /// The payment.
    #[must_use]
    pub fn payment_id(&self) -> PaymentId {
        self.state.payment_id
    }
}

impl StoredPayment {
    pub(super) fn expected(payment_id: PaymentId, now: u64) -> Self {
        Self {
            payment_id,
            revision: 1,
            written_at: now,
            seen: None,
            handled: None,
            handlings: 0,
            lease: None,
        }
    }

    pub(super) fn adopted(state: &PaymentSnapshot, now: u64) -> Self {
        Self {
            seen: Some(state.clone()),
            handled: Some(state.clone()),
            ..Self::expected(state.payment_id, now)
        }
    }

    /// The payment.
    #[must_use]
    pub fn payment_id(&self) -> PaymentId {
        self.payment_id
    }

    /// The number of its writes, from 1.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// When it was written, in milliseconds since 1970.
    #[must_use]
    pub fn written_at(&self) -> u64 {
        self.written_at
    }

    /// The latest state that was read; `None` as long as nobody looked.
    #[must_use]
    pub fn seen(&self) -> Option<&PaymentSnapshot> {
        self.seen.as_ref()
    }

    /// Whether the shop has still something to do about it.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        !self.changes().is_empty()
    }

    /// Whether the payment is over and nothing is left to do about it. It may still be refunded.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.seen.as_ref().is_some_and(PaymentSnapshot::is_final)
            && !self.is_pending()
            && self.lease.is_none()
    }

    fn changes(&self) -> Vec<PaymentChange> {
        let changes = |seen| PaymentChange::between(self.handled.as_ref(), seen);
        self.seen.as_ref().map(changes).unwrap_or_default()
    }

    /// The record after a look, and what came of it.
    pub(super) fn advanced(
        old: Option<Self>,
        state: &PaymentSnapshot,
        now: u64,
        lease: Duration,
    ) -> (Self, Advance) {
        let mut new = match old {
            Some(old) => old.rewritten(now),
            None => Self::expected(state.payment_id, now),
        };
        let seen = state.following(new.seen.as_ref());
        new.seen = Some(seen.clone());
        let changes = new.changes();
        let held = new.lease.as_ref().and_then(|held| held.left(now));
        match held {
            // Whoever is at it is told later what came of it, also when that was undone meanwhile, as a review that ended.
            Some(_) if changes.is_empty() => return (new, Advance::Nothing),
            Some(left) => return (new, Advance::Busy(left)),
            // Such as the payer's going on to the bank: of no matter, and not to be compared with again.
            None if changes.is_empty() => {
                new.handled = Some(seen);
                new.lease = None;
                return (new, Advance::Nothing);
            }
            None => {}
        }
        let length = u64::try_from(lease.as_millis()).unwrap_or(u64::MAX);
        let repeated = new.lease.is_some();
        new.lease = Some(Lease {
            revision: new.revision,
            until: now.saturating_add(length),
            over: false,
        });
        let claim = Claim {
            changes,
            state: seen,
            number: new.handlings + 1,
            repeated,
            revision: new.revision,
        };
        (new, Advance::Claimed(Box::new(claim)))
    }

    /// The record after a claim was done or given back; `None` when it is not the claim's any more.
    pub(super) fn settled_by(self, claim: &Claim, done: bool, now: u64) -> Option<Self> {
        let mut new = self.rewritten(now);
        let lease = new.lease.as_mut()?;
        if lease.revision != claim.revision || lease.over {
            return None;
        }
        if done {
            new.lease = None;
            new.handled = Some(claim.state.clone());
            new.handlings += 1;
        } else {
            lease.over = true;
        }
        Some(new)
    }

    /// The same, written again.
    pub(super) fn rewritten(mut self, now: u64) -> Self {
        self.revision += 1;
        self.written_at = now;
        self
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use barion_generated::enums::Currency;

    use super::{Advance, Claim, StoredPayment};
    use crate::change::PaymentChange::{Paid, Refunded, Reserved, ReviewReleased};
    use crate::money::Money;
    use crate::state::PaymentSnapshot;
    use crate::state::testing::{State, payment_id, state};

    const LEASE: Duration = Duration::from_secs(60);

    fn paid() -> State {
        state("Immediate", "Succeeded", 100).main(1, "CardPayment", "Succeeded", 100)
    }

    fn refunded() -> State {
        paid().with("Total", 90).refund(2, 1, 10)
    }

    fn read(state: &State) -> PaymentSnapshot {
        state.read().snapshot()
    }

    fn claimed(advance: Advance) -> Claim {
        match advance {
            Advance::Claimed(claim) => *claim,
            other => panic!("{other:?}"),
        }
    }

    fn ten() -> Money {
        Money::new(10, Currency::Huf)
    }

    #[test]
    fn a_change_is_claimed_once_and_struck_off() {
        let (record, first) = StoredPayment::advanced(None, &read(&paid()), 1_000, LEASE);
        let first = claimed(first);
        assert_eq!(
            (first.changes.as_slice(), first.number, first.repeated),
            (&[Paid][..], 1, false)
        );
        assert!(record.is_pending() && !record.is_settled());

        let (record, second) = StoredPayment::advanced(Some(record), &read(&paid()), 11_000, LEASE);
        assert_eq!(second, Advance::Busy(Duration::from_secs(50)));

        let record = record.settled_by(&first, true, 12_000).unwrap();
        assert!(record.is_settled());
        assert!(
            record.clone().settled_by(&first, true, 12_000).is_none(),
            "once"
        );
        let (record, third) = StoredPayment::advanced(Some(record), &read(&paid()), 13_000, LEASE);
        assert_eq!(third, Advance::Nothing);
        assert_eq!((record.revision(), record.written_at()), (4, 13_000));
    }

    #[test]
    fn what_happens_meanwhile_is_the_next_piece_of_work() {
        let (record, first) = StoredPayment::advanced(None, &read(&paid()), 0, LEASE);
        let (record, meanwhile) =
            StoredPayment::advanced(Some(record), &read(&refunded()), 1, LEASE);
        assert!(matches!(meanwhile, Advance::Busy(_)));
        let record = record.settled_by(&claimed(first), true, 2).unwrap();
        assert!(record.is_pending(), "the refund is still to be told");
        // A read that was overtaken hands out what is pending too.
        let (_, second) = StoredPayment::advanced(Some(record), &read(&paid()), 3, LEASE);
        let second = claimed(second);
        assert_eq!(
            (second.changes.as_slice(), second.number, second.repeated),
            (&[Refunded(ten())][..], 2, false)
        );
        assert_eq!(second.state, read(&refunded()));
    }

    #[test]
    fn after_a_crash_somebody_else_repeats_and_the_first_is_too_late() {
        let (record, first) = StoredPayment::advanced(None, &read(&paid()), 0, LEASE);
        let first = claimed(first);
        let (record, second) =
            StoredPayment::advanced(Some(record), &read(&refunded()), 60_000, LEASE);
        let second = claimed(second);
        assert_eq!(second.changes, [Paid, Refunded(ten())]);
        assert_eq!((second.number, second.repeated), (1, true));
        assert!(record.clone().settled_by(&first, true, 60_001).is_none());
        assert!(record.clone().settled_by(&first, false, 60_001).is_none());
        assert!(
            record
                .settled_by(&second, true, 60_001)
                .unwrap()
                .is_settled()
        );
    }

    #[test]
    fn what_is_given_back_is_handed_out_at_once() {
        let (record, first) = StoredPayment::advanced(None, &read(&paid()), 0, LEASE);
        let record = record.settled_by(&claimed(first), false, 1).unwrap();
        let (record, again) = StoredPayment::advanced(Some(record), &read(&paid()), 2, LEASE);
        let again = claimed(again);
        assert_eq!(
            (again.changes.as_slice(), again.number, again.repeated),
            (&[Paid][..], 1, true)
        );
        assert!(record.settled_by(&again, true, 3).unwrap().is_settled());
    }

    #[test]
    fn what_ends_while_it_is_worked_on_is_told_too() {
        let review = paid().movement(2, "UnderReview", Some(1), 100);
        let over = review.clone().movement(3, "ReleaseReview", Some(1), 100);
        let (record, first) = StoredPayment::advanced(None, &read(&paid()), 0, LEASE);
        let record = record.settled_by(&claimed(first), true, 1).unwrap();
        let (record, second) = StoredPayment::advanced(Some(record), &read(&review), 2, LEASE);
        let (record, meanwhile) = StoredPayment::advanced(Some(record), &read(&over), 3, LEASE);
        assert_eq!(meanwhile, Advance::Nothing);
        assert!(!record.is_settled(), "somebody is at it");
        let record = record.settled_by(&claimed(second), true, 4).unwrap();
        let (_, third) = StoredPayment::advanced(Some(record), &read(&over), 5, LEASE);
        assert_eq!(claimed(third).changes, [ReviewReleased]);
    }

    #[test]
    fn what_is_of_no_matter_is_kept_and_claimed_by_nobody() {
        let expected = StoredPayment::expected(payment_id(), 5);
        assert!(!expected.is_settled() && !expected.is_pending() && expected.seen().is_none());
        let open = read(&state("Reservation", "Started", 100));
        let (record, advance) = StoredPayment::advanced(Some(expected), &open, 6, LEASE);
        assert_eq!(advance, Advance::Nothing);
        assert_eq!(record.seen(), Some(&open));
        assert!(!record.is_settled(), "it is open");
        let reserved =
            state("Reservation", "Reserved", 100).main(1, "CardPayment", "Reserved", 100);
        let (record, advance) = StoredPayment::advanced(Some(record), &read(&reserved), 7, LEASE);
        let claim = claimed(advance);
        assert_eq!(claim.changes, [Reserved]);
        assert!(
            !record.settled_by(&claim, true, 8).unwrap().is_settled(),
            "it waits for the shop"
        );
    }

    #[test]
    fn storage_keeps_all_of_it() {
        let (record, _) = StoredPayment::advanced(None, &read(&refunded()), 1, LEASE);
        let stored = serde_json::to_string(&record).unwrap();
        assert_eq!(
            serde_json::from_str::<StoredPayment>(&stored).unwrap(),
            record
        );
    }
}
