//! Payment standing: what a payment's state means to a shop.

use barion_generated::enums::{PaymentStatus, PaymentType, TransactionStatus};
use barion_generated::wire::Timestamp;
use rust_decimal::Decimal;

use super::ledger::Ledger;
use super::role::Role;
use super::snapshot::{PaymentSnapshot, SnapshotTransaction};
use super::state::Payment;
use crate::id::TransactionId;
use crate::money::Money;

/// Payment standing: what a payment's state means to a shop. Barion's status alone is not enough:
/// `Succeeded` may be paid, refunded or finished with nothing, `Canceled` may be by the payer or by
/// you.
///
/// | standing | the money | what a shop does |
/// |---|---|---|
/// | [`Open`](Self::Open) | not there yet | wait |
/// | [`Reserved`](Self::Reserved) | charged, and blocked for you | finish it until then: in full, with less, or with nothing |
/// | [`Authorized`](Self::Authorized) | held on the card | capture it until then, or cancel the authorisation |
/// | [`PartiallyFinished`](Self::PartiallyFinished) | a part is yours | finish the rest until then; ship what is finished |
/// | [`Paid`](Self::Paid) | yours | ship |
/// | [`PartiallyRefunded`](Self::PartiallyRefunded) | yours, but for what you sent back | nothing; the order stays paid |
/// | [`Refunded`](Self::Refunded) | sent back, all of it | nothing; the order is cancelled |
/// | [`FinishedWithNothing`](Self::FinishedWithNothing) | not taken | cancel the order, if no other payment of it is paid |
/// | [`AuthorizationCanceled`](Self::AuthorizationCanceled) | not taken | cancel the order, if no other payment of it is paid |
/// | [`Canceled`](Self::Canceled), [`Expired`](Self::Expired), [`Failed`](Self::Failed) | not taken, or returned | cancel the order or let the payer try again, if no other payment of it is paid |
/// | [`Unknown`](Self::Unknown) | unknown | don't ship, don't cancel: have a person look |
///
/// An order may have several payments: a payer who opens two windows makes two. See
/// [`OrderStanding::of`](crate::OrderStanding::of).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias = "Standing")]
pub enum PaymentStanding {
    /// Open: the payer has not paid yet, or the bank has not answered.
    Open,
    /// Reserved: a reservation is paid and waits for [`Payment::finish`]. A card was really
    /// charged; what you don't take is refunded.
    Reserved {
        /// End of the reservation: Barion then finishes it with nothing.
        until: Option<Timestamp>,
    },
    /// Authorized: the amount is held on the card and waits for [`Payment::capture`] or
    /// [`Payment::cancel_authorization`].
    Authorized {
        /// End of the authorisation: Barion then releases the hold.
        until: Option<Timestamp>,
    },
    /// Partially finished: some transactions of a reservation are finished, others wait. Not paid
    /// in full.
    #[doc(alias = "PartlyFinished")]
    PartiallyFinished {
        /// End of the reservation: Barion then finishes the rest with nothing.
        until: Option<Timestamp>,
    },
    /// Paid: the money is the shop's. This includes a reservation that was finished, and an
    /// authorised payment that was captured, with less.
    Paid,
    /// Partially refunded: paid, and a part was refunded since.
    #[doc(alias = "PartlyRefunded")]
    PartiallyRefunded,
    /// Refunded: paid, and all of it was refunded since.
    Refunded,
    /// Finished with nothing: Barion's status of the reservation is `Succeeded`, but nothing was
    /// taken.
    FinishedWithNothing,
    /// Authorization canceled: by the shop, or by capturing nothing of it.
    AuthorizationCanceled,
    /// Canceled by the payer.
    Canceled,
    /// Expired: not paid in time; or a reservation or an authorisation ran out, and the payer has
    /// the money back.
    Expired,
    /// Failed bank transfer.
    Failed,
    /// Unknown: a status that this version does not know, or an answer that contradicts itself.
    Unknown(PaymentStatus),
}

impl PaymentSnapshot {
    /// Payment standing: what the state means to a shop.
    #[must_use]
    pub fn standing(&self) -> PaymentStanding {
        match &self.status {
            PaymentStatus::Prepared
            | PaymentStatus::Started
            | PaymentStatus::InProgress
            | PaymentStatus::Waiting => PaymentStanding::Open,
            PaymentStatus::Reserved => PaymentStanding::Reserved {
                until: self.reserved_until.clone(),
            },
            PaymentStatus::Authorized => PaymentStanding::Authorized {
                until: self.delayed_capture_until.clone(),
            },
            PaymentStatus::PartiallySucceeded => PaymentStanding::PartiallyFinished {
                until: self.reserved_until.clone(),
            },
            PaymentStatus::Succeeded => self.standing_of_succeeded(),
            PaymentStatus::Canceled => {
                let reversed =
                    |one: &SnapshotTransaction| one.status == Some(TransactionStatus::Reversed);
                if self.of_role(Role::Main).any(reversed) {
                    PaymentStanding::AuthorizationCanceled
                } else {
                    PaymentStanding::Canceled
                }
            }
            PaymentStatus::Failed => PaymentStanding::Failed,
            PaymentStatus::Expired => PaymentStanding::Expired,
            other => PaymentStanding::Unknown(other.clone()),
        }
    }

    fn standing_of_succeeded(&self) -> PaymentStanding {
        let unknown = || PaymentStanding::Unknown(self.status.clone());
        let ledger = Ledger::of(self);
        let Some(left) = ledger.left().or(self.current_total) else {
            return unknown();
        };
        match (left.is_zero(), ledger.any_refund_stands()) {
            (false, false) => PaymentStanding::Paid,
            (false, true) => PaymentStanding::PartiallyRefunded,
            (true, true) => PaymentStanding::Refunded,
            // Only what waited for the shop can be finished with nothing.
            (true, false) if self.payment_type != Some(PaymentType::Immediate) => {
                PaymentStanding::FinishedWithNothing
            }
            (true, false) => unknown(),
        }
    }

    /// Paid: whether the money was taken and the shop still has at least a part of it. Not yet for
    /// a reservation or an authorisation, nor for one that is finished in part; not any more for
    /// one that is fully refunded.
    #[must_use]
    pub fn is_paid(&self) -> bool {
        matches!(
            self.standing(),
            PaymentStanding::Paid | PaymentStanding::PartiallyRefunded
        )
    }

    /// Final status: whether it stays as it is, `Succeeded`, `Canceled`, `Failed` or `Expired`.
    /// Refunds may still come.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(
            self.status,
            PaymentStatus::Succeeded
                | PaymentStatus::Canceled
                | PaymentStatus::Failed
                | PaymentStatus::Expired
        )
    }

    /// Open: whether the payer has not paid yet, or the payer's bank has not answered.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.standing() == PaymentStanding::Open
    }

    /// Awaits the shop: whether the money waits to be finished, captured or given up.
    #[must_use]
    pub fn awaits_shop(&self) -> bool {
        matches!(
            self.standing(),
            PaymentStanding::Reserved { .. }
                | PaymentStanding::Authorized { .. }
                | PaymentStanding::PartiallyFinished { .. }
        )
    }

    /// Under review: whether Barion investigates the payment, and has not released it yet.
    #[must_use]
    pub fn is_under_review(&self) -> bool {
        self.of_role(Role::UnderReview).count() > self.of_role(Role::Released).count()
    }

    /// Refunded total: what the shop has sent back, without refunds that failed, and without what
    /// Barion returned because a reservation was finished with less. `None` where the answer leaves
    /// out an amount, or has one that can't be placed.
    #[must_use]
    pub fn refunded_total(&self) -> Option<Money> {
        self.money(Ledger::of(self).refunded()?)
    }

    /// Refundable amount: what can still be refunded, exactly; zero while there is nothing to
    /// refund. `None` where it can't be computed from the answer; it is never guessed.
    #[must_use]
    pub fn refundable(&self) -> Option<Money> {
        self.money(self.left_if_succeeded(None)?)
    }

    /// Refundable amount of one transaction, as [`refundable`](Self::refundable). Zero for
    /// transactions that are not your own: fees, refunds and parts that are passed on can't be
    /// refunded.
    ///
    /// `None` for each of several transactions that were captured with less than was authorised:
    /// Barion's answer does not show how much each contributed.
    #[must_use]
    pub fn refundable_of(&self, transaction: TransactionId) -> Option<Money> {
        let one = self
            .transactions
            .iter()
            .find(|one| one.transaction_id == Some(transaction));
        match one.map(SnapshotTransaction::role) {
            Some(Role::Main) => self.money(self.left_if_succeeded(Some(transaction))?),
            _ => self.money(Decimal::ZERO),
        }
    }

    /// What is left of one transaction, or of all.
    fn left_if_succeeded(&self, transaction: Option<TransactionId>) -> Option<Decimal> {
        let ledger = match self.status {
            PaymentStatus::Succeeded => {
                Some(Ledger::of(self)).filter(|ledger| !ledger.is_anything_stranded())?
            }
            PaymentStatus::Unrecognized(_) => return None,
            _ => return Some(Decimal::ZERO),
        };
        match transaction {
            Some(id) => ledger.left_of(id),
            None => ledger.left(),
        }
    }

    /// Each refund that the shop made, by its identifier, with its amount.
    pub(crate) fn refunds(&self) -> Vec<(Option<TransactionId>, Option<Decimal>)> {
        let refunds = Ledger::of(self).refunds.into_iter();
        refunds
            .filter(|one| !one.automatic)
            .map(|one| (one.transaction.transaction_id, one.amount))
            .collect()
    }

    /// Amount that was sent back and did not reach the payer, by the shop or by Barion.
    pub(crate) fn failed_refunds(&self) -> Decimal {
        Ledger::of(self).failed().unwrap_or_default()
    }

    pub(crate) fn money(&self, amount: Decimal) -> Option<Money> {
        Some(Money::new(amount, self.currency.clone()?))
    }
}

/// The same methods as of a snapshot; each takes one.
impl Payment {
    /// Payment standing: what the state means to a shop.
    #[must_use]
    pub fn standing(&self) -> PaymentStanding {
        self.snapshot().standing()
    }

    /// Paid: whether the money was taken and the shop still has at least a part of it; see
    /// [`PaymentSnapshot::is_paid`].
    #[must_use]
    pub fn is_paid(&self) -> bool {
        self.snapshot().is_paid()
    }

    /// Final status: whether it stays as it is; see [`PaymentSnapshot::is_final`].
    #[must_use]
    pub fn is_final(&self) -> bool {
        self.snapshot().is_final()
    }

    /// Open: whether the payer has not paid yet, or the payer's bank has not answered.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.snapshot().is_open()
    }

    /// Awaits the shop: whether the money waits to be finished, captured or given up.
    #[must_use]
    pub fn awaits_shop(&self) -> bool {
        self.snapshot().awaits_shop()
    }

    /// Under review: whether Barion investigates the payment, and has not released it yet.
    #[must_use]
    pub fn is_under_review(&self) -> bool {
        self.snapshot().is_under_review()
    }

    /// Refunded total: what the shop has sent back; see [`PaymentSnapshot::refunded_total`].
    #[must_use]
    pub fn refunded_total(&self) -> Option<Money> {
        self.snapshot().refunded_total()
    }

    /// Refundable amount: what can still be refunded, exactly, or `None`; see
    /// [`PaymentSnapshot::refundable`].
    #[must_use]
    pub fn refundable(&self) -> Option<Money> {
        self.snapshot().refundable()
    }

    /// Refundable amount of one transaction, exactly, or `None`; see
    /// [`PaymentSnapshot::refundable_of`].
    #[must_use]
    pub fn refundable_of(&self, transaction: TransactionId) -> Option<Money> {
        self.snapshot().refundable_of(transaction)
    }
}

#[cfg(test)]
mod tests {
    use barion_generated::enums::{Currency, PaymentStatus, ProcessResult};
    use serde_json::json;

    use super::PaymentStanding;
    use crate::money::Money;
    use crate::payment::testing::{State, state, transaction_id};

    fn forints(amount: i64) -> Money {
        Money::new(amount, Currency::Huf)
    }

    /// Paid by card, with a fee.
    fn paid(total: i64) -> State {
        state("Immediate", "Succeeded", total)
            .fee(9)
            .main(1, "CardPayment", "Succeeded", 10_000)
    }

    fn reserved(status: &str, total: i64) -> State {
        state("Reservation", status, total).fee(9).main(
            1,
            "CardPayment",
            if status == "Succeeded" {
                "Succeeded"
            } else {
                "Reserved"
            },
            10_000,
        )
    }

    fn authorized(status: &str, main: &str, total: i64) -> State {
        state("DelayedCapture", status, total).main(1, "CardPayment", main, 10_000)
    }

    #[test]
    #[allow(clippy::too_many_lines, reason = "a list")]
    fn every_standing_is_told_apart() {
        let until = |text: &str| Some(text.parse().unwrap());
        let (reserved_until, capture_until) =
            (until("2026-12-01T10:00:00Z"), until("2026-11-27T10:00:00Z"));
        let unknown = |status: &str| PaymentStanding::Unknown(PaymentStatus::from(status));
        for (case, expected) in [
            (state("Immediate", "Prepared", 10), PaymentStanding::Open),
            (state("Immediate", "Started", 10), PaymentStanding::Open),
            (state("Immediate", "InProgress", 10), PaymentStanding::Open),
            (state("Immediate", "Waiting", 10), PaymentStanding::Open),
            (
                reserved("Reserved", 10_000),
                PaymentStanding::Reserved {
                    until: reserved_until.clone(),
                },
            ),
            (
                authorized("Authorized", "Authorized", 10_000),
                PaymentStanding::Authorized {
                    until: capture_until,
                },
            ),
            (
                reserved("PartiallySucceeded", 10_000),
                PaymentStanding::PartiallyFinished {
                    until: reserved_until,
                },
            ),
            (paid(10_000), PaymentStanding::Paid),
            (
                paid(9_000).refund(2, 1, 1_000),
                PaymentStanding::PartiallyRefunded,
            ),
            (paid(0).refund(2, 1, 10_000), PaymentStanding::Refunded),
            (
                reserved("Succeeded", 8_000).returned(2, 1, 2_000),
                PaymentStanding::Paid,
            ),
            (
                reserved("Succeeded", 0).returned(2, 1, 10_000),
                PaymentStanding::FinishedWithNothing,
            ),
            (
                reserved("Succeeded", 0)
                    .returned(2, 1, 10_000)
                    .failure(3, Some(2), 10_000),
                PaymentStanding::FinishedWithNothing,
            ),
            (
                reserved("Succeeded", 0)
                    .returned(2, 1, 2_000)
                    .refund(3, 1, 8_000),
                PaymentStanding::Refunded,
            ),
            (
                authorized("Succeeded", "Succeeded", 9_000),
                PaymentStanding::Paid,
            ),
            (
                authorized("Canceled", "Reversed", 0),
                PaymentStanding::AuthorizationCanceled,
            ),
            (
                authorized("Canceled", "Rejected", 0),
                PaymentStanding::Canceled,
            ),
            (state("Immediate", "Canceled", 0), PaymentStanding::Canceled),
            (
                state("Immediate", "Expired", 0)
                    .main(1, "Unspecified", "Expired", 10_000)
                    .with("CompletedAt", "2026-11-21T12:00:00Z"),
                PaymentStanding::Expired,
            ),
            (state("Immediate", "Failed", 0), PaymentStanding::Failed),
            (
                state("Immediate", "Reversed2027", 10_000),
                unknown("Reversed2027"),
            ),
            // Succeeded with nothing, and no refund to show for it.
            (paid(0), unknown("Succeeded")),
            (
                paid(10)
                    .with("Total", json!(null))
                    .with("Transactions", json!([])),
                unknown("Succeeded"),
            ),
        ] {
            let payment = case.read();
            assert_eq!(payment.standing(), expected, "{payment:?}");
            let is_paid = matches!(
                expected,
                PaymentStanding::Paid | PaymentStanding::PartiallyRefunded
            );
            assert_eq!(payment.is_paid(), is_paid, "{expected:?}");
            assert_eq!(payment.is_open(), expected == PaymentStanding::Open);
            let awaits = matches!(
                expected,
                PaymentStanding::Reserved { .. }
                    | PaymentStanding::Authorized { .. }
                    | PaymentStanding::PartiallyFinished { .. }
            );
            assert_eq!(payment.awaits_shop(), awaits, "{expected:?}");
            let known = payment.status.is_recognized();
            let going_on = awaits || expected == PaymentStanding::Open || !known;
            assert_eq!(payment.is_final(), !going_on, "{expected:?}");
        }
    }

    fn judge(case: &State, refunded: i64, left: Option<i64>, of_first: Option<i64>) {
        let payment = case.read();
        assert_eq!(
            payment.refunded_total(),
            Some(forints(refunded)),
            "{payment:?}"
        );
        assert_eq!(payment.refundable(), left.map(forints), "{payment:?}");
        let first = payment.refundable_of(transaction_id(1));
        assert_eq!(first, of_first.map(forints), "{payment:?}");
    }

    #[test]
    fn what_is_left_is_computed_and_agrees_with_the_total() {
        for (case, refunded, left, of_first) in [
            (paid(10_000), 0, Some(10_000), Some(10_000)),
            (
                paid(7_500).refund(2, 1, 2_500),
                2_500,
                Some(7_500),
                Some(7_500),
            ),
            // A failed refund that relates to the refund, to the refunded transaction, or to
            // nothing; with the total raised again or not.
            (
                paid(10_000).refund(2, 1, 2_500).failure(3, Some(2), 2_500),
                0,
                Some(10_000),
                Some(10_000),
            ),
            (
                paid(7_500).refund(2, 1, 2_500).failure(3, Some(1), 2_500),
                0,
                Some(10_000),
                Some(10_000),
            ),
            (
                paid(7_500).refund(2, 1, 2_500).failure(3, None, 2_500),
                0,
                Some(10_000),
                Some(10_000),
            ),
            // One that is listed twice counts once.
            (
                paid(10_000)
                    .refund(2, 1, 2_500)
                    .but("Status", "Rejected")
                    .failure(3, Some(1), 2_500),
                0,
                Some(10_000),
                Some(10_000),
            ),
            (
                paid(9_000)
                    .refund(2, 1, 2_500)
                    .failure(3, Some(2), 2_500)
                    .refund(4, 1, 1_000),
                1_000,
                Some(9_000),
                Some(9_000),
            ),
        ] {
            judge(&case, refunded, left, of_first);
        }
    }

    #[test]
    fn finishing_and_capturing_with_less_are_no_refunds() {
        for (case, refunded, left, of_first) in [
            // Automatic refunds are not refunds of the shop.
            (
                reserved("Succeeded", 7_000)
                    .returned(2, 1, 2_000)
                    .refund(3, 1, 1_000),
                1_000,
                Some(7_000),
                Some(7_000),
            ),
            (
                authorized("Succeeded", "Succeeded", 9_000),
                0,
                Some(9_000),
                Some(9_000),
            ),
            (
                authorized("Succeeded", "Succeeded", 8_000).refund(2, 1, 1_000),
                1_000,
                Some(8_000),
                Some(8_000),
            ),
            // What did not reach the payer is not the shop's, and whether it can be refunded is not
            // documented.
            (
                reserved("Succeeded", 8_000)
                    .returned(2, 1, 2_000)
                    .failure(3, Some(2), 2_000),
                0,
                None,
                None,
            ),
            // Two captured with less: the sum is known, the shares are not.
            (
                authorized("Succeeded", "Succeeded", 12_000).main(
                    5,
                    "CardPayment",
                    "Succeeded",
                    4_000,
                ),
                0,
                Some(12_000),
                None,
            ),
            (
                authorized("Succeeded", "Succeeded", 9_000).main(
                    5,
                    "CardPayment",
                    "Reversed",
                    4_000,
                ),
                0,
                Some(9_000),
                Some(9_000),
            ),
            // What contradicts itself is not computed.
            (paid(6_000).refund(2, 1, 2_500), 2_500, None, None),
            (paid(11_000), 0, None, None),
            (
                paid(10_000).main(5, "CardPayment", "BrandNew", 1),
                0,
                None,
                None,
            ),
        ] {
            judge(&case, refunded, left, of_first);
        }
    }

    #[test]
    fn what_cannot_be_placed_is_not_counted() {
        // A new kind of movement that belongs to the payment's transaction, and a failure without
        // its refund.
        for case in [
            paid(10_000).movement(2, "RefundToTheMoon", Some(1), 100),
            paid(10_000).failure(2, Some(1), 100),
        ] {
            let payment = case.read();
            assert_eq!(payment.refunded_total(), None);
            assert_eq!(payment.refundable(), None);
            assert_eq!(
                payment.standing(),
                PaymentStanding::Paid,
                "Barion says that the money is there"
            );
        }
        let no_currency = paid(10_000).with("Currency", json!(null)).read();
        assert_eq!(no_currency.refundable(), None);
        // Something new that belongs to nothing, as fees do, changes nothing.
        let fee = paid(10_000).movement(2, "GoodwillFee", None, 100).read();
        assert_eq!(fee.refundable(), Some(forints(10_000)));
    }

    #[test]
    fn only_the_shops_own_transactions_are_refundable_and_only_after_success() {
        let payment = paid(7_500)
            .refund(2, 1, 2_500)
            .part(3, 1, "Succeeded", 400)
            .read();
        for none in [9, 2, 3, 77] {
            assert_eq!(
                payment.refundable_of(transaction_id(none)),
                Some(forints(0)),
                "{none}"
            );
        }
        for open in [
            "Prepared",
            "Waiting",
            "Reserved",
            "Authorized",
            "PartiallySucceeded",
            "Expired",
        ] {
            let payment = state("Reservation", open, 10_000).main(1, "CardPayment", open, 10_000);
            assert_eq!(payment.read().refundable(), Some(forints(0)), "{open}");
        }
        let unknown = state("Immediate", "Held", 10_000).main(1, "CardPayment", "Held", 10_000);
        assert_eq!(unknown.read().refundable(), None);
        let several = state("Immediate", "Succeeded", 10_000)
            .main(1, "Shop", "Succeeded", 10_000)
            .main(2, "Shop", "Succeeded", 5_000)
            .refund(3, 2, 5_000)
            .read();
        assert_eq!(
            several.refundable_of(transaction_id(1)),
            Some(forints(10_000))
        );
        assert_eq!(several.refundable_of(transaction_id(2)), Some(forints(0)));
    }

    #[test]
    fn a_declined_card_shows_while_the_payment_is_open() {
        let declined = |status: &str, result: &str| {
            let funding = json!({ "ProcessResult": result });
            let payment = state("Immediate", status, 10).with("FundingInformation", funding);
            payment.read().declined_because().cloned()
        };
        assert_eq!(
            declined("Started", "LowFunds"),
            Some(ProcessResult::LowFunds)
        );
        assert_eq!(
            declined("Prepared", "TooEarlyInTheMorning"),
            Some(ProcessResult::from("TooEarlyInTheMorning"))
        );
        for (status, result) in [
            ("Succeeded", "Successful"),
            ("Started", ""),
            ("Started", "Unknown"),
            ("Expired", "LowFunds"),
            ("InProgress", "LowFunds"),
        ] {
            assert_eq!(declined(status, result), None, "{status} {result}");
        }
        assert_eq!(
            state("Immediate", "Started", 10).read().declined_because(),
            None
        );
    }

    #[test]
    fn a_review_ends_with_its_release() {
        let review = paid(10_000).movement(2, "UnderReview", Some(1), 10_000);
        assert!(review.read().is_under_review());
        assert_eq!(review.read().refundable(), Some(forints(10_000)));
        let released = review.movement(3, "ReleaseReview", Some(1), 10_000);
        assert!(!released.read().is_under_review());
    }
}
