//! Order standing: several payments of one order.

use super::snapshot::PaymentSnapshot;
use super::standing::PaymentStanding;
use crate::id::PaymentId;

/// Order standing: what all the payments of an order mean together.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum OrderStanding {
    /// Unpaid: there is no payment, or all are over and brought nothing. The order can be cancelled
    /// or paid again.
    Unpaid,
    /// Open: a payment is still open.
    Open,
    /// Held: the money of this payment waits to be finished or captured.
    Held(PaymentId),
    /// Paid: this payment has paid it.
    Paid(PaymentId),
    /// Paid more than once: all these payments have paid it or hold its money. Keep one, and refund
    /// or cancel the others.
    PaidMoreThanOnce(Vec<PaymentId>),
    /// Refunded: it was paid, and all of it was refunded.
    Refunded,
    /// Unknown: a payment can't be judged, and no other one has paid. Have a person look.
    Unknown(PaymentId),
}

impl OrderStanding {
    /// Order standing, computed from the last snapshots of all payments of the order.
    ///
    /// Barion accepts any number of payments for one order: a payer who goes back and forth, or has
    /// two windows open, makes several. One of them pays, the others expire later, and that must
    /// not cancel the order.
    ///
    /// ```
    /// # use barion::{OrderStanding, PaymentSnapshot};
    /// # fn decide(payments: &[PaymentSnapshot]) -> &'static str {
    /// match OrderStanding::of(payments) {
    ///     OrderStanding::Paid(_) => "ship",
    ///     OrderStanding::Unpaid => "cancel",
    ///     OrderStanding::PaidMoreThanOnce(_) => "ship once, and refund the rest",
    ///     _ => "wait, or ask a person",
    /// }
    /// # }
    /// # assert_eq!(decide(&[]), "cancel");
    /// ```
    #[must_use]
    #[doc(alias = "order_standing")]
    pub fn of<'a>(payments: impl IntoIterator<Item = &'a PaymentSnapshot>) -> Self {
        let (mut paid, mut held) = (Vec::new(), Vec::new());
        let (mut unknown, mut open, mut refunded) = (None, false, false);
        for payment in payments {
            match payment.standing() {
                PaymentStanding::Paid | PaymentStanding::PartiallyRefunded => {
                    paid.push(payment.payment_id);
                }
                PaymentStanding::Reserved { .. }
                | PaymentStanding::Authorized { .. }
                | PaymentStanding::PartiallyFinished { .. } => held.push(payment.payment_id),
                PaymentStanding::Unknown(_) => unknown = unknown.or(Some(payment.payment_id)),
                PaymentStanding::Open => open = true,
                PaymentStanding::Refunded => refunded = true,
                PaymentStanding::FinishedWithNothing
                | PaymentStanding::AuthorizationCanceled
                | PaymentStanding::Canceled
                | PaymentStanding::Expired
                | PaymentStanding::Failed => {}
            }
        }
        match (paid.as_slice(), held.as_slice(), unknown) {
            ([one], [], _) => Self::Paid(*one),
            ([], [one], _) => Self::Held(*one),
            ([], [], Some(one)) => Self::Unknown(one),
            ([], [], None) if open => Self::Open,
            ([], [], None) if refunded => Self::Refunded,
            ([], [], None) => Self::Unpaid,
            _ => {
                paid.append(&mut held);
                Self::PaidMoreThanOnce(paid)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::OrderStanding;
    use crate::id::PaymentId;
    use crate::payment::PaymentSnapshot;
    use crate::payment::testing::state;

    fn id(number: u32) -> PaymentId {
        format!("{number:032x}").parse().unwrap()
    }

    fn payment(number: u32, status: &str) -> PaymentSnapshot {
        let total = if status == "Succeeded" { 10 } else { 0 };
        state("Immediate", status, total)
            .with("PaymentId", id(number).to_string())
            .main(number, "CardPayment", status, 10)
            .read()
            .snapshot()
    }

    #[test]
    fn an_expired_sibling_does_not_undo_a_paid_order() {
        let (paid, expired) = (payment(1, "Succeeded"), payment(2, "Expired"));
        for order in [[&paid, &expired], [&expired, &paid]] {
            assert_eq!(OrderStanding::of(order), OrderStanding::Paid(id(1)));
        }
        assert_eq!(OrderStanding::of([&expired]), OrderStanding::Unpaid);
        assert_eq!(OrderStanding::of([]), OrderStanding::Unpaid);
    }

    #[test]
    fn money_goes_before_hope_and_doubt() {
        let (open, held, unknown) = (
            payment(1, "Started"),
            payment(2, "Reserved"),
            payment(3, "Frozen"),
        );
        let all = [open.clone(), unknown.clone(), held];
        assert_eq!(OrderStanding::of(&all), OrderStanding::Held(id(2)));
        assert_eq!(
            OrderStanding::of([&open, &unknown]),
            OrderStanding::Unknown(id(3))
        );
        let ended = payment(4, "Canceled");
        assert_eq!(OrderStanding::of([&ended, &open]), OrderStanding::Open);
        let refunded = state("Immediate", "Succeeded", 0)
            .main(1, "CardPayment", "Succeeded", 10)
            .refund(2, 1, 10)
            .read()
            .snapshot();
        assert_eq!(
            OrderStanding::of([&refunded, &ended]),
            OrderStanding::Refunded
        );
        let twice = [payment(5, "Succeeded"), payment(6, "Reserved"), open];
        assert_eq!(
            OrderStanding::of(&twice),
            OrderStanding::PaidMoreThanOnce(vec![id(5), id(6)])
        );
    }
}
