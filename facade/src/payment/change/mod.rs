//! Changes of a payment between two reads of its state.

#[cfg(test)]
mod histories;

use std::cmp::Ordering;

use barion_generated::enums::{PaymentStatus, ProcessResult, TransactionStatus};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::money::Money;
use crate::payment::role::Role;
use crate::payment::snapshot::{PaymentSnapshot, SnapshotTransaction};
use crate::payment::standing::PaymentStanding;

/// Change of a payment between two reads of its state. Made by [`between`](Self::between).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum PaymentChange {
    /// Declined card; the payer may still try another one. To be shown, not booked: two declines
    /// for the same reason look like one.
    Declined(ProcessResult),
    /// Reserved: a reservation is paid and waits to be finished.
    Reserved,
    /// Authorized: the amount is held on the card and waits to be captured.
    Authorized,
    /// Partially finished: more of a reservation's transactions are finished, and others are still
    /// open.
    #[doc(alias = "PartlyFinished")]
    PartiallyFinished,
    /// Paid: the money is the shop's. Reported once for a payment, whatever happens to it
    /// afterwards.
    Paid,
    /// Finished with nothing: a reservation was released completely.
    FinishedWithNothing,
    /// Refunded: the shop sent this much back; once for each refund.
    Refunded(Money),
    /// Failed refund: this much was sent back and did not reach the payer. It is of refunds of the
    /// shop, which have been reported as [`Refunded`](Self::Refunded) before, and of what Barion
    /// returned of a reservation.
    RefundFailed(Money),
    /// Expired: the time to pay, to finish or to capture is over.
    Expired,
    /// Canceled by the payer.
    Canceled,
    /// Authorization canceled by the shop.
    AuthorizationCanceled,
    /// Failed bank transfer.
    Failed,
    /// Under review: Barion investigates the payment; don't ship yet.
    UnderReview,
    /// Review released: Barion's investigation is over.
    ReviewReleased,
    /// Unclear: a status that this version does not know, or an answer that contradicts itself or
    /// leaves out an amount. Have a person look.
    Unclear(PaymentStatus),
}

impl PaymentChange {
    /// Changes since the previous read, in the order in which they must have happened; empty when
    /// there are none. Without a previous read: the changes since the payment was started.
    ///
    /// States only move forward. A `current` that is older than `previous`, as when two calls
    /// overtake each other, brings no changes:
    ///
    /// * open, then reserved or authorised, then finished in part, then final;
    /// * a final status stays as it is: a late `Expired` does not undo `Paid`. In the other
    ///   direction money counts: a payment that succeeds although it was thought to be final
    ///   without money is reported as `Paid`;
    /// * transactions are added and never vanish: a state without a refund that was seen before is
    ///   an older one.
    ///
    /// `Reserved` and `Authorized` are not reported for a payment that is past them: nothing waits
    /// for the shop any more.
    ///
    /// Keep [`current.following(previous)`](PaymentSnapshot::following) for the next read, not
    /// `current`.
    ///
    /// A `previous` of another payment is ignored.
    #[must_use]
    pub fn between(previous: Option<&PaymentSnapshot>, current: &PaymentSnapshot) -> Vec<Self> {
        let previous = previous.filter(|previous| previous.payment_id == current.payment_id);
        let now = current.following(previous);
        let mut changes = Vec::new();
        changes.extend(milestone(previous, &now));
        changes.extend(refunds(previous, &now));
        changes.extend(review(previous, &now));
        changes.extend(unknown_status(previous, &now));
        changes
    }

    /// Whether the payment is over and brought no money. A reason to cancel the order only if no
    /// other payment of it has brought any: a payer with two windows open makes two payments, and
    /// the unused one expires. See [`OrderStanding::of`](crate::OrderStanding::of).
    #[must_use]
    pub fn is_end_without_money(&self) -> bool {
        matches!(
            self,
            Self::FinishedWithNothing
                | Self::Expired
                | Self::Canceled
                | Self::AuthorizationCanceled
                | Self::Failed
        )
    }
}

impl PaymentSnapshot {
    /// Snapshot to keep after this state was read and `previous` was kept before: the later of
    /// both, completed by what this one leaves out. So an older state that arrives late changes
    /// nothing.
    #[must_use]
    pub fn following(&self, previous: Option<&Self>) -> Self {
        let Some(previous) = previous.filter(|previous| previous.payment_id == self.payment_id)
        else {
            return self.clone();
        };
        if is_outdated(self, previous) {
            return previous.clone();
        }
        let mut next = self.clone();
        next.current_total = next.current_total.or(previous.current_total);
        next.currency = next.currency.or_else(|| previous.currency.clone());
        next.payment_type = next.payment_type.or_else(|| previous.payment_type.clone());
        if is_open(&next.status) {
            let declined = &previous.declined_because;
            next.declined_because = next.declined_because.or_else(|| declined.clone());
        }
        if !next.status.is_recognized() && rank(&previous.status) > rank(&next.status) {
            // A known status is kept.
            next.unknown_status = Some(next.status);
            next.status = previous.status.clone();
        }
        if was_paid(previous) && !was_paid(&next) {
            // For example a total that has fallen before the refund is listed: wait until the
            // answer is consistent.
            let mut kept = previous.clone();
            kept.unknown_status = next.unknown_status;
            return kept;
        }
        next
    }
}

/// Position of a status in the life of a payment.
fn rank(status: &PaymentStatus) -> u8 {
    match status {
        status if is_open(status) => 0,
        PaymentStatus::Reserved | PaymentStatus::Authorized => 2,
        PaymentStatus::PartiallySucceeded => 3,
        PaymentStatus::Canceled | PaymentStatus::Failed | PaymentStatus::Expired => 4,
        // Nothing undoes a success; and a success that arrives late must not get lost.
        PaymentStatus::Succeeded => 5,
        _ => 1,
    }
}

fn is_open(status: &PaymentStatus) -> bool {
    matches!(
        status,
        PaymentStatus::Prepared
            | PaymentStatus::Started
            | PaymentStatus::InProgress
            | PaymentStatus::Waiting
    )
}

/// Whether the state was read before the other one was, as far as the two show it.
fn is_outdated(state: &PaymentSnapshot, other: &PaymentSnapshot) -> bool {
    let known = state.status.is_recognized();
    match rank(&state.status).cmp(&rank(&other.status)) {
        Ordering::Less if known => return true,
        Ordering::Greater => return false,
        Ordering::Less | Ordering::Equal => {}
    }
    // A final status stays as it is.
    let contradicts = known && state.is_final() && state.status != other.status;
    contradicts || other.transactions.iter().any(|seen| lacks(state, seen))
}

/// Whether the state lacks what was seen of a transaction before: refunds and the like are added
/// and never vanish, and a finished transaction is not reserved again.
fn lacks(state: &PaymentSnapshot, seen: &SnapshotTransaction) -> bool {
    let Some(id) = seen.transaction_id else {
        return false;
    };
    let now = state
        .transactions
        .iter()
        .find(|one| one.transaction_id == Some(id));
    match seen.role() {
        Role::Refund | Role::FailedRefund | Role::UnderReview | Role::Released => now.is_none(),
        Role::Main if state.status == PaymentStatus::PartiallySucceeded => {
            now.is_some_and(waits) && !waits(seen)
        }
        _ => false,
    }
}

/// Whether a transaction is not settled yet.
fn waits(transaction: &SnapshotTransaction) -> bool {
    matches!(
        transaction.status,
        Some(
            TransactionStatus::Prepared
                | TransactionStatus::Started
                | TransactionStatus::Reserved
                | TransactionStatus::Authorized
        )
    )
}

fn was_paid(snapshot: &PaymentSnapshot) -> bool {
    matches!(
        snapshot.standing(),
        PaymentStanding::Paid | PaymentStanding::PartiallyRefunded | PaymentStanding::Refunded
    )
}

fn finished(snapshot: &PaymentSnapshot) -> usize {
    snapshot
        .of_role(Role::Main)
        .filter(|one| !waits(one))
        .count()
}

fn milestone(previous: Option<&PaymentSnapshot>, now: &PaymentSnapshot) -> Option<PaymentChange> {
    if was_paid(now) {
        let known = previous.is_some_and(was_paid);
        return (!known).then_some(PaymentChange::Paid);
    }
    let standing = now.standing();
    let before = previous.map(PaymentSnapshot::standing);
    let change = match &standing {
        PaymentStanding::Open => {
            let known = previous.and_then(|previous| previous.declined_because.as_ref());
            let declined = now.declined_because.as_ref();
            return declined
                .filter(|declined| known != Some(*declined))
                .map(|declined| PaymentChange::Declined(declined.clone()));
        }
        PaymentStanding::PartiallyFinished { .. } => {
            let more = previous.is_none_or(|previous| {
                previous.status != now.status || finished(previous) < finished(now)
            });
            return more.then_some(PaymentChange::PartiallyFinished);
        }
        PaymentStanding::Reserved { .. } => PaymentChange::Reserved,
        PaymentStanding::Authorized { .. } => PaymentChange::Authorized,
        PaymentStanding::FinishedWithNothing => PaymentChange::FinishedWithNothing,
        PaymentStanding::AuthorizationCanceled => PaymentChange::AuthorizationCanceled,
        PaymentStanding::Canceled => PaymentChange::Canceled,
        PaymentStanding::Expired => PaymentChange::Expired,
        PaymentStanding::Failed => PaymentChange::Failed,
        PaymentStanding::Unknown(status) => PaymentChange::Unclear(status.clone()),
        // Reported by `was_paid`.
        PaymentStanding::Paid | PaymentStanding::PartiallyRefunded | PaymentStanding::Refunded => {
            return None;
        }
    };
    let same = previous.is_some_and(|previous| previous.status == now.status)
        && before.is_some_and(|before| {
            std::mem::discriminant(&before) == std::mem::discriminant(&standing)
        });
    (!same).then_some(change)
}

fn refunds(previous: Option<&PaymentSnapshot>, now: &PaymentSnapshot) -> Vec<PaymentChange> {
    let known = previous.map(PaymentSnapshot::refunds).unwrap_or_default();
    let put = |amount: Option<Decimal>, change: fn(Money) -> PaymentChange| {
        amount
            .and_then(|amount| now.money(amount))
            .map_or_else(|| PaymentChange::Unclear(now.status.clone()), change)
    };
    let refunds = now.refunds().into_iter();
    let mut changes: Vec<PaymentChange> = refunds
        .filter(|(id, _)| !known.iter().any(|(known, _)| known == id))
        .map(|(_, amount)| put(amount, PaymentChange::Refunded))
        .collect();
    let known = previous
        .map(PaymentSnapshot::failed_refunds)
        .unwrap_or_default();
    let failed = now.failed_refunds().checked_sub(known).unwrap_or_default();
    if failed > Decimal::ZERO {
        changes.push(put(Some(failed), PaymentChange::RefundFailed));
    }
    changes
}

fn review(previous: Option<&PaymentSnapshot>, now: &PaymentSnapshot) -> Option<PaymentChange> {
    let before = previous.is_some_and(PaymentSnapshot::is_under_review);
    match (before, now.is_under_review()) {
        (false, true) => Some(PaymentChange::UnderReview),
        (true, false) => Some(PaymentChange::ReviewReleased),
        _ => None,
    }
}

fn unknown_status(
    previous: Option<&PaymentSnapshot>,
    now: &PaymentSnapshot,
) -> Option<PaymentChange> {
    let known = previous.and_then(|previous| previous.unknown_status.as_ref());
    let status = now.unknown_status.as_ref()?;
    (known != Some(status)).then(|| PaymentChange::Unclear(status.clone()))
}

#[cfg(test)]
mod tests {
    use barion_generated::enums::{Currency, PaymentStatus, ProcessResult};
    use serde_json::json;

    use super::PaymentChange;
    use super::PaymentChange::{
        AuthorizationCanceled, Authorized, Canceled, Declined, Expired, Failed,
        FinishedWithNothing, Paid, PartiallyFinished, RefundFailed, Refunded, Reserved,
        ReviewReleased, Unclear, UnderReview,
    };
    use crate::money::Money;
    use crate::payment::PaymentSnapshot;
    use crate::payment::testing::{State, state};

    fn forints(amount: i64) -> Money {
        Money::new(amount, Currency::Huf)
    }

    fn open(status: &str) -> State {
        state("Immediate", status, 10_000).main(1, "Unspecified", "Prepared", 10_000)
    }

    fn paid(total: i64) -> State {
        state("Immediate", "Succeeded", total).main(1, "CardPayment", "Succeeded", 10_000)
    }

    fn over(status: &str) -> State {
        state("Immediate", status, 0).main(1, "Unspecified", status, 10_000)
    }

    fn reserved() -> State {
        state("Reservation", "Reserved", 15_000)
            .main(1, "CardPayment", "Reserved", 10_000)
            .main(2, "CardPayment", "Reserved", 5_000)
    }

    fn partly() -> State {
        state("Reservation", "PartiallySucceeded", 13_000)
            .main(1, "CardPayment", "Succeeded", 10_000)
            .main(2, "CardPayment", "Reserved", 5_000)
            .returned(3, 1, 2_000)
    }

    /// The changes that each read reports, one after the other.
    fn reported(looks: &[State]) -> Vec<Vec<PaymentChange>> {
        let mut seen: Option<PaymentSnapshot> = None;
        looks
            .iter()
            .map(|look| {
                let look = look.read().snapshot();
                let changes = PaymentChange::between(seen.as_ref(), &look);
                seen = Some(look.following(seen.as_ref()));
                changes
            })
            .collect()
    }

    #[test]
    fn the_first_look_tells_all_that_still_matters() {
        let unknown = || Unclear(PaymentStatus::from("Frozen"));
        for (look, expected) in [
            (open("Prepared"), vec![]),
            (open("Waiting"), vec![]),
            (reserved(), vec![Reserved]),
            (
                state("DelayedCapture", "Authorized", 10).main(1, "CardPayment", "Authorized", 10),
                vec![Authorized],
            ),
            (partly(), vec![PartiallyFinished]),
            (paid(10_000), vec![Paid]),
            (
                paid(7_000).refund(2, 1, 1_000).refund(3, 1, 2_000),
                vec![Paid, Refunded(forints(1_000)), Refunded(forints(2_000))],
            ),
            (
                paid(0).refund(2, 1, 10_000).failure(3, Some(2), 10_000),
                vec![
                    Paid,
                    Refunded(forints(10_000)),
                    RefundFailed(forints(10_000)),
                ],
            ),
            (
                state("Reservation", "Succeeded", 0)
                    .main(1, "CardPayment", "Succeeded", 10_000)
                    .returned(2, 1, 10_000),
                vec![FinishedWithNothing],
            ),
            (
                state("DelayedCapture", "Canceled", 0).main(1, "CardPayment", "Reversed", 10_000),
                vec![AuthorizationCanceled],
            ),
            (over("Canceled"), vec![Canceled]),
            (over("Expired"), vec![Expired]),
            (over("Failed"), vec![Failed]),
            (open("Frozen"), vec![unknown()]),
            (paid(0), vec![Unclear(PaymentStatus::Succeeded)]),
        ] {
            assert_eq!(reported(&[look.clone(), look]), [expected, vec![]]);
        }
    }

    #[test]
    fn a_refund_never_reads_as_paid_again() {
        let looks = [
            open("Prepared"),
            open("InProgress"),
            paid(10_000),
            paid(10_000),
            paid(9_000).refund(2, 1, 1_000),
            paid(0).refund(2, 1, 1_000).refund(3, 1, 9_000),
            paid(9_000)
                .refund(2, 1, 1_000)
                .refund(3, 1, 9_000)
                .failure(4, Some(3), 9_000),
        ];
        assert_eq!(
            reported(&looks),
            [
                vec![],
                vec![],
                vec![Paid],
                vec![],
                vec![Refunded(forints(1_000))],
                vec![Refunded(forints(9_000))],
                vec![RefundFailed(forints(9_000))],
            ]
        );
    }

    #[test]
    fn older_states_bring_nothing_new_and_undo_nothing() {
        let refunded = paid(9_000).refund(2, 1, 1_000);
        for older in [
            open("Prepared"),
            open("InProgress"),
            reserved(),
            partly(),
            over("Expired"),
            over("Canceled"),
            paid(10_000),
        ] {
            let looks = [refunded.clone(), older, refunded.clone()];
            let first = vec![Paid, Refunded(forints(1_000))];
            assert_eq!(reported(&looks), [first, vec![], vec![]]);
        }
        assert_eq!(
            reported(&[over("Expired"), over("Canceled"), over("Expired")]),
            [vec![Expired], vec![], vec![]]
        );
        assert_eq!(
            reported(&[partly(), reserved(), partly()]),
            [vec![PartiallyFinished], vec![], vec![]]
        );
    }

    #[test]
    fn a_late_success_is_not_lost() {
        assert_eq!(
            reported(&[over("Expired"), paid(10_000), over("Expired")]),
            [vec![Expired], vec![Paid], vec![]]
        );
    }

    #[test]
    fn a_reservation_is_followed_to_its_end() {
        let finished = state("Reservation", "Succeeded", 8_000)
            .main(1, "CardPayment", "Succeeded", 10_000)
            .main(2, "CardPayment", "Succeeded", 5_000)
            .returned(3, 1, 2_000)
            .returned(4, 2, 5_000);
        let failed = finished.clone().failure(5, Some(4), 5_000);
        assert_eq!(
            reported(&[open("Prepared"), reserved(), partly(), finished, failed]),
            [
                vec![],
                vec![Reserved],
                vec![PartiallyFinished],
                vec![Paid],
                vec![RefundFailed(forints(5_000))]
            ]
        );
        let lapsed = state("Reservation", "Expired", 0).main(1, "CardPayment", "Succeeded", 10_000);
        assert_eq!(
            reported(&[reserved(), lapsed]),
            [vec![Reserved], vec![Expired]]
        );
    }

    #[test]
    fn each_finished_transaction_is_told_while_others_wait() {
        let with = |first: &str, second: &str| {
            state("Reservation", "PartiallySucceeded", 3)
                .main(1, "CardPayment", first, 1)
                .main(2, "CardPayment", second, 1)
                .main(3, "CardPayment", "Reserved", 1)
        };
        let (one, two) = (
            with("Succeeded", "Reserved"),
            with("Succeeded", "Succeeded"),
        );
        assert_eq!(
            reported(&[one.clone(), one.clone(), two.clone(), one, two]),
            [
                vec![PartiallyFinished],
                vec![],
                vec![PartiallyFinished],
                vec![],
                vec![]
            ]
        );
    }

    #[test]
    fn declines_are_told_once_for_each_reason() {
        let declined = |result: &str| {
            open("Started").with("FundingInformation", json!({ "ProcessResult": result }))
        };
        let looks = [
            declined("LowFunds"),
            declined("LowFunds"),
            open("InProgress"),
            declined("LowFunds"),
            declined("LostOrStolenCard"),
            paid(10_000),
        ];
        assert_eq!(
            reported(&looks),
            [
                vec![Declined(ProcessResult::LowFunds)],
                vec![],
                vec![],
                vec![],
                vec![Declined(ProcessResult::LostOrStolenCard)],
                vec![Paid]
            ]
        );
    }

    #[test]
    fn a_status_of_next_year_hides_nothing_and_is_told_once() {
        let frozen = || Unclear(PaymentStatus::from("Frozen"));
        let strange = paid(9_000).refund(2, 1, 1_000).with("Status", "Frozen");
        let looks = [
            paid(10_000),
            paid(10_000).with("Status", "Frozen"),
            strange.clone(),
            strange,
            paid(9_000).refund(2, 1, 1_000),
        ];
        assert_eq!(
            reported(&looks),
            [
                vec![Paid],
                vec![frozen()],
                vec![Refunded(forints(1_000))],
                vec![],
                vec![]
            ]
        );
        assert_eq!(
            reported(&[open("Frozen"), open("Prepared"), paid(10_000)]),
            [vec![frozen()], vec![], vec![Paid]]
        );
    }

    #[test]
    fn an_answer_that_makes_no_sense_yet_is_waited_out() {
        let looks = [
            paid(10_000),
            paid(0),
            paid(10_000).with("Total", json!(null)),
            paid(0).refund(2, 1, 10_000),
        ];
        assert_eq!(
            reported(&looks),
            [vec![Paid], vec![], vec![], vec![Refunded(forints(10_000))]]
        );
        let no_amount = paid(9_000).refund(2, 1, 0).but("Total", json!(null));
        assert_eq!(
            reported(&[paid(10_000), no_amount]),
            [vec![Paid], vec![Unclear(PaymentStatus::Succeeded)]]
        );
    }

    #[test]
    fn reviews_begin_and_end() {
        let review = paid(10_000).movement(2, "UnderReview", Some(1), 10_000);
        let released = review.clone().movement(3, "ReleaseReview", Some(1), 10_000);
        assert_eq!(
            reported(&[review.clone(), released, review]),
            [vec![Paid, UnderReview], vec![ReviewReleased], vec![]]
        );
    }

    #[test]
    fn another_payment_is_no_previous_look() {
        let other = paid(10_000).with("PaymentId", "00000000000000000000000000000001");
        assert_eq!(reported(&[paid(10_000), other]), [vec![Paid], vec![Paid]]);
        assert!(Expired.is_end_without_money() && !Paid.is_end_without_money());
    }
}
