//! Records of orders: their payments, what the shop has handled, and the update that is being
//! handled.

use std::time::Duration;

use barion::{OrderStanding, PaymentChange, PaymentId, PaymentSnapshot};
use serde::{Deserialize, Deserializer, Serialize, de};

use super::change::OrderChange;
use super::claim::{Claim, Claiming, Next};
use super::deadline::deadline;
use super::lease::Lease;
use super::payment::StoredPayment;

/// Version of the layout that this code writes. It grows when older code would misunderstand a
/// newer record; a new property is no reason.
const FORMAT: u32 = 1;

/// Record of an order in a [`Store`](crate::Store): its payments, and what the shop has handled.
/// It is stored by serde, and contains no data of the payer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredOrder {
    #[serde(deserialize_with = "readable_format")]
    format: u32,
    key: String,
    /// Grows with every write.
    revision: u64,
    /// Identifies the write, so that a writer whose answer was lost recognises its own.
    written: u64,
    payments: Vec<StoredPayment>,
    /// Number of updates that the shop has handled.
    #[serde(default)]
    completed: u64,
    /// The token of the claim that was completed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    completed_by: Option<u64>,
    /// The payment that was or is being reported to have paid the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    paid_by: Option<PaymentId>,
    /// The payment that was or is being reported to hold the money of the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    held_by: Option<PaymentId>,
    /// The claimed update, frozen until it is completed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    update: Option<Frozen>,
}

/// Frozen update: its changes stay the same until it is completed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Frozen {
    number: u64,
    payment_id: PaymentId,
    changes: Vec<OrderChange>,
    /// The payment's state that the changes lead to.
    state: PaymentSnapshot,
    /// The lease of the task that handles it; `None` after a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lease: Option<Lease>,
}

/// Result of completing a claim.
#[derive(Debug)]
pub(crate) enum Completion {
    /// This record has to be written.
    Write(Box<StoredOrder>),
    /// It was completed before: the answer to that write was lost.
    Written,
    /// Another task has claimed the update since.
    Lost,
}

fn readable_format<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let format = u32::deserialize(deserializer)?;
    if format > FORMAT {
        return Err(de::Error::custom(format_args!(
            "the record has the layout {format}, which a later version of this crate wrote; \
             this one reads up to {FORMAT}"
        )));
    }
    Ok(format)
}

impl StoredOrder {
    pub(crate) fn new(key: String) -> Self {
        Self {
            format: FORMAT,
            key,
            revision: 0,
            written: 0,
            payments: Vec::new(),
            completed: 0,
            completed_by: None,
            paid_by: None,
            held_by: None,
            update: None,
        }
    }

    /// The order's key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Revision: the number of writes of this record, from 1.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Identifies the latest write.
    pub(crate) fn written(&self) -> u64 {
        self.written
    }

    /// The payments of the order, in the order in which they were tracked.
    #[must_use]
    pub fn payments(&self) -> &[StoredPayment] {
        &self.payments
    }

    /// The payment that was reported to have paid the order: [`OrderChange::OrderPaid`].
    #[must_use]
    pub fn paid_by(&self) -> Option<PaymentId> {
        self.paid_by
    }

    /// Standing of the order, over all its payments as they were last read. A payment that was
    /// tracked and not read yet counts as open: it may be paid just now. One that was given up
    /// unread makes the order [`Unknown`](OrderStanding::Unknown): a person has to decide.
    #[must_use]
    pub fn standing(&self) -> OrderStanding {
        let standing = OrderStanding::of(self.payments.iter().filter_map(StoredPayment::seen));
        if !matches!(standing, OrderStanding::Unpaid | OrderStanding::Refunded) {
            return standing;
        }
        let unseen = || self.payments.iter().filter(|one| one.seen.is_none());
        if unseen().any(|one| !one.given_up) {
            return OrderStanding::Open;
        }
        match unseen().next() {
            Some(one) => OrderStanding::Unknown(one.payment_id),
            None => standing,
        }
    }

    /// Lease of the claimed update.
    pub(crate) fn lease(&self) -> Option<Lease> {
        self.update.as_ref()?.lease
    }

    /// Whether the order has an update that is not handled yet.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        let changed = |one: &StoredPayment| !one.changes().is_empty();
        self.update.is_some() || self.payments.iter().any(changed)
    }

    pub(crate) fn payment(&self, id: PaymentId) -> Option<&StoredPayment> {
        self.payments.iter().find(|one| one.payment_id == id)
    }

    /// The payment; it is added if it is missing.
    fn entry(&mut self, id: PaymentId) -> Option<&mut StoredPayment> {
        if self.payment(id).is_none() {
            self.payments.push(StoredPayment::new(id));
        }
        self.payments.iter_mut().find(|one| one.payment_id == id)
    }

    /// The record for its next write.
    pub(crate) fn rewritten(mut self, written: u64) -> Self {
        self.revision += 1;
        self.written = written;
        self
    }

    /// Adds a payment; `false` if it exists.
    pub(crate) fn track(&mut self, id: PaymentId) -> bool {
        let new = self.payment(id).is_none();
        self.entry(id);
        new
    }

    /// Adds a payment that the shop has handled up to this state; `false` if it exists.
    pub(crate) fn seed(&mut self, state: &PaymentSnapshot) -> bool {
        if !self.track(state.payment_id) {
            return false;
        }
        let id = state.payment_id;
        if was_paid(state) {
            self.paid_by = self.paid_by.or(Some(id));
        } else if state.awaits_shop() {
            self.held_by = self.held_by.or(Some(id));
        }
        if let Some(payment) = self.entry(id) {
            payment.seen = Some(state.clone());
            payment.handled = Some(state.clone());
        }
        true
    }

    /// Notes that Barion does not know a payment, if that was never read. `true` if it has said so
    /// for the time `patience`: the payment is given up then. `age`: of the payment, by the store's
    /// clock.
    pub(crate) fn mark_unknown(
        &mut self,
        id: PaymentId,
        age: Duration,
        patience: Duration,
    ) -> bool {
        let mut payments = self.payments.iter_mut();
        let unread = |one: &&mut StoredPayment| one.payment_id == id && one.seen.is_none();
        let Some(payment) = payments.find(unread) else {
            return false;
        };
        let age = u64::try_from(age.as_millis()).unwrap_or(u64::MAX);
        let since = *payment.unknown_since.get_or_insert(age);
        payment.given_up |= Duration::from_millis(age.saturating_sub(since)) >= patience;
        payment.given_up
    }

    /// Notes that Barion no longer says that it does not know a payment.
    pub(crate) fn clear_unknown(&mut self, id: PaymentId) {
        if let Some(payment) = self.payments.iter_mut().find(|one| one.payment_id == id) {
            payment.unknown_since = None;
        }
    }

    /// Takes in a state that was read; `false` if it brings nothing new.
    pub(crate) fn see(&mut self, state: &PaymentSnapshot) -> bool {
        let Some(payment) = self.entry(state.payment_id) else {
            return false;
        };
        let seen = state.following(payment.seen.as_ref());
        if payment.seen.as_ref() == Some(&seen) && !payment.given_up {
            return false;
        }
        payment.seen = Some(seen);
        payment.given_up = false;
        payment.unknown_since = None;
        true
    }

    /// Claims the next update of the order, first that of the payment `first`. `is_over`: whether
    /// another task's lease has expired. The record may have changed unless the answer is `Busy`.
    pub(crate) fn claim(
        &mut self,
        first: PaymentId,
        claiming: Claiming,
        is_over: impl FnOnce(Lease) -> bool,
    ) -> Next {
        let lease = Lease {
            token: claiming.token,
            length: u64::try_from(claiming.lease.as_millis()).unwrap_or(u64::MAX),
            by: first,
            age: u64::try_from(claiming.age.as_millis()).unwrap_or(u64::MAX),
        };
        let standing = self.standing();
        let repeated = self.update.is_some();
        match &mut self.update {
            Some(Frozen {
                lease: Some(held), ..
            }) if !is_over(*held) => return Next::Busy(*held),
            Some(frozen) => frozen.lease = Some(lease),
            None => {
                self.update = self.freeze(first, claiming, lease);
            }
        }
        let Some(frozen) = &self.update else {
            return Next::Nothing;
        };
        Next::Claimed(Box::new(Claim {
            number: frozen.number,
            payment_id: frozen.payment_id,
            changes: frozen.changes.clone(),
            standing,
            repeated,
            token: claiming.token,
        }))
    }

    /// Freezes the next update: that of the payment `first`, or of another one that has changed.
    fn freeze(&mut self, first: PaymentId, claiming: Claiming, lease: Lease) -> Option<Frozen> {
        let mut ids = vec![first];
        let others = self.payments.iter().map(StoredPayment::payment_id);
        ids.extend(others.filter(|id| *id != first));
        for payment_id in ids {
            let Some(payment) = self.payment(payment_id) else {
                continue;
            };
            let Some(state) = payment.seen.clone() else {
                continue;
            };
            let changes = payment.changes();
            let lapse = lapses_soon(payment, claiming);
            let mut reported = Vec::new();
            for change in changes {
                reported.push(self.of_the_order(&state, change));
            }
            reported.extend(lapse);
            if reported.is_empty() {
                // Nothing to report: the state counts as handled, and is not compared again.
                if let Some(payment) = self.entry(payment_id) {
                    payment.handled = Some(state);
                }
                continue;
            }
            return Some(Frozen {
                number: self.completed + 1,
                payment_id,
                changes: reported,
                state,
                lease: Some(lease),
            });
        }
        None
    }

    /// The change of the order that a change of a payment means.
    fn of_the_order(&mut self, state: &PaymentSnapshot, change: PaymentChange) -> OrderChange {
        let id = state.payment_id;
        match change {
            PaymentChange::Paid => match self.paid_by {
                Some(first) if first != id => OrderChange::PaidAgain {
                    first,
                    refundable: state.refundable(),
                },
                _ => {
                    self.paid_by = Some(id);
                    OrderChange::OrderPaid
                }
            },
            PaymentChange::Reserved
            | PaymentChange::Authorized
            | PaymentChange::PartiallyFinished => {
                match self.pays_before(id) {
                    // A partial finish can't be undone.
                    Some(first) if change != PaymentChange::PartiallyFinished => {
                        return OrderChange::HeldAgain { first };
                    }
                    Some(_) => {}
                    None => self.held_by = Some(id),
                }
                OrderChange::Payment(change)
            }
            change => OrderChange::Payment(change),
        }
    }

    /// Another payment of the order that is paid or holds its money.
    fn pays_before(&self, id: PaymentId) -> Option<PaymentId> {
        let pays = |one: &PaymentId| {
            *one != id
                && self
                    .payment(*one)
                    .and_then(StoredPayment::seen)
                    .is_some_and(|seen| seen.is_paid() || seen.awaits_shop())
        };
        let known = [self.paid_by, self.held_by];
        known.into_iter().flatten().find(pays)
    }

    /// Completes a claim, after its update was handled.
    pub(crate) fn complete(self, token: u64, written: u64) -> Completion {
        if self.completed_by == Some(token) {
            return Completion::Written;
        }
        let mut new = self.rewritten(written);
        let held = |frozen: &Frozen| frozen.lease.is_some_and(|lease| lease.token == token);
        let Some(frozen) = new.update.take_if(|frozen| held(frozen)) else {
            return Completion::Lost;
        };
        new.completed += 1;
        new.completed_by = Some(token);
        let warned = |change: &OrderChange| matches!(change, OrderChange::LapsesSoon { .. });
        if let Some(payment) = new.entry(frozen.payment_id) {
            payment.warned |= frozen.changes.iter().any(warned);
            payment.handled = Some(frozen.state);
        }
        Completion::Write(Box::new(new))
    }

    /// Releases a claim whose update was not handled; `None` if another task has claimed it since.
    /// The update stays as it is.
    pub(crate) fn release(self, token: u64, written: u64) -> Option<Self> {
        let mut new = self.rewritten(written);
        let frozen = new.update.as_mut()?;
        frozen.lease.take_if(|lease| lease.token == token)?;
        Some(new)
    }
}

/// Whether the payment was paid, even if it was refunded since.
fn was_paid(state: &PaymentSnapshot) -> bool {
    use barion::PaymentStanding;
    matches!(
        state.standing(),
        PaymentStanding::Paid | PaymentStanding::PartiallyRefunded | PaymentStanding::Refunded
    )
}

fn lapses_soon(payment: &StoredPayment, claiming: Claiming) -> Option<OrderChange> {
    if payment.warned {
        return None;
    }
    let (until, at) = deadline(payment.seen()?)?;
    let warning = u64::try_from(claiming.warning.as_millis()).unwrap_or(u64::MAX);
    // Also after the end, for a clock that is ahead: a late warning is better than none.
    let soon = claiming.now.saturating_add(warning) >= at;
    soon.then_some(OrderChange::LapsesSoon { until })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use barion::PaymentChange::{
        Declined, Expired, Refunded, Reserved, ReviewReleased, UnderReview,
    };
    use barion::{OrderStanding, PaymentChange};

    use super::super::testing::{
        declined, expired, finished_in_part, id, paid, refunded, reserved, reviewed, started,
    };
    use super::{Claim, Claiming, Completion, Next, StoredOrder};
    use crate::order::OrderChange::{self, HeldAgain, LapsesSoon, OrderPaid, PaidAgain, Payment};

    const HOUR: u64 = 3_600_000;

    fn at(token: u64, now: u64) -> Claiming {
        Claiming {
            token,
            lease: Duration::from_secs(60),
            age: Duration::ZERO,
            warning: Duration::from_secs(2 * 3_600),
            now,
        }
    }

    fn order() -> StoredOrder {
        StoredOrder::new("order-1".to_owned())
    }

    fn claimed(order: &mut StoredOrder, first: u32, token: u64) -> Claim {
        match order.claim(id(first), at(token, 0), |_| false) {
            Next::Claimed(claim) => *claim,
            other => panic!("{other:?}"),
        }
    }

    fn completed(order: StoredOrder, token: u64) -> StoredOrder {
        match order.complete(token, 0) {
            Completion::Write(order) => *order,
            other => panic!("{other:?}"),
        }
    }

    /// The changes that are reported for these states, one after the other, each handled at once.
    fn reported(states: &[barion::PaymentSnapshot]) -> Vec<Vec<OrderChange>> {
        let mut order = order();
        let mut reported = Vec::new();
        for (token, state) in (0..).zip(states) {
            order.see(state);
            if let Next::Claimed(claim) = order.claim(state.payment_id, at(token, 0), |_| false) {
                reported.push(claim.changes);
                order = completed(order, token);
            }
        }
        reported
    }

    #[test]
    fn the_claimed_changes_are_frozen_under_their_number() {
        let mut order = order();
        order.see(&declined(1));
        let first = claimed(&mut order, 1, 7);
        assert_eq!((first.number, first.repeated), (1, false));
        let order = order.release(7, 0).unwrap();
        // Paid meanwhile: the repetition has the same changes, the next number the later ones.
        let mut order = order;
        order.see(&paid(1));
        let again = claimed(&mut order, 1, 8);
        assert_eq!((again.number, again.repeated), (1, true));
        assert_eq!(again.changes, first.changes);
        assert!(matches!(again.changes[..], [Payment(Declined(_))]));
        let mut order = completed(order, 8);
        let next = claimed(&mut order, 1, 9);
        assert_eq!((next.number, next.repeated), (2, false));
        assert_eq!(next.changes, [OrderPaid]);
    }

    #[test]
    fn a_review_that_was_released_meanwhile_is_reported() {
        let mut order = order();
        order.see(&paid(1));
        claimed(&mut order, 1, 1);
        let mut order = completed(order, 1);
        order.see(&reviewed(1, false));
        let begun = claimed(&mut order, 1, 2);
        assert_eq!(begun.changes, [Payment(UnderReview)]);
        let mut order = order.release(2, 0).unwrap();
        order.see(&reviewed(1, true));
        let again = claimed(&mut order, 1, 3);
        assert_eq!(again.changes, [Payment(UnderReview)], "it was begun");
        let mut order = completed(order, 3);
        assert_eq!(claimed(&mut order, 1, 4).changes, [Payment(ReviewReleased)]);
    }

    #[test]
    fn an_order_is_paid_once() {
        let reported = reported(&[started(1), started(2), paid(2), paid(1), refunded(1)]);
        let [first, second, third] = &reported[..] else {
            panic!("{reported:?}");
        };
        assert_eq!(first[..], [OrderPaid]);
        assert!(
            matches!(&second[..], [PaidAgain { first, refundable: Some(amount) }]
                if *first == id(2) && amount.to_string() == "100 HUF"),
            "{second:?}"
        );
        assert!(matches!(third[..], [Payment(Refunded(_))]), "{third:?}");
    }

    #[test]
    fn money_is_held_once() {
        let again = vec![HeldAgain { first: id(1) }];
        let reported = reported(&[reserved(1), reserved(2)]);
        assert_eq!(reported, [vec![Payment(Reserved)], again.clone()]);
        let reported = self::reported(&[finished_in_part(1), reserved(2)]);
        assert_eq!(reported[1], again);
        // The one before has run out: this one is the order's now.
        let reported = self::reported(&[reserved(1), expired(1), reserved(2)]);
        assert_eq!(reported[1..], [[Payment(Expired)], [Payment(Reserved)]]);
    }

    #[test]
    fn one_that_was_not_read_yet_counts_as_open() {
        let mut order = order();
        assert_eq!(order.standing(), OrderStanding::Unpaid);
        order.see(&expired(1));
        assert_eq!(order.standing(), OrderStanding::Unpaid);
        order.track(id(2));
        assert_eq!(order.standing(), OrderStanding::Open);
        let claim = claimed(&mut order, 1, 1);
        assert_eq!(claim.standing, OrderStanding::Open, "no reason to cancel");
        let day = Duration::from_secs(86_400);
        assert!(!order.mark_unknown(id(2), 9 * day, day), "the first time");
        order.clear_unknown(id(2));
        assert!(
            !order.mark_unknown(id(2), 20 * day, day),
            "the first time again"
        );
        assert!(order.mark_unknown(id(2), 21 * day, day));
        assert!(!order.mark_unknown(id(1), 99 * day, day), "it was read");
        assert_eq!(
            order.standing(),
            OrderStanding::Unknown(id(2)),
            "no reason to cancel"
        );
        order.see(&paid(2));
        assert_eq!(order.standing(), OrderStanding::Paid(id(2)));
    }

    #[test]
    fn a_lease_belongs_to_one_until_it_is_seen_to_be_over() {
        let mut order = order();
        order.see(&paid(1));
        claimed(&mut order, 1, 1);
        let before = order.clone();
        let busy = order.claim(id(1), at(2, u64::MAX), |_| false);
        assert!(
            matches!(busy, Next::Busy(lease) if lease.token == 1),
            "{busy:?}"
        );
        assert_eq!(order, before);
        let next = order.claim(id(1), at(2, 0), |_| true);
        assert!(
            matches!(&next, Next::Claimed(claim) if claim.repeated),
            "{next:?}"
        );
        assert!(matches!(order.clone().complete(1, 0), Completion::Lost));
        assert!(order.clone().release(1, 0).is_none());
        let order = completed(order, 2);
        assert!(matches!(order.clone().complete(2, 0), Completion::Written));
        assert!(!order.is_pending());
    }

    #[test]
    fn a_warning_comes_once_before_it_lapses() {
        let mut order = order();
        order.see(&reserved(1));
        assert_eq!(claimed(&mut order, 1, 1).changes, [Payment(Reserved)]);
        let mut order = completed(order, 1);
        let claim =
            |order: &mut StoredOrder, token, now| match order
                .claim(id(1), at(token, now), |_| false)
            {
                Next::Claimed(claim) => claim.changes,
                _ => Vec::new(),
            };
        assert_eq!(claim(&mut order, 2, 8 * HOUR - 1), []);
        let reported = claim(&mut order, 3, 8 * HOUR);
        assert!(matches!(&reported[..], [LapsesSoon { .. }]), "{reported:?}");
        let mut order = completed(order, 3);
        assert_eq!(claim(&mut order, 4, 9 * HOUR), []);
    }

    #[test]
    fn what_was_seeded_is_not_reported_and_counts() {
        let mut order = order();
        assert!(order.seed(&paid(1)));
        assert!(!order.seed(&refunded(1)), "it is known");
        assert!(!order.is_pending());
        order.see(&paid(2));
        assert!(matches!(
            claimed(&mut order, 2, 1).changes[..],
            [PaidAgain { .. }]
        ));
        let mut order = completed(order, 1);
        order.see(&refunded(1));
        let next = claimed(&mut order, 1, 2);
        assert!(matches!(
            next.changes[..],
            [Payment(PaymentChange::Refunded(_))]
        ));
    }

    #[test]
    fn storage_keeps_all_of_it_and_refuses_what_is_newer() {
        let mut order = order();
        order.see(&refunded(1));
        order.see(&paid(2));
        claimed(&mut order, 1, 1);
        let mut stored = serde_json::to_value(&order).unwrap();
        assert_eq!(
            serde_json::from_value::<StoredOrder>(stored.clone()).unwrap(),
            order
        );
        stored["format"] = 2.into();
        let error = serde_json::from_value::<StoredOrder>(stored).unwrap_err();
        assert!(error.to_string().contains("later version"), "{error}");
    }
}
