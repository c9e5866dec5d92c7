//! Comparison of a payment with its order: ordered amount, taken amount, and whether they are what
//! the order costs.

use barion_generated::enums::Currency;

use super::ledger::Ledger;
use super::role::Role;
use super::snapshot::PaymentSnapshot;
use super::standing::PaymentStanding;
use super::state::Payment;
use crate::money::Money;
use crate::money::checked;

/// Order match: whether a payment brought what an order costs. Ship on [`Exact`](Self::Exact) only;
/// see [`Payment::matches_order`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub enum OrderMatch {
    /// Exact: what the order costs was taken, nothing of it was refunded since, and nothing blocks
    /// it.
    Exact,
    /// Taken less: a reservation was finished or an authorised payment captured with less, or a
    /// part of the reservation still waits.
    TakenLess {
        /// Missing amount.
        by: Money,
    },
    /// Taken more: a reservation was finished or an authorised payment captured with more than the
    /// order costs.
    TakenMore {
        /// Excess amount.
        by: Money,
    },
    /// Other amount: the payment was started for another amount than the order costs, whether it is
    /// paid or not.
    OtherAmount {
        /// Amount that it was started for.
        ordered: Money,
    },
    /// Other currency: the payment is in another currency than the order.
    OtherCurrency(Currency),
    /// Not paid: nothing was taken. Not yet, if the [`standing`](Payment::standing) is open,
    /// reserved or authorised, otherwise never.
    NotPaid,
    /// Refunded: what the order costs was taken, and all of it was refunded since.
    Refunded,
    /// Partially refunded: what the order costs was taken, and a part of it was refunded since.
    /// Whether to ship the rest is the shop's decision.
    #[doc(alias = "PartlyRefunded")]
    PartiallyRefunded {
        /// Refunded amount.
        refunded: Money,
    },
    /// Under review: what the order costs was taken, and Barion investigates the payment. It may
    /// take the money back.
    UnderReview,
    /// Unknown: the answer leaves something out or contradicts itself. Read the state again, and
    /// have a person look if it stays like this.
    Unknown,
}

impl OrderMatch {
    /// Whether the payer paid what the order costs, and the shop still has all of it: the one case
    /// in which to ship.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        *self == Self::Exact
    }
}

impl PaymentSnapshot {
    /// Ordered amount: what the payment was started for, the sum of the original amounts of your
    /// own transactions. It never changes. `None` where the answer leaves one out.
    #[must_use]
    pub fn ordered(&self) -> Option<Money> {
        let mut mains = self.of_role(Role::Main).peekable();
        mains.peek()?;
        self.money(checked::sum(mains.map(|main| main.original_total))?)
    }

    /// Taken amount: what was really taken from the payer for the shop, exactly.
    ///
    /// | the payment | taken |
    /// |---|---|
    /// | immediate, succeeded | what it was started for |
    /// | a reservation that was finished, an authorisation that was captured | what was kept of it |
    /// | a reservation that is finished in part | what is finished |
    /// | open, reserved, authorised | zero so far |
    /// | expired, canceled, failed | zero |
    ///
    /// Refunds do not lower it; see [`refunded_total`](Self::refunded_total). `None` where it can't
    /// be computed from the answer; it is never guessed. While the total already shows a refund of
    /// a captured payment that Barion does not list yet, the answer looks like a capture with less;
    /// for that moment the refund lowers this too.
    #[must_use]
    pub fn taken(&self) -> Option<Money> {
        self.money(Ledger::of(self).taken()?)
    }

    /// Order match: compares the payment with what the order costs. Call it before you ship
    /// anything. Status and current total are not enough: a reservation of 6,960 that was finished
    /// with 3,000 has succeeded too.
    pub fn matches_order(&self, order: &Money) -> OrderMatch {
        match &self.currency {
            None => return OrderMatch::Unknown,
            Some(own) if own != order.currency() => return OrderMatch::OtherCurrency(own.clone()),
            Some(_) => {}
        }
        let (Some(ordered), Some(taken)) = (self.ordered(), self.taken()) else {
            return OrderMatch::Unknown;
        };
        let standing = self.standing();
        // Reduced by the shop, and permanently, so that the amount of the start has no meaning any
        // more.
        let waits = matches!(standing, PaymentStanding::PartiallyFinished { .. });
        let reduced = !taken.is_zero() && taken != ordered && !waits;
        if ordered != *order && !reduced {
            return OrderMatch::OtherAmount { ordered };
        }
        if taken.is_zero() {
            return OrderMatch::NotPaid;
        }
        let Ok(surplus) = taken.checked_sub(order) else {
            return OrderMatch::Unknown;
        };
        if surplus.is_zero() {
            return self.kept_of_order(&standing);
        }
        if surplus > Money::zero(order.currency().clone()) {
            return OrderMatch::TakenMore { by: surplus };
        }
        order
            .checked_sub(&taken)
            .map_or(OrderMatch::Unknown, |by| OrderMatch::TakenLess { by })
    }
}

impl PaymentSnapshot {
    /// What the shop still has of an order that was paid exactly.
    fn kept_of_order(&self, standing: &PaymentStanding) -> OrderMatch {
        // A refund that failed leaves the total as it was, or restores it; but money that is gone
        // is gone.
        let gone = self.current_total.is_none_or(|total| total.is_zero());
        match (standing, self.refunded_total()) {
            (PaymentStanding::Refunded, _) => OrderMatch::Refunded,
            (PaymentStanding::PartiallyRefunded, Some(refunded)) if !refunded.is_zero() => {
                OrderMatch::PartiallyRefunded { refunded }
            }
            (PaymentStanding::Paid, _) if self.is_under_review() => OrderMatch::UnderReview,
            (PaymentStanding::Paid, Some(refunded)) if refunded.is_zero() && !gone => {
                OrderMatch::Exact
            }
            _ => OrderMatch::Unknown,
        }
    }
}

/// The same methods as of a snapshot; each takes one.
impl Payment {
    /// Ordered amount: what the payment was started for, exactly, or `None`; see
    /// [`PaymentSnapshot::ordered`].
    #[must_use]
    pub fn ordered(&self) -> Option<Money> {
        self.snapshot().ordered()
    }

    /// Taken amount: what was really taken from the payer, exactly, or `None`; see
    /// [`PaymentSnapshot::taken`].
    #[must_use]
    pub fn taken(&self) -> Option<Money> {
        self.snapshot().taken()
    }

    /// Order match: compares the payment with what the order costs. Call it before you ship
    /// anything; see [`PaymentSnapshot::matches_order`].
    ///
    /// ```
    /// use barion::{Currency, Money, OrderMatch};
    ///
    /// # barion_tests::example(async |shop| {
    /// # let payment = shop.read(shop.paid().await?).await?;
    /// let price = Money::new(4_970, Currency::Huf);
    /// match payment.matches_order(&price) {
    ///     OrderMatch::Exact => println!("ship"),
    ///     OrderMatch::NotPaid => println!("wait, or cancel"),
    ///     OrderMatch::TakenLess { by } => println!("{by} is missing"),
    ///     other => println!("ask a person: {other:?}"),
    /// }
    /// # assert!(payment.matches_order(&price).is_exact());
    /// # Ok(()) });
    /// ```
    pub fn matches_order(&self, order: &Money) -> OrderMatch {
        self.snapshot().matches_order(order)
    }
}

#[cfg(test)]
mod tests {
    use barion_generated::enums::Currency;
    use serde_json::json;

    use super::OrderMatch;
    use crate::money::Money;
    use crate::payment::testing::{State, state};

    const ORDER: i64 = 6_960;

    fn forints(amount: i64) -> Money {
        Money::new(amount, Currency::Huf)
    }

    /// Paid at once.
    fn immediate(total: i64) -> State {
        let payment = state("Immediate", "Succeeded", total).fee(9);
        payment.main(1, "CardPayment", "Succeeded", ORDER)
    }

    fn reservation(status: &str, main: &str, total: i64) -> State {
        let payment = state("Reservation", status, total).fee(9);
        payment.main(1, "CardPayment", main, ORDER)
    }

    /// Finished.
    fn finished(total: i64) -> State {
        reservation("Succeeded", "Succeeded", total)
    }

    fn captured(total: i64) -> State {
        state("DelayedCapture", "Succeeded", total).main(1, "CardPayment", "Succeeded", ORDER)
    }

    /// Two transactions, the first of which is finished.
    fn half(total: i64) -> State {
        let payment = state("Reservation", "PartiallySucceeded", total);
        payment
            .main(1, "CardPayment", "Succeeded", 5_000)
            .main(2, "CardPayment", "Reserved", 1_960)
    }

    fn less(by: i64) -> OrderMatch {
        OrderMatch::TakenLess { by: forints(by) }
    }

    fn judge(case: &State, taken: Option<i64>, expected: &OrderMatch) {
        let payment = case.read();
        assert_eq!(payment.ordered(), Some(forints(ORDER)), "{payment:?}");
        assert_eq!(payment.taken(), taken.map(forints), "{payment:?}");
        let found = payment.matches_order(&forints(ORDER));
        assert_eq!(found, *expected, "{payment:?}");
        assert_eq!(found.is_exact(), *expected == OrderMatch::Exact);
        let snapshot = payment.snapshot();
        assert_eq!(snapshot.ordered(), payment.ordered());
        assert_eq!(snapshot.taken(), payment.taken());
        assert_eq!(snapshot.matches_order(&forints(ORDER)), found);
    }

    #[test]
    fn what_was_taken_in_full_is_exact_while_the_shop_has_it() {
        for case in [
            immediate(ORDER),
            finished(ORDER),
            captured(ORDER),
            immediate(ORDER).refund(2, 1, 960).failure(3, Some(2), 960),
            state("Immediate", "Succeeded", ORDER)
                .main(1, "Shop", "Succeeded", 5_000)
                .part(3, 1, "Succeeded", 4_000)
                .main(2, "Shop", "Succeeded", 1_960),
        ] {
            judge(&case, Some(ORDER), &OrderMatch::Exact);
        }
        let undone = immediate(0).refund(2, 1, ORDER);
        judge(&undone, Some(ORDER), &OrderMatch::Refunded);
        let partly = OrderMatch::PartiallyRefunded {
            refunded: forints(960),
        };
        for case in [
            immediate(6_000).refund(2, 1, 960),
            finished(6_000).refund(2, 1, 960),
            // It has failed only when the failure has succeeded.
            immediate(6_000)
                .refund(2, 1, 960)
                .failure(3, Some(2), 960)
                .but("Status", "Prepared"),
        ] {
            judge(&case, Some(ORDER), &partly);
        }
    }

    #[test]
    fn what_the_shop_may_not_have_is_not_exact() {
        let looked_into = immediate(ORDER).movement(2, "UnderReview", Some(1), 0);
        judge(&looked_into, Some(ORDER), &OrderMatch::UnderReview);
        let released = looked_into.movement(3, "ReleaseReview", Some(1), 0);
        judge(&released, Some(ORDER), &OrderMatch::Exact);
        // The total says that everything is gone.
        let rejected = immediate(0).refund(2, 1, ORDER).but("Status", "Rejected");
        assert!(!rejected.read().matches_order(&forints(ORDER)).is_exact());
    }

    #[test]
    fn what_the_shop_took_less_is_told_with_the_difference() {
        // A reservation that was "matched" wrongly: 3,000 of 6,960 were kept.
        let reduced = finished(3_000).returned(2, 1, 3_960);
        assert!(reduced.read().is_paid());
        judge(&reduced, Some(3_000), &less(3_960));
        let and_refunded = finished(2_000).returned(2, 1, 3_960).refund(3, 1, 1_000);
        judge(&and_refunded, Some(3_000), &less(3_960));
        let by_wallet = finished(3_000).movement(2, "StornoReserve", Some(1), 3_960);
        judge(&by_wallet, Some(3_000), &less(3_960));
        judge(&captured(3_000), Some(3_000), &less(3_960));
        let and_refunded = captured(2_000).refund(2, 1, 1_000);
        judge(&and_refunded, Some(3_000), &less(3_960));
        let one_of_two = state("DelayedCapture", "Succeeded", 5_000)
            .main(1, "CardPayment", "Succeeded", 5_000)
            .main(2, "CardPayment", "Reversed", 1_960);
        judge(&one_of_two, Some(5_000), &less(1_960));
    }

    #[test]
    fn of_a_reservation_in_parts_the_finished_ones_are_taken() {
        judge(&half(ORDER), Some(5_000), &less(1_960));
        judge(
            &half(5_960).returned(3, 1, 1_000),
            Some(4_000),
            &less(2_960),
        );
        judge(
            &half(1_960).returned(3, 1, 5_000),
            Some(0),
            &OrderMatch::NotPaid,
        );
        // What is finished equals the order by chance, but more of it may follow.
        let other = OrderMatch::OtherAmount {
            ordered: forints(ORDER),
        };
        assert_eq!(half(ORDER).read().matches_order(&forints(5_000)), other);
        for contradiction in [
            half(5_000),
            half(5_960).returned(3, 2, 1_000),
            half(ORDER).with("Total", json!(null)),
            half(ORDER).movement(3, "RefundToTheMoon", Some(1), 100),
        ] {
            judge(&contradiction, None, &OrderMatch::Unknown);
        }
    }

    #[test]
    fn nothing_is_taken_before_the_end_and_of_what_came_to_nothing() {
        for (kind, status, main) in [
            ("Immediate", "Prepared", "Prepared"),
            ("Immediate", "Started", "Started"),
            ("Immediate", "InProgress", "Started"),
            ("Immediate", "Waiting", "Started"),
            ("Reservation", "Reserved", "Reserved"),
            ("DelayedCapture", "Authorized", "Authorized"),
            ("Immediate", "Canceled", "Rejected"),
            ("DelayedCapture", "Canceled", "Reversed"),
            ("Immediate", "Expired", "Expired"),
            ("Immediate", "Failed", "Rejected"),
        ] {
            let payment = state(kind, status, 0).main(1, "CardPayment", main, ORDER);
            judge(&payment, Some(0), &OrderMatch::NotPaid);
            // A transaction that has succeeded contradicts the status.
            let odd = state(kind, status, 0).main(1, "CardPayment", "Succeeded", ORDER);
            judge(&odd, None, &OrderMatch::Unknown);
        }
        let returned = finished(0).returned(2, 1, ORDER);
        judge(&returned, Some(0), &OrderMatch::NotPaid);
    }

    #[test]
    fn what_cannot_be_told_is_not_guessed() {
        for case in [
            // The total has fallen, and the reason is not listed yet.
            immediate(6_000),
            finished(3_000),
            immediate(ORDER).with("Total", json!(null)),
            immediate(ORDER).movement(2, "RefundToTheMoon", Some(1), 100),
            immediate(ORDER).with("Status", "Frozen"),
        ] {
            judge(&case, None, &OrderMatch::Unknown);
        }
        for (name, value) in [("Total", json!(null)), ("Currency", json!("EUR"))] {
            let payment = immediate(ORDER).but(name, value).read();
            assert_eq!(payment.ordered(), None);
            assert_eq!(payment.taken(), None);
            let order = forints(ORDER);
            assert_eq!(payment.matches_order(&order), OrderMatch::Unknown);
        }
        let bare = immediate(ORDER).with("Transactions", json!([])).read();
        assert_eq!((bare.ordered(), bare.taken()), (None, None));
        let no_currency = immediate(ORDER).with("Currency", json!(null)).read();
        assert_eq!(no_currency.ordered(), None);
        assert_eq!(
            no_currency.matches_order(&forints(ORDER)),
            OrderMatch::Unknown
        );
    }

    #[test]
    fn another_order_does_not_match() {
        let order = forints(5_000);
        let other = OrderMatch::OtherAmount {
            ordered: forints(ORDER),
        };
        for case in [
            immediate(ORDER),
            immediate(0).refund(2, 1, ORDER),
            // Refunds do not make it match.
            immediate(5_000).refund(2, 1, 1_960),
            reservation("Reserved", "Reserved", ORDER),
            reservation("Expired", "Expired", 0),
        ] {
            assert_eq!(case.read().matches_order(&order), other);
        }
        let euros = Money::new(ORDER, Currency::Eur);
        let huf = OrderMatch::OtherCurrency(Currency::Huf);
        assert_eq!(immediate(ORDER).read().matches_order(&euros), huf);
    }

    #[test]
    fn a_reserved_deposit_matches_the_price_it_is_finished_with() {
        let deposit = finished(5_000).returned(2, 1, 1_960).read();
        assert_eq!(deposit.matches_order(&forints(5_000)), OrderMatch::Exact);
        assert_eq!(deposit.matches_order(&forints(5_500)), less(500));
        let more = OrderMatch::TakenMore { by: forints(400) };
        assert_eq!(deposit.matches_order(&forints(4_600)), more);
        let undone = finished(0).returned(2, 1, 1_960).refund(3, 1, 5_000);
        let order = forints(5_000);
        assert_eq!(undone.read().matches_order(&order), OrderMatch::Refunded);
    }
}
